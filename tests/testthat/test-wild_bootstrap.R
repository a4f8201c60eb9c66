test_that("the p value is that of replicates fitted again one by one", {
  data <- some_clusters()
  fit <- clustered_fit(data)
  group <- match(data$study, unique(data$study))
  found <- .Call(
    mv_wild_bootstrap, clustered_problem(fit, group), "CR1", matrix(c(0, 1), 1),
    fit$beta[["dose"]], 50L, 7L, "Rademacher"
  )
  w <- 1 / (fit$vi + fit$tau2)
  null <- sum(w * data$yi) / sum(w)
  statistic <- function(eta) {
    y <- null + eta[group] * (data$yi - null)
    bread <- solve(crossprod(fit$X * sqrt(w)))
    beta <- bread %*% crossprod(fit$X, w * y)
    score <- rowsum(fit$X * w * drop(y - fit$X %*% beta), group)
    (beta^2 / diag(bread %*% crossprod(score) %*% bread))[2]
  }
  expect_equal(found$observed, statistic(rep(1, 12)), tolerance = 1e-10)
  # each statistic of the core is that of one of the 2^11 patterns of signs
  signs <- as.matrix(expand.grid(c(rep(list(c(-1, 1)), 11), 1)))
  every <- sort(apply(signs, 1, statistic))
  near <- vapply(found$statistic, \(x) min(abs(every / x - 1)), 0)
  expect_lt(max(near), 1e-8)
  expect_gt(length(unique(round(found$statistic, 8))), 45)
  # and the share beyond the observed one is that of all patterns, within 4 SE
  exact <- mean(every >= found$observed * (1 - 1e-10))
  drawn <- wild_bootstrap(fit,
    terms = "dose", replicates = 9999, seed = 3, type = "CR1"
  )
  expect_lt(abs(drawn$p_value - exact), 4 * sqrt(exact * (1 - exact) / 9999) + 1e-4)
})

test_that("a replicate depends on the seed and its number alone", {
  fit <- clustered_fit()
  expect_identical(wild_bootstrap(fit, seed = 5), wild_bootstrap(fit, seed = 5))
  expect_false(
    wild_bootstrap(fit, seed = 5)$p_value == wild_bootstrap(fit, seed = 6)$p_value
  )
  drawn <- withr::with_seed(1, wild_bootstrap(fit))
  expect_identical(withr::with_seed(1, wild_bootstrap(fit)), drawn)
  expect_identical(wild_bootstrap(fit, seed = drawn$seed), drawn)
  expect_identical(withr::with_seed(1, {
    wild_bootstrap(fit, seed = 2)
    stats::runif(1)
  }), withr::with_seed(1, stats::runif(1)))
})

test_that("few clusters take Webb's six numbers", {
  few <- wild_bootstrap(clustered_fit(some_clusters(6)), seed = 1)
  expect_identical(few$weights, "Webb")
  expect_identical(wild_bootstrap(clustered_fit(), seed = 1)$weights, "Rademacher")
})

test_that("the statistic is the robust Wald test's, for each type and several terms", {
  fit <- clustered_fit(mods = ~ poly(dose, 2))
  for (type in robust_types) {
    found <- wild_bootstrap(robust(fit, type = type), replicates = 99, seed = 1)
    by <- robust(fit, type = type)
    beta <- by$beta[2:3]
    wald <- drop(beta %*% solve(vcov(by)[2:3, 2:3], beta)) / 2
    expect_equal(found$statistic, wald, tolerance = 1e-10)
    expect_identical(found$type, type)
  }
  one <- wild_bootstrap(fit, lab, terms = 3, replicates = 99, seed = 1)
  expect_identical(one$clusters, 6L)
  expect_identical(one$coefficients, names(fit$beta)[3])
  expect_identical(
    wild_bootstrap(clustered_fit(mods = ~1), seed = 1)$coefficients, "(Intercept)"
  )
})

test_that("under the null p is uniform, and an effect is found", {
  p <- vapply(1:200, \(seed) {
    fit <- suppressWarnings(clustered_fit(some_clusters(12, seed), method = "DL"))
    wild_bootstrap(fit, terms = "dose", replicates = 199, seed = seed)$p_value
  }, 0)
  # binomial limits at 1 in 10^4 for 200 draws
  expect_lt(sum(p <= 0.05), 23)
  expect_gt(sum(p <= 0.5), 73)
  expect_lt(sum(p <= 0.5), 127)
  data <- some_clusters()
  data$yi <- data$yi + 2 * data$dose
  expect_lt(wild_bootstrap(clustered_fit(data), seed = 1)$p_value, 0.01)
})

test_that("what cannot be done says why", {
  data <- some_clusters()
  data$odd <- as.double(data$study == "Simulated 7")
  fit <- clustered_fit(data, ~ 0 + odd + I(1 - odd))
  expect_snapshot(error = TRUE, {
    wild_bootstrap(fit, terms = "odd", seed = 1)
    wild_bootstrap(fit, terms = "even")
    wild_bootstrap(fit, replicates = 10)
    wild_bootstrap(fit, seed = 0.5)
    wild_bootstrap(1)
  })
})
