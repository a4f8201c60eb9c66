# The parameters of the random parts: their names, which are fixed, which are tied.

# What each structure has. `variances`, `correlations`: one for the part, one for each
# level, one for each pair of levels. `place`: whether a level has a position, its number
# in order or its time. `lowest`: the lowest correlation of m levels with which their
# matrix is no worse than singular.
#   CS, HCS  1 + (m - 1) rho >= 0, the lowest eigenvalue of equal correlations
#   CAR      rho^|t1 - t2| has no meaning below 0
structure_columns <- c("variances", "correlations", "place", "lowest")
structures <- lapply(list(
  INTERCEPT = c("part", "none", "none", "none"),
  KNOWN = c("part", "none", "none", "none"),
  CS = c("part", "part", "none", "equal"),
  HCS = c("level", "part", "none", "equal"),
  UN = c("level", "pair", "none", "minus one"),
  ID = c("part", "none", "none", "none"),
  DIAG = c("level", "none", "none", "none"),
  AR = c("part", "part", "order", "minus one"),
  HAR = c("level", "part", "order", "minus one"),
  CAR = c("part", "part", "time", "zero"),
  GEN = c("level", "pair", "none", "minus one"),
  GDIAG = c("level", "none", "none", "none")
), \(row) as.list(stats::setNames(row, structure_columns)))

structure_row <- function(name) structures[[name]]

# The words of `struct`; the other two follow from the formula and from `R`.
struct_words <- function() setdiff(names(structures), c("INTERCEPT", "KNOWN"))

is_slopes <- function(structure) structure %in% c("GEN", "GDIAG")

# An unstructured matrix of more levels than this allows has no use, and would fill the
# memory before it is refused.
most_parameters <- 1000

# A list of columns that is made a data frame by hand: data.frame() and rbind() take a
# tenth of a small fit's time.
random_parameters <- function(parts, call) {
  check_most(parts, call)
  of_parts <- lapply(parts, part_parameters)
  all <- \(column) unlist(lapply(of_parts, `[[`, column))
  parameter <- all("parameter")
  new_frame(list(
    parameter = parameter,
    part = rep.int(seq_along(parts), lengths(lapply(of_parts, `[[`, "parameter"))),
    kind = all("kind"), value = rep_len(NA_real_, length(parameter)),
    free = seq_along(parameter), lower = all("lower"), upper = all("upper")
  ))
}

# The columns for the parameters that are `kept`, as a list: cutting the data frame takes
# ten times as long.
parameter_columns <- function(parameters, kept) {
  lapply(as.list(parameters), `[`, kept)
}

part_parameters <- function(part) {
  variances <- variance_names(part)
  correlations <- correlation_names(part)
  sizes <- c(length(variances), length(correlations))
  list(
    parameter = c(variances, correlations),
    kind = rep(c("variance", "correlation"), sizes),
    lower = rep(c(0, lowest_correlation(part)), sizes), upper = rep(c(Inf, 1), sizes)
  )
}

lowest_correlation <- function(part) {
  switch(structure_row(part$structure)$lowest,
    "equal" = -1 / max(1, part$levels - 1), "zero" = 0, -1
  )
}

count_parameters <- function(part) {
  m <- as.double(part$levels)
  row <- structure_row(part$structure)
  count <- c(none = 0, part = 1, level = m, pair = m * (m - 1) / 2)
  sum(count[c(row$variances, row$correlations)])
}

check_most <- function(parts, call) {
  count <- vapply(parts, count_parameters, 0)
  bad <- which(count > most_parameters)
  if (length(bad) == 0) return(invisible())
  part <- parts[[bad[1]]]
  stop_user(c(
    "{.val {part$name}} with {.code struct = {.val {part$structure}}} has
     {count[bad[1]]} parameters; {most_parameters} are the most.",
    "x" = "It has {part$levels} levels.",
    "i" = "Take a structure with fewer, such as {.val CS} or {.val ID}."
  ), "random_levels", call = call)
}

# ---- fix -----------------------------------------------------------------------------

