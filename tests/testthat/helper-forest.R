# Effects with the columns that forest() reads, and fits of them.
drawn_effects <- function(yi, vi, measure = "SMD", study = NULL, ...) {
  k <- length(yi)
  if (is.null(study)) study <- sprintf("Study %02d", seq_len(k))
  more <- list(...)
  effects <- data.frame(
    comparison = seq_len(k), study = study, measure = measure, direction = "raw",
    sign = 1, yi = yi, vi = vi, reason = NA_character_, pooled = TRUE,
    greater_is_worse = NA
  )
  effects[names(more)] <- more
  structure(effects, class = c("mv_effects", "data.frame"))
}

# Ten studies with estimates -1.0 to 0.8 in steps of 0.2, in no order.
drawn_ten <- function(...) {
  drawn_effects(
    c(-0.4, 0.2, -1, 0.8, -0.2, -0.8, 0, -0.6, 0.4, 0.6),
    c(0.10, 0.20, 0.05, 0.30, 0.10, 0.15, 0.20, 0.10, 0.25, 0.20),
    n_t = c(8, 8, 10, 6, 7, 9, 8, 10, 12, 6), n_c = rep(c(8, 6), 5), ...
  )
}

fit_of <- function(effects, ...) pool_effects(effects, dependence = "ignore", ...)
layout_of <- function(x, ...) forest_layout(x, ...)
page_of <- function(layout) attr(layout, "page")
rows_of <- function(layout, kind) layout[layout$kind == kind, ]

# Image snapshots are of one version of R and ggplot2: others draw another SVG.
skip_unless_snapshot_versions <- function() {
  skip_if_not_installed("vdiffr")
  skip_if_not(l10n_info()[["UTF-8"]], "image snapshots need a UTF-8 locale")
  made_with <- c(R = "4.2", ggplot2 = "3.4.1")
  here <- c(
    R = sub("[.][0-9]+$", "", as.character(getRversion())),
    ggplot2 = as.character(utils::packageVersion("ggplot2"))
  )
  skip_if_not(
    identical(made_with, here),
    paste("image snapshots need R", made_with[1], "and ggplot2", made_with[2])
  )
}
