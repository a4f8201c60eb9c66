# How precise are a mean and an SD that convert_median() takes from medians, quartiles and
# ranges, beside those of all animals?
#
#   Rscript validation/convert_median.R [replicates]      from the root of the sources
#
# Normal data. n_mean is 1 / Var(mean / sigma): so many animals have a sample mean as
# precise. n_sd is the n of animals whose SD varies as much on the log scale, from
# Var(log SD) = trigamma((n - 1) / 2) / 4. Quartiles are those of R and Excel (type 7,
# "inclusive"), of Prism and SPSS (6, "exclusive") or of SAS (2). `bias` is that of the
# SD in percent.
#
# Then SMD of two groups of which quartiles alone are known: the mean of g, its variance
# over replicates, the mean of its LS variance and the coverage of its 95 % interval,
# where n, n_mean or n_sd serves as the n of both groups.
#
# The curves in src/core/convert_median.c were fitted to these numbers, the lower of
# inclusive and exclusive quartiles; the last columns are theirs.

library(metavivo)

replicates <- c(as.integer(commandArgs(TRUE)), 200000L)[1]
seed <- 20140135L
sizes <- c(2:12, 15, 20, 30, 50, 100)

# Quartile `p` of sorted rows by R's definition `type`: a weighted sum of order
# statistics.
quartile <- function(x, p, type) {
  position <- stats::quantile(seq_len(ncol(x)), p, type = type, names = FALSE)
  low <- floor(position)
  part <- position - low
  if (part == 0) return(x[, low])
  (1 - part) * x[, low] + part * x[, low + 1]
}

# One row for what is given, the definition of the quartiles and the one that
# convert_median() is told.
cases <- data.frame(
  given = c("range", rep(c("quartiles", "all"), each = 4)),
  type = c(NA, 7, 6, 6, 2, 7, 6, 6, 2),
  told = c("inclusive", rep(c("inclusive", "exclusive", "inclusive", "inclusive"), 2))
)

one_size <- function(n) {
  x <- matrix(stats::rnorm(replicates * n), replicates)
  x <- matrix(x[order(row(x), x)], replicates, byrow = TRUE)
  middle <- (x[, (n + 1) %/% 2] + x[, n %/% 2 + 1]) / 2
  rows <- lapply(seq_len(nrow(cases)), \(i) {
    case <- cases[i, ]
    given <- list(n = n, median = middle, quartiles = case$told)
    if (case$given != "range") {
      given$q1 <- quartile(x, 0.25, case$type)
      given$q3 <- quartile(x, 0.75, case$type)
    }
    if (case$given != "quartiles") given[c("min", "max")] <- list(x[, 1], x[, n])
    found <- suppressWarnings(do.call(convert_median, given), "mv_warning_skewed")
    data.frame(case, n = n, precision(found))
  })
  do.call(rbind, rows)
}

precision <- function(found) {
  spread <- stats::var(log(found$sd))
  n_sd <- stats::uniroot(\(n) log(trigamma((n - 1) / 2) / 4 / spread), c(1.01, 1e4),
    tol = 1e-9
  )$root
  data.frame(
    n_mean = 1 / stats::var(found$mean), n_sd = n_sd,
    bias = 100 * (mean(found$sd) - 1), curve_mean = found$n_mean[1],
    curve_sd = found$n_sd[1]
  )
}

# ---- SMD from quartiles ----------------------------------------------------------------

draw_quartiles <- function(n, mean) {
  x <- matrix(stats::rnorm(replicates * n, mean), replicates)
  x <- matrix(x[order(row(x), x)], replicates, byrow = TRUE)
  suppressWarnings(convert_median(
    n, quartile(x, 0.5, 7), quartile(x, 0.25, 7), quartile(x, 0.75, 7)
  ), "mv_warning_skewed")
}

smd_with <- function(treated, control, n_of, size) {
  n <- treated[[n_of]][1]
  d <- (treated$mean - control$mean) / sqrt((treated$sd^2 + control$sd^2) / 2)
  effect <- convert_test(n, n, d = d)
  inside <- abs(effect$yi - size) < stats::qnorm(0.975) * sqrt(effect$vi)
  data.frame(
    n_used = n_of, mean_g = mean(effect$yi), variance = stats::var(effect$yi),
    mean_vi = mean(effect$vi), coverage = mean(inside)
  )
}

one_smd <- function(n, size) {
  treated <- cbind(draw_quartiles(n, size), n = n)
  control <- draw_quartiles(n, 0)
  rows <- lapply(c("n", "n_mean", "n_sd"), \(n_of) smd_with(treated, control, n_of, size))
  data.frame(n = n, true = size, do.call(rbind, rows))
}

# ---- the run ---------------------------------------------------------------------------

print_table <- function(table) {
  numbers <- vapply(table, is.double, NA)
  table[numbers] <- lapply(table[numbers], \(x) format(round(x, 3), trim = TRUE))
  cat("|", paste(names(table), collapse = " | "), "|\n")
  cat("|", paste(rep("---", ncol(table)), collapse = " | "), "|\n")
  rows <- do.call(paste, c(unname(as.list(table)), sep = " | "))
  cat(paste0("| ", rows, " |"), sep = "\n")
}

set.seed(seed)
table <- do.call(rbind, lapply(sizes, one_size))
table <- table[order(table$given, table$told, table$type, table$n), ]
table$type[is.na(table$type)] <- "-"
cat(replicates, " replicates, seed ", seed, ", ", R.version.string, "\n\n", sep = "")
print_table(table)
cat("\nSMD from quartiles alone\n\n")
settings <- expand.grid(size = c(0, 1, 2), n = c(4, 6, 8, 12))
print_table(do.call(rbind, Map(one_smd, settings$n, settings$size)))
