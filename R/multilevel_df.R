# Degrees of freedom of the coefficients of a multilevel model.

# Satterthwaite (Giesbrecht and Burns 1985, Biometrics 41:477): the variance V of a
# contrast is itself an estimate; df = 2 V^2 / Var(V), with Var(V) by the delta method from
# the expected information of the variance parameters, those on a boundary included. Never
# more than the clusters could give.
satterthwaite_df <- function(fit, contrasts) {
  covariance <- parameter_covariance(fit)
  m <- nrow(fit$parameters)
  each <- apply(contrasts, 2, \(contrast) {
    variance <- drop(contrast %*% fit$vcov %*% contrast)
    slope <- vapply(seq_len(m), \(i) {
      drop(contrast %*% fit$dvcov[, , i] %*% contrast)
    }, 0)
    slope <- free_sums(slope, fit$parameters)
    2 * variance^2 / drop(slope %*% covariance %*% slope)
  })
  pmin(each, max(1, cluster_count(fit) - fit$p))
}

# Of a vector over all parameters, its sums over those that are tied; fixed ones left out.
free_sums <- function(x, parameters) {
  free <- parameters$free
  count <- max(free)
  vapply(seq_len(count), \(f) sum(x[free == f]), 0)
}

# The inverse of the expected information of the free parameters. One without any (a
# factor of an unstructured matrix at 0) adds nothing.
parameter_covariance <- function(fit) {
  free <- fit$parameters$free
  count <- max(free)
  if (count == 0) return(matrix(0, 0, 0))
  pick <- outer(seq_len(count), free, `==`) + 0
  information <- pick %*% fit$information %*% t(pick)
  size <- sqrt(diag(information))
  known <- size > 0
  covariance <- matrix(0, count, count)
  if (!any(known)) return(covariance)
  scaled <- information[known, known, drop = FALSE] / outer(size[known], size[known])
  covariance[known, known] <- solve_scaled(scaled) / outer(size[known], size[known])
  covariance
}

solve_scaled <- function(x) {
  found <- eigen(x, symmetric = TRUE)
  keep <- found$values > 1e-10
  vectors <- found$vectors[, keep, drop = FALSE]
  vectors %*% (t(vectors) / found$values[keep])
}

# Independent clusters: the outermost groups of a chain of nested parts; of several
# chains, that with the most.
cluster_count <- function(fit) {
  outermost <- vapply(fit$parts, \(part) length(part$labels$columns) == 1, NA)
  groups <- vapply(fit$parts, random_level_count, 0L)
  below <- groups < fit$k
  if (any(outermost & below)) return(max(groups[outermost & below]))
  if (any(below)) max(groups[below]) else fit$k
}

# Containment: the smallest number of groups of a part inside which the coefficient's
# column does not vary, less the coefficients; without any, as for t.
containment_df <- function(fit) {
  vapply(seq_len(fit$p), \(j) {
    constant <- vapply(fit$parts, \(part) {
      is.null(fit$X) || is_constant_within(fit$X[, j], part$outer)
    }, NA)
    groups <- vapply(fit$parts, random_level_count, 0L)
    if (!any(constant)) return(fit$k - fit$p)
    max(1, min(groups[constant]) - fit$p)
  }, 0)
}

is_constant_within <- function(x, group) all(x == x[match(group, group)])

# Several coefficients together (Fai and Cornelius 1996, J Stat Comput Simul 54:363): the
# F of independent t's, whose mean is matched. For containment the smallest.
joint_df <- function(fit, which) {
  if (fit$test != "satterthwaite") return(min(fit$df[which]))
  if (length(which) == 1) return(unname(fit$df[which]))
  found <- eigen(fit$vcov[which, which], symmetric = TRUE)
  contrasts <- matrix(0, fit$p, length(which))
  contrasts[which, ] <- found$vectors
  df <- satterthwaite_df(fit, contrasts)
  mean_of_f <- sum(ifelse(df > 2, df / (df - 2), 0))
  if (any(df <= 2)) return(min(df))
  2 * mean_of_f / (mean_of_f - length(which))
}
