# Effect sizes of a million rows by every measure that metafor has too, in the same run;
# then the covariance of SMDs, and nesting them.
#   Rscript bench/effects.R          all measures
#   Rscript bench/effects.R SMD OR   some
# "C call" is the .Call alone, with its result vectors; "whole" is effect_sizes() on a
# table that as_comparisons(), as_paired(), cohorts() or as_correlations() gives. The
# least processor's time of several runs: one thread, and other work on the machine moves
# it less.
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

best_ms <- function(run, times, warm = TRUE) {
  if (warm) run()
  1000 * min(replicate(times, sum(system.time(run())[1:2])))
}

# ---- the data ------------------------------------------------------------------------

set.seed(1)
k <- 1e6
study <- seq_len(k) %/% 3 + 1
of_study <- \(x) x[study]
n_c <- sample(5:12, k, TRUE)
groups <- data.frame(
  study = paste("Study", study), outcome = "a", control = "c",
  n_t = as.double(sample(5:12, k, TRUE)), mean_t = runif(k, 4, 8),
  error_t = runif(k, 0.5, 1.5), n_c = of_study(as.double(n_c)),
  mean_c = of_study(runif(k, 8, 11)), error_c = of_study(runif(k, 0.5, 1.5)),
  exposure_t = runif(k, 10, 90), exposure_c = of_study(runif(k, 10, 90)),
  r = runif(k, -0.9, 0.9)
)
groups$events_t <- rbinom(k, groups$n_t, 0.4)
groups$events_c <- of_study(rbinom(k, n_c, 0.3))

of_one <- c(n = "n_t", mean = "mean_t", error = "error_t", events = "events_t",
            exposure = "exposure_t")
single <- function(...) {
  columns <- of_one[c(...)]
  one <- stats::setNames(groups[columns], names(columns))
  where <- list(study = groups$study, cohort = paste("g", seq_len(k) %% 3))
  cohorts(data.frame(where, one), role = "control", error_type = "sd")
}
two <- function(...) {
  both <- c(paste0(c(...), "_t"), paste0(c(...), "_c"))
  as_comparisons(groups[c("study", "outcome", "control", both)], error_type = "sd",
    greater_is_worse = TRUE
  )
}

paired <- c("n_t", "mean_t", "error_t", "mean_c", "error_c")

# Of each kind of measure: how its table is made, and what escalc() calls its columns.
kinds <- list(
  "means 2" = list(\() two("n", "mean", "error"), list(
    n1i = "n_t", m1i = "mean_t", sd1i = "error_t", n2i = "n_c", m2i = "mean_c",
    sd2i = "error_c"
  )),
  "means paired" = list(
    \() as_paired(groups[c("study", "outcome", "r", paired)],
      n = n_t, mean_post = mean_t, error_post = error_t, mean_pre = mean_c,
      error_pre = error_c, error_type = "sd"
    ),
    list(
      ni = "n_t", m1i = "mean_t", sd1i = "error_t", m2i = "mean_c", sd2i = "error_c",
      ri = "r"
    )
  ),
  "means 1" = list(
    \() single("n", "mean", "error"), list(ni = "n_t", mi = "mean_t", sdi = "error_t")
  ),
  "counts 2" = list(
    \() two("n", "events"),
    list(ai = "events_t", n1i = "n_t", ci = "events_c", n2i = "n_c")
  ),
  "counts 1" = list(\() single("n", "events"), list(xi = "events_t", ni = "n_t")),
  "rates 2" = list(
    \() two("events", "exposure"),
    list(x1i = "events_t", t1i = "exposure_t", x2i = "events_c", t2i = "exposure_c")
  ),
  "rates 1" = list(
    \() single("events", "exposure"), list(xi = "events_t", ti = "exposure_t")
  ),
  "correlation 1" = list(
    \() as_correlations(groups[c("study", "outcome", "r", "n_t")], n = n_t),
    list(ri = "r", ni = "n_t")
  )
)

# ---- one measure ---------------------------------------------------------------------

known <- metavivo:::registry()

kind_of <- function(core) {
  paste(core$kind, if ("paired" %in% core$flags) "paired" else core$arms)
}

# The .Call of effect_sizes() alone, its columns being made.
core_call <- function(table, core) {
  form <- metavivo:::find_form(core, NULL, known)
  table <- metavivo:::take_groups(table, core, known)
  extras <- metavivo:::extra_numbers(table, core, form, zero_cells(), 1)
  table <- unclass(table)
  table[names(extras)] <- extras
  slots <- metavivo:::core_slots(table, list(core))
  by <- vector("list", 7)
  \() .Call(
    metavivo:::mv_effect_sizes, slots, length(table$study), by, 1L, core$name, form$name,
    1L, 0.95
  )
}

of_measure <- function(core, table, columns) {
  quiet <- \(run) suppressWarnings(suppressMessages(run))
  # by name, as one writes it: vectors in the call itself would be deparsed
  asked <- list(quote(escalc), core$name, data = quote(groups), append = FALSE)
  ask <- as.call(c(asked, lapply(columns, as.name)))
  theirs <- best_ms(\() quiet(eval(ask)), 3, warm = FALSE)
  call <- best_ms(core_call(table, core), 9)
  whole <- best_ms(\() quiet(effect_sizes(table, core$name)), 7)
  row <- c(theirs, call, theirs / call, whole, theirs / whole)
  cat(sprintf("%-7s", core$name), sprintf("%8.0f", row), "\n", sep = "")
}

of_kind <- function(kind, wanted) {
  cores <- lapply(wanted, metavivo:::find_measure)
  mine <- vapply(cores, kind_of, "") == kind
  if (!any(mine)) return(invisible())
  table <- kinds[[kind]][[1]]()
  for (core in cores[mine]) of_measure(core, table, kinds[[kind]][[2]])
}

# ---- all of it -----------------------------------------------------------------------

wanted <- commandArgs(TRUE)
if (length(wanted) == 0) wanted <- setdiff(known$measures$name, c("MPE", "MSR"))
version <- as.character(packageVersion("metafor"))
cat(R.version.string, ", metafor ", version, ", k = 10^6\n\n", sep = "")
cat("       escalc ms  C call   ratio   whole   ratio\n")
for (kind in names(kinds)) of_kind(kind, wanted)

effects <- effect_sizes(two("n", "mean", "error"))
cat("\nvcov, sparse:", round(best_ms(\() vcov(effects, form = "sparse"), 3)), "ms\n")
cat("nest_outcomes(by = study):", round(best_ms(
  \() suppressMessages(nest_outcomes(effects, by = study)), 3
)), "ms\n")
