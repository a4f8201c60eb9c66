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

/* What goes in; `correct` is 1 or 0, `form` counts the forms below. */
enum {
  SMD_N_T,
  SMD_N_C,
  SMD_T,
  SMD_F,
  SMD_P,
  SMD_D,
  SMD_DIRECTION,
  SMD_CORRECT,
  SMD_FORM
};

/* d = t sqrt(1/n_t + 1/n_c), which is what t = difference / (s_p sqrt(W)) says. */
static mv_flaw d_of_test(const double *in, double df, double *d) {
  *d = fabs(in[SMD_D]);
  if (!isnan(*d)) return give_sign(d, in[SMD_DIRECTION], in[SMD_D]);
  const mv_flaw flaw = signed_t(&in[SMD_T], in[SMD_DIRECTION], df, d);
  *d *= sqrt(1 / in[SMD_N_T] + 1 / in[SMD_N_C]);
  return flaw;
}

/* g = J d and its variance as the registry of measures has them. Out: g, its variance, d.
 */
static mv_flaw smd_of_test(const double *in, double *out) {
  static const char *const forms[] = {"LS", "LS2", "LS3", "UB", "H0"};
  const double n_t = in[SMD_N_T], n_c = in[SMD_N_C], q = n_t + n_c - 2;
  mv_flaw flaw = mv_check_groups(n_t, n_c, 1);
  if (flaw != MV_SOUND) return flaw;
  if (!(q > 1)) return MV_FLAW_TOO_SMALL_N;
  double d;
  flaw = d_of_test(in, q, &d);
  if (flaw != MV_SOUND) return flaw;
  const mv_row row = {
      .arm = {[MV_T] = {.n = n_t, .mean = d, .sd = 1}, [MV_C] = {.n = n_c, .sd = 1}}};
  mv_context context = {.correct = in[SMD_CORRECT] == 1 ? MV_EXACT : MV_CRUDE};
  mv_effect effect = {.factor = 1};
  if (mv_find_measure("SMD")->effect(&row, &context, &effect) != MV_FINE) {
    return MV_FLAW_TOO_SMALL_N;
  }
  const double n[MV_ARMS] = {[MV_T] = n_t, [MV_C] = n_c};
  const int form = in[SMD_FORM] >= 0 && in[SMD_FORM] < 5 ? (int)in[SMD_FORM] : 0;
  out[0] = effect.y;
  out[1] = mv_find_form("SMD", forms[form])->variance(&row, n, &effect, NULL);
  out[2] = d;
  return isnan(out[1]) ? MV_FLAW_TOO_SMALL_N : MV_SOUND;
}

enum { COR_N, COR_T, COR_F, COR_P, COR_CHI2, COR_R, COR_DIRECTION };

/* Correlation of n pairs: r = t / sqrt(t^2 + n - 2); phi = sqrt(chi2 / n). Variances of r
 * and of Fisher's z, atanh r, for large samples. */
static mv_flaw correlation(const double *in, double *r) {
  const double n = in[COR_N], chi2 = in[COR_CHI2], direction = in[COR_DIRECTION];
  if (!isnan(in[COR_R])) {
    *r = fabs(in[COR_R]);
    return *r > 1 ? MV_FLAW_R_OUTSIDE : give_sign(r, direction, in[COR_R]);
  }
  if (isnan(in[COR_T]) && isnan(in[COR_F]) && !isnan(chi2)) {
    if (chi2 < 0) return MV_FLAW_NEGATIVE;
    *r = sqrt(chi2 / n);
    return *r > 1 ? MV_FLAW_R_OUTSIDE : give_sign(r, direction, NAN);
  }
  double t;
  const mv_flaw flaw = signed_t(&in[COR_T], direction, n - 2, &t);
  *r = t / sqrt(mv_square(t) + n - 2);
  return flaw;
}

/* Out: r, its variance. */
static mv_flaw r_of_test(const double *in, double *out) {
  const mv_flaw flaw = mv_check_n(in[COR_N], 4);
  if (flaw != MV_SOUND) return flaw;
  const mv_flaw found = correlation(in, &out[0]);
  out[1] = mv_square(1 - mv_square(out[0])) / (in[COR_N] - 1);
  return found;
}

