# Random designs, nested, crossed and structured, fitted by pool_effects() and by
# metafor::rma.mv() where that can: failures, and likelihoods below rma.mv()'s.
#
#   R_LIBS=<library with metavivo and metafor> Rscript validation/multilevel_random.R \
#     [first seed] [last seed] [optimisers: 0 to 3] [kind: plain, known or held]
#
# A design is its kind and its seed, `random_design(17, "known")`: see
# multilevel_random_designs.R. With 0 optimisers only our failures are counted, and rma.mv()
# is not run. Where rma.mv() has no such model (parameters that are tied) or leaves it, the
# dense reference serves.

for (name in c("multilevel_compare", "multilevel_cases")) {
  source(file.path("tests", "testthat", paste0("helper-", name, ".R")))
}
source("validation/multilevel_dense.R")
source("validation/multilevel_random_designs.R")
library(metavivo)

<<<<<<< HEAD
# ---- a design --------------------------------------------------------------------------

one_of <- function(x) x[[sample.int(length(x), 1)]]

# Rows of experiments in studies, with crossed factors and repeated readings.
random_rows <- function() {
  studies <- sample(4:25, 1)
  experiments <- sample(1:4, studies, TRUE, prob = c(4, 3, 2, 1))
  of_study <- rep(seq_len(studies), experiments)
  readings <- sample(1:5, length(of_study), TRUE, prob = c(3, 4, 3, 2, 1))
  of_row <- rep(seq_along(of_study), readings)
  of_row <- of_row[seq_len(min(length(of_row), 90))]
  k <- length(of_row)
  strains <- sample(3:9, 1)
  outcomes <- sample(2:4, 1)
  strain <- if (stats::runif(1) < 0.5) sample.int(strains, max(of_row), TRUE)[of_row] else
    sample.int(strains, k, TRUE)
  reading <- stats::ave(of_row, of_row, FUN = seq_along)
  data.frame(
    study = paste0("s", of_study[of_row]), experiment = paste0("e", of_row),
    strain = paste0("m", strain), outcome = letters[(reading - 1) %% outcomes + 1],
    reading = reading, week = c(1, 2, 4, 8, 16)[reading],
    dose = round(stats::runif(k, -1, 1), 2), species = sample(c("rat", "mouse"), k, TRUE)
  )
}

random_models <- list(
  list(random = ~ 1 | study / .row), list(random = ~ 1 | study / experiment),
  list(random = ~ 1 | study / experiment / .row), list(random = ~ 1 | .row),
  list(random = list(~ 1 | study / .row, ~ 1 | strain)),
  list(random = list(~ 1 | study / experiment / .row, ~ 1 | strain)),
  list(random = list(~ 1 | study, ~ 1 | strain, ~ 1 | species, ~ 1 | .row)),
  list(random = ~ 1 | study / strain / .row),
  list(random = list(~ 1 | study, ~ outcome | experiment)),
  list(random = ~ outcome | study), list(random = ~ outcome | experiment),
  list(random = list(~ outcome | study, ~ 1 | .row)),
  list(random = list(~ outcome | study, ~ 1 | strain)),
  list(random = list(~ outcome | study, ~ outcome | strain)),
  list(random = ~ reading | experiment, ordered = TRUE),
  list(random = list(~ 1 | study, ~ reading | experiment), ordered = TRUE),
  list(random = ~ week | experiment, timed = TRUE),
  list(random = list(~ 1 | study, ~ week | experiment), timed = TRUE),
  list(random = ~ 1 + dose | study, slopes = TRUE),
  list(random = list(~ 1 + dose | study, ~ 1 | .row), slopes = TRUE)
)

random_struct <- function(model) {
  formulas <- if (is.list(model$random)) model$random else list(model$random)
  bars <- sum(!vapply(formulas, ml_is_intercept, NA))
  if (bars == 0) return("CS")
  if (isTRUE(model$slopes)) return(sample(c("GEN", "GDIAG"), 1))
  if (isTRUE(model$timed)) return("CAR")
  if (isTRUE(model$ordered)) return(sample(c("AR", "HAR", "CS", "UN"), 1))
  sample(c("CS", "HCS", "UN", "ID", "DIAG"), bars, TRUE)
}

