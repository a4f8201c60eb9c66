# The variance of a brought estimate, from whatever says how sure it is.

variance_of <- function(..., V = NULL, level = 0.95, given = character()) {
  values <- list(...)
  if (is.null(values$study)) values$study <- letters[seq_along(values$yi)]
  estimate_variance(values, V, level, given)$vi
}

test_that("a variance is itself, and a standard error its root", {
  expect_identical(variance_of(yi = c(1, 2), vi = c(0.04, NA)), c(0.04, NA))
  expect_identical(variance_of(yi = c(1, 2), sei = c(0.2, 0)), c(0.2^2, 0))
})

test_that("an interval has its level's width", {
  for (level in c(0.9, 0.95)) {
    half <- qnorm((1 + level) / 2) * 0.3
    expect_equal(
      variance_of(yi = 1, lower = 1 - half, upper = 1 + half, level = level), 0.09
    )
  }
})

test_that("a p value gives the standard error of its two-sided z test", {
  yi <- c(0.5, -1.2)
  sei <- c(0.2, 0.9)
  p <- 2 * pnorm(-abs(yi / sei))
  expect_equal(variance_of(yi = yi, p = p), sei^2)
  for (value in c(0, 1)) {
    expect_error(variance_of(yi = 1, p = value), class = "mv_error_variance")
  }
  expect_error(variance_of(yi = 1, p = 0), "give the bound", fixed = TRUE)
  expect_error(variance_of(yi = 1, p = 1.2), "between 0 and 1", fixed = TRUE)
  expect_error(variance_of(yi = 0, p = 0.4), "has a `p` of 1", fixed = TRUE)
  expect_identical(variance_of(yi = c(0, 1), p = c(NA, NA)), c(NA_real_, NA_real_))
})

test_that("the first kind that is there serves, unless one is asked for", {
  expect_identical(variance_of(yi = 1, vi = 0.04, sei = 0.2, p = 0.9), 0.04)
  expect_identical(variance_of(yi = 1, vi = 0.5, sei = 0.2, given = "sei"), 0.2^2)
  expect_error(
    variance_of(yi = 1, vi = 0.04, p = 0.9, given = c("vi", "p")),
    class = "mv_error_variance"
  )
  expect_error(variance_of(yi = 1), class = "mv_error_absent")
  expect_error(variance_of(yi = 1, lower = 0), class = "mv_error_absent")
  expect_error(
    variance_of(yi = 1, vi = 1, lower = 0, given = "lower"), "both", fixed = TRUE
  )
  expect_error(estimate_variance(list(vi = 1), NULL, 0.95, character()),
    class = "mv_error_absent"
  )
})

test_that("a variance and a standard error must agree to about a percent", {
  expect_identical(
    variance_of(yi = 1, vi = 0.0404, sei = 0.2, given = c("vi", "sei")), 0.0404
  )
  expect_error(
    variance_of(yi = c(1, 2), vi = c(0.04, 0.05), sei = c(0.2, 0.2)), "row 2",
    fixed = TRUE
  )
})

test_that("numbers that are no uncertainty name their rows", {
  fails <- \(..., what) expect_error(variance_of(yi = c(1, 2), ...), what, fixed = TRUE)
  fails(vi = c(1, -1), what = "row 2")
  fails(vi = c(Inf, 1), what = "row 1")
  fails(sei = c(1, -1), what = "a standard error")
  fails(lower = c(0, 3), upper = c(2, 1), what = "is above")
  fails(lower = c(0, -Inf), upper = c(2, 3), what = "finite")
  fails(sei = c(1, 1e200), what = "too large")
  fails(sei = c(1, 1e-200), what = "too small")
  expect_error(variance_of(yi = c(1, Inf), vi = c(1, 1)), "finite", fixed = TRUE)
})

test_that("an estimate off the middle of its interval is told beyond its rounding", {
  off <- \(yi, lower, upper) {
    tryCatch({
      warn_off_middle(yi, lower, upper, "a")
      FALSE
    }, mv_warning_interval = \(w) TRUE)
  }
  expect_false(off(1.2, 0.9, 1.5))
  # half a unit for the estimate and half for the middle
  expect_false(off(1.2, 0.9, 1.6))
  expect_false(off(1.2, 0.9, 1.7))
  expect_true(off(1.2, 0.9, 1.8))
  # the coarsest of the three counts
  expect_false(off(1.2, 0.92, 1.53))
  expect_true(off(1.21, 0.92, 1.53))
  # a ratio as it stands
  expect_true(off(2.5, 1.2, 4.9))
})

test_that("the last decimal of a number is found, up to six", {
  expect_identical(
    last_decimal(c(3, 0.5, 12.25, 1e5 + 0.001, NA, 1 / 3)),
    c(1, 0.1, 0.01, 0.001, 1, 1e-6)
  )
})

test_that("estimates beyond the ends of their measure are errors", {
  range <- \(yi, measure) check_measure_range(yi, measure, "a", rlang::caller_env())
  expect_error(range(1.01, "COR"), class = "mv_error_number")
  expect_error(range(-0.1, "PR"), "from 0 to 1", fixed = TRUE)
  expect_error(range(-1.5, "RD"), class = "mv_error_number")
  for (measure in c("COR", "RD", "PR")) expect_no_error(range(c(0, 1, NA), measure))
  expect_no_error(range(9, "SMD"))
})

test_that("a brought matrix must be a covariance with these variances", {
  V <- matrix(c(0.04, 0.01, 0.01, 0.09), 2)
  expect_identical(variance_of(yi = 1:2, V = V), c(0.04, 0.09))
  expect_identical(
    variance_of(yi = 1:2, vi = c(0.04, 0.09), V = V, given = "vi"), c(0.04, 0.09)
  )
  fails <- \(V, ...) {
    expect_error(variance_of(yi = 1:2, V = V, ...), class = "mv_error_matrix")
  }
  fails(V, vi = c(0.04, 0.08), given = "vi")
  fails(diag(3))
  fails("V")
  fails(replace(V, 2, 0.02))
  fails(replace(V, 2:3, 0.07))
  expect_error(variance_of(yi = 1:2, V = diag(c(1, -1))), class = "mv_error_variance")
  # each pair is in its range, all three together are not
  three <- diag(3)
  three[upper.tri(three)] <- c(0.9, 0.9, -0.9)
  three[lower.tri(three)] <- t(three)[lower.tri(three)]
  expect_error(check_matrix(three, 3, rlang::caller_env()), "several rows together")
  # of rank 1: rounding is no fault
  expect_no_error(check_matrix(tcrossprod(c(0.1, 0.2, 0.3)), 3, rlang::caller_env()))
})
