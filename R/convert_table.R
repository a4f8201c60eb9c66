#' Events in two groups, rebuilt from an odds ratio and the margins
#'
#' Finds how many of the treated and of the control animals had the event, from the group
#' sizes, the number of events and one statistic of the table.
#'
#' The events are those of both groups together, or those of the control group alone. The
#' first that a row has of `or`, `rr`, `rd`, `phi`, `chi2` is used (with the control's
#' events: of `or`, `rr`, `rd`). Ratios and differences are treated against control.
#' Counts are rounded to whole animals: `computed` is the number before that. If it is
#' far from a whole number, the statistic was rounded much, adjusted for something else,
#' or the margins are not its own.
#'
#' Chi-squared has no sign: give it that of the difference in risk, negative where the
#' treated have fewer events. It is taken to have Yates' correction, as most programs
#' make it for a 2 x 2 table; with `yates = FALSE` not. A corrected chi-squared of 0 gives
#' the whole count nearest to the one expected, and none where two are as near.
#'
#' @param n_t,n_c Animals in the treated and the control group.
#' @param events Events in both groups together, or NULL.
#' @param events_c Events in the control group, or NULL.
#' @param or,rr,rd Odds ratio, risk ratio, risk difference, or NULL; not their logs.
#' @param phi Phi, the correlation of group and event, or NULL.
#' @param chi2 Signed chi-squared with 1 degree of freedom, or NULL.
#' @param yates Was chi-squared corrected for continuity?
#' @return A data frame with a row for each row given: `events_t`, `n_t`, `events_c`,
#'   `n_c`, `computed`, `problem`.
#' @section Errors: Events below 0 or above the number of animals, none or only events, a
#'   statistic that no table with these margins has, a correlation outside -1 to 1: the
#'   row is NA with its `problem`, and one warning names such rows.
#' @references Bonett DG (2007). *American Psychologist* 62:254.
#' @family conversions
#' @examples
#' convert_table(n_t = 20, n_c = 22, events = 17, or = c(0.35, 1))
#' convert_table(n_t = 20, n_c = 22, events_c = 12, rr = 0.46)
#' @export
convert_table <- function(n_t, n_c, events = NULL, events_c = NULL, or = NULL, rr = NULL,
                          rd = NULL, phi = NULL, chi2 = NULL, yates = TRUE) {
  yates <- check_flag(yates)
  given <- read_vectors(n_t = n_t, n_c = n_c, events = events, events_c = events_c,
    or = or, rr = rr, rd = rd, phi = phi, chi2 = chi2,
    one_of = c("or", "rr", "rd", "phi", "chi2")
  )
  given$values$yates <- as.double(yates)
  found <- convert_rows("table", given, c("events_t", "events_c", "computed"))
  size <- lapply(given$values[c("n_t", "n_c")], rep_len, given$rows)
  new_frame(list(
    events_t = found$events_t, n_t = size$n_t, events_c = found$events_c, n_c = size$n_c,
    computed = found$computed, problem = found$problem
  ))
}
