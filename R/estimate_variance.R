# The variance of a brought estimate: given, or by its standard error, its interval, its p
# value or the matrix that came with it.

# Exactly one kind of uncertainty: those asked for by name, else the first the table has.
estimate_variance <- function(values, V, level, given, call = rlang::caller_env()) {
  study <- values$study
  read <- rlang::set_names(c("yi", "vi", "sei", "lower", "upper", "p"))
  values <- lapply(read, \(arg) as_numbers(values[[arg]], arg, study, call))
  yi <- check_estimates(values$yi, study, call)
  has <- !vapply(values, is.null, NA)
  ends <- has[["lower"]] && has[["upper"]]
  kinds <- c(vi = has[["vi"]], sei = has[["sei"]], interval = ends, p = has[["p"]])
  asked <- c(vi = "vi" %in% given, sei = "sei" %in% given,
             interval = any(c("lower", "upper") %in% given), p = "p" %in% given)
  if (asked[["interval"]] && !ends) {
    stop_user("An interval needs both {.arg lower} and {.arg upper}.", "variance",
      call = call
    )
  }
  if (any(asked)) kinds <- kinds & asked
  if (is.null(V) || any(asked)) {
    vi <- one_variance(values, kinds, any(asked), level, study, call)
  } else {
    vi <- NULL
  }
  list(yi = yi, vi = known_variance(vi, V, length(yi), call))
}

# Measures whose estimates have ends: what is beyond them is no such measure, or a slip.
measure_ranges <- list(COR = c(-1, 1), RD = c(-1, 1), PR = c(0, 1))

check_measure_range <- function(yi, measure, study, call = rlang::caller_env()) {
  ends <- measure_ranges[[measure]]
  if (is.null(ends)) return(invisible(yi))
  must <- sprintf("from %g to %g, as a %s is", ends[1], ends[2], measure)
  check_values(yi, \(x) x < ends[1] | x > ends[2], must, "yi", study, call)
}

check_estimates <- function(yi, study, call) {
  if (is.null(yi)) {
    stop_user(c(
      "{.arg yi} is not given, and the table has no column of that name.",
      "i" = "Say which column has the estimates, e.g. {.code yi = estimate}."
    ), "absent", call = call)
  }
  stop_values(yi, is.infinite(yi), "yi", "finite", study, call)
  yi
}

stop_values <- function(x, bad, arg, must, study, call) {
  bad <- which(bad)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg {arg}} must be {must}.",
    "x" = "It is {format(x[bad[1]])} in {name_rows(bad, study)}.",
    "i" = "Leave the cell empty where the number is not known."
  ), "variance", call = call)
}

one_variance <- function(values, kinds, asked, level, study, call) {
  if (!any(kinds)) {
    stop_user(c(
      "The estimates need a variance, a standard error, an interval or a p value.",
      "x" = "None of {.arg vi}, {.arg sei}, {.arg lower} and {.arg upper}, or {.arg p} is
       given.",
      "i" = "Say which columns serve, e.g. {.code sei = se}."
    ), "absent", call = call)
  }
  if (asked && sum(kinds) > 1 && (kinds[["interval"]] || kinds[["p"]])) {
    stop_user(
      "Give one of {.arg vi}, {.arg sei}, {.arg lower} and {.arg upper}, or {.arg p}.",
      "variance",
      call = call
    )
  }
  kind <- names(kinds)[kinds]
  if (all(c("vi", "sei") %in% kind)) check_agreement(values, study, call)
  vi <- switch(kind[1],
    vi = variance_given(values$vi, study, call),
    sei = variance_of_se(values$sei, study, call),
    interval = variance_of_interval(values, level, study, call),
    p = variance_of_p(values, study, call)
  )
  stop_vast(vi, study, call)
  stop_lost(vi, values, kind[1], study, call)
  vi
}

# A square below the smallest number is zero, and its effect would outweigh all others.
stop_lost <- function(vi, values, kind, study, call) {
  error <- switch(kind,
    vi = vi, sei = values$sei, interval = values$upper - values$lower,
    p = abs(values$yi)
  )
  bad <- which(vi == 0 & error > 0)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "The variance is too small for a number in {name_rows(bad, study)}.",
    "i" = "Give the estimates in another unit."
  ), "variance", call = call)
}

stop_vast <- function(x, study, call) {
  bad <- which(is.infinite(x))
  if (length(bad) == 0) return(invisible())
  stop_user(
    "The estimate or its variance is too large for a number in {name_rows(bad, study)}.",
    "variance",
    call = call
  )
}

variance_given <- function(vi, study, call) {
  must <- "a variance: zero or more, and finite"
  stop_values(vi, vi < 0 | is.infinite(vi), "vi", must, study, call)
  vi
}

variance_of_se <- function(sei, study, call) {
  must <- "a standard error: zero or more, and finite"
  stop_values(sei, sei < 0 | is.infinite(sei), "sei", must, study, call)
  sei^2
}

# Printed to three digits or more, the two agree to about a percent.
check_agreement <- function(values, study, call) {
  bad <- which(abs(values$sei^2 - values$vi) > 0.02 * values$vi)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg vi} and {.arg sei} disagree in {name_rows(bad, study)}.",
    "x" = "There {.arg vi} is {format(values$vi[bad[1]])}, and the square of {.arg sei}
     {format(values$sei[bad[1]]^2)}.",
    "i" = "Give the one that is right."
  ), "variance", call = call)
}

