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
  expect_equal(unname(both$df), pmin(dense, c(10 - 2, 10 - 2, 35 - 3)), tolerance = 1e-6)
  # inside studies there is more than studies could say
  expect_gt(both$df[["dose"]], 10)
})

test_that("the limit counts clusters, and rows where a column varies inside them", {
  data <- df_table(c(2, 4, 2, 7, 3, 5, 2, 6, 2, 4))
  data$some <- data$dose * (data$study %in% c(2, 4))
  data$experiment <- paste(data$study, sequence(c(2, 4, 2, 7, 3, 5, 2, 6, 2, 4)) %/% 3)
  limits <- \(mods, ...) df_limits(pool_effects(as_effects(data), mods, ...))
  nested <- ~ 1 | study / .row
  expect_identical(limits(~1, random = nested), 9)
  expect_identical(limits(~lab, random = nested), c(8, 8))
  # 8 studies and 11 rows of two; of them go the mean and the moderator
  expect_identical(limits(~some, random = nested), c(9, 17))
  expect_identical(limits(~ some + lab + dose, random = nested), c(8, 16, 8, 33))
  # what does not vary inside experiments is known by experiments at most
  data$batch <- cos(match(data$experiment, unique(data$experiment)))
  experiments <- length(unique(data$experiment))
  expect_identical(
    limits(~batch, random = ~ 1 | study / experiment / .row), c(9, experiments - 2)
  )
  # the 4 studies of 2 rows have one experiment
  expect_identical(limits(~batch, random = nested)[2], 37 - 4 - 2)
  # groups that cross the clusters are none of theirs; two studies have no new strain
  data$strain <- seq_len(37) %% 4
  data$old <- (data$strain > 1) + 0
  crossed <- list(~ 1 | study / .row, ~ 1 | strain)
  expect_identical(limits(~old, random = crossed), c(9, 37 - 2 - 2))
  # all that every row has a say in loses all coefficients
  expect_identical(limits(~ dose + vi, random = ~ 1 | .row), rep(37 - 3, 3))
})

test_that("a mean and several coefficients have the limit of the worst known", {
  data <- df_table(rep(4, 9))
  data$more <- cos(seq_along(data$yi))
  fixed <- c("var(study)" = 0.1, "var(study/.row)" = 0)
  fit <- df_fit(data, ~ lab + dose + more, fix = fixed)
  expect_identical(unname(fit$df), c(7, 7, 32, 32))
  new <- data.frame(lab = 0, dose = c(0, 1), more = 0)
  expect_identical(predict(fit, new)$df, c(7, 7))
  expect_equal(joint_df(fit, 3:4), 32)
  expect_equal(joint_df(fit, 2:4), 7)
  expect_identical(fewest_df(c(7, 7, 32), rbind(c(0, 0, 1), c(0, 1, 1), 0)), c(32, 7, 7))
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

test_that("where a search ended beside a factor of 0 does not show in df", {
  effects <- rare_slopes()
  run <- \(effects) {
    pool_effects(effects, ~ year + x2 + x3, random = ~ 1 + year + x2 + x3 | study,
      struct = "GEN"
    )
  }
  fit <- run(effects)
  fit$df <- coefficient_df(fit)
  beside <- fit
  size <- sqrt(pmax(diag(fit$information), 0))
  none <- which(size < 1e-6 * max(size))
  expect_gt(length(none), 0)
  for (i in none) {
    beside$information[i, i] <- 1e-17
    beside$dvcov[, , i] <- 1e-9 * fit$vcov
  }
  expect_equal(coefficient_df(beside), fit$df, tolerance = 1e-10)
})
