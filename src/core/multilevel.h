/* The multilevel model of blocks.h: its likelihood at given parameters, and the
 * derivatives. One evaluation is one pass over the blocks, O(k) where blocks are small;
 * with derivatives it is two. */
#ifndef MV_MULTILEVEL_H
#define MV_MULTILEVEL_H

#include "block_sums.h"

typedef struct {
  const mv_blocks *blocks;
  int restricted; /* REML, else ML */
  ptrdiff_t parameters;
  const mv_clump *top_clump;
  ptrdiff_t top_clumps;
} mv_multilevel;

/* Everything at one value of the parameters; coefficients are those of the orthonormal
 * columns. */
typedef struct {
  double *working;
  double log_lik_ml, log_lik_reml;
  double rss;       /* y'Py */
  double *beta;     /* p */
  double *vcov;     /* p x p: (X'M^-1X)^-1 */
  double *score;    /* of each parameter */
  double *average;  /* y'P D_i P D_j P y / 2 */
  double *expected; /* tr P D_i P D_j / 2; for ML with M^-1 in place of P */
  double *curve;    /* what the curvature of G adds to the second derivatives */
  double *bend;     /* of each parameter p x p: X'M^-1 D M^-1 X */
  double trace;     /* tr P; NAN where it was not asked for */
} mv_point;

struct mv_top_item;

typedef struct {
  mv_block_work block;
  mv_elimination top;
  mv_derivative_sums sums;
  double *chol;     /* p x p, of X'M^-1X */
  double *spread;   /* (p + q) x p: [I; -N Z'HX], M^-1X = H[X Z_top] spread */
  double *k, *k_ml; /* (p + q)^2 */
  double *kappa;    /* p + q */
  double *space;    /* (p + q)^2 */
  double *space2;   /* (p + q)^2 */
  double *poo, *residual, *n_matrix; /* q x q, q, q x q */
  double *bar;                       /* (p + q) x q: [0; I] - K A'HZ, PZ = HA bar */
  double *zhx;                       /* q x p: Z'M^-1X */
  double *turned, *moved, *slope;    /* of top parameters */
  double *column;                    /* p + q */
  struct mv_top_item *items;
} mv_multilevel_work;

void mv_point_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t parameters, mv_point *point);

/* All that `from` holds, in the arrays of `to`. */
void mv_point_copy(ptrdiff_t p, ptrdiff_t parameters, const mv_point *from, mv_point *to);

void mv_multilevel_layout(mv_arena *arena, const mv_blocks *blocks,
                          mv_multilevel_work *work, mv_clump **top_clump);

/* After the layout: lists the groups of the top parts. */
mv_multilevel mv_multilevel_of(const mv_blocks *blocks, int restricted,
                               mv_clump *top_clump);

/* The log-likelihoods, coefficients and their covariance at point->working.
 * MV_NOT_POSITIVE where these are no covariances, or the design is singular in them. */
mv_status mv_multilevel_likelihood(const mv_multilevel *model, mv_multilevel_work *work,
                                   mv_point *point);

/* Adds the derivatives; the likelihood at the same point must have been the last. With
 * `want_trace` also tr P. */
mv_status mv_multilevel_derivatives(const mv_multilevel *model, mv_multilevel_work *work,
                                    int want_trace, mv_point *point);

/* K, its part for ML, kappa and the spread, after the likelihood at the point. */
void mv_multilevel_project(const mv_multilevel *model, mv_multilevel_work *work,
                           const mv_point *point);

/* Z'PZ, Z'Py and Z'M^-1X of the top parts, with K of `k`. */
void mv_top_project(const mv_multilevel *model, const double *k,
                    mv_multilevel_work *work);

/* The variance of the identity, 0 where there is none. */
double mv_identity_variance(const mv_multilevel *model, const double *working);

/* The log-likelihood that is maximised. */
double mv_point_log_lik(const mv_multilevel *model, const mv_point *point);

#endif
