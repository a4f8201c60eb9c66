# The likelihood of a multilevel model written down as it stands, with k x k matrices: the
# slow, obvious reference. It starts from values of another program and climbs to the top.
# Needs tests/testthat/helper-multilevel_compare.R.
#
# Searched over unbounded coordinates in which every bound of the parameters is smooth:
# standard deviations for variances, an angle for a correlation, Cholesky factors for UN
# and GEN. A maximum at a bound is then an ordinary stationary point.

# ---- parts: names and covariance -------------------------------------------------------

# The random parts of a case: for each the names of its parameters, where its
# coordinates end up, and the k x k covariance at given parameters.
dense_parts <- function(case, data) {
  formulas <- if (is.list(case$random)) case$random else list(case$random)
  data$.row <- seq_len(nrow(data))
  R <- if (is.function(case$R)) case$R()
  structured <- !vapply(formulas, ml_is_intercept, NA)
  struct <- character(length(formulas))
  struct[structured] <- rep_len(case$struct, sum(structured))
  parts <- Map(\(formula, struct) {
    bar <- formula[[2]]
    if (struct == "") return(intercept_parts(bar, R, data))
    list(structured_part(bar, struct, data))
  }, formulas, struct)
  do.call(c, unname(parts))
}

intercept_parts <- function(bar, R, data) {
  columns <- all.vars(bar[[3]])
  lapply(seq_along(columns), \(depth) {
    name <- paste(columns[seq_len(depth)], collapse = "/")
    group <- interaction(data[columns[seq_len(depth)]], drop = TRUE, sep = "\r")
    known <- known_correlation(R[[name]], group)
    shape <- if (is.null(known)) outer(group, group, "==") + 0 else known
    list(
      names = sprintf("var(%s)", name), kind = "variance", struct = "INTERCEPT", m = 1L,
      covariance = \(theta) theta * shape
    )
  })
}

known_correlation <- function(R, group) {
  if (is.null(R)) return(NULL)
  R <- stats::cov2cor(R)
  level <- as.character(group)
  R[level, level]
}

structured_part <- function(bar, struct, data) {
  inner <- deparse(bar[[2]])
  outer_name <- deparse(bar[[3]])
  group <- data[[outer_name]]
  same <- outer(group, group, "==") + 0
  if (struct %in% c("GEN", "GDIAG")) {
    columns <- c("(Intercept)", setdiff(all.vars(bar[[2]]), character()))
    z <- cbind(1, as.matrix(data[columns[-1]]))
    level_names <- columns
    spread <- \(G) (z %*% G %*% t(z)) * same
    position <- NULL
  } else {
    value <- data[[inner]]
    levels <- sort(unique(value), method = "radix")
    place <- match(value, levels)
    level_names <- sprintf("%s=%s", inner, levels)
    spread <- \(G) G[place, place] * same
    position <- if (struct == "CAR") as.numeric(levels) else seq_along(levels)
  }
  m <- length(level_names)
  c(
    structure_names(struct, inner, level_names, outer_name),
    list(struct = struct, m = m, covariance = \(theta) {
      spread(structure_matrix(struct, theta, m, position))
    })
  )
}

structure_names <- function(struct, inner, level_names, outer_name) {
  of <- \(kind, what) sprintf("%s(%s | %s)", kind, what, outer_name)
  one_variance <- struct %in% c("CS", "ID", "AR", "CAR")
  variances <- of("var", if (one_variance) inner else level_names)
  pairs <- which(lower.tri(diag(length(level_names))), arr.ind = TRUE)
  correlations <- if (struct %in% c("CS", "HCS", "AR", "HAR", "CAR")) {
    of("cor", inner)
  } else if (struct %in% c("UN", "GEN")) {
    of("cor", paste0(level_names[pairs[, 2]], ", ", level_names[pairs[, 1]]))
  }
  list(
    names = c(variances, correlations),
    kind = rep(c("variance", "correlation"), c(length(variances), length(correlations)))
  )
}

