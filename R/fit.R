# The class of a fitted model: its construction, the accessors that later stages read it
# by, and the methods of the generics for fitted models.

pooled_names <- c(
  "tau2", "tau2_se", "s2", "s2_used", "df", "Q", "Q_df", "Q_p", "QM", "QM_df1",
  "QM_df2", "QM_p", "typical_variance", "I2", "H2", "loglik_ml", "loglik_reml",
  "n_maxima", "evaluations"
)

new_fit <- function(found, design, yi, vi, effects, method, test, level, k, p,
                    dependent, default_test) {
  number <- as.list(found$numbers)
  names(number) <- pooled_names
  names_of_beta <- if (is.null(design$x)) "(Intercept)" else colnames(design$x)
  vcov <- found$vcov
  dim(vcov) <- c(p, p)
  dimnames(vcov) <- list(names_of_beta, names_of_beta)
  columns <- found[c("beta", "se", "statistic", "p_value", "ci_lower", "ci_upper")]
  columns <- lapply(columns, `names<-`, names_of_beta)
  fit <- c(columns, list(
    vcov = vcov, df = number$df, tau2 = number$tau2, tau2_se = number$tau2_se,
    method = method, test = test, level = level, k = k, p = p,
    s2 = number$s2, s2_used = number$s2_used,
    Q = number$Q, Q_df = number$Q_df, Q_p = number$Q_p,
    QM = number$QM, QM_df = c(number$QM_df1, number$QM_df2), QM_p = number$QM_p,
    typical_variance = number$typical_variance, I2 = number$I2, H2 = number$H2,
    loglik = c(ml = number$loglik_ml, reml = number$loglik_reml),
    yi = yi, vi = vi, used = design$used, effects = effects,
    mods = design$mods, X = design$x, terms = design$terms, xlevels = design$xlevels,
    contrasts = design$contrasts, dependent = dependent,
    n_maxima = as.integer(number$n_maxima), evaluations = as.integer(number$evaluations),
    notes = c(fit_notes(vi), weight_note(effects, design$used)),
    default_test = default_test, format_version = 1L
  ))
  class(fit) <- "mv_fit"
  fit
}

# Beyond this ratio of the largest to the smallest variance a moderator's weighted sums
# lose half of a double's digits.
extreme_ratio <- 1e7

fit_notes <- function(vi) {
  ends <- range(vi)
  if (ends[1] == 0) {
    return("An effect has variance 0: Q, I2 and the interval of tau2 are not defined.")
  }
  if (ends[2] <= extreme_ratio * ends[1]) return(character())
  paste(
    "The largest variance is more than 10^7 times the smallest:",
    "a few effects decide the result. Check for a mistyped SD or unit."
  )
}

# ---- accessors -----------------------------------------------------------------------

fit_rows <- function(fit) {
  if (is.null(fit$used)) fit$effects else fit$effects[fit$used, , drop = FALSE]
}

fit_column <- function(fit, column) {
  values <- fit$effects[[column]]
  if (is.null(fit$used)) values else values[fit$used]
}

fit_measure <- function(fit) {
  measure <- unique(fit_column(fit, "measure"))
  if (length(measure) == 1 && !is.na(measure)) measure else "GEN"
}

# 1 or -1, what the effects were multiplied with; NA where rows differ.
fit_sign <- function(fit) {
  sign <- unique(fit_column(fit, "sign"))
  if (length(sign) == 0) 1 else if (length(sign) == 1) sign else NA_real_
}

fit_studies <- function(fit) {
  study <- fit_column(fit, "study")
  if (is.null(study)) paste("row", seq_len(fit$k)) else as.character(study)
}

is_intercept_only <- function(fit) is.null(fit$X)

fit_weight <- function(fit) 1 / (fit$vi + fit$tau2)

fit_quantile <- function(df, level) stats::qt(1 - (1 - level) / 2, df)

