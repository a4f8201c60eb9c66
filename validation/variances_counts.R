# How near the variances of counts, rates, median survival, hazard ratios and correlations
# are to the truth.
#
#   Rscript validation/variances_counts.R [replicates]
#
# "bias" is the mean of vi over the variance of yi, less 1, in percent; "mean" the mean of
# yi less the true value, in standard errors of yi. Counts and rates are enumerated: every
# table with its probability, so these numbers have no Monte Carlo error (Poisson counts
# up to a tail of 1e-12). Survival, hazard ratios and correlations are drawn, and "error"
# is the Monte Carlo standard error of the bias. Covariance: two treated groups with one
# control; the correlation of the two effects, then what vcov() derives, the mean of the
# covariances over that of the variances. Rows without an effect are left out.
# Last run: variances_counts.md.

library(metavivo)
replicates <- as.integer(c(commandArgs(TRUE), 40000)[1])
set.seed(20260102)

line <- function(...) cat("|", paste(c(...), collapse = " | "), "|\n")
head_of <- function(title, ...) {
  cat("\n##", title, "\n\n")
  line(...)
  line(rep("---", length(c(...))))
}
percent <- function(x) sprintf("%+.1f", 100 * x)

# A table as effect_sizes() takes it: `numbers` are its columns of data.
comparisons_of <- function(numbers) {
  rows <- nrow(numbers)
  out <- data.frame(
    comparison = seq_len(rows), study = seq_len(rows), experiment = "1", outcome = "a",
    time = NA_real_, cohort_t = "t", cohort_c = "c", cohort_s = NA_character_
  )
  out[as.vector(outer(c("n", "mean", "sd"), c("_t", "_c", "_s"), paste0))] <- NA_real_
  out[names(numbers)] <- numbers
  out[c("shared_c", "shared_s", "greater_is_worse", "row_t", "row_c", "row_s")] <-
    list(1L, NA_integer_, NA, seq_len(rows), NA_integer_, NA_integer_)
  out$reason <- NA_character_
  structure(out, class = c("mv_comparisons", "data.frame"))
}

# The treated groups alone, as cohorts() and as_correlations() give groups.
groups_of <- function(numbers) {
  pairs <- unclass(comparisons_of(numbers))
  treated <- grep("_t$", names(pairs))
  groups <- pairs[c("study", "experiment", "outcome", "time", "greater_is_worse")]
  groups[sub("_t$", "", names(pairs)[treated])] <- pairs[treated]
  groups$r <- pairs$r
  groups$role <- NA_character_
  structure(groups, row.names = seq_along(groups$study),
            class = c("mv_cohorts", "data.frame"))
}

effects_of <- function(numbers, measure, ...) {
  known <- effect_measures()
  single <- known$groups[known$name == measure] == 1
  table <- if (single) groups_of(numbers) else comparisons_of(numbers)
  suppressWarnings(effect_sizes(table, measure, ...))
}

# With weights that are probabilities.
moments <- function(effects, weight, truth) {
  keep <- !is.na(effects$yi)
  w <- weight[keep] / sum(weight[keep])
  mean <- sum(w * effects$yi[keep])
  v <- sum(w * (effects$yi[keep] - mean)^2)
  c(bias = sum(w * effects$vi[keep]) / v - 1, mean = (mean - truth) / sqrt(v))
}

# ---- counts --------------------------------------------------------------------------

truth_of <- list(
  RR = \(t, c) log(t / c), OR = \(t, c) qlogis(t) - qlogis(c), RD = \(t, c) t - c,
  AS = \(t, c) asin(sqrt(t)) - asin(sqrt(c)), PETO = \(t, c) qlogis(t) - qlogis(c),
  PR = \(t, c) t, PLN = \(t, c) log(t), PLO = \(t, c) qlogis(t),
  PAS = \(t, c) asin(sqrt(t)), PFT = \(t, c) asin(sqrt(t))
)
risks <- list(c(0.5, 0.5), c(0.3, 0.6), c(0.1, 0.5), c(0.1, 0.1))

