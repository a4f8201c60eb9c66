# What the data cannot tell of the random parts, and what they may not mean. Only of
# parameters that are free: one that is fixed needs no data.

check_told <- function(parts, parameters, rows, call) {
  cells <- lapply(parts, cells_of_part)
  check_same(parts, cells, parameters, call)
  for (i in seq_along(parts)) {
    own <- parameters$part == i
    if (all(parameters$free[own] == 0L)) next
    check_one_level(parts[[i]], call)
    if (sum(own) == 1) next # a variance, which any two groups tell
    mine <- parameter_columns(parameters, own)
    mine$elsewhere <- mine$free %in% parameters$free[!own]
    check_level_count(parts[[i]], cells[[i]], mine, call)
    check_correlations(parts[[i]], cells[[i]], mine, call)
  }
  check_free_count(parameters, rows, call)
}

# The groups of rows that share group and level, NULL where a part has no levels.
cells_of_part <- function(part) {
  if (is.null(part$inner)) return(NULL)
  if (part$structure == "KNOWN") return(part$inner)
  group_ids(part$outer, part$inner)
}

# ---- levels --------------------------------------------------------------------------

# A group alone says nothing of how groups vary, unless its levels are taken to be alike.
check_one_level <- function(part, call) {
  if (part$structure == "KNOWN" && part$levels == 1) {
    return(stop_one_level(part$labels$outer, part, NULL, call))
  }
  if (!is.null(part$labels$inner) && part$levels == 1) {
    return(stop_one_level(part$labels$inner, part, part$labels$columns, call))
  }
  alone <- part$groups == 1 && !part$structure %in% c("KNOWN", "ID", "AR", "CAR")
  if (alone) stop_one_level(part$labels$outer, part, part$labels$inner, call)
}

# `other`: the column that could serve alone, if any.
stop_one_level <- function(column, part, other, call) {
  what <- if (is_plain_part(part)) "its variance" else "how its groups vary"
  if (column %in% part$labels$inner) what <- "how its levels vary"
  stop_user(c(
    "{.val {column}} has only one level, so {what} cannot be told.",
    "i" = if (length(other)) {
      "Leave {.val {part$name}} out of {.arg random}, or write {.code ~ 1 | {other}}."
    } else {
      "Leave {.val {part$name}} out of {.arg random}."
    }
  ), "random_levels", call = call)
}

check_level_count <- function(part, cells, parameters, call) {
  count <- if (is.null(cells)) part$groups * part$levels else max(cells)
  free <- length(setdiff(unique(parameters$free), 0L))
  if (free <= count) return(invisible())
  stop_user(c(
    "{.val {part$name}} has {free} parameters to estimate, and only {count} level{?s} to
     tell them.",
    "i" = "Take a structure with fewer, such as {.val {fewer_words(part)}}, or fix some
     by {.arg fix}."
  ), "random_levels", call = call)
}

fewer_words <- function(part) if (is_slopes(part$structure)) "GDIAG" else c("CS", "ID")

check_free_count <- function(parameters, rows, call) {
  free <- max(parameters$free)
  if (free < rows) return(invisible())
  stop_user(c(
    "{.arg random} has {free} parameter{?s} to estimate, and there
     {cli::qty(rows)}{?is/are} only {rows} effect{?s}.",
    "i" = "Leave parts out, or fix some by {.arg fix}."
  ), "random_levels", call = call)
}

# ---- correlations --------------------------------------------------------------------

# Two levels that no group has both of say nothing of their correlation, nor does a level
# whose variance is fixed at 0. A parameter tied with one that is told is told.
check_correlations <- function(part, cells, parameters, call) {
  if (!"correlation" %in% parameters$kind) return(invisible())
  correlations <- parameter_columns(parameters, parameters$kind == "correlation")
  if (!any(correlations$free > 0L)) return(invisible())
  pairs <- structure_row(part$structure)$correlations == "pair"
  seen <- if (is.null(cells)) TRUE else if (pairs) {
    levels_together(part, cells)[level_pairs(part$levels)]
  } else {
    max(cells) > part$groups
  }
  moves <- pairs_that_vary(parameters, part$levels, pairs)
  told <- correlations$free[seen & moves]
  bad <- which(!correlations$free %in% c(0L, told) & !correlations$elsewhere)
  if (length(bad) == 0) return(invisible())
  stop_no_pair(correlations$parameter[bad], part, pairs, all(moves[bad]), call)
}