# The variances x'Vx of the means at the rows of `x`. By V as it stands a year and its
# square would cancel all but a few digits, so in orthonormal columns, of which the
# coefficients' errors are nearly independent. (tol = 0: the rank is known to be full.)
mean_variances <- function(fit, x) {
  found <- qr(fit$X, tol = 0)
  q <- qr.Q(found)
  root <- chol(crossprod(q * sqrt(fit_weight(fit))))
  at <- backsolve(qr.R(found), t(x[, found$pivot, drop = FALSE]), transpose = TRUE)
  fit$s2_used * colSums(backsolve(root, at, transpose = TRUE)^2)
}

# ---- methods -------------------------------------------------------------------------

#' Methods for fitted models
#'
#' What R users expect of a fitted model. Values are in the order of the pooled rows;
#' `fit$used` tells which rows of the effects table those are (NULL: all).
#'
#' * `coef()`, `vcov()`: coefficients and their covariance, with the test's scale.
#' * `fitted()`: the model's mean of each row; `residuals()` the observed minus that.
#' * `rstandard()`: residuals over their standard errors; a data frame `resid`, `se`, `z`.
#' * `hatvalues()`: leverages, 0 to 1. `weights()`: percent weights, summing to 100
#'   (`type = "matrix"` has no meaning for independent effects).
#' * `logLik()`, `deviance()`, `AIC()`, `BIC()`: of the restricted likelihood for REML,
#'   else of the likelihood (`REML = ` says which). The deviance is -2 times the log
#'   likelihood, for ML beside that of the saturated model. The parameters counted are the
#'   coefficients and, where it was estimated, tau2.
#' * `nobs()`, `df.residual()`, `model.matrix()`, `formula()`.
#' * `update()`: the same effects with other arguments, from the table in the fit.
#' * `anova()`: of one fit, Wald tests of moderators (`terms`: names or numbers of
#'   coefficients); of two nested fits by `"ML"` (or by REML with the same moderators), a
#'   likelihood-ratio test.
#'   Where a random part of one fit is not in the other, or a parameter of it is fixed at
#'   its edge, the statistic is compared with a 50:50 mixture of chi-squared with df - 1
#'   and df degrees of freedom (Self and Liang 1987; Stram and Lee 1994), which for
#'   several variances is an upper bound of p; the column `reference` says so.
#'
#' @param object,model,x An `mv_fit`.
#' @param ... For `update()`, further arguments of [pool_effects()]; else unused.
#' @param REML TRUE for the restricted likelihood; NULL: as the fit was made.
#' @return As the generic says.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' fit <- pool_effects(effects)
#' coef(fit)
#' head(rstandard(fit))
#' update(fit, method = "DL")
#' @name mv_fit-methods
NULL

#' @rdname mv_fit-methods
#' @export
coef.mv_fit <- function(object, ...) object$beta

#' @rdname mv_fit-methods
#' @export
vcov.mv_fit <- function(object, ...) object$vcov

#' @rdname mv_fit-methods
#' @export
fitted.mv_fit <- function(object, ...) {
  if (is_intercept_only(object)) return(rep(unname(object$beta), object$k))
  unname(drop(object$X %*% object$beta))
}

#' @rdname mv_fit-methods
#' @export
residuals.mv_fit <- function(object, ...) object$yi - fitted.mv_fit(object)

#' @rdname mv_fit-methods
#' @export
hatvalues.mv_fit <- function(model, ...) {
  weight <- fit_weight(model)
  if (is_intercept_only(model)) return(weight / sum(weight))
  unname(pmin(1, weight * mean_variances(model, model$X) / model$s2_used))
}

# A row that alone decides a coefficient has leverage 1 but for rounding: its residual
# and the error of that are 0.
decides_alone <- function(leverage) 1 - leverage < 1e-10

#' @rdname mv_fit-methods
#' @export
rstandard.mv_fit <- function(model, ...) {
  resid <- residuals.mv_fit(model)
  leverage <- hatvalues.mv_fit(model)
  free <- ifelse(decides_alone(leverage), 0, 1 - leverage)
  se <- sqrt((model$vi + model$tau2) * free)
  data.frame(resid = resid, se = se, z = ifelse(se > 0, resid / se, NA_real_))
}

#' @rdname mv_fit-methods
#' @export
weights.mv_fit <- function(object, ...) {
  weight <- fit_weight(object)
  100 * weight / sum(weight)
}

