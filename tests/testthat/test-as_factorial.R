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

test_that("main effects and interaction by hand", {
  x <- as_factorial(stress())
  var <- 12^2 / 8 + 14^2 / 7 + 11^2 / 6 + 15^2 / 9
  a <- effect_sizes(x, "MD_A")
  expect_equal(a$yi[1], (62 - 85 + 70 - 100) / 2)
  expect_equal(a$vi[1], var / 4)
  b <- effect_sizes(x, "MD_B")
  expect_equal(b$yi[1], (62 - 70 + 85 - 100) / 2)
  ab <- effect_sizes(x, "MD_AB")
  expect_equal(ab$yi[1], 62 - 70 - 85 + 100)
  expect_equal(ab$vi[1], var)
  expect_equal(diag(vcov(ab)), ab$vi)
  expect_snapshot(print(ab))
})

test_that("a measure of four groups says what is lacking in a table of two", {
  pairs <- pairs_of(8, 6, 1.2, 10, 4, 0.9)
  expect_error(
    effect_sizes(pairs, "MD_A"), "needs n_a, mean_a, sd_a, n_b, mean_b, and sd_b",
    class = "mv_error_kind"
  )
  expect_error(effect_sizes(pairs, "MC"), "never", class = "mv_error_kind")
  expect_error(effect_sizes(pairs, "MPE"), "can reach", class = "mv_error_kind")
})
