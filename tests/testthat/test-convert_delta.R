by_name <- list(
  log = log, exp = exp, sqrt = sqrt, square = \(x) x^2, inverse = \(x) 1 / x,
  logit = stats::qlogis, expit = stats::plogis, arcsine = \(x) asin(sqrt(x)),
  atanh = atanh, tanh = tanh
)

test_that("numerical derivatives have the digits that the help page says", {
  expect_setequal(named_functions(), names(by_name))
  y <- c(0.02, 0.3, 0.5, 0.93)
  for (name in names(by_name)) {
    exact <- convert_delta(y, 0.01, name, order = 1)
    numeric <- convert_delta(y, 0.01, by_name[[name]], order = 1)
    expect_identical(numeric$problem, rep(NA_character_, 4))
    expect_equal(numeric$yi, exact$yi, tolerance = 1e-13)
    expect_equal(numeric$vi, exact$vi, tolerance = 1e-10)
    exact <- convert_delta(y, 0.01, name, order = 2)
    numeric <- convert_delta(y, 0.01, by_name[[name]], order = 2)
    expect_equal(numeric$yi, exact$yi, tolerance = 1e-8)
    expect_equal(numeric$vi, exact$vi, tolerance = 1e-8)
  }
})

test_that("by hand: the square of a normal, exactly, and 100 (exp(y) - 1)", {
  second <- convert_delta(c(0, 3), c(2, 0.5), "square", order = 2)
  expect_equal(second$yi, c(2, 9.5))
  expect_equal(second$vi, c(8, 36 * 0.5 + 0.5), tolerance = 1e-14)
  percent <- convert_delta(-0.4, 0.02, \(x) 100 * expm1(x))
  expect_equal(percent$yi, 100 * expm1(-0.4))
  expect_equal(percent$vi, (100 * exp(-0.4))^2 * 0.02, tolerance = 1e-12)
})

test_that("estimates at or near 0 keep their digits", {
  found <- convert_delta(c(0, 1e-12, -1e-7), 0.04, sin)
  expect_equal(found$vi, 0.04 * cos(c(0, 1e-12, -1e-7))^2, tolerance = 1e-11)
  expect_equal(convert_delta(0, 0, exp)$yi, 1)
})

test_that("the second order is nearer to the truth than the first", {
  first <- convert_delta(1, 0.09, "exp")
  second <- convert_delta(1, 0.09, "exp", order = 2)
  truth <- convert_log(1, 0.3, from = "log")
  expect_lt(abs(second$yi - truth$mean), 0.05 * abs(first$yi - truth$mean))
  expect_lt(abs(second$vi - truth$sd^2), abs(first$vi - truth$sd^2))
})

test_that("it agrees with metafor's conv.delta() to the digits of numDeriv", {
  skip_if_not_installed("metafor", "4.6")
  skip_if_not_installed("numDeriv")
  y <- c(0.2, 1.5, 4)
  v <- c(0.1, 0.2, 0.3)
  theirs <- metafor::conv.delta(yi = y, vi = v, transf = sqrt)
  for (f in list("sqrt", sqrt)) {
    ours <- convert_delta(y, v, f)
    expect_equal(ours$yi, as.vector(theirs$yi), tolerance = 1e-12)
    expect_equal(ours$vi, theirs$vi, tolerance = 1e-9)
  }
})

test_that("what cannot be transformed says why", {
  expect_snapshot({
    bad <- convert_delta(c(0, -1, 2, 2), c(1, 1, -1, NA), "log")
    undefined <- convert_delta(c(-2, 2), 0.1, log)
    vast <- convert_delta(800, 1, exp)
  })
  expect_identical(bad$yi, rep(NA_real_, 4))
  expect_identical(is.na(undefined$yi), c(TRUE, FALSE))
  expect_identical(undefined$problem[1], flaw_words[["outside_domain"]])
  expect_identical(vast$vi, NA_real_)
  expect_snapshot(error = TRUE, {
    convert_delta(1, 1, "lg")
    convert_delta(1:2, 1, sum)
    convert_delta(1, 1, "log", order = 3)
  })
})

test_that("a function is not asked about estimates that are missing", {
  found <- convert_delta(c(NA, 2), 0.1, sqrt)
  expect_identical(found$yi, c(NA, sqrt(2)))
  expect_identical(found$problem, c(flaw_words[["number_missing"]], NA))
  for (order in list("1", 3, c(1, 2), list(1), sum, 1i, NA)) {
    expect_error(convert_delta(1, 1, "log", order), class = "mv_error_choice")
  }
})