levels_together <- function(part, cells) {
  one <- which(!duplicated(cells))
  has <- matrix(0, part$groups, part$levels)
  has[cbind(part$outer[one], part$inner[one])] <- 1
  crossprod(has) > 0
}

# Of each pair of levels, or of the part: do both vary, as far as `fix` says?
pairs_that_vary <- function(parameters, levels, pairs) {
  varies <- !parameters$value[parameters$kind == "variance"] %in% 0
  if (!pairs) return(if (length(varies) == 1) varies else sum(varies) > 1)
  pair <- level_pairs(levels)
  varies[pair[, 1]] & varies[pair[, 2]]
}

stop_no_pair <- function(bad, part, pairs, moves, call) {
  lone <- bad[1]
  words <- if (structure_row(part$structure)$variances == "level") "DIAG" else "ID"
  if (is_slopes(part$structure)) words <- "GDIAG"
  why <- if (!moves) {
    "a variance that goes with it is fixed at 0"
  } else if (pairs) {
    "no level of {.val {part$labels$columns}} has both"
  } else {
    "no level of {.val {part$labels$columns}} has two of {.val {part$labels$inner}}"
  }
  stop_user(c(
    paste0("{.val {lone}} cannot be told: ", why, "."),
    "x" = if (length(bad) > 1) "So it is with {length(bad) - 1} more.",
    "i" = "Fix it, {.code fix = c(\"{lone}\" = 0)}, or take
     {.code struct = {.val {words}}}."
  ), "random_levels", call = call)
}

# ---- parts that are the same ---------------------------------------------------------

check_same <- function(parts, cells, parameters, call) {
  for (i in seq_along(parts)) {
    for (j in seq_along(parts)[-seq_len(i)]) {
      pair <- c(i, j)
      free <- parameters$free[parameters$part %in% pair]
      # what is fixed or tied is told by the user
      if (any(free == 0L) || anyDuplicated(free)) next
      if (are_same(parts[pair], cells[pair])) stop_same(parts[pair], cells[pair], call)
    }
  }
}

are_same <- function(two, cells) {
  has_in <- \(whole, one) {
    alone <- lone_groups(two[[one]], cells[[one]])
    if (is.null(alone)) return(FALSE)
    within <- groups_within(two[[whole]], cells[[whole]])
    any(vapply(within, identical, NA, alone))
  }
  has_in(2, 1) || has_in(1, 2) || same_known(two) || same_levels(two, cells) ||
    same_slopes(two)
}

have_structure <- function(two, words) {
  two[[1]]$structure %in% words && two[[2]]$structure %in% words
}

# The groups of a part that adds one independent effect to each; NULL for another.
lone_groups <- function(part, cells) {
  switch(part$structure,
    "INTERCEPT" = part$outer,
    "ID" = cells,
    "KNOWN" = if (identical(part$known, diag(part$levels))) part$inner
  )
}

# The groups whose independent effects a part has in it.
#   CS   a correlation rho >= 0 is an effect of the group and one of each level in it
#   UN   a variance added to all levels, or to all pairs as well, leaves a UN
groups_within <- function(part, cells) {
  switch(same_structure(part),
    "CS" = , "UN" = list(part$outer, cells),
    "DIAG" = list(cells),
    "GEN" = , "GDIAG" = if (has_constant(part)) list(part$outer),
    list(lone_groups(part, cells))
  )
}

# A structure of two levels is one of the two that have as many parameters.
same_structure <- function(part) {
  if (is.null(part$inner) || part$levels != 2) return(part$structure)
  switch(part$structure, "AR" = , "CAR" = "CS", "HCS" = , "HAR" = "UN", part$structure)
}

