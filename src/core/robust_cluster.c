#include <float.h>
#include <math.h>
#include <string.h>

#include "eigen.h"
#include "matrix.h"
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
  piece.rows = mv_arena_doubles(arena, n * (2 * p + 1));
  piece.q = mv_arena_doubles(arena, problem->dense ? n * n : 0);
  return piece;
}

/* t'u and t't. */
static void plain_sums(ptrdiff_t n, ptrdiff_t p, const double *t, const double *u,
                       mv_robust_piece *piece) {
  for (ptrdiff_t i = 0; i < p; i++) piece->plain[i] = 0;
  for (ptrdiff_t i = 0; i < p * p; i++) piece->gram[i] = 0;
  mv_add_cross(p, n, 1, 1, t, u, piece->plain);
  mv_add_cross(p, n, p, 1, t, t, piece->gram);
}

/* G = M^-1 X: s = t'u, E = t't and N = t't - (t't)^2. */
static void plain_piece(ptrdiff_t p, mv_robust_piece *piece) {
  for (ptrdiff_t a = 0; a < p; a++) piece->score[a] = piece->plain[a];
  for (ptrdiff_t i = 0; i < p * p; i++) {
    piece->reach[i] = piece->spread[i] = piece->gram[i];
  }
  mv_add_product(p, p, p, -1, piece->gram, piece->gram, piece->spread);
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

/* The rows of a cluster as [t | Q t | Q u], n rows of 2 p + 1, and b = Q Q (its lower
 * triangle) for Q = diag(variance). */
static void scale_rows(const mv_robust *problem, ptrdiff_t j, mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  for (ptrdiff_t i = 0; i < n * n; i++) piece->b[i] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double q = problem->variance[from + i], *t = problem->x + (from + i) * p;
    double *row = piece->rows + i * (2 * p + 1);
    piece->b[i * n + i] = q * q;
    for (ptrdiff_t a = 0; a < p; a++) {
      row[a] = t[a];
      row[p + a] = q * t[a];
    }
    row[2 * p] = q * problem->e[from + i];
  }
}

/* q = L'L */
static void inner_product(ptrdiff_t n, const double *l, double *q) {
  for (ptrdiff_t i = 0; i < n * n; i++) q[i] = 0;
  for (ptrdiff_t h = 0; h < n; h++) {
    for (ptrdiff_t i = 0; i <= h; i++) {
      mv_add_row(i + 1, l[h * n + i], l + h * n, q + i * n);
    }
  }
  mv_symmetrise(n, q);
}

/* The same as scale_rows() for a block. */
static void multiply_rows(const mv_robust *problem, ptrdiff_t j, mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  const double *t = problem->x + from * p, *u = problem->e + from, *q = piece->q;
  inner_product(n, problem->block + problem->offset[j], piece->q);
  for (ptrdiff_t i = 0; i < n * n; i++) piece->b[i] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    double *row = piece->rows + i * (2 * p + 1);
    memcpy(row, t + i * p, sizeof *row * (size_t)p);
    for (ptrdiff_t a = p; a < 2 * p; a++) row[a] = 0;
    for (ptrdiff_t h = 0; h < n; h++) {
      mv_add_row(p, q[i * n + h], t + h * p, row + p);
      mv_add_row(i + 1, q[i * n + h], q + h * n, piece->b + i * n);
    }
    row[2 * p] = mv_dot(n, q + i * n, u);
  }
}

/* b = Q Q - Q t t'Q */
static void remove_fitted(ptrdiff_t n, ptrdiff_t p, mv_robust_piece *piece) {
  const double *fitted = piece->rows + p;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *one = fitted + i * (2 * p + 1);
    for (ptrdiff_t j = 0; j <= i; j++) {
      piece->b[i * n + j] -= mv_dot(p, one, fitted + j * (2 * p + 1));
    }
  }
  mv_symmetrise(n, piece->b);
}

/* Adds what an eigenvector v of b contributes: with (a, g, d) = v'(t, Q t, Q u), to N
 * a a', to E g a' / root, to s d a / root, root that of the eigenvalue. */
static void add_vector(ptrdiff_t p, const double *turned, double root,
                       mv_robust_piece *piece) {
  const double *a = turned, *g = turned + p, d = turned[2 * p];
  mv_add_row(p, d / root, a, piece->score);
  for (ptrdiff_t i = 0; i < p; i++) {
    mv_add_row(p, a[i], a, piece->spread + i * p);
    mv_add_row(p, g[i] / root, a, piece->reach + i * p);
  }
}

/* s = t' B^{+1/2} Q u, E = X'G = (Q t)' B^{+1/2} t. B is the covariance of B^{+1/2} times
 * what the scores multiply, so N = t' P t, P the projection on the vectors that are kept:
 * no difference of nearly equal numbers where leverage is high. */
static mv_status adjusted_piece(const mv_robust *problem, ptrdiff_t j,
                                mv_robust_piece *piece) {
  const ptrdiff_t p = problem->p, n = problem->start[j + 1] - problem->start[j];
  const ptrdiff_t lost = rows_lost(p, piece), width = 2 * p + 1;
  if (!problem->dense) {
    scale_rows(problem, j, piece);
  } else {
    multiply_rows(problem, j, piece);
  }
  remove_fitted(n, p, piece);
  const mv_status status =
      mv_eigen_turn(n, width, piece->b, piece->rows, piece->values, piece->work);
  if (status != MV_OK) return status;
  for (ptrdiff_t a = 0; a < p; a++) piece->score[a] = 0;
  for (ptrdiff_t a = 0; a < p * p; a++) piece->reach[a] = piece->spread[a] = 0;
  const double rounding = (double)n * DBL_EPSILON * piece->values[n - 1];
  for (ptrdiff_t i = lost < n ? lost : n; i < n; i++) {
    if (piece->values[i] <= rounding) continue;
    add_vector(p, piece->rows + i * width, sqrt(piece->values[i]), piece);
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
