# How near each form of a sampling variance is to the truth, by simulation.
#
#   Rscript validation/variances.R [replicates]
#
# "true" is the variance of the estimates over replicates of one true effect, with its
# Monte Carlo standard error in percent; "bias" is that of the mean of vi. Averaged forms
# average over the replicates. Last run: variances.md.
#
# A case is one row of `cases`: a measure, words, and a function of (replicates, n) that
# draws a table of arms.

library(metavivo)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "simulate.R"))
replicates <- as.integer(c(commandArgs(TRUE), 200000)[1])
set.seed(20260401)

# ---- draws: normal animals, each arm by its sufficient statistics ----------------------

# An arm is c(mean, SD).
draw_arm <- function(replicates, n, arm, suffix) {
  drawn <- data.frame(
    n, rnorm(replicates, arm[1], arm[2] / sqrt(n)),
    arm[2] * sqrt(rchisq(replicates, n - 1) / (n - 1))
  )
  setNames(drawn, paste0(c("n", "mean", "sd"), suffix))
}

# Independent arms, named t, c, s or t, c, a, b.
arms <- function(...) {
  truth <- list(...)
  function(replicates, n) {
    drawn <- Map(
      \(arm, name) draw_arm(replicates, n, arm, paste0("_", name)), truth, names(truth)
    )
    do.call(cbind, unname(drawn))
  }
}

# Two readings that correlate by r: means from their normal, SDs from their Wishart
# distribution. The correlation that the table has is the sample's, or assumed to be r.
readings <- function(t, c, r, assumed = FALSE) {
  covariance <- diag(c(t[2], c[2])) %*% matrix(c(1, r, r, 1), 2) %*% diag(c(t[2], c[2]))
  function(replicates, n) {
    z <- matrix(rnorm(2 * replicates), ncol = 2) %*% chol(covariance / n)
    s2 <- rWishart(replicates, n - 1, covariance / (n - 1))
    sds <- sqrt(cbind(s2[1, 1, ], s2[2, 2, ]))
    data.frame(
      n_t = n, mean_t = t[1] + z[, 1], sd_t = sds[, 1],
      n_c = n, mean_c = c[1] + z[, 2], sd_c = sds[, 2],
      r = if (assumed) r else s2[1, 2, ] / (sds[, 1] * sds[, 2])
    )
  }
}

# ---- cases -----------------------------------------------------------------------------

case <- function(measures, label, draw) {
  lapply(measures, \(measure) list(measure = measure, label = label, draw = draw))
}

standard <- c("MD", "SMD", "SMDH", "SMD1", "SMD1H")
unequal <- c("SMDH", "SMD1H")
changes <- c("MC", "SMCC", "SMCR", "SMCRH")
factorial <- function(measure) paste0(measure, c("_A", "_B", "_AB"))

