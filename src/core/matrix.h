/* Products of small dense matrices, row by row: a few cells each as a rule, so they are
 * inline. The innermost loops run along rows. */
#ifndef MV_MATRIX_H
#define MV_MATRIX_H

#include <stddef.h>
#include <string.h>

static inline double mv_dot(ptrdiff_t n, const double *a, const double *b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static inline void mv_add_row(ptrdiff_t n, double times, const double *from, double *to) {
  for (ptrdiff_t j = 0; j < n; j++) to[j] += times * from[j];
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

/* The upper triangle becomes that of the transpose. */
static inline void mv_symmetrise(ptrdiff_t n, double *a) {
  for (ptrdiff_t i = 1; i < n; i++) {
    for (ptrdiff_t j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  }
}

#endif
