# What all convert_*() functions share. The arithmetic is a row of a table in
# src/core/convert_*.c, found by its name; a row that cannot be converted is NA there and
# says why in the column `problem`.

# The sentence for each flaw of the core.
flaw_words <- c(
  number_missing = "a number that it needs is missing",
  too_small_n = "too few animals or degrees of freedom",
  negative = "a negative SD, variance, statistic or count",
  not_above_zero = "a mean must be above 0, a geometric SD 1 or more",
  p_outside = "p is outside 0 to 1",
  p_extreme = "p is 0 or 1, which is no exact p",
  r_outside = "a correlation, phi or risk difference is outside -1 to 1",
  level_outside = "the level is outside 0 to 1",
  order = "minimum, quartiles, median and maximum are not in this order",
  turned = "the lower end of the interval is above the upper",
  off_interval = "the estimate lies outside its interval",
  no_direction = "the direction is missing: F, p and chi-squared have no sign",
  no_information = "an estimate or statistic of 0 does not tell the spread",
  margins = "the events and group sizes do not fit each other, or no group has both",
  no_table = "no table of these group sizes and events has this statistic",
  outside_domain = "the estimate is outside the domain of the function",
  infinite = "the result is not a finite number",
  disagree = "its SD, SEM and interval tell different SDs"
)

# Vectors of numbers, each of one length or of length 1; NULL is missing in all rows. Of
# the arguments named in `one_of` one at least must be there.
read_vectors <- function(..., one_of = NULL, call = rlang::caller_env()) {
  given <- list(...)
  if (length(one_of) && all(vapply(given[one_of], is.null, NA))) stop_none(one_of, call)
  values <- lapply(names(given), \(arg) as_numbers(given[[arg]], arg, call = call))
  names(values) <- names(given)
  size <- lengths(values)
  sizes <- unique(size[size != 1 & !vapply(values, is.null, NA)])
  if (length(sizes) > 1) stop_lengths(size, call)
  rows <- if (length(sizes)) sizes else 1L
  values[vapply(values, is.null, NA)] <- list(NA_real_)
  list(values = values, rows = rows)
}

stop_none <- function(one_of, call) {
  stop_user("At least one of {.arg {one_of}} must be given.", "absent", call = call)
}

stop_lengths <- function(size, call) {
  size <- size[size > 1]
  text <- paste0("`", names(size), "` ", size, collapse = ", ")
  stop_user(c(
    "The vectors must have one value a row, or one for all rows.",
    "x" = "Their lengths are: {text}."
  ), "length", call = call)
}

# The outputs of the core's conversion `name` as a list, and the flaw of each row as
# the column `problem`, told in one warning.
convert_rows <- function(name, given, outputs, tell = TRUE) {
  found <- .Call(mv_convert_columns, name, unname(given$values), as.double(given$rows))
  flaws <- .Call(mv_flaws)
  out <- found[seq_along(outputs)]
  names(out) <- outputs
  out <- lapply(out, na_of_nan)
  flaw <- found[[length(found)]] + 1L
  out$problem <- unname(c(sound = NA, flaw_words)[flaws])[flaw]
  if (tell) tell_problems(out$problem)
  out
}

# The core's NaN is R's NA.
na_of_nan <- function(x) {
  if (anyNA(x)) x[is.na(x)] <- NA_real_
  x
}

# Numbers that are not there are no surprise to who left them out: not told.
tell_problems <- function(problem) {
  bad <- which(!is.na(problem) & problem != flaw_words[["number_missing"]])
  if (length(bad) == 0) return(invisible())
  reasons <- unique(problem[bad])
  bullets <- vapply(reasons, \(reason) {
    paste0(capital(name_rows(bad[problem[bad] == reason])), ": ", reason, ".")
  }, "")
  warn_user(c(
    "{length(bad)} of {length(problem)} row{?s} cannot be converted.",
    stats::setNames(bullets, rep("!", length(bullets)))
  ), "rows")
}

new_frame <- function(columns) {
  attr(columns, "row.names") <- .set_row_names(length(columns[[1]]))
  class(columns) <- "data.frame"
  columns
}
