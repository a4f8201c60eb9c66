# Draws a forest layout with ggplot2: the layers follow the table, and the texts lie in
# one grob, in the plot's margins.

draw_forest <- function(layout, family = "") {
  page <- attr(layout, "page")
  layers <- c(
    list(
      stripe_layer(layout, page), band_layer(page, layout), zero_layer(layout, page),
      blank_layer(layout)
    ),
    interval_layers(layout), summary_layers(layout),
    list(text_layer(layout, page, family))
  )
  ggplot2::ggplot(layout) +
    layers +
    forest_scales(layout, page) +
    ggplot2::labs(x = page$axis$title, y = NULL) +
    forest_theme(page, below_axis(layout, page) - page$axis_height, family)
}

# Names of columns as aesthetics.
columns_as <- function(...) ggplot2::aes(!!!rlang::syms(list(...)))

forest_scales <- function(layout, page) {
  top <- max(layout$y + layout$height / 2)
  ticks <- page$ticks
  list(
    # Written when the plot is built, for the device it is built on.
    ggplot2::scale_x_continuous(
      breaks = ticks$at, minor_breaks = NULL,
      guide = ggplot2::guide_axis(check.overlap = TRUE),
      labels = \(at) typeset(ticks$label[match(at, ticks$at)])
    ),
    ggplot2::scale_y_continuous(breaks = NULL),
    ggplot2::scale_size_identity(),
    ggplot2::coord_cartesian(
      xlim = page$axis$limits, ylim = c(0, top), expand = FALSE, clip = "off"
    )
  )
}

forest_theme <- function(page, below, family) {
  mv_theme(page$size, family) +
    ggplot2::theme(
      axis.title.y = ggplot2::element_blank(),
      axis.text.y = ggplot2::element_blank(),
      axis.title.x = ggplot2::element_text(
        margin = ggplot2::margin(t = 0.8, b = below, unit = "mm")
      ),
      plot.margin = ggplot2::margin(1.5, page$right + 2, 1.5, page$left + 2, "mm")
    )
}

in_panel <- function(grob) ggplot2::annotation_custom(grob, -Inf, Inf, -Inf, Inf)

# Stripes and rules run over the text columns as well.
stripe_layer <- function(layout, page) {
  top <- max(layout$y + layout$height / 2)
  striped <- layout[layout$stripe, ]
  left <- grid::unit(-page$left, "mm")
  width <- grid::unit(1, "npc") + grid::unit(page$left + page$right, "mm")
  header <- layout[layout$kind == "header", ]
  summary <- layout$y[layout$kind == "pooled"] + 0.7
  in_panel(grid::gTree(children = grid::gList(
    grid::rectGrob(left, striped$y / top, width, striped$height / top,
      hjust = 0, gp = grid::gpar(fill = mv_colour("stripe"), col = NA)
    ),
    rule_grob(c(header$y - header$height / 2, summary) / top, left, width)
  )))
}

rule_grob <- function(y, left, width) {
  grid::segmentsGrob(left, y, left + width, y,
    gp = grid::gpar(col = mv_colour("rule"), lwd = 0.7)
  )
}

# The plotting area proper, below the header.
body_range <- function(layout) {
  drawn <- layout[layout$kind %in% c("subgroup", "study", "pooled", "prediction"), ]
  c(min(drawn$y - drawn$height / 2), max(drawn$y + drawn$height / 2))
}

band_layer <- function(page, layout) {
  band <- page$axis$band
  if (is.null(band)) return(NULL)
  limits <- page$axis$limits
  band <- pmax(pmin(band, limits[2]), limits[1])
  body <- body_range(layout)
  ggplot2::annotate("rect",
    xmin = band[1], xmax = band[2], ymin = body[1], ymax = body[2],
    fill = mv_colour("band"), alpha = 0.28
  )
}

zero_layer <- function(layout, page) {
  if (!page$axis$shows_zero) return(NULL)
  body <- body_range(layout)
  ggplot2::annotate("segment",
    x = 0, xend = 0, y = body[1], yend = body[2],
    colour = mv_colour("rule"), linewidth = 0.4
  )
}

# A clear ground for the words that stand in place of an effect.
blank_layer <- function(layout) {
  blank <- layout[layout$kind == "study" & is.na(layout$estimate), ]
  if (nrow(blank) == 0) return(NULL)
  ggplot2::annotate("rect",
    xmin = -Inf, xmax = Inf, ymin = blank$y - blank$height / 2,
    ymax = blank$y + blank$height / 2,
    fill = ifelse(blank$stripe, mv_colour("stripe"), "white")
  )
}

# Whiskers, with an arrow where the axis cuts them, and squares. A square that would
# lie outside is left away: its arrow tells.
interval_layers <- function(layout) {
  study <- layout[layout$kind == "study" & !is.na(layout$estimate), ]
  inside <- study[!study$outside, ]
  list(
    whiskers(study, "x_lower", "x_upper"),
    arrow_layer(study[study$clip_upper, ], "x_lower", "x_upper"),
    arrow_layer(study[study$clip_lower, ], "x_upper", "x_lower"),
    squares(inside[!inside$hollow, ], mv_colour("square")),
    squares(inside[inside$hollow, ], "white")
  )
}

