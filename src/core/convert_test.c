/* From a test of two groups, or of a correlation, to the effect, the pooled SD or the
 * standard error. p values are two-sided and exact. */
#include <math.h>

#include "convert_rows.h"
#include "effect.h"
#include "mathlib.h"
#include "square.h"

/* |t| from the first that is there of t, F (1 and df degrees of freedom) and p. */
static mv_flaw size_of_t(double t, double f, double p, double df, double *size) {
  if (!isnan(t)) {
    *size = fabs(t);
  } else if (!isnan(f)) {
    if (f < 0) return MV_FLAW_NEGATIVE;
    *size = sqrt(f);
  } else {
    if (isnan(p)) return MV_FLAW_NUMBER_MISSING;
    if (p < 0 || p > 1) return MV_FLAW_P_OUTSIDE;
    if (p == 0 || p == 1) return MV_FLAW_P_EXTREME;
    *size = -mv_qt(p / 2, df);
  }
  return MV_SOUND;
}

/* The direction told, or else the sign that the statistic itself has (NaN: it has none).
 */
static mv_flaw give_sign(double *size, double direction, double statistic) {
  const double sign = isnan(direction) ? statistic : direction;
  if (*size == 0) return MV_SOUND;
  if (isnan(sign) || sign == 0) return MV_FLAW_NO_DIRECTION;
  *size = copysign(*size, sign);
  return MV_SOUND;
}

static mv_flaw signed_t(const double *tfp, double direction, double df, double *t) {
  const mv_flaw flaw = size_of_t(tfp[0], tfp[1], tfp[2], df, t);
  return flaw == MV_SOUND ? give_sign(t, direction, tfp[0]) : flaw;
}

/* d = t sqrt(1/n_t + 1/n_c), which is what t = difference / (s_p sqrt(W)) says; g = J d
 * and its variance as the registry of measures has them. In: n_t, n_c, t, F, p, d,
 * direction, correct (1, 0), form (0: LS, ...). Out: g, its variance, d. */
static mv_flaw smd_of_test(const double *in, double *out) {
  static const char *const forms[] = {"LS", "LS2", "LS3", "UB", "H0"};
  const double n_t = in[0], n_c = in[1], q = n_t + n_c - 2;
  mv_flaw flaw = mv_check_groups(n_t, n_c, 1);
  if (flaw != MV_SOUND) return flaw;
  if (!(q > 1)) return MV_FLAW_TOO_SMALL_N;
  double d = fabs(in[5]);
  if (isnan(d)) {
    flaw = signed_t(in + 2, in[6], q, &d);
    d *= sqrt(1 / n_t + 1 / n_c);
  } else {
    flaw = give_sign(&d, in[6], in[5]);
  }
  if (flaw != MV_SOUND) return flaw;
  const mv_row row = {
      .arm = {[MV_T] = {.n = n_t, .mean = d, .sd = 1}, [MV_C] = {.n = n_c, .sd = 1}}};
  mv_context context = {.correct = in[7] == 1 ? MV_EXACT : MV_CRUDE};
  mv_effect effect = {.factor = 1};
  if (mv_find_measure("SMD")->effect(&row, &context, &effect) != MV_FINE) {
    return MV_FLAW_TOO_SMALL_N;
  }
  const double n[MV_ARMS] = {[MV_T] = n_t, [MV_C] = n_c};
  const int form = in[8] >= 0 && in[8] < 5 ? (int)in[8] : 0;
  out[0] = effect.y;
  out[1] = mv_find_form("SMD", forms[form])->variance(&row, n, &effect, NULL);
  out[2] = d;
  return isnan(out[1]) ? MV_FLAW_TOO_SMALL_N : MV_SOUND;
}

/* Correlation of n pairs: r = t / sqrt(t^2 + n - 2); phi = sqrt(chi2 / n). Variances of r
 * and of Fisher's z, atanh r, for large samples.
 * In: n, t, F, p, chi2, r, direction. */
static mv_flaw correlation(const double *in, double *r) {
  const double n = in[0], chi2 = in[4];
  if (!isnan(in[5])) {
    *r = fabs(in[5]);
    return *r > 1 ? MV_FLAW_R_OUTSIDE : give_sign(r, in[6], in[5]);
  }
  if (isnan(in[1]) && isnan(in[2]) && !isnan(chi2)) {
    if (chi2 < 0) return MV_FLAW_NEGATIVE;
    *r = sqrt(chi2 / n);
    return *r > 1 ? MV_FLAW_R_OUTSIDE : give_sign(r, in[6], NAN);
  }
  double t;
  const mv_flaw flaw = signed_t(in + 1, in[6], n - 2, &t);
  *r = t / sqrt(mv_square(t) + n - 2);
  return flaw;
}

