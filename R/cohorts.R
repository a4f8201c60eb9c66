#' A table of animal groups, one row a group
#'
#' Reads a long table: one row is one group of animals, one outcome, one time. It checks
#' every row, turns standard errors, intervals and interquartile ranges into standard
#' deviations, and knows which rows are the same animals.
#'
#' The arguments after `data` are columns, by their bare names; an argument left out
#' means the column of its own name where the table has one. One value serves all rows
#' (`error_type = "sem"`). Values from outside the table are written `.env$x`.
#'
#' A row with a missing `n`, `mean` or `error` is kept: it gives an effect that is
#' missing, with its reason, and not a table in which it silently lacks.
#'
#' @section Kinds of numbers: `study`, `role` and one kind of numbers are needed; a group
#'   may have several, and different kinds in different rows.
#'   * means: `n`, `mean`, `error` and `error_type`;
#'   * counts: `n` and `events`;
#'   * rates: `events` and `exposure`;
#'   * survival: `median`, with `events` (deaths) or with `median_lower` and
#'     `median_upper`.
#'
#'   A table with a column `mean` must have the other columns of the means as well; if it
#'   is something else, rename it. Where a table has both an SD and an SEM of the
#'   groups, in columns `sd` and `sem` (or `se`), they must agree to their rounding.
#'
#' @param data A data frame with one row a group of animals, outcome and time.
#' @param study Study: text or numbers, in every row.
#' @param role What the group is: `"treated"`, `"control"` (with the disease, not
#'   treated) or `"sham"` (healthy).
#' @param n Number of animals at the reading, positive; the full group size, whatever it
#'   is compared with.
#' @param mean Mean of the outcome, in the unit of the outcome.
#' @param error What stands beside the mean, in the same unit: zero or more.
#' @param error_type What `error` is, for each row or one word for all: `"sd"`, `"sem"`
#'   (or `"se"`), `"ci"` (half the width of the 95 % interval of the mean) or `"iqr"`
#'   (upper minus lower quartile), in small or capital letters. There is no default: a
#'   standard error used as an SD inflates effects.
#' @param experiment Experiment within the study. Groups are compared within one
#'   experiment. Without it a study is one experiment.
#' @param cohort The animals: a name that is unique within study and experiment, the same
#'   in all outcomes and times of the same animals. Without it `role` and `treatment`
#'   name them.
#' @param outcome,time Outcome, and time of its measurement (numbers or text). Groups are
#'   compared at the same outcome and time.
#' @param treatment What the group received.
#' @param greater_is_worse `TRUE` where a greater value of the outcome is worse for the
#'   animal, `FALSE` where it is better. Never guessed; an effect counted as benefit
#'   needs it.
#' @param events Number of animals with the event, at most `n`. With `exposure`: the
#'   number of events, which may be more. With `median`: the number of deaths.
#' @param unit Unit of the outcome. Groups that are compared must have the same.
#' @param exposure Animal-time at risk, positive: the sum over animals of the time each
#'   was observed, in any one unit.
#' @param median Median survival time. `Inf`, or the text "NR" or "not reached", where
#'   more than half of the animals lived to the end: such a row has no effect, and says
#'   so.
#' @param median_lower,median_upper Its 95 % confidence interval. The upper end may be
#'   "not reached".
#' @param n_start Number of animals at the start, `n` or more. Animals lost before the
#'   reading are told by `print()`.
#' @param ratio_scale `FALSE` where the outcome has no true zero (a temperature in
#'   degrees, a change from baseline), so that ratios and percentages of it mean
#'   nothing: measures that need them then give no effect. One value an outcome of an
#'   experiment; said in one row, it holds for all of them.
#' @param log_scale `TRUE` where `mean` and `error` are of natural logarithms. One value
#'   an outcome of an experiment.
#' @param maximum The most that the outcome can reach (a cut-off time, the top of a
#'   score), in its unit. One value an outcome of an experiment.
#' @return A data frame of class `mv_cohorts`, one row for each row of `data` in the same
#'   order: `row`, `study`, `experiment`, `cohort`, `role`, `treatment` (if given),
#'   `outcome`, `time`, `n`, `mean`, `error`, `error_type`, `sd` (converted),
#'   `greater_is_worse`; where given `events`, `exposure`, `median`, `median_lower`,
#'   `median_upper`, `log_se` (the standard error of the log median, from its interval),
#'   `n_start`, `ratio_scale`, `log_scale`, `maximum` and `unit`; then all further columns
#'   of `data`.
#' @section Errors: Each error names the argument, the rows and their studies: an unknown
#'   role or error type, an `n` that is not positive, text where a number should be, a
#'   group that appears twice in one outcome and time, more events than animals, a median
#'   outside its interval, an SD and an SEM that disagree, two declarations for one
#'   outcome, a further column with a name that metavivo gives to a column of its own.
#'   Their classes begin with `mv_error_`.
#' @references SEM and interval: Cochrane Handbook 6.5.2.2. IQR: Wan X, Wang W, Liu J,
#'   Tong T (2014). Estimating the sample mean and standard deviation from the sample
#'   size, median, range and/or interquartile range. *BMC Medical Research Methodology*
#'   14:135.
#' @seealso [comparisons()] for the next step, [as_comparisons()] for a wide table.
#' @examples
#' lesions <- data.frame(
#'   paper = c("Chen 2011", "Chen 2011", "Chen 2011", "Li 2015", "Li 2015"),
#'   group = c("sham", "control", "treated", "control", "treated"),
#'   animals = c(8, 8, 9, 6, 6),
#'   mean = c(5, 40, 24, 51, 33),
#'   error = c(1, 9, 8, 4, 5),
#'   error_type = c("SD", "SD", "SD", "SEM", "SEM")
#' )
#' cohorts(lesions, study = paper, role = group, n = animals, greater_is_worse = TRUE)
#'
#' deaths <- data.frame(
#'   study = "Chen 2011", role = c("control", "treated"), n = c(8, 9), events = c(6, 2)
#' )
#' cohorts(deaths)
#' @export
cohorts <- function(data, study, role, n, mean, error, error_type, experiment, cohort,
                    outcome, time, treatment, greater_is_worse, events, unit, exposure,
                    median, median_lower, median_upper, n_start, ratio_scale, log_scale,
                    maximum) {
  call <- environment()
  quos <- rlang::enquos(
    study = study, role = role, n = n, mean = mean, error = error,
    error_type = error_type, experiment = experiment, cohort = cohort,
    outcome = outcome, time = time, treatment = treatment,
    greater_is_worse = greater_is_worse, events = events, unit = unit,
    exposure = exposure, median = median, median_lower = median_lower,
    median_upper = median_upper, n_start = n_start, ratio_scale = ratio_scale,
    log_scale = log_scale, maximum = maximum, .ignore_empty = "none"
  )
  taken <- read_columns(data, quos, c("study", "role"), call, suffixes = "")
  beside <- sd_beside(names(data), taken$from, "")
  further <- further_columns(data, quos, c(taken$from, beside), call)
  out <- read_cohorts(taken$values, nrow(data), call)
  check_cohorts(out, call)
  check_sd_sem(data, "", out$n, out$study, call)
  new_table(c(out, further), "mv_cohorts", taken$from)
}

