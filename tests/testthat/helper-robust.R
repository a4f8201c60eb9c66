# Clustered effects, and what clubSandwich says of the same fit.

# All rows of a data set of helper-metadat.R whose recipe names its study.
clustered_effects <- function(recipe) {
  found <- metadat_rows(recipe)
  standardised(with_moderator(found[!is.na(found$study), ]))
}

clustered_recipes <- function() {
  named <- Filter(\(one) !is.null(one$study), metadat_recipes)
  Filter(\(one) anyDuplicated(clustered_effects(one)$study) > 0, named)
}

# The same model with the same tau2, so that only the robust covariance is compared.
their_fit <- function(fit, mods, effects) {
  metafor::rma(yi, vi, mods = mods, data = effects, tau2 = fit$tau2)
}

their_robust <- function(peer, study, type) {
  v <- clubSandwich::vcovCR(peer, cluster = study, type = type)
  test <- clubSandwich::coef_test(peer, vcov = v, test = "Satterthwaite")
  p <- nrow(v)
  # it refuses where its own tolerance calls the covariance singular
  joint <- tryCatch(
    clubSandwich::Wald_test(peer,
      constraints = clubSandwich::constrain_zero(seq_len(p)), vcov = v, test = "HTZ"
    ),
    error = \(e) NULL
  )
  list(
    vcov = unclass(as.matrix(v)), df = test$df_Satt, statistic = joint$Fstat,
    df2 = joint$df_denom, p_value = joint$p_val
  )
}

some_clusters <- function(clusters = 12, seed = 1) {
  withr::with_seed(seed, {
    size <- rep_len(c(1, 3, 5, 2), clusters)
    study <- rep(paste("Simulated", seq_len(clusters)), size)
    k <- length(study)
    vi <- stats::runif(k, 0.05, 0.5)
    data.frame(
      study = study, dose = stats::rnorm(k), lab = rep_len(letters[1:6], k),
      yi = stats::rnorm(clusters, 0.5, 0.3)[match(study, unique(study))] +
        stats::rnorm(k, 0, sqrt(vi)), vi = vi
    )
  })
}

clustered_fit <- function(data = some_clusters(), mods = ~dose, ...) {
  pool_effects(as_effects(data), mods, dependence = "ignore", ...)
}