variance_of_interval <- function(values, level, study, call) {
  lower <- values$lower
  upper <- values$upper
  stop_values(lower, is.infinite(lower), "lower", "finite", study, call)
  stop_values(upper, is.infinite(upper), "upper", "finite", study, call)
  stop_turned(lower, upper, study, call)
  warn_off_middle(values$yi, lower, upper, study)
  ((upper - lower) / (2 * stats::qnorm((1 + level) / 2)))^2
}

stop_turned <- function(lower, upper, study, call) {
  bad <- which(lower > upper)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.arg lower} is above {.arg upper} in {name_rows(bad, study)}.",
    "x" = "The first is {format(lower[bad[1]])} to {format(upper[bad[1]])}."
  ), "variance", call = call)
}

# By z: |yi| / SE is the quantile that a two-sided p stands for.
variance_of_p <- function(values, study, call) {
  p <- values$p
  stop_values(p, p < 0 | p > 1, "p", "between 0 and 1", study, call)
  bad <- which(p == 0 | p == 1)
  if (length(bad)) {
    stop_user(c(
      "A {.arg p} of {p[bad[1]]} gives no standard error, in {name_rows(bad, study)}.",
      "i" = if (p[bad[1]] == 0) {
        "Printed as 0.000 or < 0.001 it is a bound: give the bound, 0.001, for a standard
         error that is rather too large."
      }
    ), "variance", call = call)
  }
  bad <- which(values$yi == 0 & !is.na(p))
  if (length(bad)) {
    stop_user(c(
      "An estimate of 0 has a {.arg p} of 1, in {name_rows(bad, study)}.",
      "x" = "It is {format(p[bad[1]])}, which gives no standard error."
    ), "variance", call = call)
  }
  (values$yi / stats::qnorm(p / 2))^2
}

# How far the middle of a printed interval can be from the printed estimate: half a unit
# of the last decimal for each.
warn_off_middle <- function(yi, lower, upper, study) {
  unit <- pmax(last_decimal(yi), last_decimal(lower), last_decimal(upper), na.rm = FALSE)
  slack <- pmax(1.0001 * unit, 1e-6 * (upper - lower))
  bad <- which(abs(yi - (lower + upper) / 2) > slack)
  if (length(bad) == 0) return(invisible())
  warn_user(c(
    "The estimate is not in the middle of its interval in {name_rows(bad, study)}.",
    "i" = "For a ratio give logs of all three numbers. Else look for a slip in the source:
     the standard error is taken from the width."
  ), "interval")
}

# 1, 0.1, 0.01, ...: the unit of the last decimal that a number has, at least 1e-6.
last_decimal <- function(x) {
  unit <- rep_len(1, length(x))
  for (digits in 1:6) {
    more <- which(abs(x - round(x, digits - 1)) > 1e-9 * pmax(1, abs(x)))
    unit[more] <- 10^-digits
  }
  unit
}

# ---- a brought matrix ----------------------------------------------------------------

known_variance <- function(vi, V, rows, call) {
  if (is.null(V)) return(vi)
  V <- check_matrix(V, rows, call)
  diagonal <- unname(diag(V))
  if (is.null(vi)) return(diagonal)
  bad <- which(abs(vi - diagonal) > 1e-8 * diagonal | is.na(vi) != is.na(diagonal))
  if (length(bad) == 0) return(vi)
  stop_user(c(
    "The diagonal of {.arg V} must be the variances of the estimates.",
    "x" = "It differs from them in {name_rows(bad)}."
  ), "matrix", call = call)
}

check_matrix <- function(V, rows, call) {
  V <- tryCatch(as.matrix(V), error = \(e) NULL)
  square <- is.numeric(V) && nrow(V) == rows && ncol(V) == rows
  if (!square) {
    found <- if (is.numeric(V)) paste(dim(V), collapse = " x ") else "not numbers"
    stop_user(c(
      "{.arg V} must be a matrix with a row and a column for each of the {rows}
       estimates.",
      "x" = "It is {found}."
    ), "matrix", call = call)
  }
  diagonal <- diag(V)
  stop_values(diagonal, diagonal < 0 | is.infinite(diagonal), "V",
    "zero or more, and finite, on its diagonal", NULL, call)
  size <- sqrt(outer(diagonal, diagonal))
  if (any(abs(V - t(V)) > 1e-8 * size, na.rm = TRUE)) {
    stop_user("{.arg V} must be symmetric.", "matrix", call = call)
  }
  bad <- which(abs(V) > size * (1 + 1e-8), arr.ind = TRUE)
  if (length(bad) || !is_covariance(V)) {
    where <- if (length(bad)) name_rows(bad[1, ]) else "several rows together"
    stop_user(c(
      "{.arg V} is not a covariance matrix: a weighted sum would have a variance below
       zero.",
      "x" = "See {where}."
    ), "matrix", call = call)
  }
  V
}

# To rounding: a Cholesky factor of V with its diagonal raised a little. A larger matrix
# (the cost is cubic) is left to the fit, which needs the factor anyway.
is_covariance <- function(V) {
  known <- !is.na(diag(V)) & diag(V) > 0
  V <- V[known, known, drop = FALSE]
  if (nrow(V) == 0 || nrow(V) > 1000 || anyNA(V)) return(TRUE)
  diag(V) <- diag(V) * (1 + 1e-8)
  !inherits(try(chol(V), silent = TRUE), "try-error")
}
