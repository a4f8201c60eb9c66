# Degrees of freedom of the coefficients of a multilevel model.

# Satterthwaite (Giesbrecht and Burns 1985, Biometrics 41:477): the variance V of a
# contrast is itself an estimate; df = 2 V^2 / Var(V), with Var(V) by the delta method
# from the expected information of the variance parameters, those on a boundary included.
# Never more than the data could give, see df_limits(). `contrasts`: one in each column.
satterthwaite_df <- function(fit, contrasts,
                             limit = fewest_df(df_limits(fit), t(contrasts))) {
  slopes <- variance_slopes(fit, contrasts)
  uncertainty <- rowSums((slopes %*% parameter_covariance(fit)) * slopes)
  variance <- contrast_variances(fit$vcov, contrasts)
  each <- ifelse(uncertainty > 0, 2 * variance^2 / uncertainty, Inf)
  pmin(each, limit)
}

contrast_variances <- function(covariance, contrasts) {
  colSums(contrasts * (covariance %*% contrasts))
}

# Their derivatives by the free parameters: a row for each contrast.
variance_slopes <- function(fit, contrasts) {
  moving <- which(fit$parameters$free > 0)
  slopes <- vapply(moving, \(i) {
    contrast_variances(matrix(fit$dvcov[, , i], fit$p), contrasts)
  }, double(ncol(contrasts)))
  matrix(slopes, ncol(contrasts)) %*% free_columns(fit)
}

# Which of the free parameters each that is not fixed is: those that are tied are one.
free_columns <- function(fit) {
  free <- fit$parameters$free[fit$parameters$free > 0]
  outer(free, seq_len(max(0, free)), `==`) + 0
}

# The expected information of the free parameters.
free_information <- function(fit) {
  moving <- fit$parameters$free > 0
  pick <- free_columns(fit)
  t(pick) %*% fit$information[moving, moving, drop = FALSE] %*% pick
}

# Its inverse. A parameter without any (a factor of an unstructured matrix at 0) adds
# nothing.
parameter_covariance <- function(fit) {
  information <- free_information(fit)
  size <- sqrt(pmax(diag(information), 0))
  known <- size > least_size(fit, size)
  covariance <- matrix(0, length(size), length(size))
  if (!any(known)) return(covariance)
  scaled <- information[known, known, drop = FALSE] / outer(size[known], size[known])
  covariance[known, known] <- solve_scaled(scaled) / outer(size[known], size[known])
  covariance
}

# A root or factor at 0 has no information but for where its search ended: less than
# `no_information` squared of its part's largest.
least_size <- function(fit, size) {
  parameters <- fit$parameters
  part <- parameters$part[match(seq_along(size), parameters$free)]
  structure <- vapply(fit$parts, `[[`, "", "structure")[part]
  largest <- stats::ave(size, part, FUN = max)
  ifelse(structure %in% rooted_structures, no_information * largest, 0)
}

# Eigenvalues of a scaled information (of diagonal 1) that are no more than rounding.
singular_value <- 1e-10

solve_scaled <- function(x) {
  found <- eigen(x, symmetric = TRUE)
  keep <- found$values > singular_value
  vectors <- found$vectors[, keep, drop = FALSE]
  vectors %*% (t(vectors) / found$values[keep])
}

# Independent clusters: the outermost groups of a chain of nested parts; of several
# chains, that with the most.
cluster_count <- function(fit) {
  count <- random_level_count(fit$parts[[top_part(fit)]])
  min(count, fit$k)
}

# The part that they are of, one with a level for every row only where there is no other.
top_part <- function(fit) {
  outermost <- vapply(fit$parts, \(part) length(part$labels$columns) == 1, NA)
  groups <- vapply(fit$parts, random_level_count, 0L)
  below <- groups < fit$k
  first <- if (any(outermost & below)) outermost & below else if (any(below)) below else
    rep(TRUE, length(groups))
  which(first)[which.max(groups[first])]
}

# ---- the limit of Satterthwaite's ------------------------------------------------------

# How much the data can say of each coefficient. Rows of a cluster inside which its column
# does not vary are one piece; of a cluster inside which it varies each row is one. From
# the pieces go the coefficients that as few or fewer decide, itself among them: the
# levels of Pinheiro and Bates (2000, Mixed-Effects Models in S and S-PLUS, p 91), here
# also for a moderator that varies inside some of the studies. Coverage with it, and with
# other limits: validation/multilevel_df.md.
df_limits <- function(fit) {
  if (is.null(fit$X)) return(max(1, cluster_count(fit) - 1))
  groups <- groups_in_clusters(fit)
  pieces <- vapply(seq_len(fit$p), \(j) {
    min(vapply(groups, piece_count, 0, x = fit$X[, j]))
  }, 0)
  decided <- vapply(pieces, \(own) sum(pieces <= own), 0)
  pmax(1, pmin(pieces - decided, fit$k - fit$p))
}

# The clusters, and what is nested in them: experiments, rows.
groups_in_clusters <- function(fit) {
  groups <- lapply(fit$parts, random_groups)
  cluster <- groups[[top_part(fit)]][[1]]
  Filter(\(group) is_constant_within(cluster, group), unlist(groups, recursive = FALSE))
}

piece_count <- function(group, x) {
  varies <- group %in% group[x != x[match(group, group)]]
  as.double(sum(varies) + length(unique(group[!varies])))
}

# A sum of coefficients is known no better than the worst known of them. One row of `x` a
# sum.
fewest_df <- function(df, x) {
  if (nrow(x) == 0) return(double())
  each <- matrix(df, nrow(x), ncol(x), byrow = TRUE)
  each[x == 0] <- Inf
  found <- do.call(pmin, lapply(seq_len(ncol(x)), \(j) each[, j]))
  ifelse(is.infinite(found), min(df), found)
}

# ---- containment, and several coefficients ---------------------------------------------

# Containment: the smallest number of groups of a part inside which the coefficient's
# column does not vary, less the coefficients; without any, as for t.
containment_df <- function(fit) {
  groups <- unlist(lapply(fit$parts, random_groups), recursive = FALSE)
  count <- vapply(groups, max, 0L)
  vapply(seq_len(fit$p), \(j) {
    constant <- vapply(groups, \(group) {
      is.null(fit$X) || is_constant_within(fit$X[, j], group)
    }, NA)
    if (!any(constant)) return(fit$k - fit$p)
    max(1, min(count[constant]) - fit$p)
  }, 0)
}

# In which groups a part puts the rows: its own, and those of each level in them. A known
# matrix has its levels in one group.
random_groups <- function(part) {
  if (part$structure == "KNOWN") return(list(part$inner))
  if (is.null(part$inner)) return(list(part$outer))
  list(part$outer, group_ids(part$outer, part$inner))
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
  df <- satterthwaite_df(fit, contrasts, min(df_limits(fit)[which]))
  mean_of_f <- sum(ifelse(df > 2, df / (df - 2), 0))
  if (any(df <= 2)) return(min(df))
  2 * mean_of_f / (mean_of_f - length(which))
}
