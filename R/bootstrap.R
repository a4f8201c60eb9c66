#' Parametric bootstrap
#'
#' Draws new effects from a fitted model again and again, fits each set, and takes
#' intervals from the spread of what was found. `bootstrap_test()` takes the p value of a
#' likelihood-ratio test from the ratios of sets drawn under the reduced model, where
#' chi-squared is only an approximation: in small samples, and for a variance of 0, which
#' lies on the boundary.
#'
#' @details
#' The sets are those of [simulate()][simulate.mv_fit_multilevel]: new random effects at
#' every level and new sampling errors, of the variances that the effects have. The
#' variances and V are taken as known and stay as they are; effects with 3 animals a group
#' vary more than that. Refits search from all starts of [pool_effects()]; those of
#' `bootstrap()` only from the parameters that the set was drawn with, where no
#' correlation is estimated or the effects are more than 5,000.
#'
#' Intervals are percentiles of the replicates. For a variance near 0 they inherit the
#' bias of its estimate, which `bias` shows; profile intervals have none. Replicates whose
#' search found no maximum are left out, counted in `failed`, and told in a warning.
#'
#' @param fit,full,reduced Fits by [pool_effects()]. `reduced` is a special case of `full`
#'   of the same effects, V and method: it has fewer random parts or moderators, a simpler
#'   structure, or parameters that are fixed. That its random parts are a special case is
#'   not checked, beyond the likelihoods and the number of parameters. Where moderators
#'   differ both must be by `method = "ML"`.
#' @param replicates How many, 19 to 10^6.
#' @param seed A whole number; NULL draws one from R's random numbers. The same seed gives
#'   the same result.
#' @param statistic A function of a fit that gives one number or more, always as many,
#'   of which an interval is wanted too. It makes refits slower.
#' @param level Of the intervals; that of the fit by default.
#' @return `bootstrap()`: a data frame with a row for each coefficient, each variance
#'   component and correlation that is not fixed (`tau2` without `random`) and each value
#'   of `statistic`: `parameter`, `kind` (`"coefficient"`, `"variance"`, `"correlation"`
#'   or `"statistic"`), `estimate`, `bias` (mean of the replicates less the estimate),
#'   `se` (their standard deviation), `ci_lower`, `ci_upper`, `replicates` (those that
#'   count), `failed`, `seed`. The replicates are its attribute `"draws"`, a matrix.
#'
#'   `bootstrap_test()`: a data frame of one row: `ratio` (twice the difference of the log
#'   likelihoods), `df` (of the parameters), `p_value` (the share of ratios as large, the
#'   observed one counted in), `p_chisq` (by chi-squared, for comparison), `replicates`,
#'   `failed`, `seed`. The ratios are its attribute `"draws"`.
#' @section Errors: `mv_error_imputed` for a fit of several imputations;
#'   `mv_error_weight_only` where there are weights but no variances; `mv_error_statistic`
#'   for a `statistic` that is no function of a fit to numbers; `mv_error_nested` for two
#'   fits that cannot be compared; `mv_error_bootstrap` where no replicate has a maximum.
#' @references
#' Davison AC, Hinkley DV (1997). *Bootstrap methods and their application*. Cambridge.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = rep(1:8, each = 3), yi = c(
#'     .2, .5, .4, .9, 1.1, .8, -.1, .2, .1, .6, .3, .5, .7, .6, .9, .2, .1, .3, .4, .8,
#'     .5, 1, .9, 1.2
#'   ), vi = 0.05
#' ))
#' fit <- pool_effects(effects, random = ~ 1 | study / .row)
#' bootstrap(fit, replicates = 199, seed = 1)
#' rows <- pool_effects(effects, random = ~ 1 | .row)
#' bootstrap_test(fit, rows, replicates = 199, seed = 1)
#' @export
bootstrap <- function(fit, replicates = 1000, seed = NULL, statistic = NULL,
                      level = NULL) {
  fit <- check_bootstrap_fit(fit, "bootstrap")
  replicates <- check_whole(replicates, 19, 1e6)
  seed <- check_seed(seed)
  level <- if (is.null(level)) fit$level else check_level(level)
  observed <- bootstrap_values(fit)
  extra <- observed_statistic(statistic, fit)
  refit <- refitter(fit, warm = has_one_climb(fit))
  draws <- with_own_seed(seed, replicate_fits(fit, replicates, \(y) {
    found <- refit(y)
    values <- found_values(fit, found, length(observed$estimate))
    c(values, replicated_statistic(statistic, fit, found, y, length(extra)))
  }))
  observed <- rbind(observed, data.frame(
    parameter = names(extra), kind = rep("statistic", length(extra)), estimate = extra,
    row.names = NULL
  ))
  new_bootstrap(observed, t(draws), seed, level)
}

