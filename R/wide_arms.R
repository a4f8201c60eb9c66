# Who the animals of a wide table are: the names that the user gives to groups, checked,
# or names found from equal numbers.

arm_words <- c(t = "treated", c = "control", s = "sham")

name_arms <- function(wide, values, call) {
  given <- lapply(arm_words, \(word) as_labels(values[[word]], word, call))
  for (arm in names(arm_words)) {
    wide$arms[[arm]]$cohort <- if (is.null(given[[arm]])) {
      find_cohorts(wide, arm)
    } else {
      check_named(given[[arm]], wide, arm, call)
    }
  }
  check_roles(given, wide, call)
  for (arm in names(arm_words)[!vapply(given, is.null, NA)]) {
    check_same_numbers(wide, arm, call)
  }
  if (is.null(given$t)) warn_copies(wide) else check_pairs_once(wide, call)
  tell_shared(wide, given)
  warn_wide_control(wide)
  wide
}

number_fields <- c("n", "mean", "error", "events", "exposure", "median")

has_numbers <- function(arm) {
  given <- arm[intersect(number_fields, names(arm))]
  Reduce(`|`, lapply(given, \(x) !is.na(x)))
}

# What tells a group of animals from others: the numbers of any one kind, all there.
told_by <- list(
  c("n", "mean", "sd"), c("n", "events"), c("events", "exposure"), c("median", "events"),
  c("median", "log_se"), c("n", "r")
)

has_whole_kind <- function(arm) {
  whole <- lapply(told_by, \(fields) {
    if (all(fields %in% names(arm))) !is.na(Reduce(`+`, arm[fields]))
  })
  Reduce(`|`, whole[!vapply(whole, is.null, NA)])
}

# Names such as "control 2", numbered within each experiment: each treated row has
# animals of its own; a control or sham is one with those of equal numbers in its cell.
# Equal is exact: they are copies of one cell of a paper's table. A group that lacks a
# number cannot be known to be another's copy.
find_cohorts <- function(wide, arm) {
  x <- wide$arms[[arm]]
  rows <- seq_along(wide$cell)
  alone <- if (arm == "t") rows else ifelse(has_whole_kind(x), 0L, rows)
  fields <- x[intersect(c("n", "mean", "sd", names(field_arms)), names(x))]
  group <- do.call(group_ids, c(list(wide$cell, alone), unname(fields)))
  present <- arm == "t" | has_numbers(x)
  first <- which(present & !duplicated(group))
  number <- count_within(wide$experiment[first])
  names <- paste(arm_words[[arm]], seq_len(max(number, 0L)))
  cohort <- names[number[match(group, group[first])]]
  cohort[!present] <- NA_character_
  cohort
}

check_named <- function(cohort, wide, arm, call) {
  word <- arm_words[[arm]]
  bad <- which(is.na(cohort) & (arm == "t" | has_numbers(wide$arms[[arm]])))
  if (length(bad) == 0) return(cohort)
  stop_user(c(
    "{.arg {word}} is missing in {name_rows(bad, wide$design$study)}.",
    "i" = "Name the {word} group in every row that has one, or leave {.arg {word}} out:
     {.code {word} = NULL}."
  ), "name", call = call)
}

# `words`: what the groups of `given` are called.
check_roles <- function(given, wide, call, words = arm_words) {
  given <- given[!vapply(given, is.null, NA)]
  if (length(given) < 2) return(invisible())
  cohort <- unlist(given, use.names = FALSE)
  experiment <- rep(wide$experiment, length(given))
  role <- rep(unname(words[names(given)]), each = length(wide$cell))
  first <- first_of(group_ids(experiment, cohort))
  bad <- which(!is.na(cohort) & role != role[first])
  if (length(bad) == 0) return(invisible())
  at <- c(first[bad[1]], bad[1])
  rows <- (at - 1L) %% length(wide$cell) + 1L
  stop_user(c(
    "Group {.val {cohort[bad[1]]}} is {role[at[1]]} and {role[at[2]]} in one experiment,
     in {name_rows(rows, wide$design$study)}.",
    "i" = "A group of animals of an experiment has one role; give each group a name of
     its own."
  ), "two_roles", call = call)
}

# Numbers read twice from one figure may differ in their last digits.
same_reading <- 1e-8

check_same_numbers <- function(wide, arm, call) {
  x <- wide$arms[[arm]]
  first <- first_of(group_ids(wide$cell, x$cohort))
  differs <- \(v) {
    far <- abs(v - v[first]) > same_reading * abs(v[first])
    is.na(v) != is.na(v[first]) | (!is.na(far) & far)
  }
  what <- c(n = "n", mean = "mean", SD = "sd", fields_of(x))
  unlike <- lapply(what, \(what) differs(x[[what]]))
  bad <- which(Reduce(`|`, unlike) & !is.na(x$cohort))
  if (length(bad)) stop_unlike(wide, arm, c(first[bad[1]], bad[1]), unlike, bad, call)
}

