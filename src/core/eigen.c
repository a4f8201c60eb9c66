/* Householder's reduction to a tridiagonal matrix, then QL steps with implicit shifts
 * (Martin, Reinsch & Wilkinson 1968, Numer Math 11:181; Dubrulle, Martin & Wilkinson
 * 1968, Numer Math 12:377). Everything runs along rows, which lie together in memory. */
#include "eigen.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "matrix.h"

/* What is below this share of the largest number in the matrix counts as 0: its square
 * would underflow. It is far below rounding. */
static const double negligible = 1e-140;

enum { MOST_STEPS = 60 }; /* for one eigenvalue; two or three are usual */

/* fmax() of the library is a call, for it looks for NaN, which there is none of here. */
static double larger(double a, double b) { return a > b ? a : b; }

/* x becomes v with (I - beta v v') x = (alpha, 0, ..., 0). Gives beta; 0 where x is that
 * already. */
static double reflector(ptrdiff_t n, double *x, double *alpha) {
  double largest = 0;
  *alpha = x[0];
  for (ptrdiff_t i = 1; i < n; i++) largest = larger(largest, fabs(x[i]));
  if (largest < negligible) return 0;
  const double length = sqrt(mv_dot(n, x, x));
  *alpha = x[0] > 0 ? -length : length;
  const double beta = 1 / (length * (length + fabs(x[0])));
  x[0] -= *alpha;
  return beta;
}

/* The block b (n x n inside rows of `stride`) becomes H b H, H = I - beta v v':
 * b - v w' - w v' with w = u - (beta u'v / 2) v, u = beta b v. */
static void reflect_both(ptrdiff_t n, ptrdiff_t stride, double beta, const double *v,
                         double *b, double *w) {
  for (ptrdiff_t i = 0; i < n; i++) w[i] = beta * mv_dot(n, b + i * stride, v);
  mv_add_row(n, -beta * mv_dot(n, w, v) / 2, v, w);
  for (ptrdiff_t i = 0; i < n; i++) {
    double *row = b + i * stride;
    for (ptrdiff_t j = 0; j < n; j++) row[j] -= v[i] * w[j] + w[i] * v[j];
  }
}

/* Leaves the tridiagonal matrix in d and e (e[i] beside d[i] and d[i + 1]), and v of step
 * k in row k of a, right of the diagonal; the rest of e is space. */
static void reduce(ptrdiff_t n, double *a, double *d, double *e, double *beta) {
  for (ptrdiff_t k = 0; k < n; k++) {
    double *v = a + k * n + k + 1;
    const ptrdiff_t rest = n - k - 1;
    d[k] = a[k * n + k];
    e[k] = 0;
    beta[k] = 0;
    if (rest > 0) beta[k] = reflector(rest, v, e + k);
    if (beta[k] > 0) {
      reflect_both(rest, n, beta[k], v, a + (k + 1) * n + k + 1, e + k + 1);
    }
  }
}

/* a becomes the product of the reflections, so that a A a' is tridiagonal. */
static void accumulate(ptrdiff_t n, double *a, const double *beta) {
  for (ptrdiff_t k = n - 1; k >= 0; k--) {
    const ptrdiff_t rest = n - k - 1;
    const double *v = a + k * n + k + 1;
    for (ptrdiff_t i = k + 1; i < n; i++) {
      double *row = a + i * n + k + 1;
      if (beta[k] > 0) mv_add_row(rest, -beta[k] * mv_dot(rest, row, v), v, row);
    }
    for (ptrdiff_t j = 0; j < n; j++) {
      if (j > k) a[k * n + j] = a[j * n + k] = 0;
    }
    a[k * n + k] = 1;
  }
}

/* The reflections of n rows of m, in their order. */
static void reflect_rows(ptrdiff_t n, ptrdiff_t m, const double *a, const double *beta,
                         double *c) {
  for (ptrdiff_t k = 0; k < n; k++) {
    const double *v = a + k * n + k + 1;
    double *rows = c + (k + 1) * m;
    for (ptrdiff_t j = 0; j < m && beta[k] > 0; j++) {
      double sum = 0;
      for (ptrdiff_t i = 0; i < n - k - 1; i++) sum += v[i] * rows[i * m + j];
      for (ptrdiff_t i = 0; i < n - k - 1; i++) rows[i * m + j] -= beta[k] * sum * v[i];
    }
  }
}

/* The last row of the block that begins at row `first` and is not yet split. */
static ptrdiff_t block_end(ptrdiff_t n, ptrdiff_t first, const double *d,
                           const double *e) {
  ptrdiff_t last = first;
  while (last < n - 1) {
    const double rounding = DBL_EPSILON * (fabs(d[last]) + fabs(d[last + 1]));
    if (fabs(e[last]) <= larger(rounding, negligible)) break;
    last++;
  }
  return last;
}

