#include <float.h>
#include <math.h>

#include "eigen.h"
#include "robust.h"

mv_robust_piece mv_robust_piece_layout(mv_arena *arena, const mv_robust *problem) {
  const ptrdiff_t p = problem->p, n = problem->largest;
  const ptrdiff_t side = n > p ? n : p;
  mv_robust_piece piece;
  piece.score = mv_arena_doubles(arena, p);
  piece.reach = mv_arena_doubles(arena, p * p);
  piece.spread = mv_arena_doubles(arena, p * p);
  piece.plain = mv_arena_doubles(arena, p);
  piece.gram = mv_arena_doubles(arena, p * p);
  piece.b = mv_arena_doubles(arena, side * side);
  piece.values = mv_arena_doubles(arena, side);
  piece.work = mv_arena_doubles(arena, 2 * side);
  piece.left = mv_arena_doubles(arena, n * (p + 1));
  piece.right = mv_arena_doubles(arena, 2 * p + 1);
  piece.q = mv_arena_doubles(arena, problem->dense ? n * n : 0);
  return piece;
}

/* t'u and t't. */
static void plain_sums(ptrdiff_t n, ptrdiff_t p, const double *t, const double *u,
                       mv_robust_piece *piece) {
  for (ptrdiff_t i = 0; i < p; i++) piece->plain[i] = 0;
  for (ptrdiff_t i = 0; i < p * p; i++) piece->gram[i] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t a = 0; a < p; a++) {
      const double ta = t[i * p + a];
      piece->plain[a] += ta * u[i];
      for (ptrdiff_t b = 0; b < p; b++) piece->gram[a * p + b] += ta * t[i * p + b];
    }
  }
}

/* G = M^-1 X: s = t'u, E = t't and N = t't - (t't)^2. */
static void plain_piece(ptrdiff_t p, mv_robust_piece *piece) {
  for (ptrdiff_t a = 0; a < p; a++) {
    piece->score[a] = piece->plain[a];
    for (ptrdiff_t b = 0; b < p; b++) {
      double square = 0;
      for (ptrdiff_t h = 0; h < p; h++) {
        square += piece->gram[a * p + h] * piece->gram[h * p + b];
      }
      piece->reach[a * p + b] = piece->gram[a * p + b];
      piece->spread[a * p + b] = piece->gram[a * p + b] - square;
    }
  }
}

/* Leverage this near to 1 is 1: the cluster alone decides a combination of coefficients,
 * and its residuals say nothing of it. As in hatvalues() of a fit. */
static const double decides_alone = 1e-10;

/* How many combinations of the rows have no residual: eigenvalues 1 of t t', which are
 * those of t't. Found here, in numbers without a unit, rather than by the size of the
 * eigenvalues of B. */
static ptrdiff_t rows_lost(ptrdiff_t p, mv_robust_piece *piece) {
  double trace = 0;
  for (ptrdiff_t a = 0; a < p; a++) trace += piece->gram[a * p + a];
  if (trace < 1 - decides_alone) return 0;
  for (ptrdiff_t i = 0; i < p * p; i++) piece->b[i] = piece->gram[i];
  if (mv_eigen(p, piece->b, piece->values, piece->work) != MV_OK) return 0;
  ptrdiff_t lost = 0;
  for (ptrdiff_t a = 0; a < p; a++) lost += piece->values[a] > 1 - decides_alone;
  return lost;
}

/* left = Q (t, u), n rows of p + 1, and b = Q Q; Q = diag(variance). */
static void scale_rows(const mv_robust *problem, ptrdiff_t j, mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  for (ptrdiff_t i = 0; i < n * n; i++) piece->b[i] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double q = problem->variance[from + i], *t = problem->x + (from + i) * p;
    double *left = piece->left + i * (p + 1);
    piece->b[i * n + i] = q * q;
    for (ptrdiff_t a = 0; a < p; a++) left[a] = q * t[a];
    left[p] = q * problem->e[from + i];
  }
}

/* q = L'L */
static void inner_product(ptrdiff_t n, const double *l, double *q) {
  for (ptrdiff_t i = 0; i < n * n; i++) q[i] = 0;
  for (ptrdiff_t h = 0; h < n; h++) {
    for (ptrdiff_t i = 0; i <= h; i++) {
      for (ptrdiff_t j = 0; j <= h; j++) q[i * n + j] += l[h * n + i] * l[h * n + j];
    }
  }
}

