statistics <- function(a, n_t, b, n_c) {
  p <- a / n_t
  q <- b / n_c
  phi <- (a * (n_c - b) - b * (n_t - a)) /
    sqrt(n_t * n_c * (a + b) * (n_t + n_c - a - b))
  list(or = p / (1 - p) / (q / (1 - q)), rr = p / q, rd = p - q, phi = phi)
}

test_that("every table comes back from each of its statistics", {
  set.seed(8)
  n_t <- sample(3:25, 300, TRUE)
  n_c <- sample(3:25, 300, TRUE)
  a <- pmin(n_t - 1, 1 + rbinom(300, n_t - 1, runif(300)))
  b <- pmin(n_c - 1, 1 + rbinom(300, n_c - 1, runif(300)))
  known <- statistics(a, n_t, b, n_c)
  for (name in names(known)) {
    margins <- list(n_t = n_t, n_c = n_c, events = a + b)
    found <- do.call(convert_table, c(margins, known[name]))
    expect_equal(found$computed, a, tolerance = 1e-9)
    expect_identical(found$events_t, as.double(a))
    expect_identical(found$events_c, as.double(b))
    if (name == "phi") next
    margins <- list(n_t = n_t, n_c = n_c, events_c = b)
    found <- do.call(convert_table, c(margins, known[name]))
    expect_identical(found$events_t, as.double(a))
  }
  chi2 <- (n_t + n_c) * known$phi^2 * sign(known$phi)
  found <- convert_table(n_t, n_c, a + b, chi2 = chi2, yates = FALSE)
  same <- known$phi != 0
  expect_identical(found$events_t[same], as.double(a[same]))
})

test_that("chi-squared with Yates' correction, as chisq.test() gives it", {
  table <- matrix(c(28, 14, 12, 18), 2, byrow = TRUE)
  chi2 <- unname(chisq.test(table)$statistic)
  found <- convert_table(42, 30, 40, chi2 = chi2)
  expect_identical(c(found$events_t, found$events_c), c(28, 12))
})

test_that("a corrected chi-squared of 0 is the nearest whole count", {
  n_t <- c(55, 9, 11, 5, 20)
  a <- c(40, 2, 3, 2, 9)
  n_c <- c(35, 75, 11, 3, 22)
  b <- c(25, 19, 3, 1, 10)
  tables <- Map(\(...) matrix(c(...), 2), a, n_t - a, b, n_c - b)
  zero <- vapply(tables, \(x) suppressWarnings(chisq.test(x)$statistic), 0)
  expect_lt(max(zero), 1e-12)
  found <- convert_table(n_t, n_c, a + b, chi2 = 0)
  expect_identical(found$events_t, a)
  expect_identical(found$events_c, b)
  expect_equal(found$computed, n_t * (a + b) / (n_t + n_c))
})

test_that("it agrees with metafor's conv.2x2()", {
  skip_if_not_installed("metafor", "4.0")
  set.seed(9)
  n_t <- sample(5:40, 200, TRUE)
  n_c <- sample(5:40, 200, TRUE)
  events <- pmin(n_t + n_c - 1, 1 + rbinom(200, n_t + n_c, 0.4))
  or <- exp(rnorm(200))
  theirs <- metafor::conv.2x2(ori = or, ni = n_t + n_c, n1i = n_t, n2i = events)
  ours <- convert_table(n_t, n_c, events, or = or)
  expect_equal(ours$events_t, theirs$ai)
  expect_equal(ours$n_t - ours$events_t, theirs$bi)
  expect_equal(ours$events_c, theirs$ci)
})

test_that("it agrees with conv.2x2() in the tables of published trials", {
  skip_if_not_installed("metafor", "4.0")
  skip_if_not_installed("metadat")
  # without the ninth: chi-squared 0, and 6.5 events expected, where theirs gives 6 for 7
  x <- metadat::dat.landenberger2005[-9, ]
  # whole numbers of R overflow in the product of margins
  x <- as.data.frame(lapply(x[c("n.cbt.rec", "n.cbt.non", "n.ctrl.rec", "n.ctrl.non")],
    as.double
  ))
  n_t <- x$n.cbt.rec + x$n.cbt.non
  n_c <- x$n.ctrl.rec + x$n.ctrl.non
  events <- x$n.cbt.rec + x$n.ctrl.rec
  known <- statistics(x$n.cbt.rec, n_t, x$n.ctrl.rec, n_c)
  two_by_two <- function(...) {
    metafor::conv.2x2(..., ni = n_t + n_c, n1i = n_t, n2i = events)$ai
  }
  ours <- convert_table(n_t, n_c, events, phi = known$phi)
  expect_equal(ours$events_t, two_by_two(ri = known$phi))
  for (yates in c(TRUE, FALSE)) {
    tables <- Map(
      \(...) matrix(c(...), 2), x$n.cbt.rec, x$n.cbt.non, x$n.ctrl.rec, x$n.ctrl.non
    )
    chi2 <- vapply(tables, \(x) {
      suppressWarnings(chisq.test(x, correct = yates)$statistic)
    }, 0) * sign(known$phi)
    ours <- convert_table(n_t, n_c, events, chi2 = chi2, yates = yates)
    expect_equal(ours$events_t, two_by_two(x2i = chi2, correct = yates))
    expect_equal(ours$events_t, x$n.cbt.rec)
  }
})

test_that("impossible margins and statistics say why", {
  expect_snapshot({
    bad <- convert_table(n_t = c(10, 10, 10, 10, 10, 0, 10, 10), n_c = 8,
      events = c(19, 0, 18, 9, 5, 5, 9, 9), or = c(2, 2, 2, -1, NA, 1, NA, Inf),
      rd = c(NA, NA, NA, NA, 0.99, NA, 1.2, NA)
    )
    unsigned <- convert_table(9, 9, 9, chi2 = 0)
    control <- convert_table(10, 8, events_c = c(9, 4), rr = c(1, 3))
  })
  expect_identical(bad$events_t, rep(NA_real_, 8))
  expect_identical(unsigned$events_t, NA_real_)
  expect_identical(control$events_t, c(NA_real_, NA_real_))
})
