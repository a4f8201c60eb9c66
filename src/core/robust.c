#include "robust.h"

#include <math.h>

#include "linalg.h"
#include "matrix.h"

const char *mv_robust_name(mv_robust_type type) {
  static const char *const names[MV_CR_COUNT] = {
      [MV_CR0] = "CR0", [MV_CR1] = "CR1", [MV_CR1P] = "CR1p", [MV_CR2] = "CR2"};
  return names[type];
}

double mv_robust_factor(mv_robust_type type, ptrdiff_t m, ptrdiff_t p) {
  if (type == MV_CR1) return (double)m / (double)(m - 1);
  if (type == MV_CR1P) return (double)m / (double)(m - p);
  return 1;
}

mv_robust mv_robust_layout(mv_arena *arena, ptrdiff_t k, ptrdiff_t p, ptrdiff_t m,
                           const ptrdiff_t *start, ptrdiff_t blocks) {
  mv_robust problem = {.k = k, .p = p, .m = m, .start = start, .dense = blocks > 0};
  for (ptrdiff_t j = 0; j < m; j++) {
    const ptrdiff_t n = start[j + 1] - start[j];
    if (n > problem.largest) problem.largest = n;
  }
  problem.x = mv_arena_doubles(arena, k * p);
  problem.e = mv_arena_doubles(arena, k);
  if (problem.dense) {
    problem.block = mv_arena_doubles(arena, blocks);
    problem.offset = mv_arena_indices(arena, m);
  } else {
    problem.variance = mv_arena_doubles(arena, k);
  }
  problem.turn = mv_arena_doubles(arena, p * p);
  problem.r = mv_arena_doubles(arena, p * p);
  problem.aliased = mv_arena_ints(arena, p);
  return problem;
}

/* Rows of cluster j become L^-1 times themselves, its block L. */
static mv_status whiten_block(mv_robust *problem, ptrdiff_t j) {
  const ptrdiff_t p = problem->p, from = problem->start[j];
  const ptrdiff_t n = problem->start[j + 1] - from;
  double *l = problem->block + problem->offset[j];
  const mv_status status = mv_cholesky(n, l, l);
  if (status != MV_OK) return status;
  mv_forward(n, l, problem->e + from);
  mv_forward_all(n, p, l, problem->x + from * p);
  return MV_OK;
}

static mv_status whiten_row(mv_robust *problem, ptrdiff_t i) {
  const double se = sqrt(problem->variance[i]);
  if (!(se > 0 && isfinite(se))) return MV_NOT_POSITIVE;
  problem->e[i] /= se;
  for (ptrdiff_t a = 0; a < problem->p; a++) problem->x[i * problem->p + a] /= se;
  return MV_OK;
}

static mv_status whiten(mv_robust *problem) {
  mv_status status = MV_OK;
  if (!problem->dense) {
    for (ptrdiff_t i = 0; i < problem->k && status == MV_OK; i++) {
      status = whiten_row(problem, i);
    }
    return status;
  }
  ptrdiff_t offset = 0;
  for (ptrdiff_t j = 0; j < problem->m && status == MV_OK; j++) {
    const ptrdiff_t n = problem->start[j + 1] - problem->start[j];
    problem->offset[j] = offset;
    offset += n * n;
    status = whiten_block(problem, j);
  }
  return status;
}

/* turn = r^-1, upper triangular. */
static void invert_upper(ptrdiff_t p, const double *r, double *turn) {
  for (ptrdiff_t j = 0; j < p; j++) {
    for (ptrdiff_t i = p - 1; i >= 0; i--) {
      double sum = i == j;
      for (ptrdiff_t h = i + 1; h < p; h++) sum -= r[i * p + h] * turn[h * p + j];
      turn[i * p + j] = i > j ? 0 : sum / r[i * p + i];
    }
  }
}

mv_status mv_robust_prepare(mv_robust *problem) {
  const ptrdiff_t k = problem->k, p = problem->p;
  mv_status status = whiten(problem);
  if (status != MV_OK) return status;
  for (ptrdiff_t i = 0; i < p * p; i++) problem->r[i] = 0;
  status = mv_orthonormalise(k, p, problem->x, problem->r, problem->aliased);
  if (status != MV_OK) return status;
  invert_upper(p, problem->r, problem->turn);
  return MV_OK;
}

/* ---- sums over clusters ------------------------------------------------------------ */