# NULL where two parts are the same or a level is seen too rarely for its parameters.
random_case <- function(seed) {
  data <- random_rows()
  model <- one_of(random_models)
  mods <- one_of(list(~1, ~1, ~dose, ~species, ~ dose + species, ~ 0 + outcome))
  case <- ml_case(paste("seed", seed), "", model$random, mods, random_struct(model),
                  sample(c("REML", "ML"), 1, prob = c(3, 1)))
  if (isTRUE(model$slopes)) case$theirs <- list(random = their_slopes(model$random))
  if (!can_be_told(case, data)) return(NULL)
  list(case = case, data = data)
}

their_slopes <- function(random) {
  if (is.list(random)) return(list(~ dose | study, ~ 1 | .row))
  ~ dose | study
}

can_be_told <- function(case, data) {
  X <- stats::model.matrix(case$mods, data)
  if (qr(X)$rank < ncol(X) || nrow(data) < ncol(X) + 6) return(FALSE)
  data$.row <- seq_len(nrow(data))
  formulas <- if (is.list(case$random)) case$random else list(case$random)
  groupings <- list()
  for (formula in formulas) {
    bar <- formula[[2]]
    columns <- all.vars(bar[[3]])
    for (depth in seq_along(columns)) {
      group <- as.integer(interaction(data[columns[seq_len(depth)]], drop = TRUE))
      groupings <- c(groupings, list(match(group, unique(group))))
      if (max(groupings[[length(groupings)]]) < 3) return(FALSE)
    }
    if (ml_is_intercept(formula)) next
    if (!pairs_seen(data, bar, case$struct)) return(FALSE)
    # by inner and outer level: a residual where there is one row in each
    level <- as.integer(interaction(data[all.vars(bar)], drop = TRUE))
    groupings <- c(groupings, list(match(level, unique(level))))
  }
  anyDuplicated(lapply(groupings, \(g) paste(g, collapse = " "))) == 0
}

# Each level in three groups, and pairs of levels together: for UN each pair in four.
pairs_seen <- function(data, bar, struct) {
  outer_of <- data[[all.vars(bar[[3]])]]
  if (any(struct %in% c("GEN", "GDIAG"))) {
    return(sum(tapply(data$dose, outer_of, \(x) length(unique(x)) > 1)) > 4)
  }
  seen <- table(outer_of, data[[all.vars(bar[[2]])]]) > 0
  together <- crossprod(seen)
  pairs <- together[lower.tri(together)]
  if (any(struct == "UN")) return(all(diag(together) >= 5) && all(pairs >= 4))
  all(diag(together) >= 3) && sum(pairs) >= 6
}

random_design <- function(seed) {
  set.seed(seed)
  repeat {
    found <- random_case(seed)
    if (!is.null(found)) break
  }
  data <- found$data
  k <- nrow(data)
  data$vi <- exp(stats::rnorm(k, -2, stats::runif(1, 0, 1.5)))
  V <- random_covariance(data)
  table <- list(data = data, V = V)
  table$data$yi <- 0
  model <- dense_model(found$case, table)
  M <- marginal(model, random_theta(model, stats::median(data$vi)))
  table$data$yi <- drop(model$X %*% stats::rnorm(ncol(model$X)) +
                          t(chol(M + 1e-12 * diag(k))) %*% stats::rnorm(k))
  list(case = found$case, table = table)
}

random_covariance <- function(data) {
  if (stats::runif(1) < 0.5) return(NULL)
  cluster <- data[[sample(c("study", "experiment"), 1)]]
  rho <- stats::runif(1, 0.1, 0.8)
  V <- rho * outer(cluster, cluster, "==") * sqrt(outer(data$vi, data$vi))
  diag(V) <- data$vi
  V
}

# A quarter of the variances are 0, so that many maxima lie at a bound.
random_theta <- function(model, typical) {
  unlist(lapply(model$parts, \(part) {
    variance <- part$kind == "variance"
    n <- length(variance)
    value <- typical * stats::rchisq(n, 1) * one_of(c(0.3, 1, 3)) *
      (stats::runif(n) > 0.25)
    rho <- if (part$struct %in% c("UN", "GEN")) 0.2 else stats::runif(1, 0, 0.9)
    value[!variance] <- rho
    value
  }))
}

=======
>>>>>>> 1b8e694f52ea6d01fe556b25a02ddacd2f09eaf3
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
