# Likelihood-ratio tests of multilevel fits: which of two is nested in the other, and what
# the statistic is compared with.

# The random parts of a fit, as both kinds of fit have them: tau2 of independent effects
# is a variance of each row.
random_side <- function(fit) {
  if (is_multilevel(fit)) return(fit[c("parts", "parameters", "theta", "pairs")])
  if (fit$method == "EE") return(list(parts = list(), parameters = no_parameters))
  part <- new_part("INTERCEPT", seq_len(fit$k), fit$k, name = ".row", labels = NULL)
  parameters <- data.frame(
    parameter = "var(.row)", part = 1L, kind = "variance", value = NA_real_, free = 1L,
    lower = 0, upper = Inf
  )
  list(parts = list(part), parameters = parameters, theta = fit$tau2)
}

no_parameters <- data.frame(
  parameter = character(), part = integer(), kind = character(), value = double(),
  free = integer(), lower = double(), upper = double()
)

# ---- nested --------------------------------------------------------------------------

# Stops unless the random parts of `small` are a special case of those of `full`. Answers
# whether `small` has a parameter of `full` at its edge.
compare_parts <- function(full, small, call) {
  full <- random_side(full)
  small <- random_side(small)
  match <- vapply(small$parts, \(part) part_match(part, full$parts), 0L)
  lost <- which(is.na(match) | duplicated(match))
  if (length(lost)) stop_part(small$parts[[lost[1]]]$name, call)
  removed <- setdiff(seq_along(full$parts), match)
  check_fixed_away(full, removed, call)
  check_parameters(full, small, match, call)
  any_at_edge(full, small, removed, match)
}

# The part of `parts` that has `part` in it: the same groups and levels, and the same
# structure or a wider one.
part_match <- function(part, parts) {
  same <- vapply(parts, is_same_part, NA, part)
  if (any(same)) return(which(same)[1])
  wider <- vapply(parts, is_wider_part, NA, part)
  if (any(wider)) which(wider)[1] else NA_integer_
}

part_shape <- c("outer", "inner", "slope", "position", "known")

is_same_part <- function(a, b) {
  identical(a$structure, b$structure) && identical(a[part_shape], b[part_shape])
}

is_wider_part <- function(full, small) {
  if (!identical(full$outer, small$outer)) return(FALSE)
  if (small$structure == "INTERCEPT") return(has_intercept(full))
  if (is_slopes(full$structure)) {
    return(full$structure == "GEN" && small$structure == "GDIAG" &&
             identical(full$slope, small$slope))
  }
  small$structure %in% special_cases[[full$structure]] &&
    identical(full$inner, small$inner)
}

# Of each structure, those that it is with some parameters equal or correlations 0.
special_cases <- list(
  UN = c("ID", "DIAG", "CS", "HCS", "AR", "HAR", "CAR"), HCS = c("ID", "DIAG", "CS"),
  HAR = c("ID", "DIAG", "AR"), CS = "ID", AR = "ID", CAR = "ID", DIAG = "ID"
)

# A random intercept is a set of levels whose correlations are 1, or slopes with a
# constant whose other variances are 0.
has_intercept <- function(part) {
  if (is_slopes(part$structure)) return(has_constant(part))
  part$structure %in% c("CS", "HCS", "UN", "AR", "HAR", "CAR")
}

check_fixed_away <- function(full, removed, call) {
  parameters <- full$parameters
  stays <- parameters$part %in% removed & parameters$kind == "variance" &
    parameters$value > 0
  if (any(stays, na.rm = TRUE)) stop_part(parameters$parameter[which(stays)[1]], call)
}

# What is fixed or tied in the larger must be so in the smaller, part by part where they
# are the same; where the smaller has a narrower structure, nothing may be.
check_parameters <- function(full, small, match, call) {
  same <- vapply(seq_along(match), \(i) {
    is_same_part(full$parts[[match[i]]], small$parts[[i]])
  }, NA)
  wider <- full$parameters[full$parameters$part %in% match[!same], ]
  held <- wider$free == 0L | wider$free %in% full$parameters$free[duplicated(
    full$parameters$free
  )]
  if (any(held)) stop_part(wider$parameter[held][1], call)
  a <- full$parameters[rows_of_parts(full, match[same]), ]
  b <- small$parameters[rows_of_parts(small, which(same)), ]
  looser <- !is.na(a$value) & !(!is.na(b$value) & b$value == a$value)
  apart <- a$free > 0 & !is_together(b)[cbind(seq_along(a$free), match(a$free, a$free))]
  bad <- which(looser | apart)
  if (length(bad)) stop_part(b$parameter[bad[1]], call)
}

rows_of_parts <- function(side, parts) {
  unlist(lapply(parts, \(i) which(side$parameters$part == i)))
}

# Which parameters are equal: tied, or fixed at one number.
is_together <- function(parameters) {
  tied <- outer(parameters$free, parameters$free, `==`) & parameters$free > 0
  fixed <- outer(parameters$value, parameters$value, `==`)
  tied | (fixed & !is.na(fixed)) | diag(length(parameters$free)) == 1
}

stop_part <- function(name, call) {
  stop_user(c(
    "The two fits are not nested.",
    "x" = "{.val {name}} of one has no counterpart in the other, or is free there and
     fixed or tied here."
  ), "nested", call = call)
}

# A part that is left out, a parameter fixed at its edge, an intercept for a set of
# levels, the correlation of a CAR, which cannot be negative, at 0.
any_at_edge <- function(full, small, removed, match) {
  free <- full$parameters$free > 0
  if (any(free & full$parameters$part %in% removed)) return(TRUE)
  for (i in seq_along(match)) {
    a <- full$parameters[full$parameters$part == match[i], ]
    b <- small$parameters[small$parameters$part == i, ]
    same <- is_same_part(full$parts[[match[i]]], small$parts[[i]])
    edge <- small$parts[[i]]$structure == "INTERCEPT" ||
      full$parts[[match[i]]]$structure == "CAR"
    if (!same && edge) return(TRUE)
    at_edge <- !is.na(b$value) & (b$value <= b$lower | b$value >= b$upper)
    if (same && any(a$free > 0 & at_edge)) return(TRUE)
  }
  FALSE
}

# ---- the reference distribution ------------------------------------------------------

# Where a variance is 0 in the smaller model, its estimate is 0 in about half of the
# samples. With one variance, and any number of covariances that go with it, the statistic
# is a 50:50 mixture of chi-squared with df - 1 and df degrees of freedom (Self and Liang
# 1987, J Am Stat Assoc 82:605; Stram and Lee 1994, Biometrics 50:1171). With several the
# weights depend on the data; those with even and those with odd df each sum to one half,
# so that the same mixture is an upper bound of p.
ratio_p_value <- function(ratio, df, boundary) {
  tail <- \(df) {
    if (df == 0) as.double(ratio <= 0) else stats::pchisq(ratio, df, lower.tail = FALSE)
  }
  if (df <= 0) return(NA_real_)
  if (boundary) (tail(df - 1) + tail(df)) / 2 else tail(df)
}

reference_text <- function(df, boundary) {
  if (df <= 0) return(NA_character_)
  if (!boundary) return(sprintf("chi-squared(%d)", df))
  sprintf("50:50 mixture of chi-squared(%d) and chi-squared(%d)", df - 1L, df)
}
