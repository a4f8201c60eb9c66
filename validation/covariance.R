# How near the covariances that vcov() derives are to the truth, by simulation.
#
#   Rscript validation/covariance.R [replicates]
#
# Two effects a replicate, from animals drawn one by one: normal readings, events, counts
# over a time, survival times. "true" is the covariance of the two effects over
# replicates, with its Monte Carlo standard error in percent; "derived" what vcov() gives
# in a replicate, on average; "at truth" the same rule at the true values, without
# correction for small samples; "shortcut" rho sqrt(v1 v2), on average. Replicates count
# where both effects would be pooled. Last run: covariance.md.

library(metavivo)
replicates <- as.integer(c(commandArgs(TRUE), 40000)[1])
set.seed(20260101)

# ---- animals -------------------------------------------------------------------------

# Each kind draws n animals that are read twice, the readings correlating by rho (1: one
# reading), and returns the group's numbers in each replicate for either reading. `at`:
# what is true of each reading.
normal_pair <- function(n, rho) {
  z <- matrix(rnorm(replicates * n), n)
  if (rho == 1) return(list(z, z))
  list(z, rho * z + sqrt(1 - rho^2) * matrix(rnorm(replicates * n), n))
}
of_normal <- function(x) {
  m <- colMeans(x)
  list(mean = m, sd = sqrt(colSums((x - rep(m, each = nrow(x)))^2) / (nrow(x) - 1)))
}
draw_means <- function(n, at, rho) {
  z <- normal_pair(n, rho)
  lapply(1:2, \(k) of_normal(at[[k]][1] + at[[k]][2] * z[[k]]))
}
# Two events of one animal whose phi coefficient is rho.
draw_counts <- function(n, at, rho) {
  p <- unlist(at)
  one <- matrix(runif(replicates * n) < p[1], n)
  both <- prod(p) + rho * sqrt(prod(p) * prod(1 - p))
  given <- ifelse(one, both / p[1], (p[2] - both) / (1 - p[1]))
  other <- if (rho == 1) one else matrix(runif(replicates * n) < given, n)
  list(list(events = colSums(one)), list(events = colSums(other)))
}
# Counts over one unit of time an animal that have a part in common.
draw_rates <- function(n, at, rho) {
  rate <- unlist(at)
  common <- rpois(replicates, n * rho * sqrt(prod(rate)))
  if (rho == 1) return(rep(list(list(events = common, exposure = n)), 2))
  lapply(1:2, \(k) {
    own <- rpois(replicates, n * (rate[k] - rho * sqrt(prod(rate))))
    list(events = common + own, exposure = n)
  })
}
# Exponential survival, all die.
draw_survival <- function(n, at, rho) {
  stopifnot(rho %in% 0:1)
  middle <- function(median) {
    x <- matrix(rexp(replicates * n, log(2) / median), n)
    sorted <- matrix(x[order(col(x), x)], n)
    if (n %% 2) sorted[(n + 1) / 2, ] else (sorted[n / 2, ] + sorted[n / 2 + 1, ]) / 2
  }
  one <- middle(at[[1]])
  list(list(median = one, events = n),
       list(median = if (rho == 1) one else middle(at[[2]]), events = n))
}
draws <- list(means = draw_means, counts = draw_counts, rates = draw_rates,
              survival = draw_survival)
exact <- list(
  means = \(n, at) list(mean = at[1], sd = at[2]),
  counts = \(n, at) list(events = n * at),
  rates = \(n, at) list(events = n * at, exposure = n),
  survival = \(n, at) list(median = at, events = n)
)

# ---- tables --------------------------------------------------------------------------

# Arms: a list t, c, ... of two lists of columns, one for each effect.
table_of <- function(arms, n, same, maximum) {
  of_effect <- function(k) {
    rows <- max(lengths(arms$t[[k]]))
    out <- data.frame(study = seq_len(rows), experiment = "1", time = NA_real_,
                      outcome = if (same) c("a", "b")[k] else "a")
    for (a in names(arms)) {
      out[paste0(c("n", names(arms[[a]][[k]])), "_", a)] <- c(list(n), arms[[a]][[k]])
      out[[paste0("cohort_", a)]] <- if (a == "t" && !same) paste0("t", k) else a
    }
    out$maximum <- maximum
    out$r <- 0.6
    out$greater_is_worse <- TRUE
    out$reason <- NA_character_
    if (length(arms) == 1) return(as_one_group(out))
    class(out) <- c("mv_comparisons", "data.frame")
    out
  }
  lapply(1:2, of_effect)
}

as_one_group <- function(out) {
  names(out) <- sub("_t$", "", names(out))
  out$role <- "treated"
  class(out) <- c("mv_cohorts", "data.frame")
  out
}

