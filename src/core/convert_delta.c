/* The delta method: the mean and the variance of f(y) from those of y, by the Taylor
 * series of f to the first or second order.
 *   first:   f(y)             f'(y)^2 v
 *   second:  f(y) + f'' v/2   f'(y)^2 v + (f'' v)^2 / 2
 * The second is exact for a parabola of a normal y. */
#include <math.h>

#include "convert_rows.h"
#include "square.h"

static mv_flaw series(const double *f, double v, double order, double *out) {
  if (v < 0) return MV_FLAW_NEGATIVE;
  const int second = order == 2;
  out[0] = f[0] + (second ? f[2] * v / 2 : 0);
  out[1] = mv_square(f[1]) * v + (second ? mv_square(f[2] * v) / 2 : 0);
  return MV_SOUND;
}

/* In: y, f(y), f'(y), f''(y), v, order (1, 2). Out: y, v. */
static mv_flaw by_derivatives(const double *in, double *out) {
  if (isnan(in[0]) || isnan(in[4])) return MV_FLAW_NUMBER_MISSING;
  if (isinf(in[1])) return MV_FLAW_INFINITE;
  if (isnan(in[1]) || isnan(in[2])) return MV_FLAW_OUTSIDE_DOMAIN;
  return series(in + 1, in[4], in[5], out);
}

/* ---- functions by name: f[0] = f(x), f[1] = f'(x), f[2] = f''(x) ---- */

static mv_flaw f_log(double x, double *f) {
  if (!(x > 0)) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = log(x);
  f[1] = 1 / x;
  f[2] = -mv_square(f[1]);
  return MV_SOUND;
}

static mv_flaw f_exp(double x, double *f) {
  f[0] = f[1] = f[2] = exp(x);
  return MV_SOUND;
}

static mv_flaw f_sqrt(double x, double *f) {
  if (!(x > 0)) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = sqrt(x);
  f[1] = 1 / (2 * f[0]);
  f[2] = -f[1] / (2 * x);
  return MV_SOUND;
}

static mv_flaw f_square(double x, double *f) {
  f[0] = mv_square(x);
  f[1] = 2 * x;
  f[2] = 2;
  return MV_SOUND;
}

static mv_flaw f_inverse(double x, double *f) {
  if (x == 0) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = 1 / x;
  f[1] = -mv_square(f[0]);
  f[2] = -2 * f[0] * f[1];
  return MV_SOUND;
}

static mv_flaw f_logit(double x, double *f) {
  if (!(x > 0 && x < 1)) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = log(x) - log1p(-x);
  f[1] = 1 / (x * (1 - x));
  f[2] = (2 * x - 1) * mv_square(f[1]);
  return MV_SOUND;
}

static mv_flaw f_expit(double x, double *f) {
  f[0] = 1 / (1 + exp(-x));
  f[1] = f[0] / (1 + exp(x)); /* p (1 - p), with 1 - p not by subtraction */
  f[2] = f[1] * (1 - 2 * f[0]);
  return MV_SOUND;
}

/* Angles of proportions. */
static mv_flaw f_arcsine(double x, double *f) {
  if (!(x > 0 && x < 1)) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = asin(sqrt(x));
  f[1] = 1 / (2 * sqrt(x * (1 - x)));
  f[2] = (2 * x - 1) * f[1] / (2 * x * (1 - x));
  return MV_SOUND;
}

static mv_flaw f_atanh(double x, double *f) {
  if (!(fabs(x) < 1)) return MV_FLAW_OUTSIDE_DOMAIN;
  f[0] = atanh(x);
  f[1] = 1 / ((1 - x) * (1 + x));
  f[2] = 2 * x * mv_square(f[1]);
  return MV_SOUND;
}

static mv_flaw f_tanh(double x, double *f) {
  f[0] = tanh(x);
  f[1] = 1 / mv_square(cosh(x));
  f[2] = -2 * f[0] * f[1];
  return MV_SOUND;
}

static mv_flaw by_name(mv_flaw (*function)(double x, double *f), const double *in,
                       double *out) {
  if (isnan(in[0]) || isnan(in[1])) return MV_FLAW_NUMBER_MISSING;
  double f[3];
  const mv_flaw flaw = function(in[0], f);
  return flaw == MV_SOUND ? series(f, in[1], in[2], out) : flaw;
}

/* In: y, v, order. Out: y, v. */
static mv_flaw d_log(const double *in, double *out) { return by_name(f_log, in, out); }
static mv_flaw d_exp(const double *in, double *out) { return by_name(f_exp, in, out); }
static mv_flaw d_sqrt(const double *in, double *out) { return by_name(f_sqrt, in, out); }
static mv_flaw d_square(const double *in, double *out) {
  return by_name(f_square, in, out);
}
static mv_flaw d_inverse(const double *in, double *out) {
  return by_name(f_inverse, in, out);
}
static mv_flaw d_logit(const double *in, double *out) {
  return by_name(f_logit, in, out);
}
static mv_flaw d_expit(const double *in, double *out) {
  return by_name(f_expit, in, out);
}
static mv_flaw d_arcsine(const double *in, double *out) {
  return by_name(f_arcsine, in, out);
}
static mv_flaw d_atanh(const double *in, double *out) {
  return by_name(f_atanh, in, out);
}
static mv_flaw d_tanh(const double *in, double *out) { return by_name(f_tanh, in, out); }

static const mv_conversion conversions[] = {
    {"delta", 6, 2, by_derivatives},    {"delta_log", 3, 2, d_log},
    {"delta_exp", 3, 2, d_exp},         {"delta_sqrt", 3, 2, d_sqrt},
    {"delta_square", 3, 2, d_square},   {"delta_inverse", 3, 2, d_inverse},
    {"delta_logit", 3, 2, d_logit},     {"delta_expit", 3, 2, d_expit},
    {"delta_arcsine", 3, 2, d_arcsine}, {"delta_atanh", 3, 2, d_atanh},
    {"delta_tanh", 3, 2, d_tanh},
};

const mv_conversions mv_of_functions = {conversions,
                                        sizeof conversions / sizeof *conversions};
