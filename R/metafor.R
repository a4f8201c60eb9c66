# metafor's objects: tables of escalc() and fits in, tables out.

# What as_effects() goes on with: `data`, `quos`, `measure`, and `V` or NULL.
from_metafor <- function(data, quos, call = rlang::caller_env()) {
  if (inherits(data, "escalc")) from_escalc(data, quos) else from_rma(data, quos, call)
}

# The columns an escalc object names in its attributes, and its labels as the study.
from_escalc <- function(data, quos) {
  yi <- attr(data, "yi.names")[1]
  vi <- attr(data, "vi.names")[1]
  if (is.null(yi)) yi <- "yi"
  if (is.null(vi)) vi <- "vi"
  column <- data[[yi]]
  measure <- attr(column, "measure")
  if (is.null(measure)) measure <- "GEN"
  slab <- attr(column, "slab")
  class(data) <- "data.frame"
  named <- list(yi = yi, vi = vi)
  for (arg in names(named)) {
    if (!named[[arg]] %in% names(data) || !rlang::quo_is_missing(quos[[arg]])) next
    data[[named[[arg]]]] <- as.vector(data[[named[[arg]]]])
    # no quosure where the column has the argument's name: it is found by that
    if (named[[arg]] == arg) next
    quos[[arg]] <- rlang::new_quosure(as.name(named[[arg]]), rlang::empty_env())
  }
  list(data = name_studies_by(data, quos, slab), quos = quos, measure = measure)
}

name_studies_by <- function(data, quos, slab) {
  no_study <- rlang::quo_is_missing(quos$study) && !"study" %in% names(data)
  if (no_study && length(slab) == nrow(data)) data$study <- as.character(slab)
  data
}

# The estimates a fit was given, before it left out those with missing values.
from_rma <- function(fit, quos, call) {
  yi <- as.vector(fit$yi.f)
  vi <- as.vector(fit$vi.f)
  if (length(yi) == 0 || length(vi) != length(yi)) {
    stop_user(c(
      "This fit of metafor has no estimates with variances.",
      "x" = "It is of class {.cls {class(fit)[1]}}; {.fn rma.uni} and {.fn rma.mv} have
       them.",
      "i" = "Give the table of {.fn escalc}."
    ), "class", call = call)
  }
  data <- rma_columns(fit, yi, vi)
  V <- fit[["V.f"]]
  if (!is.null(V)) V <- as.matrix(V)
  alone <- is.null(V) || all(V[lower.tri(V)] == 0, na.rm = TRUE)
  list(
    data = name_studies_by(data, quos, if (isFALSE(fit$slab.null)) fit$slab), quos = quos,
    measure = fit$measure, V = if (!alone) unname(V)
  )
}

# The data that a fit keeps, or else its moderators, with its own yi and vi.
rma_columns <- function(fit, yi, vi) {
  data <- fit[["data"]]
  rows <- fit[["subset"]]
  if (is.data.frame(data)) {
    if (!is.null(rows)) data <- data[rows, , drop = FALSE]
    class(data) <- "data.frame"
  }
  if (!is.data.frame(data) || nrow(data) != length(yi)) {
    x <- as.data.frame(fit$X.f, optional = TRUE)
    data <- x[setdiff(names(x), "intrcpt")]
    data <- data.frame(row.names = seq_along(yi), data, check.names = FALSE)
  }
  same <- \(column, value) isTRUE(all.equal(as.vector(data[[column]]), value))
  other <- c(yi = !same("yi", yi), vi = !same("vi", vi))
  data <- keep_own_columns(data, names(other)[other])
  data$yi <- yi
  data$vi <- vi
  rownames(data) <- NULL
  data
}

# ---- out -----------------------------------------------------------------------------

# Measures that mean the same in metafor, on the same scale.
metafor_measures <- c(
  "MD", "SMD", "SMDH", "SMD1", "SMD1H", "ROM", "VR", "CVR", "RR", "OR", "RD", "AS",
  "PETO", "IRR", "IRD", "COR", "ZCOR", "MC", "SMCC", "SMCR", "SMCRH", "ROMC", "MN", "PR",
  "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS", "IRFT"
)

#' Effects as metafor's escalc object
#'
#' Effects already have metafor's names, so `metafor::rma(yi, vi, data = effects)` and
#' `metafor::rma.mv(yi, vcov(effects), data = effects)` work as they are. As an `escalc`
#' object they also tell it the measure, the studies and the numbers of animals, which
#' its prints, plots and back-transformations use.
#'
#' @param effects An `mv_effects`.
#' @return An `escalc` object with all columns; `yi` has the attributes `measure`
#'   (`"GEN"` for several measures, and for those that metafor does not have, such as
#'   `"NMD"`), `ni` (n_t + n_c, where they are there) and `slab` (the study).
#'   [as_effects()] turns it back. Covariances are not in it: pass `vcov(effects)` to
#'   `metafor::rma.mv()`.
#' @section Errors: `mv_error_class` for anything but effects; it needs the package
#'   metafor.
#' @examplesIf requireNamespace("metafor", quietly = TRUE)
#' effects <- as_effects(
#'   yi = c(0.2, 0.5, 0.9), vi = c(0.04, 0.09, 0.05), measure = "SMD",
#'   study = c("Chen 2011", "Li 2015", "Ono 2018")
#' )
#' as_escalc(effects)
#' metafor::rma(yi, vi, data = as_escalc(effects))
#' @export
as_escalc <- function(effects) {
  check_class(effects, "mv_effects", "effect_sizes")
  rlang::check_installed("metafor", "for its escalc objects.")
  if (nrow(effects) == 0) stop_user("{.arg effects} has no rows.", "empty")
  effects <- settle_effects(effects)
  data <- effects
  class(data) <- "data.frame"
  arguments <- list(
    measure = metafor_name(effects), yi = data$yi, vi = data$vi, data = data,
    ni = sum_of_animals(data), slab = if (!anyNA(data[["study"]])) data[["study"]]
  )
  arguments <- arguments[!vapply(arguments, is.null, NA)]
  # it warns of standardised differences above 2, which are usual in animals
  out <- suppressWarnings(do.call(metafor::escalc, arguments))
  # it drops the matrix, which as_effects() finds here
  attr(out, "V") <- attr(effects, "V", exact = TRUE)
  out
}

metafor_name <- function(effects) {
  measure <- unique(effects[["measure"]])
  known <- length(measure) == 1 && measure %in% metafor_measures
  if (known) measure else "GEN"
}

sum_of_animals <- function(data) {
  if (is.null(data[["n_t"]])) return(NULL)
  n <- cbind(data$n_t, data[["n_c"]])
  if (is.numeric(n)) rowSums(n)
}
