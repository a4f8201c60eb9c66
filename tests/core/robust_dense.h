/* Small clustered problems, and their cluster-robust covariance by the formulas as they
 * are written, with whole matrices. */
#ifndef ROBUST_DENSE_H
#define ROBUST_DENSE_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "dense.h"
#include "eigen.h"
#include "linalg.h"
#include "robust.h"

enum { CASE_ROWS = 24, CASE_COLUMNS = 4, CASE_SQUARE = CASE_COLUMNS * CASE_COLUMNS };

typedef struct {
  int k, p, m, dense;
  ptrdiff_t start[CASE_ROWS + 1];
  double x[CASE_ROWS * CASE_COLUMNS], y[CASE_ROWS];
  double v[CASE_ROWS][CASE_ROWS]; /* M */
} robust_case;

typedef struct {
  double beta[CASE_COLUMNS], e[CASE_ROWS];
  double bread[CASE_SQUARE];    /* (X'M^-1X)^-1 */
  real exact[CASE_SQUARE];      /* the same with all its digits */
  double vcov[CASE_SQUARE];     /* of beta, with the type's factor */
  double expected[CASE_SQUARE]; /* its expectation under the model */
  double df[CASE_COLUMNS];      /* of each coefficient */
  double eta;                   /* of all coefficients together */
  int unclear;                  /* whether an eigenvalue is neither 0 nor clearly not */
} robust_answer;

/* g[i][a]: row i of G F, so that V = sum_j (G_j F)'e_j e_j'(G_j F) */
typedef real case_rows[CASE_ROWS][CASE_COLUMNS];

static inline void dense_fit(const robust_case *one, case_rows wx, robust_answer *found) {
  static dense_matrix v, w, information, bread;
  const int k = one->k, p = one->p;
  v.n = k;
  information.n = p;
  for (int i = 0; i < k; i++) {
    for (int j = 0; j < k; j++) v.at[i][j] = one->v[i][j];
  }
  dense_invert(&v, &w);
  for (int i = 0; i < k; i++) {
    for (int a = 0; a < p; a++) {
      real sum = 0;
      for (int j = 0; j < k; j++) sum += w.at[i][j] * one->x[j * p + a];
      wx[i][a] = sum;
    }
  }
  for (int a = 0; a < p; a++) {
    for (int b = 0; b < p; b++) {
      information.at[a][b] = 0;
      for (int i = 0; i < k; i++) information.at[a][b] += one->x[i * p + a] * wx[i][b];
    }
  }
  dense_invert(&information, &bread);
  for (int a = 0; a < p; a++) {
    real sum = 0;
    for (int b = 0; b < p; b++) {
      found->exact[a * p + b] = bread.at[a][b];
      found->bread[a * p + b] = (double)bread.at[a][b];
      for (int i = 0; i < k; i++) sum += bread.at[a][b] * wx[i][b] * one->y[i];
    }
    found->beta[a] = (double)sum;
  }
  for (int i = 0; i < k; i++) {
    found->e[i] = one->y[i];
    for (int a = 0; a < p; a++) found->e[i] -= one->x[i * p + a] * found->beta[a];
  }
}

/* The covariance of residuals i and j: M - X F X'. */
static inline real residual_covariance(const robust_case *one, const real *bread,
                                       ptrdiff_t i, ptrdiff_t j) {
  const int p = one->p;
  real sum = one->v[i][j];
  for (int a = 0; a < p; a++) {
    for (int b = 0; b < p; b++) {
      sum -= one->x[i * p + a] * bread[a * p + b] * one->x[j * p + b];
    }
  }
  return sum;
}

/* g = A_j wx for the rows of cluster j: A_j = D' (D S D')^{+1/2} D, D upper with D'D =
 * M_jj and S the covariance of its residuals. */
static inline void dense_adjust(const robust_case *one, const real *bread, int j,
                                case_rows wx, case_rows g, int *unclear) {
  const ptrdiff_t from = one->start[j], n = one->start[j + 1] - from;
  double l[CASE_ROWS * CASE_ROWS] = {0}, b[CASE_ROWS * CASE_ROWS];
  double half[CASE_ROWS * CASE_ROWS] = {0}, values[CASE_ROWS], work[2 * CASE_ROWS];
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t h = 0; h < n; h++) half[i * n + h] = one->v[from + i][from + h];
  }
  CHECK_STATUS(mv_cholesky(n, half, l), MV_OK);
  double size = 0; /* of D M D' */
  for (ptrdiff_t i = 0; i < n; i++) size = fmax(size, half[i * n + i] * half[i * n + i]);
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t h = 0; h < n; h++) {
      real sum = 0;
      for (ptrdiff_t r = 0; r < n; r++) {
        for (ptrdiff_t c = 0; c < n; c++) {
          sum += l[r * n + i] * residual_covariance(one, bread, from + r, from + c) *
                 l[c * n + h];
        }
      }
      b[i * n + h] = (double)sum;
    }
  }
  CHECK_STATUS(mv_eigen(n, b, values, work), MV_OK);
  for (ptrdiff_t v = 0; v < n; v++) {
    *unclear |= fabs(values[v]) > 1e-14 * size && fabs(values[v]) < 1e-6 * size;
  }
  for (int a = 0; a < one->p; a++) {
    real first[CASE_ROWS] = {0}, second[CASE_ROWS] = {0};
    for (ptrdiff_t i = 0; i < n; i++) {
      for (ptrdiff_t h = i; h < n; h++) first[i] += l[h * n + i] * wx[from + h][a];
    }
    for (ptrdiff_t v = 0; v < n; v++) {
      if (fabs(values[v]) < 1e-11 * size) continue;
      real with = 0;
      for (ptrdiff_t i = 0; i < n; i++) with += b[v * n + i] * first[i];
      for (ptrdiff_t i = 0; i < n; i++)
        second[i] += b[v * n + i] * with / sqrt(values[v]);
    }
    for (ptrdiff_t i = 0; i < n; i++) {
      g[from + i][a] = 0;
      for (ptrdiff_t h = 0; h <= i; h++) g[from + i][a] += l[i * n + h] * second[h];
    }
  }
}

