#' A fit as data frames
#'
#' `tidy()`: one row a coefficient. `glance()`: one row for the fit. `augment()`: the
#' pooled rows of the effects table with what the fit says of each.
#'
#' @param x An `mv_fit` from [pool_effects()].
#' @param conf.int Whether `tidy()` gives `conf.low` and `conf.high`.
#' @param conf.level Their level; the fit's own by default.
#' @param ... Unused.
#' @return `tidy()`: `term`, `estimate`, `std.error`, `statistic`, `p.value`,
#'   `conf.low`, `conf.high`. `glance()`: `k`, `studies`, `measure`, `method`, `test`,
#'   `tau2`, `I2`, `H2`, `Q`, `Q_df`, `Q_p`, `QM`, `QM_p`, `logLik`, `AIC`, `BIC`,
#'   `nobs`. `augment()`: the effects' columns, then `.fitted`, `.resid`, `.std.resid`,
#'   `.hat`, `.weight` (percent).
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' fit <- pool_effects(effects)
#' tidy(fit)
#' glance(fit)
#' @name tidy.mv_fit
NULL

#' @importFrom generics tidy
#' @export
generics::tidy

#' @importFrom generics glance
#' @export
generics::glance

#' @importFrom generics augment
#' @export
generics::augment

#' @rdname tidy.mv_fit
#' @export
tidy.mv_fit <- function(x, conf.int = TRUE, conf.level = x$level, ...) {
  found <- data.frame(
    term = names(x$beta), estimate = x$beta, std.error = x$se,
    statistic = x$statistic, p.value = x$p_value, row.names = NULL
  )
  if (!check_flag(conf.int)) return(found)
  ends <- confint.mv_fit(x, level = conf.level)
  found$conf.low <- unname(ends[, 1])
  found$conf.high <- unname(ends[, 2])
  found
}

#' @rdname tidy.mv_fit
#' @export
glance.mv_fit <- function(x, ...) {
  log_lik <- logLik.mv_fit(x)
  data.frame(
    k = x$k, studies = length(unique(fit_studies(x))), measure = fit_measure(x),
    method = x$method, test = x$test, tau2 = x$tau2, I2 = x$I2, H2 = x$H2,
    Q = x$Q, Q_df = x$Q_df, Q_p = x$Q_p, QM = x$QM, QM_p = x$QM_p,
    logLik = as.numeric(log_lik), AIC = stats::AIC(log_lik), BIC = stats::BIC(log_lik),
    nobs = x$k
  )
}

#' @rdname tidy.mv_fit
#' @export
augment.mv_fit <- function(x, ...) {
  standard <- rstandard.mv_fit(x)
  rows <- as.data.frame(fit_rows(x))
  rows$.fitted <- fitted.mv_fit(x)
  rows$.resid <- standard$resid
  rows$.std.resid <- standard$z
  rows$.hat <- hatvalues.mv_fit(x)
  rows$.weight <- weights.mv_fit(x)
  rows
}
