# Five comparisons of one outcome; the SDs of the fourth row and of one control are
# missing.
five <- function(...) {
  pairs_of(
    n_t = c(8, 10, 6, 8, 12), mean_t = c(50, 40, 60, 30, 80),
    sd_t = c(10, 12, 9, NA, 16), n_c = c(8, 10, 6, 8, 12),
    mean_c = c(100, 90, 80, 110, 120), sd_c = c(20, 9, NA, NA, 30), ...
  )
}

quiet_impute <- function(...) suppressMessages(impute_sd(...))

test_that("the mean CV of the arm fills the gaps, by hand", {
  found <- quiet_impute(five())
  cv_t <- (8 * .2 + 10 * .3 + 6 * .15 + 12 * .2) / 36
  cv_c <- (8 * .2 + 10 * .1 + 12 * .25) / 30
  expect_equal(found$sd_t, c(10, 12, 9, 30 * cv_t, 16))
  expect_equal(found$sd_c, c(20, 9, 80 * cv_c, 110 * cv_c, 30))
  expect_identical(found$imputed_t, c(FALSE, FALSE, FALSE, TRUE, FALSE))
  expect_identical(found$imputed_c, c(FALSE, FALSE, TRUE, TRUE, FALSE))
  expect_identical(found$imputed_s, rep(FALSE, 5))
  expect_identical(found$imputed_by, c(NA, NA, "cv", "cv", NA))
  expect_null(found$not_imputed)
  expect_s3_class(found, c("mv_comparisons", "data.frame"), exact = TRUE)
})

test_that("the pooled SD of the outcome fills the gaps, by hand", {
  found <- quiet_impute(five(), "sd")
  pooled <- sqrt((7 * 10^2 + 9 * 12^2 + 5 * 9^2 + 11 * 16^2) / 32)
  expect_equal(found$sd_t[4], pooled)
  expect_identical(found$imputed_by[4], "sd")
})

test_that("a pooled SD is one of numbers in one unit", {
  x <- rbind(as.data.frame(five()), as.data.frame(five()))
  x$unit <- rep(c("mg", "g"), each = 5)
  x$study <- paste("Study", 1:10)
  x$sd_t[6:10] <- x$sd_t[6:10] * 1000
  class(x) <- c("mv_comparisons", "data.frame")
  found <- quiet_impute(x, "sd")
  expect_equal(found$sd_t[9], 1000 * found$sd_t[4])
})

test_that("outcomes and arms each have their own mean CV", {
  x <- five()
  two <- quiet_impute(structure(
    rbind(as.data.frame(x), transform(as.data.frame(x),
      outcome = "b", study = paste("Other", 1:5), sd_t = 2 * sd_t
    )),
    class = c("mv_comparisons", "data.frame")
  ))
  expect_equal(two$sd_t[9], 2 * two$sd_t[4])
  expect_equal(two$sd_t[4], quiet_impute(x)$sd_t[4])
})

test_that("with nothing missing the table is returned as it is", {
  x <- random_pairs(8)
  expect_message(found <- impute_sd(x), "No SD is missing", class = "mv_message_imputed")
  expect_identical(found, x)
  expect_identical(suppressMessages(impute_sd(x, "multiple")), x)
  expect_message(impute_sd(x[0, ]), "No SD is missing")
})

test_that("order of rows and unit change nothing", {
  x <- five()
  shuffled <- c(4, 2, 5, 1, 3)
  for (method in c("cv", "sd")) {
    found <- quiet_impute(x, method)
    expect_equal(quiet_impute(x[shuffled, ], method)$sd_c, found$sd_c[shuffled])
    y <- x
    y[c("mean_t", "sd_t", "mean_c", "sd_c")] <- 1000 * y[
      c("mean_t", "sd_t", "mean_c", "sd_c")
    ]
    expect_equal(quiet_impute(y, method)$sd_t, 1000 * found$sd_t)
  }
})

