# Estimators of the between-study variance and tests of the pooled estimate. The core's
# table (src/core/tau2.c) owns the names of the estimators.

estimators <- function() .Call(mv_estimators)

# In the order of mv_test in src/core/pool.h.
fit_tests <- c("z", "t", "knha", "adhoc")

check_method <- function(method, call = rlang::caller_env()) {
  same <- c(FE = "EE", CE = "EE")
  if (is.character(method) && length(method) == 1 && method %in% names(same)) {
    return(same[[method]])
  }
  check_choice(method, estimators(), "method", call)
}

# Knapp-Hartung estimates a scale from the spread of the effects, which an equal-effects
# model says is sampling error alone: its test is z unless another is asked for.
check_test <- function(test, method, k, p, call = rlang::caller_env()) {
  if (is.null(test)) return(if (method == "EE") "z" else "adhoc")
  test <- check_choice(test, fit_tests, "test", call)
  if (test == "z" || k > p) return(test)
  stop_user(c(
    "{.code test = {.val {test}}} needs more effects than coefficients.",
    "x" = "The number of effects is {k}, that of coefficients {p}.",
    "i" = "Use {.code test = \"z\"}."
  ), "too_few", call = call)
}

#' The between-study variance
#'
#' How `pool_effects(method = )` estimates tau2, the variance of the true effects
#' between studies.
#'
#' | method | estimator | source |
#' |---|---|---|
#' | `"EE"` | none: the equal-effects (fixed, common) model, tau2 = 0 | |
#' | `"DL"` | moments: \eqn{\max(0, (Q - (k - p)) / tr P)} | DerSimonian and Laird 1986 |
#' | `"PM"` | the root of \eqn{Q(\tau^2) = k - p} | Paule and Mandel 1982 |
#' | `"ML"` | maximum likelihood | Harville 1977 |
#' | `"REML"` | restricted maximum likelihood, the default | Harville 1977 |
#'
#' The likelihood of ML and REML can have several maxima. metavivo brackets every
#' stationary point by bounds on the score and its slope, so the maximum it gives is the
#' global one; `n_maxima` of the fit tells how many there were. Two maxima of equal
#' likelihood (to 1e-10) give the larger tau2. Tolerances are relative: the answer does
#' not depend on the unit of the effects.
#'
#' Standard errors of tau2: ML and REML from the expected information, DL from the
#' variance of Q, PM as the empirical Bayes estimator (Morris 1983).
#'
#' @references
#' DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. *Control Clin
#' Trials* 7:177-188.
#'
#' Harville DA (1977). Maximum likelihood approaches to variance component estimation.
#' *J Am Stat Assoc* 72:320-338.
#'
#' Paule RC, Mandel J (1982). Consensus values and weighting factors. *J Res Natl Bur
#' Stand* 87:377-385.
#'
#' Veroniki AA and others (2016). Methods to estimate the between-study variance and its
#' uncertainty in meta-analysis. *Res Synth Methods* 7:55-79.
#' @name tau2
#' @seealso [pool_effects()], [heterogeneity()] for the interval of tau2.
NULL
