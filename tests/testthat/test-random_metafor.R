# The integers and the order of parameters, proved by the covariance matrix of all rows
# that metafor makes of the same formula and numbers.

expect_covariance <- function(random, struct = "CS", theta, ..., R = NULL) {
  parts <- suppressWarnings(parts_of(random, struct, R = R))
  expect_identical(tabulate(random_parameters(parts, NULL)$part), lengths(theta))
  ours <- Reduce(`+`, Map(covariance_of_part, parts, theta))
  # AR of metafor wants the places of the times, which we take from their order
  effects <- twelve()
  if (struct %in% c("AR", "HAR")) effects$time <- match(effects$time, c(1, 2, 4))
  fit <- suppressWarnings(metafor::rma.mv(effects$yi, effects$vi,
    random = random, struct = struct, R = R, data = effects, ...
  ))
  theirs <- unname(unclass(as.matrix(fit$M))) - diag(effects$vi)
  expect_equal(ours, theirs, tolerance = 1e-14)
}

test_that("every structure makes metafor's covariance of the rows", {
  skip_if_not_installed("metafor")
  inner <- ~ strain | study
  v <- c(0.3, 0.5, 0.9)
  r <- c(0.2, -0.1, 0.4)
  expect_covariance(~ 1 | study / experiment, theta = list(0.3, 0.2),
    sigma2 = c(0.3, 0.2)
  )
  expect_covariance(inner, "CS", list(c(0.3, 0.4)), tau2 = 0.3, rho = 0.4)
  expect_covariance(inner, "HCS", list(c(v, 0.4)), tau2 = v, rho = 0.4)
  expect_covariance(inner, "UN", list(c(v, r)), tau2 = v, rho = r)
  expect_covariance(inner, "ID", list(0.3), tau2 = 0.3)
  expect_covariance(inner, "DIAG", list(v), tau2 = v)
  expect_covariance(~ time | study, "AR", list(c(0.3, 0.6)), tau2 = 0.3, rho = 0.6)
  expect_covariance(~ time | study, "HAR", list(c(v, 0.6)), tau2 = v, rho = 0.6)
  expect_covariance(~ time | study, "CAR", list(c(0.3, 0.6)), tau2 = 0.3, rho = 0.6)
  expect_covariance(~ dose | study, "GEN", list(c(0.3, 0.5, 0.2)), tau2 = v[1:2],
    rho = 0.2
  )
  expect_covariance(~ dose | study, "GDIAG", list(v[1:2]), tau2 = v[1:2])
})

test_that("crossed parts and a known matrix make metafor's covariance of the rows", {
  skip_if_not_installed("metafor")
  A <- 2 * matrix(c(1, 0.3, 0.2, 0.3, 1, 0.5, 0.2, 0.5, 1), 3)
  dimnames(A) <- list(c("z", "x", "y"), c("z", "x", "y"))
  expect_covariance(list(~ 1 | study, ~ 1 | strain), R = list(strain = A),
    theta = list(0.3, 0.2), sigma2 = c(0.3, 0.2)
  )
  expect_covariance(list(~ 1 | strain, ~ time | study), "CAR",
    theta = list(0.3, c(0.2, 0.6)), sigma2 = 0.3, tau2 = 0.2, rho = 0.6
  )
})
