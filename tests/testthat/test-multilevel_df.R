# Degrees of freedom of multilevel fits: by hand, by whole matrices, and at the bounds.

df_table <- function(size, seed = 1) {
  set.seed(seed)
  study <- rep(seq_along(size), size)
  k <- length(study)
  data.frame(
    yi = stats::rnorm(length(size), 0, 0.6)[study] + stats::rnorm(k, 0, 0.5),
    vi = stats::runif(k, 0.1, 0.3), study = study, lab = study %% 2,
    dose = stats::runif(k)
  )
}

df_fit <- function(data, ...) {
  pool_effects(as_effects(data), random = ~ 1 | study / .row, ...)
}

# 2 V^2 / Var(V) of each coefficient from k x k matrices.
dense_satterthwaite <- function(fit, data) {
  X <- if (is.null(fit$X)) matrix(1, fit$k) else fit$X
  parts <- list(outer(data$study, data$study, `==`) + 0, diag(fit$k))
  W <- solve(diag(data$vi) + fit$theta[1] * parts[[1]] + fit$theta[2] * parts[[2]])
  V <- solve(t(X) %*% W %*% X)
  P <- W - W %*% X %*% V %*% t(X) %*% W
  information <- outer(1:2, 1:2, Vectorize(\(a, b) {
    sum(diag(P %*% parts[[a]] %*% P %*% parts[[b]])) / 2
  }))
  slope <- vapply(parts, \(A) {
    diag(V %*% t(X) %*% W %*% A %*% W %*% X %*% V)
  }, numeric(ncol(X)))
  slope <- matrix(slope, ncol = 2)
  unname(2 * diag(V)^2 / diag(slope %*% solve(information) %*% t(slope)))
}

test_that("Satterthwaite's df are those of whole matrices, up to the limit", {
  data <- df_table(c(1, 4, 2, 7, 3, 5, 1, 6, 2, 4))
  data$yi <- 2 * data$yi
  fit <- df_fit(data)
  expect_true(all(fit$theta > 0))
  expect_equal(unname(fit$df), dense_satterthwaite(fit, data), tolerance = 1e-6)
  expect_lt(fit$df, 9)
  both <- df_fit(data, mods = ~ lab + dose)
  dense <- dense_satterthwaite(both, data)
  expect_gt(max(dense), 7)
  expect_equal(unname(both$df), pmin(dense, 10 - 3), tolerance = 1e-6)
})

test_that("a balanced set with equal variances has one df less than studies", {
  data <- df_table(rep(4, 9))
  data$vi <- 0.2
  data$yi <- 2 * data$yi
  fit <- df_fit(data)
  expect_true(all(fit$theta > 0))
  expect_equal(unname(fit$df), 8, tolerance = 1e-8)
})

test_that("containment counts the groups inside which a column does not vary", {
  data <- df_table(c(2, 4, 2, 7, 3, 5, 2, 6, 2, 4))
  fit <- df_fit(data, mods = ~ lab + dose, test = "containment")
  expect_identical(unname(fit$df), c(10 - 3, 10 - 3, 37 - 3))
})

test_that("a variance at 0 stays in the information", {
  data <- df_table(c(2, 4, 2, 7, 3, 5, 2, 6))
  data$yi <- stats::residuals(stats::lm(yi ~ factor(study), data)) * 3
  fit <- df_fit(data)
  expect_identical(unname(fit$theta[1]), 0)
  dense <- dense_satterthwaite(fit, data)
  expect_lt(dense, 7)
  expect_equal(unname(fit$df), dense, tolerance = 1e-6)
})

test_that("parameters that the data say nothing of, or that are fixed, give the limit", {
  data <- data.frame(
    yi = 1 + (1:24) / 1000, vi = 0.2, study = rep(1:8, each = 3),
    outcome = rep(c("a", "b", "c"), 8)
  )
  fit <- pool_effects(as_effects(data), random = ~ outcome | study, struct = "HCS")
  expect_true(all(fit$theta[1:3] == 0))
  expect_identical(unname(fit$df), 7)
  fixed <- df_fit(data, fix = c("var(study)" = 0.1, "var(study/.row)" = 0))
  expect_identical(unname(fixed$df), 7)
})
