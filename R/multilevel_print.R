# What a user reads of a multilevel fit: print and summary.

#' Print and summarise a multilevel fit
#'
#' `print()` says what was pooled, by which random parts, and the answer: the mean with
#' its interval and degrees of freedom, the normal interval for comparison, the prediction
#' interval, the variance of each part, and what to be wary of. `summary()` adds the
#' tests of the coefficients and fit statistics.
#'
#' The data frames are those of [tidy()][tidy.mv_fit]. `tidy()` adds `df`, the degrees of
#' freedom of each coefficient; `tidy(fit, effects = "components")` has a row for each
#' variance and correlation. `glance()` adds `n_components` and `groups`, those that
#' are independent of one another; its `tau2` is the variance of a new true effect, all
#' parts together, and I2 and H2 go with it; all three are NA where a part has several
#' variances.
#'
#' @param object,x A fit of [pool_effects()] with `random`.
#' @param digits Decimals.
#' @param effects `"coefficients"`, or `"components"` of the random parts.
#' @param conf.int,conf.level As for [tidy()][tidy.mv_fit].
#' @param ... Unused.
#' @return `print()` its argument, invisibly; `summary()` an object that prints, a list
#'   with `coefficients`, `components` (both of `tidy()`), `prediction`
#'   ([predict()][predict.mv_fit_multilevel]) and `fit`. `tidy()` of components: `term`,
#'   `part`, `kind` (variance or correlation), `estimate`, `sd`, `levels` (groups of the
#'   part), `fixed`, `tied`, `boundary` (at the edge of what it can be).
#' @examples
#' table <- data.frame(
#'   study = rep(1:10, each = 3), vi = 0.04,
#'   yi = sin(1:30) / 3 + rep(cos(1:10), each = 3) / 2
#' )
#' fit <- pool_effects(as_effects(table), random = ~ 1 | study / .row)
#' summary(fit)
#' tidy(fit, effects = "components")
#' @name mv_fit_multilevel
NULL

#' @rdname mv_fit_multilevel
#' @export
print.mv_fit_multilevel <- function(x, digits = 2, ...) {
  lines <- c(
    title_line(x), model_line(x), "",
    if (is_intercept_only(x)) multilevel_mean_lines(x, digits) else
      c(coefficient_lines(x, digits), robust_line(x, digits)),
    if (is_intercept_only(x) || !is.na(x$QM)) "",
    component_lines(x, digits), "", heterogeneity_text(x),
    if (x$k <= noted_multilevel) small_group_lines(x, digits),
    multilevel_caution_lines(x)
  )
  cat(lines, sep = "\n")
  invisible(x)
}

#' @rdname mv_fit_multilevel
#' @export
summary.mv_fit_multilevel <- function(object, ...) {
  structure(
    list(
      fit = object, coefficients = generics::tidy(object),
      components = tidy_components(object),
      heterogeneity = heterogeneity(object, intervals = FALSE),
      prediction = if (is_intercept_only(object)) stats::predict(object)
    ),
    class = "summary.mv_fit_multilevel"
  )
}

#' @rdname mv_fit_multilevel
#' @export
print.summary.mv_fit_multilevel <- function(x, digits = 2, ...) {
  print(x$fit, digits)
  cat("\nCoefficients\n")
  print(table_text(x$coefficients, digits + 2, column_text), row.names = FALSE)
  cat("\nHeterogeneity by level\n")
  print(level_table(x$heterogeneity, digits), row.names = FALSE)
  if (is.null(x$fit$imputed)) cat("\n", likelihood_line(x$fit), "\n", sep = "")
  invisible(x)
}

# One row a level of heterogeneity(): I2, its share in the variance of true effects, CVH.
level_table <- function(found, digits) {
  of <- \(quantity) found[found$quantity == quantity, ]
  level <- of("I2")
  value <- \(quantity) {
    rows <- of(quantity)
    rows$estimate[match(level$part, rows$part)]
  }
  table <- data.frame(
    level = ifelse(is.na(level$part), "all", level$part),
    I2 = percent_text(level$estimate), share = percent_text(value("share"))
  )
  table$share[is.na(level$part)] <- ""
  if (any(found$quantity == "CVH")) table$CVH <- number_text(value("CVH"), digits)
  table$level <- format(table$level)
  names(table)[1] <- format("level", width = max(nchar(table$level)))
  table
}

likelihood_line <- function(fit) {
  log_lik <- stats::logLik(fit)
  sprintf(
    "log-likelihood %s%s, AIC %s, BIC %s", number_text(as.numeric(log_lik)),
    if (fit$method == "REML") " (restricted)" else "",
    number_text(stats::AIC(log_lik)), number_text(stats::BIC(log_lik))
  )
}

# ---- lines ---------------------------------------------------------------------------

multilevel_model_line <- function(fit) {
  test <- if (!is.null(fit$robust)) robust_test_text(fit) else switch(fit$test,
    satterthwaite = "Satterthwaite t", containment = "t, containment",
    t = sprintf("t(%d)", as.integer(fit$k - fit$p)), z = "z test"
  )
  sprintf("Random effects %s, %s; %s", random_text(fit$parts), fit$method, test)
}

# Whole numbers without decimals.
df_text <- function(df) {
  number_text(df, if (isTRUE(all(abs(df - round(df)) < 0.05))) 0 else 1)
}

