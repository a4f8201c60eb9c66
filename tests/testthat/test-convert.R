test_that("each type gives the SD that its formula gives by hand", {
  type <- c("sd", "sem", "ci", "iqr")
  by_hand <- c(3, 3 * sqrt(6), 3 * sqrt(6) / 2.570581835636315, 3 / (2 * qnorm(0.7)))
  expect_equal(to_sd(c(3, 3, 3, 3), c(6, 6, 6, 6), type), by_hand, tolerance = 1e-13)
})

test_that("the table of words and the core know the same types", {
  expect_true(all(error_words %in% error_types$name))
  for (type in error_types$name) expect_gt(to_sd(1, 5, type), 0)
})

test_that("converting back an SD gives it again, at any n", {
  n <- c(2:70, 2.5, 1e6)
  expect_equal(to_sd(7 / sqrt(n), n, rep("sem", 71)), rep(7, 71), tolerance = 1e-14)
  half <- qt(0.975, n - 1) * 7 / sqrt(n)
  expect_equal(to_sd(half, n, rep("ci", 71)), rep(7, 71), tolerance = 1e-12)
})

test_that("an SD is linear in its error", {
  n <- c(2, 5, 6, 40)
  for (type in error_types$name) {
    type <- rep(type, 4)
    expect_equal(to_sd(1e6 * (1:4), n, type), 1e6 * to_sd(1:4 + 0, n, type))
  }
})

test_that("the IQR of normal samples gives their SD (Wan 2014), IQR / 1.35 does not", {
  set.seed(14)
  iqr <- replicate(20000, {
    x <- sort(rnorm(6))
    # Quartiles as Wan's: the order statistics at Blom's positions.
    approx(qnorm((1:6 - 0.375) / 6.25), x, qnorm(c(0.3, 0.7)))$y |> diff()
  })
  expect_equal(mean(to_sd(iqr, rep(6, 20000), rep("iqr", 20000))), 1, tolerance = 0.02)
  expect_lt(mean(iqr) / 1.35, 0.8)
})

test_that("what is not defined is NA: missing numbers, an interval of one animal", {
  sd <- to_sd(c(1, 1, NA, 1, 1, 2), c(1, 1, 5, NA, 5, NA), c(
    "ci", "iqr", "sd", "sem", NA, "sd"
  ))
  expect_identical(sd, c(NA, NA, NA, NA, NA, 2))
})

test_that("words are taken in any case, as text or factor", {
  x <- c("SD", " sem", "Se", "CI", "iqr ")
  type <- c("sd", "sem", "sem", "ci", "iqr")
  expect_identical(read_error_type(x, rep(TRUE, 5), letters[1:5]), type)
  expect_identical(read_error_type(factor(x), rep(TRUE, 5), letters[1:5]), type)
})

test_that("a wrong or missing word stops with its rows", {
  study <- c("Chen 2011", "Chen 2011", "Li 2015")
  all <- c(TRUE, TRUE, TRUE)
  expect_snapshot(error = TRUE, {
    read_error_type(c("sd", NA, ""), all, study)
    read_error_type(c("sd", "semm", "sem"), all, study)
    read_error_type(c("range", "sd", "sd"), all, study)
    read_error_type(c(1.2, 1.3, 1.4), all, study)
  })
  type <- read_error_type(c("sd", NA, NA), c(TRUE, FALSE, FALSE), study)
  expect_identical(type, c("sd", NA, NA))
})