test_that("a shared control counts once and has one SD, which vcov() accepts", {
  x <- pairs_of(
    n_t = 8, mean_t = c(50, 60, 40, 70, 55, 45), sd_t = 10, n_c = 8,
    mean_c = c(100, 100, 90, 90, 80, 110), sd_c = c(NA, NA, 9, 9, 16, 33),
    study = c("a", "a", "b", "b", "c", "d"), cohort_c = c("k", "k", "k", "k", "k", "k"),
    shared_c = c(2L, 2L, 2L, 2L, 1L, 1L)
  )
  found <- quiet_impute(x)
  expect_equal(found$sd_c[1:2], rep(100 * mean(c(.1, .2, .3)), 2))
  V <- vcov(effect_sizes(found, "ROM"))
  expect_equal(V[1, 2], .2^2 / 8)
})

test_that("the mean CV makes AV that of Nakagawa 2023 for all rows", {
  found <- effect_sizes(quiet_impute(five()), "ROM", variance = "AV")
  cv_t <- (8 * .2 + 10 * .3 + 6 * .15 + 12 * .2) / 36
  cv_c <- (8 * .2 + 10 * .1 + 12 * .25) / 30
  expect_equal(found$vi, cv_t^2 / found$n_t + cv_c^2 / found$n_c)
  unfilled <- suppressWarnings(effect_sizes(five(), "ROM", variance = "AV"))
  expect_identical(is.na(unfilled$vi), c(FALSE, FALSE, TRUE, TRUE, FALSE))
})

test_that("a sham's SD is imputed, and a declared sham stays as it is", {
  x <- five(
    n_s = c(8, 8, 8, 8, NA), mean_s = c(10, 12, 9, 20, 0), sd_s = c(2, 3, 2, NA, 0)
  )
  found <- quiet_impute(x)
  expect_equal(found$sd_s[4], 20 * mean(c(2 / 10, 3 / 12, 2 / 9)))
  expect_identical(found$sd_s[5], 0)
  expect_identical(found$imputed_s, c(FALSE, FALSE, FALSE, TRUE, FALSE))
})

test_that("what has no CV stays missing, with its reason and a warning", {
  x <- five()
  x$mean_t[4] <- -30
  expect_warning(found <- quiet_impute(x), class = "mv_warning_not_imputed")
  expect_identical(is.na(found$sd_t), c(FALSE, FALSE, FALSE, TRUE, FALSE))
  expect_identical(found$not_imputed[4], "the mean is not above zero")
  expect_equal(found$sd_c, quiet_impute(five())$sd_c)
  expect_identical(quiet_impute(x, "sd")$imputed_t[4], TRUE)

  x <- five()
  x$mean_c[1] <- 0
  found <- suppressWarnings(quiet_impute(x))
  expect_identical(found$not_imputed[3:4], rep(
    "fewer than 3 groups of the outcome and arm have an SD", 2
  ))
  expect_false(anyNA(found$sd_t))

  x <- five(ratio_scale = c(TRUE, TRUE, TRUE, FALSE, TRUE))
  found <- suppressWarnings(quiet_impute(x))
  expect_identical(found$not_imputed[4], "the outcome has no true zero")
  x <- five(log_scale = c(FALSE, FALSE, TRUE, FALSE, FALSE))
  found <- suppressWarnings(quiet_impute(x))
  expect_identical(found$not_imputed[3], "the mean is one of logs")
})

test_that("groups that tell nothing are not counted", {
  x <- five()
  x$sd_t[2] <- 0
  found <- quiet_impute(x)
  expect_equal(found$sd_t[4], 30 * (8 * .2 + 6 * .15 + 12 * .2) / 26)
  expect_identical(found$sd_t[2], 0)
  x$n_t[1] <- 1
  expect_warning(quiet_impute(x), "fewer|2 groups with an SD")
})

