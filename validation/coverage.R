# Coverage of the 95 % interval (z, knha, adhoc) and of the prediction interval.
#
#   Rscript validation/coverage.R [replicates]            from the root of the sources
#
# SMD and ROM of two arms with 6 to 12 normal animals each, REML. The coverage of a
# prediction interval is the probability that it holds a new true effect, computed for
# each replicate, not drawn.

library(metavivo)
source("validation/simulate.R")

replicates <- c(as.integer(commandArgs(TRUE)), 10000L)[1]
seed <- 20250810L
tests <- c("z", "knha", "adhoc")

# How much of the true effects' distribution the prediction interval holds.
content <- function(lower, upper, mu, tau2) {
  if (tau2 == 0) return(as.double(lower <= mu & mu <= upper))
  pnorm(upper, mu, sqrt(tau2)) - pnorm(lower, mu, sqrt(tau2))
}

# What one replicate tells, as plain numbers. The prediction interval is that of
# predict(), t with k - 1 degrees of freedom (test adhoc), without its Q-profile search.
one_replicate <- function(set, k, mu, tau2) {
  fits <- lapply(tests, \(test) pool_effects(set, test = test))
  covers <- vapply(fits, \(fit) fit$ci_lower <= mu && mu <= fit$ci_upper, NA)
  fit <- fits[[3]]
  half <- qt(0.975, k - 1) * sqrt(fit$tau2 + fit$se^2)
  c(
    covers, content(fit$beta - half, fit$beta + half, mu, tau2), fit$tau2 == 0, fit$beta,
    fit$tau2
  )
}

check_prediction <- function(set, k) {
  fit <- pool_effects(set)
  half <- unname(qt(0.975, k - 1) * sqrt(fit$tau2 + fit$se^2))
  ends <- predict(fit)
  stopifnot(all.equal(ends$pi_upper - ends$estimate, half, tolerance = 1e-12))
}

run_setting <- function(measure, k, mu, tau2, variance = NULL) {
  arms <- if (measure == "ROM") ratio_arms else standard_arms
  pairs <- simulate_sets(replicates, k, mu, tau2, arms)
  effects <- suppressWarnings(effect_sizes(pairs, measure, variance))
  check_prediction(effects[seq_len(k), ], k)
  found <- each_replicate(effects, k, measure, \(set) one_replicate(set, k, mu, tau2))
  table <- do.call(rbind, found)
  at_zero <- table[, 5] == 1
  data.frame(
    measure = measure, mean = round(mu, 2), tau2 = tau2, k = k,
    z = share_with_error(table[, 1]), knha = share_with_error(table[, 2]),
    adhoc = share_with_error(table[, 3]), prediction = share_with_error(table[, 4]),
    `tau2 at 0` = sprintf("%.2f", mean(at_zero)),
    `knha there` = if (sum(at_zero) < 100) "" else share_with_error(table[at_zero, 2]),
    `pooled mean` = share_with_error(table[, 6]), check.names = FALSE
  )
}

run_table <- function(settings) {
  do.call(rbind, do.call(Map, c(list(f = run_setting), settings)))
}

set.seed(seed)
grid <- expand.grid(k = c(5, 10, 30), tau2 = c(0, 0.1, 0.5))
at <- \(measure, mu) run_table(list(
  measure = measure, k = grid$k, mu = mu, tau2 = grid$tau2
))
forms <- c("LS", "UB", "AV")
took <- system.time({
  smd <- lapply(c(0, 1, 2), \(mu) at("SMD", mu))
  rom <- at("ROM", log(0.5))
  by_form <- run_table(list(
    measure = "SMD", k = 30, mu = 2, tau2 = 0.5, variance = forms
  ))
})[["elapsed"]]
by_form <- cbind(variance = forms, by_form)

write_result(c(
  "## Coverage of intervals", "",
  sprintf(paste(
    "`validation/coverage.R`: %s replicates a row, seed %d; 6 to 12 normal animals an arm",
    "(ROM: CV 25 %%), REML, nominal 0.95. In brackets the Monte Carlo standard error.",
    "`prediction`: probability that the prediction interval holds a new true effect",
    "(t(k - 1), test adhoc). `tau2 at 0`: share of replicates with tau2 estimated 0, and",
    "`knha there` the coverage of Knapp-Hartung among them."
  ), format(replicates, big.mark = ",", scientific = FALSE), seed), "",
  "### Standardised mean difference, default variance", "",
  markdown_table(do.call(rbind, smd)), "",
  "### Log response ratio, a halving", "", markdown_table(rom), "",
  "### Standardised mean difference by variance form", "", markdown_table(by_form), ""
), "validation/coverage.md")
message(sprintf("%.0f s", took))
