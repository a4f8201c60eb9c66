# Two groups of 20 in 4 cages of 5.
caged <- function(...) pairs_of(20, 6, 1.2, 20, 5, 0.9, ...)

# ---- truth: by hand, Hedges 2007 -------------------------------------------------------

test_that("n, events and SD of comparisons, by hand", {
  pairs <- caged(n_sham = 1)
  pairs$events_t <- 10
  found <- correct_clusters(pairs, icc = 0.25, size = 5)
  expect_equal(found$design_effect_t, 2)
  expect_equal(c(found$n_t, found$n_c, found$events_t), c(10, 10, 5))
  share <- 1 - 4 * 0.25 / 19
  expect_equal(found$sd_t^2, 1.2^2 / share)
  expect_equal(found$mean_t, 6)
  expect_s3_class(found, "mv_comparisons")
  md <- effect_sizes(found, "MD")
  expect_equal(md$vi, 2 * (1.2^2 + 0.9^2) / share / 20)
  expect_equal(md$yi, 1)
})

test_that("an SMD in cages of one size is d_T with the paper's df", {
  rho <- 0.3
  n <- 5
  total <- 40
  effects <- effect_sizes(caged())
  found <- correct_clusters(effects, icc = .env$rho, size = .env$n)
  d <- 1 / sqrt((1.2^2 + 0.9^2) / 2)
  c <- 1 - 2 * (n - 1) * rho / (total - 2)
  below <- (total - 2) * (1 - rho)^2 + n * (total - 2 * n) * rho^2 +
    2 * (total - 2 * n) * rho * (1 - rho)
  df <- (total - 2 - 2 * (n - 1) * rho)^2 / below
  j <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  expect_equal(found$yi, j * sqrt(c) * d, tolerance = 1e-12)
  expect_equal(found$vi, (1 + (n - 1) * rho) / 10 + found$yi^2 / (2 * df))
  expect_identical(found$computed_from, "estimate")
  expect_equal(vcov(found), matrix(found$vi))
  expect_output(print(found), "corrected for")
})

test_that("unequal cages, by the paper's sums", {
  rho <- 0.2
  sizes <- list(t = c(2, 3, 5, 10), c = c(4, 4, 4, 8))
  effects <- effect_sizes(caged())
  found <- correct_clusters(effects, .env$rho,
    size_t = .env$sizes["t"], size_c = .env$sizes["c"]
  )
  n <- 20
  mean_size <- \(v) (n^2 - sum(v^2)) / (n * (length(v) - 1))
  b <- sum(sapply(sizes, \(v) mean_size(v) * (length(v) - 1)))
  a <- sum(sapply(sizes, \(v) {
    (n^2 * sum(v^2) + sum(v^2)^2 - 2 * n * sum(v^3)) / n^2
  }))
  top <- 38 - rho * (38 - b)
  df <- top^2 / (38 * (1 - rho)^2 + a * rho^2 + 2 * b * rho * (1 - rho))
  j <- \(q) exp(lgamma(q / 2) - lgamma((q - 1) / 2)) / sqrt(q / 2)
  expect_equal(found$yi, effects$yi / j(38) * sqrt(top / 38) * j(df))
  weighted <- (sum(sizes$t^2) / n * n + sum(sizes$c^2) / n * n) / 40
  expect_equal(found$vi, (1 + (weighted - 1) * rho) / 10 + found$yi^2 / (2 * df))
  # a list of equal sizes is their size
  expect_equal(
    correct_clusters(effects, 0.2, size = list(rep(5, 4))),
    correct_clusters(effects, 0.2, size = 5)
  )
})

# ---- property --------------------------------------------------------------------------

