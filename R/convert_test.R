# From tests to effects, SDs and standard errors.

#' Standardised mean difference from a test of two groups
#'
#' Gives Hedges' g and its variance from t, F with 1 numerator degree of freedom, or the
#' exact p of a t test of two independent groups, or from Cohen's d.
#'
#' The first of `d`, `t`, `f` and `p` that a row has is used. F and p have no sign, and
#' the sign of a t depends on which group its authors put first, so say the `direction`:
#' treated minus control, such as the difference of the means. Without it only d and t
#' give an effect, with their own sign.
#'
#' F must be that of two groups without covariates, p two-sided and exact: of "p < 0.05"
#' the bound 0.05 gives the effect nearest to zero that is compatible with it. The test
#' must be that with the pooled SD; Welch's differs where the groups differ in size and
#' SD.
#'
#' @param n_t,n_c Animals in the treated and the control group.
#' @param t,f,p Statistic or p of the test, or NULL.
#' @param d Cohen's d, not corrected for small samples, or NULL.
#' @param direction Any number whose sign is that of treated minus control.
#' @param variance Form of the variance, as in [effect_sizes()]: `"LS"`, `"LS2"`,
#'   `"LS3"`, `"UB"` or `"H0"`.
#' @param correct If FALSE, d and not g.
#' @return A data frame with a row for each row given: `yi`, `vi`, for [as_effects()];
#'   `d`, not corrected; `problem`, why there is no effect.
#' @section Errors: A p of 0 or 1, a negative F, a missing direction, too few animals (g
#'   needs four): the row is NA with its `problem`, and one warning names such rows.
#' @references Cochrane Handbook 6.5.2.3. Borenstein M, Hedges LV, Higgins JPT, Rothstein
#'   HR (2009). *Introduction to Meta-Analysis*, chapter 4.
#' @family conversions
#' @examples
#' found <- convert_test(n_t = c(8, 10), n_c = 8, t = c(2.4, NA), p = c(NA, 0.012),
#'   direction = -1
#' )
#' found
#' as_effects(yi = found$yi, vi = found$vi, measure = "SMD")
#' @export
convert_test <- function(n_t, n_c, t = NULL, f = NULL, p = NULL, d = NULL,
                         direction = NULL, variance = "LS", correct = TRUE) {
  form <- match(check_choice(variance, forms_of_tests), forms_of_tests) - 1
  correct <- check_flag(correct)
  given <- read_vectors(n_t = n_t, n_c = n_c, t = t, f = f, p = p, d = d,
    direction = direction, one_of = c("t", "f", "p", "d")
  )
  given$values$correct <- as.double(correct)
  given$values$form <- form
  new_frame(convert_rows("smd_of_test", given, c("yi", "vi", "d")))
}

# In the order of the core, those that need no SD and no other rows.
forms_of_tests <- c("LS", "LS2", "LS3", "UB", "H0")

#' Correlation from a test
#'
#' Gives the correlation of n pairs, or its Fisher z, with its variance, from t, F or p
#' of its test, from chi-squared with 1 degree of freedom (phi), or from r itself.
#'
#' A correlation is `t / sqrt(t^2 + n - 2)`, phi `sqrt(chi2 / n)`. The first of `r`, `t`,
#' `f`, `p` and `chi2` that a row has is used; `direction` gives the sign of those that
#' have none.
#' Variances: `(1 - r^2)^2 / (n - 1)` of r, `1 / (n - 3)` of z.
#'
#' @param n Number of pairs (animals), 4 or more.
#' @param t,f,p,chi2 Statistic or p of the test, or NULL.
#' @param r Correlation, or NULL.
#' @param direction Any number with the sign of the correlation.
#' @param measure `"ZCOR"`, Fisher's z, or `"COR"`, the correlation.
#' @return A data frame with a row for each row given: `yi`, `vi`, for [as_effects()];
#'   `r`; `problem`, why there is no effect.
#' @section Errors: A correlation outside -1 to 1, one of -1 or 1 for z, a p of 0 or 1, a
#'   missing direction: the row is NA with its `problem`, and one warning names such rows.
#' @family conversions
#' @examples
#' convert_cor(n = c(12, 20), t = c(2.2, NA), p = c(NA, 0.03), direction = 1)
#' @export
convert_cor <- function(n, t = NULL, f = NULL, p = NULL, chi2 = NULL, r = NULL,
                        direction = NULL, measure = c("ZCOR", "COR")) {
  measure <- first_choice(measure, c("ZCOR", "COR"))
  given <- read_vectors(n = n, t = t, f = f, p = p, chi2 = chi2, r = r,
    direction = direction, one_of = c("t", "f", "p", "chi2", "r")
  )
  if (measure == "ZCOR") {
    found <- convert_rows("z_of_test", given, c("yi", "vi", "r"))
  } else {
    found <- convert_rows("r_of_test", given, c("yi", "vi"))
    found <- c(found[1:2], list(r = found$yi), found[3])
  }
  new_frame(found)
}

