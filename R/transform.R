#' Effects told on another scale
#'
#' Turns effects, their standard errors and intervals into percent, a ratio, the
#' probability of superiority, Cliff's delta, the overlap of the two groups, Cohen's U1,
#' U2 or U3, a proportion and so on; or back.
#'
#' @details
#' The estimate and the ends of an interval are carried over by the function itself, so
#' an interval keeps its coverage; the standard error by the delta method, |f'(x)| se,
#' which is of use where the effect is known well. An interval of `overlap` or `u1` that
#' holds an effect of 0 reaches to their extreme there; at an effect of exactly 0 they
#' have no standard error.
#'
#' `ps`, `cliff`, `overlap`, `u1`, `u2` and `u3` of a standardised mean difference hold
#' for two normal groups with the same SD: Phi(d/sqrt 2), 2 Phi(d/sqrt 2) - 1,
#' 2 Phi(-|d|/2), 2 - 1/Phi(|d|/2), Phi(d/2), Phi(d).
#'
#' A mean over studies is transformed as a mean: `exp()` of a mean log ratio is the
#' geometric mean of the ratios.
#'
#' @param x Effects as numbers; or an `mv_effects`; or an `mv_fit`, of which
#'   [predict()][predict.mv_fit] is transformed; or a data frame such as predict() and
#'   [tidy()][tidy.mv_fit] give (of a fit without moderators), whose estimate, standard
#'   error and intervals are transformed.
#' @param to The new scale: a row of [effect_transformations()].
#' @param ... Unused: the arguments after `to` are given by name, so that no two scales
#'   can be taken for each other.
#' @param from The scale of `x`, such as `"SMD"`, `"ROM"`, `"ps"`. For effects and fits
#'   it is their measure, and `from` serves only where that is `"GEN"`.
#' @param se,vi Standard errors or variances of numbers, on the scale `from`.
#' @param lower,upper Ends of intervals of numbers, on the scale `from`; without them and
#'   with `se` or `vi` the normal interval is used, on the measure's own scale.
#' @param n For `"PFT"` the number of animals, for `"IRFT"` the time at risk, one for
#'   each value or one for all; for a pooled effect their harmonic mean (Miller 1978).
#'   For effects and fits it is taken from `n_t` or `exposure_t` where that is there.
#' @param sign -1 for ratios that were turned so that positive is better; for effects and
#'   fits it is known.
#' @param level The level of the normal interval, and of that of a fit.
#' @param newdata For a fit, as in [predict()][predict.mv_fit].
#' @return Of numbers without error: numbers. Of numbers with an error a data frame with
#'   `estimate`, `se`, `ci_lower` and `ci_upper`; of effects their table as a plain data
#'   frame with these columns; of a fit what predict() gives, transformed.
#' @section Errors: `mv_error_choice` for an unknown scale, `mv_error_scale` where one
#'   scale cannot be told as the other or `from` is not the measure of `x`,
#'   `mv_error_range` for values that the scale does not have.
#' @source The column `source` of [effect_transformations()].
#' @examples
#' transform_effect(c(0, 0.8, 2), from = "SMD", to = "ps")
#' transform_effect(0.8, from = "SMD", to = "overlap", se = 0.2)
#' transform_effect(0.75, from = "ps", to = "SMD")
#' fit <- pool_effects(as_effects(
#'   yi = log(c(0.5, 0.7, 0.6)), vi = c(0.02, 0.03, 0.01), measure = "ROM"
#' ))
#' transform_effect(fit, to = "ratio")
#' @export
transform_effect <- function(x, to, ..., from = NULL, se = NULL, vi = NULL,
                             lower = NULL, upper = NULL, n = NULL, sign = 1,
                             level = NULL, newdata = NULL) {
  call <- environment()
  rlang::check_dots_empty()
  brought <- list(se = se, vi = vi, lower = lower, upper = upper, newdata = newdata)
  if (inherits(x, "mv_fit")) {
    check_unused(brought[1:4], "a fit", call)
    return(transform_fit(x, to, from, n, level, newdata, call))
  }
  if (!is.null(level)) check_level(level)
  level <- if (is.null(level)) 0.95 else level
  if (is.data.frame(x)) {
    check_unused(brought, "a table", call)
    if (inherits(x, "mv_effects")) return(transform_table(x, to, from, n, level, call))
    return(transform_columns(x, find_way(from, to, call), n, sign, call))
  }
  check_unused(brought["newdata"], "numbers", call)
  transform_numbers(x, find_way(from, to, call), brought, n, sign, level, call)
}

check_unused <- function(brought, what, call) {
  given <- names_given(brought)
  if (length(given) == 0) return(invisible())
  stop_user("{.arg {given}} {?has/have} no meaning for {what}.", "input", call = call)
}

