#' Influence of studies and effects
#'
#' What changes when a row, or a cluster (study, laboratory, strain), is left out, and how
#' far what is left out lies from what the others say. `influence()` gives all of it as a
#' table; the other generics give one measure, and only that is computed.
#'
#' With b the coefficients, and (i) for a fit without row or cluster i:
#'
#' * `cooks.distance()`: \eqn{(b - b_{(i)})' Var(b)^{-1} (b - b_{(i)})}, not divided by
#'   the number of coefficients.
#' * `dfbetas()`: \eqn{b - b_{(i)}} over the standard errors that the coefficients of all
#'   rows would have with the variance parameters of the fit without i.
#' * `rstudent()`: deleted residuals \eqn{y - x'b_{(i)}} of the rows of i. Their
#'   covariance is that of the rows, with the variance parameters without i, plus that of
#'   \eqn{x'b_{(i)}}. It takes what is left out as independent of what stays. A row out
#'   of a study with others is not, and its residual then mostly looks less extreme than
#'   it is: leave studies out as wholes.
#' * `X2`: the deleted residuals of a cluster together, as a chi-square on as many degrees
#'   of freedom as it has rows.
#'
#' These are the definitions of metafor (Viechtbauer and Cheung 2010).
#'
#' @param model An `mv_fit` from [pool_effects()].
#' @param cluster,reestimate As for [leave_one_out()].
#' @param ... Unused.
#' @return `influence()`: a data frame, one row for each row or cluster: `left_out`;
#'   `rows`, how many; where each row is left out by itself `rstudent`; `X2`, `X2_df`,
#'   `X2_p`; `cook`; `cov_ratio`, the determinant of the coefficients' covariance without
#'   i over that with it; `dffits` (single rows of independent effects), the change of the
#'   row's mean in standard errors; `hat`, the leverage (the sum over a cluster); `tau2`
#'   or the parameters of the random parts, and `QE`, both without i; `dfbetas`, a column
#'   for each coefficient; `influential`; `status`.
#'
#'   `influential` is TRUE where `cook` is above the median of a chi-square on p degrees
#'   of freedom, a `dfbetas` above 1, `hat` above 3 p / n for n rows or clusters, or
#'   `dffits` above \eqn{3 \sqrt{p / (k - p)}}, each without its sign; NA where the refit
#'   failed and the leverage does not say it. It is a reason to look at a study, not to
#'   drop it.
#'
#'   `cooks.distance()`: a named vector. `dfbetas()`: a matrix, one row for each row or
#'   cluster. `rstudent()`: a data frame of all pooled rows, as `rstandard()`: `resid`,
#'   `se`, `z`.
#' @section Errors: As of [leave_one_out()].
#' @references
#' Cook RD (1977). Detection of influential observation in linear regression.
#' *Technometrics* 19:15-18.
#'
#' Viechtbauer W, Cheung MWL (2010). Outlier and influence diagnostics for meta-analysis.
#' *Res Synth Methods* 1:112-125.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' fit <- pool_effects(effects)
#' influence(fit)
#' cooks.distance(fit)
#' @export
influence.mv_fit <- function(model, cluster = NULL, reestimate = TRUE, ...) {
  want <- c("outside", "whole", "homogeneous")
  at <- refits_for(model, rlang::enquo(cluster), reestimate, "influence", want)
  influence_table(model, at$by, at$found)
}

#' @rdname influence.mv_fit
#' @export
cooks.distance.mv_fit <- function(model, cluster = NULL, reestimate = TRUE, ...) {
  at <- refits_for(model, rlang::enquo(cluster), reestimate, "cooks.distance")
  rlang::set_names(at$found$cook, at$by$label)
}

#' @rdname influence.mv_fit
#' @export
dfbetas.mv_fit <- function(model, cluster = NULL, reestimate = TRUE, ...) {
  at <- refits_for(model, rlang::enquo(cluster), reestimate, "dfbetas", "whole")
  dfbetas_of(model, at$by, at$found)
}

#' @rdname influence.mv_fit
#' @export
rstudent.mv_fit <- function(model, cluster = NULL, reestimate = TRUE, ...) {
  at <- refits_for(model, rlang::enquo(cluster), reestimate, "rstudent", "outside")
  found <- at$found
  data.frame(resid = found$residual, se = found$se, z = found$residual / found$se)
}

refits_for <- function(model, quo, reestimate, what, want = character(),
                       call = rlang::caller_env()) {
  check_refits(model, what, call)
  reestimate <- check_flag(reestimate, "reestimate", call)
  by <- refit_clusters(model, quo, call)
  list(by = by, found = run_refits(model, by, refit_plan(by, want), reestimate))
}

# ---- the table -----------------------------------------------------------------------

dfbetas_of <- function(model, by, found) {
  matrix(t(found$shift / found$se_whole),
    ncol = model$p, dimnames = list(by$label, names(model$beta))
  )
}

influence_table <- function(model, by, found) {
  rows <- tabulate(by$code, by$count)
  dfbetas <- dfbetas_of(model, by, found)
  out <- list(left_out = by$label, rows = rows)
  single <- all(rows == 1)
  if (single) out$rstudent <- (found$residual / found$se)[order(by$code)]
  out <- c(out, list(
    X2 = found$x2, X2_df = rows,
    X2_p = stats::pchisq(found$x2, rows, lower.tail = FALSE), cook = found$cook,
    cov_ratio = covariance_ratio(model, found)
  ))
  hat <- stats::hatvalues(model)
  if (single && !is_multilevel(model)) {
    out$dffits <- dffits_of(model, found, hat)
  }
  out$hat <- as.vector(rowsum(hat, by$code))
  influential <- is_influential(model, out, dfbetas, by$count)
  out <- data.frame(out, t(found$theta),
    QE = found$numbers["Q", ],
    coefficient_columns(t(dfbetas), "dfbetas", names(model$beta)),
    influential = influential, status = found$status, check.names = FALSE
  )
  rownames(out) <- NULL
  out
}

# Determinants by the logarithm, of correlation matrices: the units of the columns would
# overflow them.
covariance_ratio <- function(model, found) {
  log_det <- \(x) as.vector(determinant(x / outer(model$se, model$se))$modulus)
  apply(found$vcov, 3, \(x) {
    x <- as.matrix(x)
    if (anyNA(x)) NA_real_ else exp(log_det(x) - log_det(model$vcov))
  })
}

# The change of a row's mean, over its standard error with the tau2 without the row.
dffits_of <- function(model, found, hat) {
  x <- if (is.null(model$X)) matrix(1, model$k, 1) else model$X
  change <- rowSums(x * t(found$shift))
  change / sqrt(found$numbers["s2_used", ] * hat * (found$theta[1, ] + model$vi))
}

is_influential <- function(model, out, dfbetas, count) {
  p <- model$p
  far <- out$cook > stats::qchisq(0.5, p) | out$hat > 3 * p / count |
    rowSums(abs(dfbetas) > 1) > 0
  if (is.null(out$dffits)) return(far)
  far | abs(out$dffits) > 3 * sqrt(p / (model$k - p))
}
