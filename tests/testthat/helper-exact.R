# The pooled model in numbers of twice a double's precision: who is right where two
# programs disagree. A number is a pair hi + lo, vectors as they come (Dekker 1971, Numer
# Math 18:224; the sums of Knuth, the products of Veltkamp).

wide <- function(hi, lo = 0) {
  sum <- hi + lo
  structure(list(hi = sum, lo = lo - (sum - hi)), class = "wide")
}

two_sum <- function(a, b) {
  sum <- a + b
  part <- sum - a
  list(hi = sum, lo = (a - (sum - part)) + (b - part))
}

two_product <- function(a, b) {
  halves <- function(x) {
    big <- 134217729 * x
    high <- big - (big - x)
    list(high, x - high)
  }
  product <- a * b
  a <- halves(a)
  b <- halves(b)
  error <- ((a[[1]] * b[[1]] - product) + a[[1]] * b[[2]] + a[[2]] * b[[1]]) +
    a[[2]] * b[[2]]
  list(hi = product, lo = error)
}

plus <- function(a, b) {
  sum <- two_sum(a$hi, b$hi)
  rest <- two_sum(a$lo, b$lo)
  first <- wide(sum$hi, sum$lo + rest$hi)
  wide(first$hi, first$lo + rest$lo)
}

minus <- function(a, b) plus(a, wide(-b$hi, -b$lo))

times <- function(a, b) {
  product <- two_product(a$hi, b$hi)
  wide(product$hi, product$lo + (a$hi * b$lo + a$lo * b$hi))
}

over <- function(a, b) {
  first <- a$hi / b$hi
  rest <- minus(a, times(b, wide(first)))
  second <- rest$hi / b$hi
  rest <- minus(rest, times(b, wide(second)))
  plus(wide(first, second), wide(rest$hi / b$hi))
}

pick <- function(a, i) wide(a$hi[i], a$lo[i])

total <- function(a) {
  while (length(a$hi) > 1) {
    if (length(a$hi) %% 2) a <- wide(c(a$hi, 0), c(a$lo, 0))
    first <- seq_len(length(a$hi) / 2)
    a <- plus(pick(a, first), pick(a, -first))
  }
  a
}

# Solves A z = b for symmetric positive definite A, given as lists of wide numbers.
wide_solve <- function(A, b) {
  p <- length(b)
  for (j in seq_len(p)) {
    for (i in seq_len(p)[-seq_len(j)]) {
      factor <- over(A[[i]][[j]], A[[j]][[j]])
      for (l in j:p) A[[i]][[l]] <- minus(A[[i]][[l]], times(factor, A[[j]][[l]]))
      b[[i]] <- minus(b[[i]], times(factor, b[[j]]))
    }
  }
  for (j in rev(seq_len(p))) {
    for (l in seq_len(p)[-seq_len(j)]) {
      b[[j]] <- minus(b[[j]], times(A[[j]][[l]], b[[l]]))
    }
    b[[j]] <- over(b[[j]], A[[j]][[j]])
  }
  b
}

# Everything at one wide tau2: coefficients, their unscaled covariance (columns of wide
# numbers), residuals, and the sums that the estimators are made of.
exact_at <- function(y, v, X, tau2) {
  p <- ncol(X)
  one <- rep(1, length(v))
  w <- over(wide(one), plus(wide(v), wide(tau2$hi * one, tau2$lo * one)))
  ww <- times(w, w)
  x <- lapply(seq_len(p), \(j) wide(X[, j]))
  cross <- \(a, weight) lapply(x, \(b) total(times(weight, times(a, b))))
  A <- lapply(x, cross, weight = w)
  AA <- lapply(x, cross, weight = ww)
  beta <- wide_solve(A, lapply(x, \(a) total(times(w, times(a, wide(y))))))
  inverse <- lapply(seq_len(p), \(j) {
    wide_solve(A, lapply(seq_len(p), \(i) wide(as.numeric(i == j))))
  })
  fitted <- Reduce(plus, Map(\(a, b) {
    times(a, wide(b$hi * one, b$lo * one))
  }, x, beta))
  residual <- minus(wide(y), fitted)
  weighted <- times(w, residual)
  lost <- Reduce(plus, lapply(seq_len(p), \(j) {
    Reduce(plus, Map(times, inverse[[j]], lapply(AA, `[[`, j)))
  }))
  list(
    beta = vapply(beta, \(b) b$hi, 0),
    se = sqrt(vapply(seq_len(p), \(j) inverse[[j]][[j]]$hi, 0)),
    fitted = fitted$hi, rss = total(times(weighted, residual)),
    ypp = total(times(weighted, weighted)), tr_w = total(w), tr_ww = total(ww)$hi,
    tr_p = minus(total(w), lost)
  )
}

# tau2 to more than double precision, from a start that is right to half of it: one
# Newton step on the estimating equation, whose slope need not be exact. 0 where the
# equation says so.
exact_tau2 <- function(y, v, X, method, start) {
  df <- wide(nrow(X) - ncol(X))
  zero <- wide(0)
  if (method == "EE") return(zero)
  at <- exact_at(y, v, X, if (method == "DL") zero else wide(start))
  if (method == "DL") {
    found <- over(minus(at$rss, df), at$tr_p)
    return(if (found$hi > 0) found else zero)
  }
  gap <- switch(method,
    PM = minus(at$rss, df), ML = minus(at$ypp, at$tr_w), REML = minus(at$ypp, at$tr_p)
  )
  if (start == 0 && gap$hi <= 0) return(zero)
  plus(wide(start), wide(-gap$hi / slope_of(y, v, X, method, start)))
}

slope_of <- function(y, v, X, method, tau2) {
  w <- 1 / (v + tau2)
  Q <- qr.Q(qr(sqrt(w) * X))
  P <- sqrt(w) * (diag(length(v)) - tcrossprod(Q)) %*% diag(sqrt(w))
  Py <- P %*% y
  PPy <- P %*% Py
  switch(method,
    PM = -sum(Py^2),
    ML = sum(w^2) - 2 * sum(Py * PPy),
    REML = sum(P^2) - 2 * sum(Py * PPy)
  )
}

# The exact fit: tau2, coefficients, standard errors (unscaled), fitted values, Q.
exact_fit <- function(y, v, X, method, start = 0) {
  tau2 <- exact_tau2(y, v, X, method, start)
  at <- exact_at(y, v, X, tau2)
  list(
    tau2 = tau2$hi, beta = at$beta, se = at$se, fitted = at$fitted,
    QE = exact_at(y, v, X, wide(0))$rss$hi
  )
}
