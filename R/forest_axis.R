# The axis of a forest plot: effect or percent, its limits, ticks and title.

# What the axis, the header and the sides are called, one row a measure. The estimates
# are drawn as they are (ROM on the log scale); percent changes what is written only.
forest_words <- data.frame(
  measure = c("MD", "SMD", "ROM", "NMD"),
  short = c("MD", "SMD", "Log ratio", "NMD (%)"),
  contrast = c(
    "treated minus control", "treated minus control", "treated against control",
    "positive is towards sham"
  ),
  title = c(NA, NA, NA, "Normalised mean difference (%)"),
  decimals = c(0L, 2L, 2L, 0L)
)

words_of <- function(measure) {
  at <- match(measure, forest_words$measure)
  if (!is.na(at)) return(as.list(forest_words[at, ]))
  short <- if (measure %in% c("GEN", "mixed")) "Effect" else measure
  list(measure = measure, short = short, contrast = NULL, title = NA, decimals = 0L)
}

# The scale that is drawn: percent where it exists, unless the user wants the effect.
# A ratio has percent only if all effects were turned the same way: see percent_of().
resolve_scale <- function(scale, measure, sign, call = rlang::caller_env()) {
  alike <- length(sign) == 1 && !is.na(sign)
  in_percent <- measure == "NMD" || (measure == "ROM" && alike)
  if (scale == "auto") return(if (in_percent) "percent" else "effect")
  if (scale == "effect" || in_percent) return(scale)
  why <- if (measure == "ROM") {
    "Here some ratios were turned to read as benefit and others not."
  } else {
    "These are {measure}."
  }
  stop_user(c(
    "{.code scale = \"percent\"} needs response ratios (ROM) or NMD, all turned alike.",
    "x" = why,
    "i" = "Use {.code scale = \"effect\"}."
  ), "scale", call = call)
}

# Axis units to what is written, and back.
show_effect <- function(y, axis) {
  if (axis$scale != "percent") return(y)
  percent_of(y, axis$measure, axis$sign)
}

place_effect <- function(shown, axis) {
  if (axis$scale != "percent") return(shown)
  of_percent(shown, axis$measure, axis$sign)
}

# A range given by the user, in the unit of the axis.
place_range <- function(range, axis, arg, call = rlang::caller_env()) {
  if (is.null(range)) return(NULL)
  ok <- is.numeric(range) && length(range) == 2 && all(is.finite(range)) &&
    range[1] < range[2]
  unit <- if (axis$scale == "percent") "percent" else "the unit of the effect"
  if (!ok) {
    stop_user(
      "{.arg {arg}} must be two numbers, the lower first, in {unit}.", "range",
      call = call
    )
  }
  placed <- suppressWarnings(place_effect(range, axis))
  if (all(is.finite(placed))) return(placed)
  stop_user(c(
    "{.arg {arg}} reaches beyond a change of 100 percent, which no ratio can.",
    "x" = "It is {range[1]} to {range[2]}."
  ), "range", call = call)
}

# Limits that show what matters: every usual estimate, intervals up to three times the
# typical half-width beyond these and what little lies further, the pooled interval, the
# line of no effect. One wild row does not flatten the rest; it is clipped, and an arrow
# says so.
axis_limits <- function(estimate, lower, upper, pooled = NULL, band = NULL) {
  has <- is.finite(estimate)
  estimate <- estimate[has]
  half <- stats::median((upper[has] - lower[has]) / 2, na.rm = TRUE)
  usual <- abs(estimate - stats::median(estimate)) <=
    6 * max(stats::mad(estimate), half, na.rm = TRUE)
  core <- range(estimate[usual])
  limits <- c(
    max(core[1] - 3 * half, min(lower[has], na.rm = TRUE)),
    min(core[2] + 3 * half, max(upper[has], na.rm = TRUE))
  )
  limits <- range(limits, core)
  ends <- c(lower, upper)
  near <- is.finite(ends) & ends >= limits[1] - 0.5 * diff(limits) &
    ends <= limits[2] + 0.5 * diff(limits)
  limits <- widen(range(limits, ends[near]), 0, 10)
  limits <- range(
    widen(limits, unlist(pooled[1, c("lower", "upper")]), 1),
    widen(limits, unlist(pooled[-1, c("lower", "upper")]), 0.5)
  )
  pad_limits(widen(limits, band, 1))
}