found_in <- function(tables, measure, rho, correct) {
  one <- Map(\(table, measure) suppressWarnings(suppressMessages(
    effect_sizes(table, measure, correct = correct)
  )), tables, rep_len(measure, 2))
  effects <- suppressMessages(rbind(one[[1]], one[[2]]))
  k <- nrow(one[[1]])
  V <- vcov(effects, rho = rho, form = "sparse", check = "none")
  list(
    y = matrix(effects$yi, k), cov = V[cbind(seq_len(k), k + seq_len(k))],
    v = matrix(effects$vi, k),
    keep = rowSums(matrix(effects$pooled & !is.na(effects$yi), k)) == 2
  )
}

percent <- function(x, true) sprintf("%+.1f %%", 100 * (x / true - 1))

line <- function(label, products, derived, at_truth, shortcut = NA) {
  true <- mean(products)
  error <- sd(products) / sqrt(length(products))
  cat(sprintf("| %s | %.4g | %.1f %% | %s | %s | %s |\n", label, true,
    100 * error / abs(true), percent(derived, true), percent(at_truth, true),
    if (is.na(shortcut)) "" else percent(shortcut, true)))
}

# `arms`: for each arm what is true of the two effects. Without rho the treated groups are
# two and all other arms in common; with rho all animals are the same, read twice.
compare <- function(label, measure, kind, n, arms, rho = NULL, maximum = NA) {
  same <- !is.null(rho)
  drawn <- lapply(names(arms), \(a) {
    r <- if (same) rho else if (a == "t") 0 else 1
    draws[[kind]](n, arms[[a]], r)
  })
  names(drawn) <- names(arms)
  truth <- lapply(arms, \(at) lapply(at, exact[[kind]], n = n))
  found <- found_in(table_of(drawn, n, same, maximum), measure, rho, TRUE)
  truth <- found_in(table_of(truth, n, same, maximum), measure, rho, FALSE)
  y <- scale(found$y[found$keep, ], scale = FALSE)
  shortcut <- if (same) rho * mean(sqrt(found$v[found$keep, 1] * found$v[found$keep, 2]))
  line(label, y[, 1] * y[, 2], mean(found$cov[found$keep]), truth$cov[1],
       if (same) shortcut else NA)
  if (!identical(measure, "NMD")) return(invisible())
  line(paste(label, "(variance of the first)"), y[, 1]^2, mean(found$v[found$keep, 1]),
       truth$v[1])
}

both <- function(x) list(x, x)
# Means with SD 1 in every arm.
unit <- function(...) lapply(list(...), \(m) lapply(m, \(x) c(x, 1)))

title <- function(text) {
  cat("\n## ", text, "\n\n", sep = "")
  cat("| case | true | MC error | derived | at truth | shortcut |\n")
  cat("|---|---|---|---|---|---|\n")
}

cat(replicates, "replicates, seed 20260101, R", as.character(getRversion()), "\n")

# ---- two treated groups, the other groups in common ----------------------------------

title("Two treated groups, the other groups in common")
for (n in c(10, 6)) {
  for (g in list(c(0, 0), c(1, 1), c(2, 1), c(2, 2))) {
    compare(sprintf("SMD, n %d, effects %g and %g", n, g[1], g[2]), "SMD", "means", n,
      unit(t = as.list(5 + g), c = both(5)))
  }
}
compare("MD, n 10, effects 1 and 2", "MD", "means", 10, unit(t = list(6, 7), c = both(5)))
for (measure in c("SMDH", "SMD1", "SMD1H")) {
  for (n in c(10, 6)) {
    compare(sprintf("%s, n %d, effects 1 and 1", measure, n), measure, "means", n,
      unit(t = both(6), c = both(5)))
  }
}
for (measure in c("ROM", "VR", "CVR")) {
  for (n in c(10, 6)) {
    compare(sprintf("%s, n %d, CV 20 %%, halved and doubled", measure, n), measure,
      "means", n, list(t = list(c(2.5, 0.5), c(10, 2)), c = both(c(5, 1))))
  }
}
for (disease in c(4, 2)) {
  for (r in list(c(0, 0), c(0.5, 0.5), c(0.3, 0.8))) {
    compare(
      sprintf("NMD, n 10, disease effect %g SD, %g and %g", disease, 100 * r[1],
              100 * r[2]),
      "NMD", "means", 10,
      unit(t = as.list(disease * (1 - r)), c = both(disease), s = both(0)))
  }
}
compare("MPE, n 10, maximum 5 SD above the control, 20 and 60", "MPE", "means", 10,
  unit(t = list(6, 8), c = both(5)), maximum = 10)
for (n in c(10, 20)) {
  for (p in list(c(0.6, 0.4), c(0.5, 0.5))) {
    for (measure in c("RR", "OR", "RD", "AS", "PETO")) {
      compare(sprintf("%s, n %d, %g and %g of the treated, 0.5 of the controls", measure,
                      n, p[1], p[2]), measure, "counts", n,
        list(t = as.list(p), c = both(0.5)))
    }
  }
}
for (measure in c("IRR", "IRD", "IRSD")) {
  compare(sprintf("%s, n 10, rates 0.5 and 2, control 1", measure), measure, "rates", 10,
    list(t = list(0.5, 2), c = both(1)))
}
for (n in c(11, 10)) {
  compare(sprintf("MSR, n %d, exponential, doubled and halved", n), "MSR", "survival", n,
    list(t = list(2, 0.5), c = both(1)))
}
for (measure in c("MD_A", "SMD_A", "SMD_AB", "ROM_A", "ROM_AB")) {
  compare(sprintf("%s, n 10, two factorials with three groups in common", measure),
    measure, "means", 10, unit(t = list(6, 7), c = both(5), a = both(5.5), b = both(6)))
}

