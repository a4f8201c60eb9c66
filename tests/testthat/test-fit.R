dense <- function(fit) {
  x <- model.matrix(fit)
  w <- diag(1 / (fit$vi + fit$tau2))
  hat <- x %*% solve(t(x) %*% w %*% x, t(x) %*% w)
  list(x = x, w = w, hat = hat)
}

test_that("fitted values, residuals, leverages and weights follow from dense algebra", {
  for (mods in c(~1, ~ dose + species)) {
    fit <- pool_effects(some_effects(), mods)
    d <- dense(fit)
    expect_equal(fitted(fit), drop(d$hat %*% fit$yi), tolerance = 1e-10)
    expect_equal(residuals(fit), fit$yi - fitted(fit))
    expect_equal(hatvalues(fit), diag(d$hat), tolerance = 1e-10)
    rest <- diag(20) - d$hat
    se <- sqrt(diag(rest %*% diag(fit$vi + fit$tau2) %*% t(rest)))
    expect_equal(rstandard(fit)$z, residuals(fit) / se, tolerance = 1e-10)
    expect_equal(sum(weights(fit)), 100)
  }
})

test_that("a row that alone decides its level has no standardised residual", {
  alone <- data.frame(yi = c(.1, .4, .3, .9), vi = .1, x = c("a", "a", "a", "b"))
  found <- rstandard(pool_effects(alone, ~x))
  expect_identical(found$z[4], NA_real_)
  expect_identical(found$se[4], 0)
  expect_false(anyNA(found$z[1:3]))
})

test_that("log-likelihoods are those of the normal model", {
  fit <- pool_effects(some_effects(), ~dose)
  d <- dense(fit)
  v <- fit$vi + fit$tau2
  ml <- sum(dnorm(fit$yi, fitted(fit), sqrt(v), log = TRUE))
  inner <- t(d$x) %*% d$w %*% d$x
  reml <- ml + log(2 * pi) - 0.5 * log(det(inner)) + 0.5 * log(det(crossprod(d$x)))
  expect_equal(as.numeric(logLik(fit, REML = FALSE)), ml, tolerance = 1e-12)
  expect_equal(as.numeric(logLik(fit)), reml, tolerance = 1e-12)
  expect_identical(attr(logLik(fit), "df"), 3L)
  expect_identical(attr(logLik(fit), "nobs"), 18L)
  expect_equal(AIC(fit), -2 * reml + 6, tolerance = 1e-12)
  expect_equal(BIC(fit), -2 * reml + 3 * log(18), tolerance = 1e-12)
  saturated <- sum(dnorm(0, 0, sqrt(fit$vi), log = TRUE))
  expect_equal(deviance(fit, REML = FALSE), 2 * (saturated - ml), tolerance = 1e-12)
})

test_that("update fits again with what was said before", {
  data <- some_effects()
  fit <- pool_effects(data, ~dose, method = "ML", test = "t", level = 0.9)
  rm(data)
  again <- update(fit, . ~ . + species)
  expect_identical(again$p, 3L)
  expect_identical(again[c("method", "test", "level")], fit[c("method", "test", "level")])
  expect_identical(update(fit, method = "DL")$method, "DL")
  expect_identical(update(fit, mods = ~1)$p, 1L)
  expect_snapshot(update(fit, methud = "DL"), error = TRUE)
})

test_that("an update keeps that dependence was ignored", {
  data <- transform(some_effects(6), study = rep(1:3, 2))
  fit <- pool_effects(data, dependence = "ignore")
  expect_identical(update(fit, method = "DL")$dependent, 3L)
})

test_that("nobs, df.residual, formula and model.matrix answer", {
  fit <- pool_effects(some_effects(), ~dose)
  expect_identical(nobs(fit), 20L)
  expect_identical(df.residual(fit), 18L)
  expect_equal(formula(fit), ~dose)
  expect_identical(dim(model.matrix(pool_effects(some_effects()))), c(20L, 1L))
  expect_identical(dimnames(vcov(fit)), rep(list(c("(Intercept)", "dose")), 2))
})

test_that("powers of a year keep the digits of leverages and standard errors", {
  data <- some_effects()
  data$year <- 2000 + seq_len(20)
  data$near <- data$year - 2010
  raw <- pool_effects(data, ~ year + I(year^2), method = "EE")
  near <- pool_effects(data, ~ near + I(near^2), method = "EE")
  expect_equal(hatvalues(raw), hatvalues(near), tolerance = 1e-8)
  expect_equal(rstandard(raw), rstandard(near), tolerance = 1e-6)
  expect_equal(predict(raw)$se, predict(near)$se, tolerance = 1e-8)
  new <- data.frame(year = 2030, near = 20)
  expect_equal(predict(raw, new)$se, predict(near, new)$se, tolerance = 1e-8)
})
