# Heterogeneity of a multilevel fit, level by level: heterogeneity() of one.

multilevel_heterogeneity <- function(fit, level, intervals) {
  rows <- list(
    het_rows("Q", NA, "Q", fit$Q, df = fit$Q_df, p_value = fit$Q_p),
    component_rows(fit, level, intervals)
  )
  ends <- rows[[2]][rows[[2]]$quantity == "variance", ]
  table <- do.call(rbind, c(rows, list(level_rows(fit, ends))))
  row.names(table) <- NULL
  table
}

het_rows <- function(term, part, quantity, estimate, ci_lower = NA_real_,
                     ci_upper = NA_real_, df = NA_real_, p_value = NA_real_) {
  data.frame(
    term = term, part = as.character(part), quantity = quantity,
    estimate = as.double(estimate), ci_lower = ci_lower, ci_upper = ci_upper,
    df = as.double(df), p_value = p_value
  )
}

# Variances, SDs and correlations, with their profile intervals.
component_rows <- function(fit, level, intervals) {
  parameters <- fit$parameters
  ends <- matrix(NA_real_, nrow(parameters), 2)
  free <- if (intervals) profilable(fit)
  if (length(free)) ends[free, ] <- profile_intervals(fit, free, level)
  part <- vapply(fit$parts, `[[`, "", "name")[parameters$part]
  all <- het_rows(parameters$parameter, part, parameters$kind, fit$theta,
    ends[, 1], ends[, 2]
  )
  is_variance <- parameters$kind == "variance"
  roots <- all[is_variance, ]
  roots$term <- sub("^var", "sd", roots$term)
  roots$quantity <- rep("sd", nrow(roots))
  numbers <- c("estimate", "ci_lower", "ci_upper")
  roots[numbers] <- lapply(roots[numbers], sqrt)
  order <- order(c(seq_along(is_variance), which(is_variance)))
  rbind(all, roots)[order, ]
}

# What has an interval: free, and not in an unstructured part with fixed or tied ones.
profilable <- function(fit) {
  parameters <- fit$parameters
  free <- which(parameters$free > 0L)
  free[!parameters$part[free] %in% parameters$part[lost_if_turned(fit, free)]]
}

# ---- shares of the levels --------------------------------------------------------------

# What a part adds to the variance of a row's true effect, z'Gz, on average over the rows
# (Johnson 2014, Methods Ecol Evol 5:944). Where all rows have one variance it is that.
part_variances <- function(fit) {
  vapply(seq_along(fit$parts), \(i) mean_variance(fit, i), 0)
}

mean_variance <- function(fit, i) {
  part <- fit$parts[[i]]
  own <- unname(fit$theta[fit$parameters$part == i])
  if (!is.null(part$slope)) {
    x <- part$slope
    return(sum((x %*% part_covariance(fit, i)) * x) / nrow(x))
  }
  several <- structure_row(part$structure)$variances == "level"
  if (several) mean(own[part$inner]) else own[1]
}

# I2 (Nakagawa and Santos 2012; Cheung 2014), share and CVH (Yang and others 2025) of
# each level and of all. `ends`: the variances with their intervals.
level_rows <- function(fit, ends) {
  variance <- part_variances(fit)
  name <- vapply(fit$parts, `[[`, "", "name")
  single <- tabulate(match(ends$part, name), length(name)) == 1
  at <- match(name, ends$part)
  low <- ifelse(single, ends$ci_lower[at], NA)
  high <- ifelse(single, ends$ci_upper[at], NA)
  others <- sum(variance) - variance
  i2 <- \(x, rest) ifelse(is.infinite(x), 100, 100 * x / (x + rest))
  rest <- others + fit$typical_variance
  total <- sum(variance)
  rows <- rbind(
    het_rows(term_of("I2", name), name, "I2", i2(variance, rest), i2(low, rest),
      i2(high, rest)
    ),
    het_rows("I2(total)", NA, "I2", i2(total, fit$typical_variance)),
    het_rows(term_of("share", name), name, "share",
      if (total > 0) 100 * variance / total else NA
    )
  )
  if (!is_intercept_only(fit)) return(rows)
  # nothing varies about a mean of 0 by no part of it that could be told
  mean <- if (fit$beta[[1]] == 0) NA_real_ else abs(fit$beta[[1]])
  rbind(
    rows,
    het_rows(term_of("CVH", name), name, "CVH", sqrt(variance) / mean,
      sqrt(low) / mean, sqrt(high) / mean
    ),
    het_rows("CVH(total)", NA, "CVH", sqrt(total) / mean),
    het_rows("M(total)", NA, "M", sqrt(total) / (sqrt(total) + mean))
  )
}