/* The same as scale_rows() for a block. */
static void multiply_rows(const mv_robust *problem, ptrdiff_t j, mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  inner_product(n, problem->block + problem->offset[j], piece->q);
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *row = piece->q + i * n;
    double *left = piece->left + i * (p + 1), *b = piece->b + i * n;
    for (ptrdiff_t a = 0; a <= p; a++) left[a] = 0;
    for (ptrdiff_t a = 0; a < n; a++) b[a] = 0;
    for (ptrdiff_t h = 0; h < n; h++) {
      const double *t = problem->x + (from + h) * p;
      for (ptrdiff_t a = 0; a < p; a++) left[a] += row[h] * t[a];
      left[p] += row[h] * problem->e[from + h];
      for (ptrdiff_t a = 0; a < n; a++) b[a] += row[h] * piece->q[h * n + a];
    }
  }
}

/* b = Q Q - Q t t'Q */
static void remove_fitted(ptrdiff_t n, ptrdiff_t p, mv_robust_piece *piece) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *one = piece->left + i * (p + 1);
    for (ptrdiff_t j = 0; j <= i; j++) {
      const double *other = piece->left + j * (p + 1);
      double sum = 0;
      for (ptrdiff_t a = 0; a < p; a++) sum += one[a] * other[a];
      piece->b[i * n + j] -= sum;
      piece->b[j * n + i] = piece->b[i * n + j];
    }
  }
}

/* Adds what the eigenvector v of b, of eigenvalue `value`, contributes: with a = v't and
 * (g, d) = v'Q(t, u), to N a a', to E g a' / root, to s d a / root. */
static void add_vector(ptrdiff_t n, ptrdiff_t p, const double *v, double value,
                       const double *t, mv_robust_piece *piece) {
  double *by_t = piece->right, *by_left = piece->right + p;
  for (ptrdiff_t a = 0; a < 2 * p + 1; a++) piece->right[a] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *left = piece->left + i * (p + 1);
    for (ptrdiff_t a = 0; a < p; a++) by_t[a] += v[i] * t[i * p + a];
    for (ptrdiff_t a = 0; a <= p; a++) by_left[a] += v[i] * left[a];
  }
  const double root = sqrt(value);
  for (ptrdiff_t a = 0; a < p; a++) {
    piece->score[a] += by_left[p] * by_t[a] / root;
    for (ptrdiff_t b = 0; b < p; b++) {
      piece->spread[a * p + b] += by_t[a] * by_t[b];
      piece->reach[a * p + b] += by_left[a] * by_t[b] / root;
    }
  }
}

/* s = t' B^{+1/2} Q u, E = X'G = (Q t)' B^{+1/2} t. B is the covariance of B^{+1/2} times
 * what the scores multiply, so N = t' P t, P the projection on the vectors that are kept:
 * no difference of nearly equal numbers where leverage is high. */
static mv_status adjusted_piece(const mv_robust *problem, ptrdiff_t j,
                                mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  const ptrdiff_t lost = rows_lost(p, piece);
  if (!problem->dense) {
    scale_rows(problem, j, piece);
  } else {
    multiply_rows(problem, j, piece);
  }
  remove_fitted(n, p, piece);
  const mv_status status = mv_eigen(n, piece->b, piece->values, piece->work);
  if (status != MV_OK) return status;
  for (ptrdiff_t a = 0; a < p; a++) piece->score[a] = 0;
  for (ptrdiff_t a = 0; a < p * p; a++) piece->reach[a] = piece->spread[a] = 0;
  const double rounding = (double)n * DBL_EPSILON * piece->values[n - 1];
  for (ptrdiff_t i = lost < n ? lost : n; i < n; i++) {
    if (piece->values[i] <= rounding) continue;
    add_vector(n, p, piece->b + i * n, piece->values[i], problem->x + from * p, piece);
  }
  return MV_OK;
}

mv_status mv_robust_cluster(const mv_robust *problem, mv_robust_type type, ptrdiff_t j,
                            mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  plain_sums(n, p, problem->x + from * p, problem->e + from, piece);
  if (type == MV_CR2) return adjusted_piece(problem, j, piece);
  plain_piece(p, piece);
  return MV_OK;
}
