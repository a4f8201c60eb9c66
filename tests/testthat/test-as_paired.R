grip <- function(...) {
  data.frame(
    study = c("Chen 2011", "Li 2015"), n = c(8, 10), mean_pre = c(62, 48),
    error_pre = c(12, 10), mean_post = c(80, 55), error_post = c(15, 12),
    error_type = "sd", ...
  )
}

test_that("the reading after is the treated arm, that before the control's", {
  x <- as_paired(grip(r = c(0.6, 0.7), dose = 1:2))
  expect_s3_class(x, c("mv_comparisons", "data.frame"), exact = TRUE)
  expect_true(all(comparison_columns %in% names(x)))
  expect_identical(x$mean_t, c(80, 55))
  expect_identical(x$sd_c, c(12, 10))
  expect_identical(x$n_t, x$n_c)
  expect_identical(x$cohort_t, x$cohort_c)
  expect_identical(x$r, c(0.6, 0.7))
  expect_identical(x$dose, 1:2)
  expect_identical(x$reason, c(NA_character_, NA))
  expect_snapshot(print(x))
})

test_that("SEMs become SDs by the one n", {
  x <- grip(r = 0.5)
  x$error_type <- "sem"
  y <- as_paired(x)
  expect_equal(y$sd_t, c(15, 12) * sqrt(c(8, 10)))
  expect_equal(y$sd_c, c(12, 10) * sqrt(c(8, 10)))
})

test_that("r follows from the SD of the change", {
  expect_equal(as_paired(grip(sd_change = c(11, 9)))$r, c(
    (15^2 + 12^2 - 11^2) / (2 * 15 * 12), (12^2 + 10^2 - 9^2) / (2 * 12 * 10)
  ))
  # the variance of a difference, from an r that is known
  r <- c(-0.3, 1)
  change <- sqrt(c(15, 12)^2 + c(12, 10)^2 - 2 * r * c(15, 12) * c(12, 10))
  expect_equal(as_paired(grip(sd_change = change))$r, r)
  withr::with_seed(1, {
    pre <- rnorm(12, 60, 9)
    post <- pre + rnorm(12, 8, 6)
  })
  x <- data.frame(
    study = "A", n = 12, mean_pre = mean(pre), error_pre = sd(pre),
    mean_post = mean(post), error_post = sd(post), error_type = "sd",
    sd_change = sd(post - pre)
  )
  expect_equal(as_paired(x)$r, cor(pre, post))
})

test_that("a given r goes before one that follows", {
  x <- as_paired(grip(r = c(0.6, NA), sd_change = c(11, 9)))
  expect_equal(x$r, c(0.6, (144 + 100 - 81) / 240))
  expect_identical(as_paired(grip(r = c(0.6, NA)))$r, c(0.6, NA))
  expect_identical(as_paired(grip(r = c(0.6, NA), sd_change = NA))$r, c(0.6, NA))
})

test_that("r is never invented, and cannot be what it cannot be", {
  expect_snapshot(error = TRUE, {
    as_paired(grip())
    as_paired(grip(r = c(0.5, 1.2)))
    as_paired(grip(sd_change = c(11, 1)))
    as_paired(grip(sd_change = -1))
    as_paired(grip(r = 0.5, cohort = c("a", NA)))
  })
})

test_that("the same animals at two times keep their name; twice at one is an error", {
  x <- rbind(grip(r = 0.5), grip(r = 0.5))
  x$cohort <- "A"
  expect_error(as_paired(x), class = "mv_error_duplicate")
  x$time <- c(1, 1, 7, 7)
  y <- as_paired(x)
  expect_identical(y$cohort_t, rep("A", 4))
  nameless <- as_paired(x[names(x) != "cohort"])
  expect_identical(nameless$cohort_t, paste("animals", c(1, 1, 2, 2)))
})

test_that("tibbles and factors are read as data frames are", {
  x <- grip(r = 0.5)
  plain <- as_paired(x)
  x$study <- factor(x$study)
  x$error_type <- factor(x$error_type)
  expect_identical(as_paired(x), plain)
  skip_if_not_installed("dplyr")
  expect_identical(as_paired(dplyr::as_tibble(x)), plain)
})

test_that("the mean change and its variance are those of the differences", {
  x <- grip(r = c(0.6, 0.7))
  y <- effect_sizes(as_paired(x), "MC")
  expect_equal(y$yi, c(18, 7))
  expect_equal(y$vi, c(
    (15^2 + 12^2 - 2 * 0.6 * 15 * 12) / 8, (12^2 + 10^2 - 2 * 0.7 * 12 * 10) / 10
  ))
  # with sd_change it is the SD of the change that counts
  z <- effect_sizes(as_paired(grip(sd_change = c(11, 9))), "MC")
  expect_equal(z$vi, c(11^2 / 8, 9^2 / 10))
  expect_snapshot(print(y))
})

test_that("a row without r has a reason, and the others are pooled", {
  x <- as_paired(grip(r = c(0.6, NA)))
  expect_warning(y <- effect_sizes(x, "SMCR"), class = "mv_warning_rows")
  expect_identical(y$reason, c(NA, reason_words[["r_missing"]]))
  expect_equal(unname(pool_effects(y, method = "EE")$beta), y$yi[1])
})

test_that("changes of the same animals at two times need rho, and have a covariance", {
  x <- rbind(grip(r = 0.5), grip(r = 0.5))
  x$cohort <- "A"
  x$time <- c(1, 1, 7, 7)
  y <- effect_sizes(as_paired(x), "MC")
  expect_error(vcov(y), class = "mv_error_rho")
  V <- vcov(y, rho = 0.4)
  expect_equal(V[1, 3], 0.4 * sqrt(y$vi[1] * y$vi[3]))
  expect_identical(V[1, 2], 0)
})
