#' Comparisons from a wide table, one row a comparison
#'
#' Reads a table in which each row has the treated group and its control (and a sham,
#' where there is one) side by side, with the checks and conversions of [cohorts()], and
#' finds out which rows share a control or a sham.
#'
#' Columns are given as in [cohorts()]: bare names, an argument left out means the
#' column of its own name, one value serves all rows. `error_type` is one word a row,
#' for all groups of the row. `study` and one kind of numbers are needed, for the
#' treated group and the control, as [cohorts()] says: means, counts, rates or survival.
#'
#' @section Shared groups: With `control`, rows of one study and experiment that name the
#'   same control have it in common; its numbers at one outcome and time must then be the
#'   same. Without it, rows of the same study, experiment, outcome and time whose controls
#'   have the same `n`, mean and SD (or whatever numbers were given) are taken as sharing
#'   one, and a message says how many.
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
#' @param events_t,events_c Number of animals with the event; with exposures the number
#'   of events, with medians that of deaths.
#' @param exposure_t,exposure_c Animal-time at risk, positive.
#' @param median_t,median_c Median survival time; `Inf`, "NR" or "not reached" where it
#'   was not reached.
#' @param median_lower_t,median_upper_t,median_lower_c,median_upper_c Its 95 % confidence
#'   interval.
#' @param n_start_t,n_start_c,n_start_s Number of animals at the start, the `n` at the
#'   reading or more.
#' @param r Correlation of the readings of the treated and control animals, where these
#'   are matched pairs, -1 to 1. For readings of the same animals see [as_paired()].
#' @return A data frame of class `mv_comparisons`, one row for each row of `data` in the
#'   same order; its columns are those of [comparisons()], `row_t`, `row_c` and `row_s`
#'   being the row of `data`.
#' @section Errors: Those of [cohorts()], and `mv_error_shared` where one control (or
#'   treated group, or sham) has different numbers in two rows of one outcome and time.
#' @seealso [cohorts()] and [comparisons()] for a long table, [as_paired()] for readings
#'   before and after, [as_factorial()] for two treatments, [as_correlations()].
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
                           unit, events_t, events_c, exposure_t, exposure_c, median_t,
                           median_lower_t, median_upper_t, median_c, median_lower_c,
                           median_upper_c, n_start_t, n_start_c, n_start_s, ratio_scale,
                           log_scale, maximum, r) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, n_t = n_t, mean_t = mean_t, error_t = error_t, n_c = n_c,
    mean_c = mean_c, error_c = error_c, n_s = n_s, mean_s = mean_s, error_s = error_s,
    error_type = error_type, control = control, treated = treated, sham = sham,
    experiment = experiment, outcome = outcome, time = time,
    greater_is_worse = greater_is_worse, treatment = treatment, unit = unit,
    events_t = events_t, events_c = events_c, exposure_t = exposure_t,
    exposure_c = exposure_c, median_t = median_t, median_lower_t = median_lower_t,
    median_upper_t = median_upper_t, median_c = median_c,
    median_lower_c = median_lower_c, median_upper_c = median_upper_c,
    n_start_t = n_start_t, n_start_c = n_start_c, n_start_s = n_start_s,
    ratio_scale = ratio_scale, log_scale = log_scale, maximum = maximum, r = r,
    .ignore_empty = "none"
  )
  suffixes <- c("_t", "_c", "_s")
  taken <- read_columns(data, quos, "study", call, suffixes = suffixes[1:2])
  check_sham_columns(taken$values, call)
  beside <- sd_beside(names(data), taken$from, suffixes)
  further <- further_columns(data, quos, c(taken$from, beside), call)
  wide <- read_wide(taken$values, suffixes, nrow(data), call)
  check_errors_beside(data, wide, call)
  wide$r <- read_r(taken$values$r, wide$design$study, call)
  wide <- name_arms(wide, taken$values, call)
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

# A list: design, type, experiment and cell (integer keys), and `arms` t, c, s (or others,
# by their suffixes): each has n, mean, error, sd and the fields that were given.
read_wide <- function(values, suffixes, rows, call) {
  design <- read_design(values, rows, call)
  study <- design$study
  if (is.null(names(suffixes))) names(suffixes) <- sub("_", "", suffixes)
  arms <- lapply(suffixes, \(suffix) read_arm(values, suffix, study, call))
  for (arm in names(arms)) {
    check_maximum(arms[[arm]]$mean, design$scales, suffixes[[arm]], study, call)
  }
  has_error <- Reduce(`|`, lapply(arms, \(arm) !is.na(arm$error)))
  type <- read_arm_type(values$error_type, ifelse(has_error, 0, NA), study, call)
  experiment <- group_ids(study, design$experiment)
  list(
    design = design, type = type, experiment = experiment,
    cell = group_ids(experiment, design$outcome, design$time),
    arms = lapply(arms, \(arm) c(arm, list(sd = to_sd(arm$error, arm$n, type))))
  )
}

check_errors_beside <- function(data, wide, call) {
  for (arm in names(wide$arms)) {
    n <- wide$arms[[arm]]$n
    check_sd_sem(data, paste0("_", arm), n, wide$design$study, call)
  }
}

# A correlation; NULL where not given.
read_r <- function(x, study, call) {
  if (is.null(x)) return(NULL)
  as_numbers(x, "r", study, call) |>
    check_values(\(x) abs(x) > 1, "from -1 to 1", "r", study, call)
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
      reason = ifelse(is.na(cohort$c), no_control, NA_character_)
    ),
    other_arms(wide$arms, rows),
    field_columns(wide$arms, list(t = rows, c = rows, s = rows)),
    design$scales, list(r = wide$r, error_type = wide$type, unit = design$unit)
  )
}

# The groups with one treatment of a factorial.
other_arms <- function(arms, rows) {
  columns <- lapply(intersect(names(arms), c("a", "b")), \(arm) {
    suffix <- paste0("_", arm)
    cohort <- stats::setNames(list(arms[[arm]]$cohort), paste0("cohort", suffix))
    c(cohort, arm_columns(arms[[arm]], rows, suffix))
  })
  unlist(columns, recursive = FALSE)
}

# The fields that were given, of each arm that has them; `arms` and `rows` by arm.
field_columns <- function(arms, rows) {
  out <- list()
  for (field in names(field_arms)) {
    for (suffix in field_arms[[field]]) {
      arm <- substring(suffix, 2)
      out[[paste0(field, suffix)]] <- arms[[arm]][[field]][rows[[arm]]]
    }
  }
  out
}
