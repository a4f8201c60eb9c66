/* The normalised mean difference: percent of the disease effect that is undone.
 * Vesterinen et al. 2014, J Neurosci Methods 221:92, section 3. And the percent of the
 * maximal possible effect, which is the same towards a maximum that is known. */
#include <math.h>

#include "effect_parts.h"
#include "mathlib.h"

/* Variance of an arm's mean. An arm whose SD is 0 is known exactly, whatever its n: a
 * declared sham mean (the floor of a scale) has no animals. */
static double mean_variance(const mv_arm *arm, double n) {
  return arm->sd == 0 ? 0 : mv_square(arm->sd) / n;
}

/* Percent of the disease effect that is undone, y = 100 a/b, a = m_c - m_t, b = m_c -
 * m_s. With r = a/b: dr/dm_t = -1/b, dr/dm_c = (1 - r)/b, dr/dm_s = r/b. A sham whose
 * spread is not known gives an effect all the same: one form does not need it. */
static mv_reason nmd(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double b = row->arm[MV_C].mean - row->arm[MV_S].mean;
  if (b == 0) return MV_SHAM_EQUALS_CONTROL;
  const double r = (row->arm[MV_C].mean - row->arm[MV_T].mean) / b;
  e->y = e->crude = 100 * r;
  e->by_mean[MV_T] = -100 * row->arm[MV_T].sd / b;
  e->by_mean[MV_C] = 100 * (1 - r) * row->arm[MV_C].sd / b;
  e->by_mean[MV_S] = 100 * r * row->arm[MV_S].sd / b;
  return MV_FINE;
}

/* The variance at a given r: 100^2 ((1 - r)^2 v_c + v_t + r^2 v_s) / b^2. */
static double nmd_variance(const mv_row *row, const double *n, double r) {
  const double b = row->arm[MV_C].mean - row->arm[MV_S].mean;
  const double sum = mv_square(1 - r) * mean_variance(&row->arm[MV_C], n[MV_C]) +
                     mean_variance(&row->arm[MV_T], n[MV_T]) +
                     mv_square(r) * mean_variance(&row->arm[MV_S], n[MV_S]);
  return sum * mv_square(100 / b);
}

static double nmd_delta(const mv_row *row, const double *n, const mv_effect *e,
                        const mv_set *set) {
  (void)set;
  return nmd_variance(row, n, e->y / 100);
}

/* The published one: the disease effect taken as known. (The paper's formula is
 * the square of a standard error.) */
static double nmd_vesterinen(const mv_row *row, const double *n, const mv_effect *e,
                             const mv_set *set) {
  (void)e, (void)set;
  const double b = row->arm[MV_C].mean - row->arm[MV_S].mean;
  const double sum =
      mean_variance(&row->arm[MV_C], n[MV_C]) + mean_variance(&row->arm[MV_T], n[MV_T]);
  return sum * mv_square(100 / b);
}

/* r of the set, weighted by 1/nmd_vesterinen: so rows with a small disease effect, whose
 * ratio has heavy tails, weigh little, and the weight does not depend on r. Rows that
 * stay out of the pool do not enter. */
static void nmd_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  const double n[MV_ARMS] = {row->arm[MV_T].n, row->arm[MV_C].n, row->arm[MV_S].n};
  const double w = 1 / nmd_vesterinen(row, n, e, set);
  if (!isfinite(w)) return;
  set->sum[0] += w * e->y / 100;
  set->sum[1] += w;
}

static double nmd_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  const double own = e->y / 100;
  return nmd_variance(row, n, set->sum[1] > 0 ? set->sum[0] / set->sum[1] : own);
}

/* Welch and Satterthwaite's degrees of freedom of a sum of three variances of means. */
static double welch_df(const double *v, const mv_arm *arm) {
  double sum = 0, parts = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (!(v[a] > 0)) continue;
    sum += v[a];
    parts += mv_square(v[a]) / (arm[a].n - 1);
  }
  return mv_square(sum) / parts;
}

/* Squared t quantile; infinite where there are no degrees of freedom. */
static double squared_quantile(double level, double df) {
  return df > 0 ? mv_square(mv_qt((1 + level) / 2, df)) : INFINITY;
}

/* Can the disease effect b be told from zero, with its interval of level 0.95, and is the
 * sham on the healthy side? */
