# The profile interval of one variance component of a three-level model, k = 1,000, beside
# metafor in the same run.
#   Rscript bench/profile.R
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

simulated <- function(studies, experiments = 2, rows = 2.5) {
  set.seed(studies)
  k <- studies * experiments * rows
  x <- data.frame(study = rep(seq_len(studies), each = experiments * rows))
  x$experiment <- x$study * experiments + (seq_len(k) %% experiments)
  x$vi <- runif(k, 0.05, 0.5)
  x$yi <- 0.5 + rnorm(studies, 0, 0.5)[x$study] +
    rnorm(max(x$experiment), 0, 0.4)[x$experiment] + rnorm(k, 0, sqrt(x$vi))
  x
}

# Processor's and elapsed seconds.
median_seconds <- function(run, times) {
  run()
  taken <- replicate(times, {
    one <- system.time(run())
    c(one[[1]] + one[[2]], one[[3]])
  })
  apply(taken, 1, stats::median)
}

x <- simulated(200)
fit <- pool_effects(x, random = ~ 1 | study / experiment)
ours <- median_seconds(\() confint(fit, 1, type = "components"), 21)
their_fit <- rma.mv(yi, vi, random = ~ 1 | study / experiment, data = x, sparse = TRUE)
one <- system.time(found <- confint(their_fit, sigma2 = 1))
theirs <- c(one[[1]] + one[[2]], one[[3]])

cat(sprintf("k = %d, %s: metavivo %.1f ms, metafor %.1f s, ratio %.0f\n", nrow(x),
  c("processor", "elapsed"), 1000 * ours, theirs, theirs / ours), sep = "")
print(rbind(
  metavivo = confint(fit, 1, type = "components")[1, ],
  metafor = found$random[1, c("ci.lb", "ci.ub")]
), digits = 7)

large <- pool_effects(simulated(40000), random = ~ 1 | study / experiment)
cat(sprintf("k = 200,000: metavivo %.2f s\n",
  median_seconds(\() confint(large, 1, type = "components"), 1)[1]))
cat(sprintf("R %s, metafor %s, BLAS %s\n", getRversion(), packageVersion("metafor"),
  basename(extSoftVersion()[["BLAS"]])))
