test_that("tidy, glance and augment have one row a coefficient, fit and effect", {
  fit <- pool_effects(some_effects(), ~dose)
  expect_equal(tidy(fit)$conf.low, unname(fit$ci_lower))
  expect_identical(names(tidy(fit, conf.int = FALSE)), c(
    "term", "estimate", "std.error", "statistic", "p.value"
  ))
  expect_identical(nrow(glance(fit)), 1L)
  expect_identical(glance(fit)$studies, 20L)
  rows <- augment(fit)
  expect_equal(rows$.fitted + rows$.resid, rows$yi)
  expect_equal(sum(rows$.weight), 100)
})
