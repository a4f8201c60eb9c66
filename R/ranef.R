#' Predicted random effects
#'
#' The best linear unbiased predictions (BLUPs) of the random effects of a fit: how far
#' each study, experiment, outcome or strain lies from the mean, shrunk towards it.
#'
#' The standard error is that of the prediction error, with the error of the coefficients
#' (Henderson 1975), but not that of the variance components. The interval is normal for
#' `test = "z"`, else t with the fewest degrees of freedom of a coefficient.
#'
#' @param object A fit by [pool_effects()], with `random` or without. Anything else goes
#'   to `metafor::ranef()`.
#' @param level Level of the intervals; the fit's own by default.
#' @param ... Unused.
#' @return A data frame with one row a random effect: `part` (such as `study`), `group`
#'   (the name of the study), `level` (of the inner column, or the slope; NA for
#'   intercepts), `estimate`, `se`, `pi_lower`, `pi_upper`, in the unit of the effects.
#' @references
#' Henderson CR (1975). Best linear unbiased estimation and prediction under a selection
#' model. *Biometrics* 31:423-447.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' head(ranef(pool_effects(effects)))
#' @export
ranef <- function(object, ...) UseMethod("ranef")

#' @rdname ranef
#' @export
ranef.default <- function(object, ...) {
  if (!"metafor" %in% loadedNamespaces()) {
    stop_user(c(
      "{.arg object} must be {.cls mv_fit}, made by {.fn pool_effects}.",
      "x" = "It is {.obj_type_friendly {object}}.",
      "i" = "For an object of metafor, load that package first."
    ), "class", call = rlang::current_env())
  }
  theirs <- sys.call()
  theirs[[1]] <- quote(metafor::ranef)
  eval(theirs, parent.frame())
}

#' @rdname ranef
#' @export
#' @exportS3Method metafor::ranef mv_fit
ranef.mv_fit <- function(object, level = object$level, ...) {
  level <- check_level(level)
  if (!is.null(object$imputed)) stop_several_tables("ranef")
  if (object$method == "EE") {
    stop_user("An equal-effects fit has no random effects.", "choice")
  }
  # u_i = tau2 P y, its error tau2 - tau2^2 P_ii
  weight <- fit_weight(object)
  projected <- weight * (1 - hatvalues.mv_fit(object))
  rows <- if (is.null(object$used)) seq_len(object$k) else object$used
  study <- fit_studies(object)
  found <- data.frame(
    part = "study", group = if (anyDuplicated(study)) paste("row", rows) else study,
    level = NA_character_, estimate = object$tau2 * weight * residuals.mv_fit(object),
    se = sqrt(pmax(0, object$tau2 - object$tau2^2 * projected))
  )
  with_interval(found, object, level)
}

#' @rdname ranef
#' @export
#' @exportS3Method metafor::ranef mv_fit_multilevel
ranef.mv_fit_multilevel <- function(object, level = object$level, ...) {
  if (!is.null(object$imputed)) stop_several_tables("ranef")
  level <- check_level(level)
  effects <- multilevel_values(object)$effects
  found <- Map(part_effects, effects, object$parts, MoreArgs = list(fit = object))
  with_interval(do.call(rbind, found), object, level)
}

part_effects <- function(effects, part, fit) {
  known <- part$structure == "KNOWN"
  group <- random_labels(part, fit$effects, fit$used)
  levels <- if (known) NULL else part$labels$levels
  data.frame(
    part = part$name, group = if (known) group[effects$level] else group[effects$group],
    level = if (is.null(levels)) NA_character_ else levels[effects$level],
    estimate = effects$effect, se = effects$se
  )
}

with_interval <- function(found, fit, level) {
  half <- fit_quantile(min(fit$df), level) * found$se
  # next to no degrees of freedom: an infinite quantile, also of what is known to be 0
  half[found$se == 0] <- 0
  found$pi_lower <- found$estimate - half
  found$pi_upper <- found$estimate + half
  rownames(found) <- NULL
  found
}
