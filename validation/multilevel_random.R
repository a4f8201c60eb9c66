# Random designs, nested, crossed and structured, fitted by pool_effects() and by
# metafor::rma.mv() where that can: failures, and likelihoods below rma.mv()'s.
#
#   R_LIBS=<library with metavivo and metafor> Rscript validation/multilevel_random.R \
#     [first seed] [last seed] [optimisers: 0 to 3] [kind: plain, known or held]
#
# A design is its kind and its seed, `random_design(17, "known")`: see
# multilevel_random_designs.R. With 0 optimisers only our failures are counted, and
# rma.mv() is not run. Where rma.mv() has no such model (parameters that are tied) or
# leaves it, the dense reference serves.

for (name in c("multilevel_compare", "multilevel_cases")) {
  source(file.path("tests", "testthat", paste0("helper-", name, ".R")))
}
source("validation/multilevel_dense.R")
source("validation/multilevel_random_designs.R")
library(metavivo)

# ---- both fits -------------------------------------------------------------------------

random_optimisers <- list(
  nlminb = list(), BFGS = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-14),
  bobyqa = list(optimizer = "bobyqa", rhoend = 1e-8)
)

# rma.mv(): its likelihood, and whether a correlation of CS or HCS is below the least that
# m levels can have, -1 / (m - 1), where its G is no covariance matrix.
their_fit <- function(design, control) {
  case <- design$case
  data <- design$table$data
  data$.row <- seq_len(nrow(data))
  arguments <- list(
    data$yi, if (is.null(design$table$V)) data$vi else design$table$V, mods = case$mods,
    random = case$random, struct = case$struct, method = case$method, data = data,
    control = control
  )
  arguments[names(case$theirs)] <- case$theirs
  fit <- if (length(case$tie)) NULL else tryCatch(suppressWarnings(suppressMessages(
    do.call(metafor::rma.mv, arguments)
  )), error = \(e) NULL)
  if (is.null(fit)) return(c(loglik = NA, improper = 0))
  improper <- below_least(fit$struct[1], fit$G, fit$rho) ||
    below_least(fit$struct[2], fit$H, fit$phi)
  c(loglik = as.numeric(stats::logLik(fit)), improper = improper)
}

below_least <- function(struct, G, rho) {
  struct %in% c("CS", "HCS") && is.matrix(G) && min(rho) < -1 / (nrow(G) - 1) - 1e-6
}

# The highest of several climbs within the model.
dense_best <- function(design) {
  model <- dense_model(design$case, design$table)
  variance <- unlist(lapply(model$parts, `[[`, "kind")) == "variance"
  typical <- stats::median(design$table$data$vi)
  starts <- lapply(c(-0.2, 0.2, 0.7), \(rho) ifelse(variance, typical, rho))
  max(vapply(starts, \(start) {
    dense_loglik(model, tryCatch(dense_climb(model, start, 2), error = \(e) start))
  }, 0))
}

compare_design <- function(seed, optimisers, kind = "plain") {
  design <- random_design(seed, kind)
  ours <- tryCatch(ml_fit(design$case, design$table), error = identity)
  failed <- inherits(ours, "error")
  likelihood <- if (design$case$method == "REML") "reml" else "ml"
  theirs <- vapply(random_optimisers[seq_len(optimisers)], \(control) {
    their_fit(design, control)
  }, c(loglik = 0, improper = 0))
  improper <- any(theirs["improper", ] == 1)
  proper <- theirs["loglik", theirs["improper", ] == 0]
  dense <- improper || (length(design$case$tie) > 0 && optimisers > 0)
  if (dense) proper <- c(proper, dense_best(design))
  best <- if (all(is.na(proper))) NA_real_ else max(proper, na.rm = TRUE)
  data.frame(
    seed = seed, k = nrow(design$table$data),
    random = paste(deparse(design$case$random, 200), collapse = ""),
    struct = toString(design$case$struct), method = design$case$method,
    mods = deparse(design$case$mods), V = !is.null(design$table$V),
    failed = if (failed) paste0(class(ours)[1], ": ", conditionMessage(ours)) else "",
    ours = if (failed) NA_real_ else ours$loglik[[likelihood]], theirs = best,
    improper = improper, dense = dense
  )
}

random_report <- function(rows) {
  deficit <- rows$theirs - rows$ours
  cat(nrow(rows), "designs;", sum(nzchar(rows$failed)), "failures;",
      sum(is.na(rows$theirs)), "without a reference;", sum(rows$improper),
      "where it left the model;", sum(rows$dense), "judged by the dense reference;",
      sum(deficit > 1e-8, na.rm = TRUE), "likelihoods below rma.mv()'s by 1e-8;",
      sum(deficit < -1e-6, na.rm = TRUE), "above it by 1e-6\n")
  bad <- rows[nzchar(rows$failed) | (deficit > 1e-8) %in% TRUE, ]
  bad <- bad[order(bad$theirs - bad$ours, decreasing = TRUE), ]
  cat(sprintf(
    "seed %d, k %d, %s, %s, %s, %s%s: %s\n", bad$seed, bad$k, bad$random, bad$struct,
    bad$mods, bad$method, ifelse(bad$V, ", V", ""),
    ifelse(nzchar(bad$failed), bad$failed,
           sprintf("%.9f, rma.mv() %.9f", bad$ours, bad$theirs))
  ), sep = "")
}

if (!interactive() && sys.nframe() == 0) {
  given <- as.integer(utils::head(commandArgs(TRUE), 3))
  seeds <- if (length(given) < 2) 1:200 else seq(given[1], given[2])
  optimisers <- if (length(given) < 3) 2L else given[3]
  kind <- if (length(commandArgs(TRUE)) < 4) "plain" else commandArgs(TRUE)[4]
  rows <- do.call(rbind, lapply(seeds, compare_design, optimisers, kind))
  random_report(rows)
}
