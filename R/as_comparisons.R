#' Comparisons from a wide table, one row a comparison
#'
#' Reads a table in which each row has the treated group and its control (and a sham,
#' where there is one) side by side, with the checks and conversions of [cohorts()], and
#' finds out which rows share a control or a sham.
#'
#' Columns are given as in [cohorts()]: bare names, an argument left out means the column
#' of its own name, one value serves all rows. `error_type` is one word a row, for all
#' groups of the row.
#'
#' @section Shared groups: With `control`, rows of one study and experiment that name the
#'   same control have it in common; its numbers at one outcome and time must then be the
#'   same. Without it, rows of the same study, experiment, outcome and time whose controls
#'   have the same `n`, mean and SD are taken as sharing one, and a message says how many.
#'   So too for `sham`. Without `treated` each row has treated animals of its own.
#'   Give the full `n` of a control, not the `n` divided over comparisons:
#'   [effect_sizes()] does that where it is asked to.
#'
#' @inheritParams cohorts
#' @param data A data frame with one row a comparison.
#' @param n_t,n_c,n_s Number of animals of the treated group, the control and the sham.
#' @param mean_t,mean_c,mean_s Their means, in the unit of the outcome.
#' @param error_t,error_c,error_s What stands beside the means, see `error_type`. The
#'   three columns of the sham come together or not at all; a row without a sham has them
#'   empty.
#' @param control,treated,sham Names of the groups of animals, unique within study and
#'   experiment; the same in all outcomes and times of the same animals.
#' @param treatment What the treated group received.
#' @param unit Unit of the outcome.
#' @return A data frame of class `mv_comparisons`, one row for each row of `data` in the
#'   same order; its columns are those of [comparisons()], `row_t`, `row_c` and `row_s`
#'   being the row of `data`.
#' @section Errors: Those of [cohorts()], and `mv_error_shared` where one control (or
#'   treated group, or sham) has different numbers in two rows of one outcome and time.
#' @seealso [cohorts()] and [comparisons()] for a long table.
#' @examples
#' wide <- data.frame(
#'   study = c("Chen 2011", "Chen 2011", "Li 2015"),
#'   drug = c("MSC", "exosomes", "MSC"),
#'   n_t = c(8, 8, 6), mean_t = c(24, 28, 33), sem_t = c(3, 2, 5),
#'   n_c = c(8, 8, 6), mean_c = c(40, 40, 51), sem_c = c(3, 3, 4)
#' )
#' as_comparisons(wide,
#'   treatment = drug, error_t = sem_t, error_c = sem_c, error_type = "sem"
#' )
#' @export
as_comparisons <- function(data, study, n_t, mean_t, error_t, n_c, mean_c, error_c, n_s,
                           mean_s, error_s, error_type, control, treated, sham,
                           experiment, outcome, time, greater_is_worse, treatment,
                           unit) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, n_t = n_t, mean_t = mean_t, error_t = error_t, n_c = n_c,
    mean_c = mean_c, error_c = error_c, n_s = n_s, mean_s = mean_s, error_s = error_s,
    error_type = error_type, control = control, treated = treated, sham = sham,
    experiment = experiment, outcome = outcome, time = time,
    greater_is_worse = greater_is_worse, treatment = treatment, unit = unit,
    .ignore_empty = "none"
  )
  required <- c(
    "study", "n_t", "mean_t", "error_t", "n_c", "mean_c", "error_c", "error_type"
  )
  taken <- read_columns(data, quos, required, call)
  check_sham_columns(taken$values, call)
  further <- further_columns(data, quos, taken$from, call)
  wide <- read_wide(taken$values, nrow(data), call)
  new_table(c(wide_columns(wide), further), "mv_comparisons", taken$from)
}

check_sham_columns <- function(values, call) {
  args <- c("n_s", "mean_s", "error_s")
  absent <- args[vapply(values[args], is.null, NA)]
  if (length(absent) %in% c(0, 3)) return(invisible())
  stop_user(c(
    "A sham needs {.arg {args}} together.",
    "x" = "{.arg {absent}} {?is/are} not given."
  ), "absent", call = call)
}

# A list: design, type, experiment and cell (integer keys), and `arms` t, c, s: each has
# n, mean, error, sd and the names `cohort` of its animals, NA where a row lacks the arm.
read_wide <- function(values, rows, call) {
  design <- read_design(values, rows, call)
  study <- design$study
  arms <- lapply(
    c(t = "_t", c = "_c", s = "_s"), \(suffix) read_arm(values, suffix, study, call)
  )
  has_error <- Reduce(`|`, lapply(arms, \(arm) !is.na(arm$error)))
  type <- read_error_type(values$error_type, has_error, study, call)
  experiment <- group_ids(study, design$experiment)
  wide <- list(
    design = design, type = type, experiment = experiment,
    cell = group_ids(experiment, design$outcome, design$time),
    arms = lapply(arms, \(arm) c(arm, list(sd = to_sd(arm$error, arm$n, type))))
  )
  name_arms(wide, values, call)
}

wide_columns <- function(wide) {
  design <- wide$design
  rows <- seq_along(design$study)
  cohort <- lapply(wide$arms, \(arm) arm$cohort)
  row_of <- \(arm) ifelse(is.na(cohort[[arm]]), NA_integer_, rows)
  c(
    list(comparison = rows),
    design[c("study", "experiment", "outcome", "time")],
    list(treatment = design$treatment),
    list(cohort_t = cohort$t, cohort_c = cohort$c, cohort_s = cohort$s),
    arm_columns(wide$arms$t, rows, "_t"), arm_columns(wide$arms$c, rows, "_c"),
    arm_columns(wide$arms$s, rows, "_s"),
    list(
      shared_c = count_shared(wide$cell, cohort$c),
      shared_s = count_shared(wide$cell, cohort$s),
      greater_is_worse = design$greater_is_worse,
      row_t = rows, row_c = row_of("c"), row_s = row_of("s"),
      reason = ifelse(is.na(cohort$c), no_control, NA_character_),
      error_type = wide$type, unit = design$unit
    )
  )
}