/* Out: z, its variance, r. */
static mv_flaw z_of_test(const double *in, double *out) {
  const mv_flaw flaw = r_of_test(in, out);
  if (flaw != MV_SOUND) return flaw;
  out[2] = out[0];
  out[0] = atanh(out[2]);
  out[1] = 1 / (in[COR_N] - 3);
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

/* The statistic is estimate / se; df may be infinite. */
enum { SE_ESTIMATE, SE_STATISTIC, SE_P, SE_LOWER, SE_UPPER, SE_DF, SE_LEVEL };

/* The whole width where both ends are there; else from the estimate to the one end. */
static mv_flaw se_of_interval(const double *in, double df, double *se) {
  const double y = in[SE_ESTIMATE];
  double lower = in[SE_LOWER], upper = in[SE_UPPER];
  if (lower > upper) return MV_FLAW_TURNED;
  if (y < lower || y > upper) return MV_FLAW_OFF_INTERVAL;
  if (isnan(lower)) lower = 2 * y - upper;
  if (isnan(upper)) upper = 2 * y - lower;
  return half_of_interval(lower, upper, in[SE_LEVEL], df, se);
}

static mv_flaw se_of_test(const double *in, double *out) {
  const double df = isnan(in[SE_DF]) ? (double)INFINITY : in[SE_DF];
  const double estimate = in[SE_ESTIMATE];
  if (!(df >= 1)) return MV_FLAW_TOO_SMALL_N;
  if (!isnan(in[SE_LOWER]) || !isnan(in[SE_UPPER])) return se_of_interval(in, df, out);
  if (isnan(estimate)) return MV_FLAW_NUMBER_MISSING;
  double t;
  const mv_flaw flaw = size_of_t(in[SE_STATISTIC], NAN, in[SE_P], df, &t);
  if (flaw != MV_SOUND) return flaw;
  if (estimate == 0 || t == 0) return MV_FLAW_NO_INFORMATION;
  out[0] = fabs(estimate) / t;
  return MV_SOUND;
}

enum {
  SD_DIFFERENCE,
  SD_N_T,
  SD_N_C,
  SD_T,
  SD_F,
  SD_P,
  SD_SE,
  SD_LOWER,
  SD_UPPER,
  SD_LEVEL
};

/* From the first that is there of se, interval and test. */
static mv_flaw se_of_difference(const double *in, double df, double *se) {
  const double difference = in[SD_DIFFERENCE];
  *se = in[SD_SE];
  if (!isnan(*se)) return *se < 0 ? MV_FLAW_NEGATIVE : MV_SOUND;
  if (!isnan(in[SD_LOWER]) && !isnan(in[SD_UPPER])) {
    return half_of_interval(in[SD_LOWER], in[SD_UPPER], in[SD_LEVEL], df, se);
  }
  if (isnan(difference)) return MV_FLAW_NUMBER_MISSING;
  double t = NAN;
  const mv_flaw flaw = size_of_t(in[SD_T], in[SD_F], in[SD_P], df, &t);
  if (flaw == MV_SOUND && (t == 0 || difference == 0)) return MV_FLAW_NO_INFORMATION;
  *se = fabs(difference) / t;
  return flaw;
}

/* Cochrane Handbook 6.5.2.3: t = difference / se, SD = se / sqrt(1/n_t + 1/n_c). Out: SD,
 * se. */
static mv_flaw pooled_sd(const double *in, double *out) {
  const double n_t = in[SD_N_T], n_c = in[SD_N_C];
  mv_flaw flaw = mv_check_groups(n_t, n_c, 1);
  if (flaw != MV_SOUND) return flaw;
  double se;
  flaw = se_of_difference(in, n_t + n_c - 2, &se);
  if (flaw != MV_SOUND) return flaw;
  out[0] = se / sqrt(1 / n_t + 1 / n_c);
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