whiskers <- function(data, from, to, colour = "ink", ...) {
  ggplot2::geom_segment(columns_as(x = from, xend = to, y = "y", yend = "y"),
    data = data, colour = mv_colour(colour), linewidth = 0.4, na.rm = TRUE, ...
  )
}

arrow_layer <- function(data, from, to, colour = "ink", length = 1.6) {
  if (nrow(data) == 0) return(NULL)
  whiskers(data, from, to, colour,
    arrow = grid::arrow(25, grid::unit(length, "mm"), type = "closed"),
    arrow.fill = mv_colour(colour)
  )
}

squares <- function(data, fill) {
  if (nrow(data) == 0) return(NULL)
  ggplot2::geom_point(columns_as(x = "estimate", y = "y", size = "size"),
    data = data, shape = 22, fill = fill, colour = mv_colour("square"), stroke = 0.4
  )
}

# The diamond ends at the confidence interval; the bar below is the prediction interval.
summary_layers <- function(layout) {
  pooled <- layout[layout$kind == "pooled", ]
  wide <- layout[layout$kind == "prediction", ]
  list(
    diamond(pooled),
    arrow_layer(pooled[pooled$clip_upper, ], "estimate", "x_upper", "diamond", 2.4),
    arrow_layer(pooled[pooled$clip_lower, ], "estimate", "x_lower", "diamond", 2.4),
    if (nrow(wide)) {
      ggplot2::geom_segment(
        columns_as(x = "x_lower", xend = "x_upper", y = "y", yend = "y"),
        data = wide, colour = mv_colour("prediction"), linewidth = 1.6
      )
    },
    arrow_layer(wide[wide$clip_upper, ], "x_lower", "x_upper", "prediction", 3),
    arrow_layer(wide[wide$clip_lower, ], "x_upper", "x_lower", "prediction", 3)
  )
}

diamond <- function(pooled, half = 0.36) {
  if (nrow(pooled) == 0) return(NULL)
  corners <- data.frame(
    x = c(pooled$x_lower, pooled$estimate, pooled$x_upper, pooled$estimate),
    y = pooled$y + c(0, half, 0, -half)
  )
  ggplot2::geom_polygon(columns_as(x = "x", y = "y"),
    data = corners, fill = mv_colour("diamond"), colour = mv_colour("diamond"),
    linewidth = 0.2
  )
}

text_layer <- function(layout, page, family) {
  in_panel(grid::gTree(
    cells = forest_cells(layout, page), size = page$size, line = page$line,
    family = family, top = max(layout$y + layout$height / 2), cl = "mv_forest_text"
  ))
}

# The font is known only now, and so is the height of a line: where a text would leave
# its room, all shrink together. On a page from save_forest() they hardly do.
#' @exportS3Method grid::makeContent mv_forest_text
makeContent.mv_forest_text <- function(x) {
  cells <- x$cells
  text <- typeset(cells$text)
  font <- grid::gpar(fontsize = x$size, fontfamily = x$family)
  line <- grid::convertHeight(grid::unit(1 / x$top, "npc"), "mm", valueOnly = TRUE)
  shrink <- min(
    1, line / (x$size * mm_per_point * 1.1), tightest(text, cells, font)
  )
  faces <- c(plain = 1L, bold = 2L, italic = 3L)
  drawn <- grid::textGrob(text,
    x = grid::unit(cells$edge, "npc") + grid::unit(cells$x, "mm"),
    y = grid::unit(pmax(cells$y, 0) / x$top, "npc") +
      grid::unit(pmin(cells$y, 0) * x$line, "mm"),
    hjust = cells$hjust, vjust = cells$vjust,
    gp = grid::gpar(
      fontsize = x$size * shrink * cells$scale, fontfamily = x$family, lineheight = 0.95,
      fontface = unname(faces[cells$face]), col = mv_colours[cells$colour]
    )
  )
  grid::setChildren(x, grid::gList(drawn))
}

# The least ratio of the room of a text to its true width.
tightest <- function(text, cells, font) {
  width <- vapply(c("plain", "bold", "italic"), function(face) {
    some <- which(cells$face == face)
    if (length(some) == 0) return(1)
    font$font <- c(plain = 1L, bold = 2L, italic = 3L)[[face]]
    min(cells$room[some] / cells$scale[some] / true_width(text[some], font))
  }, 0)
  min(width)
}

true_width <- function(text, font) {
  grid::pushViewport(grid::viewport(gp = font))
  on.exit(grid::popViewport())
  width <- grid::convertWidth(grid::stringWidth(text), "mm", valueOnly = TRUE)
  pmax(width, 1e-3)
}
