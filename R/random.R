# What `random`, `struct`, `R`, `fix` and `tie` of pool_effects() say: the random parts of
# the model as integers over the pooled rows, and the table of their parameters. From here
# on no formula and no text of the user's is needed. The parts are in the order that
# src/ffi_multilevel.c reads.

# `used`: the rows that are pooled, NULL for all. A row without a level is an error, not
# left out: a random part must not decide what is pooled.
read_random <- function(random, struct, R, effects, used, call = rlang::caller_env(),
                        fix = NULL, tie = NULL) {
  terms <- random_terms(random, struct, call)
  check_random_columns(terms, names(effects), call)
  rows <- if (is.null(used)) length(effects$yi) else length(used)
  if (rows == 0) stop_user("There is no effect to pool.", "too_few", call = call)
  keys <- random_keys(terms, effects, used, rows, call)
  parts <- lapply(terms, parts_of_term, keys, effects, used, call)
  parts <- add_known(unlist(parts, recursive = FALSE), R, keys, call)
  parts <- name_apart(parts)
  parameters <- fix_parameters(random_parameters(parts, call), parts, fix, call)
  parameters <- tie_parameters(parameters, tie, call)
  check_told(parts, parameters, rows, call)
  warn_shared_ids(parts, effects, used)
  list(parts = parts, parameters = parameters, used = used)
}

# ---- formulas ------------------------------------------------------------------------

# One term a formula: `inner`, what stands before the bar (1 for a random intercept),
# `outer`, the columns after it, `structure`, and the formula's environment.
random_terms <- function(random, struct, call) {
  formulas <- if (is.list(random)) random else list(random)
  if (length(formulas) == 0) {
    stop_user(c(
      "{.arg random} is an empty list.",
      "i" = "Leave it out for independent effects."
    ), "formula", call = call)
  }
  give_structures(lapply(unname(formulas), read_bar, call), struct, call)
}

read_bar <- function(formula, call) {
  if (!inherits(formula, "formula")) {
    stop_random("It is {.obj_type_friendly {formula}}.", formula, call)
  }
  if (length(formula) != 2) {
    stop_random("{.code {shown}} has a left side: the effects are always {.field yi}.",
      formula, call
    )
  }
  bar <- without_brackets(formula[[2]])
  if (!rlang::is_call(bar, "|", n = 2)) stop_no_bar(bar, formula, call)
  inner <- without_brackets(bar[[2]])
  if ("|" %in% all.names(inner)) stop_no_bar(bar, formula, call)
  outer <- outer_columns(bar[[3]], formula, call)
  check_inner(inner, outer, formula, call)
  list(inner = inner, outer = outer, structure = "INTERCEPT", env = environment(formula))
}

without_brackets <- function(expr) {
  while (rlang::is_call(expr, "(", n = 1)) expr <- expr[[2]]
  expr
}

is_intercept <- function(term) identical(as.double_or_na(term$inner), 1)

as.double_or_na <- function(expr) if (is.numeric(expr)) as.double(expr) else NA_real_