# Takes `values` in, but grows by no more than `most` times the present span.
widen <- function(limits, values, most) {
  if (length(values) == 0) return(limits)
  room <- diff(limits) * most
  if (identical(values, 0)) {
    far <- limits[1] > room || -limits[2] > room
    return(if (far && room > 0) limits else range(limits, 0))
  }
  range(limits, pmin(pmax(values, limits[1] - room), limits[2] + room))
}

pad_limits <- function(limits) {
  span <- diff(limits)
  if (span == 0) span <- if (limits[1] == 0) 2 else 2 * abs(limits[1])
  limits + c(-0.04, 0.04) * span
}

# Ticks: where they are and what is written there, as many as fit the panel.
axis_ticks <- function(axis, size, panel) {
  for (n in 6:2) {
    at <- tick_places(axis, n)
    label <- format_ticks(show_effect(at, axis))
    if (sum(text_width(label, size) + 3) <= panel) break
  }
  list(at = at, label = label)
}

tick_places <- function(axis, n) {
  limits <- axis$limits
  if (axis$scale == "percent" && axis$measure == "ROM") {
    at <- ratio_places(limits, axis, n)
  } else {
    at <- pretty(limits, n)
  }
  at[at >= limits[1] & at <= limits[2]]
}

# Round percents on a log axis. Narrow ranges have even steps in percent, if three or more
# fit; wider ones even steps or halvings and tenths (-90, -50, 0, 100, 900 %), thinned,
# whichever leaves more.
ratio_places <- function(limits, axis, n) {
  gap <- diff(limits) / (n + 2)
  even <- lapply(n:2, \(n) even_percents(limits, axis, n))
  fits <- vapply(even, \(at) length(at) >= 3 && min(diff(at)) >= gap, NA)
  if (any(fits)) return(even[[which(fits)[1]]])
  decades <- 10^(floor(min(limits) / log(10)):ceiling(max(limits) / log(10)))
  tenths <- sort(log(c(outer(c(1, 2, 5), decades))))
  tenths <- tenths[tenths >= limits[1] & tenths <= limits[2]]
  found <- lapply(list(even[[1]], tenths), thin_ticks, gap = gap)
  found[[which.max(lengths(found))]]
}

even_percents <- function(limits, axis, n) {
  percents <- pretty(show_effect(limits, axis), n)
  at <- place_effect(percents[axis$sign * percents > -100], axis)
  sort(at[is.finite(at) & at >= limits[1] & at <= limits[2]])
}

# Drops ticks nearer than `gap` to one already kept; zero is kept first.
thin_ticks <- function(at, gap) {
  kept <- numeric()
  for (tick in at[order(abs(at))]) {
    if (all(abs(tick - kept) >= gap)) kept <- c(kept, tick)
  }
  sort(kept)
}

# Alike in decimals where steps are even, each in its shortest form on a log axis.
format_ticks <- function(x) {
  x <- zapsmall(x, 9)
  even <- length(x) < 3 || diff(range(diff(x))) < 1e-6 * diff(range(x))
  if (max(abs(x)) >= 1e5 || max(abs(x)) < 1e-3) {
    return(trimws(formatC(x, format = "g", digits = 3, decimal.mark = ".")))
  }
  if (even) trimws(format(x, digits = 6, trim = TRUE, decimal.mark = ".")) else
    trimws(formatC(x, format = "fg", digits = 5, decimal.mark = "."))
}

