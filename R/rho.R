#' How two readings of the same animals correlate
#'
#' What [vcov()][vcov.mv_effects] takes as `rho` where one number for all is not enough:
#' a correlation by pair of outcomes, and one that falls with the time between two
#' readings.
#'
#' Two readings of one animal correlate by the value of their outcomes, times `times` to
#' the power of the time between them. One outcome at two times has the diagonal of a
#' matrix; a diagonal of 1 (as in a matrix of correlations) says only that an outcome is
#' itself, so two times then need `times`.
#'
#' @param outcomes The correlation of two outcomes: one number for all pairs; a symmetric
#'   matrix with the outcomes as row and column names; or a list by outcome, such as
#'   `list(infarct = c(score = 0.6, weight = 0.2))`, where an outcome's own name (or a
#'   single number without a name) stands for two times of it. NA: not said.
#' @param times The correlation of two readings one unit of time apart, from 0 to 1.
#' @param how `"ar1"`: `times^|t1 - t2|`, for which `time` must be numbers. `"constant"`:
#'   `times`, however far apart.
#' @return An object of class `mv_rho`.
#' @section Errors: `mv_error_rho` for a correlation outside -1 to 1, a matrix that is
#'   not symmetric, has no names or is no correlation matrix (not positive definite).
#' @examples
#' rho_between(outcomes = 0.5, times = 0.8)
#' rho_between(outcomes = list(infarct = c(score = 0.6)), times = 0.9)
#' @export
rho_between <- function(outcomes = NULL, times = NULL, how = c("ar1", "constant")) {
  how <- first_choice(how, c("ar1", "constant"))
  if (is.null(outcomes) && is.null(times)) {
    stop_user("Say {.arg outcomes} or {.arg times}, or both.", "rho")
  }
  if (!is.null(times)) times <- check_number(times, 0, 1)
  new_rho(read_outcomes(outcomes), times, how)
}

new_rho <- function(outcomes, times, how) {
  structure(list(outcomes = outcomes, times = times, how = how), class = "mv_rho")
}

# What the user gave as `rho`: NULL, one number for every pair, or an mv_rho.
as_rho <- function(rho, call = rlang::caller_env()) {
  if (is.null(rho) || inherits(rho, "mv_rho")) return(rho)
  if (is.matrix(rho) || is.list(rho)) {
    return(new_rho(read_outcomes(rho, call), NULL, "ar1"))
  }
  if (is.numeric(rho) && length(rho) > 1) {
    stop_user(c(
      "{.arg rho} must be one number, a matrix or list by outcome, or what
       {.fn rho_between} gives.",
      "x" = "It has {length(rho)} values.",
      "i" = "For a matrix at each of several values see {.fn vcov_grid}."
    ), "rho", call = call)
  }
  check_number(rho, -1, 1, call = call)
}

# ---- outcomes ----

read_outcomes <- function(outcomes, call = rlang::caller_env()) {
  if (is.null(outcomes)) return(NULL)
  if (is.list(outcomes)) outcomes <- matrix_of_list(outcomes, call)
  if (!is.matrix(outcomes)) return(check_number(outcomes, -1, 1, "outcomes", call))
  check_outcome_matrix(outcomes, call)
}

matrix_of_list <- function(outcomes, call) {
  given <- names(outcomes)
  if (is.null(given)) given <- rep_len("", length(outcomes))
  parts <- Map(part_of_list, outcomes, given, MoreArgs = list(call = call))
  one <- rep(given, lengths(parts))
  other <- unlist(lapply(parts, names), use.names = FALSE)
  value <- as.double(unlist(parts, use.names = FALSE))
  name <- unique(c(one, other))
  out <- matrix(NA_real_, length(name), length(name), dimnames = list(name, name))
  out[cbind(one, other)] <- value
  twice <- out[cbind(other, one)]
  out[cbind(other, one)] <- value
  bad <- which(!is.na(twice) & twice != value | out[cbind(one, other)] != value)
  if (length(bad) == 0) return(out)
  stop_user(c(
    "{.arg rho} has two correlations of {.val {one[bad[1]]}} and {.val {other[bad[1]]}}.",
    "i" = "Each pair of outcomes needs one."
  ), "rho", call = call)
}

# One place of the list; a number without a name is of the outcome itself.
part_of_list <- function(part, of, call) {
  if (length(part) == 1 && is.null(names(part))) names(part) <- of
  named <- !is.null(names(part)) && all(!names(part) %in% c("", NA)) && of != ""
  if (is.numeric(part) && named) return(part)
  stop_user(c(
    "A list {.arg rho} must have the names of outcomes, and named numbers in it.",
    "i" = "For instance {.code list(infarct = c(score = 0.6, weight = 0.2))}."
  ), "rho", call = call)
}

check_outcome_matrix <- function(x, call) {
  name <- rownames(x)
  symmetric <- is.numeric(x) && !is.null(name) && identical(name, colnames(x)) &&
    !anyDuplicated(name) && isSymmetric(unname(x))
  if (!symmetric) {
    stop_user(c(
      "A matrix {.arg rho} must be symmetric, with the names of the outcomes on its rows
       and on its columns.",
      "x" = if (is.null(name) || is.null(colnames(x))) "It has no names."
    ), "rho", call = call)
  }
  bad <- which(abs(x) > 1, arr.ind = TRUE)
  if (nrow(bad)) {
    stop_user(c(
      "{.arg rho} must be between -1 and 1.",
      "x" = "It is {x[bad[1, , drop = FALSE]]} for {.val {name[bad[1, ]]}}."
    ), "rho", call = call)
  }
  check_outcomes_definite(x, call)
  storage.mode(x) <- "double"
  x
}

