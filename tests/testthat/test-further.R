small <- function(...) {
  data.frame(
    study = "Chen 2011", role = c("control", "treated"), n = 8, mean = c(40, 24),
    error = 8, error_type = "sd", ...
  )
}

test_that("a further column may not have a name that a later table needs", {
  expect_snapshot(error = TRUE, {
    cohorts(small(yi = 1, vi = 2))
    cohorts(small(outcome = "area", other = "volume"), outcome = other)
    cohorts(small(dose = 1, dose = 2, check.names = FALSE))
  })
  expect_error(cohorts(small(sd = 1)), class = "mv_error_reserved")
})

test_that("the columns of all tables are reserved", {
  expect_true(all(cohort_columns %in% reserved_columns))
  expect_true(all(comparison_columns %in% reserved_columns))
})

test_that("a column that served an argument or its expression is no further column", {
  data <- small(sd = 3)
  data$error <- NULL
  expect_identical(names(cohorts(data, error = sd)), cohort_columns)
  expect_identical(names(cohorts(data, error = 2 * sd)), cohort_columns)
  expect_identical(names(cohorts(data, error = .data$sd)), cohort_columns)
  dose <- cohorts(small(dose = 1:2), n = n + 0 * dose)
  expect_identical(dose$dose, 1:2)
})

test_that("control's values are kept under `_c` where any differs", {
  x <- comparisons(cohorts(small(dose = c(0, 5), sex = "f", year = c(NA, 2011))))
  expect_identical(x$dose, 5)
  expect_identical(x$dose_c, 0)
  expect_identical(x$year_c, NA_real_)
  expect_false("sex_c" %in% names(x))
})

test_that("dates, factors, lists and matrices travel too", {
  data <- small(
    day = as.Date(c("2020-01-01", "2020-02-01")), sex = factor(c("f", "m")),
    notes = I(list(1, "b"))
  )
  data$scores <- matrix(1:4, 2)
  x <- comparisons(cohorts(data))
  expect_identical(x$day, as.Date("2020-02-01"))
  expect_identical(x$day_c, as.Date("2020-01-01"))
  expect_identical(x$sex_c, factor("f", c("f", "m")))
  expect_identical(x$notes[[1]], "b")
  expect_identical(x$scores, matrix(c(2L, 4L), 1))
  expect_identical(x$scores_c, matrix(c(1L, 3L), 1))
})

test_that("a column whose name begins like one of ours is not taken for it", {
  table <- data.frame(
    study = "A", role = c("control", "treated"), n = 10, mean = c(5, 4), error = 1,
    error_type = "sd", treatment_dose = c(0, 3), units = c("mg", "g")
  )
  paired <- comparisons(cohorts(table))
  expect_false("treatment" %in% names(paired))
  brought <- as_effects(data.frame(yi = 1:3, vi = 1, study_id = c("a", "a", "b")))
  expect_identical(pool_effects(brought)$k, 3L)
})
