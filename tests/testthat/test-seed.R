test_that("a seed gives the same draws whatever the generator, and leaves the stream", {
  set.seed(1)
  before <- .Random.seed
  one <- with_own_seed(5, stats::rnorm(3))
  expect_identical(.Random.seed, before)
  kinds <- RNGkind("Wichmann-Hill")
  on.exit(do.call(RNGkind, as.list(kinds)))
  expect_identical(with_own_seed(5, stats::rnorm(3)), one)
  expect_identical(RNGkind()[1], "Wichmann-Hill")
})

test_that("without a seed R's own stream goes on", {
  set.seed(2)
  one <- with_own_seed(NULL, stats::rnorm(1))
  two <- with_own_seed(NULL, stats::rnorm(1))
  set.seed(2)
  expect_identical(stats::rnorm(2), c(one, two))
  expect_error(with_own_seed("a", 1), class = "mv_error_number")
})
