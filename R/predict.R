#' Predicted mean effects and prediction intervals
#'
#' The mean effect (of each row of `newdata`, with moderators) with its confidence
#' interval, and the prediction interval: where the true effect of a new study is
#' expected.
#'
#' Prediction intervals cover too little where there are few studies or tau2 is
#' estimated as 0. There `pi_reliable` is FALSE, and `pi_lower_wide`, `pi_upper_wide`
#' give the interval again with the upper limit of tau2 ([heterogeneity()]) in place of
#' its estimate. Print both.
#'
#' @param object An `mv_fit` from [pool_effects()].
#' @param newdata A data frame with the moderators' columns, one row a prediction. NULL:
#'   the pooled effect, or with moderators each pooled row.
#' @param interval Quantiles of the prediction interval: `"t"` with k - p degrees of
#'   freedom (default; normal where the fit's test is z), `"hts"` with k - p - 1 (Higgins,
#'   Thompson and Spiegelhalter 2009), `"z"` normal.
#' @param scale `"effect"`: the effects' own unit. `"percent"`: percent change of the
#'   treated mean against the control mean for ROM (with `direction = "benefit"` its sign
#'   is turned, so that an improvement is positive), percent of the disease effect undone
#'   for NMD; an error for other measures.
#' @param level Level of the intervals; the fit's own by default.
#' @param ... Unused.
#' @return A data frame with one row a prediction: `estimate`, `se`, `ci_lower`,
#'   `ci_upper`, `pi_lower`, `pi_upper`, `pi_reliable`, `pi_lower_wide`,
#'   `pi_upper_wide`. On the percent scale `se` is NA: the intervals are the transformed
#'   ones. For `"EE"` the prediction interval is NA: the model has no new studies.
#' @references
#' Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects
#' meta-analysis. *J R Stat Soc A* 172:137-159.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' predict(pool_effects(effects))
#' fit <- pool_effects(effects, mods = ~ missing_percent)
#' predict(fit, newdata = data.frame(missing_percent = c(0, 20)))
#' @export
predict.mv_fit <- function(object, newdata = NULL, interval = c("t", "hts", "z"),
                           scale = c("effect", "percent"), level = object$level, ...) {
  interval <- check_choice(interval[1], c("t", "hts", "z"), "interval")
  scale <- check_choice(scale[1], c("effect", "percent"), "scale")
  level <- check_level(level)
  mean <- predicted_mean(object, newdata)
  half <- fit_quantile(mean$df, level) * mean$se
  upper_tau2 <- tau2_interval(object, level)[2]
  reliable <- object$tau2 > 0 && object$k >= least_for_prediction
  narrow <- prediction_half(object, mean$se, object$tau2, interval, level)
  wide <- prediction_half(object, mean$se, upper_tau2, interval, level)
  if (reliable) wide <- NA_real_
  found <- data.frame(
    estimate = mean$fit, se = mean$se,
    ci_lower = mean$fit - half, ci_upper = mean$fit + half,
    pi_lower = mean$fit - narrow, pi_upper = mean$fit + narrow,
    pi_reliable = reliable,
    pi_lower_wide = mean$fit - wide, pi_upper_wide = mean$fit + wide
  )
  if (scale == "percent") fit_percent(found, object) else found
}

# Below this many effects the interval covers too little: .85 for standardised mean
# differences at k = 10 and tau2 = .1, where .95 is meant (validation/README.md).
least_for_prediction <- 10

predicted_mean <- function(fit, newdata) {
  x <- if (is.null(newdata)) fit$X else design_for(fit, newdata)
  if (is_intercept_only(fit)) {
    rows <- if (is.null(x)) 1L else nrow(x)
    mean <- list(fit = fit$beta, se = fit$se, df = fit$df)
    return(lapply(mean, \(value) rep(unname(value), rows)))
  }
  if (!is.null(fit$imputed)) return(imputed_mean(fit, x))
  if (!is.null(fit$robust)) return(robust_mean(fit, x))
  list(
    fit = unname(drop(x %*% fit$beta)),
    se = unname(sqrt(mean_variances(fit, x))),
    df = fit$df
  )
}

