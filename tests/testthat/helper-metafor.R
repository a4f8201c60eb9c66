# pool_effects() beside metafor::rma() on the data sets of helper-metadat.R: the whole run
# is validation/metafor.R, a part of it test-metafor.R.

# ---- the two fits ----------------------------------------------------------------------

closed_forms <- c("EE", "DL")

# Everything that is compared, of our fit.
ours <- function(effects, mods, method, test) {
  fit <- metavivo::pool_effects(effects, mods = mods, method = method, test = test)
  predicted <- predict(fit)
  standard <- rstandard(fit)
  heterogeneity <- metavivo::heterogeneity(fit)
  # a row that alone decides its group has no residual
  free <- hatvalues(fit) < 1 - 1e-10
  list(
    beta = unname(fit$beta), se = unname(fit$se), statistic = unname(fit$statistic),
    p = unname(fit$p_value), ci = unname(c(fit$ci_lower, fit$ci_upper)),
    vcov = unname(c(vcov(fit))), tau2 = fit$tau2, se_tau2 = fit$tau2_se, QE = fit$Q,
    QEp = fit$Q_p, QM = fit$QM, QMp = fit$QM_p, I2 = fit$I2, H2 = fit$H2,
    log_lik = unname(fit$loglik), fitted = fitted(fit),
    pi = c(predicted$pi_lower, predicted$pi_upper), weights = weights(fit),
    hat = hatvalues(fit), rstandard = standard$z[free], resid_se = standard$se[free],
    tau2_ci = unlist(heterogeneity[2, c("ci_lower", "ci_upper")], use.names = FALSE),
    I2_ci = unlist(heterogeneity[4, c("ci_lower", "ci_upper")], use.names = FALSE),
    fit = fit
  )
}

# An upper bound of every root of Q(tau2) = a quantile of chi-squared.
root_bound <- function(effects, mods, level = .95) {
  frame <- stats::model.matrix(mods, effects)
  rss <- sum(stats::lm.fit(frame, effects$yi)$residuals^2)
  2 * rss / stats::qchisq((1 - level) / 2, nrow(frame) - ncol(frame)) + max(effects$vi)
}

# rma() run to convergence: its thresholds are absolute, so they are set from the data;
# half steps, since whole Fisher steps can cycle. `start` saves iterations only.
converged <- function(effects, mods, method, test, start = NULL) {
  unit <- stats::median(effects$vi)
  control <- list(
    threshold = 1e-13 * unit, maxiter = 20000, stepadj = .5, tol = 1e-16 * unit,
    tau2.max = root_bound(effects, mods)
  )
  control$tau2.init <- start
  withCallingHandlers(
    metafor::rma(yi, vi, mods = mods, data = effects, method = method, test = test,
      control = control
    ),
    # what metafor before 5 said of Knapp-Hartung with equal effects
    warning = \(w) if (grepl("EE models", conditionMessage(w))) {
      invokeRestart("muffleWarning")
    }
  )
}

theirs <- function(effects, mods, method, test, start = NULL) {
  fit <- converged(effects, mods, method, test, start)
  predicted <- predict(fit)
  standard <- stats::rstandard(fit)
  free <- hatvalues(fit) < 1 - 1e-10
  pi <- if (method == "EE") NA_real_ else c(predicted$pi.lb, predicted$pi.ub)
  found <- list(
    beta = c(fit$beta), se = fit$se, statistic = fit$zval, p = fit$pval,
    ci = c(fit$ci.lb, fit$ci.ub), vcov = unname(c(vcov(fit))), tau2 = fit$tau2,
    se_tau2 = fit$se.tau2, QE = fit$QE, QEp = fit$QEp, QM = fit$QM, QMp = fit$QMp,
    I2 = fit$I2, H2 = fit$H2, log_lik = unlist(fit$fit.stats["ll", c("ML", "REML")]),
    fitted = unname(fitted(fit)), pi = pi, weights = unname(weights(fit)),
    hat = unname(hatvalues(fit)), rstandard = standard$z[free],
    resid_se = standard$se[free]
  )
  if (mods == ~1) found$QM <- found$QMp <- NA_real_
  if (method == "EE") return(found)
  random <- suppressMessages(confint(fit, control = list(
    tol = 1e-16 * stats::median(effects$vi), tau2.max = root_bound(effects, mods)
  )))$random
  found$tau2_ci <- unname(random[1, 2:3])
  found$I2_ci <- unname(random[3, 2:3])
  found
}

# ---- what counts as equal --------------------------------------------------------------

# The size that an error of each quantity is a share of. An estimate that may be 0 is
# measured by its standard error; tau2 by tau2 plus the typical variance, for that sum is
# what weights depend on; I2 in percent, so by 100; a tail probability on the log scale,
# by its elasticity to the statistic, which is above 1 far out; a standardised residual
# by 1 - hat, which cancels where the leverage is near 1.
scales <- function(ours) {
  fit <- ours$fit
  size <- fit$tau2 + fit$typical_variance
  row_se <- sqrt(fit$vi + fit$tau2)
  free <- ours$hat < 1 - 1e-10
  half <- abs(ours$ci - rep(ours$beta, 2))
  list(
    beta = pmax(abs(ours$beta), ours$se), se = ours$se,
    statistic = pmax(abs(ours$statistic), 1), p = NULL, ci = pmax(abs(ours$ci), half),
    vcov = c(ours$se %o% ours$se), tau2 = size, se_tau2 = ours$se_tau2,
    QE = max(ours$QE, fit$Q_df), QEp = NULL, QM = max(ours$QM, 1), QMp = NULL, I2 = 100,
    H2 = ours$H2, log_lik = pmax(abs(ours$log_lik), fit$k),
    fitted = pmax(abs(ours$fitted), row_se), pi = pmax(abs(ours$pi), sqrt(size)),
    weights = ours$weights, hat = ours$hat,
    rstandard = pmax(abs(ours$rstandard), 1) / (1 - ours$hat[free]),
    resid_se = row_se[free], tau2_ci = ours$tau2_ci + fit$typical_variance, I2_ci = 100
  )
}

