# Two treated groups, each compared with the same two controls.
crossed <- function(measure, sd = 2) {
  pairs <- pairs_of(8, c(12, 12, 13, 13), sd, 8, c(8, 7, 8, 7), sd,
    study = "Chen 2011", cohort_t = c("x", "x", "y", "y"), cohort_c = c("p", "q")
  )
  effect_sizes(pairs, measure)
}

test_that("rows that follow from others are told: MD singular, SMD below zero", {
  expect_snapshot({
    V <- vcov(crossed("MD"))
    W <- vcov(crossed("SMD"))
  })
  expect_lt(abs(det(V)), 1e-10)
  expect_lt(min(eigen(W)$values), -1e-4)
  expect_warning(vcov_blocks(crossed("SMD")), class = "mv_warning_definite")
})

test_that("check says whether it is a warning, an error, or nothing", {
  expect_error(vcov(crossed("SMD"), check = "stop"), "rows? 1, 2, 3 and 4 \\(Chen",
    class = "mv_error_definite"
  )
  expect_silent(vcov(crossed("SMD"), check = "none"))
  expect_silent(vcov(crossed("MD")[1:3, ]))
  expect_error(vcov(crossed("MD"), check = "no"), class = "mv_error_choice")
})

test_that("the state of a block is that of its eigenvalues", {
  withr::local_seed(3)
  for (i in 1:50) {
    k <- sample(2:6, 1)
    V <- stats::cov2cor(crossprod(matrix(stats::rnorm(k^2), k)))
    V[lower.tri(V)] <- V[lower.tri(V)] + stats::runif(k * (k - 1) / 2, -0.3, 0.3)
    V[upper.tri(V)] <- t(V)[upper.tri(V)]
    at <- which(lower.tri(V), arr.ind = TRUE)
    found <- .Call(mv_check_definite, rep(1, k), at[, 1], at[, 2], V[at], 100L)
    lowest <- min(eigen(V)$values)
    expect_equal(found$state, if (lowest > 0) 0L else 2L)
    if (lowest < 0) expect_lt(drop(found$weight %*% V %*% found$weight), 0)
  }
})

test_that("values of rho that contradict one another are told with their rows", {
  three <- function(study) {
    pairs <- pairs_of(8, c(5, 6, 7), 2, 8, c(4, 3, 5), 2,
      study = study, cohort_t = "t", cohort_c = "c", outcome = c("a", "b", "c")
    )
    effect_sizes(pairs, "MD")
  }
  effects <- three("Li {2015}")
  expect_error(vcov(effects, rho = -0.9, check = "stop"), "Li \\{2015\\}.*rho",
    class = "mv_error_definite"
  )
  expect_silent(vcov(effects, rho = -0.4))
  two <- rbind(effects, three("Wu"))
  expect_warning(vcov(two, rho = -0.9), "1 more group", class = "mv_warning_definite")
})

test_that("a block too large to look at is said to be unknown", {
  pairs <- list(i = 2:3, j = 1:2, value = c(0.1, 0.1))
  found <- definite_blocks(c(1, 1, 1), pairs, limit = 2L)
  expect_equal(found$state, "unknown")
  words <- describe_definite(data.frame(study = c("A", "A", "A")), found, 1L, NULL)
  expect_match(words[1], "not known.*rows 1, 2 and 3")
})