test_that("clusters of one animal, or no correlation, change nothing of a comparison", {
  pairs <- random_pairs(10)
  same <- c("n_t", "mean_t", "sd_t", "n_c", "mean_c", "sd_c")
  columns <- \(x) as.list(x)[same]
  expect_equal(columns(correct_clusters(pairs, 0.5, size = 1)), columns(pairs))
  expect_equal(columns(correct_clusters(pairs, 0, size = 2)), columns(pairs))
  effects <- effect_sizes(pairs)
  found <- correct_clusters(effects, 0.5, size = 1)
  expect_equal(found$yi, effects$yi)
  w <- 1 / pairs$n_t + 1 / pairs$n_c
  expect_equal(found$vi, w + effects$yi^2 / (2 * (pairs$n_t + pairs$n_c - 2)))
})

test_that("the rows of a corrected table give their effects again, and share controls", {
  pairs <- pairs_of(
    c(12, 12), c(3, 4), 1, 12, 6, 1.5, study = "A", cohort_c = "c", shared_c = 2L
  )
  found <- correct_clusters(pairs, icc = 0.2, size = 4)
  V <- vcov(effect_sizes(found, "MD"))
  expect_equal(V[1, 2], 1.6 * 1.5^2 / (1 - 3 * 0.2 / 11) / 12)
  expect_equal(dim(vcov(effect_sizes(found, "SMD"))), c(2, 2))
  expect_equal(nrow(found[2, ]), 1)
})

test_that("a column serves as size and icc, a sham is corrected, rows keep their order", {
  pairs <- random_pairs(3, sham = TRUE)
  pairs[c("n_t", "n_c", "n_s")] <- 12
  pairs$cage <- c(1, 3, 4)
  pairs$within <- c(0.1, 0.2, 0.3)
  found <- correct_clusters(pairs, icc = within, size = cage, size_s = 2)
  expect_equal(found$n_t, 12 / (1 + (pairs$cage - 1) * pairs$within))
  expect_equal(found$n_s, 12 / (1 + pairs$within))
  expect_equal(found$design_effect_s, 1 + pairs$within)
  one_by_one <- lapply(1:3, \(i) {
    correct_clusters(pairs[i, ], within, cage, size_s = 2)$n_t
  })
  expect_equal(found$n_t, unlist(one_by_one))
})

test_that("a missing n stays missing; few cages give no SMD", {
  pairs <- caged()
  pairs$n_t <- NA
  found <- correct_clusters(pairs, 0.2, size = 5)
  expect_true(is.na(found$n_t))
  effects <- suppressWarnings(effect_sizes(pairs))
  expect_true(is.na(correct_clusters(effects, 0.2, size = 5)$yi))
  one_cage <- as_effects(yi = 1, vi = 1, measure = "SMD", n_t = 5, n_c = 5)
  found <- correct_clusters(one_cage, 0.99, size = 5)
  expect_equal(found$pooled, TRUE)
  lost <- as_effects(yi = 1, vi = 1, measure = "SMD", n_t = NA_real_, n_c = 5)
  found <- correct_clusters(lost, 0.2, size = 5)
  expect_match(found$reason, "too small")
  expect_false(found$pooled)
})

test_that("the moments of a sum of squares are traces", {
  sizes <- c(1, 2, 4, 6)
  n <- sum(sizes)
  z <- diag(4)[rep(1:4, sizes), ]
  rho <- 0.35
  m <- diag(n) - 1 / n
  ms <- m %*% ((1 - rho) * diag(n) + rho * tcrossprod(z))
  cluster <- list(n = n, squares = sum(sizes^2), cubes = sum(sizes^3))
  expect_equal(expected_squares(cluster, rho), sum(diag(ms)))
  expect_equal(half_variance(cluster, rho), sum(diag(ms %*% ms)))
})

test_that("J by the beta function is J", {
  q <- c(2, 3.5, 10, 60)
  expect_equal(hedges_j(q), exp(lgamma(q / 2) - lgamma((q - 1) / 2)) / sqrt(q / 2))
  expect_equal(hedges_j(1e7), 1 - 3 / (4e7 - 1), tolerance = 1e-14)
})