stop_unlike <- function(wide, arm, at, unlike, bad, call) {
  word <- arm_words[[arm]]
  group <- if (arm == "t") " group" else ""
  cohort <- wide$arms[[arm]]$cohort[at[1]]
  what <- names(unlike)[vapply(unlike, \(x) x[at[2]], NA)]
  values <- vapply(what, \(name) {
    x <- signif(wide$arms[[arm]][[tolower(name)]][at], 6)
    paste0(name, " (", x[1], ", ", x[2], ")")
  }, "")
  stop_user(c(
    "The {word}{group} {.val {cohort}} has two values of {values} in one outcome and
     time, in {name_rows(at, wide$design$study)}.",
    "x" = if (length(bad) > 1) "{length(bad)} rows differ so from an earlier one.",
    "i" = if ("n" %in% what && arm != "t") {
      "If n is divided over the comparisons that the {word} serves, give the full n, or
       leave the names out: {.code {word} = NULL}."
    },
    "i" = "Other animals need another name; another outcome or time must be given as
     {.arg outcome} or {.arg time}."
  ), "shared", call = call)
}

check_pairs_once <- function(wide, call) {
  pair <- group_ids(wide$cell, wide$arms$t$cohort, wide$arms$c$cohort)
  again <- which(duplicated(pair))
  if (length(again) == 0) return(invisible())
  same <- which(pair == pair[again[1]])
  cohort <- wide$arms$t$cohort[again[1]]
  stop_user(c(
    "The treated group {.val {cohort}} is compared {length(same)} times with one control
     in one outcome and time, in {name_rows(same, wide$design$study)}.",
    "i" = "Remove the duplicate, or give {.arg outcome} or {.arg time}."
  ), "duplicate", call = call)
}

# Equal numbers in both arms, from n to SD: most likely one comparison entered twice.
warn_copies <- function(wide) {
  t <- wide$arms$t
  whole <- which(!is.na(t$n + t$mean + t$sd) & !is.na(wide$arms$c$cohort))
  row <- group_ids(
    wide$cell[whole], wide$arms$c$cohort[whole], t$n[whole], t$mean[whole], t$sd[whole]
  )
  copies <- whole[row %in% row[duplicated(row)]]
  if (length(copies) == 0) return(invisible())
  warn_user(c(
    "{length(copies)} rows have the same treated and control numbers as another row of
     their study, experiment, outcome and time: {name_rows(copies, wide$design$study)}.",
    "i" = "If one is a copy of the other, remove it: it would count twice."
  ), "duplicate")
}

tell_shared <- function(wide, given) {
  sets <- lapply(c(control = "c", sham = "s"), \(arm) {
    if (is.null(given[[arm]])) count_sets(wide$cell, wide$arms[[arm]]$cohort)
  })
  sets <- Filter(\(set) !is.null(set) && set["rows"] > 0, sets)
  if (length(sets) == 0) return(invisible())
  what <- vapply(names(sets), \(word) {
    set <- sets[[word]]
    paste(set["rows"], "share", count_text(set["groups"], word))
  }, "")
  tell_user(c(
    "i" = "Of {length(wide$cell)} comparisons {what}, known by the same {same_words(wide)}
     in one study, experiment, outcome and time.",
    " " = "If they are different animals, name them by {.arg {names(sets)}}."
  ), "shared")
}

same_words <- function(wide) {
  x <- wide$arms$c
  means <- if (!all(is.na(x$mean))) c("n", "mean", "SD")
  words <- unique(c(means, if (!all(is.na(x$n))) "n", fields_of(x)))
  and_list(words)
}

# The fields that were given, but those that follow from others; by their names.
fields_of <- function(arm) {
  fields <- setdiff(intersect(names(field_arms), names(arm)), "log_se")
  stats::setNames(fields, fields)
}

count_sets <- function(cell, cohort) {
  served <- count_shared(cell, cohort)
  in_set <- which(served > 1)
  groups <- group_ids(cell[in_set], cohort[in_set])
  c(rows = length(in_set), groups = count_unique(groups))
}

warn_wide_control <- function(wide) {
  lone <- which(is.na(wide$arms$c$cohort))
  if (length(lone) == 0) return(invisible())
  warn_user(c(
    "{length(lone)} of {length(wide$cell)} comparison{?s}
     {cli::qty(length(lone))}{?has/have} no control:
     {name_rows(lone, wide$design$study)}.",
    "i" = "{cli::qty(length(lone))}{?It stays/They stay} in the table, without an
     effect."
  ), "no_control")
}
