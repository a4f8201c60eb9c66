# Multilevel fits for tests: an invented table, and the slow, obvious form of a fit at its
# own parameters, by whole matrices.

multilevel_table <- function(seed = 1, studies = 10, size = 4) {
  set.seed(seed)
  k <- studies * size
  data <- data.frame(
    study = rep(paste("Study", seq_len(studies)), each = size),
    strain = sample(c("C57", "BALB", "SD", "Wistar", "CD1"), k, TRUE),
    outcome = rep(c("plaque", "memory"), length.out = k),
    dose = stats::rnorm(k), vi = stats::runif(k, .05, .3)
  )
  data$yi <- .5 + .3 * data$dose + stats::rnorm(studies, 0, .4)[rep(seq_len(studies),
    each = size
  )] + stats::rnorm(k, 0, .3) + stats::rnorm(k, 0, sqrt(data$vi))
  data
}

# Effects whose sampling errors correlate by `rho` inside studies.
multilevel_effects <- function(data = multilevel_table(), rho = 0.5) {
  V <- outer(data$study, data$study, `==`) * rho * sqrt(outer(data$vi, data$vi))
  diag(V) <- data$vi
  as_effects(data, yi = yi, V = V, study = study)
}

# M and what follows from it.
dense_fit <- function(fit) {
  k <- fit$k
  M <- diag(fit$vi, k)
  M[cbind(fit$pairs$i, fit$pairs$j)] <- fit$pairs$value
  M[cbind(fit$pairs$j, fit$pairs$i)] <- fit$pairs$value
  for (i in seq_along(fit$parts)) M <- M + dense_part(fit, i)
  X <- model.matrix(fit)
  W <- solve(M)
  bread <- solve(t(X) %*% W %*% X)
  P <- W - W %*% X %*% bread %*% t(X) %*% W
  list(M = M, W = W, P = P, bread = bread, X = X)
}

dense_part <- function(fit, i) {
  z <- dense_columns(fit, i)
  groups <- diag(fit$parts[[i]]$groups)
  z %*% kronecker(groups, part_covariance(fit, i)) %*% t(z)
}

# A column for each group and level, level by level in each group.
dense_columns <- function(fit, i) {
  part <- fit$parts[[i]]
  m <- part$levels
  z <- matrix(0, fit$k, part$groups * m)
  for (row in seq_len(fit$k)) {
    at <- (part$outer[row] - 1) * m
    if (!is.null(part$slope)) {
      z[row, at + seq_len(m)] <- part$slope[row, ]
    } else {
      z[row, at + if (is.null(part$inner)) 1 else part$inner[row]] <- 1
    }
  }
  z
}

# One of each kind of model.
multilevel_models <- function(effects = multilevel_effects()) {
  A <- 0.5 + diag(0.5, 5)
  dimnames(A) <- rep(list(c("C57", "BALB", "SD", "Wistar", "CD1")), 2)
  run <- function(...) pool_effects(effects, ...)
  list(
    nested = run(random = ~ 1 | study / .row),
    moderator = run(~dose, random = ~ 1 | study / .row, method = "ML"),
    crossed = run(random = list(~ 1 | study / .row, ~ 1 | strain)),
    structured = run(random = list(~ outcome | study, ~ 1 | .row), struct = "HCS"),
    slopes = run(~dose, random = ~ 1 + dose | study, struct = "GEN"),
    known = run(random = list(~ 1 | strain, ~ 1 | .row), R = list(strain = A))
  )
}

# ---- CR2 by whole matrices ------------------------------------------------------------

# A_j = D' B^{+1/2} D with B = D (M - X F X')_jj D', D the upper Cholesky factor of M_jj.
dense_adjustment <- function(by_hand, rows) {
  D <- chol(by_hand$M[rows, rows, drop = FALSE])
  X <- by_hand$X[rows, , drop = FALSE]
  free <- by_hand$M[rows, rows, drop = FALSE] - X %*% by_hand$bread %*% t(X)
  B <- eigen(D %*% free %*% t(D), symmetric = TRUE)
  keep <- B$values > 1e-10 * max(B$values)
  vectors <- B$vectors[, keep, drop = FALSE]
  t(D) %*% vectors %*% (t(vectors) / sqrt(B$values[keep])) %*% D
}

dense_cr2 <- function(by_hand, group, residual) {
  dense_meat(by_hand, group, \(rows) tcrossprod(residual[rows]))
}

dense_cr2_expectation <- function(by_hand, group) {
  free <- by_hand$M - by_hand$X %*% by_hand$bread %*% t(by_hand$X)
  dense_meat(by_hand, group, \(rows) free[rows, rows, drop = FALSE])
}

dense_meat <- function(by_hand, group, of) {
  sum <- 0
  for (rows in split(seq_along(group), group)) {
    A <- dense_adjustment(by_hand, rows)
    X <- by_hand$X[rows, , drop = FALSE]
    left <- by_hand$bread %*% t(X) %*% by_hand$W[rows, rows] %*% A
    sum <- sum + left %*% of(rows) %*% t(left)
  }
  unname(sum)
}