# From the typical interval of a row and the pooled one, whichever is narrower.
axis_decimals <- function(axis, lines, pooled) {
  width <- function(rows) {
    show_effect(rows$upper, axis) - show_effect(rows$lower, axis)
  }
  rows <- stats::median(width(lines), na.rm = TRUE)
  diamond <- if (!is.null(pooled)) width(pooled[1, ])
  least <- if (axis$scale == "percent") 0L else words_of(axis$measure)$decimals
  widths <- c(rows, diamond)
  choose_decimals(min(Inf, widths[is.finite(widths) & widths > 0]), least)
}

# "Standardised mean difference (Hedges g), treated minus control". Where effects were
# turned to read as benefit, that is what positive means, and it is said.
axis_title <- function(axis) {
  words <- words_of(axis$measure)
  name <- if (axis$scale == "percent" && axis$measure == "ROM") {
    "Change (%)"
  } else if (axis$measure == "mixed") {
    "Effect"
  } else if (is.na(words$title)) {
    measure_label(axis$measure)
  } else {
    words$title
  }
  c(name, if (axis$measure == "NMD") words$contrast else switch(axis$direction,
    benefit = "positive is better", raw = words$contrast
  ))
}

# Parts of the title on one line where they fit, else broken at the commas.
fold_title <- function(parts, size) {
  whole <- paste(parts, collapse = ", ")
  if (text_width(whole, size) <= panel_width) return(whole)
  paste(fold_text(parts, panel_width, size), collapse = ",\n")
}

column_title <- function(axis) {
  if (axis$scale == "percent" && axis$measure == "ROM") return("Change (%)")
  words_of(axis$measure)$short
}

# Which side is good: told only where the direction was declared for every row.
axis_sides <- function(measure, direction, greater_is_worse) {
  sides <- c("favours control", "favours treated")
  if (measure == "NMD" || direction == "benefit") return(sides)
  if (direction != "raw" || measure %in% c("GEN", "mixed")) return(NULL)
  worse <- unique(greater_is_worse)
  if (length(worse) != 1 || is.na(worse)) return(NULL)
  if (worse) rev(sides) else sides
}

# What the table says of its measure; tables that mix measures have plain effects. Who
# was subtracted from whom is known of effects computed here, not of estimates brought.
forest_axis <- function(source, scale, call) {
  effects <- source$effects[source$fine, ]
  only <- function(name, mixed, absent) {
    found <- unique(effects[[name]])
    if (length(found) == 0) absent else if (length(found) == 1) found else mixed
  }
  measure <- as.character(only("measure", "mixed", "GEN"))
  if (is.na(measure)) measure <- "GEN"
  sign <- unique(or_missing(effects[["sign"]], 1, 1))
  brought <- any(effects[["computed_from"]] %in% c("estimate", "matrix"))
  direction <- as.character(only("direction", "mixed", "raw"))
  if (is.na(direction)) direction <- "unknown"
  list(
    measure = measure, sign = sign,
    scale = resolve_scale(scale, measure, sign, call),
    direction = if (brought && direction == "raw") "unknown" else direction,
    worse = only("greater_is_worse", NA, NA), level = source$level
  )
}

finish_axis <- function(axis, lines, pooled, band, xlim, call) {
  axis$band_shown <- band
  axis$band <- place_range(band, axis, "band", call)
  axis$limits <- place_range(xlim, axis, "xlim", call)
  if (is.null(xlim)) {
    axis$limits <- axis_limits(
      lines$estimate, lines$lower, lines$upper, pooled, axis$band
    )
  }
  axis$decimals <- axis_decimals(axis, lines, pooled)
  axis$title <- axis_title(axis)
  axis$shows_zero <- axis$limits[1] <= 0 && axis$limits[2] >= 0
  axis$sides <- if (axis$shows_zero) {
    axis_sides(axis$measure, axis$direction, axis$worse)
  }
  axis
}
