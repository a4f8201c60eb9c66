/* The slow, obvious forms of what the core computes, in long double. */
#ifndef DENSE_H
#define DENSE_H

#include <math.h>

#include "model.h"
#include "random_sets.h"

typedef long double real;

typedef struct {
  int n;
  real at[SET_ROWS][SET_ROWS];
} dense_matrix;

/* The inverse by Gauss and Jordan with row pivots; `a` is destroyed. */
static inline void dense_invert(dense_matrix *a, dense_matrix *inverse) {
  const int n = inverse->n = a->n;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) inverse->at[i][j] = i == j;
  }
  for (int c = 0; c < n; c++) {
    int best = c;
    for (int i = c; i < n; i++) {
      if (fabsl(a->at[i][c]) > fabsl(a->at[best][c])) best = i;
    }
    for (int j = 0; j < n; j++) {
      const real one = a->at[c][j], other = inverse->at[c][j];
      a->at[c][j] = a->at[best][j], a->at[best][j] = one;
      inverse->at[c][j] = inverse->at[best][j], inverse->at[best][j] = other;
    }
    const real pivot = a->at[c][c];
    for (int j = 0; j < n; j++) a->at[c][j] /= pivot, inverse->at[c][j] /= pivot;
    for (int i = 0; i < n; i++) {
      const real times = i == c ? 0 : a->at[i][c];
      for (int j = 0; j < n; j++) {
        a->at[i][j] -= times * a->at[c][j];
        inverse->at[i][j] -= times * inverse->at[c][j];
      }
    }
  }
}

/* (X'WX)^-1, W = diag(1 / (v + tau2)). */
static inline void dense_information_inverse(const random_set *set, double tau2,
                                             dense_matrix *inverse) {
  static dense_matrix m;
  m.n = set->p;
  for (int a = 0; a < set->p; a++) {
    for (int b = 0; b < set->p; b++) {
      m.at[a][b] = 0;
      for (int i = 0; i < set->k; i++) {
        const double *x = set->x + i * set->p;
        m.at[a][b] += (real)x[a] * x[b] / ((real)set->v[i] + tau2);
      }
    }
  }
  dense_invert(&m, inverse);
}

/* P = W - W X (X'WX)^-1 X'W. */
static inline void dense_projection(const random_set *set, double tau2,
                                    dense_matrix *projection) {
  static dense_matrix inverse;
  dense_information_inverse(set, tau2, &inverse);
  projection->n = set->k;
  for (int i = 0; i < set->k; i++) {
    for (int j = 0; j < set->k; j++) {
      const real wi = 1 / ((real)set->v[i] + tau2), wj = 1 / ((real)set->v[j] + tau2);
      real inner = 0;
      for (int a = 0; a < set->p; a++) {
        for (int b = 0; b < set->p; b++) {
          inner += set->x[i * set->p + a] * inverse.at[a][b] * set->x[j * set->p + b];
        }
      }
      projection->at[i][j] = (i == j ? wi : 0) - wi * wj * inner;
    }
  }
}

static inline void dense_times(const dense_matrix *a, const real *x, real *product) {
  for (int i = 0; i < a->n; i++) {
    product[i] = 0;
    for (int j = 0; j < a->n; j++) product[i] += a->at[i][j] * x[j];
  }
}

static inline real dense_dot(int n, const real *a, const real *b) {
  real sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* Everything of mv_sums but log_det. */
static inline mv_sums dense_sums(const random_set *set, double tau2) {
  static dense_matrix projection;
  real y[SET_ROWS], py[SET_ROWS], ppy[SET_ROWS];
  const int k = set->k;
  dense_projection(set, tau2, &projection);
  for (int i = 0; i < k; i++) y[i] = set->y[i];
  dense_times(&projection, y, py);
  dense_times(&projection, py, ppy);
  mv_sums sums = {.tau2 = tau2};
  real tr_w = 0, tr_ww = 0, tr_p = 0, tr_pp = 0;
  for (int i = 0; i < k; i++) {
    const real w = 1 / ((real)set->v[i] + tau2);
    tr_w += w;
    tr_ww += w * w;
    tr_p += projection.at[i][i];
    tr_pp += dense_dot(k, projection.at[i], projection.at[i]);
  }
  sums.tr_w = (double)tr_w, sums.tr_ww = (double)tr_ww;
  sums.tr_p = (double)tr_p, sums.tr_pp = (double)tr_pp;
  sums.rss = (double)dense_dot(k, y, py);
  sums.ypp = (double)dense_dot(k, py, py);
  sums.yppp = (double)dense_dot(k, py, ppy);
  return sums;
}

/* The same for a column of ones, as sums over pairs, in which nothing cancels:
 * S = sum w,  y'Py = sum_{i<j} w_i w_j (y_i - y_j)^2 / S,
 * P_ii = w_i sum_{j != i} w_j / S,  P_ij = -w_i w_j / S,  (Py)_i = sum_j w_i w_j
 * (y_i - y_j) / S. */
static inline mv_sums pair_sums(const random_set *set, double tau2) {
  real w[SET_ROWS], py[SET_ROWS] = {0};
  real s = 0, rss = 0, ypp = 0, yppp = 0, tr_ww = 0, tr_p = 0, tr_pp = 0;
  for (int i = 0; i < set->k; i++) s += w[i] = 1 / ((real)set->v[i] + tau2);
  for (int i = 0; i < set->k; i++) {
    real diagonal = 0;
    for (int j = 0; j < set->k; j++) {
      const real pair = i == j ? 0 : w[i] * w[j] / s, d = (real)set->y[i] - set->y[j];
      diagonal += pair;
      py[i] += pair * d;
      rss += pair * d * d / 2;
      tr_pp += pair * pair;
    }
    tr_ww += w[i] * w[i];
    tr_p += diagonal;
    tr_pp += diagonal * diagonal;
    ypp += py[i] * py[i];
  }
  for (int i = 0; i < set->k; i++) {
    for (int j = 0; j < i; j++) {
      yppp += w[i] * w[j] / s * (py[i] - py[j]) * (py[i] - py[j]);
    }
  }
  return (mv_sums){.tau2 = tau2,
                   .rss = (double)rss,
                   .ypp = (double)ypp,
                   .yppp = (double)yppp,
                   .tr_w = (double)s,
                   .tr_ww = (double)tr_ww,
                   .tr_p = (double)tr_p,
                   .tr_pp = (double)tr_pp,
                   .log_det = (double)logl(s / set->k)};
}

#endif