# ---- checks --------------------------------------------------------------------------

check_bootstrap_fit <- function(fit, what, arg = rlang::caller_arg(fit),
                                call = rlang::caller_env()) {
  check_class(fit, "mv_fit", "pool_effects", arg, call)
  if (!is.null(fit$imputed)) stop_several_tables(what, call)
  if (length(weight_only(fit$effects, fit$used))) {
    stop_user("The weights are numbers of animals, no variances: there is nothing to draw
      from.", "weight_only", call = call)
  }
  without_robust(fit)
}

check_seed <- function(seed, call = rlang::caller_env()) {
  if (is.null(seed)) return(sample.int(.Machine$integer.max, 1))
  check_stream(seed, call)
}

# A seed, or NULL for R's own stream.
check_stream <- function(seed, call = rlang::caller_env()) {
  largest <- .Machine$integer.max
  if (!is.null(seed)) check_whole(seed, -largest, largest, "seed", call)
}

# ---- refits --------------------------------------------------------------------------

# A function of new effects: the fit as it comes from the core, its `loglik`, NA where
# there is no maximum, and whether it is `ok`. `method`: whose likelihood is meant where
# nothing but coefficients is estimated.
refitter <- function(fit, warm, method = fit$method) {
  if (is_multilevel(fit)) return(refitter_multilevel(fit, warm))
  at <- if (method == "REML") "loglik_reml" else "loglik_ml"
  intercept <- independent_intercept(fit)
  function(y) {
    found <- .Call(mv_pool, y, fit$vi, fit$X, intercept, fit$method, fit$test, fit$level)
    found$ok <- found$status == "ok"
    found$loglik <- if (found$ok) found$numbers[match(at, pooled_names)] else NA_real_
    found
  }
}

independent_intercept <- function(fit) {
  if (is_intercept_only(fit)) 0L else attr(fit$terms, "intercept") - 1L
}

refitter_multilevel <- function(fit, warm) {
  model <- as_model(fit)
  at <- if (fit$method == "REML") "loglik_reml" else "loglik_ml"
  start <- if (warm) lift_parameters(unname(fit$theta), fit)
  function(y) {
    model$yi <- y
    found <- run_multilevel(model, fit$method, start)
    if (warm && found$status != "ok") found <- run_multilevel(model, fit$method)
    found$ok <- found$status == "ok" && found$numbers[["flat"]] == 0
    found$loglik <- if (found$status == "ok") found$numbers[[at]] else NA_real_
    found
  }
}

# Without correlations the climb from the parameters that a set was drawn with ends at the
# maximum that all starts find; with them (HCS) it is a lower one for a quarter of sets.
has_one_climb <- function(fit) {
  fit$k > most_rows_again || !any(fit$parameters$kind == "correlation")
}

# Columns of sets are drawn some at a time, so that memory stays small: numbers in one go.
most_drawn <- 2e6

# Results of `run`, a column a replicate.
replicate_fits <- function(fit, replicates, run) {
  size <- max(1, floor(most_drawn / fit$k))
  first <- seq(1, replicates, by = size)
  do.call(cbind, lapply(first, \(from) {
    count <- min(size, replicates - from + 1)
    sets <- stats::simulate(fit, count)
    do.call(cbind, lapply(sets, run))
  }))
}

#' @rdname simulate.mv_fit_multilevel
#' @export
simulate.mv_fit <- function(object, nsim = 1, seed = NULL, ...) {
  if (!is.null(object$imputed)) stop_several_tables("simulate")
  nsim <- check_whole(nsim, 1, 1e6)
  check_stream(seed)
  with_own_seed(seed, {
    error <- stats::rnorm(object$k * nsim, 0, sqrt(object$vi + object$tau2))
    drawn <- matrix(error + fitted.mv_fit(object), object$k)
    colnames(drawn) <- paste0("sim_", seq_len(nsim))
    as.data.frame(drawn)
  })
}

# ---- what is collected ---------------------------------------------------------------

# Coefficients, then the components that were estimated.
bootstrap_values <- function(fit) {
  if (is_multilevel(fit)) {
    free <- fit$parameters$free > 0
    components <- fit$theta[free]
    kind <- fit$parameters$kind[free]
  } else {
    components <- if (fit$method != "EE") c(tau2 = fit$tau2)
    kind <- rep("variance", length(components))
  }
  data.frame(
    parameter = c(names(fit$beta), names(components)),
    kind = c(rep("coefficient", fit$p), kind),
    estimate = unname(c(fit$beta, components))
  )
}

found_values <- function(fit, found, count) {
  if (!found$ok) return(rep(NA_real_, count))
  if (is_multilevel(fit)) {
    return(c(found$beta, found$theta[fit$parameters$free > 0]))
  }
  c(found$beta, if (fit$method != "EE") found$numbers[1])
}

observed_statistic <- function(statistic, fit, call = rlang::caller_env()) {
  if (is.null(statistic)) return(numeric())
  if (!is.function(statistic)) {
    stop_user(c(
      "{.arg statistic} must be a function of a fit.",
      "x" = "It is {.obj_type_friendly {statistic}}."
    ), "statistic", call = call)
  }
  value <- tryCatch(statistic(fit), error = function(e) {
    told <- conditionMessage(e)
    stop_user(c("{.arg statistic} fails with the fit itself.", "x" = "{told}"),
      "statistic",
      call = call
    )
  })
  if (!is.numeric(value) || length(value) == 0) {
    stop_user(c(
      "{.arg statistic} must give numbers.",
      "x" = "It gives {.obj_type_friendly {value}}."
    ), "statistic", call = call)
  }
  given <- names(value)
  if (is.null(given)) given <- paste0("statistic", seq_along(value))
  stats::setNames(as.double(value), make.unique(given))
}

# NA where it fails, or gives another number of values, as for a search without an end.
replicated_statistic <- function(statistic, fit, found, y, count) {
  if (count == 0) return(NULL)
  none <- rep(NA_real_, count)
  if (!found$ok) return(none)
  value <- tryCatch(statistic(replicated_fit(fit, found, y)), error = \(e) none)
  if (is.numeric(value) && length(value) == count) as.double(value) else none
}

replicated_fit <- function(fit, found, y) {
  rows <- if (is.null(fit$used)) seq_along(y) else fit$used
  fit$effects$yi[rows] <- y
  fit$yi <- y
  if (is_multilevel(fit)) return(refitted(fit, as_model(fit), found))
  design <- c(list(x = fit$X), fit[c("used", "mods", "terms", "xlevels", "contrasts")])
  new_fit(found, design, y, fit$vi, fit$effects, fit$method, fit$test, fit$level, fit$k,
    fit$p, fit$dependent, fit$default_test
  )
}

# ---- the tables ----------------------------------------------------------------------

new_bootstrap <- function(observed, draws, seed, level, call = rlang::caller_env()) {
  colnames(draws) <- observed$parameter
  fine <- rowSums(is.na(draws)) == 0
  tell_failed(fine, call)
  counted <- draws[fine, , drop = FALSE]
  ends <- apply(counted, 2, stats::quantile, c((1 - level) / 2, (1 + level) / 2),
    type = 6, names = FALSE
  )
  observed$bias <- unname(colMeans(counted)) - observed$estimate
  observed$se <- unname(apply(counted, 2, stats::sd))
  observed$ci_lower <- unname(ends[1, ])
  observed$ci_upper <- unname(ends[2, ])
  observed$replicates <- sum(fine)
  observed$failed <- sum(!fine)
  observed$seed <- seed
  rownames(draws) <- NULL
  structure(observed, draws = draws)
}

tell_failed <- function(fine, call) {
  failed <- sum(!fine)
  if (failed == 0) return(invisible())
  if (sum(fine) < 2) {
    stop_user("{failed} of {length(fine)} replicates failed: no maximum was found, or
      {.arg statistic} had no value.", "bootstrap", call = call)
  }
  warn_user(c(
    "{failed} of {length(fine)} replicates {cli::qty(failed)}{?has/have} no maximum or no
     value, and {?is/are} left out.",
    "i" = if (failed > 0.05 * length(fine)) "With so many the result is doubtful."
  ), "bootstrap")
}