/* H = G F C' in place of G, C the identity. */
static inline void times_bread(const robust_case *one, const real *bread, case_rows g) {
  const int p = one->p;
  for (int i = 0; i < one->k; i++) {
    real row[CASE_COLUMNS] = {0};
    for (int a = 0; a < p; a++) {
      for (int b = 0; b < p; b++) row[a] += g[i][b] * bread[b * p + a];
    }
    for (int a = 0; a < p; a++) g[i][a] = row[a];
  }
}

/* R_jl = H_j' cov(e_j, e_l) H_l */
static inline void pair_matrix(const robust_case *one, const real *bread, case_rows h,
                               int j, int l, double *r) {
  const int p = one->p;
  real sum[CASE_SQUARE] = {0};
  for (ptrdiff_t i = one->start[j]; i < one->start[j + 1]; i++) {
    for (ptrdiff_t o = one->start[l]; o < one->start[l + 1]; o++) {
      const real s = residual_covariance(one, bread, i, o);
      for (int a = 0; a < p; a++) {
        for (int b = 0; b < p; b++) sum[a * p + b] += h[i][a] * s * h[o][b];
      }
    }
  }
  for (int i = 0; i < p * p; i++) r[i] = (double)sum[i];
}

/* r becomes K^-1 r K^-1', K K' = expected. */
static inline void standardise_pair(int p, const double *k, double *r) {
  for (int side = 0; side < 2; side++) {
    double turned[CASE_SQUARE];
    for (int a = 0; a < p; a++) {
      double column[CASE_COLUMNS];
      for (int i = 0; i < p; i++) column[i] = r[i * p + a];
      mv_forward(p, k, column);
      for (int i = 0; i < p; i++) turned[a * p + i] = column[i];
    }
    memcpy(r, turned, sizeof turned);
  }
}

static inline void dense_df(const robust_case *one, case_rows h, double factor,
                            robust_answer *found) {
  const int p = one->p;
  double r[CASE_SQUARE], k[CASE_SQUARE], square[CASE_COLUMNS] = {0}, total = 0;
  for (int i = 0; i < p * p; i++) found->expected[i] = 0;
  for (int j = 0; j < one->m; j++) {
    pair_matrix(one, found->exact, h, j, j, r);
    for (int i = 0; i < p * p; i++) found->expected[i] += r[i];
  }
  const mv_status status = mv_cholesky(p, found->expected, k);
  for (int j = 0; j < one->m; j++) {
    for (int l = 0; l < one->m; l++) {
      pair_matrix(one, found->exact, h, j, l, r);
      for (int a = 0; a < p; a++) square[a] += r[a * p + a] * r[a * p + a];
      if (status != MV_OK) continue;
      standardise_pair(p, k, r);
      double trace = 0;
      for (int a = 0; a < p; a++) {
        trace += r[a * p + a];
        for (int b = 0; b < p; b++) total += r[a * p + b] * r[b * p + a];
      }
      total += trace * trace;
    }
  }
  for (int a = 0; a < p; a++) {
    found->df[a] = found->expected[a * p + a] * found->expected[a * p + a] / square[a];
  }
  found->eta = status == MV_OK ? p * (p + 1) / total : (double)NAN;
  for (int i = 0; i < p * p; i++) found->expected[i] *= factor;
}

static inline void dense_robust(const robust_case *one, mv_robust_type type,
                                robust_answer *found) {
  static case_rows wx, g;
  found->unclear = 0;
  const int p = one->p;
  const double factor = mv_robust_factor(type, one->m, p);
  dense_fit(one, wx, found);
  memcpy(g, wx, sizeof wx);
  for (int j = 0; j < one->m && type == MV_CR2; j++) {
    dense_adjust(one, found->exact, j, wx, g, &found->unclear);
  }
  times_bread(one, found->exact, g);
  for (int i = 0; i < p * p; i++) found->vcov[i] = 0;
  for (int j = 0; j < one->m; j++) {
    real score[CASE_COLUMNS] = {0};
    for (ptrdiff_t i = one->start[j]; i < one->start[j + 1]; i++) {
      for (int a = 0; a < p; a++) score[a] += g[i][a] * found->e[i];
    }
    for (int a = 0; a < p; a++) {
      for (int b = 0; b < p; b++)
        found->vcov[a * p + b] += factor * (double)(score[a] * score[b]);
    }
  }
  dense_df(one, g, factor, found);
}

