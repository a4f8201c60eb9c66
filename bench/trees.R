# Species with their phylogeny, crossed with studies, beside metafor in the same run.
#   Rscript bench/trees.R [case ...]
#
# The cases are those of tests/testthat/helper-multilevel_*.R on data of metadat; without
# names the four whose matrix rma.mv() deals with in less than a minute.
suppressPackageStartupMessages(library(metavivo))
for (name in c("compare", "data", "tables", "cases", "further")) {
  source(file.path("tests", "testthat", paste0("helper-multilevel_", name, ".R")))
}
cases <- c(documented_cases, tree_cases)
names(cases) <- vapply(cases, `[[`, "", "name")

their_run <- function(case, table) {
  data <- table$data
  arguments <- list(
    yi = data$yi, V = data$vi, mods = case$mods, random = case$random, R = case$R(),
    method = case$method, data = data
  )
  \() suppressWarnings(do.call(metafor::rma.mv, arguments))
}

median_time <- function(run, times) {
  stats::median(replicate(times, sum(system.time(run())[1:2])))
}

compare <- function(case) {
  table <- ml_table(case, list())
  fit <- ml_fit(case, table)
  arguments <- ml_fit_arguments(case, table)
  ours <- median_time(\() suppressMessages(do.call(pool_effects, arguments)), 5)
  run <- their_run(case, table)
  theirs <- NULL
  took <- median_time(\() theirs <<- run(), 1)
  data.frame(
    case = case$name, k = fit$k, levels = max(fit$components$levels), metafor_s = took,
    whole_s = ours, ratio = signif(took / ours, 2), evaluations = fit$evaluations,
    loglik_above = signif(as.numeric(stats::logLik(fit)) -
      as.numeric(stats::logLik(theirs)), 2)
  )
}

asked <- commandArgs(TRUE)
if (length(asked) == 0) {
  asked <- c("lim, phylogeny", "lim, adjusted", "lim, mothers", "lim, fecundity")
}
print(do.call(rbind, lapply(cases[asked], compare)), row.names = FALSE, digits = 3)
