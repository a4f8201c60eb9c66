#include "structure.h"

#include <math.h>
#include <string.h>

/* ---- how many parameters, of which kind ---- */

static ptrdiff_t one(ptrdiff_t m) {
  (void)m;
  return 1;
}

static ptrdiff_t two(ptrdiff_t m) {
  (void)m;
  return 2;
}

static ptrdiff_t each(ptrdiff_t m) { return m; }
static ptrdiff_t each_and_one(ptrdiff_t m) { return m + 1; }
static ptrdiff_t triangle(ptrdiff_t m) { return m * (m + 1) / 2; }

static mv_parameter_kind variances(ptrdiff_t m, ptrdiff_t parameter) {
  (void)m, (void)parameter;
  return MV_VARIANCE;
}

static mv_parameter_kind variance_first(ptrdiff_t m, ptrdiff_t parameter) {
  (void)m;
  return parameter == 0 ? MV_VARIANCE : MV_CORRELATION;
}

static mv_parameter_kind deviations_first(ptrdiff_t m, ptrdiff_t parameter) {
  return parameter < m ? MV_DEVIATION : MV_CORRELATION;
}

/* Row i, column j <= i of a lower triangle held row by row. */
static ptrdiff_t at(ptrdiff_t i, ptrdiff_t j) { return i * (i + 1) / 2 + j; }

static ptrdiff_t row_of(ptrdiff_t place) {
  ptrdiff_t i = 0;
  while (at(i + 1, 0) <= place) i++;
  return i;
}

static mv_parameter_kind factor(ptrdiff_t m, ptrdiff_t parameter) {
  (void)m;
  return parameter == at(row_of(parameter), row_of(parameter)) ? MV_FACTOR_PIVOT
                                                               : MV_FACTOR;
}

/* The SDs of PAIR have no sign, for it would be that of the correlation. */
static mv_parameter_kind factor_of_pair(ptrdiff_t m, ptrdiff_t parameter) {
  if (parameter == at(1, 0)) return MV_CORRELATION;
  const int of_pair = parameter == at(0, 0) || parameter == at(1, 1);
  return of_pair ? MV_DEVIATION : factor(m, parameter);
}

/* ---- entries of G and their derivatives ---- */

static double scalar(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  return a == b ? w[0] : 0;
}

static double scalar_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                           ptrdiff_t a, ptrdiff_t b) {
  (void)shape, (void)w, (void)parameter;
  return a == b;
}

static double known(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  return w[0] * shape->known[a * shape->levels + b];
}

static double known_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                          ptrdiff_t a, ptrdiff_t b) {
  (void)w, (void)parameter;
  return shape->known[a * shape->levels + b];
}

static double diagonal(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  return a == b ? w[a] : 0;
}

static double diagonal_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                             ptrdiff_t a, ptrdiff_t b) {
  (void)shape, (void)w;
  return a == b && a == parameter;
}

/* How far two levels are apart: the power of the correlation; 1 for all of CS. */
static double apart(const mv_shape *shape, ptrdiff_t a, ptrdiff_t b) {
  if (a == b) return 0;
  return shape->position ? fabs(shape->position[a] - shape->position[b]) : 1;
}

static double power(double rho, double lag) { return lag == 0 ? 1 : pow(rho, lag); }

static double power_slope(double rho, double lag) {
  if (lag == 0) return 0;
  return lag == 1 ? 1 : lag * pow(rho, lag - 1);
}

static double power_bend(double rho, double lag) {
  if (lag == 0 || lag == 1) return 0;
  return lag == 2 ? 2 : lag * (lag - 1) * pow(rho, lag - 2);
}

static double even(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  return w[0] * power(w[1], apart(shape, a, b));
}

static double even_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                         ptrdiff_t a, ptrdiff_t b) {
  const double lag = apart(shape, a, b);
  return parameter == 0 ? power(w[1], lag) : w[0] * power_slope(w[1], lag);
}

static double even_bend(const mv_shape *shape, const double *w, ptrdiff_t i, ptrdiff_t j,
                        ptrdiff_t a, ptrdiff_t b) {
  const double lag = apart(shape, a, b);
  if (i == 0 && j == 0) return 0;
  return i == j ? w[0] * power_bend(w[1], lag) : power_slope(w[1], lag);
}

