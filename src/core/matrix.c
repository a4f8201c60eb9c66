#include "matrix.h"

#include <string.h>

static void add_row(ptrdiff_t m, double times, const double *from, double *to) {
  for (ptrdiff_t j = 0; j < m; j++) to[j] += times * from[j];
}

void mv_add_product(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times, const double *a,
                    const double *b, double *c) {
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t h = 0; h < l; h++) {
      const double by = times * a[i * l + h];
      if (by != 0) add_row(m, by, b + h * m, c + i * m);
    }
  }
}

void mv_multiply(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, const double *a, const double *b,
                 double *c) {
  memset(c, 0, sizeof *c * (size_t)(n * m));
  mv_add_product(n, l, m, 1, a, b, c);
}

void mv_add_cross(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times, const double *a,
                  const double *b, double *c) {
  for (ptrdiff_t h = 0; h < l; h++) {
    for (ptrdiff_t i = 0; i < n; i++) {
      const double by = times * a[h * n + i];
      if (by != 0) add_row(m, by, b + h * m, c + i * m);
    }
  }
}

double mv_trace_product(ptrdiff_t n, ptrdiff_t m, const double *a, const double *b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j < m; j++) sum += a[i * m + j] * b[j * n + i];
  }
  return sum;
}

double mv_dot(ptrdiff_t n, const double *a, const double *b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

double mv_bilinear(ptrdiff_t n, const double *x, const double *a, const double *y) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += x[i] * mv_dot(n, a + i * n, y);
  return sum;
}

void mv_symmetrise(ptrdiff_t n, double *a) {
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  }
}
