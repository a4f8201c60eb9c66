test_that("the first that a row has is converted, and named", {
  found <- convert_sd(
    n = c(9, 9, 9, 9, 9), sd = c(2, NA, NA, NA, NA), sem = c(NA, 1, NA, NA, NA),
    ci = c(NA, NA, 2, NA, NA), lower = c(NA, NA, NA, 3, NA), upper = c(NA, NA, NA, 7, NA),
    iqr = c(NA, NA, NA, 9, 3)
  )
  half <- qt(0.975, 8) / 3
  by_hand <- c(2, 3, 2 / half, 2 / half, 3 / (2 * qnorm((6.75 - 0.125) / 9.25)))
  expect_equal(found$sd, by_hand, tolerance = 1e-13)
  expect_identical(found$from, c("sd", "sem", "ci", "ci", "iqr"))
  expect_identical(found$problem, rep(NA_character_, 5))
})

test_that("the level of an interval counts", {
  found <- convert_sd(n = 6, ci = 1, level = 0.9)$sd
  expect_equal(found, sqrt(6) / qt(0.95, 5), tolerance = 1e-13)
})

test_that("an SD and an SEM that disagree are told, those off by rounding are not", {
  # 4.2 / sqrt(16) is 1.05; printed as 1.1 or 1.0 it is the same
  fine <- convert_sd(n = 16, sd = 4.2, sem = c(1.1, 1.0, 1.05))
  expect_identical(fine$problem, rep(NA_character_, 3))
  expect_identical(fine$sd, rep(4.2, 3))
  expect_snapshot(off <- convert_sd(n = 16, sd = c(4.2, 4.2), sem = c(1.05, 4.2)))
  expect_identical(off$sd, c(4.2, NA))
  expect_warning(
    convert_sd(n = 16, sem = 1.04, lower = 10.11, upper = 12.33), "different SDs",
    class = "mv_warning_rows"
  )
})

test_that("bad rows are NA and say why; missing numbers are not told", {
  expect_snapshot(
    bad <- convert_sd(n = c(0, 1, 8, 8, 8, -2), sd = c(2, NA, -1, NA, NA, 1),
      ci = c(NA, 3, NA, NA, NA, NA), lower = c(NA, NA, NA, 5, NA, NA),
      upper = c(NA, NA, NA, 4, NA, NA)
    )
  )
  expect_identical(bad$sd, rep(NA_real_, 6))
  expect_identical(bad$problem[5], flaw_words[["number_missing"]])
  expect_silent(convert_sd(n = NA, sem = 1))
})

test_that("lengths and types are checked", {
  expect_snapshot(error = TRUE, {
    convert_sd(n = c(6, 8), sem = 1:3)
    convert_sd(n = 6, sem = "1-2")
    convert_sd(n = 6, ci = 1, level = 95)
  })
})

test_that("no rows give no rows", {
  expect_identical(nrow(convert_sd(n = numeric(), sem = numeric())), 0L)
  expect_identical(nrow(convert_median(numeric(), numeric(), numeric(), numeric())), 0L)
})
