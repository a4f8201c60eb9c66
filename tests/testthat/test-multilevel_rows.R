test_that("leverages, residuals and weights are those of whole matrices", {
  for (fit in multilevel_models()) {
    by_hand <- dense_fit(fit)
    hat <- by_hand$X %*% by_hand$bread %*% t(by_hand$X) %*% by_hand$W
    expect_equal(hatvalues(fit), diag(hat), tolerance = 1e-10)
    expect_equal(sum(hatvalues(fit)), fit$p, tolerance = 1e-10)
    free <- diag(by_hand$M - by_hand$X %*% by_hand$bread %*% t(by_hand$X))
    standard <- rstandard(fit)
    expect_equal(standard$se, sqrt(free), tolerance = 1e-9)
    expect_equal(standard$z, residuals(fit) / sqrt(free), tolerance = 1e-9)
    expect_equal(weights(fit), 100 * diag(by_hand$W) / sum(diag(by_hand$W)),
      tolerance = 1e-10
    )
    expect_equal(unname(vcov(fit)), unname(by_hand$bread), tolerance = 1e-9)
  }
})

test_that("the pooled effect is the mean by its weights", {
  fit <- multilevel_models()$crossed
  weight <- weights(fit, "rowsum")
  expect_equal(sum(weight), 100)
  expect_equal(sum(weight * fit$yi) / 100, unname(fit$beta), tolerance = 1e-10)
  with_moderator <- multilevel_models()$moderator
  expect_error(weights(with_moderator, "rowsum"), class = "mv_error_choice")
})

test_that("they agree with metafor", {
  skip_if_not_installed("metafor")
  data <- metadat::dat.konstantopoulos2011
  fit <- pool_effects(
    as_effects(data, yi = yi, vi = vi, study = district), ~year,
    random = ~ 1 | study / school
  )
  peer <- metafor::rma.mv(yi, vi,
    mods = ~year, random = ~ 1 | district / school, data = data,
    sigma2 = unname(fit$theta) # so that the two differ by rounding alone
  )
  expect_equal(hatvalues(fit), unname(hatvalues(peer)), tolerance = 1e-9)
  expect_equal(rstandard(fit)$z, unname(stats::rstandard(peer)$z), tolerance = 1e-9)
  expect_equal(weights(fit), unname(weights(peer)), tolerance = 1e-9)
})
