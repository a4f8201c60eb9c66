#' Confidence intervals of a fit
#'
#' @param object An `mv_fit` from [pool_effects()].
#' @param parm Names or numbers of coefficients; NULL for all.
#' @param level Level of the intervals; the fit's own by default.
#' @param type `"coefficients"` by the fit's test; `"tau2"` for tau2, tau, I2 and H2 by
#'   the Q-profile method (as [heterogeneity()]).
#' @param ... Unused.
#' @return A matrix with one row a parameter and columns for the lower and upper end.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' fit <- pool_effects(effects)
#' confint(fit)
#' confint(fit, type = "tau2")
#' @export
confint.mv_fit <- function(object, parm = NULL, level = object$level,
                           type = c("coefficients", "tau2"), ...) {
  level <- check_level(level)
  type <- check_choice(type[1], c("coefficients", "tau2"), "type")
  ends <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), trim = TRUE), "%")
  if (type == "tau2") {
    table <- heterogeneity(object, level)[-1, ]
    return(matrix(c(table$ci_lower, table$ci_upper), 4, 2,
      dimnames = list(table$term, ends)
    ))
  }
  half <- fit_quantile(object$df, level) * object$se
  all <- cbind(object$beta - half, object$beta + half)
  dimnames(all) <- list(names(object$beta), ends)
  if (is.null(parm)) all else all[coefficient_numbers(object, parm), , drop = FALSE]
}

coefficient_numbers <- function(fit, which, call = rlang::caller_env()) {
  names <- names(fit$beta)
  number <- match(which, if (is.character(which)) names else seq_along(names))
  if (!anyNA(number)) return(number)
  stop_user(c(
    "There is no coefficient {.val {which[is.na(number)]}}.",
    "i" = "There {?is/are} {.val {names}}."
  ), "coefficient", call = call)
}