# ---- simulation: the whole is validation/unit_of_analysis.R ----------------------------

test_that("a corrected SMD has about the right mean and variance", {
  reps <- 3000
  one_arm <- function(mean, icc = 0.3, cage = rep(1:4, each = 5)) {
    of_cage <- matrix(stats::rnorm(reps * 4), 4)
    own <- matrix(stats::rnorm(reps * 20), 20)
    y <- mean + sqrt(icc) * of_cage[cage, ] + sqrt(1 - icc) * own
    list(m = colMeans(y), s = apply(y, 2, stats::sd))
  }
  arms <- withr::with_seed(20260302, list(t = one_arm(1), c = one_arm(0)))
  pairs <- pairs_of(20, arms$t$m, arms$t$s, 20, arms$c$m, arms$c$s)
  crude <- effect_sizes(pairs)
  found <- correct_clusters(crude, icc = 0.3, size = 5)
  expect_equal(mean(found$yi), 1, tolerance = 0.03)
  expect_equal(mean(found$vi) / stats::var(found$yi), 1, tolerance = 0.08)
  expect_lt(mean(crude$vi) / stats::var(crude$yi), 0.55)
  md <- effect_sizes(correct_clusters(pairs, icc = 0.3, size = 5), "MD")
  expect_equal(mean(md$vi) / stats::var(md$yi), 1, tolerance = 0.08)
})

# ---- bad input -------------------------------------------------------------------------

test_that("bad input is answered by a sentence", {
  pairs <- pairs_of(
    c(20, 12), 6, 1.2, c(20, 12), 5, 0.9, study = c("Chen 2011", "Li 2015")
  )
  effects <- effect_sizes(pairs)
  shared <- effect_sizes(pairs_of(
    c(12, 12), c(3, 4), 1, 12, 6, 1.5, study = "A", cohort_c = "c", shared_c = 2L
  ))
  expect_snapshot(error = TRUE, {
    correct_clusters(1:3, 0.1, 5)
    correct_clusters(pairs, size = 5)
    correct_clusters(pairs, 0.1)
    correct_clusters(pairs, 1.2, 5)
    correct_clusters(pairs, c(0.1, NA), 5)
    correct_clusters(pairs, "high", 5)
    correct_clusters(pairs, -0.5, 5)
    correct_clusters(pairs, -0.25, 5)
    correct_clusters(pairs, 1, c(5, 12))
    correct_clusters(pairs, 0.1, 0.5)
    correct_clusters(pairs, 0.1, c(5, 15))
    correct_clusters(pairs, 0.1, c(5, NA))
    correct_clusters(pairs, 0.1, list(c(5, 5, 5)))
    correct_clusters(pairs, 0.1, list(rep(5, 4), "3 cages"))
    correct_clusters(pairs, 0.1, 1:3)
    correct_clusters(pairs, 0.1, cage)
    correct_clusters(correct_clusters(pairs, 0.1, 5), 0.1, 5)
    correct_clusters(effect_sizes(pairs, "ROM"), 0.1, 5)
    correct_clusters(effect_sizes(pairs, correct = FALSE), 0.1, 5)
    correct_clusters(shared, 0.1, 4)
    correct_clusters(as_effects(yi = 1, vi = 1, measure = "SMD"), 0.1, 5)
  })
})

test_that("a column icc that is not what was used is kept under another name", {
  pairs <- random_pairs(3)
  pairs$icc <- c(0.1, 0.2, 0.3)
  out <- correct_clusters(pairs, icc = icc, size = 2)
  expect_identical(out$icc, c(0.1, 0.2, 0.3))
  expect_message(out <- correct_clusters(pairs, icc = 0.5, size = 2), "icc_input")
  expect_identical(out$icc_input, c(0.1, 0.2, 0.3))
  expect_identical(out$icc, rep(0.5, 3))
})