static void rotate_rows(ptrdiff_t m, double c, double s, double *low, double *high) {
  for (ptrdiff_t j = 0; j < m; j++) {
    const double old = high[j];
    high[j] = s * low[j] + c * old;
    low[j] = c * low[j] - s * old;
  }
}

/* One QL step on rows first to last, shifted by the eigenvalue of the leading 2 x 2 block
 * that is nearer to d[first]; the bulge is chased upwards by plane rotations, also of the
 * rows of `turned`, m values each. */
static void ql_step(ptrdiff_t m, ptrdiff_t first, ptrdiff_t last, double *turned,
                    double *d, double *e) {
  const double half = (d[first + 1] - d[first]) / (2 * e[first]);
  const double size = fabs(half);
  const double root = size < 1e8 ? sqrt(size * size + 1) : size; /* beyond, the same */
  double g = d[last] - d[first] + e[first] / (half + copysign(root, half));
  double s = 1, c = 1, shift = 0;
  for (ptrdiff_t i = last - 1; i >= first; i--) {
    const double f = s * e[i], b = c * e[i], r = sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r < negligible) { /* split here, by chance */
      d[i + 1] -= shift;
      e[i + 1] = e[last] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - shift;
    const double t = (d[i] - g) * s + 2 * c * b;
    shift = s * t;
    d[i + 1] = g + shift;
    g = c * t - b;
    rotate_rows(m, c, s, turned + i * m, turned + (i + 1) * m);
  }
  d[first] -= shift;
  e[first] = g;
  e[last] = 0;
}

static mv_status diagonalise(ptrdiff_t n, ptrdiff_t m, double *turned, double *d,
                             double *e) {
  for (ptrdiff_t first = 0; first < n; first++) {
    for (int steps = 0;; steps++) {
      const ptrdiff_t last = block_end(n, first, d, e);
      if (last == first) break;
      if (steps == MOST_STEPS) return MV_NOT_CONVERGED;
      ql_step(m, first, last, turned, d, e);
    }
  }
  return MV_OK;
}

static void swap(double *a, double *b) {
  const double old = *a;
  *a = *b;
  *b = old;
}

static void sort_ascending(ptrdiff_t n, ptrdiff_t m, double *turned, double *values) {
  for (ptrdiff_t i = 0; i < n; i++) {
    ptrdiff_t least = i;
    for (ptrdiff_t j = i + 1; j < n; j++) {
      if (values[j] < values[least]) least = j;
    }
    if (least == i) continue;
    swap(values + i, values + least);
    for (ptrdiff_t j = 0; j < m; j++) swap(turned + i * m + j, turned + least * m + j);
  }
}

enum { NEAR_ONE = 10 };

/* The binary exponent of the largest number, 0 where that is about 1 already;
 * MV_NOT_FINITE where one is none. */
static mv_status exponent_of(ptrdiff_t count, const double *a, int *exponent) {
  double largest = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    if (!isfinite(a[i])) return MV_NOT_FINITE;
    largest = larger(largest, fabs(a[i]));
  }
  frexp(largest, exponent);
  if (abs(*exponent) <= NEAR_ONE) *exponent = 0;
  return MV_OK;
}

/* By 2^exponent, in two steps: one factor can be out of range. */
static void multiply(ptrdiff_t count, int exponent, double *a) {
  if (exponent == 0) return;
  const double first = ldexp(1, exponent / 2);
  const double second = ldexp(1, exponent - exponent / 2);
  for (ptrdiff_t i = 0; i < count; i++) a[i] = a[i] * first * second;
}

/* Scaled by a power of 2, so exactly, to a largest number of about 1: squares can then
 * not overflow. `c` NULL: the eigenvectors themselves. */
static mv_status decompose(ptrdiff_t n, ptrdiff_t m, double *a, double *c, double *values,
                           double *work) {
  int exponent = 0;
  mv_status status = exponent_of(n * n, a, &exponent);
  if (status != MV_OK) return status;
  multiply(n * n, -exponent, a);
  double *e = work, *beta = work + n;
  reduce(n, a, values, e, beta);
  if (c) {
    reflect_rows(n, m, a, beta, c);
  } else {
    accumulate(n, a, beta);
    c = a;
  }
  status = diagonalise(n, m, c, values, e);
  sort_ascending(n, m, c, values);
  multiply(n, exponent, values);
  return status;
}

mv_status mv_eigen(ptrdiff_t n, double *a, double *values, double *work) {
  return decompose(n, n, a, NULL, values, work);
}

mv_status mv_eigen_turn(ptrdiff_t n, ptrdiff_t m, double *a, double *c, double *values,
                        double *work) {
  return decompose(n, m, a, c, values, work);
}
