no_sham <- function() {
  wide <- data.frame(
    study = c("A", "A", "B"), n_t = 8, mean_t = c(24, 28, 30), sd_t = 8, n_c = 8,
    mean_c = c(40, 40, 51), sd_c = 9, n_s = c(NA, NA, 6), mean_s = c(NA, NA, 5),
    sd_s = c(NA, NA, 2), floor = c(0, 0, 1), control = "vehicle"
  )
  as_comparisons(wide,
    error_t = sd_t, error_c = sd_c, error_s = sd_s, error_type = "sd"
  ) |> suppressMessages()
}

test_that("a declared sham is exact and fills only rows without one", {
  pairs <- declare_sham(no_sham(), mean = 0)
  expect_identical(pairs$sham_source, c("declared", "declared", "measured"))
  expect_identical(pairs$mean_s, c(0, 0, 5))
  expect_identical(pairs$shared_s, c(2L, 2L, 1L))
  nmd <- effect_sizes(pairs, "NMD")
  expect_equal(nmd$yi, 100 * c(16 / 40, 12 / 40, 21 / 46))
  r <- 16 / 40
  expect_equal(nmd$vi[1], 1e4 * ((1 - r)^2 * 81 / 8 + 64 / 8) / 40^2)
})

test_that("NMD with a declared zero is the percent reduction, and shares the control", {
  nmd <- effect_sizes(declare_sham(no_sham(), mean = floor), "NMD")
  rom <- effect_sizes(no_sham(), "ROM", correct = FALSE)
  expect_equal(nmd$yi[1:2], -100 * expm1(rom$yi[1:2]))
  r <- nmd$yi / 100
  expect_equal(vcov(nmd)[1, 2], 1e4 * (1 - r[1]) * (1 - r[2]) * 81 / 8 / 40^2)
})

test_that("an inferred sham brings its spread, which rows of a study share", {
  nmd <- no_sham() |>
    declare_sham(mean = 0, sd = 3, n = 6, source = "inferred") |>
    effect_sizes("NMD")
  r <- nmd$yi / 100
  want <- (1 - r[1]) * (1 - r[2]) * 81 / 8 + r[1] * r[2] * 9 / 6
  expect_equal(vcov(nmd)[1, 2], 1e4 * want / 40^2)
  expect_identical(nmd$sham_source, c("inferred", "inferred", "measured"))
})

test_that("what a sham cannot be is an error", {
  pairs <- no_sham()
  expect_error(declare_sham(pairs), class = "mv_error_absent")
  expect_error(declare_sham(pairs, 0, sd = -1), "zero or more", class = "mv_error_sham")
  expect_error(declare_sham(pairs, 0, sd = 2), "needs the", class = "mv_error_sham")
  expect_error(declare_sham(pairs, 0, sd = 2, n = 6), "exact", class = "mv_error_sham")
  expect_error(declare_sham(pairs, Inf), "finite", class = "mv_error_sham")
  expect_error(declare_sham(data.frame(a = 1), 0), class = "mv_error_class")
})
