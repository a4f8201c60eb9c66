# One pooled fit, of few effects and of many, beside metafor in the same run.
#   Rscript bench/pool.R
# Prints medians and ratios; a machine's noise moves both together.
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

median_seconds <- function(run, times) {
  run()
  seconds <- vapply(seq_len(times), \(i) system.time(run())[["elapsed"]], 0)
  stats::median(seconds)
}

# Short calls are timed in batches, so that the clock's step does not matter.
batch_seconds <- function(run, batch, times = 7) {
  median_seconds(\() for (i in seq_len(batch)) run(), times) / batch
}

row <- function(work, ours, theirs) {
  data.frame(
    work = work, metavivo_ms = signif(1000 * ours, 3),
    metafor_ms = signif(1000 * theirs, 3), ratio = round(theirs / ours)
  )
}

simulated <- function(k) {
  set.seed(k)
  vi <- runif(k, 0.05, 1)
  data.frame(yi = rnorm(k, 0.5, sqrt(vi + 0.1)), vi = vi)
}

small <- as_effects(simulated(10))
rows <- list(row(
  "REML, Knapp-Hartung, k = 10",
  batch_seconds(\() pool_effects(small, test = "knha"), 200),
  batch_seconds(\() rma(yi, vi, data = small, test = "knha"), 20)
))

middle <- as_effects(simulated(2000))
rows <- c(rows, list(row(
  "REML, Knapp-Hartung, k = 2,000",
  batch_seconds(\() pool_effects(middle, test = "knha"), 20),
  median_seconds(\() rma(yi, vi, data = middle, test = "knha"), 1)
)))

for (k in c(5e3, 2e4, 1e6)) {
  large <- as_effects(simulated(k))
  rows <- c(rows, list(row(
    sprintf("REML, Knapp-Hartung, k = %s", format(k, big.mark = ",", scientific = FALSE)),
    median_seconds(\() pool_effects(large, test = "knha"), 5), NA
  )))
}
print(do.call(rbind, rows), row.names = FALSE)
cat(sprintf("R %s, metafor %s, BLAS %s\n", getRversion(), packageVersion("metafor"),
  basename(extSoftVersion()[["BLAS"]])))

# Memory beyond the input of one fit of 10^6 effects.
invisible(gc(reset = TRUE))
before <- sum(gc()[, 2])
invisible(pool_effects(large))
peak <- sum(gc()[, 6])
cat(sprintf("k = 10^6: input %.0f MB, peak above it %.0f MB\n",
  as.numeric(object.size(large[c("yi", "vi")])) / 2^20, peak - before))
