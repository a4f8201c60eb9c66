#include "linalg.h"

#include <float.h>
#include <math.h>

#include "matrix.h"

mv_status mv_cholesky(ptrdiff_t p, const double *a, double *l) {
  for (ptrdiff_t i = 0; i < p; i++) {
    const double diagonal = a[i * p + i];
    for (ptrdiff_t j = 0; j <= i; j++) {
      const double sum = a[i * p + j] - mv_dot(j, l + i * p, l + j * p);
      if (j < i) {
        l[i * p + j] = sum / l[j * p + j];
      } else {
        if (!(sum > (double)p * DBL_EPSILON * diagonal)) return MV_NOT_POSITIVE;
        l[i * p + i] = sqrt(sum);
      }
    }
  }
  return MV_OK;
}

void mv_forward(ptrdiff_t p, const double *l, double *b) {
  for (ptrdiff_t i = 0; i < p; i++) {
    for (ptrdiff_t j = 0; j < i; j++) b[i] -= l[i * p + j] * b[j];
    b[i] /= l[i * p + i];
  }
}

void mv_backward(ptrdiff_t p, const double *l, double *b) {
  for (ptrdiff_t i = p - 1; i >= 0; i--) {
    for (ptrdiff_t j = i + 1; j < p; j++) b[i] -= l[j * p + i] * b[j];
    b[i] /= l[i * p + i];
  }
}

void mv_forward_all(ptrdiff_t p, ptrdiff_t m, const double *l, double *b) {
  for (ptrdiff_t i = 0; i < p; i++) {
    for (ptrdiff_t j = 0; j < i; j++) {
      mv_add_row(m, -l[i * p + j], b + j * m, b + i * m);
    }
    const double pivot = l[i * p + i];
    for (ptrdiff_t c = 0; c < m; c++) b[i * m + c] /= pivot;
  }
}

void mv_backward_all(ptrdiff_t p, ptrdiff_t m, const double *l, double *b) {
  for (ptrdiff_t i = p - 1; i >= 0; i--) {
    for (ptrdiff_t j = i + 1; j < p; j++) {
      mv_add_row(m, -l[j * p + i], b + j * m, b + i * m);
    }
    const double pivot = l[i * p + i];
    for (ptrdiff_t c = 0; c < m; c++) b[i * m + c] /= pivot;
  }
}

void mv_cholesky_inverse(ptrdiff_t p, const double *l, double *inverse) {
  for (ptrdiff_t j = 0; j < p; j++) {
    double *column = inverse + j * p; /* a row, but the inverse is symmetric */
    for (ptrdiff_t i = 0; i < p; i++) column[i] = i == j;
    mv_forward(p, l, column);
    mv_backward(p, l, column);
  }
}

double mv_cholesky_log_det(ptrdiff_t p, const double *l) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < p; i++) sum += log(l[i * p + i]);
  return 2 * sum;
}

static double column_dot(ptrdiff_t k, ptrdiff_t p, const double *x, ptrdiff_t a,
                         ptrdiff_t b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < k; i++) sum += x[i * p + a] * x[i * p + b];
  return sum;
}

void mv_remove_column(ptrdiff_t k, ptrdiff_t p, double *x, ptrdiff_t from, ptrdiff_t what,
                      double times) {
  for (ptrdiff_t i = 0; i < k; i++) x[i * p + from] -= times * x[i * p + what];
}

void mv_divide_column(ptrdiff_t k, ptrdiff_t p, double *x, ptrdiff_t column, double by) {
  for (ptrdiff_t i = 0; i < k; i++) x[i * p + column] /= by;
}

/* The largest absolute value of a column; 1 if that is 0. */
static double column_size(ptrdiff_t k, ptrdiff_t p, const double *x, ptrdiff_t column) {
  double size = 0;
  for (ptrdiff_t i = 0; i < k; i++) size = fmax(size, fabs(x[i * p + column]));
  return size > 0 ? size : 1;
}

/* A column whose part outside the span of the others is below this share of its length
 * counts as inside it: the tolerance of R's lm(). */
static const double rank_tolerance = 1e-7;

/* Modified Gram-Schmidt, run twice over each column: after the second run the columns
 * are orthogonal to rounding (Giraud, Langou & Rozloznik 2005, Comput Math Appl
 * 50:1069). Each is first divided by its size, whose square may overflow. An aliased
 * column is set to 0, so that the later ones ignore it. */
void mv_orthonormalise_column(ptrdiff_t k, ptrdiff_t p, ptrdiff_t j, double *x, double *r,
                              int *aliased) {
  for (ptrdiff_t i = 0; i < p; i++) r[i * p + j] = 0;
  const double size = column_size(k, p, x, j);
  mv_divide_column(k, p, x, j, size);
  const double length = sqrt(column_dot(k, p, x, j, j));
  for (int run = 0; run < 2; run++) {
    for (ptrdiff_t m = 0; m < j; m++) {
      const double part = column_dot(k, p, x, m, j);
      mv_remove_column(k, p, x, j, m, part);
      r[m * p + j] += size * part;
    }
  }
  const double rest = sqrt(column_dot(k, p, x, j, j));
  aliased[j] = !(rest > rank_tolerance * length);
  r[j * p + j] = size * rest;
  mv_divide_column(k, p, x, j, aliased[j] ? INFINITY : rest);
}

mv_status mv_orthonormalise(ptrdiff_t k, ptrdiff_t p, double *x, double *r,
                            int *aliased) {
  mv_status status = MV_OK;
  for (ptrdiff_t j = 0; j < p; j++) {
    mv_orthonormalise_column(k, p, j, x, r, aliased);
    if (aliased[j]) status = MV_RANK_DEFICIENT;
  }
  return status;
}

void mv_congruence(ptrdiff_t p, const double *t, double *a, double *space) {
  for (int side = 0; side < 2; side++) { /* space = (t a)', then (t (t a)')' */
    for (ptrdiff_t i = 0; i < p; i++) {
      for (ptrdiff_t j = 0; j < p; j++) {
        double sum = 0;
        for (ptrdiff_t m = 0; m < p; m++) sum += t[i * p + m] * a[m * p + j];
        space[j * p + i] = sum;
      }
    }
    for (ptrdiff_t i = 0; i < p * p; i++) a[i] = space[i];
  }
}

void mv_solve_upper(ptrdiff_t p, const double *r, double *c) {
  for (ptrdiff_t i = p - 1; i >= 0; i--) {
    for (ptrdiff_t j = i + 1; j < p; j++) c[i] -= r[i * p + j] * c[j];
    c[i] /= r[i * p + i];
  }
}

void mv_solve_upper_both(ptrdiff_t p, const double *r, double *a) {
  for (int side = 0; side < 2; side++) {
    for (ptrdiff_t i = 0; i < p; i++) mv_solve_upper(p, r, a + i * p);
    for (ptrdiff_t i = 0; i < p; i++) {
      for (ptrdiff_t j = 0; j < i; j++) {
        const double swap = a[i * p + j];
        a[i * p + j] = a[j * p + i];
        a[j * p + i] = swap;
      }
    }
  }
}