term_of <- function(word, name) paste0(word, "(", name, ")")

# ---- R2 --------------------------------------------------------------------------------

#' Variance explained by the moderators of a multilevel fit
#'
#' The marginal R2 is the share that the moderators have in the variance of the true
#' effects; the conditional R2 that of the moderators and of all levels but the lowest
#' (Nakagawa and Schielzeth 2013). With \eqn{\sigma_f^2} the variance of the fitted means
#' over the rows and \eqn{\sigma_j^2} that of level j,
#' \deqn{R^2_m = \frac{\sigma_f^2}{\sigma_f^2 + \sum_j \sigma_j^2}, \qquad
#'   R^2_c = \frac{\sigma_f^2 + \sum_{j \ne l} \sigma_j^2}{\sigma_f^2 + \sum_j
#'   \sigma_j^2}.}
#' Sampling errors are in neither. The lowest level l is the part with the most groups,
#' of several the last. The variance of a part with several variances or with slopes is
#' the average over the rows (Johnson 2014).
#'
#' The proportional reduction of a level is \eqn{1 - \sigma_j^2 / \sigma_{j0}^2}, with
#' \eqn{\sigma_{j0}^2} from the same rows and random parts without moderators
#' (Raudenbush 2009). It is negative where a moderator made the variance larger, as
#' happens by chance or when the moderator varies only at another level; NA where
#' \eqn{\sigma_{j0}^2} is 0.
#'
#' @param fit A multilevel fit: [pool_effects()] with `random`.
#' @return A data frame with one row a term (`"R2 marginal"`, `"R2 conditional"`,
#'   `"reduction(<level>)"`, `"reduction(total)"`) and columns `term`, `part`,
#'   `estimate` (a share; 1 is all), `with` and `without` (for reductions, the variance
#'   with and without moderators).
#' @section Errors: Classed: `mv_error_random` for a fit without random parts.
#' @references
#' Johnson PCD (2014). Extension of Nakagawa and Schielzeth's R2GLMM to random slopes
#' models. *Methods Ecol Evol* 5:944-946.
#'
#' Nakagawa S, Schielzeth H (2013). A general and simple method for obtaining R2 from
#' generalized linear mixed-effects models. *Methods Ecol Evol* 4:133-142.
#'
#' Raudenbush SW (2009). Analyzing effect sizes: random-effects models. In: Cooper H,
#' Hedges LV, Valentine JC (eds) *The Handbook of Research Synthesis and Meta-Analysis*,
#' 2nd ed, 295-315.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' effects$group <- rep(1:5, length.out = nrow(effects))
#' fit <- pool_effects(effects, mods = ~ missing_percent,
#'                     random = list(~ 1 | group, ~ 1 | .row))
#' r_squared(fit)
#' @export
r_squared <- function(fit) {
  check_class(fit, "mv_fit", "pool_effects")
  if (!is_multilevel(fit)) {
    stop_user(c(
      "{.fn r_squared} needs a multilevel fit, and this one has no random parts.",
      "i" = "Make it with {.code random = ~ 1 | study / .row}."
    ), "random")
  }
  if (is_multilevel_imputed(fit)) {
    tables <- each_multilevel_draw(fit, r_squared)
    return(average_table(tables, c("estimate", "with", "without")))
  }
  variance <- part_variances(fit)
  fixed <- if (is_intercept_only(fit)) 0 else stats::var(drop(fit$X %*% fit$beta))
  total <- fixed + sum(variance)
  groups <- vapply(fit$parts, random_level_count, 0L)
  lowest <- max(which(groups == max(groups)))
  name <- vapply(fit$parts, `[[`, "", "name")
  share <- data.frame(
    term = c("R2 marginal", "R2 conditional"), part = NA_character_,
    estimate = c(fixed, total - variance[lowest]) / total, with = NA_real_,
    without = NA_real_
  )
  if (total == 0) share$estimate <- NA_real_
  rbind(share, reduction_rows(name, variance, part_variances(without_moderators(fit))))
}

reduction_rows <- function(name, with, without) {
  with <- c(with, sum(with))
  without <- c(without, sum(without))
  data.frame(
    term = term_of("reduction", c(name, "total")), part = c(name, NA),
    estimate = ifelse(without > 0, 1 - with / without, NA), with = with,
    without = without
  )
}

# The same rows and parts; only what part_variances() reads.
without_moderators <- function(fit, call = rlang::caller_env()) {
  if (is_intercept_only(fit)) return(fit)
  model <- as_model(fit)
  model["x"] <- list(NULL)
  found <- run_multilevel(model, fit$method)
  check_multilevel_status(found, model, fit$effects, fit$used, call)
  fit$theta[] <- found$theta
  fit
}
