test_that("the Q-profile ends are where Q meets its quantiles", {
  data <- some_effects(tau2 = 2)
  for (mods in c(~1, ~dose)) {
    fit <- pool_effects(data, mods)
    ends <- unlist(heterogeneity(fit)[2, c("ci_lower", "ci_upper")])
    q <- function(tau2) {
      drop(data$yi %*% projection(data$vi, tau2, model.matrix(fit)) %*% data$yi)
    }
    expect_equal(q(ends[[1]]), qchisq(0.975, fit$Q_df), tolerance = 1e-11)
    expect_equal(q(ends[[2]]), qchisq(0.025, fit$Q_df), tolerance = 1e-11)
  }
})

test_that("I2 and H2 follow from tau2 and the typical variance", {
  data <- some_effects()
  fit <- pool_effects(data)
  w <- 1 / data$vi
  typical <- 19 / (sum(w) - sum(w^2) / sum(w))
  found <- heterogeneity(fit)
  share <- fit$tau2 / (fit$tau2 + typical)
  expect_equal(found$estimate[4], 100 * share, tolerance = 1e-12)
  expect_equal(found$estimate[5], 1 + fit$tau2 / typical, tolerance = 1e-12)
  expect_equal(found$ci_upper[4], 100 * found$ci_upper[2] / (found$ci_upper[2] + typical))
})

test_that("effects that agree too well have the interval 0 to 0", {
  found <- heterogeneity(pool_effects(data.frame(yi = rep(1, 10), vi = 1)))
  expect_identical(found$ci_lower[2], 0)
  expect_identical(found$ci_upper[2], 0)
})

test_that("an equal-effects fit has Q and its I2 only", {
  fit <- pool_effects(some_effects(), method = "EE")
  found <- heterogeneity(fit)
  expect_equal(found$estimate[4], 100 * (fit$Q - 19) / fit$Q, tolerance = 1e-12)
  expect_true(all(is.na(found$estimate[2:3])))
  expect_true(all(is.na(found$ci_lower)))
})

test_that("only a fit has heterogeneity", {
  expect_snapshot(heterogeneity(some_effects()), error = TRUE)
})
