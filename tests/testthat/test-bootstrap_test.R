test_that("the p value is that of ratios of the simulated sets", {
  effects <- multilevel_effects()
  full <- pool_effects(effects, ~dose, random = ~ 1 | study / .row, method = "ML")
  small <- pool_effects(effects, random = ~ 1 | study / .row, method = "ML")
  found <- bootstrap_test(full, small, 49, seed = 2)
  ratio <- vapply(simulate(small, 49, seed = 2), \(y) {
    effects$yi <- y
    twice <- lapply(list(full, small), stats::update, effects = effects)
    2 * (twice[[1]]$loglik[["ml"]] - twice[[2]]$loglik[["ml"]])
  }, 0)
  expect_equal(attr(found, "draws"), unname(pmax(0, ratio)), tolerance = 1e-5)
  expect_equal(found$ratio, 2 * (full$loglik[["ml"]] - small$loglik[["ml"]]))
  expect_equal(found$p_value, (1 + sum(ratio >= found$ratio)) / 50)
  expect_equal(found$df, 1)
  expect_equal(found$p_chisq, pchisq(found$ratio, 1, lower.tail = FALSE))
  expect_identical(bootstrap_test(full, small, 49, seed = 2), found)
})

test_that("half of the ratios of a variance of 0 are 0", {
  # a balanced table in which the variance between studies is 0
  set.seed(8)
  data <- data.frame(study = rep(1:30, each = 4), vi = 0.2)
  data$yi <- rnorm(120, 0, sqrt(0.5))
  effects <- as_effects(data)
  full <- pool_effects(effects, random = ~ 1 | study / .row)
  small <- pool_effects(effects, random = ~ 1 | .row)
  found <- bootstrap_test(full, small, 999, seed = 1)
  share <- mean(attr(found, "draws") < 1e-6)
  # P(F(29, 90) < 1) is 0.52; 4 standard errors
  expect_lt(abs(share - pf(1, 29, 90)), 0.065)
  # by a model for independent effects it is the same
  plain <- pool_effects(effects, dependence = "ignore")
  expect_equal(bootstrap_test(full, plain, 999, seed = 1)$ratio, found$ratio,
    tolerance = 1e-6
  )
})

test_that("p is uniform under the null, and an effect is found", {
  p <- vapply(1:100, \(seed) {
    data <- some_effects(10, seed, tau2 = 0)
    data$yi <- withr::with_seed(seed, rnorm(10, 0, sqrt(data$vi + 0.2)))
    full <- pool_effects(data, ~dose, method = "ML")
    small <- pool_effects(data, method = "ML")
    bootstrap_test(full, small, 99, seed = seed)$p_value
  }, 0)
  # binomial limits at 1 in 10^4 for 100 draws
  expect_lt(sum(p <= 0.05), 15)
  expect_gt(sum(p <= 0.5), 31)
  expect_lt(sum(p <= 0.5), 69)
  data <- some_effects(30)
  data$yi <- data$yi + 2 * data$dose
  full <- pool_effects(data, ~dose, method = "ML")
  small <- pool_effects(data, method = "ML")
  expect_identical(bootstrap_test(full, small, 99, seed = 1)$p_value, 0.01)
})

test_that("tau2 is tested against equal effects", {
  full <- pool_effects(some_effects())
  small <- pool_effects(some_effects(), method = "EE")
  found <- bootstrap_test(full, small, 99, seed = 1)
  expect_equal(found$ratio, 2 * (full$loglik[["reml"]] - small$loglik[["reml"]]))
  expect_equal(found$df, 1)
  expect_true(all(attr(found, "draws") >= 0))
  expect_gt(mean(attr(found, "draws") < 1e-8), 0.3)
})

test_that("fits that cannot be compared are told apart", {
  effects <- multilevel_effects()
  run <- \(...) pool_effects(effects, ...)
  nested <- run(random = ~ 1 | study / .row)
  dose <- run(~dose, random = ~ 1 | study / .row)
  strain <- run(~ strain, random = ~ 1 | study / .row, method = "ML")
  likely <- run(random = ~ 1 | study / .row, method = "ML")
  crossed <- run(random = list(~ 1 | strain, ~ 1 | study))
  bare <- pool_effects(multilevel_table(), dependence = "ignore")
  moments <- pool_effects(multilevel_table(), dependence = "ignore", method = "DL")
  expect_snapshot(error = TRUE, {
    bootstrap_test(nested, 1)
    bootstrap_test(1, nested)
    bootstrap_test(nested, bare)
    bootstrap_test(nested, likely)
    bootstrap_test(pool_effects(multilevel_table(), random = ~ 1 | study), moments)
    bootstrap_test(dose, nested)
    bootstrap_test(update(dose, method = "ML"), strain)
    bootstrap_test(nested, nested)
    bootstrap_test(nested, run(random = ~ 1 | .row), replicates = 5)
  })
  expect_error(
    bootstrap_test(
      run(random = list(~ 1 | study, ~ 1 | strain)), run(random = ~ 1 | .row)
    ),
    "no special case",
    class = "mv_error_nested"
  )
})
