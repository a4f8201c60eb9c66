imputed_set <- function(m = 20, rows = 15, measure = "ROM") {
  x <- random_pairs(rows, 9)
  x$outcome <- "a"
  x$dose <- stats::qnorm(stats::ppoints(rows))
  x$sd_t[c(2, 5, 9)] <- x$sd_c[c(3, 5, 9)] <- NA
  drawn <- suppressMessages(impute_sd(x, "multiple", m = m, seed = 3))
  effect_sizes(drawn, measure)
}

# Rubin 1987, and Barnard and Rubin 1999 by way of r instead of lambda.
by_hand <- function(estimates, variances, df_complete) {
  m <- length(estimates)
  W <- mean(variances)
  B <- sum((estimates - mean(estimates))^2) / (m - 1)
  r <- (1 + 1 / m) * B / W
  total <- W + B + B / m
  large <- (m - 1) * (1 + 1 / r)^2
  seen <- df_complete * (df_complete + 1) / (df_complete + 3) / (1 + r)
  list(
    estimate = mean(estimates), se = sqrt(total),
    df = if (is.infinite(df_complete)) large else large * seen / (large + seen),
    fmi = (r + 2 / (large + 3)) / (r + 1)
  )
}

test_that("Rubin's rules on three numbers, by hand", {
  found <- rubin(0.25, stats::var(c(1, 2, 3)), 3, 10)
  # W 1/4, B 1, T 1/4 + 4/3 = 19/12, lambda (4/3)/(19/12) = 16/19
  expect_equal(found$total, 19 / 12)
  df_old <- 2 * (19 / 16)^2
  df_seen <- 11 / 13 * 10 * 3 / 19
  expect_equal(found$df, 1 / (1 / df_old + 1 / df_seen))
  r <- 16 / 3
  expect_equal(found$fmi, (r + 2 / (df_old + 3)) / (r + 1))
  expect_equal(rubin(0.25, 0, 3, 10), list(total = 0.25, df = 10, fmi = 0))
  expect_equal(rubin(1, 1, 1e9, Inf)$df, (1e9 - 1) * 4, tolerance = 1e-6)
})

test_that("the fit is Rubin's rules of m fits", {
  effects <- imputed_set()
  fits <- lapply(1:20, \(i) pool_effects(imputation(effects, i)))
  fit <- pool_effects(effects)
  expected <- by_hand(
    vapply(fits, \(x) x$beta, 0), vapply(fits, \(x) x$se^2, 0), 14
  )
  expect_equal(unname(fit$beta), expected$estimate)
  expect_equal(unname(fit$se), expected$se)
  expect_equal(unname(fit$df), expected$df)
  expect_equal(unname(fit$imputed$fmi), expected$fmi)
  half <- stats::qt(0.975, expected$df) * expected$se
  expect_equal(unname(fit$ci_upper), expected$estimate + half)
  expect_equal(
    unname(fit$p_value), 2 * stats::pt(-abs(expected$estimate / expected$se), expected$df)
  )
  expect_equal(fit$tau2, mean(vapply(fits, \(x) x$tau2, 0)))
  expect_equal(weights(fit), rowMeans(vapply(fits, weights, numeric(15))))
  expect_s3_class(fit, c("mv_fit_imputed", "mv_fit"), exact = TRUE)
  z <- pool_effects(effects, test = "z", method = "DL")
  fits <- lapply(1:20, \(i) {
    pool_effects(imputation(effects, i), test = "z", method = "DL")
  })
  expected <- by_hand(vapply(fits, \(x) x$beta, 0), vapply(fits, \(x) x$se^2, 0), Inf)
  expect_equal(unname(z$df), expected$df)
  expect_equal(unname(z$se), expected$se)
})

test_that("coefficients and predicted means each have their own degrees of freedom", {
  effects <- imputed_set()
  fits <- lapply(1:20, \(i) pool_effects(imputation(effects, i), mods = ~dose))
  fit <- pool_effects(effects, mods = ~dose)
  for (j in 1:2) {
    expected <- by_hand(
      vapply(fits, \(x) x$beta[[j]], 0), vapply(fits, \(x) x$vcov[j, j], 0), 13
    )
    expect_equal(fit$se[[j]], expected$se)
    expect_equal(fit$df[[j]], expected$df)
  }
  expect_named(fit$df, c("(Intercept)", "dose"))
  new <- data.frame(dose = c(-1, 0, 2))
  means <- lapply(fits, predict, newdata = new)
  found <- predict(fit, new)
  for (row in 1:3) {
    expected <- by_hand(
      vapply(means, \(x) x$estimate[row], 0), vapply(means, \(x) x$se[row]^2, 0), 13
    )
    expect_equal(found$estimate[row], expected$estimate)
    expect_equal(found$se[row], expected$se)
    half <- stats::qt(0.975, expected$df) * expected$se
    expect_equal(found$ci_upper[row], expected$estimate + half)
  }
  expect_equal(found$se[2], fit$se[[1]])
  ends <- confint(fit)
  expect_equal(unname(ends[2, ]), unname(c(fit$ci_lower[2], fit$ci_upper[2])))
  expect_equal(drop(c(1, 2) %*% vcov(fit) %*% c(1, 2)), found$se[3]^2)
})

