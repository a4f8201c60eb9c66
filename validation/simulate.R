# Simulated meta-analyses of small animal studies, for the scripts beside this one.
#
# Each replicate has k comparisons of two arms, 6 to 12 normal animals in each arm
# (uniform, the two arms by themselves). An arm is drawn through its sufficient
# statistics, which is exact: mean ~ N(m, s^2/n), (n - 1) SD^2 / s^2 ~ chi-square(n - 1).

# Comparisons of `replicates` meta-analyses, one below the other, as mv_comparisons;
# `outcome` is the replicate, so that averaged variances are averaged within it.
# `of_effect`: true effect -> list(mean_t, mean_c, s_t, s_c).
simulate_sets <- function(replicates, k, mu, tau2, of_effect, smallest = 6,
                          largest = 12) {
  rows <- replicates * k
  truth <- rnorm(rows, mu, sqrt(tau2))
  arms <- of_effect(truth)
  n <- \() sample(smallest:largest, rows, replace = TRUE)
  n_t <- n()
  n_c <- n()
  metavivo::as_comparisons(
    data.frame(
      study = seq_len(rows), outcome = rep(seq_len(replicates), each = k),
      n_t = n_t, mean_t = rnorm(rows, arms$mean_t, arms$s_t / sqrt(n_t)),
      error_t = arms$s_t * sqrt(rchisq(rows, n_t - 1) / (n_t - 1)),
      n_c = n_c, mean_c = rnorm(rows, arms$mean_c, arms$s_c / sqrt(n_c)),
      error_c = arms$s_c * sqrt(rchisq(rows, n_c - 1) / (n_c - 1))
    ),
    error_type = "sd"
  )
}

# True log ratios at a control mean of 100; animals vary by a CV of 25 % in both arms.
ratio_arms <- function(truth, cv = 0.25) {
  mean_t <- 100 * exp(truth)
  list(mean_t = mean_t, mean_c = 100, s_t = cv * mean_t, s_c = cv * 100)
}

# True standardised differences, SD 1 in both arms.
standard_arms <- function(truth) list(mean_t = truth, mean_c = 0, s_t = 1, s_c = 1)

# A function of (replicate's effects table) for each replicate; the tables are bare, so
# that the time goes into the fits.
each_replicate <- function(effects, k, measure, work) {
  lapply(seq_len(nrow(effects) / k), \(i) {
    rows <- (i - 1) * k + seq_len(k)
    work(structure(
      list(
        yi = effects$yi[rows], vi = effects$vi[rows], study = rows,
        measure = rep(measure, k), sign = rep(1, k)
      ),
      class = c("mv_effects", "data.frame"), row.names = seq_len(k)
    ))
  })
}

# ---- numbers for the tables ----------------------------------------------------------

# "0.937 (0.0024)": a share with its Monte Carlo standard error.
share_with_error <- function(x, digits = 3) {
  x <- x[!is.na(x)]
  error <- sd(x) / sqrt(length(x))
  sprintf("%.*f (%.*f)", digits, mean(x), digits + 1L, error)
}

markdown_table <- function(table) {
  line <- \(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  c(
    line(names(table)), line(rep("---", ncol(table))),
    apply(as.matrix(format(table)), 1, line)
  )
}

write_result <- function(lines, file) {
  writeLines(lines, file)
  message("wrote ", file)
}
