#' Heterogeneity of a fit
#'
#' Q and its test; tau2, tau, I2 and H2 with intervals. The interval of tau2 is the
#' Q-profile interval (Viechtbauer 2007): exact for normal effects with known variances.
#' Those of tau, I2 and H2 follow from it.
#'
#' I2 is the share of the total variance that is not sampling error, in percent, with
#' the typical sampling variance of Higgins and Thompson (2002); H2 the ratio of the two.
#' For an equal-effects fit both come from Q, without intervals.
#'
#' @section Multilevel fits:
#' The table has a row for each variance, its SD, and each correlation, with profile
#' likelihood intervals ([confint()][confint.mv_fit_multilevel], `type = "components"`);
#' then for each part of `random`, with \eqn{\sigma_j^2} its variance and \eqn{\tilde v}
#' the typical sampling variance,
#'
#' * `I2`: \eqn{100\,\sigma_j^2 / (\sum \sigma^2 + \tilde v)} (Nakagawa and Santos 2012;
#'   Cheung 2014), and that of all parts together;
#' * `share`: \eqn{100\,\sigma_j^2 / \sum \sigma^2}, its share in the heterogeneity;
#' * without moderators, `CVH`: \eqn{\sigma_j} over the absolute mean, and of all
#'   together, with \eqn{\sigma = \sqrt{\sum \sigma_j^2}}, also `M`,
#'   \eqn{\sigma / (\sigma + |\mu|)} (Yang and others 2025). Both grow
#'   without bound, or to 1, as the mean nears 0.
#'
#' The intervals of I2 and CVH are those of the variance, transformed with the other
#' variances and the mean **at their estimates**, so they are too narrow by what is
#' uncertain in those. A part with several variances (HCS, UN, DIAG, HAR, slopes) counts
#' with its average over the rows (Johnson 2014), and has no interval. So do sums.
#'
#' The intervals take some seven refits for each parameter; `intervals = FALSE` leaves
#' them out.
#'
#' @param fit An `mv_fit` from [pool_effects()].
#' @param level Level of the intervals; the fit's own by default.
#' @param intervals FALSE leaves the intervals NA.
#' @return A data frame with one row a term (`"Q"`, `"tau2"`, `"tau"`, `"I2"`, `"H2"`)
#'   and columns `term`, `estimate`, `ci_lower`, `ci_upper`, `df`, `p_value`. I2 is in
#'   percent. NA where a quantity is not defined (one effect; tau2 of an equal-effects
#'   fit). For a multilevel fit the terms are `"Q"`, `"var(<part>)"`, `"sd(<part>)"`,
#'   `"I2(<part>)"`, `"I2(total)"` and so on, with further columns `part` (NA for all
#'   together) and `quantity` (`"variance"`, `"sd"`, `"correlation"`, `"I2"`, `"share"`,
#'   `"CVH"`, `"M"`).
#' @references
#' Cheung MW-L (2014). Modeling dependent effect sizes with three-level meta-analyses: a
#' structural equation modeling approach. *Psychol Methods* 19:211-229.
#'
#' Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. *Stat
#' Med* 21:1539-1558.
#'
#' Johnson PCD (2014). Extension of Nakagawa and Schielzeth's R2GLMM to random slopes
#' models. *Methods Ecol Evol* 5:944-946.
#'
#' Nakagawa S, Santos ESA (2012). Methodological issues and advances in biological
#' meta-analysis. *Evol Ecol* 26:1253-1274.
#'
#' Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in
#' meta-analysis. *Stat Med* 26:37-52.
#'
#' Yang Y, Noble DWA, Spake R, Senior AM, Lagisz M, Nakagawa S (2025). A pluralistic
#' framework for measuring, interpreting and decomposing heterogeneity in meta-analysis.
#' *Methods Ecol Evol*, \doi{10.1111/2041-210x.70155}.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' heterogeneity(pool_effects(effects))
#' @export
heterogeneity <- function(fit, level = fit$level, intervals = TRUE) {
  check_class(fit, "mv_fit", "pool_effects")
  level <- check_level(level)
  intervals <- check_flag(intervals)
  if (is_multilevel_imputed(fit)) {
    return(imputed_multilevel_heterogeneity(fit, level, intervals))
  }
  if (is_multilevel(fit)) return(multilevel_heterogeneity(fit, level, intervals))
  ends <- if (intervals) tau2_interval(fit, level) else c(NA_real_, NA_real_)
  typical <- fit$typical_variance
  estimate <- c(fit$Q, fit$tau2, sqrt(fit$tau2), fit$I2, fit$H2)
  if (fit$method == "EE") estimate[2:3] <- NA
  bounds <- rbind(
    NA_real_, ends, sqrt(ends), 100 * ends / (ends + typical), ends / typical + 1
  )
  data.frame(
    term = c("Q", "tau2", "tau", "I2", "H2"), estimate = estimate,
    ci_lower = bounds[, 1], ci_upper = bounds[, 2],
    df = c(fit$Q_df, NA, NA, NA, NA), p_value = c(fit$Q_p, NA, NA, NA, NA),
    row.names = NULL
  )
}

tau2_interval <- function(fit, level = fit$level) {
  if (fit$method == "EE" || any(fit$vi == 0)) return(c(NA_real_, NA_real_))
  if (!is.null(fit$imputed)) return(imputed_tau2_interval(fit, level))
  .Call(mv_tau2_q_profile, fit$yi, fit$vi, fit$X, level)
}

# Where a few effects are far outliers, Q and the likelihood can disagree so much that
# the Q-profile interval does not hold the estimate.
estimate_outside <- function(fit) {
  ends <- tau2_interval(fit)
  !anyNA(ends) && (fit$tau2 < ends[1] || fit$tau2 > ends[2])
}

heterogeneity_text <- function(fit) {
  if (is_multilevel(fit)) return(multilevel_heterogeneity_text(fit))
  if (!is.null(fit$imputed)) return(imputed_heterogeneity_text(fit))
  if (fit$Q_df < 1) return("heterogeneity: not to be told from one effect")
  if (is.na(fit$Q)) return(paste("tau2 =", number_text(fit$tau2)))
  df <- as.integer(fit$Q_df)
  q <- sprintf("Q(%d) = %s, %s", df, number_text(fit$Q), p_text(fit$Q_p))
  if (fit$method == "EE") return(sprintf("I2 = %s, %s", percent_text(fit$I2), q))
  table <- heterogeneity(fit)
  part <- function(row, digits, unit = "") {
    paste0(
      number_text(table$estimate[row], digits), unit, " ",
      interval_text(table$ci_lower[row], table$ci_upper[row], digits)
    )
  }
  sprintf("tau2 = %s, I2 = %s, %s", part(2, 2), part(4, 0, " %"), q)
}