# ---- the same animals ----------------------------------------------------------------

title("Two outcomes of the same animals")
for (n in c(10, 6, 4)) {
  compare(sprintf("SMD, rho 0.5, n %d, effects 2 and 2", n), "SMD", "means", n,
    unit(t = both(7), c = both(5)), 0.5)
}
compare("SMD, rho 0.8, n 10, effects 1 and 2", "SMD", "means", 10,
  unit(t = list(6, 7), c = both(5)), 0.8)
compare("SMD, rho 0.5, n 10, effects 1 and -1", "SMD", "means", 10,
  unit(t = list(6, 4), c = both(5)), 0.5)
for (measure in c("SMDH", "SMD1", "SMD1H")) {
  compare(sprintf("%s, rho 0.5, n 10, effects 1 and 1", measure), measure, "means", 10,
    unit(t = both(6), c = both(5)), 0.5)
}
compare("MD, rho 0.5, n 10, SDs 1 and 3, 3 and 1", "MD", "means", 10,
  list(t = list(c(6, 1), c(6, 3)), c = list(c(5, 3), c(5, 1))), 0.5)
for (rho in c(0.3, 0.5, 0.8)) {
  for (measure in c("ROM", "VR", "CVR")) {
    compare(sprintf("%s, rho %g, n 10, CVs 10 and 30 %%, 30 and 10 %%", measure, rho),
      measure, "means", 10, list(t = list(c(10, 1), c(8, 2.4)),
                                 c = list(c(8, 2.4), c(10, 1))), rho)
  }
}
compare("NMD, rho 0.5, n 10, disease effect 4 SD, 50 and 50", "NMD", "means", 10,
  unit(t = both(2), c = both(4), s = both(0)), 0.5)
for (measure in c("MD_A", "SMD_A", "ROM_AB")) {
  compare(sprintf("%s, rho 0.5, n 10", measure), measure, "means", 10,
    unit(t = both(7), c = both(5), a = both(5.5), b = both(6)), 0.5)
}
for (p in list(c(0.6, 0.4, 0.5, 0.5), c(0.7, 0.3, 0.3, 0.5))) {
  for (n in c(10, 20)) {
    for (measure in c("RR", "OR", "RD", "AS", "PETO")) {
      compare(sprintf("%s, rho 0.4, n %d, treated %g and %g, controls %g and %g",
                      measure, n, p[1], p[2], p[3], p[4]), measure, "counts", n,
        list(t = as.list(p[1:2]), c = as.list(p[3:4])), 0.4)
    }
  }
}
for (measure in c("IRR", "IRD", "IRSD")) {
  compare(sprintf("%s, rho 0.5, n 10, rates 1 and 2, control 2 and 1", measure), measure,
    "rates", 10, list(t = list(1, 2), c = list(2, 1)), 0.5)
}
for (measure in c("MN", "MNLN", "SDLN", "CVLN")) {
  compare(sprintf("%s, rho 0.5, n 10, CV 20 %%", measure), measure, "means", 10,
    list(t = both(c(5, 1))), 0.5)
}
for (measure in c("PR", "PLN", "PLO", "PAS", "PFT")) {
  compare(sprintf("%s, rho 0.4, n 10, 0.5 and 0.4", measure), measure, "counts", 10,
    list(t = list(0.5, 0.4)), 0.4)
}
for (measure in c("IR", "IRLN", "IRS", "IRFT")) {
  compare(sprintf("%s, rho 0.5, n 10, rates 1 and 2", measure), measure, "rates", 10,
    list(t = list(1, 2)), 0.5)
}

# ---- two measures --------------------------------------------------------------------

title("Two measures in one table, two treated groups and one control")
for (measures in list(c("MD", "ROM"), c("SMD", "ROM"), c("ROM", "CVR"), c("VR", "CVR"),
                      c("SMD", "CVR"))) {
  compare(paste(measures, collapse = " and "), measures, "means", 10,
    list(t = list(c(6, 1), c(7, 1)), c = both(c(5, 1))))
}
compare("OR and RD", c("OR", "RD"), "counts", 20, list(t = list(0.6, 0.4), c = both(0.5)))
title("Two measures of the same outcome and animals")
for (measures in list(c("SMD", "ROM"), c("ROM", "CVR"), c("VR", "CVR"))) {
  compare(paste(measures, collapse = " and "), measures, "means", 10,
    list(t = both(c(6, 1)), c = both(c(5, 1))))
}
