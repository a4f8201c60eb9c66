#' Readings before and after in the same animals
#'
#' Reads a table in which each row has one group of animals with a reading before and one
#' after, for the measures of change within animals (MC, SMCC, SMCR, SMCRH, ROMC).
#'
#' Columns are given as in [cohorts()]. The correlation of the two readings decides the
#' variance of a change, and papers rarely give it. It is never invented: give `r`, or the
#' SD of the change, from which it follows: `(s_post^2 + s_pre^2 - s_change^2) / (2 s_post
#' s_pre)`. Where neither is reported, take `r` from studies like it, and try several
#' values.
#'
#' @inheritParams cohorts
#' @param data A data frame with one row a group of animals and outcome.
#' @param n Number of animals, read twice.
#' @param mean_post,mean_pre Mean after and before, in the unit of the outcome.
#' @param error_post,error_pre What stands beside the means, see `error_type`.
#' @param r Correlation of the two readings, -1 to 1. A row without it has no effect.
#' @param sd_change Standard deviation of the change within animals; used in rows without
#'   `r`.
#' @param cohort Name of the animals, unique within study and experiment; the same in all
#'   outcomes and times of the same animals. Without it each row has animals of its own.
#' @param treatment What the group received between the readings.
#' @param outcome What was read.
#' @param time Time of the reading after.
#' @return A data frame of class `mv_comparisons` as that of [as_comparisons()]: the
#'   reading after as treated (`_t`), that before as control (`_c`); `cohort_t` and
#'   `cohort_c` are the same animals, and `r` is their correlation.
#' @section Errors: Those of [cohorts()]; `mv_error_absent` with neither `r` nor
#'   `sd_change`; `mv_error_number` where `r` is outside -1 to 1; `mv_error_r` where
#'   `sd_change` does not fit the two SDs; `mv_error_duplicate` where animals have two
#'   rows at one outcome and time.
#' @source Becker 1988, Br J Math Stat Psychol 41:257. Cochrane Handbook 23.2.7.2.
#' @examples
#' grip <- data.frame(
#'   study = c("Chen 2011", "Li 2015"), n = c(8, 10), mean_pre = c(62, 48),
#'   sd_pre = c(12, 10), mean_post = c(80, 55), sd_post = c(15, 12), r = c(0.6, 0.7)
#' )
#' as_paired(grip, error_pre = sd_pre, error_post = sd_post, error_type = "sd")
#' @export
as_paired <- function(data, study, n, mean_post, error_post, mean_pre, error_pre,
                      error_type, r, sd_change, cohort, experiment, outcome, time,
                      greater_is_worse, treatment, unit, ratio_scale, log_scale,
                      maximum) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, n = n, mean_post = mean_post, error_post = error_post,
    mean_pre = mean_pre, error_pre = error_pre, error_type = error_type, r = r,
    sd_change = sd_change, cohort = cohort, experiment = experiment, outcome = outcome,
    time = time, greater_is_worse = greater_is_worse, treatment = treatment, unit = unit,
    ratio_scale = ratio_scale, log_scale = log_scale, maximum = maximum,
    .ignore_empty = "none"
  )
  required <- c(
    "study", "n", "mean_post", "error_post", "mean_pre", "error_pre", "error_type"
  )
  taken <- read_columns(data, quos, required, call)
  values <- taken$values
  if (is.null(values$r) && is.null(values$sd_change)) stop_no_r(call)
  further <- further_columns(data, quos, taken$from, call)
  values$n_post <- values$n_pre <- values$n
  wide <- read_wide(values, c(t = "_post", c = "_pre"), nrow(data), call)
  wide$r <- pair_r(wide, values, call)
  cohort <- name_rows_of(values$cohort, "animals", wide, call)
  wide$arms <- lapply(wide$arms, \(arm) c(arm, list(cohort = cohort)))
  wide$arms$s <- no_arm(nrow(data))
  check_pairs_once(wide, call)
  new_table(c(wide_columns(wide), further), "mv_comparisons", taken$from)
}

stop_no_r <- function(call) {
  stop_user(c(
    "Neither {.arg r} nor {.arg sd_change} is given.",
    "x" = "The correlation of the two readings decides the variance of a change, and is
     never invented.",
    "i" = "Give {.arg r}, the correlation, or {.arg sd_change}, the SD of the change.
     Where a paper has neither, take {.arg r} from studies like it and try several
     values."
  ), "absent", call = call)
}

pair_r <- function(wide, values, call) {
  study <- wide$design$study
  r <- or_missing(read_r(values$r, study, call), length(study), NA_real_)
  if (is.null(values$sd_change)) return(r)
  change <- as_numbers(values$sd_change, "sd_change", study, call) |>
    check_values(
      \(x) x < 0 | is.infinite(x), "zero or more, and finite", "sd_change", study, call
    )
  derived <- r_of_change(wide$arms$t$sd, wide$arms$c$sd, change)
  bad <- which(is.na(r) & abs(derived) > 1)
  if (length(bad)) stop_change(wide, change, derived, bad, call)
  r[is.na(r)] <- derived[is.na(r)]
  r
}

# A change of SD s_1 - s_2 or s_1 + s_2 has r of 1 or -1, whatever the last digit says.
r_of_change <- function(post, pre, change) {
  r <- (post^2 + pre^2 - change^2) / (2 * post * pre)
  r[!is.finite(r)] <- NA_real_
  ends <- which(abs(abs(r) - 1) < 1e-12)
  r[ends] <- sign(r[ends])
  r
}

stop_change <- function(wide, change, derived, bad, call) {
  at <- bad[1]
  found <- c(wide$arms$c$sd[at], wide$arms$t$sd[at], change[at], derived[at])
  found <- vapply(found, format, "", digits = 4)
  stop_user(c(
    "{.arg sd_change} does not fit the SDs of the readings in
     {name_rows(bad, wide$design$study)}.",
    "x" = "In row {at} SDs of {found[1]} before and {found[2]} after, and {found[3]} of
     the change, would be a correlation of {found[4]}.",
    "i" = "Is one of them a standard error?"
  ), "r", call = call)
}

# Names of the animals of each row; "animals 2", numbered within the experiment, where
# none is given.
name_rows_of <- function(x, word, wide, call, arg = "cohort") {
  cohort <- as_labels(x, arg, call)
  if (is.null(cohort)) return(paste(word, count_within(wide$experiment)))
  bad <- which(is.na(cohort))
  if (length(bad) == 0) return(cohort)
  stop_user(c(
    "{.arg {arg}} is missing in {name_rows(bad, wide$design$study)}.",
    "i" = "Name the animals in every row, or leave the column out of {.arg data}."
  ), "name", call = call)
}

no_arm <- function(rows) {
  none <- rep(NA_real_, rows)
  list(n = none, mean = none, sd = none, cohort = rep(NA_character_, rows))
}
