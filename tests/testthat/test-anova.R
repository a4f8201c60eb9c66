test_that("the Wald test of all moderators is the fit's own QM", {
  for (test in c("z", "adhoc")) {
    fit <- pool_effects(some_effects(), ~ dose + species, test = test)
    found <- anova(fit)
    expect_equal(found$statistic, fit$QM, tolerance = 1e-10)
    expect_equal(found$p_value, fit$QM_p, tolerance = 1e-10)
  }
})

test_that("one coefficient's Wald test is the square of its t", {
  fit <- pool_effects(some_effects(), ~ dose + species)
  expect_equal(anova(fit, terms = "dose")$statistic, fit$statistic[["dose"]]^2,
    tolerance = 1e-10
  )
  expect_equal(anova(fit, terms = 2)$p_value, fit$p_value[["dose"]], tolerance = 1e-10)
})

test_that("the likelihood-ratio test compares nested fits by ML", {
  full <- pool_effects(some_effects(), ~dose, method = "ML")
  small <- update(full, mods = ~1)
  found <- anova(full, small)
  ratio <- 2 * (full$loglik[["ml"]] - small$loglik[["ml"]])
  expect_equal(found$ratio[2], ratio)
  expect_equal(found$p_value[2], pchisq(ratio, 1, lower.tail = FALSE))
  expect_equal(anova(small, full), found)
})

test_that("a test of tau2 itself may use REML", {
  full <- pool_effects(some_effects())
  found <- anova(full, update(full, method = "EE"))
  expect_gt(found$ratio[2], 0)
})

test_that("fits that cannot be compared say why", {
  fit <- pool_effects(some_effects(), ~dose)
  expect_snapshot(error = TRUE, {
    anova(pool_effects(some_effects()))
    anova(fit, pool_effects(some_effects()))
    anova(update(fit, method = "ML"), update(fit, ~species, method = "ML"))
    anova(fit, pool_effects(some_effects(10), ~dose))
    anova(fit, terms = "doze")
  })
})

test_that("powers of a large dose can be tested", {
  data <- some_effects()
  data$dose <- data$dose * 1e6
  fit <- pool_effects(data, ~ dose + I(dose^2) + I(dose^3), test = "z")
  expect_equal(anova(fit)$statistic, fit$QM, tolerance = 1e-8)
})

test_that("a coefficient named twice is tested once", {
  fit <- pool_effects(as_effects(some_effects()), ~dose)
  expect_equal(anova(fit, terms = c("dose", "dose")), anova(fit, terms = "dose"))
})
