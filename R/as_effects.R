#' Effects from a table of estimates
#'
#' Takes estimates that somebody else has computed: a table with an estimate and its
#' variance, standard error or interval, an `escalc` object or a fit of metafor, or
#' vectors.
#'
#' A column argument left out means the column of its own name, so a table with `yi` and
#' `vi` needs no arguments. All other columns are kept. Where the table has a `vi`, an
#' `sei` and an interval of those names and none is asked for, the first of them is used.
#'
#' A missing estimate or variance gives a row with a `reason` and `pooled` FALSE. A `vi`
#' of zero is kept: [pool_effects()] decides about it.
#'
#' A fit of metafor (`rma()`, `rma.mv()`) gives the estimates it was fitted to with their
#' variances or their matrix, its labels as the study, and the columns of its data, rows
#' that its `subset` left out excepted.
#'
#' @param data A data frame, an `escalc` object or a fit of metafor, or NULL: the
#'   arguments are then vectors. An `mv_effects` is given back as it is, with `V` where
#'   that is given.
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
#'   that is not a covariance matrix of these rows, a `p` of 0 or 1 or outside them, a COR
#'   or RD outside -1 to 1, a PR outside 0 to 1: each names the rows. `mv_error_again` for
#'   an `mv_effects` with further arguments: read anew it would lose its covariances. An
#'   estimate that is not in the middle of its interval is a warning: it may be a ratio,
#'   or a slip.
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
  further <- rlang::enquos(...)
  named <- !missing(measure)
  if (inherits(data, "mv_effects")) {
    asked <- c(names(quos)[given], if (named) "measure", names(further))
    return(effects_again(data, asked, V))
  }
  foreign <- inherits(data, c("escalc", "rma"))
  if (named || !foreign) check_word(measure)
  level <- check_level(level)
  if (foreign) {
    brought <- from_metafor(data, quos)
    data <- brought$data
    quos <- brought$quos
    if (!named) measure <- brought$measure
    if (is.null(V) && !any(given)) V <- brought$V
  }
  was_ours <- is.data.frame(data) && all(ours_columns %in% names(data))
  if (was_ours && !named && !any(given) && (is.null(V) || foreign)) {
    return(reclaim(data, V))
  }
  taken <- take_estimates(data, quos, further)
  vi_of <- estimate_variance(taken$values, V, level, names(quos)[given])
  check_measure_range(vi_of$yi, measure, taken$values$study)
  new_estimates(taken, vi_of, V, measure)
}

check_word <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (rlang::is_string(x) && !is.na(x)) return(x)
  stop_user("{.arg {arg}} must be one text, such as {.val ROM}.", "choice", call = call)
}

ours_columns <- c("yi", "vi", "measure", "sign", "computed_from")

# A table of effects that lost only its class, say in a file, or in a fit of metafor,
# which keeps the matrix.
reclaim <- function(data, V = NULL) {
  out <- as.data.frame(data)
  class(out) <- c("mv_effects", class(out))
  lost <- is.null(attr(out, "V", exact = TRUE)) && "matrix" %in% out$computed_from
  if (lost && !is.null(V)) effects_again(out, NULL, V) else out
}

# A table of effects is one already; only a matrix can be added to it. To read its
# columns anew would forget which animals the effects share.
effects_again <- function(effects, asked, V, call = rlang::caller_env()) {
  if (length(asked) > 0) {
    stop_user(c(
      "{.arg data} is a table of effects already, so {.arg {asked}} {?has/have} no
       meaning.",
      "x" = "Read anew, the effects would lose the covariance of shared animals.",
      "i" = "Change a column by {.code $<-}; or, to take the estimates as independent,
       give {.code as.data.frame(data)}."
    ), "again", call = call)
  }
  if (is.null(V)) return(effects)
  found <- estimate_variance(list(yi = effects$yi), V, 0.95, character(), call)
  effects$vi <- found$vi
  effects$computed_from <- rep_len("matrix", nrow(effects))
  store_matrix(effects, as.matrix(V))
}

# ---- reading -------------------------------------------------------------------------

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
  values <- Map(
    \(quo, arg) one_column(rlang::eval_tidy(quo), arg, call), quos, names(quos)
  )
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
