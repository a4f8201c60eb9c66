/* One block of a multilevel model at given parameters. In a block y, the design and the
 * columns of top parts, A = [y X Z_top], and those of inner parts, Z, stand in turned
 * rows in which
 *
 *   M = W^-1 + Z G Z',   W = diag(1 / (lambda_i + sigma2)),   H = M^-1,
 *
 * and Z is eliminated (elimination.h). All that is asked of the block follows from the
 * cross-products S_m = [A Z]'W^m[A Z], m = 1, 2, 3; M and H themselves, n x n, are never
 * made. With C = I - N Z'WZ and the reduced columns A~ = A - Z N Z'WA,
 *
 *   HA = W A~,         A'HA = A~'WA,        A'HHA = A~'W^2A~,
 *   Z'HZ = Z'WZ C,     Z'HHA = C'Z'W^2A~,   A'HHHA = A~'W^3A~ - A~'W^2Z N Z'W^2A~. */
#ifndef MV_BLOCK_SUMS_H
#define MV_BLOCK_SUMS_H

#include "blocks.h"
#include "elimination.h"

/* Sums over all blocks, for parameters i and j of derivatives D_i = dM/dtheta_i:
 * P = M^-1 - M^-1 X (X'M^-1X)^-1 X'M^-1 over all rows, w_i = D_i P y. */
typedef struct {
  ptrdiff_t parameters;
  double *trace;     /* tr P D_i */
  double *quadratic; /* y'P D_i P y */
  double *product;   /* of each i (p + q)^2: A'H D_i HA without y */
  double *working;   /* of each i p + q: A'H w_i */
  double *paired;    /* w_i'H w_j */
  double *expected;  /* what tr P D_i P D_j needs of single blocks */
  double **entries;  /* of each part the score of each entry of its G; NULL: linear */
} mv_derivative_sums;

struct mv_item;

typedef struct {
  ptrdiff_t block, n;
  mv_elimination of;
  double log_det; /* log |M| */
  double tr_w, tr_ww;
  double *s2, *s3;               /* as of.s, with W^2 and W^3 */
  double *n_matrix;              /* r x r: N */
  double *zha, *zha2;            /* r x a: Z'HA, and Z'W^2A~ */
  double *zhha;                  /* r x a: Z'HHA */
  double *ahha, *ahhha;          /* a x a */
  double *zhz, *zhhz;            /* r x r */
  double *spread, *spread2;      /* r x r: Z'HA K A'HZ, Z'HA K A'HHZ */
  double *keep;                  /* r x r: C */
  double *rr1, *ra1;             /* space: r x r, r x a */
  double *residual, *residual2;  /* r: Z'Py, Z'HPy */
  double *row;                   /* a: space */
  double *k_local, *coefficient; /* (a - 1)^2; a */
  double *slope;                 /* the derivatives of one clump's G */
  double *turned, *turned2;      /* D_i Z'HZ, D_i Z'HA K A'HZ of each item */
  double *moved;                 /* D_i Z'Py */
  struct mv_item *items;
} mv_block_work;

void mv_block_sums_layout(mv_arena *arena, const mv_blocks *blocks, mv_block_work *work);

/* A'HA and log |M| of a block. `sigma2` is the identity's variance; `working` all
 * parameters; `powers` 3 where derivatives will be asked for and the identity is one of
 * them, else 1. MV_NOT_POSITIVE where G is no covariance. */
mv_status mv_block_eliminate(const mv_blocks *blocks, ptrdiff_t block, double sigma2,
                             const double *working, int powers, mv_block_work *work);

/* After the elimination: N, Z'HA, Z'HZ, Z'HA K A'HZ and Z'Py of the block. `k`: K of
 * P = H - HA K A'H over [X Z_top]; `kappa`: the coefficients of these columns, with which
 * Py = H (y - A kappa). */
void mv_block_project(const mv_blocks *blocks, const double *k, const double *kappa,
                      mv_block_work *work);

/* Adds what a group of a part says of its G: (u u' - Z'PZ) / 2 with u = Z'Py, by levels,
 * `projected` being Z'PZ in rows of `stride`. The derivative of the log-likelihood in any
 * direction of G is the sum of its entries times these. */
void mv_add_entries(const mv_part *part, const mv_columns *columns, const mv_clump *of,
                    const double *residual, const double *projected, ptrdiff_t stride,
                    double *entries);

/* Adds the block's part of the sums, after its elimination with the same arguments.
 * `k` is that of the traces. `identity`: its parameter, -1 if it is none. */
void mv_block_derivatives(const mv_blocks *blocks, const double *working,
                          ptrdiff_t identity, const double *k, const double *kappa,
                          mv_block_work *work, mv_derivative_sums *sums);

/* The column of [X Z_top] that column i > 0 of the block's A is. */
ptrdiff_t mv_block_column(const mv_blocks *blocks, ptrdiff_t block, ptrdiff_t i);

#endif
