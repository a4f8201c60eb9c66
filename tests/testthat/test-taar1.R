# GALENOS, living systematic review 3 (TAAR1 agonists in rodents): 216 comparisons, SD and
# SEM mixed, a sham in 158 rows, with the authors' own SMD and NMD. From the wide table.

taar1_effects <- function(measure, ...) {
  table <- read.csv(shared_file("taar1_psychosis.csv"))
  wide <- suppressMessages(as_comparisons(table,
    study = StudyId, experiment = ExperimentID_I, outcome = OutcomeId_I,
    time = TimeInMinute_I, n_t = F_T_n, mean_t = F_T_m, error_t = F_T_v,
    n_c = F_C_n, mean_c = F_C_m, error_c = F_C_v, n_s = F_S_n, mean_s = F_S_m,
    error_s = F_S_v, error_type = ErrorType, greater_is_worse = GreaterIsWorse
  ))
  suppressMessages(suppressWarnings(effect_sizes(wide, measure, ...)))
}

test_that("the wide table gives the authors' SMD and its variance in all 216 rows", {
  effects <- taar1_effects("SMD", direction = "benefit")
  expect_identical(nrow(effects), 216L)
  expect_lt(max(abs(effects$yi - effects$SMD) / sqrt(effects$SMDv)), 1e-12)
  expect_lt(max(abs(effects$vi / effects$SMDv - 1)), 1e-12)
})

# Their column NMDv is a standard error.
test_that("it gives their NMD and its standard error in the 158 rows with a sham", {
  effects <- taar1_effects("NMD", variance = "vesterinen")
  known <- !is.na(effects$yi)
  expect_identical(sum(known), 158L)
  expect_identical(known, !is.na(effects$NMD))
  expect_lt(max(abs(effects$yi - effects$NMD)[known] / effects$NMDv[known]), 1e-12)
  expect_lt(max(abs(sqrt(effects$vi) / effects$NMDv - 1)[known]), 1e-12)
})

# Their model has four levels and V with rho = .5; studies nested to one effect each and
# pooled as independent is another model of the same mean: 1.032 (0.751 to 1.313).
test_that("locomotor activity, nested by study, is pooled inside the printed interval", {
  effects <- taar1_effects("SMD", direction = "benefit")
  effects <- effects[effects$SortLabel == "TvC" &
                       effects$outcome_type == "Locomotor activity", ]
  expect_identical(nrow(effects), 125L)
  nested <- suppressMessages(nest_outcomes(effects, by = study, rule = "cs", rho = 0.5))
  fit <- pool_effects(nested)
  expect_gt(fit$beta, 0.751)
  expect_lt(fit$beta, 1.313)
})

test_that("the shortcut for their SMD is metafor's vcalc()", {
  skip_if_not_installed("metafor")
  table <- read.csv(shared_file("taar1_psychosis.csv"))
  table$row <- seq_len(nrow(table))
  table$vi <- table$SMDv
  theirs <- metafor::vcalc(SMDv,
    cluster = StudyId, subgroup = ExperimentID_I, obs = row, rho = 0.5, data = table
  )
  ours <- vcov_shortcut(table,
    cluster = StudyId, subgroup = ExperimentID_I, obs = row, rho = 0.5
  )
  expect_lt(max(abs(ours - unclass(theirs))), 1e-14)
})

# Their model: Strain/StudyId/ExperimentID_I, V by the shortcut with rho = 0.5, t with the
# degrees of freedom of containment. Printed to three digits.
taar1_model <- function(outcome, random, ...) {
  effects <- taar1_effects("SMD", direction = "benefit")
  kept <- effects$SortLabel == "TvC" & effects$outcome_type == outcome
  effects <- effects[kept, ]
  effects$line <- seq_len(nrow(effects))
  V <- vcov_shortcut(effects,
    cluster = study, subgroup = experiment, obs = line, rho = 0.5
  )
  pool_effects(as_effects(effects, V = V), random = random, test = "containment", ...)
}

printed_numbers <- function(fit) {
  prediction <- predict(fit)
  numbers <- c(fit$beta, fit$ci_lower, fit$ci_upper, prediction$pi_lower,
               prediction$pi_upper)
  round(unname(numbers), 3)
}

# The restricted likelihood has two maxima in the variance of strains: at 0.0172, which
# metafor 5.2-1 finds (-173.602921335), and at 0, which is higher:
# rma.mv(sigma2 = c(0, NA, NA)) gives -173.601796542.
test_that("locomotor activity is as printed at the maximum the authors found", {
  random <- ~ 1 | Strain / study / experiment
  fit <- taar1_model("Locomotor activity", random, fix = c("var(Strain)" = 0.01723486))
  expect_identical(fit$k, 125L)
  expect_equal(fit$loglik[["reml"]], -173.602921335, tolerance = 1e-10)
  expect_identical(unname(fit$df), 7)
  expect_identical(printed_numbers(fit), c(1.032, 0.751, 1.313, 0.008, 2.056))
})

test_that("locomotor activity has a higher maximum, with no variance of strains", {
  fit <- taar1_model("Locomotor activity", ~ 1 | Strain / study / experiment)
  expect_equal(fit$loglik[["reml"]], -173.601796542, tolerance = 1e-10)
  expect_identical(fit$components$estimate[1], 0)
})

test_that("cognition is pooled as printed, with its prediction interval", {
  fit <- taar1_model("Cognition", ~ 1 | experiment)
  expect_identical(fit$k, 19L)
  expect_identical(unname(fit$df), 4)
  expect_identical(printed_numbers(fit), c(0.8, -0.301, 1.9, -1.609, 3.208))
})
