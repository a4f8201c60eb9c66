#' metavivo: meta-analysis of preclinical animal studies
#'
#' From a table of animal groups to effect sizes, a pooled estimate, a forest
#' plot and a verdict on a reported effect range:
#' [cohorts()], [comparisons()] (or [as_comparisons()] for a wide table),
#' [effect_sizes()] (or [as_effects()] for a table of estimates),
#' [pool_effects()], [forest()] and [reported_range()].
#'
#' `vignette("first-analysis")` is a whole analysis, `vignette("effect-sizes")` goes from
#' whatever a paper reports to effects, `vignette("dependent-effects")` from several
#' effects of one study to a pooled one, and `vignette("design")` says how the package is
#' built. [effect_measures()] lists the measures.
#'
#' @keywords internal
#' @useDynLib metavivo, .registration = TRUE
# The generics that have methods here, so that they register where stats is not attached.
#' @importFrom stats anova coef confint cooks.distance deviance df.residual dfbetas fitted
#' @importFrom stats formula hatvalues influence logLik model.matrix nobs predict profile
#' @importFrom stats residuals rstandard rstudent update vcov weights
"_PACKAGE"
