# Two groups as they are, so that every statistic is the test's own.
two_groups <- function(n_t = 9, n_c = 6, seed = 5) {
  set.seed(seed)
  list(t = rnorm(n_t, 3), c = rnorm(n_c, 5))
}

pairs_of_groups <- function(x) {
  as_comparisons(data.frame(
    study = "a", n_t = length(x$t), mean_t = mean(x$t), error_t = sd(x$t),
    n_c = length(x$c), mean_c = mean(x$c), error_c = sd(x$c)
  ), error_type = "sd")
}

# ---- truth: the test of real data gives the effect of the data ------------------------

test_that("t, F, p and d give the effect that means and SDs give, in each form", {
  x <- two_groups()
  test <- t.test(x$t, x$c, var.equal = TRUE)
  t <- unname(test$statistic)
  for (form in forms_of_tests) {
    direct <- effect_sizes(pairs_of_groups(x), "SMD", form)
    found <- convert_test(9, 6,
      t = c(t, NA, NA, NA, -t), f = c(NA, t^2, NA, NA, NA),
      p = c(NA, NA, test$p.value, NA, NA), d = c(NA, NA, NA, t * sqrt(1 / 9 + 1 / 6), NA),
      direction = c(NA, -1, -2.2, NA, -1), variance = form
    )
    expect_equal(found$yi, rep(direct$yi, 5), tolerance = 1e-11)
    expect_equal(found$vi, rep(direct$vi, 5), tolerance = 1e-11)
  }
})

test_that("correct = FALSE gives d", {
  found <- convert_test(8, 8, t = 2, correct = FALSE)
  expect_equal(c(found$yi, found$vi), c(1, 0.25 + 1 / 32), tolerance = 1e-14)
})

test_that("the pooled SD comes back from t, F, p, SE and interval", {
  x <- two_groups()
  test <- t.test(x$t, x$c, var.equal = TRUE)
  t <- unname(test$statistic)
  pooled <- sqrt((8 * var(x$t) + 5 * var(x$c)) / 13)
  na <- rep(NA, 5)
  found <- convert_pooled_sd(mean(x$t) - mean(x$c), 9, 6,
    t = replace(na, 1, t), f = replace(na, 2, t^2), p = replace(na, 3, test$p.value),
    se = replace(na, 4, test$stderr), lower = replace(na, 5, test$conf.int[1]),
    upper = replace(na, 5, test$conf.int[2])
  )
  expect_equal(found$sd, rep(pooled, 5), tolerance = 1e-11)
  expect_equal(found$se, rep(test$stderr, 5), tolerance = 1e-11)
  signs <- convert_pooled_sd(c(2, -2), 9, 6, t = c(-3, 3))$sd
  expect_identical(signs[1], signs[2])
})

test_that("the correlation comes back from its test", {
  x <- mtcars[1:20, ]
  test <- cor.test(x$mpg, x$qsec)
  r <- unname(test$estimate)
  t <- unname(test$statistic)
  found <- convert_cor(20, t = c(t, NA, NA, NA), f = c(NA, t^2, NA, NA),
    p = c(NA, NA, test$p.value, NA), r = c(NA, NA, NA, r), direction = c(NA, 1, 1, NA)
  )
  expect_equal(found$r, rep(r, 4), tolerance = 1e-12)
  expect_equal(found$yi, rep(atanh(r), 4), tolerance = 1e-12)
  expect_equal(found$vi, rep(1 / 17, 4))
  cor <- convert_cor(20, r = r, measure = "COR")
  expect_equal(c(cor$yi, cor$vi), c(r, (1 - r^2)^2 / 19), tolerance = 1e-14)
})

test_that("chi-squared is the square of phi", {
  table <- matrix(c(9, 3, 4, 8), 2)
  chi2 <- unname(suppressWarnings(chisq.test(table, correct = FALSE)$statistic))
  phi <- (9 * 8 - 3 * 4) / sqrt(12 * 12 * 13 * 11)
  expect_equal(convert_cor(24, chi2 = chi2, direction = 1)$r, phi, tolerance = 1e-13)
})

test_that("a standard error comes back from interval, one end, statistic and p", {
  se <- 0.4
  na <- rep(NA, 4)
  for (df in c(4, 30, Inf)) {
    half <- qt(0.975, df) * se
    found <- convert_se(1.1, statistic = replace(na, 1, 1.1 / se),
      p = replace(na, 2, 2 * pt(-1.1 / se, df)), lower = c(NA, NA, 1.1 - half, NA),
      upper = c(NA, NA, 1.1 + half, 1.1 + half), df = df
    )
    expect_equal(found$se, rep(se, 4), tolerance = 1e-12)
  }
  expect_equal(convert_se(lower = 0, upper = 2, level = 0.9)$se, 1 / qnorm(0.95))
})

# ---- pinned --------------------------------------------------------------------------

