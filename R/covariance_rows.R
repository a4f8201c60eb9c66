# The covariances of the rows of a table: what each row needs for it, checked, and the
# pairs of rows that have one. A list i, j, value: each pair once, i != j.

covariance_pairs <- function(effects, rho, call = rlang::caller_env()) {
  pairs_at(read_covariances(settle_effects(effects, call), call), rho, call)
}

# All that does not depend on rho: which rows are derived, as the core takes them, and the
# pairs of those that came with a matrix. The effects are settled.
read_covariances <- function(effects, call) {
  from <- covariance_source(effects, call)
  check_nested(effects, from, call)
  derived <- which(from == "cohorts")
  brought <- which(from == "matrix")
  list(
    effects = effects,
    derived = if (length(derived)) read_derived(effects, derived, call),
    brought = if (length(brought)) brought_pairs(effects, brought, call)
  )
}

pairs_at <- function(source, rho, call = rlang::caller_env()) {
  rho <- as_rho(rho, call)
  pairs <- list(i = integer(), j = integer(), value = double())
  if (!is.null(source$derived)) {
    pairs <- derived_pairs(source$effects, source$derived, rho, call)
  }
  if (is.null(source$brought)) return(pairs)
  Map(c, pairs, source$brought)
}

covariance_source <- function(effects, call) {
  need_columns(effects, c("computed_from", "yi", "vi"), call)
  from <- effects$computed_from
  known <- c("cohorts", "estimate", "matrix", "nested")
  bad <- which(!from %in% known)
  if (length(bad) == 0) return(from)
  stop_user(c(
    "It is not known how {name_effects(effects, bad)} came about.",
    "x" = "{.field computed_from} is {.val {from[bad[1]]}}, none of {.val {known}}.",
    "i" = "Make the table by {.fn effect_sizes} or {.fn as_effects} before binding it."
  ), "column", call = call)
}

need_columns <- function(effects, columns, call) {
  lost <- columns[!columns %in% names(effects)]
  if (length(lost) == 0) return(invisible())
  stop_user(c(
    "The effects have lost the {cli::qty(length(lost))}column{?s} {.val {lost}}.",
    "i" = "The covariance of effects that share animals needs
     {cli::qty(length(lost))}{?it/them}."
  ), "column", call = call)
}

# ---- derived from the rows -----------------------------------------------------------

# What the core is given of these rows, and how to name them.
read_derived <- function(effects, rows, call, known = registry()) {
  need_columns(effects, c("measure", "sign", "shared_control"), call)
  part <- unclass(effects)
  if (length(rows) < nrow(effects)) part <- lapply(part, \(column) column[rows])
  measure <- match(part$measure, known$measures$name)
  check_measures(effects, rows, measure, call)
  used <- which(tabulate(measure) > 0L)
  present <- lapply(used, \(at) measure_row(known, at))
  need_columns(effects, covariance_columns(present), call)
  keys <- covariance_keys(part, measure, known$measures)
  slots <- core_slots(part, present, call, known, match(measure, used))
  arms <- known$measures$arms[measure]
  check_groups_named(effects, rows, keys, arms, call)
  list(
    rows = rows, slots = slots, keys = keys, arms = arms, outcomes = unique(part$outcome),
    time = part$time
  )
}

# What effect_sizes() writes beside the groups' numbers, and the gradient depends on.
computed_extras <- c("added", "shape")

covariance_columns <- function(measures) {
  columns <- unlist(lapply(1:3, \(i) lapply(measures, \(measure) measure$shared[[i]])))
  unique(c("study", "experiment", "outcome", "time", columns))
}

derived_pairs <- function(effects, derived, rho, call) {
  rows <- derived$rows
  told <- rho_for(rho, derived$outcomes, call)
  derived$keys$time <- rho_times(rho, derived$time, effects, rows, call)
  found <- .Call(mv_covariances, derived$slots, derived$keys, told)
  check_same_animals(effects, rows, found$two_sets, derived$arms, call)
  check_unchanged(effects, rows[found$changed == 1L], call)
  check_rho_said(effects, rows, found$asks, rho, call)
  if (anyNA(found$value)) found$value[is.nan(found$value)] <- NA_real_
  list(i = rows[found$i], j = rows[found$j], value = found$value)
}

# In the order of view_covariance() in src/ffi_covariance.c.
covariance_keys <- function(part, measure, measures) {
  study <- group_ids(part$study)
  kind <- match(measures$kind, unique(measures$kind))[measure]
  cohort <- cohort_ids(part, measures$arms[measure])
  outcome <- group_ids(part$outcome)
  list(
    measure = measure - 1L, experiment = group_ids(study, part$experiment),
    t = cohort[[1]], c = cohort[[2]], s = cohort[[3]], b = cohort[[4]],
    reading = group_ids(outcome, part$time, kind), outcome = outcome - 1L, time = NULL,
    apart = is_apart(part$shared_control), sign = as.double(part$sign),
    yi = as.double(part$yi), vi = as.double(part$vi),
    block = order(study, method = "radix") - 1L, start = c(0L, cumsum(tabulate(study))),
    outcomes = max(outcome)
  )
}

# Whether comparisons with a shared control count as apart.
is_apart <- function(shared_control) {
  is.na(shared_control) | shared_control != "covariance"
}