multilevel_mean_lines <- function(fit, digits) {
  found <- stats::predict(fit)
  df <- if (is.finite(fit$df)) paste("df", df_text(fit$df))
  first <- found[1, ]
  interval <- interval_text(first$ci_lower, first$ci_upper, digits)
  c(
    paste(
      "estimate", number_text(first$estimate, digits),
      paste(c(interval, df, p_text(fit$p_value)), collapse = ", ")
    ),
    z_line(fit, digits), robust_line(fit, digits),
    multilevel_prediction_lines(fit, found, digits),
    multilevel_percent_lines(fit)
  )
}

# One line, or one for each level on which the variance depends.
multilevel_prediction_lines <- function(fit, found, digits) {
  if (all(is.na(found$pi_lower))) {
    if (!has_slopes(fit)) return(NULL)
    return("prediction interval: depends on a slope, see predict(newdata = )")
  }
  lines <- paste0(
    "prediction interval ", interval_text(found$pi_lower, found$pi_upper, digits),
    " for a new ", new_words(fit), level_words(found)
  )
  if (all(found$pi_reliable)) return(lines)
  c(lines, sprintf("  unreliable (%s)", unreliable_words(fit)))
}

new_words <- function(fit) {
  columns <- unlist(lapply(fit$parts, \(part) part$labels$columns))
  if ("study" %in% columns) "study's true effect" else "true effect"
}

unreliable_words <- function(fit) {
  few <- sprintf("fewer than %d", as.integer(least_for_prediction))
  if (is_multilevel(fit)) return(paste("a variance of 0, or", few, "independent groups"))
  paste("tau2 is 0, or", few, "effects")
}

# ", outcome = pain" for each row of a prediction that has levels in its first columns.
level_words <- function(found) {
  columns <- seq_len(match("estimate", names(found)) - 1)
  words <- lapply(names(found)[columns], \(name) paste(name, "=", found[[name]]))
  if (length(words) == 0) return(rep("", nrow(found)))
  paste0(", ", do.call(paste, c(words, sep = ", ")))
}

multilevel_percent_lines <- function(fit) {
  if (!fit_measure(fit) %in% "ROM" || is.na(fit_sign(fit))) return(NULL)
  found <- stats::predict(fit, scale = "percent")
  line <- sprintf(
    "in percent: %s %s", number_text(found$estimate[1], 1),
    interval_text(found$ci_lower[1], found$ci_upper[1], 1)
  )
  if (all(is.na(found$pi_lower))) return(line)
  ahead <- paste0(
    "prediction interval ", interval_text(found$pi_lower, found$pi_upper, 1),
    level_words(found)
  )
  if (nrow(found) == 1) paste0(line, "; ", ahead) else c(line, paste0("  ", ahead))
}

# The robust interval of each coefficient beside that of the model; NULL where the
# clusters are no column, or too few.
robust_line <- function(fit, digits) {
  column <- top_column(fit)
  if (!is.null(fit$robust) || !is.null(fit$imputed)) return(NULL)
  if (is.null(column) || fit$k > noted_effects) return(NULL)
  by <- or_nothing(robust(fit, !!as.name(column)))
  if (is.null(by) || anyNA(by$se)) return(NULL)
  term <- if (is_intercept_only(fit)) "" else paste0(" ", names(by$beta), ":")
  sprintf(
    "  CR2 by %s:%s %s, df %s, %s", column, term,
    interval_text(by$ci_lower, by$ci_upper, digits), number_text(by$df, 1),
    p_text(by$p_value)
  )
}

# The column of the outermost groups: the study, where the rows themselves are.
top_column <- function(fit) {
  columns <- fit$parts[[top_part(fit)]]$labels$columns
  if (columns[1] != ".row") return(columns[1])
  if ("study" %in% names(fit$effects)) "study"
}

component_lines <- function(fit, digits) {
  found <- tidy_components(fit)
  variance <- found$kind == "variance"
  table <- data.frame(
    component = format(found$term), estimate = column_text(found$estimate, digits + 1),
    SD = ifelse(variance, column_text(found$sd, digits + 1), ""), levels = found$levels
  )
  if (!is.null(found$lowest)) {
    table$imputations <- paste(
      column_text(found$lowest, digits + 1), "to", column_text(found$highest, digits + 1)
    )
  }
  note <- component_notes(found)
  if (any(nzchar(note))) table$note <- format(note)
  names(table)[1] <- format("component", width = max(nchar(found$term)))
  sub(" +$", "", utils::capture.output(print(table, row.names = FALSE)))
}

component_notes <- function(found) {
  note <- ifelse(found$fixed, "fixed", ifelse(found$tied, "tied", ""))
  edge <- ifelse(nzchar(note) & found$boundary, ", ", "")
  paste0(note, edge, ifelse(found$boundary, "at its edge", ""))
}

multilevel_heterogeneity_text <- function(fit) {
  if (!is.null(fit$imputed)) return(imputed_multilevel_text(fit))
  q <- sprintf(
    "Q(%d) = %s, %s", as.integer(fit$Q_df), number_text(fit$Q), p_text(fit$Q_p)
  )
  if (is.na(fit$I2)) return(q)
  sprintf("I2 = %s in all, %s", percent_text(fit$I2), q)
}

# "var(study) = 0.07, var(study/.row) = 0.03", for a line of its own.
component_text <- function(fit, most = 6) {
  found <- fit$components
  shown <- utils::head(found, most)
  text <- paste(shown$parameter, "=", number_text(shown$estimate), collapse = ", ")
  if (nrow(found) > most) paste0(text, ", ...") else text
}