/* Out: r, its variance. */
static mv_flaw r_of_test(const double *in, double *out) {
  const mv_flaw flaw = mv_check_n(in[0], 4);
  if (flaw != MV_SOUND) return flaw;
  const mv_flaw found = correlation(in, &out[0]);
  out[1] = mv_square(1 - mv_square(out[0])) / (in[0] - 1);
  return found;
}

/* Out: z, its variance, r. */
static mv_flaw z_of_test(const double *in, double *out) {
  const mv_flaw flaw = r_of_test(in, out);
  if (flaw != MV_SOUND) return flaw;
  out[2] = out[0];
  out[0] = atanh(out[2]);
  out[1] = 1 / (in[0] - 3);
  return MV_SOUND;
}

/* ---- standard errors ---- */

static mv_flaw half_of_interval(double lower, double upper, double level, double df,
                                double *se) {
  if (isnan(lower) || isnan(upper)) return MV_FLAW_NUMBER_MISSING;
  if (lower > upper) return MV_FLAW_TURNED;
  if (!(level > 0 && level < 1)) return MV_FLAW_LEVEL_OUTSIDE;
  *se = (upper - lower) / (2 * mv_qt((1 + level) / 2, df));
  return MV_SOUND;
}

/* The whole width where both ends are there; else from the estimate to the one end. */
static mv_flaw se_of_interval(const double *in, double df, double *se) {
  const double y = in[0];
  double lower = in[3], upper = in[4];
  if (lower > upper) return MV_FLAW_TURNED;
  if (y < lower || y > upper) return MV_FLAW_OFF_INTERVAL;
  if (isnan(lower)) lower = 2 * y - upper;
  if (isnan(upper)) upper = 2 * y - lower;
  return half_of_interval(lower, upper, in[6], df, se);
}

/* In: estimate, statistic (estimate / se), p, lower, upper, df (may be infinite), level.
 * Out: se. */
static mv_flaw se_of_test(const double *in, double *out) {
  const double df = isnan(in[5]) ? (double)INFINITY : in[5];
  if (!(df >= 1)) return MV_FLAW_TOO_SMALL_N;
  if (!isnan(in[3]) || !isnan(in[4])) return se_of_interval(in, df, out);
  if (isnan(in[0])) return MV_FLAW_NUMBER_MISSING;
  double t;
  const mv_flaw flaw = size_of_t(in[1], NAN, in[2], df, &t);
  if (flaw != MV_SOUND) return flaw;
  if (in[0] == 0 || t == 0) return MV_FLAW_NO_INFORMATION;
  out[0] = fabs(in[0]) / t;
  return MV_SOUND;
}

/* Cochrane Handbook 6.5.2.3: t = difference / se, SD = se / sqrt(1/n_t + 1/n_c).
 * In: difference, n_t, n_c, t, F, p, se, lower, upper, level. Out: SD, se. */
static mv_flaw pooled_sd(const double *in, double *out) {
  mv_flaw flaw = mv_check_groups(in[1], in[2], 1);
  if (flaw != MV_SOUND) return flaw;
  const double df = in[1] + in[2] - 2, difference = in[0];
  double se = in[6], t = NAN;
  if (isnan(se) && !isnan(in[7]) && !isnan(in[8])) {
    flaw = half_of_interval(in[7], in[8], in[9], df, &se);
  } else if (isnan(se)) {
    flaw = isnan(difference) ? MV_FLAW_NUMBER_MISSING
                             : size_of_t(in[3], in[4], in[5], df, &t);
    if (flaw == MV_SOUND && (t == 0 || difference == 0)) return MV_FLAW_NO_INFORMATION;
    se = fabs(difference) / t;
  }
  if (flaw != MV_SOUND) return flaw;
  if (se < 0) return MV_FLAW_NEGATIVE;
  out[0] = se / sqrt(1 / in[1] + 1 / in[2]);
  out[1] = se;
  return MV_SOUND;
}

static const mv_conversion conversions[] = {
    {"smd_of_test", 9, 3, smd_of_test}, {"r_of_test", 7, 2, r_of_test},
    {"z_of_test", 7, 3, z_of_test},     {"se_of_test", 7, 1, se_of_test},
    {"pooled_sd", 10, 2, pooled_sd},
};

const mv_conversions mv_of_tests = {conversions,
                                    sizeof conversions / sizeof *conversions};
