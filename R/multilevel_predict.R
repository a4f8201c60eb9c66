# Means and prediction intervals of multilevel models.

#' Predictions of a multilevel fit
#'
#' The mean effect with its confidence interval, and the prediction interval: where a new
#' true effect is expected. What is new is said by `new`: everything (a new study, with a
#' new experiment in it, ...), or some of the random parts, while the others are those of
#' an average study.
#'
#' The variance of a new true effect is the sum of the variances of its new parts; the
#' interval is `estimate` plus and minus a quantile times `sqrt(se^2 + variance)`.
#'
#' * A part with a variance for each level (`struct` HCS, UN, DIAG, HAR) takes the level
#'   from the column of that name in `newdata`. Without `newdata` there is a row for each
#'   level, which the first columns name; with moderators each pooled row has its own.
#' * Random slopes (GEN, GDIAG) take the values from `newdata`: z'Gz, with G the
#'   covariance matrix of the slopes. Without, the prediction interval is NA.
#'
#' Degrees of freedom are those of the fit's test: for each mean by Satterthwaite's
#' formula; for containment the fewest of the coefficients that it is made of. After
#' [robust()] the mean has its robust error, and the prediction interval clusters - p
#' degrees of freedom.
#'
#' `pi_reliable` is FALSE where fewer than 10 groups are independent of one another or
#' the variance of a new effect is estimated as 0: the interval then covers too little.
#'
#' @param object A fit of [pool_effects()] with `random`.
#' @param newdata A data frame, one row a prediction, with the columns of the moderators
#'   and those that the random parts need. NULL: the pooled effect, or with moderators
#'   each pooled row.
#' @param new Names of the random parts that are new, as `fit$components$part` has them,
#'   such as `"study/.row"`; NULL for all.
#' @param interval Quantiles of the prediction interval: `"t"` with the degrees of freedom
#'   of the mean (normal where the test is z), `"z"` normal.
#' @param scale,level As for [predict()][predict.mv_fit].
#' @param ... Must be empty.
#' @return As of [predict()][predict.mv_fit], with `df`, the degrees of freedom of the
#'   mean; `pi_lower_wide` and `pi_upper_wide` are NA: several variances have no common
#'   upper limit. See their intervals, `confint(type = "components")`.
#' @section Errors: `mv_error_new` for a part that the fit has not, `mv_error_column` for
#'   a column that `newdata` lacks, `mv_error_new_level` for a level that was not fitted.
#' @examples
#' table <- data.frame(
#'   study = rep(1:10, each = 3), vi = 0.04,
#'   yi = sin(1:30) / 3 + rep(cos(1:10), each = 3) / 2
#' )
#' fit <- pool_effects(as_effects(table), random = ~ 1 | study / .row)
#' predict(fit)
#' predict(fit, new = "study/.row")
#' @export
predict.mv_fit_multilevel <- function(object, newdata = NULL, new = NULL,
                                      interval = c("t", "z"),
                                      scale = c("effect", "percent"),
                                      level = object$level, ...) {
  rlang::check_dots_empty()
  interval <- check_choice(interval[1], c("t", "z"), "interval")
  scale <- check_choice(scale[1], c("effect", "percent"), "scale")
  level <- check_level(level)
  mean <- new_effect(object, newdata, new)
  half <- fit_quantile(mean$df, level) * mean$se
  ahead_df <- if (interval == "z") Inf else mean$ahead_df
  ahead <- fit_quantile(ahead_df, level) * mean$spread
  found <- data.frame(
    estimate = mean$estimate, se = mean$se, df = mean$df,
    ci_lower = mean$estimate - half, ci_upper = mean$estimate + half,
    pi_lower = mean$estimate - ahead, pi_upper = mean$estimate + ahead,
    pi_reliable = is_reliable(object, mean$variance),
    pi_lower_wide = NA_real_, pi_upper_wide = NA_real_
  )
  if (scale == "percent") found <- fit_percent(found, object)
  if (is.null(mean$levels)) found else cbind(mean$levels, found)
}

# One row a prediction: estimate, se and df of the mean; variance, and with the error of
# the mean the spread and its df, of a new true effect; `levels`, what the rows are, where
# they are not those of `newdata`.
new_effect <- function(fit, newdata, new, call = rlang::caller_env()) {
  parts <- new_parts(fit, new, call)
  levels <- if (is.null(newdata)) level_grid(fit, parts)
  at <- if (is.null(newdata)) levels else newdata
  mean <- multilevel_mean(fit, at, call)
  variance <- variance_at(fit, parts, at, length(mean$estimate), call)
  c(mean, list(
    variance = variance, spread = sqrt(variance + mean$se^2), levels = levels,
    ahead_df = if (!is.null(fit$robust)) prediction_df(fit) else
      if (is.null(fit$imputed)) mean$df else mean$df_complete
  ))
}

is_reliable <- function(fit, variance) {
  variance > 0 & cluster_count(fit) >= least_for_prediction
}

multilevel_mean <- function(fit, newdata, call) {
  x <- if (is.null(newdata)) fit$X else design_for(fit, newdata, call)
  if (is.null(x)) x <- matrix(1, 1, 1)
  if (!is.null(fit$imputed)) return(imputed_multilevel_mean(fit, x))
  if (!is.null(fit$robust)) {
    mean <- robust_mean(fit, x)
    return(list(estimate = mean$fit, se = mean$se, df = mean$df))
  }
  list(
    estimate = unname(drop(x %*% fit$beta)),
    se = unname(sqrt(pmax(0, rowSums((x %*% fit$vcov) * x)))), df = mean_df(fit, x)
  )
}