/* ---- the same by the core -------------------------------------------------------------
 */

static inline ptrdiff_t case_blocks(const robust_case *one) {
  ptrdiff_t blocks = 0;
  for (int j = 0; j < one->m && one->dense; j++) {
    const ptrdiff_t n = one->start[j + 1] - one->start[j];
    blocks += n * n;
  }
  return blocks;
}

static inline void fill_problem(const robust_case *one, const double *e,
                                mv_robust *problem) {
  ptrdiff_t at = 0;
  memcpy(problem->x, one->x, sizeof(double) * (size_t)(one->k * one->p));
  memcpy(problem->e, e, sizeof(double) * (size_t)one->k);
  for (int i = 0; i < one->k && !one->dense; i++) problem->variance[i] = one->v[i][i];
  for (int j = 0; j < one->m && one->dense; j++) {
    for (ptrdiff_t i = one->start[j]; i < one->start[j + 1]; i++) {
      for (ptrdiff_t h = one->start[j]; h < one->start[j + 1]; h++) {
        problem->block[at++] = one->v[i][h];
      }
    }
  }
}

typedef struct {
  mv_arena arena;
  mv_robust problem;
  mv_robust_piece piece;
  mv_robust_sums sums;
  mv_contrasts set;
  mv_robust_joint joint;
} robust_core;

static inline void core_layout(const robust_case *one, robust_core *core) {
  const ptrdiff_t p = one->p;
  core->problem =
      mv_robust_layout(&core->arena, one->k, p, one->m, one->start, case_blocks(one));
  core->piece = mv_robust_piece_layout(&core->arena, &core->problem);
  core->sums = mv_robust_sums_layout(&core->arena, p, p);
  core->set = mv_contrasts_layout(&core->arena, p, p);
  core->joint = mv_robust_joint_layout(&core->arena, p, p);
}

/* Ready for a pass; all coefficients are the contrasts. */
static inline mv_status core_start(const robust_case *one, const robust_answer *fit,
                                   robust_core *core) {
  const int p = one->p;
  core->arena = (mv_arena){NULL, 0};
  core_layout(one, core);
  core->arena = check_carve(core->arena);
  core_layout(one, core);
  fill_problem(one, fit->e, &core->problem);
  for (int i = 0; i < p * p; i++) {
    core->sums.contrast[i] = core->set.contrast[i] = i % (p + 1) == 0;
  }
  for (int a = 0; a < p; a++) core->set.value[a] = fit->beta[a];
  const mv_status status = mv_robust_prepare(&core->problem);
  if (status != MV_OK) return status;
  mv_robust_turn(&core->problem, p, core->sums.contrast);
  mv_robust_sums_start(p, &core->sums);
  return mv_contrasts_start(&core->problem, &core->set);
}

/* `fit` has the residuals; gives vcov, expected, df and eta, and the Wald statistic. */
static inline mv_status core_robust(const robust_case *one, mv_robust_type type,
                                    const robust_answer *fit, robust_answer *found,
                                    double *wald) {
  static robust_core core;
  const int p = one->p;
  const double factor = mv_robust_factor(type, one->m, p);
  double space[CASE_SQUARE], value[CASE_COLUMNS];
  mv_status status = core_start(one, fit, &core);
  for (int j = 0; j < one->m && status == MV_OK; j++) {
    status = mv_robust_cluster(&core.problem, type, j, &core.piece);
    if (status == MV_OK) mv_robust_sums_add(p, &core.piece, &core.sums);
  }
  found->eta = *wald = (double)NAN;
  if (status == MV_OK) {
    for (int a = 0; a < p; a++) {
      found->df[a] = core.sums.trace[a] * core.sums.trace[a] / core.sums.square[a];
    }
    if (mv_robust_wald(p, &core.set, core.sums.meat, value, space, wald) == MV_OK) {
      *wald /= factor;
    }
    if (mv_robust_joint_start(p, &core.sums, &core.set, &core.joint) == MV_OK) {
      for (int j = 0; j < one->m; j++) {
        mv_robust_cluster(&core.problem, type, j, &core.piece);
        mv_robust_joint_add(p, &core.piece, &core.joint);
      }
      found->eta = mv_robust_joint_df(&core.joint);
    }
    mv_robust_unturn(&core.problem, factor, core.sums.meat, space);
    mv_robust_unturn(&core.problem, factor, core.sums.expected, space);
    memcpy(found->vcov, core.sums.meat, sizeof(double) * (size_t)(p * p));
    memcpy(found->expected, core.sums.expected, sizeof(double) * (size_t)(p * p));
  }
  check_free(&core.arena);
  return status;
}

#endif
