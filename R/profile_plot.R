# The picture of profile likelihoods: profile_layout() decides, profile_plot() draws.

#' Plot profile likelihoods
#'
#' One panel a parameter: the profile log-likelihood below its maximum, the line at which
#' twice the drop is the quantile of chi-squared, and the interval that it cuts off. A
#' curve near a parabola says that the estimate and its interval are well told; a flat
#' one that the data hardly know the parameter.
#'
#' @param x A multilevel fit ([pool_effects()] with `random`), or what
#'   [profile()][profile.mv_fit_multilevel] returned for one.
#' @param parm Names or numbers of parameters, as in `fit$components`; NULL for all.
#' @param level Level of the interval; the curve must reach that far.
#' @param title Title of the picture.
#' @param base_size Size of the text, in points.
#' @param family Font family.
#' @return `profile_plot()`: a ggplot. `profile_layout()`: a data frame with one row a
#'   thing drawn: `kind` (`"curve"`, `"estimate"`, `"cut"`, the line; `"lower"`,
#'   `"upper"`, the ends), `parameter` (a factor, in the order of the panels), `x`
#'   (parameter), `y` (log-likelihood less the maximum), `label`. An end on a bound has
#'   `y` above the line; one that is infinite has no row.
#' @section Errors: As [profile()][profile.mv_fit_multilevel], and `mv_error_level` where
#'   a profile ends before the interval.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' effects$group <- rep(1:5, length.out = nrow(effects))
#' fit <- pool_effects(effects, random = list(~ 1 | group, ~ 1 | .row))
#' profile_plot(fit)
#' @export
profile_plot <- function(x, parm = NULL, level = 0.95, title = NULL, base_size = 9,
                         family = "") {
  layout <- profile_layout(x, parm, level)
  rows <- \(kind) layout[layout$kind %in% kind, ]
  ends <- rows(c("lower", "upper"))
  ink <- mv_colour("square")
  ggplot2::ggplot(rows("curve"), columns_as(x = "x", y = "y")) +
    ggplot2::geom_hline(columns_as(yintercept = "y"), rows("cut"),
      colour = mv_colour("rule"), linewidth = 0.35, linetype = "22"
    ) +
    ggplot2::geom_segment(columns_as(x = "x", xend = "x", y = "y", yend = "foot"), ends,
      colour = mv_colour("prediction"), linewidth = 0.35
    ) +
    ggplot2::geom_line(colour = ink, linewidth = 0.6) +
    ggplot2::geom_point(data = rows("estimate"), colour = mv_colour("diamond"),
      size = 1.8
    ) +
    ggplot2::geom_text(columns_as(x = "x", y = "foot", label = "label"), ends,
      colour = mv_colour("ink"), size = (base_size - 1) * mm_per_point, vjust = 1.3,
      family = family
    ) +
    ggplot2::facet_wrap("parameter",
      scales = "free_x", labeller = ggplot2::label_wrap_gen(22)
    ) +
    profile_scales(title) +
    profile_theme(base_size, family)
}

profile_scales <- function(title) {
  list(
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = 0.12)),
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(mult = c(0.12, 0.05))),
    ggplot2::labs(x = "Value", y = "Log-likelihood below its maximum", title = title)
  )
}

profile_theme <- function(base_size, family) {
  line <- ggplot2::element_line(colour = mv_colour("ink"), linewidth = 0.35)
  mv_theme(base_size, family) +
    ggplot2::theme(
      axis.line.y = line, axis.ticks.y = line,
      strip.text = ggplot2::element_text(
        size = base_size, face = "bold", hjust = 0, colour = mv_colour("ink")
      ),
      panel.spacing = grid::unit(5, "mm")
    )
}

#' @rdname profile_plot
#' @export
profile_layout <- function(x, parm = NULL, level = 0.95) {
  level <- check_level(level)
  if (!inherits(x, "mv_profile")) {
    check_class(x, "mv_fit", "pool_effects")
    x <- stats::profile(x, parm, level = max(0.99, level))
  } else {
    check_reach(x, level)
    if (!is.null(parm)) x <- some_profiles(x, parm)
  }
  names <- unique(x$parameter)
  rows <- lapply(names, \(name) panel_rows(x[x$parameter == name, ], level))
  rows <- do.call(rbind, rows)
  rows$parameter <- factor(rows$parameter, names)
  rows$foot <- min(rows$y)
  rows
}

check_reach <- function(x, level, call = rlang::caller_env()) {
  reach <- attr(x, "level")
  if (is.null(reach) || level <= reach) return(invisible())
  stop_user(c(
    "The profile reaches only to the ends of the {100 * reach} % interval.",
    "i" = "Make it with {.code profile(fit, level = {level})}."
  ), "level", call = call)
}

some_profiles <- function(x, parm, call = rlang::caller_env()) {
  names <- unique(x$parameter)
  at <- match(parm, if (is.numeric(parm)) seq_along(names) else names)
  if (!anyNA(at)) return(x[x$parameter %in% names[at], ])
  hint <- if (is.character(parm)) did_you_mean(parm[is.na(at)][1], names)
  stop_user(c(
    "{.arg parm} names {.val {parm[is.na(at)][1]}}, of which there is no profile.",
    "i" = if (length(hint)) "{hint}" else "There {?is/are} {.val {names}}."
  ), "parm", call = call)
}

panel_rows <- function(curve, level) {
  goal <- sqrt(stats::qchisq(level, 1))
  row <- \(kind, x, y, label = "") {
    data.frame(kind = kind, parameter = curve$parameter[1], x = x, y = y, label = label)
  }
  ends <- c(crossing(curve, -goal), crossing(curve, goal))
  drop <- stats::approx(curve$value, curve$log_lik - curve$maximum, pmin(ends, 1e300),
    rule = 2
  )$y
  # an end inside is on the line, by its definition
  inside <- ends > min(curve$value) & ends < max(curve$value)
  drop[inside] <- -goal^2 / 2
  keep <- is.finite(ends)
  rbind(
    row("curve", curve$value, curve$log_lik - curve$maximum),
    row("cut", NA_real_, -goal^2 / 2),
    row(c("lower", "upper"), ends, drop, number_text(ends, 3))[keep, ],
    row("estimate", curve$estimate[1], 0, number_text(curve$estimate[1], 3))
  )
}

# Where z passes `goal`, between the points of the curve: a cubic through four of them is
# closer than the eye can tell. Where it does not at the end, that is a bound.
crossing <- function(curve, goal) {
  curve <- curve[sign(goal) * (curve$value - curve$estimate) >= 0, ]
  curve <- curve[order(abs(curve$value - curve$estimate[1])), ]
  last <- nrow(curve)
  past <- which(abs(curve$z) >= abs(goal) * (1 - 1e-6))
  if (!last %in% past) {
    endless <- goal > 0 && curve$kind[1] == "variance"
    return(if (endless) Inf else curve$value[last])
  }
  near <- curve[seq(max(1, past[1] - 2), min(last, past[1] + 1)), ]
  smooth <- !is.unsorted(abs(near$z), strictly = TRUE) && nrow(near) > 2
  method <- if (smooth) stats::spline else stats::approx
  method(near$z, near$value, xout = goal)$y
}
