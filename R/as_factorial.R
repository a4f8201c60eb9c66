#' Two treatments in a factorial design
#'
#' Reads a table in which each row has the four groups of two treatments: both, the first
#' alone, the second alone, neither. For the main effects and the interaction of the two
#' (`"MD_A"`, `"MD_B"`, `"MD_AB"` and so on, see [effect_measures()]).
#'
#' Columns are given as in [cohorts()]. `error_type` is one word a row, for all four
#' groups.
#'
#' @inheritParams cohorts
#' @param data A data frame with one row a comparison of four groups.
#' @param n_ab,n_a,n_b,n_c Number of animals with both treatments, with A alone, with B
#'   alone, and with neither.
#' @param mean_ab,mean_a,mean_b,mean_c Their means, in the unit of the outcome.
#' @param error_ab,error_a,error_b,error_c What stands beside the means, see `error_type`.
#' @param cohort_ab,cohort_a,cohort_b,cohort_c Names of the four groups, unique within
#'   study and experiment; the same in all outcomes and times of the same animals. Without
#'   them each row has animals of its own.
#' @param treatment What the two treatments are.
#' @return A data frame of class `mv_comparisons` as that of [as_comparisons()]: the group
#'   with both treatments as treated (`_t`), that with neither as control (`_c`), and
#'   beside them `cohort_a`, `n_a`, `mean_a`, `sd_a` and the same of `_b`. The usual
#'   measures compare both treatments with neither.
#' @section Errors: Those of [cohorts()]; `mv_error_two_roles` where one name stands for
#'   two groups.
#' @source Gurevitch, Morrison and Hedges 2000, Am Nat 155:435. Lajeunesse 2011, Ecology
#'   92:2049.
#' @examples
#' stress <- data.frame(
#'   study = "Chen 2011", n_ab = 8, mean_ab = 62, sd_ab = 12, n_a = 8, mean_a = 70,
#'   sd_a = 14, n_b = 8, mean_b = 85, sd_b = 11, n_c = 8, mean_c = 100, sd_c = 15
#' )
#' as_factorial(stress,
#'   error_ab = sd_ab, error_a = sd_a, error_b = sd_b, error_c = sd_c, error_type = "sd"
#' )
#' @export
as_factorial <- function(data, study, n_ab, mean_ab, error_ab, n_a, mean_a, error_a, n_b,
                         mean_b, error_b, n_c, mean_c, error_c, error_type, cohort_ab,
                         cohort_a, cohort_b, cohort_c, experiment, outcome, time,
                         greater_is_worse, treatment, unit, ratio_scale, log_scale,
                         maximum) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, n_ab = n_ab, mean_ab = mean_ab, error_ab = error_ab, n_a = n_a,
    mean_a = mean_a, error_a = error_a, n_b = n_b, mean_b = mean_b, error_b = error_b,
    n_c = n_c, mean_c = mean_c, error_c = error_c, error_type = error_type,
    cohort_ab = cohort_ab, cohort_a = cohort_a, cohort_b = cohort_b, cohort_c = cohort_c,
    experiment = experiment, outcome = outcome, time = time,
    greater_is_worse = greater_is_worse, treatment = treatment, unit = unit,
    ratio_scale = ratio_scale, log_scale = log_scale, maximum = maximum,
    .ignore_empty = "none"
  )
  required <- c(
    "study", of_arms(c("n", "mean", "error"), factorial_suffixes), "error_type"
  )
  taken <- read_columns(data, quos, required, call)
  beside <- sd_beside(names(data), taken$from, factorial_suffixes)
  further <- further_columns(data, quos, c(taken$from, beside), call)
  wide <- read_wide(taken$values, factorial_suffixes, nrow(data), call)
  for (arm in names(factorial_suffixes)) {
    n <- wide$arms[[arm]]$n
    check_sd_sem(data, factorial_suffixes[[arm]], n, wide$design$study, call)
  }
  wide <- name_factorial(wide, taken$values, call)
  wide$arms$s <- no_arm(nrow(data))
  new_table(c(wide_columns(wide), further), "mv_comparisons", taken$from)
}

factorial_suffixes <- c(t = "_ab", a = "_a", b = "_b", c = "_c")

factorial_groups <- c(t = "both", a = "A alone", b = "B alone", c = "neither")

name_factorial <- function(wide, values, call) {
  for (arm in names(factorial_suffixes)) {
    arg <- paste0("cohort", factorial_suffixes[[arm]])
    wide$arms[[arm]]$cohort <-
      name_rows_of(values[[arg]], factorial_groups[[arm]], wide, call, arg)
  }
  check_roles(lapply(wide$arms, \(arm) arm$cohort), wide, call, factorial_groups)
  check_pairs_once(wide, call)
  wide
}
