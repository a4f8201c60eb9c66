# Deletion diagnostics beside metafor in the same run.
#   Rscript bench/influence.R
# metafor takes minutes at k = 1,000, where each study costs it one fit: it is timed on
# some studies, and the rest is reckoned.
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

# Of the processor: other work on the machine moves it less.
seconds <- function(run) sum(system.time(run())[c("user.self", "sys.self")])
median_seconds <- function(run, times = 7) {
  run()
  stats::median(vapply(seq_len(times), \(i) seconds(run), 0))
}

row <- function(work, ours, theirs, note = "") {
  data.frame(
    work = work, metavivo_s = signif(ours, 3), metafor_s = signif(theirs, 3),
    ratio = signif(theirs / ours, 2), note = note
  )
}

# 200 studies of 5 effects, correlated 0.5 by V.
simulated <- function(studies = 200, each = 5) {
  set.seed(1)
  study <- rep(seq_len(studies), each = each)
  k <- length(study)
  vi <- runif(k, 0.05, 0.5)
  yi <- 0.5 + rnorm(studies, 0, 0.4)[study] + rnorm(k, 0, sqrt(vi + 0.05))
  V <- 0.5 * outer(study, study, `==`) * sqrt(outer(vi, vi))
  diag(V) <- vi
  list(data = data.frame(yi, vi, study, row = seq_len(k)), V = V)
}

set <- simulated()
effects <- as_effects(set$data, yi = yi, V = set$V, study = study)
fit <- pool_effects(effects, random = ~ 1 | study / .row)
without <- function(study) {
  keep <- set$data$study != study
  rma.mv(yi, set$V[keep, keep],
    random = ~ 1 | study / row, data = set$data[keep, ], sparse = TRUE
  )
}
tried <- 3
theirs <- 200 * seconds(\() for (study in seq_len(tried)) without(study)) / tried
reckoned <- sprintf("metafor (sparse) reckoned from %d of 200", tried)
rows <- list(
  row("Cook's distances by study, k = 1,000",
    median_seconds(\() cooks.distance(fit, study)), theirs, reckoned
  ),
  row("the same, variances kept",
    median_seconds(\() cooks.distance(fit, study, reestimate = FALSE)), NA
  ),
  row("Cook, DFBETAS and rstudent by study: influence()",
    median_seconds(\() influence(fit, study)), 3 * theirs, reckoned
  ),
  row("leave_one_out() by study, k = 1,000",
    median_seconds(\() leave_one_out(fit, study)), theirs, reckoned
  ),
  row("Cook's distances by row, k = 1,000",
    median_seconds(\() cooks.distance(fit), 3), 5 * theirs, reckoned
  )
)

set.seed(2)
plain <- data.frame(vi = runif(200, 0.05, 1), x = rnorm(200))
plain$yi <- rnorm(200, 0.3 * plain$x, sqrt(plain$vi + 0.1))
independent <- pool_effects(as_effects(plain), ~x)
rma_fit <- rma(yi, vi, mods = ~x, data = plain, test = "knha")
rows <- c(rows, list(
  row("influence(), independent, k = 200", median_seconds(\() influence(independent)),
    median_seconds(\() influence(rma_fit), 1)
  ),
  row("cumulate(), independent, k = 200", median_seconds(\() cumulate(independent)), NA)
))
print(do.call(rbind, rows), row.names = FALSE, right = FALSE)
cat(sprintf("R %s, metafor %s, BLAS %s\n", getRversion(), packageVersion("metafor"),
  basename(extSoftVersion()[["BLAS"]])))
