#' Log hazard ratios from what survival studies print
#'
#' Makes effects of hazard ratios: from observed less expected deaths of the treated group
#' and their variance (a log-rank test), or from a hazard ratio with its interval.
#'
#' `yi = (O - E) / V` with `vi = 1 / V` (Peto's one-step estimate; it is near the log
#' hazard ratio where that is moderate), or `yi = log(hr)` with the standard error
#' `(log(upper) - log(lower)) / (2 * qnorm((1 + level) / 2))`. A row with both is taken
#' from its O - E and V. A hazard ratio below 1 means fewer events in the treated group.
#'
#' In simulated experiments in which all animals die, `1 / V` is 18 to 22 % below the
#' variance of the estimate at 10 animals a group, and 8 % below at 40 without an effect.
#' The estimate itself has a mean that is 0.16 of its standard errors too low at -0.7, and
#' 0.24 at -1.2.
#'
#' @param data A data frame, or NULL: the arguments are then vectors.
#' @param o_minus_e,v Observed less expected deaths in the treated group, and the variance
#'   of that number.
#' @param hr,lower,upper The hazard ratio, treated over control, and both ends of its
#'   interval; not their logs.
#' @param study The study, text or a number. Without it each row counts as a study.
#' @param level The level of the interval.
#' @param greater_is_worse TRUE where the event is a bad one; kept as a column.
#' @param ... Further columns by name.
#' @return A data frame of class `mv_effects`, see [as_effects()], with the measure
#'   `"logHR"`. A row without either pair of numbers has a `reason` and `pooled` FALSE.
#' @section Errors: A variance `v`, a hazard ratio or an end of its interval that is not
#'   positive, and ends that are turned: each names the rows (`mv_error_variance`). A
#'   hazard ratio that is not in the middle of its interval on the log scale is a warning.
#' @source Parmar, Torri and Stewart 1998, Stat Med 17:2815. Tierney and others 2007,
#'   Trials 8:16.
#' @examples
#' survival <- data.frame(
#'   study = c("Kim 2010", "Roy 2014"), o_minus_e = c(-4.2, NA), v = c(5.1, NA),
#'   hr = c(NA, 0.55), lower = c(NA, 0.30), upper = c(NA, 1.01)
#' )
#' as_hazard_ratios(survival)
#' @export
as_hazard_ratios <- function(data = NULL, o_minus_e, v, hr, lower, upper, study,
                             level = 0.95, greater_is_worse, ...) {
  quos <- rlang::enquos(
    o_minus_e = o_minus_e, v = v, hr = hr, lower = lower, upper = upper, study = study,
    greater_is_worse = greater_is_worse
  )
  level <- check_level(level)
  taken <- take_estimates(data, quos, rlang::enquos(...))
  new_estimates(taken, hazard_ratios(taken$values, taken$rows, level), NULL, "logHR")
}

# A list yi, vi.
hazard_ratios <- function(values, rows, level, call = rlang::caller_env()) {
  study <- values$study
  read <- rlang::set_names(c("o_minus_e", "v", "hr", "lower", "upper"))
  x <- lapply(read, \(arg) as_numbers(values[[arg]], arg, study, call))
  has <- !vapply(x, is.null, NA)
  if (!all(has[c("o_minus_e", "v")]) && !all(has[c("hr", "lower", "upper")])) {
    stop_user(c(
      "A hazard ratio needs {.arg o_minus_e} and {.arg v}, or {.arg hr} with {.arg lower}
       and {.arg upper}.",
      "x" = if (any(has)) "There is only {.arg {read[has]}}.",
      "x" = if (!any(has)) "There is none of them.",
      "i" = "Say which columns serve, e.g. {.code hr = hazard_ratio}."
    ), "absent", call = call)
  }
  x <- lapply(x, or_missing, rows, NA_real_)
  check_hazards(x, study, call)
  by_test <- !is.na(x$o_minus_e) & !is.na(x$v)
  warn_off_ratio(x, !by_test, study)
  width <- log(x$upper) - log(x$lower)
  yi <- ifelse(by_test, x$o_minus_e / x$v, log(x$hr))
  vi <- ifelse(by_test, 1 / x$v, (width / (2 * stats::qnorm((1 + level) / 2)))^2)
  stop_vast(yi, study, call)
  stop_vast(vi, study, call)
  list(yi = yi, vi = vi)
}

check_hazards <- function(x, study, call) {
  stop_values(
    x$o_minus_e, is.infinite(x$o_minus_e), "o_minus_e", "finite", study, call
  )
  for (arg in c("v", "hr", "lower", "upper")) {
    bad <- x[[arg]] <= 0 | is.infinite(x[[arg]])
    stop_values(x[[arg]], bad, arg, "positive and finite", study, call)
  }
  stop_turned(x$lower, x$upper, study, call)
}

# The middle of the logs of a printed interval is off by half a unit of the last decimal
# of each of its numbers.
warn_off_ratio <- function(x, rows, study) {
  off <- \(x) last_decimal(x) / x / 2
  slack <- off(x$hr) + (off(x$lower) + off(x$upper)) / 2
  middle <- (log(x$lower) + log(x$upper)) / 2
  bad <- which(rows & abs(log(x$hr) - middle) > 1.05 * slack + 1e-6)
  if (length(bad) == 0) return(invisible())
  warn_user(c(
    "The hazard ratio is not in the middle of its interval (of logs) in
     {name_rows(bad, study)}.",
    "i" = "Look for a slip in the source, or for numbers that are logs already: the
     standard error is taken from the width."
  ), "interval")
}