structure_matrix <- function(struct, theta, m, position) {
  several <- struct %in% c("HCS", "UN", "DIAG", "HAR", "GEN", "GDIAG")
  count <- if (several) m else 1L
  sd <- sqrt(rep_len(theta[seq_len(count)], m))
  rho <- theta[-seq_len(count)]
  r <- diag(m)
  if (struct %in% c("CS", "HCS")) r[] <- ifelse(row(r) == col(r), 1, rho)
  if (struct %in% c("AR", "HAR", "CAR")) {
    r <- rho^abs(outer(position, position, "-"))
  }
  if (struct %in% c("UN", "GEN")) {
    r[lower.tri(r)] <- rho
    r <- r + t(r) - diag(m)
  }
  outer(sd, sd) * r
}

# The ends of a structure's correlation.
correlation_ends <- function(struct, m) {
  switch(struct, CS = , HCS = c(-1 / max(m - 1, 1), 1), CAR = c(0, 1), c(-1, 1))
}

# ---- coordinates -----------------------------------------------------------------------

# The way from coordinates to all parameters and back, with what is fixed and tied.
dense_coordinates <- function(case, parts) {
  names_of <- unlist(lapply(parts, `[[`, "names"))
  fixed <- rep(NA_real_, length(names_of))
  if (length(case$fix)) {
    at <- match(ml_names(names(case$fix)), ml_names(names_of))
    stopifnot(!anyNA(at))
    fixed[at] <- case$fix
  }
  twin <- seq_along(names_of)
  for (tied in case$tie) {
    at <- match(ml_names(tied), ml_names(names_of))
    stopifnot(!anyNA(at))
    twin[at] <- min(at)
  }
  part_of <- rep(seq_along(parts), vapply(parts, \(p) length(p$names), 1L))
  list(names = names_of, fixed = fixed, twin = twin, part_of = part_of, parts = parts)
}

# Parts that are searched by a Cholesky factor.
by_factor <- function(space, p) {
  at <- which(space$part_of == p)
  part <- space$parts[[p]]
  part$struct %in% c("UN", "GEN") && part$m > 1 && all(is.na(space$fixed[at])) &&
    all(space$twin[at] == at)
}

theta_of <- function(u, space) {
  theta <- space$fixed
  for (p in seq_along(space$parts)) {
    at <- which(space$part_of == p)
    part <- space$parts[[p]]
    if (by_factor(space, p)) {
      m <- part$m
      L <- matrix(0, m, m)
      L[lower.tri(L, TRUE)] <- u[at]
      G <- tcrossprod(L)
      sd <- sqrt(diag(G))
      r <- G / outer(sd, sd)
      r[!is.finite(r)] <- 0
      theta[at] <- c(diag(G), r[lower.tri(r)])
      next
    }
    ends <- correlation_ends(part$struct, part$m)
    value <- ifelse(part$kind == "variance", u[at]^2,
                    ends[1] + diff(ends) * (1 + sin(u[at])) / 2)
    theta[at] <- ifelse(is.na(space$fixed[at]), value, space$fixed[at])
  }
  theta[space$twin]
}

coordinates_of <- function(theta, space) {
  u <- numeric(length(theta))
  for (p in seq_along(space$parts)) {
    at <- which(space$part_of == p)
    part <- space$parts[[p]]
    if (by_factor(space, p)) {
      G <- structure_matrix(part$struct, theta[at], part$m, NULL)
      G <- (G + t(G)) / 2
      found <- eigen(G, symmetric = TRUE)
      value <- pmax(found$values, 1e-8 * max(found$values, 1e-12))
      L <- t(chol(found$vectors %*% (t(found$vectors) * value)))
      u[at] <- L[lower.tri(L, TRUE)]
      next
    }
    ends <- correlation_ends(part$struct, part$m)
    share <- pmin(pmax((theta[at] - ends[1]) / diff(ends), 0), 1)
    u[at] <- ifelse(part$kind == "variance", sqrt(pmax(theta[at], 0)),
                    asin(2 * share - 1))
  }
  u
}

free_coordinates <- function(space) {
  which(is.na(space$fixed) & space$twin == seq_along(space$twin))
}

# ---- the likelihood --------------------------------------------------------------------

dense_model <- function(case, table) {
  data <- table$data
  parts <- dense_parts(case, data)
  X <- stats::model.matrix(case$mods, data)
  V <- if (is.null(table$V)) diag(data$vi, nrow(data)) else table$V
  list(y = data$yi, X = X, V = V, parts = parts, restricted = case$method == "REML",
       space = dense_coordinates(case, parts))
}

