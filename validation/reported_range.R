# How often does reported_range() give each verdict?
#
#   Rscript validation/reported_range.R [replicates]      from the root of the sources
#
# Log response ratios, 6 to 12 animals an arm, CV 25 %, tau 0.3, claim: a reduction of 40
# to 60 %. The verdict needs only the fit's interval, so it is taken by the rule itself,
# and compared with reported_range() on the first fits of each setting.

library(metavivo)
source("validation/simulate.R")

replicates <- c(as.integer(commandArgs(TRUE)), 10000L)[1]
seed <- 20250809L
claim <- c(-60, -40)
settings <- expand.grid(k = c(5, 10, 30), truth = c(-50, -40, 0, -55, -65))
compared <- 25

judge <- function(fit) {
  metavivo:::range_rule(
    100 * expm1(fit$ci_lower), 100 * expm1(fit$ci_upper), claim
  )
}

check_against_user_function <- function(fit, rule) {
  verdict <- as.character(reported_range(fit, 40, 60, "reduction")$verdict)
  if (rule %in% c("holds zero", "too wide")) rule <- "undecided"
  stopifnot(identical(verdict, rule))
}

run_setting <- function(k, truth) {
  pairs <- simulate_sets(replicates, k, log1p(truth / 100), 0.3^2, ratio_arms)
  effects <- suppressWarnings(effect_sizes(pairs, "ROM"))
  done <- 0
  rule <- unlist(each_replicate(effects, k, "ROM", \(set) {
    fit <- pool_effects(set)
    found <- judge(fit)
    done <<- done + 1
    if (done <= compared) check_against_user_function(fit, found)
    found
  }))
  shares <- lapply(
    c("supported", "compatible", "holds zero", "too wide", "contradicted"),
    \(word) share_with_error(rule == word)
  )
  data.frame(
    truth = paste(truth, "%"), k = k, supported = shares[[1]], compatible = shares[[2]],
    `undecided (0)` = shares[[3]], `undecided (wide)` = shares[[4]],
    contradicted = shares[[5]], check.names = FALSE
  )
}

set.seed(seed)
took <- system.time(
  rows <- Map(run_setting, settings$k, settings$truth)
)[["elapsed"]]

write_result(c(
  "## How often each verdict of `reported_range()` appears", "",
  sprintf(paste(
    "`validation/reported_range.R`: %s replicates a row, seed %d. Log response ratios",
    "with the small-sample correction, 6 to 12 normal animals an arm, CV 25 %% in both,",
    "tau 0.3, REML, `test = \"adhoc\"`; claim: a reduction of 40 to 60 %%. In brackets",
    "the Monte Carlo standard error."
  ), format(replicates, big.mark = ",", scientific = FALSE), seed), "",
  markdown_table(do.call(rbind, rows)), ""
), "validation/reported_range.md")
message(sprintf("%.0f s", took))
