#' What to do with counts of zero
#'
#' A risk ratio has no logarithm where no animal of a group has the event. The usual way
#' out is to add a little to the counts. `zero_cells()` says how much and where, for
#' [effect_sizes()].
#'
#' The number is added to each cell (animals with the event, animals without it; for rates
#' to the events), never put in place of it: with `add = 0.5` a group of 0 of 8 counts as
#' 0.5 of 9. What was added to a row is kept in the column `added`.
#'
#' Comparisons that share a control in one study, experiment, outcome and time are one
#' set. Where one of them has a cell of zero the addition goes to all of them, so that the
#' control has one set of cells and the covariance of the effects is that of the numbers
#' that are used. A table without shared controls is treated row by row, as by
#' `escalc()` of metafor.
#'
#' RR, OR, IRR, PR, PLN, PLO, IR and IRLN are computed from the cells with the addition.
#' RD and IRD are computed from the raw counts, and the addition enters only their
#' variance, which would be 0 without it. Nothing is added for PETO, AS, IRSD, PAS,
#' PFT, IRS and IRFT, which need it nowhere.
#'
#' @param add The number that is added to each cell, from 0 to 1.
#' @param to Where it is added. `"only0"` (the default): rows with a cell of zero, and
#'   those that share their control. `"all"`: all rows. `"if0all"`: all rows, if any has a
#'   cell of zero. `"none"`: nowhere; a ratio with a zero then has no effect.
#' @param drop00 TRUE leaves out the rows in which no animal, or every animal, has the
#'   event in both groups (for rates: no event in both). They get a `reason`.
#' @return An object of class `mv_zero_cells` for the argument `cells` of
#'   [effect_sizes()].
#' @section Errors: `mv_error_number` where `add` is not one number from 0 to 1,
#'   `mv_error_choice` where `to` is not one of the four words.
#' @source Cochrane Handbook for Systematic Reviews of Interventions, version 6, 10.4.4.
#'   Sweeting, Sutton and Lambert 2004, Stat Med 23:1351.
#' @examples
#' zero_cells()
#' zero_cells(to = "none")
#' @export
zero_cells <- function(add = 0.5, to = c("only0", "all", "if0all", "none"),
                       drop00 = FALSE) {
  rule <- list(
    add = check_number(add, 0, 1),
    to = first_choice(to, c("only0", "all", "if0all", "none")),
    drop00 = check_flag(drop00)
  )
  structure(rule, class = "mv_zero_cells")
}

#' @export
print.mv_zero_cells <- function(x, ...) {
  cat("<mv_zero_cells> ", describe_cells(x), "\n", sep = "")
  invisible(x)
}

describe_cells <- function(cells) {
  where <- c(
    only0 = "to rows with a cell of zero, and those that share their control",
    all = "to all rows", if0all = "to all rows, if any has a cell of zero"
  )
  added <- if (cells$to == "none" || cells$add == 0) {
    "nothing is added"
  } else {
    paste("add", format(cells$add), where[[cells$to]])
  }
  paste0(added, if (cells$drop00) "; rows of zeros in both groups are left out")
}

# The line of a print of effects: a default is never a silent choice.
describe_added <- function(effects) {
  added <- effects[["added"]]
  rows <- which(added > 0)
  if (length(rows) == 0) return("")
  wrap_line(
    "Cells: ", paste(format(unique(added[rows])), collapse = " or "),
    " added to each in ", count_text(length(rows), "row"), ", by zero_cells()"
  )
}

# What a measure reads beside the groups' numbers, as columns of the effects: what is
# added to the cells, or what a median's variance comes from.
extra_numbers <- function(comparisons, measure, form, cells, shape,
                          call = rlang::caller_env()) {
  check_class(cells, "mv_zero_cells", "zero_cells", "cells", call)
  rows <- length(comparisons[["study"]])
  if ("shape" %in% measure$extras) {
    return(list(shape = survival_shape(form$name, shape, rows, call)))
  }
  added <- added_cells(comparisons, measure, cells, call)
  if (is.null(added)) list() else list(added = added)
}

# ---- what is added to each row -------------------------------------------------------

# One number a row; NA where the row is left out. NULL for measures without counts.
added_cells <- function(comparisons, measure, cells, call = rlang::caller_env()) {
  if (!"added" %in% measure$extras) return(NULL)
  to <- if ("keeps_cells" %in% measure$flags || cells$add == 0) "none" else cells$to
  added <- rep_len(if (to == "all") cells$add else 0, length(comparisons[["study"]]))
  if (to %in% c("all", "none") && !cells$drop00) return(added)
  zero <- zero_rows(comparisons, measure, call)
  if (to == "only0") added[rows_of_controls(zero$any, comparisons, measure)] <- cells$add
  # a row that is left out makes no addition to the others
  stay <- if (cells$drop00) setdiff(zero$any, zero$both) else zero$any
  if (to == "if0all" && length(stay) > 0) added[] <- cells$add
  if (cells$drop00) added[zero$both] <- NA_real_
  added
}

# `any`: rows with a cell of zero. `both`: rows with the same cell of zero in both groups.
# A missing number makes neither.
zero_rows <- function(comparisons, measure, call) {
  arms <- names_of_arms(measure$arms)$column
  read <- function(what) {
    lapply(paste0(what, arms), number_column, table = comparisons, call = call)
  }
  events <- read("events")
  zero <- list(lapply(events, \(x) which(x == 0)))
  if ("n" %in% measure$needs) {
    zero[[2]] <- Map(\(events, n) which(events == n), events, read("n"))
  }
  list(
    any = sort(unique(unlist(zero))),
    both = if (measure$arms > 1) unlist(lapply(zero, Reduce, f = intersect))
  )
}

# With the rows that share a control in one study, experiment, outcome and time.
rows_of_controls <- function(rows, comparisons, measure) {
  where <- c("study", "cohort_c", "experiment", "outcome", "time")
  columns <- unclass(comparisons)[where]
  if (measure$arms < 2 || !length(rows) || any(lengths(columns) == 0)) return(rows)
  known <- rows[!is.na(columns$cohort_c[rows])]
  c(rows, which(rows_alike(unname(columns), known)))
}

# ---- survival ------------------------------------------------------------------------

# What the core reads as the shape: NA where the interval gives the variance, 0 where the
# animals alone give a weight.
survival_shape <- function(form, shape, rows, call) {
  good <- is.numeric(shape) && length(shape) %in% c(1L, rows) &&
    all(is.finite(shape) & shape > 0)
  if (!good) {
    stop_user(c(
      "{.arg shape} must be one number above zero, or one a row.",
      "i" = "It is the shape of the Weibull distribution of survival; 1 is exponential."
    ), "number", call = call)
  }
  switch(form,
    deaths = rep_len(as.double(shape), rows),
    interval = rep_len(NA_real_, rows),
    N = rep_len(0, rows)
  )
}
