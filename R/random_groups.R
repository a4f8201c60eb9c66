# The parts of the model from the columns of the table: groups and levels as integers from
# 1, numbered as they first appear, so that two parts have the same integers exactly where
# they make the same groups.

new_part <- function(structure, outer, groups, inner = NULL, levels = 1L, slope = NULL,
                     position = NULL, known = NULL, name, labels) {
  list(
    structure = structure, outer = outer, groups = as.integer(groups), inner = inner,
    levels = as.integer(levels), slope = slope, position = position, known = known,
    name = name, labels = labels
  )
}

parts_of_term <- function(term, keys, effects, used, call) {
  if (is_intercept(term)) return(intercept_parts(term$outer, keys))
  if (is_slopes(term$structure)) return(list(slope_part(term, keys, effects, used, call)))
  list(level_part(term, keys, effects, call))
}

# ---- random intercepts ---------------------------------------------------------------

# `study / experiment` is two parts: the groups of the first column, and those of both.
intercept_parts <- function(columns, keys) {
  groups <- Reduce(split_groups, keys[columns], accumulate = TRUE)
  lapply(seq_along(columns), \(i) {
    within <- columns[seq_len(i)]
    name <- paste(within, collapse = "/")
    new_part("INTERCEPT", groups[[i]]$code, groups[[i]]$count, name = name,
      labels = list(columns = within, outer = name, inner = NULL, levels = NULL)
    )
  })
}

split_groups <- function(outer, inner) {
  if (inner$count == length(inner$code)) return(inner)
  found <- group_rows(list(outer$code, inner$code))
  list(code = found$id, count = length(found$first))
}

# ---- levels of a column within groups ------------------------------------------------

level_part <- function(term, keys, effects, call) {
  column <- as.character(term$inner)
  key <- keys[[column]]
  place <- order(key$value, method = "radix")
  rank <- integer(key$count)
  rank[place] <- seq_along(place)
  position <- positions(term$structure, effects[[column]], key$value[place], column, call)
  new_part(term$structure, keys[[term$outer]]$code, keys[[term$outer]]$count,
    inner = rank[key$code], levels = key$count, position = position,
    name = paste(column, "|", term$outer),
    labels = list(
      columns = term$outer, outer = term$outer, inner = column,
      levels = key_labels(key)[place]
    )
  )
}

# Where each level stands: at its time, or in its order.
positions <- function(structure, x, value, column, call) {
  place <- structure_row(structure)$place
  if (place == "none") return(NULL)
  if (place == "time") {
    check_times(x, value, column, call)
    check_unit(value, column, call)
    return(as.double(value))
  }
  check_order(x, column, structure, call)
  tell_uneven(x, value, column, structure)
  as.double(seq_along(value))
}

is_plain_number <- function(x) is.numeric(x) && !is.object(x) && is.null(dim(x))

check_times <- function(x, value, column, call) {
  if (is_plain_number(x) && all(is.finite(value))) return(invisible())
  stop_user(c(
    "{.code struct = \"CAR\"} needs the times of {.val {column}} in numbers.",
    "x" = if (is_plain_number(x)) "One of them is not finite." else
      "It is {.obj_type_friendly {x}}.",
    "i" = "Make the times numbers in one unit, or take {.val AR} with a factor in order."
  ), "type", call = call)
}

# The correlation of CAR is that of one unit apart, a number near 1 where neighbours are
# many units apart. Farther than this its likelihood is level to rounding at the starts of
# the search, which would end there.
most_apart <- 300

check_unit <- function(value, column, call) {
  nearest <- min(Inf, diff(sort(unique(value))))
  if (nearest <= most_apart || is.infinite(nearest)) return(invisible())
  stop_user(c(
    "The times of {.val {column}} are in too small a unit for {.code struct = \"CAR\"}.",
    "x" = "The nearest two are {signif(nearest, 3)} apart, and {most_apart} is the most.",
    "i" = "Give them in a unit of which neighbours are about 1 apart."
  ), "time_unit", call = call)
}

