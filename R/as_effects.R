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
#'   that is not a covariance matrix of these rows: each names the rows. An estimate that
#'   is not in the middle of its interval is a warning: it may be a ratio, or a slip.
#' @examples
#' as_effects(stroke_efficacy,
#'   yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
#' )
#' as_effects(yi = c(0.2, 0.5, 0.9), vi = c(0.04, 0.09, 0.05))
#' @export
as_effects <- function(data = NULL, yi, vi, sei, lower, upper, V = NULL, study,
                       measure = "GEN", level = 0.95, greater_is_worse, ...) {
  quos <- rlang::enquos(
    yi = yi, vi = vi, sei = sei, lower = lower, upper = upper, study = study,
    greater_is_worse = greater_is_worse
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

# ---- the variance --------------------------------------------------------------------

# Exactly one kind of uncertainty: those asked for by name, else the first the table has.
estimate_variance <- function(values, V, level, given, call = rlang::caller_env()) {
  study <- values$study
  read <- rlang::set_names(c("yi", "vi", "sei", "lower", "upper"))
  values <- lapply(read, \(arg) as_numbers(values[[arg]], arg, study, call))
  yi <- check_estimates(values$yi, study, call)
  has <- !vapply(values, is.null, NA)
  ends <- has[["lower"]] && has[["upper"]]
  kinds <- c(vi = has[["vi"]], sei = has[["sei"]], interval = ends)
  asked <- c(vi = "vi" %in% given, sei = "sei" %in% given,
             interval = any(c("lower", "upper") %in% given))
  if (asked[["interval"]] && !ends) {
    stop_user("An interval needs both {.arg lower} and {.arg upper}.", "variance",
      call = call
    )
  }
  if (any(asked)) kinds <- kinds & asked
  if (is.null(V) || any(asked)) {
    vi <- one_variance(values, kinds, any(asked), level, study, call)
  } else {
    vi <- NULL
  }
  list(yi = yi, vi = known_variance(vi, V, length(yi), call))
}

check_estimates <- function(yi, study, call) {
  if (is.null(yi)) {
    stop_user(c(
      "{.arg yi} is not given, and the table has no column of that name.",
      "i" = "Say which column has the estimates, e.g. {.code yi = estimate}."
    ), "absent", call = call)
  }
  stop_values(yi, is.infinite(yi), "yi", "finite", study, call)
  yi
}

stop_values <- function(x, bad, arg, must, study, call) {
  bad <- which(bad)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg {arg}} must be {must}.",
    "x" = "It is {format(x[bad[1]])} in {name_rows(bad, study)}.",
    "i" = "Leave the cell empty where the number is not known."
  ), "variance", call = call)
}

one_variance <- function(values, kinds, asked, level, study, call) {
  if (!any(kinds)) {
    stop_user(c(
      "The estimates need a variance, a standard error or an interval.",
      "x" = "None of {.arg vi}, {.arg sei}, or {.arg lower} and {.arg upper} is given.",
      "i" = "Say which columns serve, e.g. {.code sei = se}."
    ), "absent", call = call)
  }
  if (asked && kinds[["interval"]] && sum(kinds) > 1) {
    stop_user("Give one of {.arg vi}, {.arg sei}, or {.arg lower} and {.arg upper}.",
      "variance",
      call = call
    )
  }
  kind <- names(kinds)[kinds]
  if (all(c("vi", "sei") %in% kind)) check_agreement(values, study, call)
  switch(kind[1],
    vi = variance_given(values$vi, study, call),
    sei = variance_of_se(values$sei, study, call),
    interval = variance_of_interval(values, level, study, call)
  )
}

variance_given <- function(vi, study, call) {
  must <- "a variance: zero or more, and finite"
  stop_values(vi, vi < 0 | is.infinite(vi), "vi", must, study, call)
  vi
}

variance_of_se <- function(sei, study, call) {
  must <- "a standard error: zero or more, and finite"
  stop_values(sei, sei < 0 | is.infinite(sei), "sei", must, study, call)
  sei^2
}

# Printed to three digits or more, the two agree to about a percent.
check_agreement <- function(values, study, call) {
  bad <- which(abs(values$sei^2 - values$vi) > 0.02 * values$vi)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg vi} and {.arg sei} disagree in {name_rows(bad, study)}.",
    "x" = "There {.arg vi} is {format(values$vi[bad[1]])}, and the square of {.arg sei}
     {format(values$sei[bad[1]]^2)}.",
    "i" = "Give the one that is right."
  ), "variance", call = call)
}

