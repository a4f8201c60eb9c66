# Multilevel fits of several imputations: Rubin's rules over the fits of each.

# Doses beside one control in each of 9 studies; the SDs of some groups are missing.
imputed_doses <- function(m = 6) {
  study <- rep(1:9, c(2, 3, 2, 4, 3, 2, 3, 2, 3))
  k <- length(study)
  wave <- sin(seq_len(k))
  x <- data.frame(
    study = paste("Study", study), dose = seq_len(k), control = paste("vehicle", study),
    amount = sequence(rle(study)$lengths), n_t = 8, n_c = 10,
    mean_t = 75 + 10 * cos(study) + 30 * wave, sd_t = 34 + 12 * wave,
    mean_c = 100, sd_c = 45 + 12 * cos(study)
  )
  x$sd_t[c(2, 7, 8, 15, 20)] <- x$sd_c[3:5] <- NA
  pairs <- as_comparisons(x,
    treated = dose, error_t = sd_t, error_c = sd_c, error_type = "sd"
  )
  effect_sizes(suppressMessages(impute_sd(pairs, "multiple", m = m, seed = 5)), "ROM")
}

nested <- ~ 1 | study / .row

fits_of <- function(effects, ...) {
  lapply(seq_len(effects$m), \(i) pool_effects(imputation(effects, i), ...))
}

each_of <- function(fits, read) vapply(fits, read, 0)

# Rubin 1987, and Barnard and Rubin 1999 as they write it, by lambda.
expected_rule <- function(estimates, variances, df_complete) {
  m <- length(estimates)
  within <- mean(variances)
  between <- stats::var(estimates)
  total <- within + (1 + 1 / m) * between
  lambda <- (1 + 1 / m) * between / total
  old <- (m - 1) / lambda^2
  seen <- (df_complete + 1) / (df_complete + 3) * df_complete * (1 - lambda)
  list(
    estimate = mean(estimates), se = sqrt(total), df = old * seen / (old + seen)
  )
}

test_that("coefficients are those of Rubin's rules over the fits", {
  effects <- imputed_doses()
  for (test in c("satterthwaite", "containment", "t")) {
    fits <- fits_of(effects, ~amount, random = nested, test = test)
    fit <- pool_effects(effects, ~amount, random = nested, test = test)
    for (j in 1:2) {
      by_rule <- expected_rule(
        each_of(fits, \(x) x$beta[[j]]), each_of(fits, \(x) x$vcov[j, j]),
        mean(each_of(fits, \(x) x$df[[j]]))
      )
      expect_equal(fit$beta[[j]], by_rule$estimate)
      expect_equal(fit$se[[j]], by_rule$se)
      expect_equal(fit$df[[j]], by_rule$df)
    }
    half <- stats::qt(0.975, fit$df) * fit$se
    expect_equal(unname(confint(fit)), unname(cbind(fit$beta - half, fit$beta + half)))
  }
  # the fits differ, or all of this says nothing
  expect_gt(stats::sd(each_of(fits, \(x) x$beta[[1]])), 1e-4)
  expect_s3_class(fit,
    c("mv_fit_multilevel_imputed", "mv_fit_imputed", "mv_fit_multilevel", "mv_fit"),
    exact = TRUE
  )
  z <- pool_effects(effects, ~amount, random = nested, test = "z")
  added <- (1 + 1 / 6) * apply(z$imputed$beta, 2, stats::var) / z$se^2
  expect_equal(unname(z$df), unname(5 / added^2))
})

test_that("each imputation has the covariance of its own effects", {
  effects <- imputed_doses(2)
  fit <- pool_effects(effects, random = nested)
  one <- pool_effects(imputation(effects, 2), random = nested)
  draw <- multilevel_draw(fit, 2)
  for (name in c("pairs", "vcov", "theta", "vi", "df")) {
    expect_identical(draw[[name]], one[[name]])
  }
  expect_identical(predict(draw), predict(one))
  expect_false(identical(draw$pairs$value, multilevel_draw(fit, 1)$pairs$value))
})

test_that("components are means with their range", {
  effects <- imputed_doses()
  fits <- fits_of(effects, random = nested)
  fit <- pool_effects(effects, random = nested)
  table <- tidy(fit, effects = "components")
  for (i in 1:2) {
    theta <- each_of(fits, \(x) x$theta[[i]])
    expect_equal(table$estimate[i], mean(theta))
    expect_equal(table$lowest[i], min(theta))
    expect_equal(table$highest[i], max(theta))
  }
  expect_equal(table$sd, sqrt(table$estimate))
  expect_equal(fit$tau2, sum(table$estimate))
  ends <- lapply(fits, confint, type = "components")
  found <- confint(fit, type = "components")
  expect_equal(found[, 1], do.call(pmin, lapply(ends, \(x) x[, 1])))
  expect_equal(found[, 2], do.call(pmax, lapply(ends, \(x) x[, 2])))
  expect_identical(rownames(found), rownames(ends[[1]]))
})