# ---- numbers -------------------------------------------------------------------------

transform_numbers <- function(x, way, brought, n, sign, level, call) {
  values <- read_numbers(x, brought, call)
  k <- way_needs(way, n, sign, length(values$x), call)
  values[c("x", "lower", "upper")] <- Map(
    \(value, arg) check_range(value, way$range, arg, call),
    values[c("x", "lower", "upper")], c("x", "lower", "upper")
  )
  estimate <- carry_values(way, k, values$x, "x", call)
  if (is.null(values$se) && is.null(values$lower)) return(estimate)
  se <- carry_error(way, k, values$x, values$se)
  ends <- if (!is.null(values$lower)) {
    carry_interval(way, k, values$lower, values$upper, c("lower", "upper"), call)
  } else if (way$to_measure) {
    normal_ends(estimate, se, level)
  } else {
    own <- normal_ends(values$x, values$se, level)
    carry_interval(way, k, own$lower, own$upper, c("x", "x"), call)
  }
  data.frame(
    estimate = estimate, se = se, ci_lower = ends$lower, ci_upper = ends$upper
  )
}

# The normal interval, taken on the measure's own scale.
normal_ends <- function(x, se, level) {
  half <- fit_quantile(Inf, level) * se
  list(lower = x - half, upper = x + half)
}

read_numbers <- function(x, brought, call) {
  values <- c(list(x = x), brought[c("se", "vi", "lower", "upper")])
  values <- Map(\(value, arg) as_numbers(value, arg, NULL, call), values, names(values))
  if (is.null(values$x)) {
    stop_user("{.arg x} must be numbers, effects or a fit.", "type", call = call)
  }
  for (arg in names_given(values)) {
    values[[arg]] <- fit_numbers(values[[arg]], length(values$x), arg, call)
  }
  if (is.null(values$lower) != is.null(values$upper)) {
    stop_user("An interval needs both {.arg lower} and {.arg upper}.", "absent",
      call = call
    )
  }
  turned <- which(values$lower > values$upper)
  if (length(turned)) {
    stop_user("{.arg lower} is above {.arg upper} in {name_rows(turned)}.", "range",
      call = call
    )
  }
  values$se <- error_of(values, call)
  values
}

error_of <- function(values, call) {
  if (!is.null(values$se) && !is.null(values$vi)) {
    stop_user("Give one of {.arg se} and {.arg vi}.", "input", call = call)
  }
  check_range(values$se, c(0, Inf), "se", call)
  check_range(values$vi, c(0, Inf), "vi", call)
  if (is.null(values$vi)) values$se else sqrt(values$vi)
}

fit_numbers <- function(value, length, arg, call) {
  if (length(value) %in% c(1L, length)) return(rep_len(value, length))
  stop_user(c(
    "{.arg {arg}} must have one value for each of {.arg x}, or one for all.",
    "x" = "It has {length(value)}, and {.arg x} has {length}."
  ), "length", call = call)
}

check_range <- function(x, range, arg, call) {
  bad <- which(x < range[1] | x > range[2])
  if (length(bad) == 0) return(x)
  between <- if (is.finite(range[2])) {
    paste("between", range[1], "and", range[2])
  } else {
    paste(range[1], "or more")
  }
  stop_user(c(
    "{.arg {arg}} must be {between} on this scale.",
    "x" = "It is {format(x[bad[1]])} in {name_rows(bad)}."
  ), "range", call = call)
}

# The second argument of a way.
way_needs <- function(way, n, sign, length, call) {
  if (way$needs == "sign") return(check_sign(sign, length, call))
  if (way$needs == "") return(NULL)
  n <- as_numbers(n, "n", NULL, call)
  if (is.null(n)) {
    stop_user(c(
      "This scale needs {.arg n}, the number of animals (for a rate: the time at
       risk).",
      "i" = "For a pooled effect it is the harmonic mean over the groups."
    ), "absent", call = call)
  }
  bad <- which(!n > 0)
  if (length(bad)) {
    stop_user("{.arg n} must be above 0; it is not in {name_rows(bad)}.", "range",
      call = call
    )
  }
  fit_numbers(n, length, "n", call)
}

check_sign <- function(sign, length, call) {
  if (!is.numeric(sign) || !all(sign %in% c(-1, 1))) {
    stop_user("{.arg sign} must be 1 or -1.", "choice", call = call)
  }
  fit_numbers(sign, length, "sign", call)
}

# A value that is on neither scale, such as a fall by 150 %, is an error.
carry_values <- function(way, k, x, arg, call) {
  found <- suppressWarnings(way$forward(x, k))
  bad <- which(is.nan(found) & !is.na(x))
  if (length(bad) == 0) return(found)
  stop_user("{.arg {arg}} of {format(x[bad[1]])} is not possible, in {name_rows(bad)}.",
    "range",
    call = call
  )
}

