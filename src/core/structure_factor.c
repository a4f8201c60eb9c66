#include "structure_factor.h"

#include <math.h>

/* ---- the parameters ---- */

ptrdiff_t mv_factor_parameters(ptrdiff_t m) { return m * (m + 1) / 2; }

/* Row i, column j <= i of a lower triangle held row by row. */
static ptrdiff_t at(ptrdiff_t i, ptrdiff_t j) { return i * (i + 1) / 2 + j; }

static ptrdiff_t row_of(ptrdiff_t place) {
  ptrdiff_t i = 0;
  while (at(i + 1, 0) <= place) i++;
  return i;
}

mv_parameter_kind mv_factor_kind(ptrdiff_t m, ptrdiff_t parameter) {
  (void)m;
  return parameter == at(row_of(parameter), row_of(parameter)) ? MV_FACTOR_PIVOT
                                                               : MV_FACTOR;
}

/* The SDs of PAIR have no sign, for it would be that of the correlation. */
mv_parameter_kind mv_pair_kind(ptrdiff_t m, ptrdiff_t parameter) {
  if (parameter == at(1, 0)) return MV_CORRELATION;
  const int of_pair = parameter == at(0, 0) || parameter == at(1, 1);
  return of_pair ? MV_DEVIATION : mv_factor_kind(m, parameter);
}

/* ---- UN and GEN: products of rows of the factor ---- */

double mv_factor_entry(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  double sum = 0;
  for (ptrdiff_t j = 0; j <= a && j <= b; j++) sum += w[at(a, j)] * w[at(b, j)];
  return sum;
}

double mv_factor_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                       ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  const ptrdiff_t i = row_of(parameter), j = parameter - at(i, 0);
  return (a == i && j <= b ? w[at(b, j)] : 0) + (b == i && j <= a ? w[at(a, j)] : 0);
}

double mv_factor_bend(const mv_shape *shape, const double *w, ptrdiff_t one,
                      ptrdiff_t other, ptrdiff_t a, ptrdiff_t b) {
  (void)shape, (void)w;
  const ptrdiff_t i = row_of(one), k = row_of(other);
  if (one - at(i, 0) != other - at(k, 0)) return 0;
  return (a == i && b == k) + (a == k && b == i);
}

/* ---- PAIR ---- */

/* PAIR: unstructured, with the SDs s_1, s_2 and the correlation r of the first two levels
 * as parameters. The rows of its Cholesky factor are (s_1), (s_2 r, s_2 sqrt(1 - r^2)),
 * and those of UN. */
static double pair_factor(const double *w, ptrdiff_t place) {
  const double r = w[at(1, 0)], s = w[at(1, 1)];
  if (place == at(1, 0)) return s * r;
  return place == at(1, 1) ? s * sqrt(fmax(0, 1 - r * r)) : w[place];
}

/* The derivative by r where r^2 = 1 is taken as 0: r is then held. */
static double pair_factor_slope(const double *w, ptrdiff_t parameter, ptrdiff_t place) {
  const double r = w[at(1, 0)], s = w[at(1, 1)], root = sqrt(fmax(0, 1 - r * r));
  const int by_r = parameter == at(1, 0), by_s = parameter == at(1, 1);
  if (place == at(1, 0)) return by_r ? s : by_s ? r : 0;
  if (place == at(1, 1)) return by_r && root > 0 ? -s * r / root : by_s ? root : 0;
  return place == parameter;
}

double mv_pair_entry(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  if (a < 2 && b < 2) { /* without rounding of the square root */
    const double sd[] = {w[at(0, 0)], w[at(1, 1)]};
    return sd[a] * sd[b] * (a == b ? 1 : w[at(1, 0)]);
  }
  double sum = 0;
  for (ptrdiff_t j = 0; j <= a && j <= b; j++) {
    sum += pair_factor(w, at(a, j)) * pair_factor(w, at(b, j));
  }
  return sum;
}

double mv_pair_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                     ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  if (a == 1 && b == 1) return parameter == at(1, 1) ? 2 * w[at(1, 1)] : 0;
  double sum = 0;
  for (ptrdiff_t j = 0; j <= a && j <= b; j++) {
    sum += pair_factor_slope(w, parameter, at(a, j)) * pair_factor(w, at(b, j)) +
           pair_factor(w, at(a, j)) * pair_factor_slope(w, parameter, at(b, j));
  }
  return sum;
}

/* The second derivative, likewise. */
static double pair_factor_bend(const double *w, ptrdiff_t i, ptrdiff_t j,
                               ptrdiff_t place) {
  const double r = w[at(1, 0)], s = w[at(1, 1)], square = fmax(0, 1 - r * r);
  const int of_r = (i == at(1, 0)) + (j == at(1, 0));
  const int of_s = (i == at(1, 1)) + (j == at(1, 1));
  if (of_r + of_s < 2 || of_r == 0) return 0;
  if (place == at(1, 0)) return of_r == 1;
  if (place != at(1, 1) || square == 0) return 0;
  return of_r == 1 ? -r / sqrt(square) : -s / (square * sqrt(square));
}