static double uneven(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  return w[a] * w[b] * power(w[shape->levels], apart(shape, a, b));
}

/* The derivative of w_a w_b by the SD of one level. */
static double sd_slope(const double *w, ptrdiff_t level, ptrdiff_t a, ptrdiff_t b) {
  return (a == level ? w[b] : 0) + (b == level ? w[a] : 0);
}

static double uneven_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                           ptrdiff_t a, ptrdiff_t b) {
  const double lag = apart(shape, a, b), rho = w[shape->levels];
  if (parameter == shape->levels) return w[a] * w[b] * power_slope(rho, lag);
  return sd_slope(w, parameter, a, b) * power(rho, lag);
}

static double uneven_bend(const mv_shape *shape, const double *w, ptrdiff_t i,
                          ptrdiff_t j, ptrdiff_t a, ptrdiff_t b) {
  const double lag = apart(shape, a, b), rho = w[shape->levels];
  const ptrdiff_t m = shape->levels;
  if (i == m && j == m) return w[a] * w[b] * power_bend(rho, lag);
  if (i == m) return sd_slope(w, j, a, b) * power_slope(rho, lag);
  if (j == m) return sd_slope(w, i, a, b) * power_slope(rho, lag);
  return ((a == i && b == j) + (a == j && b == i)) * power(rho, lag);
}

static double factored(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  double sum = 0;
  for (ptrdiff_t j = 0; j <= a && j <= b; j++) sum += w[at(a, j)] * w[at(b, j)];
  return sum;
}

static double factored_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                             ptrdiff_t a, ptrdiff_t b) {
  (void)shape;
  const ptrdiff_t i = row_of(parameter), j = parameter - at(i, 0);
  return (a == i && j <= b ? w[at(b, j)] : 0) + (b == i && j <= a ? w[at(a, j)] : 0);
}

static double factored_bend(const mv_shape *shape, const double *w, ptrdiff_t one,
                            ptrdiff_t other, ptrdiff_t a, ptrdiff_t b) {
  (void)shape, (void)w;
  const ptrdiff_t i = row_of(one), k = row_of(other);
  if (one - at(i, 0) != other - at(k, 0)) return 0;
  return (a == i && b == k) + (a == k && b == i);
}

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