# Degrees of freedom of the means at the rows of a design.
mean_df <- function(fit, x) {
  if (fit$p == 1 && all(x == x[1])) return(rep(unname(fit$df), nrow(x)))
  switch(fit$test,
    satterthwaite = satterthwaite_df(fit, t(x)), containment = fewest_df(fit$df, x),
    rep(unname(fit$df[1]), nrow(x))
  )
}

# ---- which parts are new -------------------------------------------------------------

part_names <- function(fit) vapply(fit$parts, \(part) part$name, "")

new_parts <- function(fit, new, call) {
  names <- part_names(fit)
  if (is.null(new)) return(seq_along(names))
  if (!is.character(new) || length(new) == 0) {
    stop_user(c(
      "{.arg new} must be names of random parts, or NULL for all.",
      "x" = "It is {.obj_type_friendly {new}}.", "i" = "The fit has {.val {names}}."
    ), "new", call = call)
  }
  unknown <- setdiff(new, names)
  if (length(unknown) == 0) return(match(unique(new), names))
  stop_user(c(
    "{.arg new} names {.val {unknown[1]}}, which is no random part of the fit.",
    "i" = "It has {.val {names}}."
  ), "new", call = call)
}

# ---- the variance of a new effect ----------------------------------------------------

variance_at <- function(fit, parts, newdata, rows, call) {
  each <- lapply(parts, \(i) rep_len(part_variance(fit, i, newdata, call), rows))
  Reduce(`+`, each)
}

has_levels <- function(part) {
  !is_slopes(part$structure) && structure_row(part$structure)$variances == "level"
}

# The columns on which the variance of a new effect depends.
variance_columns <- function(fit) {
  of_levels <- lapply(Filter(has_levels, fit$parts), \(part) part$labels$inner)
  slopes <- which(vapply(fit$parts, \(part) is_slopes(part$structure), NA))
  of_slopes <- lapply(slopes, \(i) all.vars(slope_term(fit, i)$inner))
  unique(unlist(c(of_levels, of_slopes)))
}

part_variance <- function(fit, i, newdata, call) {
  part <- fit$parts[[i]]
  if (is_slopes(part$structure)) {
    z <- slopes_at(fit, i, newdata, call)
    return(if (is.null(z)) NA_real_ else rowSums((z %*% part_covariance(fit, i)) * z))
  }
  theta <- unname(fit$theta[fit$parameters$part == i])
  if (!has_levels(part)) return(theta[1])
  theta[levels_at(part, newdata, call)]
}

# The level of each row: of the pooled rows, or of `newdata`.
levels_at <- function(part, newdata, call) {
  if (is.null(newdata)) return(part$inner)
  column <- part$labels$inner
  need_new_column(newdata, column, part, call)
  label <- as_labels(newdata[[column]], column, call)
  level <- match(label, part$labels$levels)
  unknown <- unique(label[is.na(level) & !is.na(label)])
  if (length(unknown) == 0) return(level)
  stop_user(c(
    "{.val {column}} has {cli::qty(length(unknown))}{?a level/levels} that the fit has
     not: {.val {unknown}}.",
    "i" = "{.val {part$name}} has a variance for {.val {part$labels$levels}}."
  ), "new_level", call = call)
}

need_new_column <- function(newdata, columns, part, call) {
  lacking <- setdiff(columns, names(newdata))
  if (length(lacking) == 0) return(invisible())
  stop_user(c(
    "{.arg newdata} has no column {.val {lacking}}.",
    "i" = "The variance of {.val {part$name}} depends on it. Name the parts that are new
     in {.arg new} if that is not one of them."
  ), "column", call = call)
}

# Every combination of levels on which a new effect's variance depends, for a model of one
# mean; NULL where there is none.
level_grid <- function(fit, parts) {
  if (!is_intercept_only(fit)) return(NULL)
  parts <- Filter(has_levels, fit$parts[parts])
  if (length(parts) == 0) return(NULL)
  levels <- lapply(parts, \(part) part$labels$levels)
  names(levels) <- vapply(parts, \(part) part$labels$inner, "")
  levels <- levels[!duplicated(names(levels))]
  rev(expand.grid(rev(levels), stringsAsFactors = FALSE, KEEP.OUT.ATTRS = FALSE))
}

# The slopes' columns at the pooled rows or at `newdata`; NULL where no row is given. By
# the terms of the fitted rows, so that poly() and the like are those of the fit.
slopes_at <- function(fit, i, newdata, call) {
  part <- fit$parts[[i]]
  if (is.null(newdata)) return(if (!is_intercept_only(fit)) part$slope)
  term <- slope_term(fit, i)
  columns <- all.vars(term$inner)
  need_new_column(newdata, columns, part, call)
  for (column in columns) check_slope(newdata[[column]], column, part$structure, call)
  formula <- rlang::new_formula(NULL, term$inner, env = term$env)
  terms <- stats::terms(stats::model.frame(formula, as.data.frame(fit_rows(fit))))
  at <- \(data) stats::model.matrix(terms, stats::model.frame(terms, data,
    na.action = stats::na.pass
  ))
  own <- as.data.frame(fit_rows(fit))[c(1, fit$k), , drop = FALSE]
  same <- all.equal(unname(c(at(own))), c(part$slope[c(1, fit$k), ]))
  if (!isTRUE(same)) stop_not_by_row(call)
  unname(at(as.data.frame(newdata)))
}

# The formula of a part with slopes: they come in the order of `random`.
slope_term <- function(fit, i) {
  terms <- random_terms(fit$random, fit$struct, NULL)
  terms <- Filter(\(term) is_slopes(term$structure), terms)
  slopes <- which(vapply(fit$parts, \(part) is_slopes(part$structure), NA))
  terms[[match(i, slopes)]]
}
