# ---- truth ---------------------------------------------------------------------------

test_that("up to three animals with their range are exact, of four the mean is", {
  set.seed(1)
  for (n in 2:4) {
    x <- matrix(rexp(20 * n), 20)
    found <- convert_median(n, apply(x, 1, median), min = apply(x, 1, min),
      max = apply(x, 1, max)
    )
    expect_equal(found$mean, rowMeans(x), tolerance = 1e-13)
    expect_true(all(found$small))
    expect_identical(found$skewed, rep(NA, 20))
    if (n == 4) next
    expect_equal(found$sd, apply(x, 1, sd), tolerance = 1e-13)
    expect_identical(found$from, rep("every animal", 20))
  }
})

test_that("n = 100, quartiles: by hand", {
  found <- convert_median(100, 10, q1 = 8, q3 = 13)
  w <- 0.7 + 0.39 / 100
  expect_equal(found$mean, w * 10.5 + (1 - w) * 10, tolerance = 1e-14)
  expect_equal(found$sd, 5 / (2 * qnorm(74.875 / 100.25)), tolerance = 1e-13)
})

# ---- property ------------------------------------------------------------------------

test_that("mean and SD follow a change of unit", {
  five <- list(n = c(3, 6, 20), median = c(4, 5, 6), q1 = c(3, 4, 4), q3 = c(6, 6, 9),
    min = c(1, NA, 0), max = c(8, NA, 12)
  )
  one <- do.call(convert_median, five)
  other <- do.call(convert_median, c(five[1], lapply(five[-1], \(x) 100 + 12 * x)))
  expect_equal(other$mean, 100 + 12 * one$mean, tolerance = 1e-13)
  expect_equal(other$sd, 12 * one$sd, tolerance = 1e-12)
  expect_identical(other[3:7], one[3:7])
})

test_that("normal data give their mean and SD back, with quartiles told right", {
  set.seed(41)
  for (type in c(inclusive = 7, exclusive = 6)) {
    x <- matrix(rnorm(4000 * 7), ncol = 7)
    quartile <- \(p) apply(x, 1, quantile, p, type = type)
    told <- if (type == 7) "inclusive" else "exclusive"
    found <- suppressWarnings(
      convert_median(7, apply(x, 1, median), quartile(0.25), quartile(0.75),
        quartiles = told
      ), "mv_warning_skewed"
    )
    expect_lt(abs(mean(found$mean)), 0.03)
    expect_lt(abs(mean(found$sd) - 1), 0.05)
    # as precise as it says, or a little better
    expect_gt(1 / var(found$mean) / found$n_mean[1], 0.95)
    expect_lt(1 / var(found$mean) / found$n_mean[1], 1.15)
  }
})

test_that("what is worth less than n animals is never worth more", {
  n <- rep(c(2:40, 2.5, 3.5), each = 3)
  each <- \(x) rep_len(x, length(n))
  found <- convert_median(n, 5, q1 = each(c(NA, 4, 4)), q3 = each(c(NA, 7, 7)),
    min = each(c(1, NA, 1)), max = each(c(9, NA, 9))
  )
  expect_true(all(found$n_mean <= n & found$n_sd <= n))
  expect_true(all(found$n_mean > 0.6 * n & found$n_sd > 0.3 * n))
})

# ---- pinned --------------------------------------------------------------------------

test_that("it agrees with metafor's conv.fivenum() to 1e-12, from five animals on", {
  skip_if_not_installed("metafor", "4.0")
  set.seed(7)
  x <- t(apply(matrix(rnorm(300 * 5, 20, 5), 300), 1, sort))
  x[1:100, c(2, 4)] <- NA
  x[101:200, c(1, 5)] <- NA
  n <- sample(5:60, 300, TRUE)
  theirs <- metafor::conv.fivenum(
    min = x[, 1], q1 = x[, 2], median = x[, 3], q3 = x[, 4], max = x[, 5], n = n,
    test = FALSE
  )
  ours <- suppressWarnings(
    convert_median(n, x[, 3], x[, 2], x[, 4], x[, 1], x[, 5]), "mv_warning_skewed"
  )
  expect_equal(ours$mean, as.vector(theirs$mean), tolerance = 1e-12)
  expect_equal(ours$sd, as.vector(theirs$sd), tolerance = 1e-12)
  expect_identical(ours$skewed, attr(theirs$mean, "sig"))
})

test_that("pinned: metafor 5.2-1, conv.fivenum(min = 2, q1 = 5, median = 7, ...)", {
  # q3 = 12, max = 20, n = 12
  found <- convert_median(12, 7, 5, 12, 2, 20)
  pinned <- c(8.7923015981231991, 5.5911949879675706)
  expect_equal(c(found$mean, found$sd), pinned, tolerance = 1e-12)
})

# ---- words ---------------------------------------------------------------------------

test_that("rows that are no five numbers say why; skewed rows are named", {
  expect_snapshot({
    bad <- convert_median(n = c(6, 1, 6, 8, NA), median = c(9, 9, 9, NA, 5),
      q1 = c(10, 8, 8, 7, 4), q3 = c(11, 11, NA, 9, 6)
    )
    bad$problem
    far <- convert_median(40, median = c(2.1, 6), q1 = c(2, 4), q3 = c(9, 8))
  })
  expect_identical(far$skewed, c(TRUE, FALSE))
  expect_snapshot(error = TRUE, convert_median(6, 9, 8, 11, quartiles = "exclusve"))
})

test_that("the definition of the quartiles may differ by row", {
  both <- convert_median(6, c(9, 9), 8, 11, quartiles = c("inclusive", "exclusive"))
  expect_equal(both$sd, 3 / (2 * qnorm(c(0.7, 0.78))), tolerance = 1e-13)
  expect_snapshot(error = TRUE, {
    convert_median(6, c(9, 9, 9), 8, 11, quartiles = c("inclusive", "exclusive"))
    convert_median(6, 9, 8, 11, quartiles = NA)
  })
})

test_that("the help page's table goes into cohorts()", {
  found <- convert_median(c(10, 10), c(38, 27), c(31, 20), c(46, 33))
  x <- data.frame(study = "Li", role = c("control", "treated"), found, error = found$sd)
  names(x)[names(x) == "sd"] <- "estimated_sd"
  x$n <- found$n_mean
  expect_equal(cohorts(x, error_type = "sd")$sd, found$sd)
})

test_that("quartiles that are no word are an error", {
  for (quartiles in list(sum, NULL, 1, NA, quote(x))) {
    expect_error(convert_median(8, 5, 4, 6, quartiles = quartiles),
      class = "mv_error_choice"
    )
  }
})
