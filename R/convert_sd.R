#' Standard deviation from what a table has
#'
#' Gives the SD of each row from its SD, its standard error, its interval or its
#' interquartile range, whichever the row has, and says which it was.
#'
#' Where a row has several, the first of `sd`, `sem`, `ci` (or `lower` and `upper`) and
#' `iqr` is used. If SD, SEM and interval of a row disagree by more than the rounding of
#' their last decimals, the row is NA and says so: one of them is not what its column
#' says.
#'
#' An SD from an IQR is an approximation for about normal data (Wan 2014); with the
#' median and both quartiles [convert_median()] tells more, also of which quartiles are
#' meant. It was published for 5 animals or more. Below that the same formula is used: of
#' normal data it is 5 % too large on average with 4 animals and 7 % with 3, its square
#' 40 and 45 % (with 6 animals 1 and 25 %).
#'
#' @param n Number of animals.
#' @param sd,sem,ci,iqr Numbers in the unit of the outcome, one a row, or NULL: standard
#'   deviation; standard error of the mean; half the width of the interval of the mean;
#'   upper minus lower quartile.
#' @param lower,upper Ends of the interval of the mean.
#' @param level Level of the interval.
#' @return A data frame with a row for each row given: `sd`; `from`, which of the
#'   arguments it was computed from; `problem`, why there is none, NA where all is well.
#' @section Errors: A row that cannot be converted (no animals, a negative number, an
#'   interval with its ends turned, numbers that disagree) is NA with its `problem`, and
#'   one warning names such rows. Text that is no number, and vectors of different
#'   lengths, are errors.
#' @references Cochrane Handbook 6.5.2.2. Wan X, Wang W, Liu J, Tong T (2014). *BMC
#'   Medical Research Methodology* 14:135.
#' @family conversions
#' @examples
#' convert_sd(n = 8, sem = c(1.2, NA, NA), lower = c(NA, 10, NA), upper = c(NA, 14, NA))
#' @export
convert_sd <- function(n, sd = NULL, sem = NULL, ci = NULL, lower = NULL, upper = NULL,
                       iqr = NULL, level = 0.95) {
  level <- check_level(level)
  given <- read_vectors(n = n, sd = sd, sem = sem, ci = ci, lower = lower,
    upper = upper, iqr = iqr, one_of = c("sd", "sem", "ci", "lower", "iqr")
  )
  x <- lapply(given$values, rep_len, given$rows)
  spread <- spreads(x)
  found <- Map(\(error, type) to_sd(error, x$n, type, level), spread, names(spread))
  from <- first_given(spread)
  out <- pick_by(found, from)
  flaw <- sd_flaw(x, spread, out, from)
  flaw[is.na(flaw) & disagree(spread, found, x$n, level)] <- "disagree"
  out[!is.na(flaw)] <- NA_real_
  problem <- unname(flaw_words[flaw])
  tell_problems(problem)
  new_frame(list(sd = out, from = names(spread)[from], problem = problem))
}

# What stands beside the mean, by error type, in the order in which it is used; half the
# width of an interval from its ends. Types that no row has are left out.
spreads <- function(x) {
  half <- pick_by(list(x$ci, (x$upper - x$lower) / 2), 1L + is.na(x$ci))
  all <- list(sd = x$sd, sem = x$sem, ci = half, iqr = x$iqr)
  some <- vapply(all, \(x) !all(is.na(x)), NA)
  if (any(some)) all[some] else all["sd"]
}

# The number of the first column that has a value, for each row; NA where none has.
first_given <- function(columns) {
  which <- rep(NA_integer_, length(columns[[1]]))
  for (i in rev(seq_along(columns))) which[!is.na(columns[[i]])] <- i
  which
}

pick_by <- function(columns, which) {
  out <- rep(NA_real_, length(which))
  for (i in seq_along(columns)) {
    here <- which(which == i)
    out[here] <- columns[[i]][here]
  }
  out
}

sd_flaw <- function(x, spread, out, from) {
  flaw <- rep(NA_character_, length(out))
  needs_n <- names(spread)[from] != "sd"
  flaw[is.na(from) | is.na(x$n) & needs_n] <- "number_missing"
  flaw[is.na(flaw) & is.na(out)] <- "too_small_n"
  flaw[which(x$n < 1 | is.infinite(x$n))] <- "too_small_n"
  flaw[is.infinite(out)] <- "infinite"
  for (type in names(spread)) flaw[which(spread[[type]] < 0)] <- "negative"
  flaw[which(x$lower > x$upper)] <- "turned"
  flaw
}

# Do SD, SEM and interval of a row tell different SDs? Each may be off by half a unit of
# its last decimal, and everything by a thousandth.
disagree <- function(spread, found, n, level) {
  type <- intersect(c("sd", "sem", "ci"), names(spread))
  several <- which(Reduce(`+`, lapply(found[type], \(x) !is.na(x)), 0) > 1)
  bad <- logical(length(n))
  if (length(several) == 0) return(bad)
  low <- rep(-Inf, length(several))
  high <- -low
  for (type in type) {
    sd <- found[[type]][several]
    slack <- to_sd(last_decimal(spread[[type]][several]) / 2, n[several], type, level)
    low <- pmax(low, sd - slack - 0.001 * sd, na.rm = TRUE)
    high <- pmin(high, sd + slack + 0.001 * sd, na.rm = TRUE)
  }
  bad[several] <- low > high
  bad
}
