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
    reliable = if (k < 10) "" else share_with_error(table[!at_zero, 4]),
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

# An earlier simulation, whose true means were not written down, and what was found.
smd <- do.call(rbind, smd)
at_ten <- \(table, column, tau2) {
  table[[column]][table$k == 10 & table$tau2 == tau2]
}
found_at_ten <- \(column, tau2) {
  shares <- c(at_ten(smd, column, tau2), at_ten(rom, column, tau2))
  paste0(c("SMD 0: ", "SMD 1: ", "SMD 2: ", "ROM: "), shares, collapse = "; ")
}
compared <- data.frame(
  what = c(
    "k = 10, tau2 = 0: knha", "the same, tau2 estimated 0", "k = 10, tau2 = 0: adhoc",
    "k = 10, tau2 = .1: prediction interval",
    "SMD 2, tau2 .5, k = 30, LS: mean, adhoc", "the same, UB", "the same, AV"
  ),
  earlier = c(".937", ".907", ".978", ".82", "1.88, .876", "1.85, .843", "2.00, .940"),
  found = c(
    found_at_ten("knha", 0), found_at_ten("knha there", 0), found_at_ten("adhoc", 0),
    found_at_ten("prediction", 0.1),
    paste(by_form$`pooled mean`, by_form$adhoc, sep = ", ")
  )
)

reading <- c(
  "What to read from it. z is too narrow where tau2 is above 0 and k is 5 or 10 (.88",
  "to .95). Knapp-Hartung holds .94 to .96 for ROM and for SMD 0 on the whole, but",
  "not among the replicates whose tau2 is estimated 0; the ad hoc form mends that, at",
  "the price of too wide intervals where tau2 is 0 and k small. No test mends SMD 2:",
  "effect and variance go together, the pooled mean is 3 to 6 % too near to zero, and",
  "with more studies the interval closes around the wrong value (k = 30: .85 to .88).",
  "The averaged variance form does mend it. The prediction interval is as good as its",
  "name for ROM from 10 studies on where tau2 is .1 or more. For SMD with tau2 = .1,",
  "about half of the sampling variance, it holds .77 to .85 with 10 and 30 studies;",
  "where it is not marked unreliable, .89 to .96. At tau2 = .5 it holds .86 to .91.", "",
  "Beside the earlier simulation: the three variance forms agree within .01. For k =",
  "10 the earlier numbers lie inside the spread over measures and true means, but for",
  "the prediction interval: .84 to .85 for SMD where .82 was found."
)

write_result(c(
  "## Coverage of intervals", "",
  sprintf(paste(
    "`validation/coverage.R`: %s replicates a row, seed %d; 6 to 12 normal animals an",
    "arm (ROM: CV 25 %%), REML, nominal 0.95. In brackets the Monte Carlo standard",
    "error. `prediction`: probability that the prediction interval holds a new true",
    "effect (t(k - 1), test adhoc); `reliable`: the same where it is not marked",
    "unreliable (k at least 10, tau2 above 0). `tau2 at 0`: share of replicates with",
    "tau2 estimated 0, and `knha there` the coverage of Knapp-Hartung among them",
    "(left out below 100)."
  ), format(replicates, big.mark = ",", scientific = FALSE), seed), "",
  "### Standardised mean difference, default variance", "",
  markdown_table(smd), "",
  "### Log response ratio, a halving", "", markdown_table(rom), "",
  "### Standardised mean difference by variance form", "", markdown_table(by_form), "",
  "### Beside an earlier simulation", "", markdown_table(compared), "", reading, ""
), "validation/coverage.md")
message(sprintf("%.0f s", took))
