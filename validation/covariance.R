# How near the covariances that vcov() derives are to the truth, by simulation.
#
#   Rscript validation/covariance.R [replicates]
#
# Two effects a replicate, from normal animals: means and SDs of the arms are drawn from
# their own distributions. "true" is the covariance of the two effects over replicates,
# with its Monte Carlo standard error in percent; "derived" the mean of what vcov() gives
# in each replicate; "at truth" the same rule at the true means and SDs, without J. NMD:
# over replicates whose disease effect can be told from zero. Last run: covariance.md.

library(metavivo)
replicates <- as.integer(c(commandArgs(TRUE), 40000)[1])
set.seed(20260101)

# n readings of two outcomes that correlate by rho: their means and SDs.
draw_arm <- function(n, mean, rho = 1, sd = c(1, 1)) {
  one <- function(at) {
    z <- matrix(rnorm(replicates * n), n)
    if (rho == 1) return(list(z, z))
    list(z, rho * z + sqrt(1 - rho^2) * matrix(rnorm(replicates * n), n))
  }
  drawn <- one()
  lapply(1:2, function(k) {
    x <- mean[k] + sd[k] * drawn[[k]]
    m <- colMeans(x)
    list(mean = m, sd = sqrt(colSums((x - rep(m, each = n))^2) / (n - 1)))
  })
}

# A table of two rows a replicate; arms t, c, s each a list of two (mean, sd).
table_of <- function(arms, n, treated, outcome) {
  pair <- function(k) {
    out <- data.frame(study = seq_len(length(arms$t[[k]]$mean)))
    for (a in names(arms)) {
      out[paste0(c("n_", "mean_", "error_"), a)] <-
        list(n, arms[[a]][[k]]$mean, arms[[a]][[k]]$sd)
    }
    out$treated <- treated[k]
    out$outcome <- outcome[k]
    out
  }
  both <- rbind(pair(1), pair(2))
  both$control <- "control"
  if ("s" %in% names(arms)) both$sham <- "sham"
  suppressMessages(as_comparisons(both, error_type = "sd", greater_is_worse = TRUE))
}

compare <- function(label, measure, arms, truth, n, rho = NULL, same_animals = FALSE) {
  treated <- if (same_animals) c("t", "t") else c("t1", "t2")
  outcome <- if (same_animals) c("a", "b") else c("a", "a")
  covariance_of <- function(arms, correct = TRUE) {
    effects <- table_of(arms, n, treated, outcome) |>
      effect_sizes(measure, correct = correct) |>
      suppressWarnings()
    V <- vcov(effects, rho = rho, form = "sparse")
    k <- nrow(effects) / 2
    list(y = matrix(effects$yi, ncol = 2), cov = V[cbind(1:k, k + 1:k)],
         v = effects$vi[1:k], keep = rowSums(matrix(effects$pooled, ncol = 2)) == 2)
  }
  found <- covariance_of(arms)
  truth <- covariance_of(truth, correct = FALSE)
  y <- scale(found$y[found$keep, ], scale = FALSE)
  line <- function(label, products, derived, at_truth) {
    true <- mean(products)
    error <- sd(products) / sqrt(length(products))
    cat(sprintf("| %s | %.5g | %.1f %% | %+.1f %% | %+.1f %% |\n", label, true,
      100 * error / abs(true), 100 * (derived / true - 1), 100 * (at_truth / true - 1)))
  }
  line(label, y[, 1] * y[, 2], mean(found$cov[found$keep]), truth$cov[1])
  if (measure != "NMD") return(invisible())
  line(sub("NMD", "NMD, variance of the first", label), y[, 1]^2,
    mean(found$v[found$keep]), truth$v[1])
}

# One arm's true values in the shape of a drawn one.
exact <- function(mean, sd = c(1, 1)) {
  lapply(1:2, \(k) list(mean = mean[k], sd = sd[k]))
}
# Of two independent draws, one for each effect.
two_draws <- function(n, mean, sd = 1) {
  one <- draw_arm(n, c(mean[1], mean[1]), sd = c(sd, sd))
  other <- draw_arm(n, c(mean[2], mean[2]), sd = c(sd, sd))
  list(one[[1]], other[[1]])
}

shared_control <- function(label, measure, n, mean_t, mean_c, sd = 1) {
  sds <- c(sd, sd)
  mean_c <- c(mean_c, mean_c)
  compare(label, measure,
    list(t = two_draws(n, mean_t, sd), c = draw_arm(n, mean_c, sd = sds)),
    list(t = exact(mean_t, sds), c = exact(mean_c, sds)), n)
}

shared_sham <- function(label, n, recovery, disease) {
  mean_t <- disease * (1 - recovery)
  compare(label, "NMD",
    list(t = two_draws(n, mean_t), c = draw_arm(n, c(disease, disease)),
         s = draw_arm(n, c(0, 0))),
    list(t = exact(mean_t), c = exact(c(disease, disease)), s = exact(c(0, 0))), n)
}

two_outcomes <- function(label, measure, n, mean_t, mean_c, rho, sd = 1) {
  sds <- c(sd, sd)
  compare(label, measure,
    list(t = draw_arm(n, mean_t, rho, sds), c = draw_arm(n, mean_c, rho, sds)),
    list(t = exact(mean_t, sds), c = exact(mean_c, sds)), n,
    rho = rho, same_animals = TRUE)
}

cat(replicates, "replicates, seed 20260101, R", as.character(getRversion()), "\n\n")
cat("| case | true value | MC error | derived, mean | at truth |\n")
cat("|---|---|---|---|---|\n")
for (n in c(10, 6)) {
  for (g in list(c(0, 0), c(1, 1), c(2, 1), c(2, 2), c(-2, -2))) {
    shared_control(sprintf("SMD, shared control, n %d, effects %g and %g", n, g[1], g[2]),
      "SMD", n, 5 + g, 5)
  }
}
shared_control("MD, shared control, n 10, effects 1 and 2", "MD", 10, c(6, 7), 5)
shared_control("ROM, shared control, n 10, CV 20 %, halved and doubled", "ROM", 10,
  c(2.5, 10), 5, 1)
for (disease in c(4, 2)) {
  for (r in list(c(0, 0), c(0.5, 0.5), c(0.3, 0.8))) {
    case <- "NMD, shared control and sham, n 10, disease effect %g SD, %g and %g"
    shared_sham(sprintf(case, disease, 100 * r[1], 100 * r[2]), 10, r, disease)
  }
}
for (n in c(10, 6, 4)) {
  two_outcomes(sprintf("SMD, two outcomes, rho 0.5, n %d, effects 2 and 2", n), "SMD", n,
    c(7, 7), c(5, 5), 0.5)
}
two_outcomes("SMD, two outcomes, rho 0.8, n 10, effects 1 and 2", "SMD", 10, c(6, 7),
  c(5, 5), 0.8)
two_outcomes("MD, two outcomes, rho 0.5, n 10", "MD", 10, c(6, 7), c(5, 5), 0.5)
two_outcomes("ROM, two outcomes, rho 0.5, n 10, CV 20 %", "ROM", 10, c(2.5, 10), c(5, 5),
  0.5)
