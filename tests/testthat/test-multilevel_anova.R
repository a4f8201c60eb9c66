# Which of two multilevel fits is nested in the other, and what their ratio is compared
# with.

test_that("the Wald test of all moderators is the fit's own QM", {
  for (test in c("satterthwaite", "containment", "t", "z")) {
    fit <- nested_fit(mods = ~ dose + year, test = test)
    found <- anova(fit)
    expect_equal(found$statistic, fit$QM)
    expect_equal(c(found$df1, found$df2), fit$QM_df)
    expect_equal(found$p_value, fit$QM_p)
    one <- anova(fit, terms = "dose")
    expect_equal(one$p_value, fit$p_value[["dose"]], tolerance = 1e-10)
  }
})

test_that("a variance that is left out is tested by the mixture of Self and Liang", {
  fit <- nested_fit()
  small <- update(fit, random = ~ 1 | .row)
  found <- anova(fit, small)
  ratio <- 2 * (fit$loglik[["reml"]] - small$loglik[["reml"]])
  expect_equal(found$ratio[2], ratio)
  expect_equal(found$p_value[2], pchisq(ratio, 1, lower.tail = FALSE) / 2)
  expect_match(found$reference[2], "50:50 mixture of chi-squared(0)", fixed = TRUE)
  expect_equal(anova(small, fit), found)
  # fixed at 0 is the same as left out, and tau2 of independent effects is var(.row)
  fixed <- update(fit, fix = c("var(study)" = 0))
  expect_equal(anova(fit, fixed)$p_value, found$p_value)
  plain <- update(fit, random = NULL, dependence = "ignore")
  expect_equal(anova(fit, plain)$p_value, found$p_value, tolerance = 1e-6)
  # two variances: an upper bound, between the tails with one and with two df
  none <- update(fit, fix = c("var(study)" = 0, "var(study/.row)" = 0))
  found <- anova(fit, none)
  expect_equal(found$p_value[2], mean(pchisq(found$ratio[2], 1:2, lower.tail = FALSE)))
  equal <- update(fit, random = NULL, dependence = "ignore", method = "EE")
  expect_equal(anova(fit, equal)$p_value, found$p_value, tolerance = 1e-6)
})

test_that("a variance of 0 leaves nothing to tell", {
  effects <- several_rows()
  effects$yi <- rep(c(-0.4, 0.4, -0.4, 0.4), 12)
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  found <- anova(fit, update(fit, random = ~ 1 | .row))
  expect_lt(found$ratio[2], 1e-8)
  expect_gte(found$p_value[2], 0.499)
})

test_that("parameters inside their range are tested by chi-squared", {
  random <- list(~ outcome | study, ~ 1 | .row)
  un <- pool_effects(several_rows(), random = random, struct = "HCS", method = "ML")
  cs <- update(un, struct = "CS")
  found <- anova(un, cs)
  expect_equal(found$p_value[2], pchisq(found$ratio[2], 1, lower.tail = FALSE))
  variances <- c("var(outcome=pain | study)", "var(outcome=plaque | study)")
  tied <- update(un, tie = list(variances))
  expect_equal(anova(un, tied)$ratio, found$ratio, tolerance = 1e-6)
  zero <- update(un, fix = c("cor(outcome | study)" = 0))
  expect_match(anova(un, zero)$reference[2], "^chi-squared\\(1\\)")
  one <- update(un, fix = c("cor(outcome | study)" = 1))
  expect_match(anova(un, one)$reference[2], "mixture")
  mods <- anova(update(un, mods = ~dose), un)
  expect_equal(mods$p_value[2], pchisq(mods$ratio[2], 1, lower.tail = FALSE))
  both <- anova(un, update(un, random = ~ 1 | .row, struct = "CS"))
  expect_identical(both$df, c(5L, 2L))
  expect_match(both$reference[2], "chi-squared(2) and chi-squared(3)", fixed = TRUE)
  intercept <- anova(cs, update(cs, random = list(~ 1 | study, ~ 1 | .row)))
  expect_match(intercept$reference[2], "mixture")
})