double mv_pair_bend(const mv_shape *shape, const double *w, ptrdiff_t i, ptrdiff_t j,
                    ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  if (a == 1 && b == 1) return i == at(1, 1) && j == at(1, 1) ? 2 : 0;
  double sum = 0;
  for (ptrdiff_t h = 0; h <= a && h <= b; h++) {
    const ptrdiff_t ah = at(a, h), bh = at(b, h);
    sum += pair_factor_bend(w, i, j, ah) * pair_factor(w, bh) +
           pair_factor_slope(w, i, ah) * pair_factor_slope(w, j, bh) +
           pair_factor_slope(w, j, ah) * pair_factor_slope(w, i, bh) +
           pair_factor(w, ah) * pair_factor_bend(w, i, j, bh);
  }
  return sum;
}

/* ---- natural and working ---- */

/* An entry of G; of turned slopes that of turn G' turn', turn being lower triangular. */
static double entry_of(const mv_shape *shape, const double *working, ptrdiff_t i,
                       ptrdiff_t j) {
  const ptrdiff_t m = shape->levels;
  if (!shape->turn) return shape->structure->entry(shape, working, i, j);
  double sum = 0;
  for (ptrdiff_t a = 0; a <= i; a++) {
    for (ptrdiff_t b = 0; b <= j; b++) {
      sum += shape->turn[i * m + a] * shape->turn[j * m + b] *
             shape->structure->entry(shape, working, a, b);
    }
  }
  return sum;
}

/* The matrix of UN, GEN or PAIR as variances and correlations. */
void mv_factor_natural(const mv_shape *shape, const double *working, double *natural) {
  const ptrdiff_t m = shape->levels;
  ptrdiff_t place = m;
  for (ptrdiff_t i = 0; i < m; i++) natural[i] = entry_of(shape, working, i, i);
  for (ptrdiff_t j = 0; j < m; j++) {
    for (ptrdiff_t i = j + 1; i < m; i++) {
      const double size = sqrt(natural[i]) * sqrt(natural[j]);
      natural[place++] = size > 0 ? entry_of(shape, working, i, j) / size : 0;
    }
  }
}

/* The place of the correlation of levels i > j among the natural parameters. */
static ptrdiff_t correlation_at(ptrdiff_t m, ptrdiff_t i, ptrdiff_t j) {
  return m + j * m - j * (j + 1) / 2 + (i - j - 1);
}

static double natural_entry(ptrdiff_t m, const double *natural, ptrdiff_t i,
                            ptrdiff_t j) {
  if (i == j) return natural[i];
  const ptrdiff_t at = i > j ? correlation_at(m, i, j) : correlation_at(m, j, i);
  return natural[at] * sqrt(natural[i]) * sqrt(natural[j]);
}

/* An entry of what the working parameters make: of turned slopes that of back G back'.
 * `size` gets what its terms sum to without their signs. */
static double wanted_entry(const mv_shape *shape, const double *natural, ptrdiff_t i,
                           ptrdiff_t j, double *size) {
  const ptrdiff_t m = shape->levels;
  if (!shape->back) {
    const double entry = natural_entry(m, natural, i, j);
    *size = fabs(entry);
    return entry;
  }
  double sum = *size = 0;
  for (ptrdiff_t a = 0; a <= i; a++) {
    for (ptrdiff_t b = 0; b <= j; b++) {
      const double term = shape->back[i * m + a] * shape->back[j * m + b] *
                          natural_entry(m, natural, a, b);
      sum += term;
      *size += fabs(term);
    }
  }
  return sum;
}

/* Cholesky, row by row; a pivot of nothing leaves a column of zeros. */
static mv_status factorise(const mv_shape *shape, const double *natural, double *w) {
  static const double nothing = 1e-12;
  for (ptrdiff_t i = 0; i < shape->levels; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      double size, sum = wanted_entry(shape, natural, i, j, &size);
      for (ptrdiff_t h = 0; h < j; h++) sum -= w[at(i, h)] * w[at(j, h)];
      if (i == j) {
        if (sum < -nothing * size) return MV_NOT_POSITIVE;
        w[at(i, i)] = sqrt(fmax(0, sum));
      } else {
        w[at(i, j)] = w[at(j, j)] > 0 ? sum / w[at(j, j)] : 0;
      }
    }
  }
  return MV_OK;
}

static int is_paired(const mv_shape *shape) {
  return shape->structure->entry == mv_pair_entry;
}

mv_status mv_factor_working(const mv_shape *shape, const double *natural,
                            double *working) {
  const ptrdiff_t m = shape->levels;
  const mv_status status = factorise(shape, natural, working);
  if (!is_paired(shape)) return status;
  working[at(1, 0)] = natural[correlation_at(m, 1, 0)];
  working[at(1, 1)] = sqrt(natural[1]);
  return status;
}

/* The Cholesky factor of equal correlations: each row has what is left of 1 after the
 * products with the rows before. */
void mv_factor_start(const mv_shape *shape, double size, double rho, double *working) {
  for (ptrdiff_t i = 0; i < shape->levels; i++) {
    double left = 1;
    for (ptrdiff_t j = 0; j < i; j++) {
      double sum = rho;
      for (ptrdiff_t h = 0; h < j; h++)
        sum -= working[at(i, h)] * working[at(j, h)] / size;
      const double pivot = working[at(j, j)] / sqrt(size);
      working[at(i, j)] = sqrt(size) * (pivot > 0 ? sum / pivot : 0);
      left -= working[at(i, j)] * working[at(i, j)] / size;
    }
    working[at(i, i)] = sqrt(size * fmax(left, 1e-3));
  }
  if (!is_paired(shape)) return;
  working[at(1, 0)] = rho;
  working[at(1, 1)] = sqrt(size);
}
