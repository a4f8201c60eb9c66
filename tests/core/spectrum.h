/* The likelihood of tau2 another way. With A an orthonormal basis of the complement of
 * X, A'VA = U diag(l) U' and u = U'A'y,
 *   y'Py = sum u^2 / (l + t),  log|A'(V + tI)A| = sum log(l + t),
 * so a likelihood costs k - p terms, and no sum of the core enters it. */
#ifndef SPECTRUM_H
#define SPECTRUM_H

#include "dense.h"

typedef struct {
  int n, k;            /* k - p, k */
  double u2[SET_ROWS]; /* u^2 */
  double l[SET_ROWS];  /* eigenvalues of A'VA */
  const double *v;
  int restricted;
} spectrum;

/* A basis of the complement: unit vectors, each less its part along the design and the
 * basis so far, run three times; those that keep the most of their length first. */
static inline int complement(const random_set *set, real basis[SET_ROWS][SET_ROWS]) {
  const int k = set->k;
  int found = 0;
  for (int c = 0; c < set->p + k && found < k; c++) {
    real *now = basis[found], before = 0;
    for (int i = 0; i < k; i++) {
      now[i] = c < set->p ? (real)set->x[i * set->p + c] : i == c - set->p;
    }
    before = sqrtl(dense_dot(k, now, now));
    for (int run = 0; run < 3; run++) {
      for (int b = 0; b < found; b++) {
        const real part = dense_dot(k, now, basis[b]);
        for (int i = 0; i < k; i++) now[i] -= part * basis[b][i];
      }
    }
    const real length = sqrtl(dense_dot(k, now, now));
    if (length < 1e-9L * before) continue;
    for (int i = 0; i < k; i++) now[i] /= length;
    found++;
  }
  return found;
}

/* One rotation of Jacobi: makes a[p][q] zero; `u` turns along. */
static inline void rotate(dense_matrix *a, real *u, int p, int q) {
  if (a->at[p][q] == 0) return;
  const real theta = (a->at[q][q] - a->at[p][p]) / (2 * a->at[p][q]);
  const real sign = theta < 0 ? -1 : 1;
  const real t = sign / (fabsl(theta) + sqrtl(theta * theta + 1));
  const real c = 1 / sqrtl(t * t + 1), s = t * c;
  for (int i = 0; i < a->n; i++) {
    const real one = a->at[i][p], other = a->at[i][q];
    a->at[i][p] = c * one - s * other, a->at[i][q] = s * one + c * other;
  }
  for (int i = 0; i < a->n; i++) {
    const real one = a->at[p][i], other = a->at[q][i];
    a->at[p][i] = c * one - s * other, a->at[q][i] = s * one + c * other;
  }
  const real one = u[p], other = u[q];
  u[p] = c * one - s * other, u[q] = s * one + c * other;
}

static inline void spectrum_of(const random_set *set, int restricted, spectrum *to) {
  static real basis[SET_ROWS][SET_ROWS];
  static dense_matrix a;
  const int k = set->k, p = set->p, n = complement(set, basis) - p;
  real u[SET_ROWS] = {0};
  a.n = n;
  for (int i = 0; i < n; i++) {
    for (int m = 0; m < k; m++) u[i] += basis[i + p][m] * set->y[m];
    for (int j = 0; j < n; j++) {
      a.at[i][j] = 0;
      for (int m = 0; m < k; m++) {
        a.at[i][j] += basis[i + p][m] * set->v[m] * basis[j + p][m];
      }
    }
  }
  for (int sweep = 0; sweep < 12; sweep++) {
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) rotate(&a, u, i, j);
    }
  }
  to->n = n, to->k = k, to->v = set->v, to->restricted = restricted;
  for (int i = 0; i < n; i++) {
    to->u2[i] = (double)(u[i] * u[i]);
    to->l[i] = (double)a.at[i][i];
  }
}

static inline double spectrum_log_lik(const spectrum *of, double t) {
  const int rows = of->restricted ? of->n : of->k;
  const double *variance = of->restricted ? of->l : of->v;
  double logs = 0, rss = 0, product = 1;
  for (int i = 0; i < rows; i++) {
    product *= variance[i] + t;
    if (product > 1e-200 && product < 1e200 && i % 8 != 7) continue;
    logs += log(product);
    product = 1;
  }
  for (int i = 0; i < of->n; i++) rss += of->u2[i] / (of->l[i] + t);
  return -0.5 * (rows * 1.8378770664093453 + logs + log(product) + rss);
}

static inline double spectrum_score(const spectrum *of, double t) {
  double score = 0;
  for (int i = 0; i < of->n; i++) {
    const double w = 1 / (of->l[i] + t);
    score += of->u2[i] * w * w - (of->restricted ? w : 0);
  }
  for (int i = 0; i < of->k && !of->restricted; i++) score -= 1 / (of->v[i] + t);
  return score / 2;
}

/* What a grid of tau2 shows: its highest point, refined, and how many maxima. */
typedef struct {
  double tau2, log_lik;
  int maxima;
} grid_maximum;

/* By the golden section: the highest of [a, b], on the logarithm of tau2. */
static inline grid_maximum golden(const spectrum *of, double a, double b) {
  const double share = 0.6180339887498949;
  double x = b - share * (b - a), y = a + share * (b - a);
  double at_x = spectrum_log_lik(of, exp(x)), at_y = spectrum_log_lik(of, exp(y));
  for (int i = 0; i < 60; i++) {
    if (at_x > at_y) {
      b = y, y = x, at_y = at_x, x = b - share * (b - a);
      at_x = spectrum_log_lik(of, exp(x));
    } else {
      a = x, x = y, at_x = at_y, y = a + share * (b - a);
      at_y = spectrum_log_lik(of, exp(y));
    }
  }
  return at_x > at_y ? (grid_maximum){exp(x), at_x, 1} : (grid_maximum){exp(y), at_y, 1};
}

/* 0 and `points` values, log-spaced from far below the variances to the sum of squares;
 * a point higher than both its neighbours is refined between them. */
static inline grid_maximum spectrum_grid(const spectrum *of, int points) {
  double bound = 0, least = of->v[0];
  for (int i = 0; i < of->n; i++) bound += of->u2[i];
  for (int i = 0; i < of->k; i++) least = fmin(least, of->v[i]);
  const double low = log(1e-3 * least), high = log(fmax(2 * bound, least));
  const double wide = (high - low) / (points - 1);
  double before = spectrum_log_lik(of, 0), now = spectrum_log_lik(of, exp(low));
  grid_maximum best = {0, before, before > now};
  for (int i = 0; i < points; i++) {
    const double after = spectrum_log_lik(of, exp(low + (i + 1) * wide));
    if (now > before && now >= after) {
      const grid_maximum peak = golden(of, low + (i - 1) * wide, low + (i + 1) * wide);
      const int maxima = best.maxima + 1;
      if (peak.log_lik > best.log_lik) best = peak;
      best.maxima = maxima;
    }
    before = now, now = after;
  }
  return best;
}

#endif