cases <- c(
  case(standard, "effect 0 SD", arms(t = c(0, 1), c = c(0, 1))),
  case(standard, "effect 1 SD", arms(t = c(1, 1), c = c(0, 1))),
  case(standard, "effect 2 SD", arms(t = c(2, 1), c = c(0, 1))),
  case(unequal, "effect 2 SD, SD doubled", arms(t = c(2, 2), c = c(0, 1))),
  case(c("ROM", "CVR"), "halved, CV 20 %", arms(t = c(5, 1), c = c(10, 2))),
  case(c("ROM", "CVR"), "halved, CV 40 %", arms(t = c(5, 2), c = c(10, 4))),
  case("VR", "equal", arms(t = c(0, 1), c = c(0, 1))),
  case("VR", "doubled", arms(t = c(0, 2), c = c(0, 1))),
  case(
    "NMD", "half undone, disease effect 4 SD",
    arms(t = c(2, 1), c = c(4, 1), s = c(0, 1))
  ),
  case(
    "NMD", "half undone, disease effect 2 SD",
    arms(t = c(1, 1), c = c(2, 1), s = c(0, 1))
  ),
  case("MPE", "half, maximum 4 SD above", function(k, n) {
    cbind(arms(t = c(2, 1), c = c(0, 1))(k, n), maximum = 4)
  }),
  case(changes, "effect 0 SD, r .5", readings(c(0, 1), c(0, 1), 0.5)),
  case(changes, "effect 1 SD, r .5", readings(c(1, 1), c(0, 1), 0.5)),
  case(changes, "effect 2 SD, r .8", readings(c(2, 1), c(0, 1), 0.8)),
  case("SMCRH", "effect 1 SD, SD doubled, r .5", readings(c(1, 2), c(0, 1), 0.5)),
  case(
    changes, "effect 1 SD, r .5 assumed", readings(c(1, 1), c(0, 1), 0.5, assumed = TRUE)
  ),
  case("ROMC", "halved, CV 20 %, r .5", readings(c(5, 1), c(10, 2), 0.5)),
  case("ROMC", "halved, CV 40 %, r .5", readings(c(5, 2), c(10, 4), 0.5)),
  case(
    c(factorial("MD"), factorial("SMD")), "both 3, first 2, second 1, neither 0 SD",
    arms(t = c(3, 1), c = c(0, 1), a = c(2, 1), b = c(1, 1))
  ),
  case(
    factorial("ROM"), "10, 5, 8, 4, CV 20 %",
    arms(t = c(4, 0.8), c = c(10, 2), a = c(5, 1), b = c(8, 1.6))
  ),
  case(c("MN", "MNLN", "SDLN", "CVLN"), "CV 20 %", arms(t = c(10, 2))),
  case(c("MNLN", "CVLN"), "CV 40 %", arms(t = c(10, 4)))
)

# ---- the table -------------------------------------------------------------------------

as_table <- function(drawn) {
  drawn$study <- seq_len(nrow(drawn))
  drawn$outcome <- "a"
  drawn$greater_is_worse <- TRUE
  structure(drawn, class = c("mv_comparisons", "data.frame"))
}

# Percent by which the mean of vi lies above the variance of yi, over pooled rows.
compare <- function(table, measure, form) {
  found <- suppressWarnings(effect_sizes(table, measure, form))
  found <- unclass(found)[c("yi", "vi", "pooled")]
  yi <- found$yi[found$pooled]
  squares <- (yi - mean(yi))^2
  true <- mean(squares)
  list(
    true = true, error = 100 * sd(squares) / sqrt(length(yi)) / true,
    bias = 100 * (mean(found$vi[found$pooled]) / true - 1)
  )
}

rows_of <- function(case) {
  forms <- metavivo:::registry()$forms
  forms <- forms$name[forms$measure == case$measure]
  ten <- as_table(case$draw(replicates, 10))
  six <- as_table(case$draw(replicates, 6))
  lapply(forms, function(form) {
    at_ten <- compare(ten, case$measure, form)
    data.frame(
      measure = case$measure, form = form, case = case$label,
      true = sprintf("%.5g", at_ten$true), `MC error` = sprintf("%.1f %%", at_ten$error),
      `bias, n 10` = sprintf("%+.1f %%", at_ten$bias),
      `bias, n 6` = sprintf("%+.1f %%", compare(six, case$measure, form)$bias),
      check.names = FALSE
    )
  })
}

table <- do.call(rbind, unlist(lapply(cases, rows_of), recursive = FALSE))
order <- metavivo:::registry()$measures$name
table <- table[order(match(table$measure, order), table$form, method = "radix"), ]
write_result(c(
  "# Sampling variances against simulation", "",
  paste0("`Rscript validation/variances.R ", replicates, "`, seed 20260401, R ",
    getRversion(), ". \"true\": the variance"),
  "of the estimate over replicates at n = 10 in each arm, with its Monte Carlo standard",
  "error; \"bias\": that of the mean of `vi`. The help page `measures_of_means` says it",
  "in words.", "", markdown_table(table)
), file.path(here, "variances.md"))
