# Profile likelihoods of the parameters of a multilevel fit: one is held at a value, the
# others are at their best, from where they were. (Venzon and Moolgavkar 1988, Appl Stat
# 37:87, for intervals by them.)

#' Profile likelihood of a multilevel fit
#'
#' The profile log-likelihood of a variance or correlation is the highest log-likelihood
#' with that parameter held at a value. `profile()` gives it at values around the
#' estimate; `confint()` with `type = "components"` the values at which twice its drop
#' from the maximum is the quantile of chi-squared with one degree of freedom.
#' [profile_plot()] draws it.
#'
#' An end is 0 (of a correlation: the lowest or highest that the structure allows) where
#' the profile has not fallen far enough there. An upper end is `Inf` where it has not at
#' a million times the sum of the estimate and the typical sampling variance. A profile
#' can fall, rise and fall again: a bound that is not excluded is an end also where
#' values on the way to it are, and elsewhere the end is one of the places where the
#' profile crosses the line. The level is that of an interior parameter: near a bound the
#' interval covers more often than it says.
#'
#' Parameters that are fixed have no interval. Parameters that are tied are held
#' together, and have the same. The standard deviation of each variance is its square
#' root, and so are its ends.
#'
#' @param object,fitted A multilevel fit: [pool_effects()] with `random`.
#' @param parm Names or numbers of parameters, as in `fit$components`; NULL for all that
#'   are not fixed. For `type = "coefficients"`, of coefficients.
#' @param level Level of the intervals; the fit's own by default. For `profile()`, how
#'   far to go: to the ends of the interval of this level.
#' @param type `"coefficients"`, by the fit's test, or `"components"`.
#' @param points Number of values of each parameter, from end to end.
#' @param ... Unused.
#' @return `confint()`: a matrix with one row a parameter, variances followed by their
#'   standard deviations, and columns for the lower and upper end.
#'
#'   `profile()`: a data frame of class `mv_profile` with columns `parameter`, `kind`
#'   (`"variance"`, `"correlation"`), `value`, `log_lik` (of the method of the fit: the
#'   restricted one of REML), `z` (the signed root of twice the drop), `estimate` and
#'   `maximum` (the estimate and the log-likelihood there).
#' @section Errors: Classed: `mv_error_random` (a fit without random parts),
#'   `mv_error_parm` (no such parameter), `mv_error_fixed` (a parameter that is fixed, or
#'   one of an unstructured part of which another is fixed or tied),
#'   `mv_error_not_converged`. A warning of class `mv_warning_higher_maximum` says that a
#'   profile found a higher likelihood than the fit.
#' @references
#' Venzon DJ, Moolgavkar SH (1988). A method for computing profile-likelihood-based
#' confidence intervals. *Appl Stat* 37:87-94.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' effects$group <- rep(1:5, length.out = nrow(effects))
#' fit <- pool_effects(effects, random = list(~ 1 | group, ~ 1 | .row))
#' confint(fit, type = "components")
#' head(profile(fit, "var(.row)"))
#' @name profile.mv_fit_multilevel
NULL

#' @rdname profile.mv_fit_multilevel
#' @export
confint.mv_fit_multilevel <- function(object, parm = NULL, level = object$level,
                                      type = c("coefficients", "components"), ...) {
  level <- check_level(level)
  type <- check_choice(type[1], c("coefficients", "components"), "type")
  if (type == "coefficients") {
    return(confint.mv_fit(object, parm, level, "coefficients"))
  }
  at <- profiled_parameters(object, parm)
  intervals <- if (is_multilevel_imputed(object)) imputed_profile_intervals else
    profile_intervals
  ends <- intervals(object, at, level)
  name <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), trim = TRUE), "%")
  with_deviations(ends, object$parameters$parameter[at], name)
}

#' @rdname profile.mv_fit_multilevel
#' @export
profile.mv_fit_multilevel <- function(fitted, parm = NULL, level = 0.99, points = 31,
                                      ...) {
  level <- check_level(level)
  points <- check_whole(points, 3, 10000)
  at <- profiled_parameters(fitted, parm)
  rows <- lapply(at, \(one) profile_curve(fitted, one, level, points))
  structure(do.call(rbind, rows), level = level, class = c("mv_profile", "data.frame"))
}

#' @export
profile.mv_fit <- function(fitted, ...) stop_no_random()

stop_no_random <- function(call = rlang::caller_env()) {
  stop_user(c(
    "The fit has no random parts to profile: it was made without {.arg random}.",
    "i" = "{.fn heterogeneity} has the Q-profile interval of its tau2."
  ), "random", call = call)
}

# Each variance is followed by its root.
with_deviations <- function(ends, parameter, ends_names) {
  is_variance <- startsWith(parameter, "var(")
  roots <- ends
  roots[is_variance, ] <- sqrt(ends[is_variance, ])
  order <- order(c(seq_along(parameter), seq_along(parameter)[is_variance]))
  out <- rbind(ends, roots[is_variance, , drop = FALSE])[order, , drop = FALSE]
  names <- c(parameter, sub("^var", "sd", parameter[is_variance]))[order]
  dimnames(out) <- list(names, ends_names)
  out
}

# ---- which parameters ----------------------------------------------------------------

# Numbers of parameters. sd(study), as confint() writes it, is var(study).
profiled_parameters <- function(fit, parm, call = rlang::caller_env()) {
  parameters <- fit$parameters
  at <- if (is.null(parm)) {
    which(parameters$free > 0L)
  } else if (is.numeric(parm)) {
    match(parm, seq_along(parameters$free))
  } else {
    find_parameters(sub("^sd\\(", "var(", parm), parameters, "parm", call)
  }
  if (anyNA(at)) stop_no_number(parm[is.na(at)], parameters, call)
  at <- unique(at)
  fixed <- at[parameters$free[at] == 0L]
  if (length(fixed) > 0 || length(at) == 0) {
    name <- parameters$parameter[if (length(fixed)) fixed else TRUE]
    stop_user(c(
      "A parameter that is fixed has no profile.",
      "x" = "{.val {name}} {?is/are} fixed."
    ), "fixed", call = call)
  }
  check_whole_matrices(fit, at, call)
  at
}

stop_no_number <- function(number, parameters, call) {
  count <- nrow(parameters)
  stop_user(c(
    "{.arg parm} has {number[1]}, and the fit has {count} parameter{?s}.",
    "i" = "{cli::qty(count)}{?It is/They are} {.val {parameters$parameter}}."
  ), "parm", call = call)
}

# An unstructured matrix is turned so that the parameter comes first; what is fixed or
# tied would be lost.
check_whole_matrices <- function(fit, at, call) {
  bad <- lost_if_turned(fit, at)
  if (length(bad) == 0) return(invisible())
  name <- fit$parameters$parameter[bad]
  stop_user(c(
    "An unstructured part with parameters that are fixed or tied has no profile.",
    "x" = "{.val {name}} {?is/are}."
  ), "fixed", call = call)
}

# The fixed and tied parameters of the unstructured parts of the parameters `at`.
lost_if_turned <- function(fit, at) {
  parameters <- fit$parameters
  part <- unique(parameters$part[at])
  part <- part[vapply(fit$parts[part], is_unstructured, NA)]
  tied <- parameters$free %in% parameters$free[duplicated(parameters$free)]
  which(parameters$part %in% part & (tied | parameters$free == 0L))
}

is_unstructured <- function(part) part$structure %in% c("UN", "GEN")