test_that("fits that are not nested say why", {
  fit <- nested_fit()
  expect_snapshot(error = TRUE, {
    anova(fit, update(fit, random = ~ 1 | strain))
    anova(fit, update(fit, mods = ~dose))
    anova(update(fit, fix = c("var(study)" = 0.1)), update(fit, random = ~ 1 | .row))
    anova(update(fit, fix = c("var(study)" = 0.1), method = "ML"),
          update(fit, random = ~ 1 | study, method = "ML"))
    anova(update(fit, tie = list(names(fit$theta)), mods = ~dose, method = "ML"),
          update(fit, method = "ML"))
    anova(fit)
  })
  data <- berkey()
  full <- pool_effects(data$effects, random = ~ outcome | study, struct = "UN")
  ignored <- update(full, random = NULL, rho = NULL, dependence = "ignore")
  expect_error(anova(full, ignored), class = "mv_error_nested")
})

# ---- which parts are special cases ---------------------------------------------------

test_that("a structure holds those that it is with parameters equal or 0", {
  fits <- lapply(c("UN", "HCS", "CS", "DIAG", "ID", "HAR", "AR", "CAR"), \(struct) {
    effects <- several_rows()
    effects$time <- match(effects$outcome, c("pain", "plaque"))
    pool_effects(effects, random = ~ time | study, struct = struct)
  })
  names(fits) <- c("UN", "HCS", "CS", "DIAG", "ID", "HAR", "AR", "CAR")
  holds <- \(full, small) {
    !is.na(part_match(fits[[small]]$parts[[1]], fits[[full]]$parts))
  }
  for (small in names(fits)) {
    expect_true(holds("UN", small))
    expect_identical(holds("ID", small), small == "ID")
  }
  expect_true(holds("HCS", "CS") && holds("HCS", "DIAG") && holds("HAR", "AR"))
  expect_false(holds("CS", "DIAG") || holds("DIAG", "CS") || holds("CS", "AR"))
  expect_false(holds("HCS", "UN") || holds("AR", "HAR"))
})

test_that("levels hold a random intercept, and slopes one where they have a constant", {
  effects <- several_rows()
  intercept <- pool_effects(effects, random = ~ 1 | study)$parts[[1]]
  part_of <- \(random, struct) {
    pool_effects(effects, random = random, struct = struct)$parts[[1]]
  }
  expect_true(is_wider_part(part_of(~ outcome | study, "CS"), intercept))
  expect_false(is_wider_part(part_of(~ outcome | study, "DIAG"), intercept))
  expect_true(is_wider_part(part_of(~ 1 + dose | study, "GDIAG"), intercept))
  expect_false(is_wider_part(part_of(~ 0 + dose | study, "GDIAG"), intercept))
  # other groups are another part, whatever the structure
  other <- pool_effects(effects, random = ~ 1 | strain)$parts[[1]]
  expect_false(is_wider_part(part_of(~ outcome | study, "CS"), other))
})

test_that("the reference has the tails of its mixture", {
  expect_equal(ratio_p_value(2.7, 1, TRUE), pchisq(2.7, 1, lower.tail = FALSE) / 2)
  expect_equal(ratio_p_value(3, 2, TRUE), mean(pchisq(3, 1:2, lower.tail = FALSE)))
  expect_equal(ratio_p_value(3, 2, FALSE), exp(-1.5))
  # no difference: p is 1 where half of the samples are 0
  expect_equal(ratio_p_value(0, 1, TRUE), 1)
  expect_identical(ratio_p_value(3, 0, TRUE), NA_real_)
  expect_identical(
    reference_text(2, TRUE), "50:50 mixture of chi-squared(1) and chi-squared(2)"
  )
  expect_identical(reference_text(3, FALSE), "chi-squared(3)")
  expect_identical(reference_text(0, FALSE), NA_character_)
})
