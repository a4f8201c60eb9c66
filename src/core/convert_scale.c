/* From one scale to another: logs and raw values, effects of one kind into another, any
 * smooth function by the delta method. */
#include <math.h>

#include "convert_rows.h"
#include "square.h"

/* ---- moments of a log-normal: Higgins, White & Anzures-Cabrera 2008, Stat Med 27:6072
 */

/* In: mean and SD of the logs. Out: mean and SD. Exact for a log-normal. */
static mv_flaw log_to_raw(const double *in, double *out) {
  if (isnan(in[0]) || isnan(in[1])) return MV_FLAW_NUMBER_MISSING;
  if (in[1] < 0) return MV_FLAW_NEGATIVE;
  const double variance = mv_square(in[1]);
  out[0] = exp(in[0] + variance / 2);
  out[1] = out[0] * sqrt(expm1(variance));
  return MV_SOUND;
}

/* In: geometric mean, geometric SD (the factor exp(SD of the logs), 1 or more). */
static mv_flaw geometric_to_raw(const double *in, double *out) {
  if (isnan(in[0]) || isnan(in[1])) return MV_FLAW_NUMBER_MISSING;
  if (!(in[0] > 0) || !(in[1] >= 1)) return MV_FLAW_NOT_ABOVE_ZERO;
  const double logs[] = {log(in[0]), log(in[1])};
  return log_to_raw(logs, out);
}

static mv_flaw raw_to_log(const double *in, double *out) {
  if (isnan(in[0]) || isnan(in[1])) return MV_FLAW_NUMBER_MISSING;
  if (!(in[0] > 0)) return MV_FLAW_NOT_ABOVE_ZERO;
  if (in[1] < 0) return MV_FLAW_NEGATIVE;
  const double variance = log1p(mv_square(in[1] / in[0]));
  out[0] = log(in[0]) - variance / 2;
  out[1] = sqrt(variance);
  return MV_SOUND;
}

/* ---- effects. In: y, v, n_t, n_c. Out: y, v; v by the derivative. ---- */

static mv_flaw check_effect(const double *in) {
  if (isnan(in[0]) || isnan(in[1])) return MV_FLAW_NUMBER_MISSING;
  return in[1] < 0 ? MV_FLAW_NEGATIVE : MV_SOUND;
}

/* r = d / sqrt(d^2 + h), h = (n_t + n_c - 2)(1/n_t + 1/n_c): the point-biserial r of the
 * same t. Without the group sizes h = 4, its limit for large groups of one size. */
static mv_flaw shape(const double *in, double *h) {
  *h = 4;
  if (isnan(in[2]) || isnan(in[3])) return MV_SOUND;
  *h = (in[2] + in[3] - 2) * (1 / in[2] + 1 / in[3]);
  return mv_check_groups(in[2], in[3], 1);
}

static mv_flaw d_to_r(const double *in, double *out) {
  double h;
  mv_flaw flaw = check_effect(in);
  if (flaw == MV_SOUND) flaw = shape(in, &h);
  if (flaw != MV_SOUND) return flaw;
  const double root = sqrt(mv_square(in[0]) + h);
  out[0] = in[0] / root;
  out[1] = in[1] * mv_square(h / (root * root * root));
  return MV_SOUND;
}

static mv_flaw r_to_d(const double *in, double *out) {
  double h;
  mv_flaw flaw = check_effect(in);
  if (flaw == MV_SOUND) flaw = shape(in, &h);
  if (flaw != MV_SOUND) return flaw;
  if (fabs(in[0]) > 1) return MV_FLAW_R_OUTSIDE;
  const double rest = 1 - mv_square(in[0]);
  out[0] = in[0] * sqrt(h / rest);
  out[1] = in[1] * h / (rest * rest * rest);
  return MV_SOUND;
}

static mv_flaw r_to_z(const double *in, double *out) {
  const mv_flaw flaw = check_effect(in);
  if (flaw != MV_SOUND) return flaw;
  if (fabs(in[0]) > 1) return MV_FLAW_R_OUTSIDE;
  out[0] = atanh(in[0]);
  out[1] = in[1] / mv_square(1 - mv_square(in[0]));
  return MV_SOUND;
}

static mv_flaw z_to_r(const double *in, double *out) {
  const mv_flaw flaw = check_effect(in);
  if (flaw != MV_SOUND) return flaw;
  out[0] = tanh(in[0]);
  out[1] = in[1] * mv_square(1 - mv_square(out[0]));
  return MV_SOUND;
}

static mv_flaw times(const double *in, double factor, double *out) {
  const mv_flaw flaw = check_effect(in);
  out[0] = factor * in[0];
  out[1] = mv_square(factor) * in[1];
  return flaw;
}

/* The SD of a standard logistic variable, pi / sqrt(3): Hasselblad & Hedges 1995, Psychol
 * Bull 117:167. Cox's 1.65 comes nearer where the outcome behind the cut is normal. */
static const double logistic_sd = 1.8137993642342178, cox = 1.65;

static mv_flaw d_to_or(const double *in, double *out) {
  return times(in, logistic_sd, out);
}
static mv_flaw or_to_d(const double *in, double *out) {
  return times(in, 1 / logistic_sd, out);
}
static mv_flaw d_to_or_cox(const double *in, double *out) { return times(in, cox, out); }
static mv_flaw or_to_d_cox(const double *in, double *out) {
  return times(in, 1 / cox, out);
}

static const mv_conversion conversions[] = {
    {"log_to_raw", 2, 2, log_to_raw},   {"geometric_to_raw", 2, 2, geometric_to_raw},
    {"raw_to_log", 2, 2, raw_to_log},   {"d_to_r", 4, 2, d_to_r},
    {"r_to_d", 4, 2, r_to_d},           {"r_to_z", 4, 2, r_to_z},
    {"z_to_r", 4, 2, z_to_r},           {"d_to_or", 4, 2, d_to_or},
    {"or_to_d", 4, 2, or_to_d},         {"d_to_or_cox", 4, 2, d_to_or_cox},
    {"or_to_d_cox", 4, 2, or_to_d_cox},
};

const mv_conversions mv_of_scales = {conversions,
                                     sizeof conversions / sizeof *conversions};
