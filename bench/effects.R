# Effect sizes of a million comparisons, beside metafor in the same run.
#   Rscript bench/effects.R
# "C call" is the .Call alone, with its result vectors; "whole" is effect_sizes() on a
# table that as_comparisons() or comparisons() would give. Medians; noise moves both
# together.
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

median_ms <- function(run, times) {
  run()
  1000 * stats::median(replicate(times, system.time(run())[["elapsed"]]))
}

set.seed(1)
k <- 1e6
study <- seq_len(k) %/% 3 + 1
of_study <- \(x) x[study]
groups <- data.frame(
  study = paste("Study", study), outcome = "a", control = "c",
  n_t = as.double(sample(5:12, k, TRUE)), mean_t = runif(k, 4, 8),
  error_t = runif(k, 0.5, 1.5), n_c = of_study(as.double(sample(5:12, k, TRUE))),
  mean_c = of_study(runif(k, 8, 11)), error_c = of_study(runif(k, 0.5, 1.5))
)
pairs <- as_comparisons(groups, error_type = "sd", greater_is_worse = TRUE)
arms <- metavivo:::core_arms(pairs, 2L)
nothing <- vector("list", 5)

of_measure <- function(measure) {
  theirs <- median_ms(\() suppressWarnings(escalc(measure,
    n1i = n_t, m1i = mean_t, sd1i = error_t, n2i = n_c, m2i = mean_c, sd2i = error_c,
    data = groups, append = FALSE
  )), 3)
  call <- median_ms(\() .Call(
    metavivo:::mv_effect_sizes, arms, nothing, 1L, measure, "LS", TRUE, 0.95
  ), 11)
  whole <- median_ms(\() effect_sizes(pairs, measure), 11)
  data.frame(
    measure = measure, metafor_ms = round(theirs), c_call_ms = round(call, 1),
    c_call_ratio = round(theirs / call), whole_ms = round(whole),
    whole_ratio = round(theirs / whole), ns_a_row = round(call * 1e6 / k, 1)
  )
}

version <- as.character(packageVersion("metafor"))
cat(R.version.string, ", metafor ", version, ", k = 10^6\n\n", sep = "")
print(do.call(rbind, lapply(c("MD", "SMD", "ROM"), of_measure)), row.names = FALSE)

effects <- effect_sizes(pairs)
cat("\nvcov, sparse:", round(median_ms(\() vcov(effects, form = "sparse"), 3)), "ms\n")
cat("nest_outcomes(by = study):", round(median_ms(
  \() suppressMessages(nest_outcomes(effects, by = study)), 3
)), "ms\n")