#' Standard error from a test or an interval
#'
#' Gives the standard error of an estimate from its interval, its test statistic or its
#' exact two-sided p.
#'
#' The first that a row has: both ends of the interval (half the width over the quantile),
#' one end and the estimate, the statistic, p. Ratios come on the log scale: logs of the
#' estimate and of both ends. `df` says of which t distribution statistic and interval
#' are; without it they are normal.
#'
#' @param estimate The estimate; not needed where both ends are given, but then checked
#'   to lie between them.
#' @param statistic Estimate over standard error, z or t.
#' @param p Two-sided p.
#' @param lower,upper Ends of the interval.
#' @param df Degrees of freedom, 1 or more; `Inf` is the normal.
#' @param level Level of the interval, one for all rows or one a row.
#' @return A data frame with `se` and `problem`, a row for each row given.
#' @section Errors: An interval with its ends turned or without the estimate, a p of 0 or
#'   1, an estimate of 0 with a p: the row is NA with its `problem`, and one warning names
#'   such rows.
#' @references Cochrane Handbook 6.3.1 and 6.3.2.
#' @family conversions
#' @examples
#' convert_se(estimate = log(0.61), lower = log(0.42), upper = log(0.88))
#' convert_se(estimate = -2.3, p = 0.02, df = 14)
#' @export
convert_se <- function(estimate = NULL, statistic = NULL, p = NULL, lower = NULL,
                       upper = NULL, df = Inf, level = 0.95) {
  given <- read_vectors(estimate = estimate, statistic = statistic, p = p, lower = lower,
    upper = upper, df = df, level = level, one_of = c("statistic", "p", "lower", "upper")
  )
  new_frame(convert_rows("se_of_test", given, "se"))
}

#' Pooled SD from a difference of means and its test
#'
#' Gives the SD of two groups, taken as equal, from the difference of their means and its
#' t, F(1, df), exact p, standard error or interval.
#'
#' The first that a row has of `se`, `lower` and `upper`, `t`, `f`, `p`. Use it as the SD
#' of both groups. The sign of the difference and of t play no part.
#'
#' @param difference Difference of the means, not needed with `se` or an interval.
#' @param n_t,n_c Animals in the two groups.
#' @param t,f,p Statistic or two-sided p of the test of the difference, or NULL.
#' @param se Standard error of the difference, or NULL.
#' @param lower,upper Ends of its interval, or NULL.
#' @param level Level of the interval.
#' @return A data frame with a row for each row given: `sd`; `se`, of the difference;
#'   `problem`.
#' @section Errors: A p of 0 or 1, a difference or a statistic of 0, an interval with its
#'   ends turned: the row is NA with its `problem`, and one warning names such rows.
#' @references Cochrane Handbook 6.5.2.3.
#' @family conversions
#' @examples
#' convert_pooled_sd(difference = c(-16, -11), n_t = 8, n_c = 10, p = c(0.004, 0.03))
#' @export
convert_pooled_sd <- function(difference = NULL, n_t, n_c, t = NULL, f = NULL, p = NULL,
                              se = NULL, lower = NULL, upper = NULL, level = 0.95) {
  given <- read_vectors(difference = difference, n_t = n_t, n_c = n_c, t = t, f = f,
    p = p, se = se, lower = lower, upper = upper, level = level,
    one_of = c("t", "f", "p", "se", "lower")
  )
  new_frame(convert_rows("pooled_sd", given, c("sd", "se")))
}
