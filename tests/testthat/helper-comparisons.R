# An mv_comparisons by hand: these tests do not depend on how tables are read.
pairs_of <- function(n_t, mean_t, sd_t, n_c, mean_c, sd_c, n_s = NA_real_,
                     mean_s = NA_real_, sd_s = NA_real_, study = NULL, outcome = "a",
                     time = NA_real_, cohort_t = NULL, cohort_c = NULL, cohort_s = NULL,
                     shared_c = 1L, shared_s = 1L, worse = NA, ...) {
  rows <- max(lengths(list(
    n_t, mean_t, sd_t, n_c, mean_c, sd_c, n_s, mean_s, sd_s, study, cohort_t, outcome,
    worse
  )))
  study <- rep_len(if (is.null(study)) paste("Study", seq_len(rows)) else study, rows)
  own <- function(x, letter) if (is.null(x)) paste0(letter, seq_len(rows)) else x
  out <- data.frame(
    comparison = seq_len(rows), study = study, experiment = "1", outcome = outcome,
    time = time, cohort_t = own(cohort_t, "t"), cohort_c = own(cohort_c, "c"),
    cohort_s = own(cohort_s, "s"), n_t, mean_t, sd_t, n_c, mean_c, sd_c, n_s, mean_s,
    sd_s,
    shared_c, shared_s, greater_is_worse = worse, row_t = seq_len(rows),
    row_c = NA_integer_, row_s = NA_integer_, reason = NA_character_, ...
  )
  class(out) <- c("mv_comparisons", "data.frame")
  out
}

random_pairs <- function(rows, seed = 1, sham = FALSE) {
  old <- globalenv()[[".Random.seed"]]
  on.exit(if (!is.null(old)) assign(".Random.seed", old, globalenv()))
  set.seed(seed)
  n <- function() sample(3:15, rows, TRUE)
  mean <- function(at) at + stats::runif(rows, 0, 3)
  sd <- function() stats::runif(rows, 0.2, 1.5)
  pairs_of(
    n(), mean(4), sd(), n(), mean(8), sd(), n(), mean(if (sham) 1 else NA), sd(),
    outcome = rep_len(c("a", "b", "c"), rows)
  )
}

# effect_sizes() of comparisons by any measure: those of one group get the treated groups
# as a table of cohorts.
sizes_of <- function(pairs, measure = "SMD", ...) {
  if (find_measure(measure)$arms > 1) return(effect_sizes(pairs, measure, ...))
  effect_sizes(treated_alone(pairs), measure, ...)
}

treated_alone <- function(pairs) {
  treated <- pairs
  class(treated) <- "data.frame"
  treated <- treated[!grepl("_[abcs]$", names(treated))]
  names(treated) <- sub("_t$", "", names(treated))
  treated$role <- rep_len("treated", nrow(pairs))
  class(treated) <- c("mv_cohorts", "data.frame")
  treated
}
