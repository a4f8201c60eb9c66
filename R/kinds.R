# What a table can say of a group of animals besides n, mean and error: counts, events in
# a time at risk, median survival, the n at the start. Read alike by cohorts() and
# as_comparisons(); which numbers together are enough is kind_columns().

# These fields are columns of a later table only where they were given. Of each: the
# groups of a comparison that have it.
field_arms <- list(
  events = c("_t", "_c", "_s"), exposure = c("_t", "_c"), median = c("_t", "_c"),
  median_lower = c("_t", "_c"), median_upper = c("_t", "_c"), log_se = c("_t", "_c"),
  n_start = c("_t", "_c", "_s")
)

# Declared of an outcome, present where given.
scale_columns <- c("ratio_scale", "log_scale", "maximum")

# What the numbers are called in messages and prints, by the core's names of kinds.
kind_words <- c(
  means = "means", counts = "counts", rates = "rates", survival = "median survival",
  correlation = "correlations"
)

# ---- which numbers are enough --------------------------------------------------------

# The columns that must be there, given those that are (`values`): those of the means,
# unless another kind is complete and no mean was begun. `suffixes`: "" or "_t", "_c".
kind_columns <- function(values, suffixes) {
  given <- names_given(values)
  means <- c(of_arms(c("n", "mean", "error"), suffixes), "error_type")
  if (any(of_arms(c("mean", "error"), suffixes) %in% given)) return(means)
  if (!any(of_arms(c("events", "exposure", "median"), suffixes) %in% given)) return(means)
  others <- lapply(other_kinds, of_arms, suffixes)
  others[[which.min(vapply(others, \(columns) sum(!columns %in% given), 1))]]
}

other_kinds <- list(
  c("n", "events"), c("events", "exposure"), c("median", "events"),
  c("median", "median_lower", "median_upper")
)

names_given <- function(values) names(values)[!vapply(values, is.null, NA)]

of_arms <- function(fields, suffixes) {
  paste0(fields, rep(suffixes, each = length(fields)))
}

# Enough for an effect without the means that were begun.
has_other_kind <- function(values, suffixes) {
  given <- names_given(values)
  any(vapply(other_kinds, \(kind) all(of_arms(kind, suffixes) %in% given), NA))
}

# ---- the numbers of one group --------------------------------------------------------

# A list of fields, NULL where not given; `log_se` follows from the median's interval.
read_fields <- function(values, suffix, n, study, call) {
  number <- function(what, bad, must, read = as_numbers) {
    arg <- paste0(what, suffix)
    if (is.null(values[[arg]])) return(NULL)
    read(values[[arg]], arg, study, call) |> check_values(bad, must, arg, study, call)
  }
  exposure <- number("exposure", \(x) x <= 0 | is.infinite(x), "positive and finite")
  # more events than animals are none too many where they are counted over time
  counted <- if (is.null(exposure)) TRUE else is.na(exposure)
  fields <- list(
    events = number(
      "events", \(x) x < 0 | is.infinite(x) | (counted & x > n),
      "from zero to the number of animals"
    ),
    exposure = exposure,
    median = number("median", \(x) x < 0, "zero or more", as_times),
    median_lower = number("median_lower", \(x) x < 0, "zero or more", as_times),
    median_upper = number("median_upper", \(x) x < 0, "zero or more", as_times),
    n_start = number(
      "n_start", \(x) is.infinite(x) | x <= 0 | x < n,
      "finite, and no less than the number of animals at the reading"
    )
  )
  check_median(fields, suffix, study, call)
  fields$log_se <- log_se_of(fields$median_lower, fields$median_upper)
  fields[!vapply(fields, is.null, NA)]
}

# A median survival that was not reached is longer than any observed: Inf.
as_times <- function(x, arg, study, call) {
  if (!is.character(x) && !is.factor(x)) return(as_numbers(x, arg, study, call))
  text <- as.character(x)
  unreached <- tolower(trimws(text)) %in% c("nr", "not reached", "n.r.", "inf")
  text[unreached] <- "Inf"
  as_numbers(text, arg, study, call)
}

check_median <- function(fields, suffix, study, call) {
  or_unknown <- \(x) if (is.null(x)) NA_real_ else x
  median <- or_unknown(fields$median)
  lower <- or_unknown(fields$median_lower)
  upper <- or_unknown(fields$median_upper)
  bad <- which(lower > upper | lower > median | median > upper)
  if (length(bad) == 0) return(invisible())
  arg <- paste0(c("median_lower", "median", "median_upper"), suffix)
  at <- bad[1]
  found <- vapply(list(lower, median, upper), \(x) format(rep_len(x, at)[at]), "")
  turned <- isTRUE(rep_len(lower, at)[at] > rep_len(upper, at)[at])
  stop_user(c(
    "{.arg {arg[1]}} must be at most {.arg {arg[2]}}, and that at most {.arg {arg[3]}}.",
    "x" = "They are {found} in {name_rows(bad, study)}.",
    "i" = if (turned) "The ends of the interval seem to be turned."
  ), "interval", call = call)
}

# Standard error of the log median from its 95 % interval. An upper end that was not
# reached, or a lower end of zero, gives none.
log_se_of <- function(lower, upper) {
  if (is.null(lower) || is.null(upper)) return(NULL)
  se <- (log(upper) - log(lower)) / (2 * stats::qnorm(0.975))
  se[!is.finite(se)] <- NA_real_
  se
}

# ---- what is declared of an outcome --------------------------------------------------

