dead <- function() {
  cohorts(data.frame(
    study = c("Chen 2011", "Chen 2011"), role = c("control", "treated"), n = c(8, 9),
    events = c(6, 2)
  ))
}

grown <- function() {
  cohorts(data.frame(
    study = "Chen 2011", role = c("control", "treated"), n = 8, mean = c(40, 24),
    error = 8, error_type = "sd", greater_is_worse = TRUE, dose = c(0, 3)
  ))
}

test_that("each row of a table of cohorts is a group of its own", {
  x <- effect_sizes(dead(), "PR")
  expect_s3_class(x, c("mv_effects", "data.frame"), exact = TRUE)
  expect_identical(x$yi, c(6 / 8, 2 / 9))
  expect_identical(x$cohort_t, c("control", "treated"))
  expect_identical(x$n_t, c(8, 9))
  expect_identical(x$row_t, 1:2)
  expect_identical(x$role, c("control", "treated"))
  expect_false(any(c("n", "mean", "cohort_c") %in% names(x)))
  expect_identical(effect_sizes(dead()[2, ], "PR")$yi, 2 / 9)
  expect_snapshot(print(x))
})

test_that("the variance and the pool of groups do not need a control", {
  x <- effect_sizes(dead(), "PLO")
  x$study <- c("Chen 2011", "Li 2015")
  expect_equal(diag(vcov(x)), x$vi)
  fit <- pool_effects(x, method = "EE")
  expect_equal(unname(fit$beta), sum(x$yi / x$vi) / sum(1 / x$vi))
})

test_that("a measure and a table that do not fit are told, with what fits", {
  pairs <- comparisons(grown())
  correlations <- as_correlations(data.frame(study = "Chen 2011", r = 0.4, n = 9))
  expect_snapshot(error = TRUE, {
    effect_sizes(pairs, "RR")
    effect_sizes(comparisons(dead()), "SMD")
    effect_sizes(comparisons(dead()), "IRR")
    effect_sizes(dead(), "RR")
    effect_sizes(pairs, "PR")
    effect_sizes(correlations, "SMD")
    effect_sizes(correlations, "PR")
    effect_sizes(dead(), "ZCOR")
    effect_sizes(pairs, "ZCOR")
    effect_sizes(dead(), "PR", direction = "benefit")
  })
  expect_error(effect_sizes(pairs, "RR"), class = "mv_error_kind")
  expect_error(effect_sizes(grown(), "SMD"), "Pair the groups", class = "mv_error_kind")
})

test_that("a row without numbers is a reason, not an error", {
  x <- data.frame(
    study = c("A", "B"), n_t = 8, mean_t = NA, error_t = NA, n_c = 8, mean_c = NA,
    error_c = NA, error_type = "sd"
  )
  expect_warning(y <- effect_sizes(as_comparisons(x)), class = "mv_warning_rows")
  expect_identical(y$yi, c(NA_real_, NA_real_))
})

test_that("the two readings of the same animals are not taken for two groups", {
  grip <- data.frame(
    study = c("Chen 2011", "Li 2015"), n = c(8, 10), mean_pre = c(62, 48),
    error_pre = c(12, 10), mean_post = c(80, 55), error_post = c(15, 12), r = 0.6,
    error_type = "sd"
  )
  expect_error(
    effect_sizes(as_paired(grip), "SMD"), "two readings for two groups",
    class = "mv_error_kind"
  )
})

test_that("every kind of the core can be given, and has words", {
  known <- registry()
  expect_true(all(known$measures$kind %in% names(kind_words)))
  fields <- unlist(c(known$measures$needs, known$measures$may))
  expect_true(all(fields %in% c("n", "mean", "sd", names(field_arms))))
  for (at in seq_along(known$measures$name)) {
    needed <- needed_columns(measure_row(known, at))
    expect_true(all(needed %in% c(reserved_columns, comparison_columns)))
  }
})
