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
  expect_equal(found$estimate, rep(1, 8), tolerance = 1e-10)
  expect_true(all(is.finite(found$se) & found$se > 0))
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
