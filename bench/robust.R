# Cluster-robust standard errors with their degrees of freedom, beside clubSandwich.
#   Rscript bench/robust.R
# Prints medians of the processor's time, and ratios; a machine's noise moves both.
suppressPackageStartupMessages({
  library(metavivo)
  library(metafor, quietly = TRUE, warn.conflicts = FALSE)
  library(clubSandwich)
})

seconds <- function(run, times, batch = 1) {
  run()
  taken <- vapply(
    seq_len(times), \(i) sum(system.time(for (j in seq_len(batch)) run())[1:2]), 0
  )
  stats::median(taken) / batch
}

simulated <- function(clusters, size) {
  set.seed(clusters)
  k <- clusters * size
  study <- rep(seq_len(clusters), each = size)
  vi <- runif(k, 0.05, 1)
  as_effects(data.frame(
    study = study, vi = vi, dose = rnorm(k),
    yi = rnorm(clusters, 0.5, 0.3)[study] + rnorm(k, 0, sqrt(vi))
  ))
}

fitted_to <- function(effects, mods) pool_effects(effects, mods, dependence = "ignore")

row <- function(work, ours, core, theirs = NA) {
  data.frame(
    work = work, metavivo_ms = signif(1000 * ours, 3), core_ms = signif(1000 * core, 3),
    clubSandwich_ms = signif(1000 * theirs, 3), ratio = round(theirs / ours)
  )
}

core_call <- function(fit) {
  group <- match(fit$effects$study, unique(fit$effects$study))
  problem <- metavivo:::clustered_problem(fit, group)
  \() .Call(metavivo:::mv_robust_vcov, problem, "CR2", diag(fit$p))
}

rows <- list()
middle <- simulated(200, 5)
for (mods in c(~1, ~dose)) {
  fit <- fitted_to(middle, mods)
  peer <- rma(yi, vi, mods = mods, data = middle)
  rows <- c(rows, list(row(
    paste("CR2 and df, k = 1,000 in 200 clusters,", deparse(mods)),
    seconds(\() metavivo::robust(fit), 9, 50), seconds(core_call(fit), 9, 50),
    seconds(\() coef_test(peer, "CR2", cluster = middle$study), 5)
  )))
}
source("bench/multilevel_data.R")
effects <- simulated_effects(200, "block")
fit <- pool_effects(effects, random = ~ 1 | study / .row)
table <- transform(as.data.frame(effects), row = seq_len(nrow(effects)))
peer <- rma.mv(yi, as.matrix(vcov(effects)), random = ~ 1 | study / row, data = table,
  sparse = TRUE)
rows <- c(rows, list(row(
  "CR2 and df, 3 levels, V in blocks, k = 1,000 in 200 clusters",
  seconds(\() metavivo::robust(fit), 9, 50), seconds(core_call(fit), 9, 50),
  seconds(\() coef_test(peer, "CR2", cluster = table$study), 3)
)))
large <- simulated(2e5, 5)
for (mods in c(~1, ~dose)) {
  fit <- fitted_to(large, mods)
  rows <- c(rows, list(row(
    paste("CR2 and df, k = 10^6 in 200,000 clusters,", deparse(mods)),
    seconds(\() metavivo::robust(fit), 3), seconds(core_call(fit), 3)
  )))
}
fit <- fitted_to(simulated(20, 5), ~dose)
rows <- c(rows, list(row(
  "wild bootstrap, 1,999 replicates, 20 clusters",
  seconds(\() wild_bootstrap(fit, seed = 1), 9, 10), NA
)))
fit <- fitted_to(middle, ~dose)
rows <- c(rows, list(row(
  "wild bootstrap, 1,999 replicates, 200 clusters",
  seconds(\() wild_bootstrap(fit, seed = 1), 9), NA
)))
print(do.call(rbind, rows), row.names = FALSE)
cat(sprintf("R %s, clubSandwich %s, BLAS %s\n", getRversion(),
  packageVersion("clubSandwich"), basename(extSoftVersion()[["BLAS"]])))
