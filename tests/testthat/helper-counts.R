# An mv_comparisons of counts, rates, medians or correlations by hand: as every table it
# has n, mean and SD of each group too, where these are not given NA.
table_of <- function(..., study = NULL, outcome = "a", cohort_c = NULL) {
  numbers <- list(...)
  rows <- max(lengths(c(numbers, list(study, outcome, cohort_c))))
  own <- function(x, letter) {
    rep_len(if (is.null(x)) paste0(letter, seq_len(rows)) else x, rows)
  }
  out <- data.frame(
    comparison = seq_len(rows), study = own(study, "Study "), experiment = "1",
    outcome = rep_len(outcome, rows), time = NA_real_, cohort_t = own(NULL, "t"),
    cohort_c = own(cohort_c, "c"), cohort_s = NA_character_
  )
  means <- as.vector(outer(c("n", "mean", "sd"), c("_t", "_c", "_s"), paste0))
  out[means] <- NA_real_
  out[names(numbers)] <- lapply(numbers, rep_len, rows)
  out[c("shared_c", "shared_s", "greater_is_worse")] <- list(1L, NA_integer_, NA)
  out[c("row_t", "row_c", "row_s")] <- list(seq_len(rows), NA_integer_, NA_integer_)
  out$reason <- NA_character_
  class(out) <- c("mv_comparisons", "data.frame")
  out
}

# Tables of 1 to 12 animals, with cells of zero and groups of one.
random_counts <- function(rows = 1000, seed = 1) {
  withr::with_seed(seed, {
    n_t <- sample(12, rows, TRUE)
    n_c <- sample(12, rows, TRUE)
    table_of(
      events_t = stats::rbinom(rows, n_t, stats::runif(rows)), n_t = n_t,
      events_c = stats::rbinom(rows, n_c, stats::runif(rows)), n_c = n_c
    )
  })
}

random_rates <- function(rows = 1000, seed = 1) {
  withr::with_seed(seed, table_of(
    events_t = stats::rpois(rows, 3), exposure_t = stats::runif(rows, 0.5, 900),
    events_c = stats::rpois(rows, 3), exposure_c = stats::runif(rows, 0.5, 900)
  ))
}

random_correlations <- function(rows = 1000, seed = 1) {
  withr::with_seed(seed, table_of(
    r = round(stats::runif(rows, -1, 1), 2), n_t = sample(15, rows, TRUE)
  ))
}

# escalc() of a table: what its arguments are called for each kind of measure.
escalc_counts <- function(pairs, measure, form = "LS", ...) {
  core <- find_measure(measure)
  columns <- switch(paste(core$kind, core$arms),
    "counts 2" = c(ai = "events_t", n1i = "n_t", ci = "events_c", n2i = "n_c"),
    "counts 1" = c(xi = "events_t", ni = "n_t"),
    "rates 2" = c(x1i = "events_t", t1i = "exposure_t", x2i = "events_c",
                  t2i = "exposure_c"),
    "rates 1" = c(xi = "events_t", ti = "exposure_t"),
    "correlation 1" = c(ri = "r", ni = "n_t")
  )
  values <- lapply(columns, \(name) pairs[[name]])
  found <- suppressWarnings(do.call(
    metafor::escalc, c(list(measure = measure, vtype = form), values, list(...))
  ))
  data.frame(yi = as.vector(found$yi), vi = found$vi)
}

# The measure agrees with escalc() in every row: missing in the same ones, else to 1e-12,
# of the number itself or, where differences cancel, of its standard error. Rows of which
# escalc() says that the variance is 0 are kept here too, out of the pool.
expect_escalc <- function(pairs, measure, form = "LS", cells = zero_cells(), ...) {
  own <- suppressWarnings(sizes_of(pairs, measure, form, cells = cells))
  theirs <- escalc_counts(pairs, measure, form, ...)
  theirs[is.na(theirs$yi) | is.na(theirs$vi), ] <- NA
  of <- paste(measure, form)
  testthat::expect_identical(is.na(own$yi), is.na(theirs$yi), label = of)
  near <- function(a, b, floor) abs(a - b) <= 1e-12 * pmax(abs(b), floor)
  same <- near(own$yi, theirs$yi, sqrt(theirs$vi)) & near(own$vi, theirs$vi, 0)
  testthat::expect_identical(which(!same), integer(), label = of)
}