# A falling way turns the ends round; where the way itself turns inside the interval, the
# value there is an end.
carry_interval <- function(way, k, lower, upper, args, call) {
  at_lower <- carry_values(way, k, lower, args[1], call)
  at_upper <- carry_values(way, k, upper, args[2], call)
  ends <- list(lower = pmin(at_lower, at_upper), upper = pmax(at_lower, at_upper))
  if (is.na(way$turns)) return(ends)
  peak <- way$forward(way$turns, k)
  inside <- which(lower < way$turns & upper > way$turns)
  ends$lower[inside] <- pmin(ends$lower[inside], peak)
  ends$upper[inside] <- pmax(ends$upper[inside], peak)
  ends
}

carry_error <- function(way, k, x, se) {
  if (is.null(se)) return(rep_len(NA_real_, length(x)))
  found <- abs(suppressWarnings(way$slope(x, k))) * se
  found[!is.finite(found)] <- NA_real_
  found
}

# ---- tables and fits -----------------------------------------------------------------

transform_table <- function(effects, to, from, n, level, call) {
  effects <- settle_effects(effects, call)
  from <- scale_of(unique(effects[["measure"]]), from, call)
  way <- find_way(from, to, call)
  if (is.null(n)) n <- effects[[size_column(way)]]
  sign <- if (is.null(effects[["sign"]])) 1 else effects$sign
  brought <- list(vi = effects$vi)
  found <- transform_numbers(effects$yi, way, brought, n, sign, level, call)
  out <- keep_own_columns(unclass(effects), names(found))
  attr(out, "V") <- NULL
  class(out) <- "data.frame"
  out[names(found)] <- found
  out
}

# The measure is known; `from` may only say what an unnamed one is.
scale_of <- function(measure, from, call) {
  if (length(measure) > 1) {
    stop_user(c(
      "The effects are of several measures: {.val {measure}}.",
      "i" = "Transform those of each measure by themselves."
    ), "scale", call = call)
  }
  if (length(measure) == 0 || measure %in% c("GEN", NA)) return(from)
  if (is.null(from) || identical(from, measure)) return(measure)
  check_word(from, "from", call)
  stop_user(c(
    "{.arg from} must be the measure of the effects, or left out.",
    "x" = "They are {.val {measure}}, and {.arg from} is {.val {from}}."
  ), "scale", call = call)
}

transform_fit <- function(fit, to, from, n, level, newdata, call) {
  way <- find_way(scale_of(fit_measure(fit), from, call), to, call)
  sign <- fit_sign(fit)
  if (way$needs == "sign" && is.na(sign)) stop_opposed(call)
  of_group <- fit_column(fit, size_column(way))
  if (is.null(n) && !is.null(of_group)) n <- 1 / mean(1 / of_group)
  if (is.null(level)) level <- fit$level
  found <- stats::predict(fit, newdata, level = level)
  transform_columns(found, way, n, sign, call)
}

size_column <- function(way) paste0(way$needs, "_t")

stop_opposed <- function(call) {
  stop_user(c(
    "These effects have no ratio: some were turned so that positive is better, others
     not.",
    "i" = "Use {.code direction = \"raw\"}, or pool each direction by itself."
  ), "scale", call = call)
}

# What predict() and tidy() call an estimate, its error and its intervals.
error_names <- c("se", "std.error")
end_names <- list(
  c("ci_lower", "ci_upper"), c("conf.low", "conf.high"), c("pi_lower", "pi_upper"),
  c("pi_lower_wide", "pi_upper_wide")
)

transform_columns <- function(table, way, n, sign, call) {
  if (is.null(table[["estimate"]])) {
    stop_user(c(
      "The table has no column {.val estimate}.",
      "i" = "A table of {.field yi} and {.field vi} is read by {.fn as_effects}."
    ), "column", call = call)
  }
  names <- c("estimate", intersect(c(error_names, unlist(end_names)), names(table)))
  values <- lapply(rlang::set_names(names), \(name) {
    as_numbers(table[[name]], name, NULL, call)
  })
  k <- way_needs(way, n, sign, nrow(table), call)
  for (name in setdiff(names, error_names)) {
    check_range(values[[name]], way$range, name, call)
  }
  table$estimate <- carry_values(way, k, values$estimate, "estimate", call)
  for (name in intersect(error_names, names)) {
    table[[name]] <- carry_error(way, k, values$estimate, values[[name]])
  }
  for (ends in end_names) {
    if (!all(ends %in% names)) next
    table[ends] <- carry_interval(
      way, k, values[[ends[1]]], values[[ends[2]]], ends, call
    )
  }
  table
}
