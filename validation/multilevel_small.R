# Two more answers to few studies, for multilevel_df.R: CR2 and Kenward-Roger, study by
# study, of a model with var(study) and var(study/.row) and V in blocks of studies.

# What they need of each study at the estimated variances; `rows` lists its rows.
study_blocks <- function(rows, X, V, residual, theta) {
  lapply(rows, \(at) {
    x <- X[at, , drop = FALSE]
    M <- V[at, at, drop = FALSE] + theta[1]
    diag(M) <- diag(M) + theta[2]
    W <- chol2inv(chol(M))
    list(x = x, M = M, W = W, WX = W %*% x, e = residual[at])
  })
}

# CR2 (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018, J Bus Econ Stat 36:672) with
# the model's M as working covariance. With W = M^-1 the residuals of a study have
# variance M_j - X_j B X_j', B = (X'WX)^-1. For each coefficient u_j = A_j W_j X_j B c:
# its variance is sum (u_j'e_j)^2, a quadratic form in terms of covariance
# P = diag(u_j'M_j u_j) - G B G', G_j = u_j'X_j, so that df = tr(P)^2 / tr(P P).
cr2_small <- function(blocks, bread) {
  u <- lapply(blocks, \(b) cr2_adjust(b, bread) %*% b$WX %*% bread)
  terms <- t(mapply(\(u, b) drop(b$e %*% u), u, blocks))
  p <- ncol(bread)
  terms <- matrix(terms, ncol = p)
  df <- vapply(seq_len(p), \(j) {
    own <- mapply(\(u, b) drop(u[, j] %*% b$M %*% u[, j]), u, blocks)
    G <- matrix(t(mapply(\(u, b) drop(u[, j] %*% b$x), u, blocks)), ncol = p)
    P <- diag(own) - G %*% bread %*% t(G)
    sum(diag(P))^2 / sum(P^2)
  }, 0)
  list(se = sqrt(colSums(terms^2)), df = df)
}

# The symmetric root of the inverse, generalised where a study decides a coefficient.
cr2_adjust <- function(block, bread) {
  D <- chol(block$M)
  B <- D %*% (block$M - block$x %*% bread %*% t(block$x)) %*% t(D)
  found <- eigen(B, symmetric = TRUE)
  keep <- found$values > 1e-10 * max(found$values)
  U <- found$vectors[, keep, drop = FALSE]
  t(D) %*% U %*% (t(U) / sqrt(found$values[keep])) %*% D
}

# Kenward and Roger 1997, Biometrics 53:983: the covariance of the coefficients enlarged
# for the variances being estimated,
#   Phi + 2 Phi [sum_ab S_ab (Q_ab - P_a Phi P_b)] Phi,
# S the covariance of the variance estimates, P_a = -X'W M_a W X,
# Q_ab = X'W M_a W M_b W X, M_a = dM/dtheta_a, here 11' and I. For one
# coefficient their df are Satterthwaite's.
kenward_roger <- function(blocks, Phi, S) {
  p <- ncol(Phi)
  sums <- lapply(blocks, \(b) {
    one <- colSums(b$WX)
    P2 <- crossprod(b$WX)
    list(
      P1 = tcrossprod(one), P2 = P2, Q11 = sum(b$W) * tcrossprod(one),
      Q12 = tcrossprod(one, colSums(b$W %*% b$WX)), Q22 = crossprod(b$WX, b$W %*% b$WX)
    )
  })
  of <- \(name) matrix(rowSums(matrix(vapply(sums, `[[`, numeric(p^2), name), p^2)), p)
  P1 <- of("P1")
  P2 <- of("P2")
  inside <- S[1, 1] * (of("Q11") - P1 %*% Phi %*% P1) +
    S[2, 2] * (of("Q22") - P2 %*% Phi %*% P2) +
    S[1, 2] * (of("Q12") + t(of("Q12")) - P1 %*% Phi %*% P2 - P2 %*% Phi %*% P1)
  sqrt(diag(Phi + 2 * Phi %*% inside %*% Phi))
}
