test_that("simulated effects have the model's mean and covariance", {
  for (fit in multilevel_models()[c("nested", "structured", "slopes", "known")]) {
    drawn <- as.matrix(simulate(fit, 20000, seed = 42))
    by_hand <- dense_fit(fit)
    error <- sqrt(diag(by_hand$M) / ncol(drawn))
    expect_lt(max(abs(rowMeans(drawn) - fitted(fit)) / error), 4.5)
    found <- stats::cov(t(drawn))
    size <- sqrt((outer(diag(by_hand$M), diag(by_hand$M)) + by_hand$M^2) / ncol(drawn))
    expect_lt(max(abs(found - by_hand$M) / size), 5.5)
  }
})

test_that("a seed gives the same sets and leaves the stream as it was", {
  fit <- multilevel_models()$nested
  set.seed(3)
  before <- .Random.seed
  one <- simulate(fit, 2, seed = 9)
  expect_identical(.Random.seed, before)
  expect_identical(simulate(fit, 2, seed = 9), one)
  expect_named(one, c("sim_1", "sim_2"))
  expect_identical(nrow(one), fit$k)
  expect_error(simulate(fit, 0), class = "mv_error_number")
  expect_error(simulate(fit, 1, seed = "a"), class = "mv_error_number")
})