#' @rdname mv_fit-methods
#' @export
logLik.mv_fit <- function(object, REML = NULL, ...) {
  restricted <- if (is.null(REML)) object$method == "REML" else check_flag(REML, "REML")
  structure(
    object$loglik[[if (restricted) "reml" else "ml"]],
    df = object$p + variance_count(object),
    nobs = object$k - if (restricted) object$p else 0L,
    class = "logLik"
  )
}

# How many variance parameters were estimated.
variance_count <- function(fit) {
  if (is_multilevel(fit)) max(0L, fit$parameters$free) else fit$method != "EE"
}

#' @rdname mv_fit-methods
#' @export
deviance.mv_fit <- function(object, REML = NULL, ...) {
  value <- -2 * as.numeric(logLik.mv_fit(object, REML))
  restricted <- if (is.null(REML)) object$method == "REML" else REML
  if (restricted) return(value)
  value - object$k * log(2 * pi) - log_determinant(object)
}

# Of V, the known covariance matrix of the effects, block by block.
log_determinant <- function(fit) {
  diagonal <- sum(log(fit$vi))
  pairs <- fit$pairs
  if (length(pairs$i) == 0) return(diagonal)
  block <- definite_blocks(fit$vi, pairs)$block
  rows <- split(seq_len(fit$k), block)
  rows <- rows[lengths(rows) > 1]
  of_block <- split(seq_along(pairs$i), factor(block[pairs$i], names(rows)))
  diagonal + sum(unlist(Map(\(at, own) {
    sd <- sqrt(fit$vi[at])
    V <- diag(length(at))
    place <- cbind(match(pairs$i[own], at), match(pairs$j[own], at))
    V[place] <- pairs$value[own] / (sd[place[, 1]] * sd[place[, 2]])
    V[place[, 2:1, drop = FALSE]] <- V[place]
    2 * sum(log(diag(chol(V))))
  }, rows, of_block)))
}

#' @rdname mv_fit-methods
#' @export
nobs.mv_fit <- function(object, ...) object$k

#' @rdname mv_fit-methods
#' @export
df.residual.mv_fit <- function(object, ...) object$k - object$p

#' @rdname mv_fit-methods
#' @export
model.matrix.mv_fit <- function(object, ...) {
  if (!is_intercept_only(object)) return(object$X)
  matrix(1, object$k, 1, dimnames = list(NULL, "(Intercept)"))
}

#' @rdname mv_fit-methods
#' @export
formula.mv_fit <- function(x, ...) x$mods

#' @rdname mv_fit-methods
#' @param mods For `update()`, a new formula; `.` stands for the old one.
#' @export
update.mv_fit <- function(object, mods, ...) {
  arguments <- list(
    effects = object$effects, mods = object$mods, random = object$random,
    struct = if (is.null(object$struct)) "CS" else object$struct, R = object$R,
    fix = object$fix, tie = object$tie, rho = object$rho, method = object$method,
    test = if (!object$default_test) object$test, level = object$level,
    dependence = if (object$dependent > 0) "ignore" else "stop",
    zero_variance = if (any(object$vi == 0)) "keep" else "stop"
  )
  if (!missing(mods)) {
    new <- inherits(mods, "formula")
    arguments$mods <- if (new) updated_formula(object$mods, mods) else mods
  }
  changed <- list(...)
  arguments <- forget_random(arguments, changed)
  known <- names(formals(pool_effects))
  for (name in names(changed)) check_choice(name, known, "...")
  arguments[names(changed)] <- changed
  call_with("pool_effects", arguments)
}

# Without `random` what belongs to it has no meaning: update(fit, random = NULL).
forget_random <- function(arguments, changed) {
  if (!"random" %in% names(changed) || !is.null(changed$random)) return(arguments)
  arguments[c("R", "fix", "tie", "rho")] <- list(NULL)
  arguments$struct <- "CS"
  if (isTRUE(arguments$test %in% c("satterthwaite", "containment"))) {
    arguments["test"] <- list(NULL)
  }
  arguments
}

# Both `~ . + dose` and `. ~ . + dose` are one-sided here.
updated_formula <- function(old, new) {
  formula <- stats::update(old, new)
  if (length(formula) == 3) formula[-2] else formula
}
