# Effects of 60 studies with three outcomes each, of which some are missing; the true
# effects of a study have an unstructured covariance. Drawn without R's generator, so that
# the numbers are the same in every version.
three_outcomes <- function(studies = 60) {
  k <- 3 * studies
  even <- \(step) (seq_len(k) * step) %% 1
  normal <- \(step) matrix(stats::qnorm(0.001 + 0.998 * even(step)), 3)
  root <- t(chol(matrix(c(.3, .1, .05, .1, .2, -.05, .05, -.05, .4), 3)))
  vi <- 0.02 + 0.18 * even(sqrt(2) - 1)
  true <- root %*% normal((sqrt(5) - 1) / 2)
  x <- data.frame(
    study = rep(seq_len(studies), each = 3),
    outcome = factor(rep(c("a", "b", "c"), studies)),
    yi = c(true) + sqrt(vi) * c(normal(sqrt(3) - 1)), vi = vi, z = even(sqrt(7) - 2)
  )
  x[-c(2, 7, 15, 31), ]
}

by_outcome <- function(struct, effects = three_outcomes(), ...) {
  pool_effects(effects, mods = ~ outcome - 1, random = ~ outcome | study,
    struct = struct, ...
  )
}

# Three levels, every variance above 0.
three_levels <- function(...) {
  effects <- three_outcomes()
  # each study its own mean
  effects$yi <- effects$yi + 0.5 * sin(effects$study)
  pool_effects(effects, random = ~ 1 | study / .row, ...)
}

log_lik_of <- function(fit) fit$loglik[[tolower(fit$method)]]

# Twice the drop of the log-likelihood, with one parameter fixed by pool_effects().
drop_at <- function(fit, parameter, value) {
  held <- update(fit, fix = stats::setNames(value, parameter))
  2 * (log_lik_of(fit) - log_lik_of(held))
}