design_for <- function(fit, newdata, call = rlang::caller_env(2)) {
  if (!is.data.frame(newdata)) {
    stop_user("{.arg newdata} must be a data frame.", "class", call = call)
  }
  if (is_intercept_only(fit)) {
    return(matrix(1, nrow(newdata), 1, dimnames = list(NULL, names(fit$beta))))
  }
  if (nrow(newdata) == 0) {
    stop_user("{.arg newdata} has no rows.", "empty", call = call)
  }
  lacking <- setdiff(all.vars(fit$mods), names(newdata))
  if (length(lacking) > 0) {
    stop_user("{.arg newdata} has no column {.val {lacking}}.", "column", call = call)
  }
  check_moderators(as.list(newdata)[all.vars(fit$mods)], call)
  check_new_levels(fit, newdata, call)
  check_by_row(fit, call)
  x <- evaluate_terms("newdata", call, design_rows(fit, newdata))
  bad <- which(is.infinite(rowSums(x)))
  if (length(bad) == 0) return(x)
  stop_user("{.arg newdata} is not finite in {name_rows(bad)}.", "moderator", call = call)
}

design_rows <- function(fit, data) {
  frame <- stats::model.frame(fit$terms, data,
    xlev = fit$xlevels, na.action = stats::na.pass
  )
  stats::.checkMFClasses(attr(fit$terms, "dataClasses"), frame)
  stats::model.matrix(fit$terms, frame, contrasts.arg = fit$contrasts)
}

# A function of a whole column, such as mean(), gives other numbers for other rows. So the
# first and the last row of the fit must give their own rows of the design again.
check_by_row <- function(fit, call) {
  if (all(attr(fit$terms, "term.labels") %in% names(fit$effects))) return(invisible())
  rows <- if (is.null(fit$used)) seq_len(fit$k) else fit$used
  columns <- as.list(fit$effects)[all.vars(fit$mods)]
  for (row in c(1L, fit$k)) {
    data <- as.data.frame(lapply(columns, `[`, rows[row]), optional = TRUE)
    found <- tryCatch(design_rows(fit, data), error = \(e) NULL)
    if (!isTRUE(all.equal(as.vector(found), unname(fit$X[row, ])))) stop_not_by_row(call)
  }
}

stop_not_by_row <- function(call) {
  stop_user(c(
    "The formula of the fit has no value for {.arg newdata}.",
    "x" = "It uses a function of the whole column, such as {.fn mean} or {.fn cut}.",
    "i" = "Compute the moderator as a column of the effects first; {.fn scale},
     {.fn poly} and {.fn splines::ns} are remembered and may stay."
  ), "formula", call = call)
}

check_new_levels <- function(fit, newdata, call) {
  for (name in intersect(names(fit$xlevels), names(newdata))) {
    found <- unique(as.character(newdata[[name]]))
    new <- setdiff(found[!is.na(found)], fit$xlevels[[name]])
    if (length(new) > 0) {
      stop_user(c(
        "{.arg newdata} has {.val {new}} in {.field {name}}, which the fit has not seen.",
        "i" = "It knows {.val {fit$xlevels[[name]]}}."
      ), "level", call = call)
    }
  }
}

# NA where there is no prediction: equal effects, or no degrees of freedom.
prediction_df <- function(fit, interval = "t") {
  independent <- if (is.null(fit$robust)) fit$k else fit$robust$clusters
  df <- switch(interval,
    t = independent - fit$p, hts = independent - fit$p - 1, z = Inf
  )
  if (fit$test == "z" && interval == "t" && is.null(fit$robust)) df <- Inf
  if (fit$method == "EE" || df < 1) NA_real_ else df
}

# Half the width of the prediction interval; NA where it has no degrees of freedom.
prediction_half <- function(fit, se, tau2, interval, level) {
  df <- prediction_df(fit, interval)
  if (is.na(df)) return(rep(NA_real_, length(se)))
  fit_quantile(df, level) * sqrt(tau2 + se^2)
}

# ---- the percent scale ---------------------------------------------------------------

fit_percent <- function(found, fit, call = rlang::caller_env()) {
  measure <- fit_measure(fit)
  sign <- fit_sign(fit)
  if (!has_percent(measure)) {
    stop_user(c(
      "A percent scale needs effects measured as {.val ROM} or {.val NMD}.",
      "x" = "These are {.val {measure}}.",
      "i" = "Use {.code effect_sizes(measure = \"ROM\")}."
    ), "percent", call = call)
  }
  if (is.na(sign)) {
    stop_user(c(
      "These effects have no percent: some were turned so that positive is better,
       others not.",
      "i" = "Use {.code direction = \"raw\"}, or pool each direction by itself."
    ), "percent", call = call)
  }
  values <- setdiff(names(found), c("se", "df", "pi_reliable"))
  found[values] <- lapply(found[values], percent_of, measure = measure, sign = sign)
  found$se <- NA_real_
  found
}
