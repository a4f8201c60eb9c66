trials <- function() {
  data.frame(
    study = c("Kim 2010", "Roy 2014", "Lee 2016"), o_minus_e = c(-4.2, NA, NA),
    v = c(5.1, NA, NA), hr = c(NA, 0.55, NA), lower = c(NA, 0.30, NA),
    upper = c(NA, 1.01, NA), dose = 1:3
  )
}

test_that("log hazard ratios by hand", {
  found <- as_hazard_ratios(trials())
  expect_equal(found$yi, c(-4.2 / 5.1, log(0.55), NA))
  se <- (log(1.01) - log(0.30)) / (2 * qnorm(0.975))
  expect_equal(found$vi, c(1 / 5.1, se^2, NA))
  expect_identical(unique(found$measure), "logHR")
  expect_identical(found$pooled, c(TRUE, TRUE, FALSE))
  expect_identical(found$reason, c(NA, NA, "the estimate is missing"))
  expect_identical(found$dose, 1:3)
  expect_s3_class(found, "mv_effects")
})

test_that("an interval of logs by as_effects() is the same", {
  logs <- as_effects(
    yi = log(0.55), lower = log(0.55) - 0.6, upper = log(0.55) + 0.6
  )
  ratios <- as_hazard_ratios(
    hr = 0.55, lower = 0.55 * exp(-0.6), upper = 0.55 * exp(0.6), study = "A"
  )
  expect_equal(c(ratios$yi, ratios$vi), c(logs$yi, logs$vi))
  wide <- as_hazard_ratios(hr = 0.5, lower = 0.25, upper = 1, level = 0.9)
  expect_equal(wide$vi, (log(4) / (2 * qnorm(0.95)))^2)
})

test_that("O - E and V come first where a row has both", {
  both <- as_hazard_ratios(o_minus_e = -2, v = 4, hr = 0.9, lower = 0.6, upper = 1.35)
  expect_equal(c(both$yi, both$vi), c(-0.5, 0.25))
})

test_that("columns are found by name, and pool", {
  data <- data.frame(id = 1:3, ratio = c(0.5, 0.8, 0.6), from = c(0.25, 0.4, 0.3),
                     to = c(1, 1.6, 1.2))
  found <- as_hazard_ratios(data, hr = ratio, lower = from, upper = to, study = id)
  fit <- pool_effects(found, method = "EE")
  expect_equal(unname(fit$beta), mean(log(data$ratio)))
})

test_that("numbers that are no hazard ratios stop, each by its row", {
  data <- trials()
  change <- function(column, row, value) {
    data[[column]][row] <- value
    as_hazard_ratios(data)
  }
  expect_snapshot(error = TRUE, {
    change("v", 1, 0)
    change("hr", 2, -0.6)
    change("lower", 2, 1.2)
    as_hazard_ratios(data.frame(hr = 0.5))
    as_hazard_ratios(data.frame(x = 1))
  })
  expect_error(change("upper", 2, Inf), class = "mv_error_variance")
  expect_error(change("o_minus_e", 1, Inf), class = "mv_error_variance")
})

test_that("a ratio out of the middle of its interval is told; a rounded one is not", {
  expect_warning(
    as_hazard_ratios(hr = 0.51, lower = 0.32, upper = 1.52, study = "A"),
    class = "mv_warning_interval", regexp = "not in the middle of its interval"
  )
  hr <- round(exp(seq(-1.5, 1, 0.1)), 2)
  expect_no_warning(as_hazard_ratios(
    hr = hr, lower = round(hr * exp(-0.7), 2), upper = round(hr * exp(0.7), 2)
  ))
})