mv_robust_sums mv_robust_sums_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t contrasts) {
  mv_robust_sums sums = {.contrasts = contrasts};
  sums.meat = mv_arena_doubles(arena, p * p);
  sums.expected = mv_arena_doubles(arena, p * p);
  sums.alone = mv_arena_doubles(arena, p * p);
  sums.contrast = mv_arena_doubles(arena, contrasts * p);
  sums.prefix = mv_arena_doubles(arena, contrasts * p * p);
  sums.trace = mv_arena_doubles(arena, contrasts);
  sums.square = mv_arena_doubles(arena, contrasts);
  sums.z = mv_arena_doubles(arena, p);
  return sums;
}

void mv_robust_sums_start(ptrdiff_t p, mv_robust_sums *sums) {
  for (ptrdiff_t i = 0; i < p * p; i++) {
    sums->meat[i] = sums->expected[i] = sums->alone[i] = 0;
  }
  for (ptrdiff_t i = 0; i < sums->contrasts * p * p; i++) sums->prefix[i] = 0;
  for (ptrdiff_t c = 0; c < sums->contrasts; c++) sums->trace[c] = sums->square[c] = 0;
}

/* z = E c, and c'N c. */
static double own_part(ptrdiff_t p, const mv_robust_piece *piece, const double *c,
                       double *z) {
  mv_multiply(p, p, 1, piece->reach, c, z);
  return mv_bilinear(p, c, piece->spread, c);
}

/* z'S z for the sum S over earlier clusters, to which z z' is then added. */
static double with_earlier(ptrdiff_t p, const double *z, double *s) {
  const double sum = mv_bilinear(p, z, s, z);
  for (ptrdiff_t a = 0; a < p; a++) mv_add_row(p, z[a], z, s + a * p);
  return sum;
}

/* c'V c = sum (g_j'e_j)^2 is a quadratic form in normal residuals, whose matrix P has
 * g_j'(M - X X')g_j = c'N_j c on its diagonal and -z_j'z_l beside it, z_j = E_j c. Its
 * mean is tr P and its variance 2 tr P^2, so Satterthwaite's degrees of freedom are
 * (tr P)^2 / tr P^2. The squares beside the diagonal are summed as 2 z_j'(sum_{l<j} z_l
 * z_l')z_j: O(m p^2), and no term is larger than the sum. */
void mv_robust_sums_add(ptrdiff_t p, const mv_robust_piece *piece, mv_robust_sums *sums) {
  for (ptrdiff_t a = 0; a < p; a++) {
    mv_add_row(p, piece->score[a], piece->score, sums->meat + a * p);
  }
  mv_add_row(p * p, 1, piece->spread, sums->expected);
  mv_add_product(p, p, p, 1, piece->gram, piece->gram, sums->alone);
  for (ptrdiff_t c = 0; c < sums->contrasts; c++) {
    const double own = own_part(p, piece, sums->contrast + c * p, sums->z);
    sums->trace[c] += own;
    sums->square[c] += own * own + 2 * with_earlier(p, sums->z, sums->prefix + c * p * p);
  }
}

void mv_robust_tell(ptrdiff_t p, double factor, const mv_robust_sums *sums,
                    const mv_contrast_values *to) {
  for (ptrdiff_t i = 0; i < sums->contrasts; i++) {
    const double *c = sums->contrast + i * p;
    const double length = mv_dot(p, c, c), trace = sums->trace[i];
    to->variance[i] = factor * mv_bilinear(p, c, sums->meat, c);
    to->df[i] = trace * trace / sums->square[i];
    to->share[i] = factor * trace / length;
    to->told[i] = 1 - mv_bilinear(p, c, sums->alone, c) / length;
  }
}

void mv_robust_turn(const mv_robust *problem, ptrdiff_t rows, double *c) {
  const ptrdiff_t p = problem->p;
  for (ptrdiff_t i = 0; i < rows; i++) {
    for (ptrdiff_t j = p - 1; j >= 0; j--) { /* turn is upper triangular */
      double sum = 0;
      for (ptrdiff_t h = 0; h <= j; h++) sum += c[i * p + h] * problem->turn[h * p + j];
      c[i * p + j] = sum;
    }
  }
}

void mv_robust_unturn(const mv_robust *problem, double factor, double *a, double *space) {
  mv_congruence(problem->p, problem->turn, a, space);
  for (ptrdiff_t i = 0; i < problem->p * problem->p; i++) a[i] *= factor;
}