# Text would be in the order of the alphabet, "day 10" before "day 2".
check_order <- function(x, column, structure, call) {
  if (!is.character(x)) return(invisible())
  stop_user(c(
    "{.code struct = {.val {structure}}} needs the order of {.val {column}}, which is
     text.",
    "i" = "Make it numbers, or a factor with its levels in order."
  ), "type", call = call)
}

tell_uneven <- function(x, value, column, structure) {
  if (!is_plain_number(x) || length(value) < 3) return(invisible())
  steps <- diff(value)
  # a step of rounded times, such as 0.1, is not the same to the last digit
  if (max(steps) - min(steps) <= 1e-8 * max(steps)) return(invisible())
  shown <- utils::head(value, 5)
  warn_user(c(
    "{.val {column}} has uneven steps ({.val {shown}}), which
     {.code struct = {.val {structure}}} takes as equal.",
    "i" = "{.code struct = \"CAR\"} goes by the time between two readings."
  ), "random_steps")
}

# ---- slopes --------------------------------------------------------------------------

slope_part <- function(term, keys, effects, used, call) {
  x <- slope_columns(term, effects, used, call)
  before <- rlang::as_label(term$inner)
  if (term$structure == "GDIAG") warn_far_slopes(x)
  key <- keys[[term$outer]]
  new_part(term$structure, key$code, key$count,
    levels = ncol(x), slope = unname(x), name = paste(before, "|", term$outer),
    labels = list(
      columns = term$outer, outer = term$outer, inner = NULL, levels = colnames(x)
    )
  )
}

slope_columns <- function(term, effects, used, call) {
  columns <- all.vars(term$inner)
  data <- as.list(effects)[columns]
  for (column in columns) check_slope(data[[column]], column, term$structure, call)
  if (!is.null(used)) data <- lapply(data, `[`, used)
  for (column in columns) {
    stop_missing_level(is.na(data[[column]]), column, effects, used, call)
  }
  formula <- rlang::new_formula(NULL, term$inner, env = term$env)
  x <- evaluate_terms("random", call, {
    frame <- stats::model.frame(formula, as.data.frame(data, optional = TRUE),
      na.action = stats::na.pass
    )
    stats::model.matrix(attr(frame, "terms"), frame)
  })
  x <- matrix(as.double(x), nrow(x), dimnames = list(NULL, colnames(x)))
  check_slope_matrix(x, term, effects, used, call)
  x
}

# Intercepts and slopes that do not correlate where x is 0 do so elsewhere: for years a
# strange model, and one whose variances can hardly be told apart. In SDs of the column.
far_in_deviations <- 3

warn_far_slopes <- function(x) {
  away <- abs(colMeans(x)) > far_in_deviations * apply(x, 2, stats::sd)
  constant <- apply(x, 2, \(column) all(column == column[1]))
  far <- colnames(x)[away & !constant]
  if (!any(constant) || length(far) == 0) return(invisible())
  warn_user(c(
    "Slopes of {.val {far}} and intercepts are taken not to correlate where {.val {far}}
     is 0, far from all rows.",
    "i" = "Take its mean from it, or {.code struct = \"GEN\"}, for which the place of 0
     does not matter."
  ), "random_far")
}

check_slope <- function(x, column, structure, call) {
  if (is_plain_number(x)) return(invisible())
  stop_user(c(
    "A random slope needs a column of numbers.",
    "x" = "{.val {column}} is {.obj_type_friendly {x}}.",
    "i" = "{.code struct = {.val {structure}}} is of slopes. For the levels of
     {.val {column}} take another, such as {.val CS} or {.val UN}."
  ), "type", call = call)
}

check_slope_matrix <- function(x, term, effects, used, call) {
  bad <- which(!is.finite(rowSums(x)))
  if (length(bad)) {
    where <- name_rows(if (is.null(used)) bad else used[bad], effects[["study"]])
    stop_user("A random slope is not finite in {where}.", "type", call = call)
  }
  if (qr(x)$rank == ncol(x) && ncol(x) > 0) return(invisible())
  before <- rlang::as_label(term$inner)
  stop_user(c(
    "The slopes {.code {before}} cannot be told apart.",
    "x" = "One of {.val {colnames(x)}} is the same in every row, or a combination of the
     others."
  ), "random_same", call = call)
}