# The names of the groups of animals of all rows by number, a vector for each arm; 0 where
# a row has no such arm. The third is the sham, or in a factorial the group with the first
# treatment alone.
cohort_ids <- function(part, arms) {
  most <- max(arms)
  name <- function(column, takes) {
    cohort <- as.character(part[[column]])
    if (all(takes)) cohort else ifelse(takes, cohort, NA_character_)
  }
  cohort <- c(
    as.character(part$cohort_t), if (most > 1) name("cohort_c", arms > 1),
    if (most > 2) third_cohort(name, arms), if (most > 3) name("cohort_b", arms == 4)
  )
  id <- group_ids(cohort)
  if (anyNA(cohort)) id[is.na(cohort)] <- 0L
  rows <- length(arms)
  lapply(seq_along(arm_suffixes), \(a) {
    if (a > most) integer(rows) else id[(a - 1L) * rows + seq_len(rows)]
  })
}

third_cohort <- function(name, arms) {
  if (!any(arms == 4)) return(name("cohort_s", arms == 3))
  cohort <- name("cohort_a", arms == 4)
  if (any(arms == 3)) cohort <- ifelse(arms == 3, name("cohort_s", arms == 3), cohort)
  cohort
}

check_measures <- function(effects, rows, measure, call) {
  bad <- rows[is.na(measure)]
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "The measure {.val {effects$measure[bad[1]]}} is not one that is computed from groups
     of animals, in {name_effects(effects, bad)}.",
    "i" = "Was {.field measure} or {.field computed_from} changed?"
  ), "changed", call = call)
}

check_unchanged <- function(effects, bad, call) {
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.field yi} is not what the groups of animals give in {name_effects(effects, bad)}.",
    "x" = "It, or a number of a group, was changed after {.fn effect_sizes}, so the
     covariance of these rows is not known.",
    "i" = "Change the comparisons and compute anew, or bring the estimates with their
     matrix by {.code as_effects(V = )}."
  ), "changed", call = call)
}

# A group without a name would be taken for one that no other row has.
check_groups_named <- function(effects, rows, keys, arms, call) {
  known <- !is.na(keys$yi)
  slot <- c("t", "c", "s", "b")
  for (at in seq_len(max(arms))) {
    bad <- which(keys[[slot[at]]] == 0L & known & arms >= at)
    if (length(bad) == 0) next
    column <- paste0("cohort", names_of_arms(arms[bad[1]])$column[at])
    stop_user(c(
      "{.field {column}} is missing in {name_effects(effects, rows[bad])}, so it is not
       known whether these effects share animals.",
      "i" = "Give the names that {.fn comparisons} or {.fn as_comparisons} gave."
    ), "changed", call = call)
  }
}

# One group at one outcome and time has one n, mean and SD, or one number of events and so
# on. Tables that were read apart and bound can have two groups of one name, whose effects
# then share no animals. `two_sets`: a row with such a group, another, and its arm there.
check_same_animals <- function(effects, rows, two_sets, arms, call) {
  if (length(two_sets) == 0) return(invisible())
  at <- rows[two_sets[1:2]]
  column <- paste0("cohort", names_of_arms(arms[two_sets[2]])$column[two_sets[3]])
  stop_user(c(
    "The group {.val {effects[[column]][at[2]]}} has two sets of numbers in one outcome
     and time, in {name_rows(at, effects$study)}.",
    "x" = "So it is not known whether the effects share animals.",
    "i" = "Were tables bound that had been read apart? Bind the input before
     {.fn cohorts} or {.fn as_comparisons}, or give different groups different names."
  ), "shared", call = call)
}

# ---- brought, or lost by nesting -----------------------------------------------------

brought_pairs <- function(effects, rows, call) {
  need_columns(effects, "effect_id", call)
  V <- attr(effects, "V", exact = TRUE)
  id <- as.character(effects$effect_id[rows])
  at <- match(id, rownames(V))
  bad <- rows[is.na(at) | duplicated(id)]
  if (length(bad)) {
    stop_user(c(
      "{.field effect_id} does not say which row of the brought matrix belongs to
       {name_effects(effects, bad)}.",
      "x" = if (is.null(V)) {
        "The table has lost its matrix."
      } else {
        "It is {.val {effects$effect_id[bad[1]]}}, repeated or unknown."
      },
      "i" = "Bind tables with a matrix by {.fn rbind}, or bring one matrix for all."
    ), "matrix", call = call)
  }
  V <- V[at, at, drop = FALSE]
  check_own_matrix(effects, rows, diag(V), call)
  V[!lower.tri(V)] <- 0
  pairs <- which(V != 0 | is.na(V), arr.ind = TRUE)
  list(i = rows[pairs[, 1]], j = rows[pairs[, 2]], value = V[pairs])
}

# dplyr::bind_rows() keeps the first table's matrix for rows of all.
check_own_matrix <- function(effects, rows, variance, call) {
  vi <- as.double(effects$vi[rows])
  bad <- rows[which(abs(vi - variance) > 1e-6 * variance)]
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.field vi} is not the variance in the brought matrix in
     {name_effects(effects, bad)}.",
    "i" = "Was {.field vi} changed, or tables of different matrices bound? Bind them by
     {.fn rbind}, or bring one matrix for all."
  ), "matrix", call = call)
}

check_nested <- function(effects, from, call) {
  nested <- which(from == "nested")
  if (length(nested) == 0) return(invisible())
  study <- effects[["study"]]
  bad <- if (is.null(study)) {
    if (length(from) > 1) nested
  } else {
    nested[study[nested] %in% study[duplicated(study)]]
  }
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "After nesting, the animals that {name_effects(effects, bad)} share are not known.",
    "i" = "Nest by study, {.code nest_outcomes(effects, by = study)}, so that no two rows
     share one."
  ), "nested", call = call)
}