# The standard columns in their order; NULL where not given.
read_cohorts <- function(values, rows, call) {
  design <- read_design(values, rows, call)
  study <- design$study
  role <- read_role(values$role, study, call)
  arm <- read_arm(values, "", study, call)
  type <- read_arm_type(values$error_type, arm$error, study, call)
  check_maximum(arm$mean, design$scales, "", study, call)
  c(
    list(
      row = seq_len(rows), study = study, experiment = design$experiment,
      cohort = name_cohorts(values$cohort, role, design$treatment, call), role = role,
      treatment = design$treatment, outcome = design$outcome, time = design$time,
      n = arm$n, mean = arm$mean, error = arm$error, error_type = type,
      sd = to_sd(arm$error, arm$n, type), greater_is_worse = design$greater_is_worse
    ),
    arm[intersect(names(field_arms), names(arm))], design$scales,
    list(unit = design$unit)
  )
}

cohort_columns <- c(
  "row", "study", "experiment", "cohort", "role", "outcome", "time", "n", "mean",
  "error", "error_type", "sd", "greater_is_worse"
)

roles <- c("sham", "control", "treated")

read_role <- function(x, study, call) {
  label <- as_labels(x, "role", call)
  role <- look_up(label, stats::setNames(roles, roles))
  bad <- which(is.na(role))
  if (length(bad) == 0) return(role)
  stop_role(some_of(label[bad]), bad, study, call)
}

