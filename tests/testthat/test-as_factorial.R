stress <- function(...) {
  data.frame(
    study = c("Chen 2011", "Li 2015"), n_ab = 8, mean_ab = c(62, 50), error_ab = c(12, 9),
    n_a = 7, mean_a = c(70, 58), error_a = 14, n_b = 6, mean_b = c(85, 71), error_b = 11,
    n_c = 9, mean_c = c(100, 80), error_c = 15, error_type = "sd", ...
  )
}

test_that("both treatments are the treated arm, neither is the control", {
  x <- as_factorial(stress())
  expect_s3_class(x, c("mv_comparisons", "data.frame"), exact = TRUE)
  expect_true(all(comparison_columns %in% names(x)))
  expect_identical(x$mean_t, c(62, 50))
  expect_identical(x$mean_a, c(70, 58))
  expect_identical(x$mean_b, c(85, 71))
  expect_identical(x$mean_c, c(100, 80))
  expect_identical(x$n_a, c(7, 7))
  expect_identical(x$sd_b, c(11, 11))
  expect_identical(x$cohort_a, c("A alone 1", "A alone 1"))
  expect_identical(x$cohort_c, c("neither 1", "neither 1"))
  expect_snapshot(print(x))
})

test_that("the usual measures compare both with neither", {
  x <- effect_sizes(as_factorial(stress()), "MD")
  expect_identical(x$yi, c(62 - 100, 50 - 80))
})

test_that("groups have names of their own, and all their numbers are checked", {
  named <- stress(cohort_ab = "x", cohort_a = "y", cohort_b = "z", cohort_c = "w")
  expect_identical(as_factorial(named)$cohort_b, c("z", "z"))
  expect_snapshot(error = TRUE, {
    as_factorial(stress()[-(5:7)])
    as_factorial(transform(stress(), n_b = c(6, 0)))
    as_factorial(transform(named, cohort_b = "y"))
    as_factorial(transform(named, cohort_b = c("y", NA)))
  })
})
