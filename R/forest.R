#' Forest plot
#'
#' Draws every study's effect and interval, the pooled effect, the prediction interval
#' and what is known of heterogeneity, with the numbers as text beside them.
#'
#' @details
#' Squares have areas in proportion to the weights, of a multilevel fit without moderators
#' those of `weights(type = "rowsum")`; for effects that are not pooled, to their
#' precision. The diamond ends at the confidence interval of the pooled effect, the bar
#' below it is the prediction interval. Rows that have no effect stay in their place with
#' the reason; rows that are kept out of the pooled effect are hollow. The axis shows the
#' bulk of the data: an interval that goes on beyond it ends in an arrow, and its numbers
#' are in the text. Response ratios lie on the log scale and are written in percent (a
#' halving is -50, a doubling 100), NMD is percent already.
#'
#' Pictures of simulated data say so: where a study is named "Simulated ..." or the
#' table has a column `simulated` that is `TRUE`.
#'
#' The text columns lie in the margins of the plot and have the widths that their texts
#' need; [save_forest()] chooses a page on which all of it is read at full size. On a
#' page that is too low the texts shrink; one below some 7 inches leaves the axis no room.
#'
#' @param x An `mv_fit` from [pool_effects()], or `mv_effects` from [effect_sizes()] or
#'   [as_effects()], which are drawn without a pooled effect. Anything else goes to
#'   `metafor::forest()` or `meta::forest()`, where that package is loaded.
#' @param band A reported range to shade, `c(lower, upper)`: in percent on a percent axis,
#'   else in the unit of the effect.
#' @param scale `"percent"` writes response ratios (ROM) and NMD in percent, `"effect"` in
#'   their own unit; `"auto"` takes percent where it exists.
#' @param order Order of the rows, within groups: `"input"`, `"estimate"` (smallest
#'   first), `"weight"` (largest first) or `"label"`.
#' @param group A column of the effects table: its values become headings with their rows
#'   below, a factor's in the order of its levels. Groups are not pooled.
#' @param label A column to label the rows by. By default the study, with treatment,
#'   outcome, time or experiment added where rows could not be told apart.
#' @param level Level of the rows' intervals (normal quantiles): the fit's, or 0.95.
#' @param xlim Limits of the axis in the unit in which it is written; chosen from the data
#'   by default.
#' @param title A title above the plot.
#' @param label_width Longest label in mm; longer ones are cut.
#' @param base_size,family Size in points and family of the font.
#' @param ... Arguments of the methods; must otherwise be empty.
#'
#' @return A ggplot object. Its data, `p$data`, is the table of what is drawn, one row a
#'   line. Add themes and layers as to any ggplot; the margins hold the text columns.
#'
#' @section Errors:
#' A column, scale, order, range or level that does not exist or fit stops with a
#' condition of class `mv_error`, as do effects of which none can be drawn.
#'
#' @examples
#' effects <- as_effects(
#'   data.frame(
#'     study = c("Simulated 01", "Simulated 02", "Simulated 03"),
#'     yi = c(-0.9, -0.4, -0.7), vi = c(0.08, 0.05, 0.12)
#'   ),
#'   measure = "ROM"
#' )
#' forest(pool_effects(effects), band = c(-60, -40))
#' @export
forest <- function(x, ...) UseMethod("forest")

#' @rdname forest
#' @export
#' @exportS3Method metafor::forest mv_fit
#' @exportS3Method meta::forest mv_fit
forest.mv_fit <- function(x, band = NULL, scale = c("auto", "effect", "percent"),
                          order = c("input", "estimate", "weight", "label"),
                          group = NULL, label = NULL, level = NULL, xlim = NULL,
                          title = NULL, label_width = 85, base_size = 9, family = "",
                          ...) {
  rlang::check_dots_empty()
  if (inherits(x, "mv_effects")) x <- settle_effects(x)
  effects <- if (inherits(x, "mv_fit")) x$effects else x
  columns <- forest_columns(effects, rlang::enquo(group), rlang::enquo(label))
  look <- check_look(scale, order, level, label_width, base_size, title)
  layout <- forest_layout(x, band, look$scale, look$order, columns$group, columns$label,
    level, xlim, title, label_width, base_size, columns$label_name
  )
  draw_forest(layout, family)
}

#' @rdname forest
#' @export
#' @exportS3Method metafor::forest mv_effects
#' @exportS3Method meta::forest mv_effects
forest.mv_effects <- forest.mv_fit

# Objects of metafor and meta, when this package's generic masks theirs: the user's own
# call is made again, in the user's frame, with their generic.
#' @rdname forest
#' @export
forest.default <- function(x, ...) {
  loaded <- intersect(c("metafor", "meta"), loadedNamespaces())
  if (length(loaded) == 0) {
    stop_user(c(
      "{.fn forest} draws {.cls mv_fit} and {.cls mv_effects}.",
      "x" = "{.arg x} is {.obj_type_friendly {x}}.",
      "i" = "For objects of metafor or meta, load that package first."
    ), "class", call = rlang::current_env())
  }
  theirs <- sys.call()
  theirs[[1]] <- call("::", as.name(loaded[1]), quote(forest))
  eval(theirs, parent.frame())
}

forest_columns <- function(effects, group, label, call = rlang::caller_env()) {
  quos <- list(group = group, label = label)
  taken <- take_columns(as.data.frame(effects), quos, call)
  name <- taken$from["label"]
  name <- if (is.na(name)) "Study" else capital(gsub("[_.]", " ", name))
  c(taken$values, list(label_name = unname(name)))
}

check_look <- function(scale, order, level, label_width, base_size, title,
                       call = rlang::caller_env()) {
  if (!is.null(level)) check_level(level, call = call)
  check_number(label_width, 10, 500, call = call)
  check_number(base_size, 4, 30, call = call)
  if (!is.null(title) && !rlang::is_string(title)) {
    stop_user("{.arg title} must be one text.", "type", call = call)
  }
  list(
    scale = check_choice(scale[1], c("auto", "effect", "percent"), "scale", call),
    order = check_choice(
      order[1], c("input", "estimate", "weight", "label"), "order", call
    )
  )
}
