# How right correct_clusters() makes effects of animals kept in cages or litters.
#
#   Rscript validation/unit_of_analysis.R [replicates]
#
# Whole cages are treated. A reading is mean + sqrt(icc) cage + sqrt(1 - icc) animal, both
# standard normal, so the total SD is 1. Writes unit_of_analysis.md.
source("validation/simulate.R")
library(metavivo)
replicates <- as.integer(c(commandArgs(TRUE), 40000)[1])
set.seed(20260301)

# Means and SDs of groups in cages of the sizes given.
draw_group <- function(sizes, mean, icc, sd = 1) {
  cage <- rep(seq_along(sizes), sizes)
  of_cage <- matrix(rnorm(replicates * length(sizes)), length(sizes))
  own <- matrix(rnorm(replicates * length(cage)), length(cage))
  y <- mean + sd * (sqrt(icc) * of_cage[cage, ] + sqrt(1 - icc) * own)
  m <- colMeans(y)
  list(n = length(cage), mean = m,
       sd = sqrt(colSums((y - rep(m, each = length(cage)))^2) / (length(cage) - 1)))
}

pairs_of_groups <- function(treated, control, study = seq_len(replicates)) {
  suppressMessages(as_comparisons(
    data.frame(study = study, n_t = treated$n, mean_t = treated$mean,
      error_t = treated$sd, n_c = control$n, mean_c = control$mean, error_c = control$sd,
      control = "control"
    ),
    error_type = "sd"
  ))
}

effects_of <- function(pairs, measure) suppressWarnings(effect_sizes(pairs, measure))
percent <- function(x) sprintf("%+.1f %%", 100 * (x - 1))

# Bias of the estimate, and of its mean variance beside the variance over replicates.
tell <- function(effects, truth) {
  mean <- mean(effects$yi)
  off <- if (truth == 0) sprintf("%+.3f", mean) else percent(mean / truth)
  c(off, percent(mean(effects$vi) / var(effects$yi)))
}

one_case <- function(label, sizes, icc, truth) {
  control_mean <- 5
  pairs <- pairs_of_groups(
    draw_group(sizes, control_mean + truth, icc), draw_group(sizes, control_mean, icc)
  )
  cages <- list(sizes)
  fixed <- correct_clusters(pairs, icc = .env$icc, size = .env$cages)
  uncorrected <- effects_of(pairs, "SMD")
  exact <- correct_clusters(uncorrected, icc = .env$icc, size = .env$cages)
  md <- effects_of(fixed, "MD")
  rom <- effects_of(fixed, "ROM")
  data.frame(
    cages = label, icc = icc, SMD = truth,
    t(c(
      tell(uncorrected, truth), tell(fixed <- effects_of(fixed, "SMD"), truth),
      tell(exact, truth), tell(md, truth)[2],
      tell(rom, log1p(truth / control_mean))[2]
    ))
  )
}

# Two treated groups and one control: the covariance that vcov() derives.
shared_case <- function(measure, sizes, icc, truth) {
  control <- draw_group(sizes, 5, icc)
  both <- lapply(1:2, \(k) {
    pairs_of_groups(draw_group(sizes, 5 + truth, icc), control)
  })
  both[[2]]$cohort_t <- paste0(both[[2]]$cohort_t, "b")
  pairs <- rbind(both[[1]], both[[2]])
  pairs$cohort_c <- "control"
  cages <- list(sizes)
  effects <- effects_of(correct_clusters(pairs, icc = .env$icc, size = .env$cages),
                        measure)
  V <- vcov(effects, form = "sparse")
  at <- seq_len(replicates)
  y <- matrix(effects$yi, ncol = 2)
  product <- (y[, 1] - mean(y[, 1])) * (y[, 2] - mean(y[, 2]))
  data.frame(
    measure = measure, icc = icc, SMD = truth, true = sprintf("%.4f", mean(product)),
    "MC error" = sprintf("%.1f %%", 100 * sd(product) / sqrt(replicates) / mean(product)),
    "mean of vcov()" = percent(mean(V[cbind(at, replicates + at)]) / mean(product)),
    check.names = FALSE
  )
}

layouts <- list(
  "4 of 5" = rep(5, 4), "2, 3, 5, 10" = c(2, 3, 5, 10), "3 of 3" = rep(3, 3)
)
found <- list()
for (label in names(layouts)) {
  for (icc in c(0, 0.1, 0.3, 0.5)) {
    for (truth in c(0, 1, 2)) {
      found <- c(found, list(one_case(label, layouts[[label]], icc, truth)))
    }
  }
}
found <- do.call(rbind, found)
names(found)[-(1:3)] <- c(
  "uncorrected: g", "its variance", "comparisons: g", "its variance ",
  "effects: g", "its variance  ", "MD: variance", "ROM: variance"
)
shared <- do.call(rbind, lapply(c("MD", "SMD", "ROM"), \(measure) {
  do.call(rbind, lapply(c(0.1, 0.3), \(icc) shared_case(measure, rep(5, 4), icc, 1)))
}))
write_result(c(
  "## Cages and litters",
  "",
  sprintf("%d replicates, seed 20260301, R %s. Both groups in the cages named.",
    replicates, getRversion()),
  "The mean of g beside the true value (as it is where that is 0), and the mean variance",
  "beside the variance over replicates: uncorrected; from comparisons corrected by",
  "`correct_clusters()` (effective n and total SD); from effects corrected by it (Hedges",
  "2007). Then the variances of MD and ROM from corrected comparisons. The Monte Carlo",
  "standard error of a variance is 0.7 % at 40,000 replicates.",
  "",
  markdown_table(found), "",
  "### Covariance of two treated groups with one control, 4 cages of 5", "",
  markdown_table(shared)
), "validation/unit_of_analysis.md")
