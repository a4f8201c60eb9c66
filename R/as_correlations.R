#' Correlations, one a group of animals
#'
#' Reads a table in which each row has the correlation of two outcomes in one group of
#' animals, for the measures `"COR"` and `"ZCOR"`.
#'
#' Columns are given as in [cohorts()].
#'
#' @inheritParams cohorts
#' @param data A data frame with one row a correlation.
#' @param r Pearson's correlation, -1 to 1.
#' @param n Number of animals it is computed from.
#' @param cohort Name of the animals, unique within study and experiment. Without it each
#'   row has animals of its own.
#' @param outcome What was correlated with what.
#' @param time Time of the measurement.
#' @return A data frame of class `mv_cohorts`, one row for each row of `data` in the same
#'   order, with the columns `n` and `r`; `role`, `mean` and what belongs to it are NA.
#' @section Errors: Those of [cohorts()]; `mv_error_number` where `r` is outside -1 to 1.
#' @examples
#' found <- data.frame(
#'   study = c("Chen 2011", "Li 2015"), r = c(0.62, 0.41), n = c(12, 20)
#' )
#' as_correlations(found)
#' @export
as_correlations <- function(data, study, r, n, cohort, experiment, outcome, time,
                            treatment) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, r = r, n = n, cohort = cohort, experiment = experiment,
    outcome = outcome, time = time, treatment = treatment, .ignore_empty = "none"
  )
  taken <- read_columns(data, quos, c("study", "r", "n"), call)
  further <- further_columns(data, quos, taken$from, call)
  out <- read_correlations(taken$values, nrow(data), call)
  check_read_once(out, group_ids(out$study, out$experiment, out$cohort), call)
  new_table(c(out, further), "mv_cohorts", taken$from)
}

read_correlations <- function(values, rows, call) {
  design <- read_design(values, rows, call)
  arm <- read_arm(list(n = values$n), "", design$study, call)
  experiment <- group_ids(design$study, design$experiment)
  wide <- list(design = design, experiment = experiment)
  unknown <- rep(NA_character_, rows)
  list(
    row = seq_len(rows), study = design$study, experiment = design$experiment,
    cohort = name_rows_of(values$cohort, "animals", wide, call), role = unknown,
    treatment = design$treatment, outcome = design$outcome, time = design$time,
    n = arm$n, mean = arm$mean, error = arm$error, error_type = unknown, sd = arm$mean,
    greater_is_worse = design$greater_is_worse,
    r = read_r(values$r, design$study, call)
  )
}
