# The picture of rho_sensitivity(): what is drawn, as a table, and a thin function that
# draws it.
#
# Columns: panel (a coefficient or a component), kind ("model", "robust", "component",
# "own": the value that the fit was made with, "failed", "zero"), rho, x (its place),
# estimate, lower, upper, label. The axis and the words are in attr(, "page").

sensitivity_layout <- function(x, components = TRUE, label_width = 60, base_size = 9) {
  terms <- unique(x$term)
  names <- if (components) sensitivity_components(x)
  columns <- if (length(terms) + length(names) > 3) 2L else 1L
  axis <- sensitivity_axis(x$rho, page_room / columns, base_size - 1)
  axis$own <- own_place(axis, attr(x, "own"))
  x$place <- axis$at[match(as.character(x$rho), axis$rho)]
  once <- x[x$term == terms[1], ]
  rows <- do.call(rbind, c(
    lapply(terms, \(term) interval_rows(x[x$term == term, ], axis)),
    lapply(names, panel_of_component, once, axis)
  ))
  rows$panel <- panel_names(rows$panel, label_width, base_size)
  page <- list(
    axis = axis, words = sensitivity_words(x, rows), size = base_size, columns = columns
  )
  structure(rows, page = page, class = c("mv_sensitivity_layout", "data.frame"))
}

# The width of the panels together on a page of 7 inches, in mm.
page_room <- 150

# ---- the axis ------------------------------------------------------------------------

# Numbers at their values, anything else side by side. `turned`: labels that find no room
# in lines below one another.
sensitivity_axis <- function(rho, room, size) {
  value <- unique(rho)
  if (is.numeric(value)) {
    value <- sort(value)
    label <- vapply(signif(value, 4), format, "", decimal.mark = ".")
    return(list(
      rho = as.character(value), at = value, label = label, numeric = TRUE, turned = FALSE
    ))
  }
  room <- room / length(value)
  folded <- fold_text(value, room, size)
  tall <- max(vapply(folded, count_lines, 0L)) > 4
  turned <- tall || any(text_width(folded, size) > room)
  label <- if (turned) shorten(value, longest_turned, size) else folded
  list(
    rho = value, at = seq_along(value), label = label, numeric = FALSE, turned = turned
  )
}

longest_turned <- 35

own_place <- function(axis, own) {
  if (is.null(own) || !axis$numeric) return(NA_real_)
  if (own < min(axis$at) || own > max(axis$at)) NA_real_ else own
}

# ---- the rows ------------------------------------------------------------------------

layout_rows <- function(panel, kind, rho, x, estimate = NA_real_, lower = NA_real_,
                        upper = NA_real_, label = NA_character_) {
  if (length(x) == 0) return(NULL)
  data.frame(panel, kind, rho = as.character(rho), x, estimate, lower, upper, label)
}

interval_rows <- function(part, axis) {
  term <- part$term[1]
  fine <- part[part$status == "ok", ]
  robust <- fine[!is.na(fine$robust_se), ]
  rbind(
    zero_row(term, c(fine$ci_lower, fine$ci_upper)),
    own_row(term, axis),
    layout_rows(term, "robust", robust$rho, robust$place, robust$estimate,
      robust$robust_lower, robust$robust_upper
    ),
    layout_rows(term, "model", fine$rho, fine$place, fine$estimate, fine$ci_lower,
      fine$ci_upper
    ),
    failed_marks(term, part)
  )
}

panel_of_component <- function(name, part, axis) {
  fine <- part[part$status == "ok", ]
  zero <- layout_rows(name, "zero", NA, NA_real_, estimate = 0)
  rbind(
    zero, own_row(name, axis),
    layout_rows(name, "component", fine$rho, fine$place, fine[[name]]),
    failed_marks(name, part)
  )
}

# Zero is drawn where it is not far from the intervals, as a share of their range: a panel
# that reaches farther would be more than half empty.
far_from_zero <- 0.6

zero_row <- function(panel, ends) {
  if (length(ends) == 0) return(NULL)
  low <- min(ends, na.rm = TRUE)
  high <- max(ends, na.rm = TRUE)
  reach <- far_from_zero * (high - low)
  near <- low - reach <= 0 && high + reach >= 0
  if (near) layout_rows(panel, "zero", NA, NA_real_, estimate = 0)
}

own_row <- function(panel, axis) {
  if (is.na(axis$own)) return(NULL)
  layout_rows(panel, "own", axis$own, axis$own)
}

failed_marks <- function(panel, part) {
  bad <- part[part$status != "ok", ]
  layout_rows(panel, "failed", bad$rho, bad$place, label = bad$status)
}

# Long names in two lines, in the order of the table.
panel_names <- function(panel, width, size) {
  name <- unique(panel)
  folded <- fold_text(shorten(name, 2 * width, size), width, size)
  factor(folded[match(panel, name)], make.unique(folded))
}

# ---- the words -----------------------------------------------------------------------

sensitivity_words <- function(x, rows) {
  level <- attr(x, "level")
  interval <- if (is.null(level)) "interval" else paste(percent_level(level), "interval")
  type <- attr(x, "type")
  robust <- paste0("robust ", interval, if (!is.null(type)) paste0(" (", type, ")"))
  legend <- c(model = paste0("model's ", interval), robust = robust)
  list(
    x = "assumed correlation rho", legend = legend[names(legend) %in% rows$kind],
    caption = c(
      if ("own" %in% rows$kind) "Dotted: the value the fit was made with.",
      if ("failed" %in% rows$kind) "Crosses: no fit, see the column status.",
      if (isTRUE(attr(x, "simulated"))) paste0(simulated_mark, ".")
    )
  )
}

