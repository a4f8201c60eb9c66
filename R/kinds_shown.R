# Which kinds of numbers a table has, and what its print shows of them.

# How many rows have numbers of each kind. `suffix`: "" of cohorts, "_t" of comparisons.
count_kinds <- function(x, suffix) {
  has <- \(field) {
    column <- x[[paste0(field, suffix)]]
    if (is.null(column)) logical(nrow(x)) else !is.na(column)
  }
  alone <- suffix == "" && !is.null(x[["r"]])
  counts <- c(
    means = sum(has("mean")),
    counts = sum(has("events") & !has("exposure") & !has("median")),
    rates = sum(has("exposure")), survival = sum(has("median")),
    correlation = if (alone) sum(!is.na(x[["r"]])) else 0
  )
  counts[counts > 0]
}

describe_kinds <- function(x, suffix) {
  kinds <- count_kinds(x, suffix)
  if (identical(names(kinds), "means") || length(kinds) == 0) return("")
  rows <- vapply(kinds, count_text, "", "row")
  where <- if (length(kinds) > 1) paste(" in", rows) else ""
  wrap_line("Numbers: ", paste0(kind_words[names(kinds)], where, collapse = ", "))
}

# The columns of numbers that a print shows, of the arms with these suffixes.
shown_numbers <- function(x, suffixes) {
  fields <- c("n", "mean", "sd", "events", "exposure", "median")
  columns <- intersect(c(of_arms(fields, suffixes), "r"), names(x))
  full <- columns[vapply(columns, \(name) !all(is.na(x[[name]])), NA)]
  means <- "means" %in% names(count_kinds(x, suffixes[1])) || length(full) == 0
  always <- if (means) of_arms(fields[1:3], suffixes)
  intersect(columns, c(always, full))
}

# ---- animals lost before the reading -------------------------------------------------

# "12 of 96 treated animals and 8 of 90 controls were lost before the reading": each
# group once, with its greatest loss, however many comparisons and readings it has.
describe_attrition <- function(x) {
  if (is.null(x[["cohort_t"]])) return("") # nested: whose animals is no longer known
  lost <- lapply(c(t = "t", c = "c", s = "s"), \(arm) animals_lost(x, arm))
  lost <- lost[vapply(lost, \(n) n[["start"]] > 0, NA)]
  if (length(lost) == 0 || sum(vapply(lost, \(n) n[["lost"]], 1)) == 0) return("")
  alone <- is.null(x[["cohort_c"]])
  words <- c(t = if (alone) "animals" else "treated animals", c = "controls", s = "shams")
  words <- words[names(lost)]
  text <- vapply(lost, \(n) paste(format(n[["lost"]]), "of", format(n[["start"]])), "")
  wrap_line("Attrition: ", and_list(paste(text, words)), " were lost before the reading")
}

and_list <- function(words) {
  last <- length(words)
  if (last < 2) return(words)
  paste(toString(words[-last]), "and", words[last])
}

animals_lost <- function(x, arm) {
  start <- x[[paste0("n_start_", arm)]]
  n <- x[[paste0("n_", arm)]]
  cohort <- x[[paste0("cohort_", arm)]]
  # a print does not stop at a column that was edited into something else
  whole <- is_plain_number(start) && is_plain_number(n) && !is.null(cohort)
  if (!whole) return(c(lost = 0, start = 0))
  known <- which(!is.na(start) & !is.na(n))
  known <- known[order(n[known] - start[known])]
  group <- or_missing(x[["experiment"]], nrow(x), "1")
  group <- group_ids(x[["study"]], group, cohort)[known]
  once <- known[!duplicated(group)]
  c(lost = sum(start[once] - n[once]), start = sum(start[once]))
}
