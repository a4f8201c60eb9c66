#' Save a forest plot on a page of the right size
#'
#' Writes a forest plot to a file, on a page as wide as its texts and as high as its rows
#' ask for, so that all is read at full size with 3 rows or with 300.
#'
#' @param x A fit or effects, as for [forest()], or the plot that [forest()] returned.
#' @param file Path of the file; its ending gives the type: `.png`, `.pdf` or `.svg`.
#' @param width,height Size of the page in inches, by default chosen. On a lower page the
#'   texts shrink.
#' @param dpi Dots per inch of a PNG.
#' @param family Font. The system's own sans is often a wide face made for screens.
#' @param ... Arguments of [forest()], where `x` is not a plot yet.
#'
#' @return The path, invisibly.
#'
#' @section Errors:
#' An unknown type of file, a folder that does not exist, a page narrower than the text
#' columns or one above 200 inches (which PDF readers and image libraries refuse; some
#' 1,000 rows) stop with a condition of class `mv_error`.
#'
#' @examples
#' effects <- as_effects(
#'   data.frame(
#'     study = c("Simulated 01", "Simulated 02"), yi = c(0.9, 0.4), vi = c(0.08, 0.05)
#'   ),
#'   measure = "SMD"
#' )
#' file <- tempfile(fileext = ".png")
#' save_forest(effects, file)
#' unlink(file)
#' @export
save_forest <- function(x, file, width = NULL, height = NULL, dpi = 200,
                        family = "Helvetica", ...) {
  type <- check_file(file)
  check_number(dpi, 30, 1200)
  plot <- as_forest_plot(x, family, ...)
  size <- page_size(plot, width, height)
  open_device(type, file, size, dpi)
  device <- grDevices::dev.cur()
  on.exit(grDevices::dev.off(device))
  print(plot)
  invisible(file)
}

as_forest_plot <- function(x, family, ..., call = rlang::caller_env()) {
  if (!inherits(x, "ggplot")) return(forest(x, family = family, ...))
  rlang::check_dots_empty(call = call)
  if (inherits(x$data, "mv_forest_layout")) return(x)
  stop_user(c(
    "{.arg x} must be a fit, effects, or a plot made by {.fn forest}.",
    "i" = "Other plots are saved by {.fn ggplot2::ggsave}."
  ), "class", call = call)
}

check_file <- function(file, call = rlang::caller_env()) {
  if (!is.character(file) || length(file) != 1 || is.na(file) || !nzchar(file)) {
    stop_user("{.arg file} must be one path.", "file", call = call)
  }
  type <- tolower(sub("^.*\\.([^./\\\\]+)$", "\\1", file))
  if (!type %in% c("png", "pdf", "svg")) {
    stop_user(c(
      "{.arg file} must end in {.val .png}, {.val .pdf} or {.val .svg}.",
      "x" = "It is {.file {file}}."
    ), "file", call = call)
  }
  if (!dir.exists(dirname(file))) {
    stop_user(c(
      "The folder of {.arg file} does not exist.",
      "x" = "It is {.path {dirname(file)}}."
    ), "file", call = call)
  }
  type
}

highest_page <- 200 # inches: what PDF allows, and a PNG of 150 dpi has

# Width and height in inches.
page_size <- function(plot, width, height, call = rlang::caller_env()) {
  page <- attr(plot$data, "page")
  least <- (page$width - panel_width + 25) / 25.4
  if (is.null(width)) width <- page$width / 25.4
  if (is.null(height)) height <- max(1, page$height / 25.4)
  check_number(width, 0, highest_page, "width", call)
  check_number(height, 1, Inf, "height", call)
  if (width < least) {
    stop_user(c(
      "{.arg width} is too small for the text columns.",
      "x" = "It is {signif(width, 3)} inches; they and the axis need
        {ceiling(least * 10) / 10}.",
      "i" = "A smaller {.code label_width} or {.code base_size} makes them narrower."
    ), "width", call = call)
  }
  if (height > highest_page) {
    stop_user(c(
      "The page would be {round(height)} inches high; {highest_page} is the most.",
      "i" = "Draw fewer rows, or give a {.arg height}, on which the texts shrink."
    ), "height", call = call)
  }
  c(width, height)
}

# Bitmaps are limited to 32,767 dots a side; a very high page gets fewer an inch.
open_device <- function(type, file, size, dpi) {
  switch(type,
    png = open_png(file, size, min(dpi, floor(32000 / max(size)))),
    pdf = if (capabilities("cairo")) {
      grDevices::cairo_pdf(file, size[1], size[2])
    } else {
      grDevices::pdf(file, size[1], size[2])
    },
    svg = if (requireNamespace("svglite", quietly = TRUE)) {
      svglite::svglite(file, size[1], size[2])
    } else {
      grDevices::svg(file, size[1], size[2])
    }
  )
}

open_png <- function(file, size, dpi) {
  type <- if (capabilities("cairo")) "cairo" else getOption("bitmapType")
  # the device reads "%d" as the number of a page
  file <- gsub("%", "%%", file, fixed = TRUE)
  grDevices::png(file, size[1], size[2], "in", res = dpi, type = type)
}