test_that("heterogeneity, R2 and weights are means over the fits", {
  effects <- imputed_doses(3)
  fits <- fits_of(effects, ~amount, random = nested)
  fit <- pool_effects(effects, ~amount, random = nested)
  tables <- lapply(fits, heterogeneity)
  found <- heterogeneity(fit)
  mean_of <- \(name) rowMeans(vapply(tables, \(x) x[[name]], numeric(nrow(found))))
  expect_equal(found$estimate[-1], mean_of("estimate")[-1])
  expect_true(is.na(found$estimate[1]) && is.na(found$p_value[1]))
  lower <- do.call(pmin, lapply(tables, `[[`, "ci_lower"))
  expect_equal(found$ci_lower, lower)
  expect_true(all(is.na(heterogeneity(fit, intervals = FALSE)$ci_lower)))
  squared <- lapply(fits, r_squared)
  expect_equal(r_squared(fit)$estimate, rowMeans(vapply(squared, `[[`,
    numeric(nrow(squared[[1]])), "estimate"
  )))
  expect_equal(weights(fit), rowMeans(vapply(fits, weights, numeric(fit$k))))
  mean_only <- pool_effects(effects, random = nested)
  expect_equal(sum(weights(mean_only, type = "rowsum")), 100)
  expect_error(weights(fit, type = "rowsum"), class = "mv_error_choice")
})

test_that("means and new effects are predicted with df of their own", {
  effects <- imputed_doses()
  fits <- fits_of(effects, ~amount, random = nested)
  fit <- pool_effects(effects, ~amount, random = nested)
  new <- data.frame(amount = c(1, 3))
  means <- lapply(fits, predict, newdata = new)
  found <- predict(fit, new)
  for (row in 1:2) {
    by_rule <- expected_rule(
      each_of(means, \(x) x$estimate[row]), each_of(means, \(x) x$se[row]^2),
      mean(each_of(means, \(x) x$df[row]))
    )
    expect_equal(found$estimate[row], by_rule$estimate)
    expect_equal(found$se[row], by_rule$se)
    expect_equal(found$df[row], by_rule$df)
    complete <- mean(each_of(means, \(x) x$df[row]))
    half <- stats::qt(0.975, complete) * sqrt(sum(fit$theta) + by_rule$se^2)
    expect_equal(found$pi_upper[row], by_rule$estimate + half)
  }
  alone <- pool_effects(effects, random = nested)
  expect_equal(predict(alone)$df, alone$df[[1]])
  expect_lt(predict(alone, new = "study/.row")$pi_upper, predict(alone)$pi_upper)
})

test_that("an unstructured part of several imputations keeps its covariance", {
  effects <- imputed_doses(3)
  effects$effects$kind <- ifelse(effects$effects$amount == 1, "low", "high")
  fit <- pool_effects(effects, random = ~ kind | study, struct = "UN")
  G <- part_covariance(fit, 1)
  expect_gte(min(eigen(G, TRUE, TRUE)$values), -1e-10)
  expect_identical(nrow(predict(fit)), 2L)
  expect_true(is.na(fit$tau2))
})

test_that("tables, pictures and ranges read the fit", {
  effects <- imputed_doses(3)
  fit <- pool_effects(effects, random = nested)
  expect_identical(tidy(fit)$df, unname(fit$df))
  expect_identical(tidy(fit)$fmi, unname(fit$imputed$fmi))
  expect_identical(glance(fit)$imputations, 3L)
  expect_identical(glance(fit)$groups, 9L)
  expect_true(is.na(glance(fit)$logLik))
  rows <- augment(fit)
  expect_equal(rows$.resid, rows$yi - rows$.fitted)
  expect_equal(sum(rows$.weight), 100)
  range <- reported_range(fit, 20, 40, change = "reduction")
  expect_equal(range$ci_lower, 100 * expm1(fit$ci_lower[[1]]))
  expect_identical(range$studies, 9L)
  expect_s3_class(forest(fit), "ggplot")
})

test_that("update() fits the imputations again", {
  effects <- imputed_doses(3)
  fit <- pool_effects(effects, random = nested)
  expect_identical(
    update(fit, ~amount)$beta, pool_effects(effects, ~amount, random = nested)$beta
  )
  expect_identical(
    update(fit, method = "ML")$theta, pool_effects(effects, random = nested,
      method = "ML")$theta
  )
})

test_that("multilevel fits of imputations print", {
  effects <- imputed_doses()
  fit <- pool_effects(effects, random = nested)
  expect_snapshot(print(fit))
  expect_snapshot(print(summary(pool_effects(effects, ~amount, random = nested))))
})

test_that("what several tables have no value for stops", {
  fit <- pool_effects(imputed_doses(2), random = nested)
  stops <- c(
    "logLik", "deviance", "AIC", "BIC", "anova", "hatvalues", "rstandard", "profile",
    "ranef", "robust", "simulate", "leave_one_out", "influence", "cooks.distance",
    "bootstrap", "wild_bootstrap"
  )
  for (fails in stops) {
    expect_error(do.call(fails, list(fit)), class = "mv_error_imputed", info = fails)
  }
  expect_error(cumulate(fit, amount), class = "mv_error_imputed")
  expect_error(anova(fit, fit), class = "mv_error_imputed")
  expect_error(rho_sensitivity(fit, c(0, 0.5)), class = "mv_error_imputed")
  expect_snapshot(profile(fit), error = TRUE)
})
