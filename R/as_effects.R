#' Effects from a table of estimates
#'
#' Takes estimates that somebody else has computed: a table with an estimate and its
#' variance, standard error or interval, an `escalc` object of metafor, or vectors.
#'
#' A column argument left out means the column of its own name, so a table with `yi` and
#' `vi` needs no arguments. All other columns are kept. Where the table has a `vi`, an
#' `sei` and an interval of those names and none is asked for, the first of them is used.
#'
#' A missing estimate or variance gives a row with a `reason` and `pooled` FALSE. A `vi`
#' of zero is kept: [pool_effects()] decides about it.
#'
#' @param data A data frame, an `escalc` object, or NULL: the arguments are then vectors.
#' @param yi The estimate, on a scale where its error is about normal (a ratio: its log).
#' @param vi,sei,lower,upper Its sampling variance; or its standard error; or both ends
#'   of its interval, from which the standard error is taken as
#'   `(upper - lower) / (2 * qnorm((1 + level) / 2))`.
#' @param p A two-sided p value of the estimate, from which the standard error is taken as
#'   `abs(yi) / qnorm(1 - p / 2)`. It is used where the table has none of the others, or
#'   where it is asked for by name.
#' @param V The covariance matrix of the estimates, in the order of the rows; `vi` may
#'   then be left out. It is kept by the key column `effect_id`, so that rows can be
#'   sorted and filtered.
#' @param study The study, text or a number. Rows of one study are dependent. Without it
#'   each row counts as a study of its own.
#' @param measure What the estimates are, one text: `"SMD"`, `"ROM"` and so on, or
#'   `"GEN"`. `"ROM"` (log ratios, treated over control) and `"NMD"` have a percent
#'   scale.
#' @param level The level of the interval.
#' @param greater_is_worse TRUE where a greater outcome is worse; kept as a column.
#' @param ... Further columns by name.
#' @return A data frame of class `mv_effects`, see [effect_sizes()], with `computed_from`
#'   `"estimate"`, or `"matrix"` with `V`.
#' @section Errors: A variance that is negative or infinite, a standard error below zero,
#'   an interval whose lower end is above its upper, `vi` and `sei` that disagree, a `V`
#'   that is not a covariance matrix of these rows, a `p` of 0 or 1 or outside them: each
#'   names the rows. An estimate that
#'   is not in the middle of its interval is a warning: it may be a ratio, or a slip.
#' @examples
#' as_effects(stroke_efficacy,
#'   yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
#' )
#' as_effects(yi = c(0.2, 0.5, 0.9), vi = c(0.04, 0.09, 0.05))
#' @export
as_effects <- function(data = NULL, yi, vi, sei, lower, upper, V = NULL, study,
                       measure = "GEN", level = 0.95, greater_is_worse, p, ...) {
  quos <- rlang::enquos(
    yi = yi, vi = vi, sei = sei, lower = lower, upper = upper, study = study,
    greater_is_worse = greater_is_worse, p = p
  )
  given <- !vapply(quos, rlang::quo_is_missing, NA)
  if (inherits(data, "mv_effects") && !any(given)) return(data)
  if (!missing(measure) || !inherits(data, "escalc")) check_word(measure)
  level <- check_level(level)
  if (inherits(data, "escalc")) {
    brought <- from_escalc(data, quos, if (missing(measure)) NULL else measure)
    data <- brought$data
    quos <- brought$quos
    measure <- brought$measure
  }
  was_ours <- is.data.frame(data) && missing(measure) &&
    all(c("yi", "vi", "measure", "sign", "computed_from") %in% names(data))
  if (was_ours && !any(given) && is.null(V)) return(reclaim(data))
  taken <- take_estimates(data, quos, rlang::enquos(...))
  vi_of <- estimate_variance(taken$values, V, level, names(quos)[given])
  new_estimates(taken, vi_of, V, measure)
}

check_word <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (rlang::is_string(x) && !is.na(x)) return(x)
  stop_user("{.arg {arg}} must be one text, such as {.val ROM}.", "choice", call = call)
}

# A table of effects that lost only its class, say in a file.
reclaim <- function(data) {
  out <- as.data.frame(data)
  class(out) <- c("mv_effects", class(out))
  out
}

# ---- reading -------------------------------------------------------------------------