# d log(tail) / d log(statistic), of a two-sided z or t, an F, a chi-squared; at least 1.
elasticity <- function(ours, which) {
  fit <- ours$fit
  size <- abs(ours$statistic)
  slope <- switch(which,
    p = if (is.finite(fit$df)) 2 * stats::dt(size, fit$df) else 2 * stats::dnorm(size),
    QEp = stats::dchisq(ours$QE, fit$Q_df),
    QMp = if (is.finite(fit$df)) {
      stats::df(ours$QM, fit$QM_df[1], fit$QM_df[2])
    } else {
      stats::dchisq(ours$QM, fit$QM_df[1])
    }
  )
  statistic <- switch(which, p = size, ours[[sub("p$", "", which)]])
  found <- statistic * slope / ours[[which]]
  pmax(1, ifelse(is.finite(found), found, 1))
}

# The largest error of each quantity, as a share of its scale; NA where neither has it,
# Inf where only one has.
errors <- function(ours, theirs) {
  scale <- scales(ours)
  vapply(names(scale), \(name) {
    a <- ours[[name]]
    b <- theirs[[name]]
    if (all(is.na(a)) && all(is.na(b))) return(NA_real_)
    if (length(a) == 0) return(NA_real_)
    if (length(a) != length(b) || !identical(is.na(a), unname(is.na(b)))) return(Inf)
    if (is.null(scale[[name]])) return(tail_error(a, b, elasticity(ours, name)))
    # a quantity whose scale is 0 is 0 in both or differs
    error <- ifelse(a == b, 0, abs(a - b) / scale[[name]])
    max(error, na.rm = TRUE)
  }, 0)
}

# Below the smallest normal double a probability has lost its digits: both are 0.
tail_error <- function(a, b, elasticity) {
  gone <- pmax(a, b) < .Machine$double.xmin
  error <- ifelse(gone, 0, abs(log(a) - log(b)) / elasticity)
  max(error, na.rm = TRUE)
}

# What rounding allows closed forms and what the stopping rules allow iterated ones. The
# ends of tau2's interval are roots, so iterated for every method.
tolerance <- function(method, quantity) {
  closed <- method %in% closed_forms && !quantity %in% c("tau2_ci", "I2_ci")
  if (closed) 1e-10 else 1e-7
}

# One row a fit and quantity: set, moderator, method, test, quantity, error, tolerance.
compare_set <- function(recipe, methods = c("EE", "DL", "PM", "ML", "REML"),
                        tests = c("z", "t", "knha", "adhoc")) {
  effects <- metadat_effects(recipe)
  designs <- list(
    list(effects = effects, mods = ~1),
    list(effects = standardised(with_moderator(effects)), mods = ~x)
  )
  rows <- list()
  for (design in designs) {
    for (method in methods) {
      start <- NULL
      for (test in tests) {
        a <- ours(design$effects, design$mods, method, test)
        b <- theirs(design$effects, design$mods, method, test, start)
        if (method %in% c("ML", "REML")) start <- b$tau2
        rows[[length(rows) + 1]] <- error_rows(recipe$set, a, b)
      }
    }
  }
  do.call(rbind, rows)
}

error_rows <- function(set, ours, theirs) {
  fit <- ours$fit
  error <- errors(ours, theirs)
  data.frame(
    set = set, k = fit$k, p = fit$p, method = fit$method, test = fit$test,
    tau2_is_0 = fit$tau2 == 0, quantity = names(error), error = unname(error),
    tolerance = vapply(names(error), \(name) tolerance(fit$method, name), 0),
    row.names = NULL
  )
}

# ---- columns as they stand, against exact arithmetic -----------------------------------

# The errors of our and of rma()'s fit with the moderator as it stands: of tau2 as a share
# of tau2 plus the median variance, of coefficients and fitted values as a share of their
# size or standard error, of Q. rma() by the estimators that need no threshold only.
exact_errors <- function(recipe, methods = c("EE", "DL", "PM", "ML", "REML")) {
  effects <- with_moderator(metadat_effects(recipe))
  X <- stats::model.matrix(~x, effects)
  unit <- stats::median(effects$vi)
  rows <- lapply(methods, \(method) {
    fit <- metavivo::pool_effects(effects, ~x, method = method, test = "z")
    exact <- exact_fit(effects$yi, effects$vi, X, method, fit$tau2)
    found <- data.frame(
      set = recipe$set, method = method, quantity = names(exact),
      ours = exact_share(exact_part(fit, fit$Q), exact, unit), theirs = NA_real_
    )
    if (!method %in% c("EE", "DL", "PM")) return(found)
    fit <- converged(effects, ~x, method, "z")
    found$theirs <- exact_share(exact_part(fit, fit$QE), exact, unit)
    found
  })
  do.call(rbind, rows)
}

exact_part <- function(fit, QE) {
  list(
    tau2 = fit$tau2, beta = c(fit$beta), se = unname(fit$se), fitted = c(fitted(fit)),
    QE = QE
  )
}

exact_share <- function(found, exact, unit) {
  size <- list(
    tau2 = exact$tau2 + unit, beta = pmax(abs(exact$beta), exact$se), se = exact$se,
    fitted = pmax(abs(exact$fitted), sqrt(exact$tau2 + unit)), QE = exact$QE
  )
  vapply(names(found), \(name) max(abs(found[[name]] - exact[[name]]) / size[[name]]), 0)
}
