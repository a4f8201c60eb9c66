# Multilevel fits of several imputations: what hangs on the random parts. Coefficients are
# combined as those of independent effects, by combine_fits().

# What the fits of two imputations differ in.
draw_slots <- c(
  "yi", "vi", "pairs", "beta", "vcov", "df", "theta", "score", "information", "dvcov",
  "loglik", "tau2", "I2", "H2", "typical_variance", "n_maxima", "evaluations"
)

# Variances and correlations are means over the fits, which are a covariance again. The
# likelihood's derivatives are those of no fit.
combine_parts <- function(fit, fits) {
  theta <- matrix(unlist(lapply(fits, `[[`, "theta")), ncol = length(fits))
  fit$imputed$fits <- fits
  fit$theta[] <- rowMeans(theta)
  fit[c("score", "information", "dvcov")] <- NULL
  fit$pairs$value <- rowMeans(matrix(
    unlist(lapply(fits, \(one) one$pairs$value)), ncol = length(fits)
  ))
  fit$n_maxima <- max(vapply(fits, `[[`, 0L, "n_maxima"))
  fit$evaluations <- sum(vapply(fits, `[[`, 0L, "evaluations"))
  fit$components <- component_table(fit)
  fit$components$lowest <- apply(theta, 1, min)
  fit$components$highest <- apply(theta, 1, max)
  class(fit) <- c(
    "mv_fit_multilevel_imputed", "mv_fit_imputed", "mv_fit_multilevel", "mv_fit"
  )
  fit
}

is_multilevel_imputed <- function(fit) inherits(fit, "mv_fit_multilevel_imputed")

# The fit of one imputation.
multilevel_draw <- function(fit, i) {
  fit[draw_slots] <- fit$imputed$fits[[i]][draw_slots]
  fit$imputed <- NULL
  class(fit) <- c("mv_fit_multilevel", "mv_fit")
  fit
}

each_multilevel_draw <- function(fit, work) {
  lapply(seq_len(fit$imputed$m), \(i) work(multilevel_draw(fit, i)))
}

# Means at the rows of a design, each with its own degrees of freedom in each fit.
imputed_multilevel_mean <- function(fit, x) {
  of_draws <- each_multilevel_draw(fit, \(one) {
    cbind(pmax(0, rowSums((x %*% one$vcov) * x)), mean_df(one, x))
  })
  average <- Reduce(`+`, of_draws) / length(of_draws)
  means <- tcrossprod(x, fit$imputed$beta)
  between <- rowSums((means - rowMeans(means))^2) / (fit$imputed$m - 1)
  rule <- rubin(average[, 1], between, fit$imputed$m, average[, 2])
  list(
    estimate = unname(rowMeans(means)), se = unname(sqrt(rule$total)),
    df = unname(rule$df), df_complete = unname(average[, 2])
  )
}

# Profile intervals: from the lowest to the highest end over the imputations.
imputed_profile_intervals <- function(fit, at, level) {
  ends <- each_multilevel_draw(fit, \(one) profile_intervals(one, at, level))
  cbind(
    do.call(pmin, lapply(ends, \(one) one[, 1])),
    do.call(pmax, lapply(ends, \(one) one[, 2]))
  )
}

# heterogeneity(): means over the imputations, and the lowest and highest ends. Q is that
# of no table.
imputed_multilevel_heterogeneity <- function(fit, level, intervals) {
  tables <- each_multilevel_draw(fit, \(one) {
    multilevel_heterogeneity(one, level, intervals)
  })
  table <- average_table(tables, "estimate")
  table$ci_lower <- do.call(pmin, lapply(tables, `[[`, "ci_lower"))
  table$ci_upper <- do.call(pmax, lapply(tables, `[[`, "ci_upper"))
  table[table$term == "Q", c("estimate", "p_value")] <- NA_real_
  table
}

average_table <- function(tables, columns) {
  table <- tables[[1]]
  table[columns] <- lapply(columns, \(name) {
    Reduce(`+`, lapply(tables, `[[`, name)) / length(tables)
  })
  table
}

imputed_multilevel_text <- function(fit) {
  if (!is.na(fit$I2)) sprintf("I2 = %s in all, on average", percent_text(fit$I2))
}

# ---- methods -------------------------------------------------------------------------

#' @rdname mv_fit_imputed
#' @param effects `"coefficients"` or, of a multilevel fit, `"components"`.
#' @export
tidy.mv_fit_multilevel_imputed <- function(x, effects = c("coefficients", "components"),
                                           conf.int = TRUE, conf.level = x$level, ...) {
  effects <- check_choice(effects[1], c("coefficients", "components"), "effects")
  if (effects == "components") return(tidy_components(x))
  tidy.mv_fit_imputed(x, conf.int, conf.level)
}

#' @rdname mv_fit_imputed
#' @export
glance.mv_fit_multilevel_imputed <- function(x, ...) {
  cbind(glance.mv_fit_multilevel(x), imputations = x$imputed$m)
}

#' @rdname mv_fit_imputed
#' @param type As for [weights()][weights.mv_fit_multilevel] of a multilevel fit.
#' @export
weights.mv_fit_multilevel_imputed <- function(object, type = c("diagonal", "rowsum"),
                                              ...) {
  shares <- each_multilevel_draw(object, \(one) stats::weights(one, type = type))
  Reduce(`+`, shares) / length(shares)
}

#' @rdname mv_fit_imputed
#' @param fitted A multilevel fit of imputed effects.
#' @export
profile.mv_fit_multilevel_imputed <- function(fitted, ...) stop_several_tables("profile")