fix_parameters <- function(parameters, parts, fix, call) {
  if (length(fix) == 0) return(parameters)
  if (is.list(fix) && all(lengths(fix) == 1)) fix <- unlist(fix)
  named <- !is.null(names(fix)) && !anyNA(names(fix)) && all(names(fix) != "")
  if (!is.numeric(fix) || !named) {
    shown <- parameters$parameter[1]
    stop_user(c(
      "{.arg fix} must be numbers with the names of parameters, such as
       {.code c(\"{shown}\" = 0)}.",
      "x" = if (is.numeric(fix)) "It has no names, or not for each number." else
        "It is {.obj_type_friendly {fix}}."
    ), "fix", call = call)
  }
  at <- find_parameters(names(fix), parameters, "fix", call)
  check_once(names(fix), "fix", call)
  check_fixed(fix, parameters[at, ], call)
  parameters$value[at] <- as.double(fix)
  check_fixed_matrices(parameters, parts, call)
  number_free(parameters, replace(parameters$free, at, 0L))
}

check_fixed <- function(fix, parameters, call) {
  bad <- which(!(is.finite(fix) & fix >= parameters$lower & fix <= parameters$upper))
  if (length(bad) == 0) return(invisible())
  bad <- bad[1]
  lower <- signif(parameters$lower[bad], 3)
  right <- if (parameters$kind[bad] == "variance") "a number of at least 0" else
    "a correlation from {lower} to 1"
  stop_user(c(
    paste0("{.arg fix} must have ", right, " for {.val {parameters$parameter[bad]}}."),
    "x" = "It has {fix[[bad]]}."
  ), "fix", call = call)
}

# Correlations of pairs that are each in range can contradict one another.
check_fixed_matrices <- function(parameters, parts, call) {
  for (i in seq_along(parts)) {
    if (structure_row(parts[[i]]$structure)$correlations != "pair") next
    value <- parameters$value[parameters$part == i & parameters$kind == "correlation"]
    if (anyNA(value) || is_correlation(value, parts[[i]]$levels)) next
    name <- parts[[i]]$name
    stop_user(c(
      "{.arg fix} gives {.val {name}} correlations that contradict one another.",
      "x" = "Their matrix is not positive semi-definite."
    ), "fix", call = call)
  }
}

is_correlation <- function(value, levels) {
  x <- diag(levels)
  x[level_pairs(levels)] <- value
  x[lower.tri(x)] <- t(x)[lower.tri(x)]
  min(eigen(x, symmetric = TRUE, only.values = TRUE)$values) >= -rounding_of_known
}

# As a multiple of the spread of the effects, as a variance. Beyond it a fixed variance
# leaves rounding of them (10^5 standard deviations), and further on overflows.
most_fixed <- 1e10

check_fixed_sizes <- function(model, call) {
  parameters <- model$parameters
  fixed <- which(parameters$kind == "variance" & !is.na(parameters$value))
  if (length(fixed) == 0) return(invisible())
  spread <- max(model$vi) + diff(range(model$yi))^2
  size <- vapply(fixed, \(at) parameters$value[at] * largest_square(model, at), 0)
  bad <- fixed[size > most_fixed * spread]
  if (length(bad) == 0) return(invisible())
  name <- parameters$parameter[bad[1]]
  value <- signif(parameters$value[bad[1]], 3)
  stop_user(c(
    "{.arg fix} holds {.val {name}} at {value}, which is beyond all that the effects
     vary.",
    "x" = "Their range, squared, and the largest {.field vi} are {signif(spread, 3)}
     together; the most is 10^10 times that.",
    "i" = "A variance is the square of a standard deviation on the scale of the effects."
  ), "fix", call = call)
}

# What a variance is multiplied with in a row: 1, or the square of a slope's column.
largest_square <- function(model, at) {
  part <- model$parts[[model$parameters$part[at]]]
  if (is.null(part$slope)) return(1)
  max(part$slope[, at - match(model$parameters$part[at], model$parameters$part) + 1]^2)
}

# ---- tie -----------------------------------------------------------------------------

tie_parameters <- function(parameters, tie, call) {
  if (length(tie) == 0) return(parameters)
  if (is.character(tie)) tie <- list(tie)
  check_tie_list(tie, call)
  check_once(unlist(tie), "tie", call)
  free <- parameters$free
  for (tied in tie) {
    at <- find_parameters(tied, parameters, "tie", call)
    check_tie(parameters[at, ], call)
    free[at] <- min(free[at])
    # one number must be in the range of all
    parameters$lower[at] <- max(parameters$lower[at])
  }
  number_free(parameters, free)
}

check_tie_list <- function(tie, call) {
  right <- is.list(tie) &&
    all(vapply(tie, \(tied) is.character(tied) && length(tied) > 1, NA))
  if (right) return(invisible())
  stop_user(c(
    "{.arg tie} must be a list of the names of parameters that are equal, two or more in
     each.",
    "i" = "For instance {.code list(c(\"var(study)\", \"var(strain)\"))}."
  ), "tie", call = call)
}

check_tie <- function(parameters, call) {
  kinds <- parameters$kind
  if (length(unique(kinds)) > 1) {
    two <- parameters$parameter[match(c("variance", "correlation"), kinds)]
    stop_user(c(
      "{.arg tie} must tie variances with variances, and correlations with correlations.",
      "x" = "{.val {two[1]}} is a variance, {.val {two[2]}} a correlation."
    ), "tie", call = call)
  }
  fixed <- which(!is.na(parameters$value))
  if (length(fixed) == 0) return(invisible())
  stop_user(c(
    "{.arg tie} names {.val {parameters$parameter[fixed[1]]}}, which {.arg fix} fixes.",
    "i" = "Fix the others at the same number instead."
  ), "tie", call = call)
}

# ---- both ----------------------------------------------------------------------------

find_parameters <- function(wanted, parameters, arg, call) {
  at <- match(wanted, parameters$parameter)
  bad <- which(is.na(at))
  if (length(bad) == 0) return(at)
  hint <- did_you_mean(wanted[bad[1]], parameters$parameter)
  shown <- utils::head(parameters$parameter, 6)
  dots <- if (nrow(parameters) > 6) ", ..." else "."
  stop_user(c(
    "{.arg {arg}} names {.val {wanted[bad[1]]}}, which is no parameter of this model.",
    "i" = if (length(hint)) "{hint}" else "Its parameters are {.val {shown}}{dots}"
  ), arg, call = call)
}

check_once <- function(named, arg, call) {
  twice <- named[duplicated(named)]
  if (length(twice) == 0) return(invisible())
  stop_user("{.arg {arg}} names {.val {twice[1]}} twice.", arg, call = call)
}

# Free parameters are numbered as they first come; 0 is fixed.
number_free <- function(parameters, free) {
  parameters$free <- match(free, setdiff(unique(free), 0L), nomatch = 0L)
  parameters
}
