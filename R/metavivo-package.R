#' metavivo: meta-analysis of preclinical animal studies
#'
#' From a table of animal groups to effect sizes, a pooled estimate, a forest
#' plot and a verdict on a reported effect range:
#' [cohorts()], [comparisons()] (or [as_comparisons()] for a wide table),
#' [effect_sizes()] (or [as_effects()] for a table of estimates),
#' [pool_effects()], [forest()] and [reported_range()].
#'
#' @keywords internal
#' @useDynLib metavivo, .registration = TRUE
"_PACKAGE"