variance_of_interval <- function(values, level, study, call) {
  lower <- values$lower
  upper <- values$upper
  stop_values(lower, is.infinite(lower), "lower", "finite", study, call)
  stop_values(upper, is.infinite(upper), "upper", "finite", study, call)
  bad <- which(lower > upper)
  if (length(bad)) {
    stop_user(c(
      "{.arg lower} is above {.arg upper} in {name_rows(bad, study)}.",
      "x" = "The first is {format(lower[bad[1]])} to {format(upper[bad[1]])}."
    ), "variance", call = call)
  }
  warn_off_middle(values$yi, lower, upper, study)
  ((upper - lower) / (2 * stats::qnorm((1 + level) / 2)))^2
}

# How far the middle of a printed interval can be from the printed estimate: half a unit
# of the last decimal for each.
warn_off_middle <- function(yi, lower, upper, study) {
  unit <- pmax(last_decimal(yi), last_decimal(lower), last_decimal(upper), na.rm = FALSE)
  slack <- pmax(1.0001 * unit, 1e-6 * (upper - lower))
  bad <- which(abs(yi - (lower + upper) / 2) > slack)
  if (length(bad) == 0) return(invisible())
  warn_user(c(
    "The estimate is not in the middle of its interval in {name_rows(bad, study)}.",
    "i" = "For a ratio give logs of all three numbers. Else look for a slip in the source:
     the standard error is taken from the width."
  ), "interval")
}

# 1, 0.1, 0.01, ...: the unit of the last decimal that a number has, at least 1e-6.
last_decimal <- function(x) {
  unit <- rep_len(1, length(x))
  for (digits in 1:6) {
    more <- which(abs(x - round(x, digits - 1)) > 1e-9 * pmax(1, abs(x)))
    unit[more] <- 10^-digits
  }
  unit
}

# ---- a brought matrix ----------------------------------------------------------------

known_variance <- function(vi, V, rows, call) {
  if (is.null(V)) return(vi)
  V <- check_matrix(V, rows, call)
  diagonal <- unname(diag(V))
  if (is.null(vi)) return(diagonal)
  bad <- which(abs(vi - diagonal) > 1e-8 * diagonal | is.na(vi) != is.na(diagonal))
  if (length(bad) == 0) return(vi)
  stop_user(c(
    "The diagonal of {.arg V} must be the variances of the estimates.",
    "x" = "It differs from them in {name_rows(bad)}."
  ), "matrix", call = call)
}

check_matrix <- function(V, rows, call) {
  V <- tryCatch(as.matrix(V), error = \(e) NULL)
  square <- is.numeric(V) && nrow(V) == rows && ncol(V) == rows
  if (!square) {
    found <- if (is.numeric(V)) paste(dim(V), collapse = " x ") else "not numbers"
    stop_user(c(
      "{.arg V} must be a matrix with a row and a column for each of the {rows}
       estimates.",
      "x" = "It is {found}."
    ), "matrix", call = call)
  }
  diagonal <- diag(V)
  stop_values(diagonal, diagonal < 0 | is.infinite(diagonal), "V",
    "zero or more, and finite, on its diagonal", NULL, call)
  size <- sqrt(outer(diagonal, diagonal))
  if (any(abs(V - t(V)) > 1e-8 * size, na.rm = TRUE)) {
    stop_user("{.arg V} must be symmetric.", "matrix", call = call)
  }
  bad <- which(abs(V) > size * (1 + 1e-8), arr.ind = TRUE)
  if (length(bad) || !is_covariance(V)) {
    where <- if (length(bad)) name_rows(bad[1, ]) else "several rows together"
    stop_user(c(
      "{.arg V} is not a covariance matrix: a weighted sum would have a variance below
       zero.",
      "x" = "See {where}."
    ), "matrix", call = call)
  }
  V
}

# To rounding: a Cholesky factor of V with its diagonal raised a little. A larger matrix
# (the cost is cubic) is left to the fit, which needs the factor anyway.
is_covariance <- function(V) {
  known <- !is.na(diag(V)) & diag(V) > 0
  V <- V[known, known, drop = FALSE]
  if (nrow(V) == 0 || nrow(V) > 1000 || anyNA(V)) return(TRUE)
  diag(V) <- diag(V) * (1 + 1e-8)
  !inherits(try(chol(V), silent = TRUE), "try-error")
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
