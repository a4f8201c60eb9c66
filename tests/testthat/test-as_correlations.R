found <- function(...) {
  data.frame(study = c("Chen 2011", "Li 2015"), r = c(0.62, 0.41), n = c(12, 20), ...)
}

test_that("a correlation is a row of one group", {
  x <- as_correlations(found(dose = 1:2))
  expect_s3_class(x, c("mv_cohorts", "data.frame"), exact = TRUE)
  expect_identical(x$r, c(0.62, 0.41))
  expect_identical(x$n, c(12, 20))
  expect_identical(x$cohort, c("animals 1", "animals 1"))
  expect_identical(x$dose, 1:2)
  expect_snapshot(print(x))
})

test_that("Fisher's z and its variance are those of the formula", {
  y <- effect_sizes(as_correlations(found()), "ZCOR")
  expect_equal(y$yi, atanh(c(0.62, 0.41)))
  expect_equal(y$vi, 1 / c(9, 17))
})

test_that("a correlation outside -1 to 1, and what is lacking, are errors", {
  expect_snapshot(error = TRUE, {
    as_correlations(transform(found(), r = c(0.5, -1.01)))
    as_correlations(transform(found(), n = 0))
    as_correlations(found()[-2])
    as_correlations(rbind(found(cohort = "A"), found(cohort = "A")))
    comparisons(as_correlations(found()))
  })
})