test_that("prediction, heterogeneity and the range read the combined fit", {
  effects <- imputed_set()
  fits <- lapply(1:20, \(i) pool_effects(imputation(effects, i)))
  fit <- pool_effects(effects)
  found <- predict(fit)
  half <- stats::qt(0.975, 14) * sqrt(fit$tau2 + fit$se^2)
  expect_equal(found$pi_upper, unname(fit$beta + half))
  ends <- vapply(fits, tau2_interval, numeric(2))
  expect_equal(unname(confint(fit, type = "tau2")[1, ]), c(min(ends), max(ends)))
  expect_equal(heterogeneity(fit)$estimate[4], mean(vapply(fits, \(x) x$I2, 0)))
  expect_true(is.na(heterogeneity(fit)$estimate[1]))
  range <- reported_range(fit, 30, 60, change = "reduction")
  expect_equal(range$ci_lower, 100 * expm1(fit$ci_lower[[1]]))
  expect_identical(range$studies, 15L)
  expect_s3_class(forest(fit, band = c(-60, -30)), "ggplot")
})

test_that("tidy(), glance() and augment() say what they know", {
  fit <- pool_effects(imputed_set())
  expect_identical(
    names(tidy(fit)),
    c("term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high",
      "df", "fmi")
  )
  expect_identical(names(tidy(fit, conf.int = FALSE))[6:7], c("df", "fmi"))
  expect_identical(glance(fit)$imputations, 20L)
  expect_true(is.na(glance(fit)$logLik))
  expect_identical(glance(fit)$k, 15L)
  rows <- augment(fit)
  expect_equal(rows$.resid, rows$yi - rows$.fitted)
  expect_equal(sum(rows$.weight), 100)
  expect_equal(summary(fit)$coefficients, tidy(fit))
})

test_that("update() fits the imputations again", {
  effects <- imputed_set(m = 5)
  fit <- pool_effects(effects)
  expect_equal(update(fit, ~dose)$beta, pool_effects(effects, mods = ~dose)$beta)
  expect_equal(update(fit, method = "DL")$se, pool_effects(effects, method = "DL")$se)
})

test_that("fits of imputations print", {
  effects <- imputed_set()
  expect_snapshot(print(pool_effects(effects)))
  expect_snapshot(print(summary(pool_effects(effects, mods = ~dose))))
  expect_snapshot(print(pool_effects(effects, test = "z")))
  expect_snapshot(print(pool_effects(effects, method = "EE")))
})

test_that("what is not defined for several tables stops", {
  fit <- pool_effects(imputed_set(m = 3))
  expect_snapshot(logLik(fit), error = TRUE)
  for (fails in list(deviance, anova, hatvalues, rstandard, AIC)) {
    expect_error(fails(fit), class = "mv_error_imputed")
  }
  expect_identical(nobs(fit), 15L)
  expect_identical(length(residuals(fit)), 15L)
})

test_that("a message of the fits is told once", {
  effects <- imputed_set(m = 4)
  effects$effects$dose[1] <- NA
  told <- 0
  withCallingHandlers(
    fit <- pool_effects(effects, mods = ~dose),
    mv_warning_missing_moderator = \(w) {
      told <<- told + 1
      invokeRestart("muffleWarning")
    }
  )
  expect_identical(told, 1)
  expect_identical(fit$k, 14L)
})

test_that("the interval covers in a small simulation", {
  skip_on_cran()
  covered <- withr::with_seed(20, vapply(seq_len(150), \(i) {
    k <- 12
    n <- function() sample(6:12, k, TRUE)
    n_t <- n()
    n_c <- n()
    mean_t <- 50 * exp(stats::rnorm(k, 0, 0.2))
    cv <- 0.25 * exp(stats::rnorm(k, 0, 0.2))
    x <- pairs_of(
      n_t, stats::rnorm(k, mean_t, cv * mean_t / sqrt(n_t)),
      cv * mean_t * sqrt(stats::rchisq(k, n_t - 1) / (n_t - 1)),
      n_c, stats::rnorm(k, 100, cv * 100 / sqrt(n_c)),
      cv * 100 * sqrt(stats::rchisq(k, n_c - 1) / (n_c - 1))
    )
    x$sd_t[1:4] <- x$sd_c[1:4] <- NA
    drawn <- suppressMessages(impute_sd(x, "multiple", m = 5, seed = i))
    fit <- pool_effects(suppressWarnings(effect_sizes(drawn, "ROM")))
    fit$ci_lower <= log(0.5) && log(0.5) <= fit$ci_upper
  }, NA))
  # 0.95 of 150, two and a half Monte Carlo standard errors
  expect_gt(mean(covered), 0.905)
})