# ---- the drawing ---------------------------------------------------------------------

#' Draw the sensitivity to the assumed correlation
#'
#' A panel for each coefficient, with the model's and the robust interval at each `rho`,
#' and one for each variance component.
#'
#' @param x What [rho_sensitivity()] gave; rows may be left out.
#' @param components Whether to draw the variance components.
#' @param base_size,family Size in points and family of the font.
#' @param ... Unused.
#' @return A ggplot object; its data is the table of what is drawn. About 2 inches of
#'   height for a row of panels are enough.
#' @section Errors: `mv_error_column` for a table that lost a column.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = rep(paste("Simulated", 1:8), each = 2), vi = 0.05,
#'   yi = c(.2, .5, .9, 1.1, -.1, .2, .6, .3, .7, .6, .2, .1, .4, .8, 1, .9)
#' ))
#' fit <- pool_effects(effects, random = ~ 1 | study / .row)
#' plot(rho_sensitivity(fit, within = study))
#' @export
plot.mv_sensitivity <- function(x, components = TRUE, base_size = 9, family = "", ...) {
  if (!is_whole_sensitivity(x)) {
    stop_user(c(
      "The table has lost its rows or columns of {.fn rho_sensitivity}.",
      "x" = "Without them it cannot be drawn."
    ), "column")
  }
  components <- check_flag(components)
  base_size <- check_number(base_size, 1, 100)
  draw_sensitivity(sensitivity_layout(x, components, base_size = base_size), family)
}

draw_sensitivity <- function(layout, family = "") {
  page <- attr(layout, "page")
  ggplot2::ggplot(layout, columns_as(x = "x", y = "estimate")) +
    sensitivity_marks(layout) +
    sensitivity_layers(layout, page) +
    sensitivity_scales(page) +
    ggplot2::facet_wrap("panel", ncol = page$columns, scales = "free_y") +
    ggplot2::labs(
      x = page$words$x, y = NULL, caption = paste(page$words$caption, collapse = " ")
    ) +
    sensitivity_theme(page, family)
}

# What stands behind the intervals; a line below each panel, for only the lowest have an
# axis.
sensitivity_marks <- function(layout) {
  of <- \(kind) layout[layout$kind == kind, ]
  list(
    ggplot2::annotate("segment",
      x = -Inf, xend = Inf, y = -Inf, yend = -Inf, colour = mv_colour("ink"),
      linewidth = 0.35
    ),
    ggplot2::geom_hline(columns_as(yintercept = "estimate"), of("zero"),
      colour = mv_colour("rule"), linewidth = 0.35
    ),
    ggplot2::geom_vline(columns_as(xintercept = "x"), of("own"),
      colour = mv_colour("rule"), linewidth = 0.4, linetype = "dotted"
    ),
    ggplot2::geom_point(columns_as(x = "x"), of("failed"),
      y = -Inf, shape = 4, size = 2, stroke = 0.8, colour = mv_colour("ink")
    )
  )
}

# The robust interval is a broad bar behind the model's, so that values of rho may lie
# near each other.
sensitivity_layers <- function(layout, page) {
  of <- \(kinds) layout[layout$kind %in% kinds, ]
  bars <- of(c("model", "robust"))
  list(
    ggplot2::geom_linerange(
      columns_as(ymin = "lower", ymax = "upper", colour = "kind", linewidth = "kind"),
      bars
    ),
    if (page$axis$numeric) {
      ggplot2::geom_line(
        data = of(c("model", "component")), colour = mv_colour("square"), linewidth = 0.35
      )
    },
    ggplot2::geom_point(
      data = of(c("model", "component")), colour = mv_colour("diamond"), size = 1.5
    )
  )
}

sensitivity_scales <- function(page) {
  axis <- page$axis
  legend <- page$words$legend
  values <- list(
    colour = c(model = mv_colour("diamond"), robust = mv_colour("band")),
    width = c(model = 0.6, robust = 2.2)
  )
  list(
    # written when the plot is built, for the device it is built on
    ggplot2::scale_x_continuous(
      breaks = axis$at, minor_breaks = NULL,
      expand = ggplot2::expansion(0.06, if (axis$numeric) 0.02 else 0.4),
      guide = ggplot2::guide_axis(check.overlap = axis$numeric),
      labels = \(at) typeset(axis$label[match(at, axis$at)])
    ),
    ggplot2::scale_colour_manual(
      NULL, values = values$colour, breaks = names(legend), labels = legend
    ),
    ggplot2::scale_linewidth_manual(
      NULL, values = values$width, breaks = names(legend), labels = legend
    ),
    ggplot2::coord_cartesian(clip = "off")
  )
}

sensitivity_theme <- function(page, family) {
  text <- if (page$axis$turned) {
    ggplot2::element_text(angle = 90, hjust = 1, vjust = 0.5)
  }
  mv_theme(page$size, family) +
    ggplot2::theme(
      legend.position = "top", legend.justification = "left",
      strip.text = ggplot2::element_text(size = page$size, hjust = 0),
      axis.line.x = ggplot2::element_blank(),
      axis.line.y = ggplot2::element_line(colour = mv_colour("ink"), linewidth = 0.35),
      panel.spacing = grid::unit(4, "mm"), axis.text.x = text
    )
}
