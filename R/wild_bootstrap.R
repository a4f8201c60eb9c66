#' Cluster wild bootstrap
#'
#' A p value for coefficients where clusters are few and [robust()] has too few degrees of
#' freedom.
#'
#' The model is fitted under the null hypothesis. Its residuals are multiplied by one
#' random number a cluster, 1 or -1 (with fewer than 10 clusters one of Webb's six), added
#' to its fitted values, and the robust Wald test is computed again; the p value is the
#' share of replicates with a statistic as large as the one observed, which counts as a
#' replicate itself. Weights and tau2 stay as they are. A replicate's numbers depend only
#' on the seed and its own number.
#'
#' @param x An `mv_fit` from [pool_effects()], or from [robust()], whose clusters and type
#'   are then taken.
#' @param cluster,type As of [robust()]: `study` and `"CR2"` by default.
#' @param terms Names or numbers of the coefficients that are 0 under the null hypothesis,
#'   tested together; NULL for all but the intercept, or for the intercept where there is
#'   nothing else.
#' @param replicates How many, 99 to 10^7. A p value is at least 1 / (replicates + 1).
#' @param seed A whole number; NULL draws one from R's random numbers.
#' @return A data frame of one row: `coefficients`, `statistic` (the robust Wald statistic
#'   over the number of coefficients), `df1` (their number), `p_value`, `replicates`,
#'   `weights` (`"Rademacher"` or `"Webb"`), `clusters`, `type`, `seed`.
#' @section Errors: As [robust()]; `mv_error_coefficient` for a coefficient there is not.
#' @references
#' Cameron AC, Gelbach JB, Miller DL (2008). Bootstrap-based improvements for inference
#' with clustered errors. *Rev Econ Stat* 90:414-427.
#'
#' Joshi M, Pustejovsky JE, Beretvas SN (2022). Cluster wild bootstrapping to handle
#' dependent effect sizes in meta-analysis with a small number of studies. *Res Synth
#' Methods* 13:457-477.
#'
#' Webb MD (2014). Reworking wild bootstrap based inference for clustered errors. Queen's
#' Economics Department Working Paper 1315.
#' @examples
#' set.seed(1)
#' effects <- as_effects(data.frame(
#'   study = rep(paste("Simulated", 1:8), each = 3), dose = rep(1:3, 8),
#'   yi = rep(rnorm(8), each = 3) + rnorm(24, sd = 0.3), vi = 0.1
#' ))
#' fit <- pool_effects(effects, ~dose, dependence = "ignore")
#' wild_bootstrap(fit, terms = "dose", seed = 1)
#' @export
wild_bootstrap <- function(x, cluster, terms = NULL, replicates = 1999, seed = NULL,
                           type = "CR2") {
  check_class(x, "mv_fit", "pool_effects")
  if (!is.null(x$imputed)) stop_several_tables("wild_bootstrap")
  quo <- rlang::enquo(cluster)
  if (!is.null(x$robust)) {
    if (rlang::quo_is_missing(quo)) quo <- x$robust$quo
    if (missing(type)) type <- x$robust$type
  }
  type <- check_choice(type, robust_types)
  replicates <- check_whole(replicates, 99, 1e7)
  largest <- .Machine$integer.max
  if (!is.null(seed)) seed <- check_whole(seed, -largest, largest)
  fit <- without_robust(x)
  by <- take_clusters(fit, quo)
  which <- if (is.null(terms) && fit$p == 1) 1L else tested_coefficients(fit, terms)
  if (is.null(seed)) seed <- sample.int(largest, 1)
  run_wild(fit, by$group, type, which, replicates, seed)
}

# Fewer than this many clusters have too few patterns of 1 and -1.
least_for_signs <- 10

# A replicate that repeats the data differs from them by rounding.
tie <- 1e-10

run_wild <- function(fit, group, type, which, replicates, seed,
                     call = rlang::caller_env()) {
  clusters <- max(group)
  check_testable(fit, group, type, which, call)
  weights <- if (clusters < least_for_signs) "Webb" else "Rademacher"
  found <- .Call(
    mv_wild_bootstrap, clustered_problem(fit, group), type, coefficient_rows(fit, which),
    unname(fit$beta[which]), replicates, seed, weights
  )
  check_robust_status(found$status, call)
  beyond <- sum(found$statistic >= found$observed * (1 - tie))
  factor <- switch(type,
    CR1 = clusters / (clusters - 1), CR1p = clusters / (clusters - fit$p), 1
  )
  data.frame(
    coefficients = toString(names(fit$beta)[which]),
    statistic = found$observed / factor / length(which), df1 = length(which),
    p_value = (1 + beyond) / (replicates + 1), replicates = replicates,
    weights = weights, clusters = clusters, type = type, seed = seed
  )
}

# A contrast that one cluster decides has a variance of rounding.
check_testable <- function(fit, group, type, which, call) {
  found <- .Call(
    mv_robust_test, clustered_problem(fit, group), type, coefficient_rows(fit, which),
    unname(fit$beta[which])
  )
  if (found$status == "ok") return(invisible())
  stop_user(c(
    "The robust covariance of {.val {names(fit$beta)[which]}} is singular.",
    "i" = "Test fewer coefficients together, or leave out one that a single cluster
     decides."
  ), "not_positive", call = call)
}