marginal <- function(model, theta) {
  M <- model$V
  for (p in seq_along(model$parts)) {
    M <- M + model$parts[[p]]$covariance(theta[model$space$part_of == p])
  }
  M
}

# log likelihood; restricted: with X'X, as rma.mv() has it (Harville 1974).
dense_loglik <- function(model, theta, parts = FALSE) {
  M <- marginal(model, theta)
  root <- tryCatch(chol(M), error = \(e) NULL)
  if (is.null(root)) return(if (parts) NULL else -Inf)
  half <- \(x) backsolve(root, x, transpose = TRUE)
  x <- half(model$X)
  y <- half(model$y)
  information <- crossprod(x)
  beta <- solve(information, crossprod(x, y))
  residual <- y - x %*% beta
  k <- length(y)
  p <- ncol(x)
  log_det <- \(A) as.numeric(determinant(A)$modulus)
  value <- -sum(log(diag(root))) - sum(residual^2) / 2
  value <- if (model$restricted) {
    value - (k - p) / 2 * log(2 * pi) - log_det(information) / 2 +
      log_det(crossprod(model$X)) / 2
  } else {
    value - k / 2 * log(2 * pi)
  }
  if (!parts) return(value)
  list(value = value, root = root, x = x, information = information, residual = residual,
       beta = drop(beta), vcov = solve(information))
}

# The gradient in the free coordinates: (y'P dM Py - tr(P dM)) / 2, with M^-1 for P in the
# trace of ML. dM is a central difference, exact for squares.
dense_gradient <- function(model, u, free) {
  found <- dense_loglik(model, theta_of(u, model$space), TRUE)
  if (is.null(found)) return(rep(NA_real_, length(free)))
  inverse <- chol2inv(found$root)
  py <- backsolve(found$root, found$residual)
  middle <- inverse
  if (model$restricted) {
    wx <- backsolve(found$root, found$x)
    middle <- inverse - wx %*% found$vcov %*% t(wx)
  }
  vapply(free, \(j) {
    h <- 1e-4 * max(abs(u[j]), 0.01)
    at <- \(by) {
      u[j] <- u[j] + by
      marginal(model, theta_of(u, model$space))
    }
    dM <- (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    (sum(py * (dM %*% py)) - sum(middle * dM)) / 2
  }, 0)
}

# ---- the climb -------------------------------------------------------------------------

# The maximum from a start, by nlminb() and then Newton steps.
dense_climb <- function(model, theta, newton = 8) {
  free <- free_coordinates(model$space)
  u <- coordinates_of(theta, model$space)
  if (length(free) == 0) return(theta_of(u, model$space))
  full <- \(v) replace(u, free, v)
  minus <- \(v) {
    value <- -dense_loglik(model, theta_of(full(v), model$space))
    if (is.finite(value)) value else 1e10
  }
  slope <- \(v) {
    g <- -dense_gradient(model, full(v), free)
    replace(g, !is.finite(g), 0)
  }
  found <- stats::nlminb(u[free], minus, slope,
    control = list(rel.tol = 1e-15, x.tol = 1e-12, iter.max = 500, eval.max = 1000))
  v <- found$par
  for (step in seq_len(newton)) v <- newton_step(v, minus, slope)
  theta_of(full(v), model$space)
}

newton_step <- function(v, minus, slope) {
  g <- slope(v)
  H <- vapply(seq_along(v), \(j) {
    h <- 1e-4 * max(abs(v[j]), 0.01)
    (slope(replace(v, j, v[j] + h)) - slope(replace(v, j, v[j] - h))) / (2 * h)
  }, v)
  H <- matrix(H, length(v))
  H <- (H + t(H)) / 2
  found <- eigen(H, symmetric = TRUE)
  # directions in which the surface is level to rounding are left as they are
  good <- found$values > 1e-9 * max(found$values, 0)
  if (!any(good)) return(v)
  Q <- found$vectors[, good, drop = FALSE]
  to <- v - drop(Q %*% (crossprod(Q, g) / found$values[good]))
  if (minus(to) <= minus(v) + 1e-11 * (1 + abs(minus(v)))) to else v
}
