#' Print and summarise a fit
#'
#' `print()` says what was pooled, how, and the answer. `summary()` adds the
#' coefficients' tests, fit statistics and what was left out.
#'
#' @param object,x An `mv_fit` from [pool_effects()].
#' @param digits Decimals.
#' @param ... Unused.
#' @return `print()` its argument, invisibly; `summary()` an object that prints, a list
#'   with `coefficients` ([tidy()][tidy.mv_fit]), `heterogeneity` ([heterogeneity()]),
#'   `prediction` ([predict()][predict.mv_fit]) and `fit`.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' summary(pool_effects(effects))
#' @export
summary.mv_fit <- function(object, ...) {
  structure(
    list(
      fit = object, coefficients = generics::tidy(object),
      heterogeneity = heterogeneity(object),
      prediction = if (is_intercept_only(object)) stats::predict(object)
    ),
    class = "summary.mv_fit"
  )
}

#' @rdname summary.mv_fit
#' @export
print.mv_fit <- function(x, digits = 2, ...) {
  lines <- c(
    title_line(x), model_line(x), "",
    if (is_intercept_only(x)) pooled_lines(x, digits) else coefficient_lines(x, digits),
    heterogeneity_text(x), small_group_lines(x, digits), caution_lines(x)
  )
  cat(lines, sep = "\n")
  invisible(x)
}

#' @rdname summary.mv_fit
#' @export
print.summary.mv_fit <- function(x, digits = 2, ...) {
  fit <- x$fit
  print(fit, digits)
  log_lik <- logLik.mv_fit(fit)
  cat("\nCoefficients\n")
  print(table_text(x$coefficients, digits + 2, column_text), row.names = FALSE)
  cat("\nHeterogeneity\n")
  print(table_text(x$heterogeneity, digits + 2), row.names = FALSE)
  if (is.na(log_lik)) return(invisible(x))
  cat(sprintf(
    "\nlog-likelihood %s%s, AIC %s, BIC %s\n", number_text(as.numeric(log_lik)),
    if (fit$method == "REML") " (restricted)" else "",
    number_text(stats::AIC(log_lik)), number_text(stats::BIC(log_lik))
  ))
  invisible(x)
}

table_text <- function(table, digits, text = number_text) {
  p_values <- grepl("^p[._]value$", names(table))
  table[p_values] <- lapply(table[p_values], \(p) sub("^p (= )?", "", p_text(p)))
  numbers <- vapply(table, is.numeric, NA)
  table[numbers] <- lapply(table[numbers], text, digits = digits)
  table
}

title_line <- function(fit) {
  studies <- fit_column(fit, "study")
  in_studies <- if (is.null(studies)) {
    ", studies not named"
  } else {
    paste(" in", count_text(length(unique(studies)), "study", "studies"))
  }
  what <- if (is_intercept_only(fit)) "Pooled effect" else "Meta-regression"
  sprintf(
    "%s: %s; %s%s", what, fit_measure_text(fit), count_text(fit$k, "effect"), in_studies
  )
}

fit_measure_text <- function(fit) {
  direction <- unique(fit_column(fit, "direction"))
  turned <- if (identical(direction, "benefit")) ", positive is better" else ""
  paste0(measure_label(fit_measure(fit)), turned)
}

model_line <- function(fit) {
  if (is_multilevel(fit)) return(multilevel_model_line(fit))
  random <- paste("Random effects,", fit$method)
  paste0(if (fit$method == "EE") "Equal effects" else random, "; ", test_text(fit))
}

test_text <- function(fit) {
  if (!is.null(fit$imputed)) return(imputed_test_text(fit))
  if (!is.null(fit$robust)) return(robust_test_text(fit))
  if (fit$test == "z") return("z test")
  df <- sprintf("t(%d)", as.integer(fit$df))
  if (fit$test == "t") return(df)
  s2 <- sprintf("s2 = %s", number_text(fit$s2))
  if (fit$test == "adhoc" && fit$s2 < 1) s2 <- paste(s2, "raised to 1")
  sprintf("Knapp-Hartung, %s, %s", df, s2)
}

