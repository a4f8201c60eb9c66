# Fits at the edges of what can be computed.

four_times <- function() {
  data <- multilevel_table(1, 8)
  data$time <- rep(c(1, 2, 4, 7), 8)
  data
}

test_that("the first studies of constant effects are cumulated", {
  data <- four_times()
  data$yi <- 1
  found <- cumulate(pool_effects(data, random = ~ 1 | study / .row))
  # the variance between studies of one study is anything, and so the error of its mean
  expect_identical(found$status, rep(c(
    "the variance parameters cannot be told apart", "ok"
  ), c(1, 7)))
  expect_true(is.na(found$estimate[1]) && is.na(found$se[1]) && is.na(found$ci_lower[1]))
  expect_equal(found$estimate[-1], rep(1, 7), tolerance = 1e-10)
  expect_true(all(is.finite(found$se[-1]) & found$se[-1] > 0))
})

test_that("a fixed variance beyond all that the effects vary is an error", {
  data <- four_times()
  held <- \(value, random = ~ 1 | study / .row, name = "var(study)", ...) {
    pool_effects(data, random = random, fix = stats::setNames(value, name), ...)
  }
  spread <- max(data$vi) + diff(range(data$yi))^2
  expect_error(held(1e300), class = "mv_error_fix")
  expect_error(held(1.01e10 * spread), class = "mv_error_fix")
  expect_equal(held(0.99e10 * spread)$theta[[1]], 0.99e10 * spread)
  # a slope's is told by what it adds to a row
  data$late <- data$time * 1e4
  slope <- "var(late | study)"
  expect_error(held(1e4, ~ late | study, slope, struct = "GDIAG"),
    class = "mv_error_fix"
  )
  expect_equal(
    held(1e-9, ~ late | study, slope, struct = "GDIAG")$theta[[slope]], 1e-9
  )
  expect_snapshot(held(1e300), error = TRUE)
})

test_that("effects of 0 have no CVH", {
  data <- four_times()
  data$yi <- 0
  found <- heterogeneity(pool_effects(data, random = ~ 1 | study / .row))
  expect_true(all(is.na(found$estimate[found$quantity %in% c("CVH", "M")])))
  expect_false(any(is.nan(found$estimate)))
})

test_that("a slope that varies between studies only has its intervals", {
  data <- four_times()
  data$x <- ave(data$dose, data$study)
  fit <- pool_effects(data, random = ~ x | study, struct = "GEN")
  found <- confint(fit, type = "components", level = 0.99)
  expect_true(all(found[, 1] <= found[, 2]))
})

test_that("no interval of a correlation leaves -1 to 1", {
  set.seed(1)
  data <- data.frame(
    study = rep(1:8, each = 4), vi = stats::runif(32, .05, .3), dose = stats::rnorm(32),
    time = rep(c(1, 2, 4, 7), 8)
  )
  sample(letters[1:5], 32, TRUE)
  data$yi <- .5 + .3 * data$dose + rep(stats::rnorm(8, 0, .4), each = 4) +
    stats::rnorm(32, 0, .3) + stats::rnorm(32, 0, sqrt(data$vi))
  fit <- pool_effects(data, random = ~ time | study, struct = "UN")
  found <- confint(fit, type = "components", level = 0.99)
  found <- found[startsWith(rownames(found), "cor"), ]
  expect_true(all(found >= -1 & found <= 1))
})

test_that("times of CAR in an unfit unit are told, and change nothing in a fit one", {
  data <- four_times()
  fit_by <- \(unit) {
    data$time <- data$time * unit
    pool_effects(data, random = ~ time | study, struct = "CAR")
  }
  fit <- fit_by(1)
  for (unit in c(10, 300)) {
    found <- fit_by(unit)
    expect_equal(found$loglik, fit$loglik, tolerance = 1e-8)
    expect_equal(found$theta[[2]]^unit, fit$theta[[2]], tolerance = 1e-4)
  }
  expect_error(fit_by(301), class = "mv_error_time_unit")
  expect_snapshot(fit_by(86400), error = TRUE)
  # a correlation that falls to 0 within less than a unit
  expect_error(fit_by(1e-9), "less than 1 apart")
})
