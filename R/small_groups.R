# The note in print() of a fit: in small groups an effect and its own variance go
# together, which biases the pooled value (Lin and Aloe 2021, Stat Med 40:403). Where it
# would move by more than a share of its interval with variances at the average effect,
# both values are printed.

noted_move <- 0.1
# Above this many effects the second fit would delay print() by more than 0.2 s.
noted_effects <- 1e6L
# The same of a multilevel fit, whose second search takes longer.
noted_multilevel <- 1e4L
# The measures whose large-sample variance follows the effect or its SDs, all of which
# have a form of this name.
average_form <- "AV"
averaged_measures <- c("SMD", "ROM", "NMD")

small_group_lines <- function(fit, digits) {
  averaged <- averaged_fit(fit)
  if (is.null(averaged)) return(NULL)
  moved <- abs(averaged$beta - fit$beta)
  width <- fit$ci_upper - fit$ci_lower
  if (!isTRUE(moved > noted_move * width)) return(NULL)
  sprintf(
    paste(
      "! small groups: effect and variance go together, which moves the pooled value;",
      "  %s %s here, %s %s with variance = \"%s\" in effect_sizes()",
      sep = "\n"
    ),
    number_text(fit$beta, digits), interval_text(fit$ci_lower, fit$ci_upper, digits),
    number_text(averaged$beta, digits),
    interval_text(averaged$ci_lower, averaged$ci_upper, digits), average_form
  )
}

# The same fit with averaged variances; NULL where that has no meaning or no answer.
averaged_fit <- function(fit) {
  if (!is_intercept_only(fit) || fit$k > noted_effects) return(NULL)
  variance <- averaged_variance(fit$effects)
  if (is.null(variance)) return(NULL)
  effects <- fit$effects
  effects$vi <- variance
  or_nothing(stats::update(fit, effects = effects))
}

# `vi` of the same effects in the averaged form, what effect_sizes() would give for the
# same rows; NULL where they are not effects of one measure that has it, or where the
# rows have changed since.
averaged_variance <- function(effects) {
  told <- c("measure", "variance", "direction", "shared_control", "computed_from")
  if (!all(told %in% names(effects))) return(NULL)
  one <- lapply(unclass(effects)[told], \(x) unique(as.character(x)))
  alike <- all(lengths(one) == 1) && one$computed_from %in% "cohorts"
  if (!alike || !one$measure %in% averaged_measures) return(NULL)
  if (one$variance %in% average_form) return(NULL)
  unlike <- if (is.null(effects[["convention"]])) same_effect else near_effect
  for (correct in c(TRUE, FALSE)) {
    found <- or_nothing(recompute_effects(effects, one, correct))
    if (is.null(found)) return(NULL)
    same <- abs(found$yi - effects$yi) <= unlike * abs(effects$yi)
    if (all(same, na.rm = TRUE) && identical(is.na(found$yi), is.na(effects$yi))) {
      return(found$vi)
    }
  }
  NULL
}

# The two are one computation on one machine, on another they differ by rounding. Another
# software's convention may have an approximate J, 1.3 % off for 4 animals.
same_effect <- 1e-8
near_effect <- 0.02

recompute_effects <- function(effects, one, correct) {
  plain <- unclass(effects)
  plain <- plain[setdiff(names(plain), effect_columns)]
  comparisons <- structure(plain,
    row.names = .set_row_names(nrow(effects)), class = c("mv_comparisons", "data.frame")
  )
  effect_sizes(comparisons, one$measure, average_form,
    shared_control = one$shared_control, correct = correct, direction = one$direction
  )
}

# A note must not stop or disturb the print that it stands in.
or_nothing <- function(work) {
  tryCatch(suppressMessages(suppressWarnings(work)), error = \(e) NULL)
}
