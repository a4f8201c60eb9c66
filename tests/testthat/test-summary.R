test_that("a fit prints what was done and what came out", {
  data <- some_effects()
  expect_snapshot(pool_effects(data))
  expect_snapshot(pool_effects(data, ~ dose + species))
  expect_snapshot(pool_effects(data[1:5, ], method = "DL", test = "knha"))
  expect_snapshot(pool_effects(data, method = "EE", test = "z"))
  expect_snapshot(summary(pool_effects(data)))
})

test_that("an estimate of tau2 outside its Q-profile interval is pointed out", {
  # standardised differences of 60 have variances to match: they weigh nothing in the
  # likelihood, but much in Q
  yi <- c(rep(c(-1, 1), 15), 60, 60, 60)
  outlying <- data.frame(yi = yi, vi = rep(c(0.1, 100), c(30, 3)))
  expect_output(print(pool_effects(outlying)), "outside its Q-profile interval")
  expect_false(estimate_outside(pool_effects(some_effects())))
})

test_that("a model with one true effect tells no prediction interval", {
  ratios <- as_effects(yi = log(c(0.5, 0.7, 0.6)), vi = 0.02, measure = "ROM")
  # by hand: the root of 0.21 is 0.5944, times exp(-0.160) and exp(0.160)
  shown <- utils::capture.output(print(pool_effects(ratios, method = "EE", test = "z")))
  expect_match(shown, "in percent: -40.6 [-49.4, -30.2]", fixed = TRUE, all = FALSE)
  expect_no_match(shown, "prediction")
})
