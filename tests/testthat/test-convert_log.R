test_that("logs, values and geometric numbers agree", {
  raw <- convert_log(c(0, 2.1), c(1, 0.3), from = "log")
  by_hand <- exp(c(0, 2.1) + c(1, 0.09) / 2)
  expect_equal(raw$mean, by_hand, tolerance = 1e-14)
  expect_equal(raw$sd, by_hand * sqrt(exp(c(1, 0.09)) - 1), tolerance = 1e-13)
  expect_equal(convert_log(exp(c(0, 2.1)), exp(c(1, 0.3)), from = "geometric"), raw,
    tolerance = 1e-14
  )
  back <- convert_log(raw$mean, raw$sd, from = "raw")
  expect_equal(unlist(back[1:2], use.names = FALSE), c(0, 2.1, 1, 0.3), tolerance = 1e-13)
})

test_that("a log-normal sample has the mean and SD that its logs tell", {
  set.seed(3)
  x <- rlnorm(4e5, 1, 0.5)
  found <- convert_log(mean(log(x)), sd(log(x)), from = "log")
  expect_equal(c(found$mean, found$sd), c(mean(x), sd(x)), tolerance = 0.005)
})

test_that("bad rows and words are told", {
  expect_snapshot(bad <- convert_log(c(0, -1, 4, NA), c(1, 1, -2, 1), from = "raw"))
  expect_identical(bad$mean, rep(NA_real_, 4))
  expect_warning(convert_log(12, 0.4, from = "geometric"), "geometric SD 1 or more")
  expect_snapshot(error = TRUE, {
    convert_log(2, 1)
    convert_log(2, 1, from = "logs")
  })
})