stop_role <- function(words, bad, study, call) {
  found <- ifelse(is.na(words), "missing", dQuote(words, FALSE))
  hint <- if (!is.na(words[1])) did_you_mean(words[1], roles)
  stop_user(c(
    "{.arg role} must be {.or {.val {roles}}} in each row.",
    "x" = "It is {found} in {name_rows(bad, study)}.",
    "i" = if (length(hint)) {
      "{hint}"
    } else {
      "A control has the disease and is not treated; a sham is healthy."
    }
  ), "role", call = call)
}

# Without a name, role and treatment name the animals: "treated: MSC".
name_cohorts <- function(x, role, treatment, call) {
  cohort <- as_labels(x, "cohort", call)
  received <- or_missing(treatment, length(role), NA_character_)
  group <- first_of(group_ids(role, received))
  first <- unique(group)
  with <- ifelse(is.na(received[first]), "", paste0(": ", received[first]))
  name <- paste0(role[first], with)
  named <- name[match(group, first)]
  if (is.null(cohort)) return(named)
  nameless <- is.na(cohort)
  cohort[nameless] <- named[nameless]
  cohort
}

check_cohorts <- function(x, call) {
  animals <- group_ids(x$study, x$experiment, x$cohort)
  check_one_role(x, animals, call)
  check_read_once(x, animals, call)
}

check_one_role <- function(x, animals, call) {
  bad <- which(x$role != x$role[first_of(animals)])
  if (length(bad) == 0) return(invisible())
  same <- which(animals == animals[bad[1]])
  cohort <- x$cohort[bad[1]]
  stop_user(c(
    "Cohort {.val {cohort}} has the roles {.val {unique(x$role[same])}}, in
     {name_rows(x$row[same], by_row(x))}.",
    "i" = "A group of animals of an experiment has one role; give each group a name of
     its own."
  ), "two_roles", call = call)
}

check_read_once <- function(x, animals, call) {
  reading <- group_ids(animals, x$outcome, x$time)
  again <- which(duplicated(reading))
  if (length(again) == 0) return(invisible())
  same <- which(reading == reading[again[1]])
  cohort <- x$cohort[again[1]]
  many <- length(unique(reading[again]))
  stop_user(c(
    "Cohort {.val {cohort}} appears {length(same)} times in one outcome and time, in
     {name_rows(x$row[same], by_row(x))}.",
    "x" = if (many > 1) "So {?does/do} {many - 1} other cohort{?s}.",
    "i" = "Different animals: name them by {.arg cohort} or {.arg treatment}, or give
     {.arg experiment}, {.arg outcome} or {.arg time}. The same animals: remove the
     duplicate."
  ), "duplicate", call = call)
}

# Studies at the places of the input's rows, for name_rows(), whatever rows `x` has now.
by_row <- function(x) {
  known <- which(!is.na(x$row))
  study <- character(max(0L, x$row[known]))
  study[x$row[known]] <- x$study[known]
  study
}
