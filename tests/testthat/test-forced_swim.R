# Martins et al. 2025, Behav Pharmacol 36(6):347-363, doi 10.1097/FBP.0000000000000844:
# 561 comparisons of antidepressants in the forced swim test, SMD of control minus drug.

forced_swim <- function() {
  table <- read.csv(shared_file("forced_swim.csv"))
  found <- suppressMessages(as_comparisons(table,
    study = study_reference, outcome = outcome,
    n_t = atd_n_round, mean_t = atd_mean, error_t = atd_sd,
    n_c = ctr_n_corr, mean_c = ctr_mean, error_c = ctr_sd, error_type = "sd",
    greater_is_worse = TRUE
  ))
  suppressMessages(
    effect_sizes(found, "SMD", shared_control = "ignore", direction = "benefit")
  )
}

interval <- function(fit) unname(c(fit$beta, fit$ci_lower, fit$ci_upper))

test_that("forced_swim gives the printed 1.66 [1.53, 1.79] and I2 of 81.5 %", {
  effects <- forced_swim()
  expect_identical(nrow(effects), 561L)
  expect_identical(sum(effects$n_c == 1), 78L)
  fit <- pool_effects(effects, dependence = "ignore", test = "z")
  expect_identical(fit$k, 561L)
  expect_identical(round(interval(fit), 2), c(1.66, 1.53, 1.79))
  expect_identical(round(fit$I2, 1), 81.5)
})

test_that("with Knapp-Hartung it is [1.48, 1.84]", {
  fit <- pool_effects(forced_swim(), dependence = "ignore", test = "knha")
  expect_identical(round(interval(fit), 2), c(1.66, 1.48, 1.84))
  expect_gt(fit$s2, 1)
})

test_that("rows that share a study stop first", {
  effects <- forced_swim()
  expect_error(pool_effects(effects), "share a study",
    class = "mv_error_dependent"
  )
})