test_that("an imputed SD is no evidence for another", {
  x <- five()
  first <- quiet_impute(x[x$study != "Study 4", ])
  both <- structure(
    rbind(as.data.frame(first), as.data.frame(quiet_impute(x))[4, ]),
    class = c("mv_comparisons", "data.frame")
  )
  both$sd_c[5] <- NA
  again <- quiet_impute(both)
  expect_equal(again$sd_c[5], quiet_impute(x)$sd_c[4])
  expect_identical(again$imputed_c, c(FALSE, FALSE, TRUE, FALSE, TRUE))
})

test_that("a row imputed by two methods says both", {
  x <- five()
  x$mean_t[4] <- -30
  first <- suppressWarnings(quiet_impute(x))
  second <- quiet_impute(first, "sd")
  expect_identical(second$imputed_by, c(NA, NA, "cv", "cv and sd", NA))
  expect_null(second$not_imputed)
})

test_that("an outcome that is missing, or a factor, is an outcome as any", {
  found <- quiet_impute(five())
  expect_equal(quiet_impute(five(outcome = NA))$sd_t, found$sd_t)
  x <- five()
  x$outcome <- factor(x$outcome)
  x$sd_t <- factor(x$sd_t)
  x$sd_c <- as.character(x$sd_c)
  filled <- quiet_impute(x)
  expect_equal(filled$sd_t, found$sd_t)
  expect_equal(filled$sd_c, found$sd_c)
})

test_that("messages name rows, outcomes and arms", {
  expect_snapshot(found <- impute_sd(five()))
  expect_snapshot(found <- impute_sd(five(), "multiple", seed = 1))
  expect_s3_class(found, "mv_comparisons")
  x <- five(outcome = "infarct {mm3}")
  x$mean_t[4] <- 0
  x$sd_c[1:2] <- NA
  expect_snapshot(found <- impute_sd(x))
  expect_snapshot(print(found))
})

test_that("bad input is named", {
  x <- five()
  x$sd_t <- x$sd_c <- NA_real_
  expect_snapshot(impute_sd(x), error = TRUE)
  expect_error(impute_sd(x), class = "mv_error_too_few")
  expect_snapshot(impute_sd(five(), "CV"), error = TRUE)
  expect_snapshot(impute_sd(data.frame(n = 1)), error = TRUE)
  for (m in list(1, 2.5, NA, "20", 1:2, factor(2), NULL)) {
    expect_error(impute_sd(five(), "multiple", m = m), class = "mv_error_number")
  }
  for (seed in list(1.5, NA, "a", 1:2, 3e9, Inf)) {
    expect_error(impute_sd(five(), "multiple", seed = seed), class = "mv_error_number")
  }
  expect_snapshot(impute_sd(five(), "multiple", m = 1), error = TRUE)
  expect_snapshot(impute_sd(five(), "multiple", seed = 0.5), error = TRUE)
})

test_that("a column of the user's with a name of ours is refused", {
  x <- data.frame(
    study = "a", n_t = 8, mean_t = 1, error_t = 1, n_c = 8, mean_c = 2, error_c = 1,
    imputed_t = 1
  )
  expect_error(as_comparisons(x, error_type = "sd"), class = "mv_error_reserved")
})

test_that("a pooled SD of too few groups is not taken, and the rows say so", {
  pairs <- random_pairs(8)
  pairs$outcome <- rep(c("many", "few"), c(6, 2))
  pairs$sd_t[c(1, 7)] <- NA
  expect_warning(suppressMessages(out <- impute_sd(pairs, "sd")),
    "1 group with an SD, 3 are",
    class = "mv_warning_not_imputed"
  )
  expect_identical(is.na(out$sd_t), seq_len(8) == 7)
})

test_that("marks of an earlier imputation may have become factors", {
  pairs <- random_pairs(8)
  pairs$outcome <- "a"
  pairs$sd_t[1] <- NA
  pairs$imputed_by <- factor(c("sd", rep(NA, 7)))
  expect_message(out <- impute_sd(pairs, "cv"))
  expect_identical(out$imputed_by[1], "sd and cv")
  pairs$unit <- data.frame(z = 1:8)
  expect_error(impute_sd(pairs, "sd"), "unit", class = "mv_error_type")
})