counts <- function(measure, variance, n) {
  numbers <- expand.grid(events_t = 0:n, events_c = 0:n)
  numbers[c("n_t", "n_c")] <- n
  effects <- effects_of(numbers, measure, variance)
  vapply(risks, function(p) {
    weight <- dbinom(numbers$events_t, n, p[1]) * dbinom(numbers$events_c, n, p[2])
    found <- moments(effects, weight, truth_of[[measure]](p[1], p[2]))
    paste0(percent(found[["bias"]]), " (", sprintf("%+.2f", found[["mean"]]), ")")
  }, "")
}

head_of(
  "Counts: bias in % (and mean)", "measure", "form", "n",
  vapply(risks, \(p) paste(p, collapse = " v "), "")
)
forms <- list(
  c("RR", "LS"), c("OR", "LS"), c("RD", "LS"), c("RD", "UB"), c("AS", "LS"),
  c("PETO", "LS"), c("PR", "LS"), c("PR", "UB"), c("PLN", "LS"), c("PLO", "LS"),
  c("PAS", "LS"), c("PFT", "LS")
)
for (form in forms) for (n in c(10, 40)) {
  line(form, n, counts(form[1], form[2], n))
}

# ---- covariance through a shared control ---------------------------------------------

shared <- function(measure, n, p) {
  events <- expand.grid(a = 0:n, b = 0:n, c = 0:n)
  tables <- seq_len(nrow(events))
  numbers <- data.frame(
    events_t = c(events$a, events$b), n_t = n, events_c = events$c, n_c = n
  )
  numbers$study <- c(tables, tables)
  numbers$cohort_t <- rep(c("a", "b"), each = nrow(events))
  effects <- effects_of(numbers, measure)
  V <- vcov(effects, form = "sparse")
  derived <- V[cbind(tables, nrow(events) + tables)]
  weight <- dbinom(events$a, n, p[1]) * dbinom(events$b, n, p[1]) *
    dbinom(events$c, n, p[2])
  y <- matrix(effects$yi, ncol = 2)
  keep <- !is.na(rowSums(y))
  w <- weight[keep] / sum(weight[keep])
  off <- sweep(y[keep, ], 2, colSums(w * y[keep, ]))
  true <- sum(w * off[, 1] * off[, 2]) / sum(w * off[, 1]^2)
  v <- effects$vi[tables][keep]
  sprintf("%.3f, %.3f", true, sum(w * derived[keep]) / sum(w * v))
}

head_of(
  "Correlation through a shared control: true, derived", "measure", "n",
  vapply(risks, \(p) paste(p, collapse = " v "), "")
)
for (measure in c("RR", "OR", "RD", "AS", "PETO")) for (n in c(10, 20)) {
  line(measure, n, vapply(risks, \(p) shared(measure, n, p), ""))
}

# ---- rates ---------------------------------------------------------------------------

rate_truth <- list(
  IRR = \(t, c) log(t / c), IRD = \(t, c) t - c, IRSD = \(t, c) sqrt(t) - sqrt(c),
  IR = \(t, c) t, IRLN = \(t, c) log(t), IRS = \(t, c) sqrt(t), IRFT = \(t, c) sqrt(t)
)
expected <- list(c(2, 2), c(2, 5), c(5, 10), c(20, 20))

# `mean` events in one unit of time.
rates <- function(measure, mean) {
  counts <- 0:qpois(1 - 1e-12, max(mean))
  numbers <- expand.grid(events_t = counts, events_c = counts)
  numbers[c("exposure_t", "exposure_c")] <- 1
  weight <- dpois(numbers$events_t, mean[1]) * dpois(numbers$events_c, mean[2])
  found <- moments(
    effects_of(numbers, measure), weight, rate_truth[[measure]](mean[1], mean[2])
  )
  paste0(percent(found[["bias"]]), " (", sprintf("%+.2f", found[["mean"]]), ")")
}

head_of(
  "Rates, by expected events: bias in % (and mean)", "measure",
  vapply(expected, \(mean) paste(mean, collapse = " v "), "")
)
for (measure in names(rate_truth)) {
  line(measure, vapply(expected, \(mean) rates(measure, mean), ""))
}

