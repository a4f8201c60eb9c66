# Clustered effects, and what clubSandwich says of the same fit.

# All rows of a data set of helper-metadat.R whose recipe names its study.
clustered_effects <- function(recipe) {
  data <- metadat_set(recipe$set)
  call <- recipe$effects
  call[[1]] <- quote(metafor::escalc)
  call$data <- quote(data)
  effects <- suppressWarnings(eval(call))
  x <- if (is.null(recipe$mods)) seq_len(nrow(data)) else data[[all.vars(recipe$mods)]]
  if (is.character(x)) x <- factor(x)
  found <- data.frame(
    study = as.character(eval(recipe$study, data)), yi = as.numeric(effects$yi),
    vi = as.numeric(effects$vi), x = x
  )
  usable <- is.finite(found$yi) & is.finite(found$vi) & found$vi > 0
  standardised(with_moderator(found[usable & !is.na(found$study), ]))
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
