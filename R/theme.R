# One look for every picture: a clean sans face, dark ink, few colours.

mv_colours <- c(
  ink = "#1a1a1a", quiet = "#6e6e6e", rule = "#9a9a9a", stripe = "#f3f5f8",
  square = "#44618c", diamond = "#1f3a5f", prediction = "#8398b3",
  band = "#f2c14e"
)

mv_colour <- function(name) unname(mv_colours[name])

# Sizes are in points: `base_size` for what is read, one point less for the axis.
mv_theme <- function(base_size = 9, family = "") {
  ink <- mv_colour("ink")
  ggplot2::theme_minimal(base_size = base_size, base_family = family) +
    ggplot2::theme(
      text = ggplot2::element_text(colour = ink),
      axis.text = ggplot2::element_text(size = base_size - 1, colour = ink),
      axis.title = ggplot2::element_text(size = base_size, colour = ink),
      axis.line.x = ggplot2::element_line(colour = ink, linewidth = 0.35),
      axis.ticks.x = ggplot2::element_line(colour = ink, linewidth = 0.35),
      axis.ticks.length = grid::unit(1, "mm"),
      panel.grid = ggplot2::element_blank(),
      plot.title = ggplot2::element_text(size = base_size + 2, face = "bold"),
      plot.title.position = "plot",
      plot.caption = ggplot2::element_text(
        size = base_size - 1, colour = mv_colour("quiet"), hjust = 0, lineheight = 1.15
      ),
      plot.caption.position = "plot"
    )
}
