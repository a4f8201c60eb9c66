test_that("a variance, a standard error and an interval give the same table", {
  yi <- c(0.2, 0.5)
  vi <- c(0.04, 0.09)
  half <- qnorm(0.975) * sqrt(vi)
  by_vi <- as_effects(yi = yi, vi = vi)
  by_se <- as_effects(yi = yi, sei = sqrt(vi))
  by_ends <- as_effects(yi = yi, lower = yi - half, upper = yi + half)
  expect_equal(by_se$vi, vi)
  expect_equal(by_ends$vi, vi)
  expect_identical(by_vi$pooled, by_se$pooled)
  half <- qnorm(0.9) * sqrt(vi)
  expect_equal(
    as_effects(yi = yi, lower = yi - half, upper = yi + half, level = 0.8)$vi, vi
  )
})

test_that("a table with yi and vi needs no arguments, and keeps all its columns", {
  x <- data.frame(study = factor(c("B", "A")), yi = 1:2, vi = 3:4, dose = c(1, 10))
  es <- as_effects(x)
  expect_s3_class(es, "mv_effects")
  expect_identical(es$study, c("B", "A"))
  expect_equal(es$dose, c(1, 10))
  expect_equal(es$computed_from, rep("estimate", 2))
  expect_equal(es$measure, rep("GEN", 2))
  expect_identical(as_effects(es), es)
  renamed <- data.frame(est = 1:2, se = 3:4)
  es <- as_effects(renamed, yi = est, sei = se, year = c(2001, 2002))
  expect_equal(es$vi, c(9, 16))
  expect_equal(es$est, 1:2)
  expect_equal(es$year, c(2001, 2002))
})

test_that("a table that lost only its class is known again", {
  es <- as_effects(yi = c(0.1, 0.2), vi = 1, measure = "ROM", study = c("A", "B"))
  plain <- as.data.frame(es)
  expect_false(inherits(plain, "mv_effects"))
  expect_equal(as_effects(plain)$measure, c("ROM", "ROM"))
})

test_that("an escalc object brings its columns, measure and labels", {
  skip_if_not_installed("metafor", "5.0.0")
  skip_if_not_installed("metadat")
  x <- metafor::escalc("SMD", # it finds some of these effects unusually large
    n1i = n1i, m1i = m1i, sd1i = sd1i, n2i = n2i, m2i = m2i, sd2i = sd2i,
    data = metadat::dat.normand1999, slab = source, var.names = c("g", "vg")
  ) |> suppressWarnings()
  es <- as_effects(x)
  expect_equal(es$yi, as.vector(x$g))
  expect_equal(es$vi, as.vector(x$vg))
  expect_identical(es$measure[1], "SMD")
  expect_equal(es$study, metadat::dat.normand1999$study)
  x$study <- NULL
  expect_identical(as_effects(x)$study[1], "Edinburgh")
})

test_that("a missing estimate or variance keeps its row, with a reason", {
  es <- as_effects(yi = c(1, NA, 3), vi = c(1, 1, NA))
  expect_equal(es$pooled, c(TRUE, FALSE, FALSE))
  expect_equal(es$reason, c(NA, "the estimate is missing", "its variance is missing"))
  expect_true(as_effects(yi = 1, vi = 0)$pooled)
})

test_that("an estimate off the middle of its interval is named, a rounded one is not", {
  expect_no_warning(as_effects(yi = 1.38, lower = 1.16, upper = 1.61))
  expect_no_warning(as_effects(yi = 2, lower = 1.5, upper = 2.4))
  expect_snapshot(es <- as_effects(
    yi = c(1.2, 1.5), lower = c(0.9, 1.1), upper = c(1.5, 2.6), study = c("A", "B")
  ))
  expect_equal(es$vi[2], (1.5 / (2 * qnorm(0.975)))^2)
})

test_that("tables of text, tibbles, no rows, many rows", {
  es <- as_effects(data.frame(yi = c("1", "2"), vi = c("0.1", "0.2")))
  expect_equal(es$vi, c(0.1, 0.2))
  expect_equal(nrow(as_effects(data.frame(yi = double(), vi = double()))), 0)
  big <- as_effects(data.frame(yi = double(1e6), vi = 1, study = seq_len(1e6)))
  expect_type(big$study, "integer")
  skip_if_not_installed("tibble")
  expect_equal(nrow(as_effects(tibble::tibble(yi = 1:2, vi = 1))), 2)
})

test_that("a table that loses yi or vi loses its class", {
  es <- as_effects(yi = 1:2, vi = 1)
  expect_s3_class(es[1, ], "mv_effects")
  expect_false(inherits(es["yi"], "mv_effects"))
  es$vi <- NULL
  expect_false(inherits(es, "mv_effects"))
})

