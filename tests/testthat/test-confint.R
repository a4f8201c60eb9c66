test_that("intervals are the fit's own, at any level", {
  fit <- pool_effects(some_effects(), ~dose)
  expect_equal(unname(confint(fit)[, 1]), unname(fit$ci_lower), tolerance = 1e-12)
  wide <- confint(fit, "dose", level = 0.99)
  half <- qt(0.995, 18) * fit$se[["dose"]]
  expect_equal(wide[1, ], fit$beta[["dose"]] + c(-half, half), ignore_attr = TRUE)
  expect_identical(colnames(wide), c("0.5 %", "99.5 %"))
})

test_that("the interval of tau2 is that of heterogeneity()", {
  fit <- pool_effects(some_effects())
  expect_equal(confint(fit, type = "tau2")["tau2", 2], heterogeneity(fit)$ci_upper[2])
})

test_that("an unknown coefficient is named", {
  fit <- pool_effects(some_effects(), ~dose)
  expect_snapshot(confint(fit, "doze"), error = TRUE)
})
