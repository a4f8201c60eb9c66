# From what the user gives to effect_sizes() to the rows that the core reads: comparisons
# as they are, cohorts as rows of one group. A measure that the table has no numbers for
# is told here, with those that it has numbers for.

take_groups <- function(x, measure, known, call = rlang::caller_env()) {
  single <- inherits(x, "mv_cohorts")
  if (!single) check_class(x, "mv_comparisons", "comparisons", "comparisons", call)
  if (single && measure$arms > 1) stop_one_group(x, measure, known, call)
  if (!single && measure$arms == 1) stop_two_groups(measure, known, call)
  check_labels(x, call)
  if (single) x <- one_group(x)
  check_kind(x, measure, known, call)
  check_animals_apart(x, measure, known, call)
  x
}

# Columns that say where a row belongs may have been replaced since the table was read.
check_labels <- function(x, call, also = NULL) {
  where <- c("study", "experiment", "outcome", "time", "cohort", also)
  arms <- names(x)[startsWith(names(x), "cohort_")]
  for (name in c(where[where %in% names(x)], arms)) {
    column <- x[[name]]
    if (is.list(column) || length(dim(column)) > 0) as_labels(column, name, call)
  }
}

# Each row of a table of cohorts as the first arm of an effect.
one_group <- function(cohorts) {
  out <- unclass(cohorts)
  own <- c("row", "cohort", "n", "mean", "sd", names(field_arms))
  own <- intersect(own, names(out))
  names(out)[match(own, names(out))] <- paste0(own, "_t")
  out$error <- NULL
  if (is.null(out$reason)) out$reason <- rep(NA_character_, length(out$study))
  class(out) <- "data.frame"
  out
}

# ---- a measure and a table that do not go together -----------------------------------

# Measures by their kind that a table of one group, or of comparisons, can give.
measures_of <- function(kinds, single, known) {
  fits <- known$measures$kind %in% kinds & (known$measures$arms == 1) == single
  known$measures$name[fits]
}

stop_one_group <- function(cohorts, measure, known, call) {
  can <- measures_of(names(count_kinds(cohorts, "")), TRUE, known)
  unpaired <- all(is.na(cohorts$role)) # correlations
  stop_user(c(
    "{.val {measure$name}} compares groups, and {.cls mv_cohorts} has one group in a
     row.",
    "i" = if (!unpaired) {
      "Pair the groups first:
       {.code effect_sizes(comparisons(cohorts), \"{measure$name}\")}."
    },
    "i" = if (length(can)) "Measures of one group, for these numbers: {.val {can}}."
  ), "kind", call = call)
}

stop_two_groups <- function(measure, known, call) {
  source <- if (measure$kind == "correlation") "as_correlations" else "cohorts"
  stop_user(c(
    "{.val {measure$name}} is a measure of one group, and a comparison has two.",
    "i" = "Give it the table that {.fn {source}} makes, one group in a row."
  ), "kind", call = call)
}

# The columns a measure reads that have no default.
needed_columns <- function(measure) {
  arms <- names_of_arms(measure$arms)$column
  c(of_arms(measure$needs, arms), intersect(measure$extras, c("r", "maximum")))
}

# Kinds of numbers of the first arm that a table has.
kinds_of <- function(table) {
  marks <- c(means = "mean_t", rates = "exposure_t", survival = "median_t")
  has <- \(name) !is.null(table[[name]]) && !all(is.na(table[[name]]))
  found <- names(marks)[vapply(marks, has, NA)]
  if (has("events_t") && has("n_t")) found <- c(found, "counts")
  if (has("r") && is.null(table[["cohort_c"]])) found <- c(found, "correlation")
  found
}

# Where the table lacks the kind of numbers that the measure needs, but has another, or
# lacks a column that only some tables have. Single missing numbers are a row's reason.
check_kind <- function(table, measure, known, call) {
  needed <- needed_columns(measure)
  lacking <- setdiff(needed, names(table))
  if (measure$kind %in% kinds_of(table)) {
    special <- intersect(lacking, names(made_by))
    if (length(special)) stop_lacking(measure, special, call)
    return(invisible())
  }
  has <- kinds_of(table)
  if (length(has) == 0 && length(lacking) == 0) return(invisible())
  stop_kind(measure, needed, has, known, call)
}

# Who makes the columns that not every table has.
made_by <- c(
  r = "as_paired", maximum = "cohorts", n_a = "as_factorial", mean_a = "as_factorial",
  sd_a = "as_factorial", n_b = "as_factorial", mean_b = "as_factorial",
  sd_b = "as_factorial"
)

stop_lacking <- function(measure, lacking, call) {
  maker <- made_by[[lacking[1]]]
  stop_user(c(
    "{.val {measure$name}} needs {.field {lacking}}, which the table has not.",
    "i" = switch(maker,
      as_paired = "{.arg r} is the correlation of the two readings of an animal; it is
       never invented. Give it to {.fn as_paired} or {.fn as_comparisons}.",
      cohorts = "{.arg maximum}, the most that the outcome can reach, is given to
       {.fn cohorts} or {.fn as_comparisons}.",
      as_factorial = "{.fn as_factorial} reads the four groups of two treatments."
    )
  ), "kind", call = call)
}

stop_kind <- function(measure, needed, has, known, call) {
  can <- measures_of(has, measure$arms == 1, known)
  ours <- kind_words[[measure$kind]]
  theirs <- if (length(has)) kind_words[has] else "no such numbers"
  usual <- intersect(c("SMD", "RR", "IRR", "MSR", "MN", "PR", "IR", "ZCOR"), can)
  stop_user(c(
    "{.val {measure$name}} is a measure of {ours}: it needs {.field {needed}}.",
    "x" = "The table has {theirs}.",
    "i" = if (length(usual)) {
      "Did you mean {.or {.val {usual}}}? {.fn effect_measures} lists all."
    }
  ), "kind", call = call)
}

# The two readings of the same animals are not two groups: a variance that takes them for
# such is wrong by the covariance of the readings.
check_animals_apart <- function(table, measure, known, call) {
  if ("paired" %in% measure$flags || measure$arms < 2) return(invisible())
  if (is.null(table[["r"]]) || is.null(table[["cohort_c"]])) return(invisible())
  bad <- which(table[["cohort_t"]] == table[["cohort_c"]])
  if (length(bad) == 0) return(invisible())
  can <- known$measures$name[has_flag(known$measures, "paired")]
  stop_user(c(
    "{.val {measure$name}} takes the two readings for two groups of animals.",
    "x" = "They are the same animals in {name_effects(table, bad)}.",
    "i" = if (length(can)) "Measures for such readings: {.val {can}}."
  ), "kind", call = call)
}
