#' Who is compared with whom
#'
#' Pairs each treated group with the control, and the sham where there is one, of its
#' study, experiment, outcome and time, and counts how many comparisons share them.
#'
#' A treated group without a control is kept, with its `reason` and one warning. Two
#' controls (or two shams) for one treated group are an error: which of them it was
#' compared with is for the reviewer to say, by `experiment`. Where a control has no
#' treated group, a message says so.
#'
#' @param cohorts A table made by [cohorts()], any rows of it in any order.
#' @return A data frame of class `mv_comparisons`, one row for each treated row of
#'   `cohorts` in the same order: `comparison`; `study`, `experiment`, `outcome`, `time`
#'   and `treatment` (if given); the names of the groups `cohort_t`, `cohort_c`,
#'   `cohort_s`; `n_*`, `mean_*` and `sd_*` of treated (`_t`), control (`_c`) and sham
#'   (`_s`); `shared_c` and `shared_s`, how many comparisons the control and the sham
#'   serve; `greater_is_worse`; `row_*`, the rows of the input; `reason`, why there is
#'   no effect, or `NA`. Where given, `events_*`, `exposure_*`, `median_*`, `log_se_*`,
#'   `n_start_*`, and what is declared of the outcome. Then `error_type`, `unit` and all
#'   further columns: the treated group's value, and the control's under `<name>_c`
#'   where any differs.
#' @section Errors: `mv_error_two_controls` and `mv_error_two_shams`; `mv_error_unit`
#'   where a treated group and its control differ in `unit`; `mv_error_empty` without a
#'   treated group.
#' @seealso [as_comparisons()] for a table that has one row a comparison.
#' @examples
#' x <- data.frame(
#'   study = "Chen 2011", role = c("sham", "control", "treated", "treated"),
#'   treatment = c(NA, "vehicle", "MSC", "exosomes"),
#'   n = 8, mean = c(5, 40, 24, 28), error = c(1, 9, 8, 8), error_type = "sd"
#' )
#' comparisons(cohorts(x))
#' @export
comparisons <- function(cohorts) {
  call <- environment()
  check_class(cohorts, "mv_cohorts", "cohorts", call = call)
  check_labels(cohorts, call, c(
    cohort_columns, names(field_arms), scale_columns, "treatment", "unit"
  ))
  check_intact(cohorts, call)
  check_cohorts(cohorts, call)
  treated <- which(cohorts$role == "treated")
  if (length(treated) == 0) stop_no_treated(cohorts, call)
  cell <- group_ids(
    cohorts$study, cohorts$experiment, cohorts$outcome, cohorts$time
  )
  control <- find_partner(cohorts, cell, treated, "control", call)
  sham <- find_partner(cohorts, cell, treated, "sham", call)
  check_units(cohorts, treated, control, call)
  tell_unused(cohorts, c(treated, control, sham))
  out <- pair_cohorts(cohorts, cell, treated, control, sham)
  warn_no_control(out)
  new_table(out, "mv_comparisons", attr(cohorts, "columns"))
}

# A table that was edited since cohorts() read it.
check_intact <- function(cohorts, call) {
  whole <- !is.na(cohorts$row) & !is.na(cohorts$study) & cohorts$role %in% roles
  bad <- which(!whole)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg cohorts} has rows without a number, a study or a role that is known:
     {name_rows(bad)}.",
    "i" = "Mend the table that {.fn cohorts} reads, and leave out rows that a missing
     value selected."
  ), "changed", call = call)
}

comparison_columns <- c(
  "comparison", "study", "experiment", "outcome", "time", "cohort_t", "cohort_c",
  "cohort_s", "n_t", "mean_t", "sd_t", "n_c", "mean_c", "sd_c", "n_s", "mean_s", "sd_s",
  "shared_c", "shared_s", "greater_is_worse", "row_t", "row_c", "row_s", "reason"
)

no_control <- "no control group in this experiment, outcome and time"

# For each treated row the one row of another role in its cell, or NA.
find_partner <- function(cohorts, cell, treated, role, call) {
  rows <- which(cohorts$role == role)
  again <- rows[duplicated(cell[rows])]
  bad <- again[cell[again] %in% cell[treated]]
  if (length(bad)) {
    rivals <- rows[cell[rows] == cell[bad[1]]]
    stop_two_partners(cohorts, rivals, length(unique(cell[bad])), role, call)
  }
  rows[match(cell[treated], cell[rows])]
}

