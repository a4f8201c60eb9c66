# Ten effects on which a Newton search from one start cycles between 0.17 and 0.009.
ten_effects <- function(unit = 1) {
  data.frame(
    yi = c(1.30, 1.94, 0.70, 0.36, 1.31, 0.46, 1.24, 0.71, 0.35, 0.77) * unit,
    vi = c(.640, .421, .992, .058, .756, .634, .79, .596, .457, .935) * unit^2
  )
}

# Random effects in studies of their own, with two moderators.
some_effects <- function(k = 20, seed = 1, tau2 = 0.3) {
  withr::with_seed(seed, {
    vi <- stats::runif(k, 0.05, 0.5)
    dose <- stats::runif(k, 1, 10)
    data.frame(
      study = sprintf("Study %02d", seq_len(k)),
      yi = 0.5 + 0.1 * dose + stats::rnorm(k, 0, sqrt(vi + tau2)), vi = vi, dose = dose,
      species = rep(c("mouse", "rat"), length.out = k)
    )
  })
}

# The projection matrix that the package never forms.
projection <- function(vi, tau2, x = matrix(1, length(vi), 1)) {
  w <- diag(1 / (vi + tau2), length(vi))
  w - w %*% x %*% solve(t(x) %*% w %*% x, t(x) %*% w)
}

# 6 animals treated and 6 controls whose g is as given.
six_and_six <- function(g = 2) {
  # J(10) turns d into g exactly
  j <- exp(lgamma(5) - lgamma(4.5)) / sqrt(5)
  pairs_of(6, g / j, 1, 6, 0, 1)
}
