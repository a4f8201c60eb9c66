# Missing SDs: a million comparisons by the mean CV, and 20 imputations of 2,000.
#   Rscript bench/impute.R
# Medians; noise moves all together.
suppressPackageStartupMessages(library(metavivo))

median_ms <- function(run, times) {
  quiet <- \() suppressMessages(run())
  quiet()
  1000 * stats::median(replicate(times, system.time(quiet())[["elapsed"]]))
}

# 26 outcomes; two or three comparisons share a control; 3 in 10 lack the treated SD.
set.seed(1)
table_of <- function(k, per_study) {
  study <- seq_len(k) %/% per_study + 1
  suppressMessages(as_comparisons(data.frame(
    study = paste("Study", study), outcome = letters[study %% 26 + 1], control = "c",
    n_t = as.double(sample(5:12, k, TRUE)), mean_t = runif(k, 4, 8),
    error_t = ifelse(runif(k) < 0.3, NA, runif(k, 0.5, 1.5)),
    n_c = 8, mean_c = 10, error_c = 1
  ), error_type = "sd"))
}

large <- table_of(1e6, 3)
cat(R.version.string, "\n\n", sep = "")
for (method in c("cv", "sd")) {
  time <- median_ms(\() impute_sd(large, method), 5)
  cat(sprintf("10^6 comparisons, method \"%s\": %.0f ms\n", method, time))
}
middle <- table_of(2000, 1)
drawn <- suppressMessages(impute_sd(middle, "multiple", m = 20, seed = 1))
effects <- effect_sizes(drawn, "ROM")
steps <- list(
  "impute_sd()" = \() impute_sd(middle, "multiple", m = 20, seed = 1),
  "effect_sizes()" = \() effect_sizes(drawn, "ROM"),
  "pool_effects()" = \() pool_effects(effects)
)
for (step in names(steps)) {
  time <- median_ms(steps[[step]], 21)
  cat(sprintf("k = 2,000, 20 imputations, %s: %.0f ms\n", step, time))
}