# Columns joined by slashes, the outermost first.
outer_columns <- function(expr, formula, call) {
  expr <- without_brackets(expr)
  if (is.symbol(expr)) return(as.character(expr))
  if (rlang::is_call(expr, "/", n = 2)) {
    return(c(
      outer_columns(expr[[2]], formula, call), outer_columns(expr[[3]], formula, call)
    ))
  }
  hint <- if (rlang::is_call(expr, c("+", "|"))) {
    "For crossed factors write a list, {.code list(~ 1 | study, ~ 1 | strain)}."
  } else if (rlang::is_call(expr, c(":", "*", "%in%"))) {
    "For levels within levels write {.code ~ 1 | study / experiment}."
  } else {
    "Make a column of it first."
  }
  stop_random("After the bar of {.code {shown}} stands more than names of columns joined
    by {.code /}.", formula, call, hint)
}

check_inner <- function(inner, outer, formula, call) {
  if (identical(as.double_or_na(inner), 1)) return(invisible())
  words <- all.vars(inner)
  if (length(words) == 0) {
    stop_random("Before the bar of {.code {shown}} stands no column and no 1.", formula,
      call
    )
  }
  if (".row" %in% words) {
    stop_random("{.val .row} can only stand after the bar, not as in {.code {shown}}.",
      formula, call
    )
  }
  if (length(outer) == 1) return(invisible())
  stop_random("{.code {shown}} has nested groups after the bar, which only
    {.code ~ 1 |} takes.", formula, call,
    "Write a column of the interaction, e.g.
     {.code interaction({outer[1]}, {outer[2]}, drop = TRUE)}, and its name after the
     bar."
  )
}

# `found` and `hint` are cli templates that may name `shown`, `formula` and `outer`.
stop_random <- function(found, formula, call, hint = NULL, env = parent.frame()) {
  env <- rlang::new_environment(list(shown = rlang::as_label(formula)), parent = env)
  stop_user(c(
    "{.arg random} must be a one-sided formula with a bar, such as
     {.code ~ 1 | study / .row}, or a list of them.",
    "x" = found, "i" = hint
  ), "formula", call = call, env = env)
}

stop_no_bar <- function(bar, formula, call) {
  if (rlang::is_call(bar, "||")) {
    stop_random("{.code {shown}} has a double bar.", formula, call,
      "For slopes without correlations write one bar and {.code struct = \"GDIAG\"}."
    )
  }
  if ("|" %in% all.names(bar)) {
    stop_random("{.code {shown}} is more than one bar between two sides.", formula, call,
      "For several write a list, {.code list(~ 1 | study, ~ 1 | strain)}."
    )
  }
  columns <- all.vars(bar)
  hint <- if (length(columns)) "A random intercept is {.code ~ 1 | {columns[1]}}."
  stop_random("{.code {shown}} has no bar.", formula, call, hint)
}

check_random_columns <- function(terms, columns, call) {
  words <- unlist(lapply(terms, \(term) c(term$outer, all.vars(term$inner))))
  unknown <- words[!words %in% c(columns, ".row")]
  if (length(unknown) == 0) return(invisible())
  hint <- did_you_mean(unknown[1], c(columns, ".row"))
  stop_user(c(
    "{.arg random} names {.val {unknown[1]}}, which is not a column of the effects.",
    "i" = if (length(hint)) "{hint}"
  ), "column", call = call)
}

# ---- structures ----------------------------------------------------------------------

# `struct`: one word for all formulas with a column before the bar, or one for each.
give_structures <- function(terms, struct, call) {
  inner <- which(!vapply(terms, is_intercept, NA))
  if (length(inner) == 0 && identical(struct, "CS")) return(terms)
  check_struct(struct, length(inner), call)
  struct <- rep_len(struct, length(inner))
  for (i in seq_along(inner)) {
    check_slopes_asked(terms[[inner[i]]], struct[i], call)
    terms[[inner[i]]]$structure <- struct[i]
  }
  terms
}

check_struct <- function(struct, inner, call) {
  if (!is.character(struct) || length(struct) == 0) {
    stop_user(c(
      "{.arg struct} must be a word, or one for each formula with a column before the
       bar.",
      "x" = "It is {.obj_type_friendly {struct}}."
    ), "struct", call = call)
  }
  words <- struct_words()
  bad <- which(!struct %in% words)
  if (length(bad)) {
    hint <- did_you_mean(struct[bad[1]], words)
    stop_user(c(
      "{.arg struct} must be one of {.val {words}}.",
      "x" = "It is {.val {struct[bad[1]]}}.",
      "i" = if (length(hint)) "{hint}"
    ), "struct", call = call)
  }
  if (inner == 0 && !identical(unname(struct), "CS")) {
    stop_user(c(
      "{.arg struct} is given, but no formula of {.arg random} has a column before its
       bar.",
      "i" = "A structure is of the levels of such a column: {.code ~ outcome | study}."
    ), "struct", call = call)
  }
  if (length(struct) == 1 || length(struct) == inner) return(invisible())
  stop_user(c(
    "{.arg struct} must have one word, or one for each formula with a column before the
     bar.",
    "x" = "It has {length(struct)}; there {cli::qty(inner)}{?is/are} {inner} such
     formula{?s}."
  ), "struct", call = call)
}

check_slopes_asked <- function(term, struct, call) {
  if (is.symbol(term$inner) || is_slopes(struct)) return(invisible())
  before <- rlang::as_label(term$inner)
  stop_user(c(
    "{.code struct = {.val {struct}}} takes the levels of one column, and before the bar
     stands {.code {before}}.",
    "i" = "For random slopes take {.code struct = \"GEN\"}, or {.val GDIAG} without
     correlations; for levels make one column of it."
  ), "struct", call = call)
}