# ---- drawn: survival, hazard ratios, correlations ------------------------------------

# The Monte Carlo error of a ratio of mean vi to the variance of yi.
drawn <- function(yi, vi, truth) {
  keep <- !is.na(yi) & !is.na(vi)
  yi <- yi[keep]
  vi <- vi[keep]
  off <- (yi - mean(yi))^2
  ratio <- mean(vi) / mean(off)
  error <- sd((vi - ratio * off) / mean(off)) / sqrt(length(yi))
  c(percent(ratio - 1), sprintf("%.1f", 100 * error),
    sprintf("%+.2f", (mean(yi) - truth) / sd(yi)))
}

head_of("Median survival: bias in %, error, mean", "shape", "n", "censored",
  "true ratio", "bias", "error", "mean")

# All animals of a group have one censoring time, which leaves the share given alive; a
# median that is not reached has no effect.
median_survival <- function(n, shape, scale, censored) {
  time <- matrix(scale * rexp(n * replicates)^(1 / shape), n)
  end <- scale * (-log(censored))^(1 / shape)
  sorted <- matrix(sort(time + 1e9 * rep(seq_len(replicates), each = n)), n)
  sorted <- sorted - 1e9 * rep(seq_len(replicates), each = n)
  middle <- (sorted[floor((n + 1) / 2), ] + sorted[ceiling((n + 1) / 2), ]) / 2
  last <- sorted[floor(n / 2) + 1, ]
  middle[last > end] <- Inf
  list(median = middle, deaths = colSums(time <= end))
}

for (case in list(c(1, 10, 0, 1), c(1, 10, 0, 2), c(2.5, 10, 0, 1.5), c(1, 10, 0.2, 1),
                  c(1, 11, 0, 1), c(1, 20, 0, 1), c(1, 40, 0, 1))) {
  t <- median_survival(case[2], case[1], case[4], case[3])
  c <- median_survival(case[2], case[1], 1, case[3])
  effects <- effects_of(data.frame(
    median_t = t$median, events_t = t$deaths, median_c = c$median, events_c = c$deaths
  ), "MSR", shape = case[1])
  line(case, drawn(effects$yi, effects$vi, log(case[4])))
}

head_of("Log hazard ratio, O - E and V: bias in %, error, mean", "n", "log hazard ratio",
  "bias", "error", "mean")

# The log-rank test of one experiment without ties.
log_rank <- function(time, treated) {
  treated <- treated[order(time)]
  at_risk <- rev(seq_along(time))
  share <- rev(cumsum(rev(treated))) / at_risk
  c(sum(treated - share), sum(share * (1 - share)))
}

for (case in list(c(10, 0), c(10, -0.7), c(10, -1.2), c(20, 0), c(20, -0.7), c(40, 0))) {
  n <- case[1]
  treated <- rep(1:0, each = n)
  found <- replicate(replicates / 2, {
    log_rank(rexp(2 * n, exp(case[2] * treated)), treated)
  })
  effects <- as_hazard_ratios(o_minus_e = found[1, ], v = found[2, ])
  line(case, drawn(effects$yi, effects$vi, case[2]))
}

head_of("Correlations: bias in %, error, mean", "measure", "n", "true r", "bias", "error",
  "mean")

correlations <- function(n, rho) {
  x <- matrix(rnorm(n * replicates), n)
  y <- rho * x + sqrt(1 - rho^2) * matrix(rnorm(n * replicates), n)
  x <- sweep(x, 2, colMeans(x))
  y <- sweep(y, 2, colMeans(y))
  colSums(x * y) / sqrt(colSums(x^2) * colSums(y^2))
}

for (n in c(6, 10, 20)) for (rho in c(0, 0.5, 0.8)) {
  r <- correlations(n, rho)
  for (measure in c("COR", "ZCOR")) {
    effects <- effects_of(data.frame(r = r, n_t = n), measure)
    line(measure, n, rho, drawn(effects$yi, effects$vi,
      if (measure == "COR") rho else atanh(rho)))
  }
}
