#' Leave one study out
#'
#' Fits the model again without each row, or without each cluster (study, laboratory,
#' strain), to see what hangs on one of them.
#'
#' A multilevel fit is searched from the variance parameters of the whole fit where that
#' has a single maximum, else by the whole search. A refit that cannot be made is a row
#' with its reason in `status` and NA for its numbers. One whose variance parameters the
#' rest cannot tell apart has NA for these, and where the errors of the coefficients hang
#' on them for the coefficients too.
#'
#' Every refit passes over the rows that are left, so the time grows with rows times
#' clusters: a multilevel fit of 10,000 rows in 2,000 studies takes about 15 s. It can be
#' interrupted.
#'
#' @param fit An `mv_fit` from [pool_effects()].
#' @param cluster What is left out together: a column of the effects table, or values for
#'   all its rows. NULL: each row by itself. Values from outside the table come by
#'   `.env$`.
#' @param reestimate FALSE keeps tau2, or the variance parameters, of the whole fit.
#' @return A data frame, one row a refit: `left_out`; `k`, the effects that are left;
#'   `estimate`, `se`, `df`, `statistic`, `p_value`, `ci_lower`, `ci_upper` by the fit's
#'   test and level (with moderators a column of each for each coefficient, such as
#'   `estimate_dose`); `tau2`, or a column for each parameter of the random parts; `I2`;
#'   `loglik` (restricted for REML); `status`, "ok" or what went wrong.
#' @section Errors: Classed: `mv_error_class` (no fit, or one with robust standard
#'   errors), `mv_error_imputed` (a fit of several imputations), `mv_error_column`
#'   (`cluster` is no column), `mv_error_cluster` (missing values, or only one cluster).
#' @seealso [influence()][influence.mv_fit], [cumulate()].
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' leave_one_out(pool_effects(effects))
#' @export
leave_one_out <- function(fit, cluster = NULL, reestimate = TRUE) {
  call <- rlang::current_env()
  check_refits(fit, "leave_one_out", call)
  by <- refit_clusters(fit, rlang::enquo(cluster), call)
  reestimate <- check_flag(reestimate)
  plan <- refit_plan(by, c("homogeneous", "slopes"))
  refit_table(fit, by, run_refits(fit, by, plan, reestimate), "left_out")
}