test_that("bad input is answered by a sentence that says where and what to do", {
  x <- data.frame(study = c("Chen", "Li"), est = c(1, 2), se = c(0.1, 0.2))
  expect_snapshot(error = TRUE, {
    as_effects(x)
    as_effects(x, yi = est)
    as_effects(x, yi = ets, sei = se)
    as_effects(x, yi = est, vi = c(-1, 2))
    as_effects(x, yi = est, vi = c(Inf, 2))
    as_effects(x, yi = est, sei = -se)
    as_effects(x, yi = c(Inf, 1), sei = se)
    as_effects(x, yi = est, sei = se, vi = c(1, 0.04))
    as_effects(x, yi = est, lower = est + 1, upper = est - 1)
    as_effects(x, yi = est, lower = est - 1)
    as_effects(x, yi = est, sei = se, lower = est - 1, upper = est + 1)
    as_effects(x, yi = est, vi = "6-8")
    as_effects(x, yi = est, sei = se, measure = 1)
    as_effects(yi = 1:3, vi = 1:2)
    as_effects(1:3)
  })
})

test_that("a correlation, risk or difference of risks outside its range is an error", {
  expect_snapshot(error = TRUE, as_effects(
    data.frame(study = c("Chen", "Li"), yi = c(0.3, 1.2), vi = 0.1), measure = "COR"
  ))
  for (measure in c("COR", "RD")) {
    expect_identical(as_effects(yi = c(-1, 1, NA), vi = 1, measure = measure)$yi[2], 1)
    expect_error(as_effects(yi = -1.01, vi = 1, measure = measure), "from -1 to 1",
      class = "mv_error_number"
    )
  }
  expect_error(as_effects(yi = -0.1, vi = 1, measure = "PR"), class = "mv_error_number")
  expect_identical(as_effects(yi = 1.2, vi = 1, measure = "ZCOR")$yi, 1.2)
})

test_that("a matrix that is none of these estimates is refused", {
  expect_snapshot(error = TRUE, {
    as_effects(yi = 1:2, V = diag(3))
    as_effects(yi = 1:2, V = matrix(c(1, 0.5, 0.2, 1), 2))
    as_effects(yi = 1:2, V = matrix(c(1, 2, 2, 1), 2))
    as_effects(yi = 1:2, vi = 1:2, V = diag(2))
    as_effects(yi = 1:3, V = matrix(c(1, .9, -.9, .9, 1, .9, -.9, .9, 1), 3))
    as_effects(yi = 1:2, V = diag(c(-1, 1)))
  })
})

test_that("columns of the user with our names are kept under others", {
  expect_message(es <- as_effects(data.frame(yi = 1, vi = 1, measure = "scale")),
    "measure_input"
  )
  expect_equal(es$measure_input, "scale")
})

test_that("a p value gives the standard error, by hand", {
  found <- as_effects(yi = c(0.8, -0.8), p = c(0.05, 0.001))
  expect_equal(sqrt(found$vi), 0.8 / c(qnorm(0.975), qnorm(0.9995)))
  expect_equal(sign(found$yi), c(1, -1))
  expect_identical(as_effects(data.frame(yi = 1, vi = 2, p = 0.5))$vi, 2)
  asked <- as_effects(data.frame(yi = 1, vi = 2, p = 0.05), p = p)
  expect_equal(asked$vi, qnorm(0.975)^-2)
  expect_identical(as_effects(yi = c(1, 1), p = c(NA, 0.1))$pooled, c(FALSE, TRUE))
})

test_that("a p value that gives no standard error stops", {
  expect_snapshot(error = TRUE, {
    as_effects(yi = c(0.8, 0.4), p = c(0.05, 0))
    as_effects(yi = c(0.8, 0.4), p = c(1, 0.2))
    as_effects(yi = 0.8, p = 1.2)
    as_effects(yi = 0, p = 0.3)
    as_effects(yi = 0.8, p = 0.3, sei = 0.2)
  })
})

test_that("a variance that is too large for a number is an error", {
  expect_error(as_effects(yi = 1, sei = 1e200), "too large", class = "mv_error_variance")
  expect_error(as_effects(yi = 1e200, p = 0.5), "too large", class = "mv_error_variance")
  expect_error(as_hazard_ratios(o_minus_e = 1, v = 5e-324), "too large",
    class = "mv_error_variance"
  )
})

test_that("a function that was taken for a vector is an error that names it", {
  expect_error(as_effects(yi = mean, vi = 1:2), "`yi` must be one column",
    class = "mv_error_type"
  )
  expect_error(as_effects(yi = 1:2, vi = quote(var)), "`vi` must be one column",
    class = "mv_error_type"
  )
  expect_error(as_hazard_ratios(o_minus_e = 1, v = var), "`v` must be one column",
    class = "mv_error_type"
  )
})

test_that("a variance that is too small for a number is an error", {
  small <- function(...) {
    expect_error(as_effects(...), "too small for a number in row 1",
      class = "mv_error_variance"
    )
  }
  small(yi = 1:2, sei = c(1e-200, 1))
  small(yi = c(1e-200, 1), p = c(0.5, 0.1))
  small(yi = c(0, 1), lower = c(-1e-200, 0), upper = c(1e-200, 2))
  expect_identical(as_effects(yi = 1:2, sei = c(0, 1))$vi, c(0, 1))
})