test_that("SMD from t, p and d agree with escalc() to 1e-12", {
  skip_if_not_installed("metafor", "4.0")
  set.seed(11)
  n_t <- sample(2:30, 200, TRUE)
  n_c <- sample(3:30, 200, TRUE)
  t <- rnorm(200, 0, 2)
  p <- runif(200, 1e-6, 0.999)
  for (form in c("LS", "LS2", "UB")) {
    # escalc() warns of large effects
    by <- \(...) suppressWarnings(
      metafor::escalc("SMD", ..., n1i = n_t, n2i = n_c, vtype = form)
    )
    ours <- \(...) convert_test(n_t, n_c, ..., variance = form)
    agree <- \(a, b) {
      expect_equal(a$yi, as.vector(b$yi), tolerance = 1e-12)
      expect_equal(a$vi, b$vi, tolerance = 1e-12)
    }
    agree(ours(t = t), by(ti = t))
    agree(ours(d = t), by(di = t))
    agree(ours(p = p, direction = t), by(pi = p * sign(t)))
  }
})

test_that("pinned: metafor 5.2-1, escalc(\"SMD\", ti = c(-2.3, 2.1), ...)", {
  # n1i = c(6, 9), n2i = c(8, 5), vtype = "LS"
  found <- convert_test(c(6, 9), c(8, 5), t = c(-2.3, 2.1))
  expect_equal(found$yi, c(-1.1625726170849728, 1.0962911545421952), tolerance = 1e-13)
  expect_equal(found$vi, c(0.33993720559508817, 0.35403447880852035), tolerance = 1e-13)
})

test_that("correlations from t and p agree with escalc() to 1e-12", {
  skip_if_not_installed("metafor", "4.0")
  set.seed(12)
  n <- sample(5:40, 100, TRUE)
  t <- rnorm(100, 0, 2)
  p <- runif(100, 1e-5, 0.99)
  for (measure in c("COR", "ZCOR")) {
    by <- \(...) metafor::escalc(measure, ..., ni = n)
    agree <- \(a, b) {
      expect_equal(a$yi, as.vector(b$yi), tolerance = 1e-12)
      expect_equal(a$vi, b$vi, tolerance = 1e-12)
    }
    agree(convert_cor(n, t = t, measure = measure), by(ti = t))
    agree(convert_cor(n, p = p, direction = t, measure = measure), by(pi = p * sign(t)))
  }
})

test_that("standard errors agree with conv.wald() to 1e-12", {
  skip_if_not_installed("metafor", "4.0")
  y <- c(0.3, -0.5, 1.2)
  half <- c(0.2, 0.3, 0.4)
  theirs <- metafor::conv.wald(out = y, ci.lb = y - half, ci.ub = y + half)
  ours <- convert_se(y, lower = y - half, upper = y + half)
  expect_equal(ours$se^2, as.vector(theirs$vi), tolerance = 1e-12)
  theirs <- metafor::conv.wald(out = y, pval = c(0.04, 0.3, 1e-8))
  expect_equal(convert_se(y, p = c(0.04, 0.3, 1e-8))$se^2, as.vector(theirs$vi),
    tolerance = 1e-12
  )
})

# ---- words ---------------------------------------------------------------------------

test_that("bad rows of a test say why", {
  expect_snapshot({
    bad <- convert_test(n_t = c(8, 8, 8, 8, 8, 1, 0, 2), n_c = c(8, 8, 8, 8, 8, 2, 8, 1),
      t = c(NA, NA, NA, NA, NA, 2, 2, 2), f = c(NA, NA, NA, 4, -4, NA, NA, NA),
      p = c(0, 1, 1.5, NA, NA, NA, NA, NA), direction = c(1, 1, 1, NA, 1, 1, 1, 1)
    )
  })
  expect_identical(bad$yi, rep(NA_real_, 8))
  expect_identical(bad$vi, rep(NA_real_, 8))
})

test_that("bad rows of a correlation say why", {
  expect_snapshot(
    bad <- convert_cor(n = c(10, 10, 3, 10, 10), r = c(1.2, 1, 0.4, NA, NA),
      p = c(NA, NA, NA, 0.03, NA), chi2 = c(NA, NA, NA, NA, 12), direction = NA
    )
  )
  expect_identical(bad$yi, rep(NA_real_, 5))
  expect_identical(convert_cor(10, r = 1, measure = "COR")$vi, 0)
})

test_that("bad intervals and tests of nothing say why", {
  expect_snapshot({
    bad <- convert_se(estimate = c(1, 3, 0, 2, 2, NA), lower = c(2, 0, NA, NA, NA, NA),
      upper = c(0, 2, NA, NA, NA, NA), p = c(NA, NA, 0.5, 0, NA, 0.04),
      df = c(5, 5, 5, 5, 0, 5)
    )
    none <- convert_pooled_sd(c(0, 2, 2, 2), 6, 6, t = c(2, 0, NA, NA),
      lower = c(NA, NA, 4, NA), upper = c(NA, NA, 1, NA), p = c(NA, NA, NA, 1)
    )
  })
  expect_identical(bad$se, rep(NA_real_, 6))
  expect_identical(none$sd, rep(NA_real_, 4))
  expect_warning(convert_se(lower = 0, upper = 1, level = 95), "level is outside")
})

test_that("a wrong form of the variance is told", {
  expect_snapshot(error = TRUE, convert_test(8, 8, t = 2, variance = "LS4"))
})