static double paired(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b) {
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

static double paired_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
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

static double paired_bend(const mv_shape *shape, const double *w, ptrdiff_t i,
                          ptrdiff_t j, ptrdiff_t a, ptrdiff_t b) {
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

/* ---- the table ---- */

static const mv_structure structures[] = {
    {"INTERCEPT", one, variances, scalar, scalar_slope, NULL, 0},
    {"ID", one, variances, scalar, scalar_slope, NULL, 0},
    {"KNOWN", one, variances, known, known_slope, NULL, 0},
    {"DIAG", each, variances, diagonal, diagonal_slope, NULL, 0},
    {"GDIAG", each, variances, diagonal, diagonal_slope, NULL, 0},
    {"CS", two, variance_first, even, even_slope, even_bend, NAN},
    {"HCS", each_and_one, deviations_first, uneven, uneven_slope, uneven_bend, NAN},
    {"AR", two, variance_first, even, even_slope, even_bend, -1},
    {"HAR", each_and_one, deviations_first, uneven, uneven_slope, uneven_bend, -1},
    {"CAR", two, variance_first, even, even_slope, even_bend, 0},
    {"UN", triangle, factor, factored, factored_slope, factored_bend, NAN},
    {"GEN", triangle, factor, factored, factored_slope, factored_bend, NAN},
    {"PAIR", triangle, factor_of_pair, paired, paired_slope, paired_bend, -1},
};

enum { STRUCTURES = sizeof structures / sizeof *structures };

const mv_structure *mv_structure_find(const char *name) {
  for (int i = 0; i < STRUCTURES; i++) {
    if (strcmp(structures[i].name, name) == 0) return &structures[i];
  }
  return NULL;
}

ptrdiff_t mv_shape_parameters(const mv_shape *shape) {
  return shape->structure->parameters(shape->levels);
}

static double lowest_correlation(const mv_shape *shape) {
  const double lowest = shape->structure->lowest;
  return isnan(lowest) ? -1 / fmax(1, (double)shape->levels - 1) : lowest;
}

void mv_shape_bounds(const mv_shape *shape, ptrdiff_t parameter, double *lower,
                     double *upper) {
  const mv_parameter_kind kind = shape->structure->kind(shape->levels, parameter);
  *lower = kind == MV_FACTOR || kind == MV_FACTOR_PIVOT ? -INFINITY : 0;
  *upper = INFINITY;
  if (kind != MV_CORRELATION) return;
  *lower = lowest_correlation(shape);
  *upper = 1;
}

/* ---- natural and working ---- */

static int is_paired(const mv_shape *shape) { return shape->structure->entry == paired; }

static int is_factored(const mv_shape *shape) {
  return shape->structure->entry == factored || is_paired(shape);
}

/* The matrix of UN, GEN or PAIR as variances and correlations. */
static void tell_matrix(const mv_shape *shape, const double *working, double *natural) {
  const ptrdiff_t m = shape->levels;
  double (*entry)(const mv_shape *, const double *, ptrdiff_t, ptrdiff_t) =
      shape->structure->entry;
  ptrdiff_t place = m;
  for (ptrdiff_t i = 0; i < m; i++) natural[i] = entry(shape, working, i, i);
  for (ptrdiff_t j = 0; j < m; j++) {
    for (ptrdiff_t i = j + 1; i < m; i++) {
      const double size = sqrt(natural[i]) * sqrt(natural[j]);
      natural[place++] = size > 0 ? entry(shape, working, i, j) / size : 0;
    }
  }
}

void mv_shape_natural(const mv_shape *shape, const double *working, double *natural) {
  const ptrdiff_t m = shape->levels;
  if (is_factored(shape)) {
    tell_matrix(shape, working, natural);
    return;
  }
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const int squared = shape->structure->kind(m, i) == MV_DEVIATION;
    natural[i] = squared ? working[i] * working[i] : working[i];
  }
}

/* The place of the correlation of levels i > j among the natural parameters. */
static ptrdiff_t correlation_at(ptrdiff_t m, ptrdiff_t i, ptrdiff_t j) {
  return m + j * m - j * (j + 1) / 2 + (i - j - 1);
}

/* Cholesky, row by row; a pivot of nothing leaves a column of zeros. */
static mv_status factorise(ptrdiff_t m, const double *natural, double *w) {
  static const double nothing = 1e-12;
  for (ptrdiff_t i = 0; i < m; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      double sum = natural[i];
      if (i != j) {
        sum = natural[correlation_at(m, i, j)] * sqrt(natural[i]) * sqrt(natural[j]);
      }
      for (ptrdiff_t h = 0; h < j; h++) sum -= w[at(i, h)] * w[at(j, h)];
      if (i == j) {
        if (sum < -nothing * natural[i]) return MV_NOT_POSITIVE;
        w[at(i, i)] = sqrt(fmax(0, sum));
      } else {
        w[at(i, j)] = w[at(j, j)] > 0 ? sum / w[at(j, j)] : 0;
      }
    }
  }
  return MV_OK;
}

mv_status mv_shape_working(const mv_shape *shape, const double *natural,
                           double *working) {
  const ptrdiff_t m = shape->levels;
  if (is_factored(shape)) {
    const mv_status status = factorise(m, natural, working);
    if (!is_paired(shape)) return status;
    working[at(1, 0)] = natural[correlation_at(m, 1, 0)];
    working[at(1, 1)] = sqrt(natural[1]);
    return status;
  }
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const int rooted = shape->structure->kind(m, i) == MV_DEVIATION;
    working[i] = rooted ? sqrt(natural[i]) : natural[i];
  }
  return MV_OK;
}

/* The Cholesky factor of equal correlations: each row has what is left of 1 after the
 * products with the rows before. */
static void start_factor(const mv_shape *shape, double size, double rho,
                         double *working) {
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
}

void mv_shape_start(const mv_shape *shape, double size, double share, double *working) {
  const double lowest = lowest_correlation(shape), rho = lowest + share * (1 - lowest);
  if (is_factored(shape)) {
    start_factor(shape, size, rho, working);
    if (is_paired(shape)) {
      working[at(1, 0)] = rho;
      working[at(1, 1)] = sqrt(size);
    }
    return;
  }
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const mv_parameter_kind kind = shape->structure->kind(shape->levels, i);
    working[i] = kind == MV_CORRELATION ? rho : kind == MV_DEVIATION ? sqrt(size) : size;
  }
}
