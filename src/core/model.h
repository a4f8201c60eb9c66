/* The linear model behind every pooled estimate, and the sums over its rows from which
 * estimators, likelihoods and tests are made:
 *
 *   y ~ N(X beta, V + tau2 I),  V = diag(v),  w_i = 1 / (v_i + tau2),
 *   P = W - W X (X'WX)^-1 X'W.
 *
 * The projection P itself is never formed: one pass costs O(k p^2).
 *
 * An effect far more precise than the others (a variance ratio of 10^8, say) makes
 * tr P = tr W - tr (X'WX)^-1 X'W^2X and the like differences of two huge numbers. So X
 * is written in the fitted values of p pivot rows B, where it is the identity, and the
 * sums run over the other rows N, whose block of X is G, and whose y is taken from
 * G y_B. With C = G'W_N G and M = X'WX = W_B + C,
 *   P_NN = W_N - W_N G M^-1 G'W_N,  P_NB = -W_N G M^-1 W_B,  P_BB = W_B M^-1 C,
 * in which no term is larger than what it is part of. */
#ifndef MV_MODEL_H
#define MV_MODEL_H

#include <stddef.h>

#include "arena.h"
#include "design.h"
#include "status.h"

typedef struct {
  ptrdiff_t k, p;
  const double *y, *v;
  const mv_design *design; /* NULL: a column of ones, p = 1 */
  ptrdiff_t pivot;         /* the row of the smallest v */
} mv_model;

/* Everything about one value of tau2. */
typedef struct {
  double tau2;
  double rss;         /* y'Py, the weighted residual sum of squares; Q when tau2 = 0 */
  double ypp, yppp;   /* y'P^2 y, y'P^3 y */
  double tr_w, tr_ww; /* tr W, tr W^2 */
  double tr_p, tr_pp; /* tr P, tr P^2 */
  double log_det;     /* log |X'WX| - log |X'X| */
} mv_sums;

/* p x p work space; after mv_sums_at() `coef` and `chol` belong to its tau2. */
typedef struct {
  double *chol;              /* Cholesky factor of X'WX */
  double *gwg, *gw2g, *gw3g; /* G'W_N G, G'W_N^2 G, G'W_N^3 G */
  double *coef;              /* the fitted values of the rows B */
  double *weight, *z;        /* of the rows B: w, and w times the residual */
  double *column;            /* p */
} mv_model_work;

void mv_model_layout(mv_arena *arena, ptrdiff_t p, mv_model_work *work);

/* The model of y on a prepared design, or on a column of ones; finds the pivot. k >= 1.
 */
mv_model mv_model_of(ptrdiff_t k, ptrdiff_t p, const double *y, const double *v,
                     const mv_design *design);

/* MV_NOT_POSITIVE when X'WX cannot be told from a singular matrix. */
mv_status mv_sums_at(const mv_model *model, double tau2, mv_model_work *work,
                     mv_sums *sums);

/* The residual sum of squares of the least squares fit of y on X. */
double mv_least_squares_rss(const mv_model *model, mv_model_work *work);

/* Log-likelihoods at the tau2 of `sums`: one logarithm a row, so asked for only where
 * it is needed. The restricted one is that of k - p error contrasts and does not depend
 * on how X is written (Harville 1974, Biometrika 61:383). */
double mv_log_lik_ml(const mv_model *model, const mv_sums *sums);
double mv_log_lik_reml(const mv_model *model, const mv_sums *sums);

#endif
