# Fits of several imputations combined by Rubin's rules into one fit.

# `args`: the arguments of pool_effects(), with an mv_effects_imputed for `effects`.
pool_imputed <- function(args) {
  x <- args$effects
  run <- \(i) {
    call_with("pool_effects", replace(args, "effects", list(complete_effects(x, i))))
  }
  first <- run(1)
  fits <- lapply(seq_len(x$m), \(i) {
    fit <- if (i == 1) first else quietly(run(i))
    fit[if (is_multilevel(fit)) draw_slots else pooled_slots]
  })
  fit <- combine_fits(first, fits, x)
  if (is_multilevel(first)) combine_parts(fit, fits) else fit
}

# Of the fit of one imputation of independent effects, what is combined.
pooled_slots <- c(
  "beta", "vcov", "df", "tau2", "I2", "H2", "typical_variance", "s2", "s2_used"
)

# Rubin 1987; degrees of freedom of Barnard and Rubin 1999, Biometrika 86:948, which are
# never more than those of the complete data. Vectorised over the estimates. Where
# nothing varies between the imputations, nothing is missing: the complete data's.
rubin <- function(within, between, m, df_complete = Inf) {
  added <- (1 + 1 / m) * between
  total <- within + added
  share <- ifelse(total > 0, added / total, 0)
  df_old <- (m - 1) / share^2
  df_complete <- rep_len(df_complete, length(share))
  df_seen <- ifelse(
    is.infinite(df_complete), Inf,
    (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
  )
  df <- ifelse(share > 0, 1 / (1 / df_old + 1 / df_seen), df_complete)
  # (r + 2 / (df + 3)) / (r + 1) of Rubin 1987, r = added / within, df of large samples:
  # with those of Barnard and Rubin it would be far from 0 where nothing is missing
  fmi <- share + 2 * (1 - share) / (df_old + 3)
  list(total = total, df = df, fmi = fmi)
}

# `fit` is that of the first imputation: what all share stays, the rest is combined.
combine_fits <- function(fit, fits, x) {
  each <- \(name) unlist(lapply(fits, `[[`, name))
  beta <- matrix(each("beta"),
    ncol = fit$p, byrow = TRUE, dimnames = list(NULL, names(fit$beta))
  )
  within <- Reduce(`+`, lapply(fits, `[[`, "vcov")) / x$m
  between <- stats::cov(beta)
  # one for all, or by Satterthwaite's formula and so others in each fit
  df_complete <- rowMeans(matrix(each("df"), ncol = x$m))
  rule <- rubin(diag(within), diag(between), x$m, df_complete)
  names(rule$df) <- names(rule$fmi) <- names(fit$beta)
  fit$imputed <- list(
    source = x, m = x$m, seed = x$seed, df_complete = df_complete, fmi = rule$fmi,
    within = within, between = between, beta = beta, tau2 = each("tau2"),
    s2_used = each("s2_used")
  )
  means <- intersect(
    c("tau2", "I2", "H2", "typical_variance", "s2", "s2_used"), names(fits[[1]])
  )
  fit[means] <- lapply(means, \(name) mean(each(name)))
  fit$vcov <- within + (1 + 1 / x$m) * between
  fit[c("beta", "se", "df")] <- list(colMeans(beta), sqrt(diag(fit$vcov)), rule$df)
  names(fit$se) <- names(fit$beta)
  fit <- forget_likelihood(test_again(fit))
  drawn <- draws_of_rows(x, fit$used)
  fit[c("yi", "vi", "effects")] <- list(
    rowMeans(drawn$yi), rowMeans(drawn$vi), x$effects
  )
  class(fit) <- c("mv_fit_imputed", "mv_fit")
  fit
}

test_again <- function(fit) {
  half <- fit_quantile(fit$df, fit$level) * fit$se
  fit$statistic <- fit$beta / fit$se
  fit$p_value <- 2 * stats::pt(-abs(fit$statistic), fit$df)
  fit$ci_lower <- fit$beta - half
  fit$ci_upper <- fit$beta + half
  fit
}

# A mean of likelihoods, or of Q, is that of no data.
forget_likelihood <- function(fit) {
  fit[c("tau2_se", "Q", "Q_p", "QM", "QM_p")] <- NA_real_
  fit$loglik[] <- NA_real_
  fit
}

# yi and vi of the pooled rows, a column for each imputation.
draws_of_rows <- function(x, used) {
  all <- lapply(c(yi = "yi", vi = "vi"), \(name) {
    out <- matrix(x$effects[[name]], nrow(x$effects), x$m)
    out[x$rows, ] <- x[[name]]
    out
  })
  if (is.null(used)) all else lapply(all, \(out) out[used, , drop = FALSE])
}

# The fit of one imputation, as far as intervals and weights need it.
fit_of_draw <- function(fit, i, drawn = draws_of_rows(fit$imputed$source, fit$used)) {
  list(
    X = fit$X, yi = drawn$yi[, i], vi = drawn$vi[, i], tau2 = fit$imputed$tau2[i],
    s2_used = fit$imputed$s2_used[i]
  )
}

each_draw <- function(fit, work) {
  drawn <- draws_of_rows(fit$imputed$source, fit$used)
  lapply(seq_len(fit$imputed$m), \(i) work(fit_of_draw(fit, i, drawn)))
}

# Means at the rows of a design `x`: the variance within is that of each fit, in its own
# well-conditioned columns, see mean_variances().
imputed_mean <- function(fit, x) {
  means <- tcrossprod(x, fit$imputed$beta)
  of_draws <- each_draw(fit, \(one) mean_variances(one, x))
  within <- rowMeans(matrix(unlist(of_draws), nrow(x)))
  between <- rowSums((means - rowMeans(means))^2) / (fit$imputed$m - 1)
  rule <- rubin(within, between, fit$imputed$m, fit$imputed$df_complete)
  list(fit = rowMeans(means), se = sqrt(rule$total), df = rule$df)
}

# The lowest and the highest end of the Q-profile intervals of the imputations.
imputed_tau2_interval <- function(fit, level) {
  ends <- each_draw(fit, \(one) {
    .Call(mv_tau2_q_profile, one$yi, one$vi, one$X, level)
  })
  ends <- matrix(unlist(ends), 2)
  c(min(ends[1, ]), max(ends[2, ]))
}

# ---- print ---------------------------------------------------------------------------

imputed_test_text <- function(fit) {
  df <- range(fit$df)
  text <- if (fit$test == "z" && df[1] > 1000) {
    "z test"
  } else {
    shown <- unique(number_text(df, 1))
    sprintf("t(%s)", paste(shown, collapse = " to "))
  }
  adjusted <- fit$test %in% c("knha", "adhoc")
  floor <- if (fit$test == "adhoc") ", s2 not below 1" else ""
  paste0(if (adjusted) "Knapp-Hartung, ", text, if (adjusted) floor)
}

imputed_heterogeneity_text <- function(fit) {
  if (fit$Q_df < 1) return("heterogeneity: not to be told from one effect")
  if (fit$method == "EE") return(sprintf("I2 = %s on average", percent_text(fit$I2)))
  ends <- number_text(range(fit$imputed$tau2))
  sprintf(
    "tau2 = %s on average (%s to %s over the imputations), I2 = %s",
    number_text(fit$tau2), ends[1], ends[2], percent_text(fit$I2)
  )
}

imputed_lines <- function(fit) {
  imputed <- fit$imputed
  if (is.null(imputed)) {
    text <- imputed_text(fit_rows(fit), "effect")
    return(if (!is.null(text)) paste("! imputed SD, taken for known, in", text))
  }
  missing <- unique(percent_text(100 * range(imputed$fmi)))
  sprintf(
    "! imputed SD in %s: Rubin's rules, %d imputations (seed %d), missing information %s",
    count_text(length(imputed_rows(fit_rows(fit))), "effect"), imputed$m, imputed$seed,
    paste(missing, collapse = " to ")
  )
}

# ---- methods -------------------------------------------------------------------------

#' Fits of imputed effects
#'
#' [pool_effects()] fits each of the imputations that [impute_sd()] drew and combines
#' the fits by Rubin's rules (Rubin 1987). The result is an `mv_fit` that the functions
#' for fits read: `print()`, [summary()][summary.mv_fit], [predict()][predict.mv_fit],
#' [confint()][confint.mv_fit], [tidy()][tidy.mv_fit], [heterogeneity()], [forest()],
#' [reported_range()], `coef()`, `vcov()`, `update()`.
#'
#' * Coefficients are the means over the m fits. Their covariance is W + (1 + 1/m) B: W
#'   the mean of the fits' own (with the test's scale), B the covariance between fits.
#' * Degrees of freedom are those of Barnard and Rubin (1999), one for each coefficient,
#'   from the k - p of each fit (z: infinitely many). Where the fits do not differ at all
#'   they are k - p.
#' * `tidy()` adds `df` and `fmi`, the fraction of missing information (Rubin 1987);
#'   `glance()` adds `imputations`. tau2, I2 and H2 are means. The interval of tau2 goes
#'   from the lowest to the highest end of the m intervals, and the prediction interval
#'   takes the mean tau2.
#' * Q, QM, likelihoods, AIC and BIC have no value for m tables and are NA; `logLik()`,
#'   `deviance()`, `anova()`, `hatvalues()` and `rstandard()` stop. Fit one table, see
#'   [imputation()].
#' * `weights()` are mean weights; a forest plot shows the mean of each effect, with the
#'   variance between imputations in its interval.
#'
#' With `random` each imputation has a multilevel fit, with the covariance of its own
#' effects. Degrees of freedom of the complete data are the means over the fits of those
#' of `test`. Variances and correlations are means; `fit$components` and
#' `tidy(effects = "components")` add the `lowest` and the `highest` over the imputations.
#' [heterogeneity()], [r_squared()] and `weights()` are means, and intervals of the
#' components go from the lowest to the highest end.
#' [predict()][predict.mv_fit_multilevel] takes the mean variances, and for prediction
#' intervals the degrees of freedom of the complete data. `profile()`, [ranef()],
#' [robust()], `simulate()` and the refits ([leave_one_out()], [bootstrap()], ...) stop.
#'
#' A row is pooled in all imputations or in none: as it is at the geometric mean of the
#' drawn SDs. Effects that share a study are pooled with `random`, or joined first by
#' [nest_outcomes()]; `subset(effects, outcome == "infarct")` takes some of the rows.
#'
#' @param object,x,model An `mv_fit` of imputed effects.
#' @param conf.int,conf.level As for [tidy()][tidy.mv_fit].
#' @param ... Further arguments of the generic.
#' @return As the generic says.
#' @source Rubin 1987, Multiple Imputation for Nonresponse in Surveys. Barnard and Rubin
#'   1999, Biometrika 86:948.
#' @examples
#' groups <- data.frame(
#'   study = paste("Study", 1:6), n_t = 8, n_c = 8, mean_t = c(62, 48, 71, 55, 60, 66),
#'   sd_t = c(12, 10, NA, 9, 15, 11), mean_c = 100, sd_c = 15
#' )
#' pairs <- as_comparisons(groups, error_t = sd_t, error_c = sd_c, error_type = "sd")
#' fit <- impute_sd(pairs, "multiple", m = 10, seed = 1) |>
#'   effect_sizes("ROM") |>
#'   pool_effects()
#' fit
#' tidy(fit)
#' @name mv_fit_imputed
NULL

#' @rdname mv_fit_imputed
#' @export
tidy.mv_fit_imputed <- function(x, conf.int = TRUE, conf.level = x$level, ...) {
  found <- tidy.mv_fit(x, conf.int, conf.level)
  found$df <- unname(x$df)
  found$fmi <- unname(x$imputed$fmi)
  found
}

#' @rdname mv_fit_imputed
#' @export
glance.mv_fit_imputed <- function(x, ...) {
  cbind(glance.mv_fit(x), imputations = x$imputed$m)
}

#' @rdname mv_fit_imputed
#' @export
augment.mv_fit_imputed <- function(x, ...) {
  rows <- as.data.frame(fit_rows(x))
  rows$.fitted <- fitted.mv_fit(x)
  rows$.resid <- residuals.mv_fit(x)
  rows$.weight <- stats::weights(x)
  rows
}

#' @rdname mv_fit_imputed
#' @export
weights.mv_fit_imputed <- function(object, ...) {
  shares <- each_draw(object, \(one) {
    weight <- fit_weight(one)
    100 * weight / sum(weight)
  })
  Reduce(`+`, shares) / length(shares)
}

#' @rdname mv_fit_imputed
#' @export
update.mv_fit_imputed <- function(object, ...) {
  object$effects <- object$imputed$source
  update.mv_fit(object, ...)
}

stop_several_tables <- function(what, call = rlang::caller_env()) {
  stop_user(c(
    "{.fn {what}} has no value for a fit of several imputations.",
    "i" = "Fit one of them: {.code pool_effects(imputation(effects, 1))}."
  ), "imputed", call = call)
}

#' @rdname mv_fit_imputed
#' @export
logLik.mv_fit_imputed <- function(object, ...) stop_several_tables("logLik")

#' @rdname mv_fit_imputed
#' @export
deviance.mv_fit_imputed <- function(object, ...) stop_several_tables("deviance")

#' @rdname mv_fit_imputed
#' @export
anova.mv_fit_imputed <- function(object, ...) stop_several_tables("anova")

#' @rdname mv_fit_imputed
#' @export
hatvalues.mv_fit_imputed <- function(model, ...) stop_several_tables("hatvalues")

#' @rdname mv_fit_imputed
#' @export
rstandard.mv_fit_imputed <- function(model, ...) stop_several_tables("rstandard")
