# Simulated studies of several rows; `experiment` is numbered anew in each study.
several_rows <- function(studies = 12, rows = 4, seed = 1, measure = NULL) {
  table <- withr::with_seed(seed, {
    k <- studies * rows
    data.frame(
      study = rep(sprintf("Study %02d", seq_len(studies)), each = rows),
      experiment = rep(c("a", "b"), each = rows / 2, length.out = k),
      outcome = rep(c("pain", "plaque"), length.out = k),
      strain = sample(c("u", "v", "w", "x"), k, TRUE), dose = stats::runif(k, 1, 10),
      yi = rep(stats::rnorm(studies, 0, 0.4), each = rows) + stats::rnorm(k, -0.5, 0.4),
      vi = stats::runif(k, 0.02, 0.15)
    )
  })
  table$year <- rep(seq_len(studies) %% 5, each = rows)
  if (is.null(measure)) as_effects(table) else as_effects(table, measure = measure)
}

nested_fit <- function(...) pool_effects(several_rows(), random = ~ 1 | study / .row, ...)

berkey <- function() {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  table <- metadat::dat.berkey1998
  V <- metafor::vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = table)
  list(table = table, V = V, effects = as_effects(table, yi = yi, V = V, study = trial))
}

# The largest difference of the numbers of predict() from those of metafor.
predictions_differ <- function(ours, theirs) {
  columns <- c("estimate", "se", "ci_lower", "ci_upper", "pi_lower", "pi_upper")
  theirs <- unlist(unclass(theirs)[c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub")])
  max(abs(unlist(ours[columns], use.names = FALSE) - unname(theirs)))
}