has_constant <- function(part) {
  any(vapply(seq_len(part$levels), \(j) all(part$slope[, j] == part$slope[1, j]), NA))
}

same_known <- function(two) {
  have_structure(two, "KNOWN") && identical(two[[1]]$inner, two[[2]]$inner) &&
    identical(two[[1]]$known, two[[2]]$known)
}

# With the same groups and levels: what each structure can take in of another.
taken_in <- list(
  UN = c("ID", "DIAG", "CS", "HCS", "AR", "HAR", "CAR", "UN"),
  DIAG = c("ID", "DIAG", "CS", "HCS", "HAR"), CS = "CS", HCS = "HCS", AR = "AR",
  HAR = "HAR", CAR = "CAR"
)

same_levels <- function(two, cells) {
  if (is.null(cells[[1]]) || is.null(cells[[2]])) return(FALSE)
  words <- vapply(two, same_structure, "")
  takes <- words[2] %in% taken_in[[words[1]]] || words[1] %in% taken_in[[words[2]]]
  takes && identical(two[[1]]$outer, two[[2]]$outer) && identical(cells[[1]], cells[[2]])
}

same_slopes <- function(two) {
  have_structure(two, c("GEN", "GDIAG")) && identical(two[[1]]$outer, two[[2]]$outer) &&
    identical(two[[1]]$slope, two[[2]]$slope)
}

stop_same <- function(two, cells, call) {
  name <- vapply(two, \(part) part$name, "")
  groups <- Map(lone_groups, two, cells)
  alike <- !is.null(groups[[1]]) && identical(groups[[1]], groups[[2]])
  found <- if (!alike) {
    "The variance of one is in that of the other."
  } else if (max(groups[[1]]) == length(groups[[1]])) {
    "Both have a level for every row."
  } else {
    "Both put the rows into the same {max(groups[[1]])} groups."
  }
  stop_user(c(
    "{.val {name[1]}} and {.val {name[2]}} cannot be told apart.",
    "x" = found, "i" = "Leave one of them out of {.arg random}."
  ), "random_same", call = call, parts = name)
}

# ---- names that two studies share ----------------------------------------------------

# An experiment, or a group of animals, belongs to one study: its name says nothing beside
# that of another study. As a factor of its own it is read as crossed with studies.
within_study <- c(
  "experiment", "cohort", "cohort_t", "cohort_c", "cohort_s", "cohort_a", "cohort_b"
)

warn_shared_ids <- function(parts, effects, used) {
  study <- effects[["study"]]
  columns <- vapply(parts, \(part) part$labels$columns[1], "")
  own <- columns %in% within_study
  if (is.null(study) || !any(own)) return(invisible())
  if (!is.null(used)) study <- study[used]
  for (column in unique(columns[own])) {
    part <- parts[[match(column, columns)]]
    group <- if (part$structure == "KNOWN") part$inner else part$outer
    tell_shared_ids(column, group, study, part, effects, used)
  }
}

tell_shared_ids <- function(column, group, study, part, effects, used) {
  id <- match(study, study)
  first <- match(seq_len(max(group)), group)
  shared <- unique(group[which(id != id[first[group]])])
  if (length(shared) == 0) return(invisible())
  label <- random_labels(part, effects, used)[shared[1]]
  studies <- utils::head(unique(as.character(study[group == shared[1]])), 3)
  what <- if (column == "experiment") "experiment" else "group of animals"
  right <- if (is_plain_part(part)) {
    "write {.code ~ 1 | study / {column}}"
  } else {
    "make a column of study and {column} and write its name after the bar"
  }
  warn_user(c(
    "{length(shared)} level{?s} of {.val {column}} {cli::qty(length(shared))}{?is/are}
     found in several studies, such as {.val {label}} in {.val {studies}}.",
    "x" = "{cli::qty(length(shared))}{?It is/Each is} taken as the same {what}.",
    "i" = paste0("If each study has its own, ", right, ".")
  ), "random_shared")
}
