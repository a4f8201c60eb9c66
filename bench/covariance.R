# The covariance matrix of 10^5 effects in 20,000 studies, five comparisons a study of
# which two and three share a control, all five a sham; beside metafor's vcalc() on as
# many studies as its dense form holds.
#   Rscript bench/covariance.R
# Medians; noise moves both together.
suppressPackageStartupMessages(library(metavivo))
suppressMessages(loadNamespace("Matrix")) |> invisible()

median_ms <- function(run, times = 5) {
  run()
  1000 * stats::median(replicate(times, system.time(run())[["elapsed"]]))
}

table_of <- function(studies) {
  set.seed(1)
  k <- 5 * studies
  study <- rep(seq_len(studies), each = 5)
  control <- rep(c("c1", "c1", "c2", "c2", "c2"), studies)
  of <- function(key, values) values(length(unique(key)))[match(key, unique(key))]
  n <- \(size) sample(6:12, size, TRUE)
  sd <- \(size) runif(size, 1, 2)
  by_control <- paste(study, control)
  data.frame(
    study = paste("Study", study), treated = rep(paste0("t", 1:5), studies), control,
    sham = "s", n_t = n(k), mean_t = rnorm(k, 10), error_t = sd(k),
    n_c = of(by_control, n), mean_c = of(by_control, \(size) rnorm(size, 12)),
    error_c = of(by_control, sd), n_s = of(study, n),
    mean_s = of(study, \(size) rnorm(size, 30)), error_s = of(study, sd)
  ) |> as_comparisons(error_type = "sd")
}

cat(R.version.string, "\n\n")
pairs <- table_of(20000)
for (measure in c("MD", "SMD", "ROM", "VR", "NMD")) {
  effects <- suppressWarnings(effect_sizes(pairs, measure))
  cat(sprintf("%s: vcov(sparse) %.0f ms, unchecked %.0f ms, vcov_blocks() %.0f ms\n",
    measure, median_ms(\() vcov(effects, form = "sparse")),
    median_ms(\() vcov(effects, form = "sparse", check = "none")),
    median_ms(\() vcov_blocks(effects))))
}
effects$row <- seq_len(nrow(effects))
cat(sprintf("vcov_shortcut(sparse): %.0f ms\n", median_ms(
  \() vcov_shortcut(effects, obs = row, rho = 0.5, form = "sparse")
)))
if (requireNamespace("metafor", quietly = TRUE)) {
  for (studies in c(200, 1000)) {
    few <- suppressWarnings(effect_sizes(table_of(studies), "SMD"))
    few$row <- seq_len(nrow(few))
    theirs <- median_ms(\() metafor::vcalc(vi, study, obs = row, rho = 0.5, data = few,
      sparse = TRUE), 1)
    ours <- median_ms(\() vcov(few, form = "sparse"))
    cat(sprintf("%d effects: vcalc(sparse) %.0f ms, vcov(sparse) %.1f ms\n", nrow(few),
      theirs, ours))
  }
}