stop_two_partners <- function(cohorts, rivals, cells, role, call) {
  study <- cohorts$study[rivals[1]]
  words <- c("Zero", "One", "Two", "Three", "Four")
  count <- length(rivals)
  count <- if (count < length(words)) words[count + 1] else count
  stop_user(c(
    "{count} {role} groups for the same treated group in {study}:
     {name_rows(cohorts$row[rivals])}.",
    "x" = if (cells > 1) "The same in {cells - 1} other experiment{?s}, outcome{?s} or
     time{?s}.",
    "i" = "Which of them a treated group is compared with must be said: put each {role}
     with its treated groups into an {.arg experiment} of its own, tell them apart by
     {.arg outcome} or {.arg time}, or remove one."
  ), paste0("two_", role, "s"), call = call)
}

stop_no_treated <- function(cohorts, call) {
  found <- unique(cohorts$role)
  stop_user(c(
    "There is no treated group to compare.",
    "x" = "The {nrow(cohorts)} row{?s} {?has/have} the role{?s} {.val {found}}."
  ), "empty", call = call)
}

check_units <- function(cohorts, treated, control, call) {
  unit <- cohorts[["unit"]]
  if (is.null(unit)) return(invisible())
  bad <- which(unit[treated] != unit[control])
  if (length(bad) == 0) return(invisible())
  at <- c(treated[bad[1]], control[bad[1]])
  stop_user(c(
    "The {.arg unit} of a treated group is {.val {unit[at[1]]}}, of its control
     {.val {unit[at[2]]}}, in {name_rows(cohorts$row[at], by_row(cohorts))}.",
    "x" = if (length(bad) > 1) "{length(bad)} comparisons are affected.",
    "i" = "Bring both to one unit."
  ), "unit", call = call)
}

tell_unused <- function(cohorts, used) {
  idle <- setdiff(seq_len(nrow(cohorts)), used)
  if (length(idle) == 0) return(invisible())
  count <- table(factor(cohorts$role[idle], roles))
  what <- paste(count, names(count))[count > 0]
  tell_user(c("i" = "{.emph {what}} row{cli::qty(length(idle))}{?s} serve{?s/} no
    comparison, for want of a treated group in the same experiment, outcome and time:
    {name_rows(cohorts$row[idle], by_row(cohorts))}."), "unused")
}

warn_no_control <- function(x) {
  lone <- which(is.na(x$row_c))
  if (length(lone) == 0) return(invisible())
  study <- character(max(x$row_t))
  study[x$row_t] <- x$study
  warn_user(c(
    "{length(lone)} of {length(x$study)} treated group{?s}
     {cli::qty(length(lone))}{?has/have} no control in the same
     study, experiment, outcome and time: {name_rows(x$row_t[lone], study)}.",
    "i" = "{cli::qty(length(lone))}{?It stays/They stay} in the table, without an
     effect. Check the spelling of {.arg experiment}, {.arg outcome} and {.arg time}."
  ), "no_control")
}

pair_cohorts <- function(x, cell, treated, control, sham) {
  own <- c(paired_columns, names(field_arms), scale_columns)
  further <- unclass(x)[setdiff(names(x), own)]
  declared <- unclass(x)[intersect(scale_columns, names(x))]
  shared <- \(other) count_shared(cell[treated], other)
  c(
    list(
      comparison = seq_along(treated), study = x$study[treated],
      experiment = x$experiment[treated], outcome = x$outcome[treated],
      time = x$time[treated], treatment = x[["treatment"]][treated],
      cohort_t = x$cohort[treated], cohort_c = x$cohort[control],
      cohort_s = x$cohort[sham]
    ),
    arm_columns(x, treated, "_t"), arm_columns(x, control, "_c"),
    arm_columns(x, sham, "_s"),
    list(
      shared_c = shared(control), shared_s = shared(sham),
      greater_is_worse = pair_declared(x$greater_is_worse, treated, control),
      row_t = x$row[treated], row_c = x$row[control], row_s = x$row[sham],
      reason = ifelse(is.na(control), no_control, NA_character_)
    ),
    field_columns(
      list(t = x, c = x, s = x), list(t = treated, c = control, s = sham)
    ),
    lapply(declared, pair_declared, treated, control),
    pair_columns(further, treated, control),
    list(error_type_s = pair_column(x$error_type, treated, sham)$control)
  )
}

# Columns of a cohort that a comparison holds under names of its own; the fields and
# what is declared of an outcome are others.
paired_columns <- c(
  "row", "study", "experiment", "cohort", "role", "treatment", "outcome", "time", "n",
  "mean", "error", "sd", "greater_is_worse"
)

arm_columns <- function(x, rows, suffix) {
  arm <- list(x$n[rows], x$mean[rows], x$sd[rows])
  names(arm) <- paste0(c("n", "mean", "sd"), suffix)
  arm
}

# What is declared of an outcome may be written in one row of it only.
pair_declared <- function(x, treated, control) {
  out <- x[treated]
  unknown <- is.na(out)
  out[unknown] <- x[control[unknown]]
  out
}
