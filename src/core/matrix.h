/* Products of small dense matrices, row by row: a few cells each as a rule, so they are
 * inline. The innermost loops run along rows. */
#ifndef MV_MATRIX_H
#define MV_MATRIX_H

#include <stddef.h>
#include <string.h>

static inline double mv_dot(ptrdiff_t n, const double *a, const double *b) {
  double sum = 0, even = 0, odd = 0; /* sums that need not wait for one another */
  ptrdiff_t i = 0;
  for (; i + 3 < n; i += 4) {
    even += a[i] * b[i] + a[i + 2] * b[i + 2];
    odd += a[i + 1] * b[i + 1] + a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) sum += a[i] * b[i];
  return sum + (even + odd);
}

static inline void mv_add_row(ptrdiff_t n, double times, const double *restrict from,
                              double *restrict to) {
  ptrdiff_t j = 0;
  for (; j + 3 < n; j += 4) { /* four at a time, which the compiler makes vectors of */
    to[j] += times * from[j];
    to[j + 1] += times * from[j + 1];
    to[j + 2] += times * from[j + 2];
    to[j + 3] += times * from[j + 3];
  }
  for (; j < n; j++) to[j] += times * from[j];
}

/* c (n x m) gains `times` a b, with a n x l and b l x m. */
static inline void mv_add_product(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times,
                                  const double *a, const double *b, double *c) {
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t h = 0; h < l; h++) {
      const double by = times * a[i * l + h];
      if (by != 0) mv_add_row(m, by, b + h * m, c + i * m);
    }
  }
}

/* c = a b. */
static inline void mv_multiply(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, const double *a,
                               const double *b, double *c) {
  for (ptrdiff_t i = 0; i < n * m; i++) c[i] = 0;
  mv_add_product(n, l, m, 1, a, b, c);
}

/* c (n x m) gains `times` a' b, with a l x n and b l x m. */
static inline void mv_add_cross(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times,
                                const double *a, const double *b, double *c) {
  for (ptrdiff_t h = 0; h < l; h++) {
    for (ptrdiff_t i = 0; i < n; i++) {
      const double by = times * a[h * n + i];
      if (by != 0) mv_add_row(m, by, b + h * m, c + i * m);
    }
  }
}

/* The upper triangle becomes that of the transpose. */
static inline void mv_symmetrise(ptrdiff_t n, double *a) {
  for (ptrdiff_t i = 1; i < n; i++) {
    for (ptrdiff_t j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  }
}

/* c (n x n), symmetric, gains `times` a' a, with a l x n. */
static inline void mv_add_square(ptrdiff_t n, ptrdiff_t l, double times, const double *a,
                                 double *c) {
  for (ptrdiff_t h = 0; h < l; h++) {
    for (ptrdiff_t i = 0; i < n; i++) {
      const double by = times * a[h * n + i];
      if (by != 0) mv_add_row(i + 1, by, a + h * n, c + i * n);
    }
  }
  mv_symmetrise(n, c);
}

/* tr(a b), a n x m and b m x n. */
static inline double mv_trace_product(ptrdiff_t n, ptrdiff_t m, const double *a,
                                      const double *b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j < m; j++) sum += a[i * m + j] * b[j * n + i];
  }
  return sum;
}

/* x'a y, a n x n. */
static inline double mv_bilinear(ptrdiff_t n, const double *x, const double *a,
                                 const double *y) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += x[i] * mv_dot(n, a + i * n, y);
  return sum;
}

#endif