# TRUE, FALSE, or their text; declared, so never guessed from anything else.
read_flag <- function(x, arg, class, design, rows, call) {
  if (is.logical(x)) return(as.vector(x))
  text <- as_labels(x, arg, call)
  flag <- look_up(text, c(true = TRUE, false = FALSE))
  bad <- which(is.na(flag) & !is.na(text))
  if (length(bad) == 0) return(flag)
  stop_user(c(
    "{.arg {arg}} must be TRUE or FALSE.",
    "x" = "It is {.val {some_of(text[bad])}} in {name_rows(bad, design$study)}."
  ), class, call = call)
}

# Two values for one outcome of an experiment are an error.
check_one_value <- function(x, arg, class, design, call) {
  values <- unique(x[!is.na(x)])
  if (length(values) < 2) return(x)
  set <- group_ids(design$study, design$experiment, design$outcome)
  known <- which(!is.na(x))
  first <- known[match(set[known], set[known])]
  bad <- which(set %in% set[known[x[known] != x[first]]] & !is.na(x))
  if (length(bad) == 0) return(x)
  of <- bad[set[bad] == set[bad[1]]]
  outcome <- design$outcome[of[1]]
  named <- if (is.na(outcome)) "one outcome" else paste0("\"", outcome, "\"")
  found <- sort(unique(x[of]), decreasing = TRUE)[1:2]
  stop_user(c(
    "{.arg {arg}} is both {found[1]} and {found[2]} for {named}, in
     {name_rows(bad, design$study)}.",
    "i" = "An outcome of an experiment has one {one_of_outcome[[arg]]}."
  ), class, call = call)
}

one_of_outcome <- c(
  greater_is_worse = "direction", ratio_scale = "scale: it has a true zero, or none",
  log_scale = "scale: give an outcome that is read as logs a name of its own",
  maximum = "maximum"
)

# ratio_scale, log_scale and maximum, NULL where not given. Said in one row, they hold
# for the outcome of that experiment.
read_scales <- function(values, design, rows, call) {
  flag <- \(arg) {
    if (is.null(values[[arg]])) return(NULL)
    read_flag(values[[arg]], arg, "scale", design, rows, call)
  }
  scales <- list(ratio_scale = flag("ratio_scale"), log_scale = flag("log_scale"))
  if (!is.null(values$maximum)) {
    scales$maximum <- as_numbers(values$maximum, "maximum", design$study, call) |>
      check_values(is.infinite, "finite", "maximum", design$study, call)
  }
  scales <- scales[!vapply(scales, is.null, NA)]
  for (arg in names(scales)) {
    scales[[arg]] <- check_one_value(scales[[arg]], arg, "scale", design, call) |>
      fill_outcome(design)
  }
  if (!is.null(scales$log_scale)) scales$log_scale[is.na(scales$log_scale)] <- FALSE
  scales
}

fill_outcome <- function(x, design) {
  blank <- which(is.na(x))
  if (length(blank) %in% c(0, length(x))) return(x)
  set <- group_ids(design$study, design$experiment, design$outcome)
  known <- which(!is.na(x))
  x[blank] <- x[known[match(set[blank], set[known])]]
  x
}

check_maximum <- function(mean, scales, suffix, study, call) {
  if (is.null(scales$maximum)) return(invisible())
  logs <- if (is.null(scales$log_scale)) FALSE else scales$log_scale
  bad <- which(!logs & mean > scales$maximum)
  if (length(bad) == 0) return(invisible())
  arg <- paste0("mean", suffix)
  stop_user(c(
    "{.arg {arg}} is above {.arg maximum}, the most that the outcome can reach.",
    "x" = "It is {format(mean[bad[1]])} of {format(scales$maximum[bad[1]])} in
     {name_rows(bad, study)}."
  ), "maximum", call = call)
}

# ---- SD and SEM side by side ---------------------------------------------------------

# The columns of a table that hold an SD and an SEM of the group with this suffix.
error_columns <- function(names, suffix) {
  lower <- tolower(names)
  at <- \(words) match(paste0(words, suffix), lower)
  sem <- at(c("sem", "se"))
  names[c(at("sd"), sem[!is.na(sem)][1])]
}

# A column `sd` beside the SEM that serves as error: it is checked against it, and the
# SD that follows takes its place.
sd_beside <- function(columns, from, suffixes) {
  beside <- vapply(suffixes, \(suffix) {
    pair <- error_columns(columns, suffix)
    serves <- !anyNA(pair) && pair[2] %in% from[paste0("error", suffix)]
    if (serves) pair[1] else NA_character_
  }, "")
  beside <- beside[!is.na(beside)]
  stats::setNames(beside, beside)
}

check_sd_sem <- function(data, suffix, n, study, call) {
  pair <- error_columns(names(data), suffix)
  if (anyNA(pair)) return(invisible())
  sd <- as_numbers(data[[pair[1]]], pair[1], study, call)
  sem <- as_numbers(data[[pair[2]]], pair[2], study, call)
  gap <- abs(sd - sem * sqrt(n))
  rounded <- (last_decimal(sd) + last_decimal(sem) * sqrt(n)) / 2
  # one per cent beside the rounding: numbers read from a figure
  bad <- which(gap > rounded + 0.01 * sd)
  if (length(bad) == 0) return(invisible())
  at <- bad[1]
  found <- vapply(list(sd[at], sem[at], n[at], sem[at] * sqrt(n[at])), format, "",
    digits = 4
  )
  stop_user(c(
    "{.field {pair[1]}} and {.field {pair[2]}} disagree in {name_rows(bad, study)}.",
    "x" = "In row {at} the SD is {found[1]}; the SEM, {found[2]}, at n = {found[3]} gives
     {found[4]}.",
    "i" = "One of them or n was misread: mend it, or leave one of the two columns out of
     {.arg data}."
  ), "sd_sem", call = call)
}
