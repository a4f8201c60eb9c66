# Simulated studies of five comparisons, of which two and three share a control, with
# three levels of variance: study, row, and (crossed) strain. Read by bench/multilevel.R.

# Normal animals, standard deviation 1: a group's mean and SD are drawn, not its animals.
simulated_comparisons <- function(studies, strains = 10, seed = studies) {
  set.seed(seed)
  k <- 5 * studies
  study <- rep(seq_len(studies), each = 5)
  control <- rep(c(1, 1, 2, 2, 2), studies) + 2 * (study - 1)
  strain <- sample.int(strains, k, TRUE)
  n_t <- sample(6:12, k, TRUE)
  n_c <- sample(6:12, 2 * studies, TRUE)
  effect <- 0.5 + stats::rnorm(studies, 0, 0.5)[study] + stats::rnorm(k, 0, 0.3) +
    stats::rnorm(strains, 0, 0.3)[strain]
  draw_sd <- \(n) sqrt(stats::rchisq(length(n), n - 1) / (n - 1))
  mean_c <- stats::rnorm(2 * studies, 0, 1 / sqrt(n_c))
  sd_c <- draw_sd(n_c)
  data.frame(
    study = sprintf("study %06d", study), treated = rep(paste0("t", 1:5), studies),
    control = paste0("c", (control - 1) %% 2 + 1), strain = paste("strain", strain),
    n_t = n_t, mean_t = stats::rnorm(k, effect, 1 / sqrt(n_t)), error_t = draw_sd(n_t),
    n_c = n_c[control], mean_c = mean_c[control], error_c = sd_c[control]
  )
}

# V in blocks by shared control, or diagonal, the shared control being ignored.
simulated_effects <- function(studies, V = c("block", "diagonal"), ...) {
  pairs <- as_comparisons(simulated_comparisons(studies, ...), error_type = "sd")
  if (V[1] == "block") return(effect_sizes(pairs, "SMD"))
  table <- suppressWarnings(effect_sizes(pairs, "SMD", shared_control = "ignore"))
  table
}