check_outcomes_definite <- function(x, call) {
  diag(x)[is.na(diag(x))] <- 1
  if (anyNA(x)) return(invisible())
  lowest <- min(eigen(x, symmetric = TRUE, only.values = TRUE)$values)
  if (lowest > -1e-8) return(invisible())
  stop_user(c(
    "{.arg rho} is not a matrix of correlations: it is not positive definite.",
    "x" = "Its lowest eigenvalue is {signif(lowest, 2)}.",
    "i" = "Some of its values contradict one another: two outcomes that both go with a
     third go with each other. On the diagonal stand two times of one outcome."
  ), "rho", call = call)
}

# ---- for the core ----

# In the order of view_rho() in src/ffi_covariance.c; `present`: the outcomes of the
# table, by number.
rho_for <- function(rho, present, call) {
  if (is.null(rho)) rho <- NaN
  if (is.numeric(rho)) return(list(NULL, rho, rho, 1, FALSE))
  outcomes <- rho$outcomes
  of_time <- if (is.null(rho$times)) 1 else rho$times
  itself <- if (is.null(rho$times)) NaN else 1
  told <- list(NULL, itself, NaN, of_time, rho$how == "ar1")
  if (is.matrix(outcomes)) {
    check_present(rownames(outcomes), present, call)
    own <- diag(outcomes)
    diag(outcomes) <- ifelse(is.na(own) | own == 1, itself, own)
    at <- match(present, rownames(outcomes))
    outcomes <- unname(outcomes[at, at, drop = FALSE])
    absent <- is.na(diag(outcomes))
    diag(outcomes)[absent] <- itself
    outcomes[is.na(outcomes)] <- NaN
    told[[1]] <- outcomes
  } else if (!is.null(outcomes)) {
    told[[3]] <- outcomes
  }
  told
}

check_present <- function(named, present, call) {
  unknown <- setdiff(named, present)
  if (length(unknown) == 0) return(invisible())
  present <- present[!is.na(present)]
  hint <- did_you_mean(unknown[1], present)
  stop_user(c(
    "{.arg rho} names {cli::qty(length(unknown))}{?an outcome/outcomes} that the table
     does not have: {.val {unknown}}.",
    "i" = if (length(hint)) "{hint}" else if (length(present)) {
      "Its outcomes are {.val {utils::head(present, 5)}}."
    } else {
      "Its rows name no outcome."
    }
  ), "rho", call = call)
}

# Times as numbers, where rho falls with time; else equal where the times are.
rho_times <- function(rho, time, effects, rows, call) {
  if (is.numeric(time)) return(as.double(time))
  if (is.list(rho) && !is.null(rho$times) && rho$how == "ar1") {
    text <- as.character(time)
    number <- decimal_numbers(trimws(text))
    bad <- which(is.na(number) & !is.na(text))
    if (length(bad) == 0) return(number)
    stop_user(c(
      "{.arg times} of {.fn rho_between} needs {.field time} in numbers.",
      "x" = "It is {.val {text[bad[1]]}} in {name_effects(effects, rows[bad])}.",
      "i" = "Make the times numbers in one unit, or take {.code how = \"constant\"}."
    ), "rho", call = call)
  }
  number <- as.double(group_ids(time))
  number[is.na(time)] <- NaN
  number
}

# `asks`: for each row 0, or another row whose covariance with it needs a rho.
check_rho_said <- function(effects, rows, asks, rho, call) {
  bad <- which(asks > 0L)
  if (length(bad) == 0) return(invisible())
  where <- name_effects(effects, rows[bad])
  if (is.null(rho)) {
    stop_user(c(
      "The same animals are read more than once in {where}.",
      "i" = "Say how two readings of one animal correlate, e.g. {.code rho = 0.5}, and try
       other values; or take one number a study by {.fn nest_outcomes}."
    ), "rho", call = call)
  }
  stop_user(c(
    "{.arg rho} does not say how readings of the same animals correlate in {where}.",
    "x" = "{unsaid(effects, rows[c(bad[1], asks[bad[1]])], rho)}",
    "i" = "See {.fn rho_between}; one number serves all pairs."
  ), "rho", call = call)
}

unsaid <- function(effects, pair, rho) {
  quoted <- \(x) ifelse(is.na(x), "an outcome without a name", dQuote(x, FALSE))
  outcome <- as.character(effects$outcome[pair])
  time <- effects$time[pair]
  if (!identical(outcome[1], outcome[2])) {
    if (anyNA(time) && !all(is.na(time))) return("One of two readings has no time.")
    return(paste0("It has no value for ", quoted(outcome[1]), " with ",
                  quoted(outcome[2]), "."))
  }
  if (anyNA(time) && !all(is.na(time))) {
    return(paste0("One of two readings of ", quoted(outcome[1]), " has no time."))
  }
  what <- if (identical(time[1], time[2])) "two measures" else "two times"
  paste0("It has no value for ", what, " of ", quoted(outcome[1]), ".")
}

# ---- print ----

#' @export
print.mv_rho <- function(x, ...) {
  cat("<mv_rho> how two readings of the same animals correlate\n")
  if (!is.null(x$times)) {
    power <- if (x$how == "ar1") "^|t1 - t2|" else ", however far apart"
    cat("Two times: ", format(x$times), power, "\n", sep = "")
  }
  if (is.matrix(x$outcomes)) {
    cat("Two outcomes (diagonal: one outcome at two times):\n")
    print(x$outcomes, na.print = "-")
  } else if (!is.null(x$outcomes)) {
    cat("Two outcomes: ", format(x$outcomes), "\n", sep = "")
  }
  invisible(x)
}