pooled_lines <- function(fit, digits) {
  found <- predict.mv_fit(fit)
  percent <- percent_lines(fit)
  c(
    sprintf(
      "estimate %s %s, %s", number_text(found$estimate, digits),
      interval_text(found$ci_lower, found$ci_upper, digits), p_text(fit$p_value)
    ),
    z_line(fit, digits),
    prediction_line(found, digits),
    percent
  )
}

# What the normal interval would have been, where another was used.
z_line <- function(fit, digits) {
  if (!is.null(fit$robust)) return(model_interval_line(fit, digits))
  if (fit$test == "z" || !is.null(fit$imputed)) return(NULL)
  se <- fit$se / sqrt(fit$s2_used)
  half <- fit_quantile(Inf, fit$level) * se
  sprintf(
    "  z interval %s for comparison",
    interval_text(fit$beta - half, fit$beta + half, digits)
  )
}

prediction_line <- function(found, digits, unit = "") {
  if (is.na(found$pi_lower)) return(NULL)
  line <- sprintf(
    "prediction interval %s for a new study's true effect",
    interval_text(found$pi_lower, found$pi_upper, digits, unit)
  )
  if (found$pi_reliable || is.na(found$pi_lower_wide)) return(line)
  c(line, sprintf(
    "  unreliable (tau2 is 0, or fewer than %d effects); at tau2's upper limit %s",
    as.integer(least_for_prediction),
    interval_text(found$pi_lower_wide, found$pi_upper_wide, digits, unit)
  ))
}

percent_lines <- function(fit) {
  measure <- fit_measure(fit)
  if (!measure %in% "ROM" || is.na(fit_sign(fit))) return(NULL)
  found <- predict.mv_fit(fit, scale = "percent")
  line <- sprintf(
    "in percent: %s %s", number_text(found$estimate, 1),
    interval_text(found$ci_lower, found$ci_upper, 1)
  )
  # A model with one true effect has no prediction interval.
  if (is.na(found$pi_lower)) return(line)
  interval <- interval_text(found$pi_lower, found$pi_upper, 1)
  paste0(line, "; prediction interval ", interval)
}

coefficient_lines <- function(fit, digits) {
  found <- if (is_multilevel(fit) || !is.null(fit$robust)) generics::tidy(fit) else
    tidy.mv_fit(fit)
  table <- table_text(found, digits, column_text)
  df <- if (is.infinite(fit$QM_df[2])) {
    sprintf("QM(%d) = ", as.integer(fit$QM_df[1]))
  } else if (is.null(fit$robust)) {
    sprintf("F(%d, %s) = ", as.integer(fit$QM_df[1]), df_text(fit$QM_df[2]))
  } else {
    sprintf("F(%d, %s) = ", as.integer(fit$QM_df[1]), number_text(fit$QM_df[2], 1))
  }
  together <- paste0("moderators: ", df, number_text(fit$QM), ", ", p_text(fit$QM_p))
  c(
    utils::capture.output(print(table, row.names = FALSE)), "",
    if (!is.na(fit$QM)) together
  )
}

# What a reader must know before the numbers are used.
caution_lines <- function(fit) {
  rows <- if (is.null(fit$used)) 0L else length(fit$effects$yi) - length(fit$used)
  c(
    if (is_simulated(fit$effects, NULL)) "Simulated data, no evidence.",
    if (rows > 0) {
      sprintf("%s left out (column `reason` says why)", count_text(rows, "row"))
    },
    imputed_lines(fit),
    if (fit$dependent > 0) dependence_line(fit),
    robust_lines(fit),
    if (estimate_outside(fit)) {
      "! tau2 lies outside its Q-profile interval: look for outlying effects"
    },
    if (fit$n_maxima > 1) {
      sprintf("! the likelihood has %d maxima; this is the highest", fit$n_maxima)
    },
    if (length(fit$notes) > 0) paste("!", fit$notes)
  )
}