static mv_reason nmd_doubt(const mv_row *row, int worse) {
  const double level = 0.95;
  const double sham = mean_variance(&row->arm[MV_S], row->arm[MV_S].n);
  const double v[MV_ARMS] = {0, mean_variance(&row->arm[MV_C], row->arm[MV_C].n),
                             isnan(sham) ? 0 : sham};
  const double b = row->arm[MV_C].mean - row->arm[MV_S].mean, sum = v[MV_C] + v[MV_S];
  if (sum > 0 && squared_quantile(level, welch_df(v, row->arm)) * sum >= mv_square(b)) {
    return MV_SHAM_UNCERTAIN;
  }
  const int wrong = (worse == 1 && b < 0) || (worse == 0 && b > 0);
  return wrong ? MV_SHAM_WORSE : MV_FINE;
}

/* Fieller 1954, J R Stat Soc B 16:175: the roots r of
 *   (a - r b)^2 = q^2 (v_c + v_t + r^2 (v_c + v_s) - 2 r v_c).
 * An interval only where the coefficient of r^2 is positive. The root of larger size
 * comes first, the other from the product of roots, so that neither cancels. */
static void nmd_fieller(const mv_row *row, double level, double *lower, double *upper) {
  *lower = *upper = NAN;
  const double a = row->arm[MV_C].mean - row->arm[MV_T].mean,
               b = row->arm[MV_C].mean - row->arm[MV_S].mean;
  const double r = a / b;
  const double vt = mean_variance(&row->arm[MV_T], row->arm[MV_T].n);
  const double vc = mean_variance(&row->arm[MV_C], row->arm[MV_C].n);
  const double vs = mean_variance(&row->arm[MV_S], row->arm[MV_S].n);
  const double v[MV_ARMS] = {vt, mv_square(1 - r) * vc, mv_square(r) * vs};
  const double q2 = squared_quantile(level, welch_df(v, row->arm));
  const double c2 = mv_square(b) - q2 * (vc + vs), c1 = a * b - q2 * vc;
  const double c0 = mv_square(a) - q2 * (vc + vt);
  if (!(c2 > 0)) return;
  const double root = sqrt(fmax(0, mv_square(c1) - c2 * c0));
  const double large = c1 + copysign(root, c1);
  const double first = large / c2, second = large == 0 ? 0 : c0 / large;
  *lower = 100 * fmin(first, second);
  *upper = 100 * fmax(first, second);
}

/* ---- MPE: 100 (m_t - m_c)/(maximum - m_c) ---- */

/* The maximum in the place of the sham: it has no variance. */
static mv_row towards_maximum(const mv_row *row) {
  mv_row known = *row;
  known.arm[MV_S] = (mv_arm){.mean = row->extra[MV_MAXIMUM]};
  return known;
}

static mv_reason mpe(const mv_row *row, mv_context *context, mv_effect *e) {
  const double maximum = row->extra[MV_MAXIMUM];
  if (isnan(maximum)) return MV_MAXIMUM_MISSING;
  if (!isfinite(maximum)) return MV_NOT_USABLE;
  if (!(row->arm[MV_C].mean < maximum)) return MV_MAXIMUM_REACHED;
  const mv_row known = towards_maximum(row);
  return nmd(&known, context, e);
}

static mv_reason mpe_doubt(const mv_row *row, int worse) {
  (void)worse;
  const mv_row known = towards_maximum(row);
  return nmd_doubt(&known, -1) == MV_FINE ? MV_FINE : MV_MAXIMUM_NEAR;
}

static void mpe_fieller(const mv_row *row, double level, double *lower, double *upper) {
  const mv_row known = towards_maximum(row);
  nmd_fieller(&known, level, lower, upper);
}

static void mpe_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  const mv_row known = towards_maximum(row);
  nmd_gather(&known, e, set);
}

static double mpe_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  const mv_row known = towards_maximum(row);
  return nmd_av(&known, n, e, set);
}

static const mv_measure measures[] = {
    {"NMD", &mv_kind_means, 3, "percent", nmd, nmd_doubt, nmd_fieller, MV_ONE_WAY, 0},
    {"MPE", &mv_kind_means, 2, "percent", mpe, mpe_doubt, mpe_fieller, MV_ONE_WAY,
     1u << MV_MAXIMUM},
};

static const mv_form forms[] = {
    {"NMD", "delta", 3, nmd_delta, NULL}, {"NMD", "vesterinen", 2, nmd_vesterinen, NULL},
    {"NMD", "AV", 3, nmd_av, nmd_gather}, {"MPE", "delta", 2, mv_delta, NULL},
    {"MPE", "AV", 2, mpe_av, mpe_gather},
};

const mv_family mv_normalised = {measures, sizeof measures / sizeof *measures, forms,
                                 sizeof forms / sizeof *forms};
