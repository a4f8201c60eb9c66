# Multilevel fits as data frames.

test_that("tidy(), glance() and augment() say what they know", {
  fit <- nested_fit(mods = ~dose)
  found <- tidy(fit)
  expect_identical(found$df, unname(fit$df))
  expect_equal(found$conf.low, unname(fit$beta - qt(0.975, fit$df) * fit$se))
  expect_equal(found$p.value, unname(2 * pt(-abs(fit$beta / fit$se), fit$df)))
  components <- tidy(fit, effects = "components")
  expect_identical(components$term, c("var(study)", "var(study/.row)"))
  expect_equal(components$sd^2, components$estimate)
  expect_identical(components$levels, c(12L, 48L))
  found <- glance(fit)
  expect_identical(nrow(found), 1L)
  expect_identical(found$groups, 12L)
  expect_equal(found$tau2, sum(components$estimate))
  expect_equal(found$AIC, 2 * 4 - 2 * fit$loglik[["reml"]])
  expect_equal(found$BIC, log(46) * 4 - 2 * fit$loglik[["reml"]])
  found <- augment(fit)
  expect_equal(found$.fitted + found$.resid, fit$yi)
  expect_equal(found$.weight, weights(fit))
  expect_equal(found$.hat, hatvalues(fit))
  expect_equal(found$.std.resid, rstandard(fit)$z)
  expect_snapshot(error = TRUE, tidy(fit, effects = "random"))
})

test_that("each parameter has a row that says what it is", {
  effects <- several_rows()
  fit <- pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row),
    struct = "HCS", fix = c("var(.row)" = 0.02),
    tie = list(c("var(outcome=pain | study)", "var(outcome=plaque | study)"))
  )
  found <- tidy(fit, effects = "components")
  expect_identical(found$term, names(fit$theta))
  expect_identical(found$estimate, unname(fit$theta))
  expect_identical(found$part, rep(c("outcome | study", ".row"), c(3, 1)))
  expect_identical(found$kind, c("variance", "variance", "correlation", "variance"))
  expect_identical(found$fixed, c(FALSE, FALSE, FALSE, TRUE))
  expect_identical(found$tied, c(TRUE, TRUE, FALSE, FALSE))
  expect_identical(found$levels, c(12L, 12L, 12L, 48L))
  # a correlation has no SD, also where it is negative
  expect_identical(is.na(found$sd), found$kind == "correlation")
  expect_identical(found$estimate[1], found$estimate[2])
  expect_false("lowest" %in% names(found))
})

test_that("a variance of 0 is marked as at its edge", {
  effects <- several_rows()
  effects$yi <- rep(c(-0.4, 0.4, -0.4, 0.4), 12)
  found <- tidy(pool_effects(effects, random = ~ 1 | study / .row), "components")
  expect_identical(found$boundary, c(TRUE, FALSE))
  expect_identical(found$sd[1], 0)
})

test_that("level and presence of intervals are the user's", {
  fit <- nested_fit(mods = ~dose)
  narrow <- tidy(fit, conf.level = 0.8)
  expect_equal(narrow$conf.high, unname(fit$beta + qt(0.9, fit$df) * fit$se))
  expect_identical(
    setdiff(names(narrow), names(tidy(fit, conf.int = FALSE))), c("conf.low", "conf.high")
  )
})

test_that("augment() has the pooled rows only, in their order", {
  effects <- several_rows()
  effects$yi[c(3, 20)] <- NA
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  found <- augment(fit)
  expect_identical(found$yi, effects$yi[-c(3, 20)])
  expect_identical(found$study, effects$study[-c(3, 20)])
  expect_equal(sum(found$.weight), 100)
})
