# A simulated multilevel table: 12 studies of 2 to 4 rows, strains across studies, rows of
# a study correlated 0.4 by V.
crossed_effects <- function() {
  set.seed(7)
  study <- rep(1:12, times = rep(c(3, 4, 2), 4))
  k <- length(study)
  vi <- stats::runif(k, 0.05, 0.3)
  strain <- sample(c("u", "v", "w", "x"), k, TRUE)
  dose <- stats::rnorm(k)
  yi <- 0.4 + 0.3 * dose + stats::rnorm(12, sd = 0.5)[study] +
    stats::rnorm(k, sd = sqrt(vi + 0.05))
  V <- 0.4 * outer(study, study, `==`) * sqrt(outer(vi, vi))
  diag(V) <- vi
  as_effects(data.frame(yi, study = paste("S", study), strain, dose), yi = yi, V = V,
    study = study
  )
}

# Every refit by itself, as a user would make it: the coefficients' columns.
refits_by_hand <- function(fit, groups) {
  lapply(unique(groups), \(group) {
    suppressWarnings(update(fit, effects = fit$effects[groups != group, ]))
  })
}

column_of <- function(fits, read) vapply(fits, read, 0)
