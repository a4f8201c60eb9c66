#include "structure.h"

#include <math.h>
#include <string.h>

#include "structure_factor.h"

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
    {"UN", mv_factor_parameters, mv_factor_kind, mv_factor_entry, mv_factor_slope,
     mv_factor_bend, NAN},
    {"GEN", mv_factor_parameters, mv_factor_kind, mv_factor_entry, mv_factor_slope,
     mv_factor_bend, NAN},
    {"PAIR", mv_factor_parameters, mv_pair_kind, mv_pair_entry, mv_pair_slope,
     mv_pair_bend, -1},
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

static int is_factored(const mv_shape *shape) {
  return shape->structure->parameters == mv_factor_parameters;
}

void mv_shape_natural(const mv_shape *shape, const double *working, double *natural) {
  const ptrdiff_t m = shape->levels;
  if (is_factored(shape)) {
    mv_factor_natural(shape, working, natural);
    return;
  }
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const int squared = shape->structure->kind(m, i) == MV_DEVIATION;
    natural[i] = squared ? working[i] * working[i] : working[i];
  }
}

mv_status mv_shape_working(const mv_shape *shape, const double *natural,
                           double *working) {
  if (is_factored(shape)) return mv_factor_working(shape, natural, working);
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const int rooted = shape->structure->kind(shape->levels, i) == MV_DEVIATION;
    working[i] = rooted ? sqrt(natural[i]) : natural[i];
  }
  return MV_OK;
}

void mv_shape_start(const mv_shape *shape, double size, double share, double *working) {
  const double lowest = lowest_correlation(shape), rho = lowest + share * (1 - lowest);
  if (is_factored(shape)) {
    mv_factor_start(shape, size, rho, working);
    return;
  }
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const mv_parameter_kind kind = shape->structure->kind(shape->levels, i);
    working[i] = kind == MV_CORRELATION ? rho : kind == MV_DEVIATION ? sqrt(size) : size;
  }
}