# The columns an escalc object names in its attributes, and its labels as the study.
from_escalc <- function(data, quos, measure) {
  yi <- attr(data, "yi.names")[1]
  vi <- attr(data, "vi.names")[1]
  if (is.null(yi)) yi <- "yi"
  if (is.null(vi)) vi <- "vi"
  column <- data[[yi]]
  if (is.null(measure)) measure <- attr(column, "measure")
  if (is.null(measure)) measure <- "GEN"
  slab <- attr(column, "slab")
  data <- as.data.frame(unclass(data), optional = TRUE)
  named <- list(yi = yi, vi = vi)
  for (arg in names(named)) {
    if (!named[[arg]] %in% names(data) || !rlang::quo_is_missing(quos[[arg]])) next
    data[[named[[arg]]]] <- as.vector(data[[named[[arg]]]])
    quos[[arg]] <- rlang::new_quosure(as.name(named[[arg]]), rlang::empty_env())
  }
  no_study <- rlang::quo_is_missing(quos$study) && !"study" %in% names(data)
  if (no_study && length(slab) == nrow(data)) data$study <- as.character(slab)
  list(data = data, quos = quos, measure = measure)
}

take_estimates <- function(data, quos, further, call = rlang::caller_env()) {
  if (is.null(data)) {
    data <- data_of_vectors(c(quos, further), call)
    further <- further[0]
    quos <- lapply(quos, \(quo) rlang::new_quosure(rlang::missing_arg()))
  }
  taken <- take_columns(data, quos, call)
  extra <- lapply(names(further), function(name) {
    take_column(data, further[[name]], name, call)$value
  })
  names(extra) <- names(further)
  columns <- unclass(as.data.frame(data))
  attr(columns, "row.names") <- NULL
  own <- intersect(c("yi", "vi", "study", "greater_is_worse"), names(taken$from))
  own <- own[taken$from[own] == own]
  columns <- columns[setdiff(names(columns), own)]
  columns[names(extra)] <- extra
  list(values = taken$values, from = taken$from, further = columns, rows = nrow(data))
}

data_of_vectors <- function(quos, call) {
  quos <- quos[!vapply(quos, rlang::quo_is_missing, NA)]
  if (length(quos) && any(names(quos) == "")) {
    stop_user("Further columns need names, as in {.code dose = c(1, 3)}.", "column",
      call = call
    )
  }
  values <- lapply(quos, rlang::eval_tidy)
  rows <- max(0L, lengths(values))
  values <- lapply(names(values), \(arg) fit_length(values[[arg]], rows, arg, call))
  names(values) <- names(quos)
  structure(values, row.names = .set_row_names(rows), class = "data.frame")
}

# ---- the result ----------------------------------------------------------------------

new_estimates <- function(taken, found, V, measure) {
  rows <- taken$rows
  study <- taken$values$study
  if (is.factor(study)) study <- as.character(study)
  worse <- taken$values$greater_is_worse
  ours <- c(effect_columns, "reason", if (!is.null(study)) "study",
            if (!is.null(worse)) "greater_is_worse")
  out <- keep_own_columns(taken$further, ours)
  no_yi <- is.na(found$yi)
  none <- no_yi | is.na(found$vi)
  reason <- rep_len(NA_character_, rows)
  reason[none] <- "its variance is missing"
  reason[no_yi] <- "the estimate is missing"
  out <- c(
    if (!is.null(study)) list(study = study), out,
    if (!is.null(worse)) list(greater_is_worse = worse),
    list(
      measure = rep_len(measure, rows), variance = rep_len("given", rows),
      direction = rep_len("raw", rows), sign = rep_len(1, rows),
      computed_from = rep_len(if (is.null(V)) "estimate" else "matrix", rows),
      yi = found$yi, vi = found$vi, reason = reason, pooled = !none
    )
  )
  out <- structure(out,
    row.names = .set_row_names(rows), columns = taken$from,
    class = c("mv_effects", "data.frame")
  )
  if (is.null(V)) out else store_matrix(out, as.matrix(V))
}

store_matrix <- function(out, V) {
  id <- out[["effect_id"]]
  if (is.null(id) || anyNA(id) || anyDuplicated(id)) id <- seq_len(nrow(out))
  out[["effect_id"]] <- as.character(id)
  V <- unname(V)
  dimnames(V) <- list(out[["effect_id"]], out[["effect_id"]])
  attr(out, "V") <- V
  out
}
