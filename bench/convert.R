# Conversions of a million rows, beside metafor's (which loop over rows, so 10^4 of them).
#   Rscript bench/convert.R
# Medians; noise moves both together.
suppressPackageStartupMessages(library(metavivo))
library(metafor, quietly = TRUE, warn.conflicts = FALSE)

median_ms <- function(run, times) {
  run()
  1000 * stats::median(replicate(times, system.time(run())[["elapsed"]]))
}

set.seed(1)
k <- 1e6
few <- seq_len(1e4)
n <- sample(5:20, k, TRUE)
middle <- rnorm(k, 50, 5)
q1 <- middle - runif(k, 2, 6)
q3 <- middle + runif(k, 2, 6)
t <- rnorm(k, 0, 2)
p <- runif(k, 1e-4, 0.99)
events <- rpois(k, n) %% (2 * n - 1) + 1
or <- exp(t / 3)
quiet <- suppressWarnings

runs <- list(
  convert_sd = list(\() convert_sd(n, sem = q3 - q1)),
  convert_median = list(
    \() quiet(convert_median(n, middle, q1, q3)),
    \() quiet(conv.fivenum(q1 = q1[few], median = middle[few], q3 = q3[few], n = n[few]))
  ),
  `convert_test, t` = list(
    \() convert_test(n, n, t = t),
    \() quiet(escalc("SMD", ti = t[few], n1i = n[few], n2i = n[few]))
  ),
  `convert_test, p` = list(
    \() convert_test(n, n, p = p, direction = t),
    \() quiet(escalc("SMD", pi = p[few] * sign(t[few]), n1i = n[few], n2i = n[few]))
  ),
  `convert_cor, t` = list(
    \() convert_cor(n, t = t), \() escalc("ZCOR", ti = t[few], ni = n[few])
  ),
  `convert_se, p` = list(
    \() convert_se(t, p = p), \() conv.wald(out = t[few], pval = p[few])
  ),
  `convert_table, OR` = list(
    \() quiet(convert_table(n, n, events, or = or)),
    \() quiet(conv.2x2(ori = or[few], ni = 2 * n[few], n1i = n[few], n2i = events[few]))
  ),
  `convert_effect, OR to ZCOR` = list(\() convert_effect(t, 0.1, "OR", "ZCOR", n, n)),
  convert_arms = list(\() convert_arms(rep(seq_len(k / 2), 2), n, middle, q3 - middle)),
  `convert_delta, log` = list(\() convert_delta(q1, 1, "log")),
  `convert_delta, function(x) log(x)` = list(
    \() convert_delta(q1, 1, \(x) log(x)),
    \() conv.delta(yi = q1[few], vi = rep(1, 1e4), transf = log)
  )
)

one <- function(name) {
  run <- runs[[name]]
  ours <- median_ms(run[[1]], 5)
  theirs <- if (length(run) > 1) median_ms(run[[2]], 1) * k / 1e4 else NA
  data.frame(
    what = name, metavivo_ms = round(ours), metafor_ms_scaled = round(theirs),
    ratio = round(theirs / ours)
  )
}

version <- as.character(packageVersion("metafor"))
cat(R.version.string, ", metafor ", version, ", 10^6 rows\n\n", sep = "")
print(do.call(rbind, lapply(names(runs), one)), row.names = FALSE)
