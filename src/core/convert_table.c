/* A table of two groups and events, rebuilt from its margins and one statistic. */
#include <math.h>

#include "convert_rows.h"

/* n_t, n_c: animals; events: in both groups, or `c_events` in the control alone. `a` is
 * the number of events among the treated, in general not whole. */
typedef struct {
  double n_t, n_c, events, c_events;
  double odds_ratio, risk_ratio, difference, phi, chi2, yates, direction;
} table;

/* ---- with the events of the control group ---- */

static mv_flaw from_control(const table *x, double *a) {
  const double p = x->c_events / x->n_c;
  if (!isnan(x->odds_ratio)) {
    /* odds / (1 + odds), without the division where p is 1 */
    *a = x->n_t * x->odds_ratio * p / (x->odds_ratio * p + 1 - p);
  } else if (!isnan(x->risk_ratio)) {
    *a = x->n_t * x->risk_ratio * p;
  } else if (!isnan(x->difference)) {
    *a = x->n_t * (p + x->difference);
  } else {
    return MV_FLAW_NUMBER_MISSING;
  }
  return MV_SOUND;
}

/* ---- with the events of both groups ---- */

/* Bonett 2007, Am Psychol 62:254: (w - 1) a^2 - s a + w n_t e = 0 with
 * s = w (n_t + e) + n_c - e, w the odds ratio. The other form of the root, for at w = 1
 * the usual one is 0 / 0. */
static double from_odds_ratio(const table *x) {
  const double w = x->odds_ratio, e = x->events;
  const double s = w * (x->n_t + e) + x->n_c - e;
  const double root = sqrt(fmax(0, s * s - 4 * w * (w - 1) * x->n_t * e));
  return 2 * w * x->n_t * e / (s + root);
}

static double from_phi(const table *x, double phi) {
  const double n = x->n_t + x->n_c, e = x->events;
  return (x->n_t * e + phi * sqrt(x->n_t * x->n_c * e * (n - e))) / n;
}

/* chi2 = n (|ad - bc| - n/2)^2 / (product of margins), the n/2 with Yates' correction. */
static double phi_of_chi2(const table *x) {
  const double n = x->n_t + x->n_c;
  const double margins = x->n_t * x->n_c * x->events * (n - x->events);
  const double size = sqrt(x->chi2 / n) + (x->yates == 1 ? n / (2 * sqrt(margins)) : 0);
  return copysign(size, x->direction);
}

/* A corrected statistic of 0 says that |ad - bc| = n |a - expected| is at most n/2: the
 * count is the whole number nearest to that expected, unless two are as near. */
static mv_flaw from_no_difference(const table *x, double *a) {
  *a = from_phi(x, 0);
  return fabs(*a - floor(*a) - 0.5) < 1e-9 ? MV_FLAW_NO_DIRECTION : MV_SOUND;
}

static mv_flaw from_both(const table *x, double *a) {
  const double e = x->events;
  if (!isnan(x->odds_ratio)) {
    *a = from_odds_ratio(x);
  } else if (!isnan(x->risk_ratio)) {
    *a = x->risk_ratio * e * x->n_t / (x->n_c + x->risk_ratio * x->n_t);
  } else if (!isnan(x->difference)) {
    *a = (x->difference + e / x->n_c) / (1 / x->n_t + 1 / x->n_c);
  } else if (!isnan(x->phi)) {
    *a = from_phi(x, x->phi);
  } else {
    if (isnan(x->chi2)) return MV_FLAW_NUMBER_MISSING;
    if (x->chi2 == 0 && x->yates == 1) return from_no_difference(x, a);
    *a = from_phi(x, phi_of_chi2(x));
  }
  return MV_SOUND;
}

/* Events of none or of all animals fit every odds ratio. */
static mv_flaw check_margins(const table *x) {
  const mv_flaw flaw = mv_check_groups(x->n_t, x->n_c, 0);
  if (flaw != MV_SOUND) return flaw;
  const double n = x->n_t + x->n_c;
  if (isnan(x->events) && isnan(x->c_events)) return MV_FLAW_NUMBER_MISSING;
  if (isnan(x->events))
    return x->c_events >= 0 && x->c_events <= x->n_c ? MV_SOUND : MV_FLAW_MARGINS;
  return x->events > 0 && x->events < n ? MV_SOUND : MV_FLAW_MARGINS;
}

static mv_flaw check_statistic(const table *x) {
  if (x->odds_ratio < 0 || x->risk_ratio < 0 || x->chi2 < 0) return MV_FLAW_NEGATIVE;
  if (isinf(x->odds_ratio) || isinf(x->risk_ratio)) return MV_FLAW_NO_TABLE;
  return fabs(x->phi) > 1 || fabs(x->difference) > 1 ? MV_FLAW_R_OUTSIDE : MV_SOUND;
}

/* How far outside the margins rounding of the statistic may put the count. */
static const double slack = 0.5;

/* In: n_t, n_c, events, events of the control, OR, RR, RD, phi, signed chi2, yates (1,
 * 0). Out: events_t, events_c (whole), events_t as computed. */
static mv_flaw rebuild(const double *in, double *out) {
  const table x = {in[0], in[1], in[2],       in[3], in[4], in[5],
                   in[6], in[7], fabs(in[8]), in[9], in[8]};
  mv_flaw flaw = check_margins(&x);
  if (flaw == MV_SOUND) flaw = check_statistic(&x);
  double a = NAN;
  if (flaw == MV_SOUND) flaw = isnan(x.events) ? from_control(&x, &a) : from_both(&x, &a);
  if (flaw != MV_SOUND) return flaw;
  const double least = isnan(x.events) ? 0 : fmax(0, x.events - x.n_c);
  const double most = isnan(x.events) ? x.n_t : fmin(x.n_t, x.events);
  if (!(a > least - slack && a < most + slack)) return MV_FLAW_NO_TABLE;
  out[0] = fmin(fmax(rint(a), least), most);
  /* numbers that are not whole can differ from the margin by a rounding */
  out[1] = isnan(x.events) ? x.c_events : fmin(fmax(x.events - out[0], 0), x.n_c);
  out[2] = a;
  return MV_SOUND;
}

static const mv_conversion conversions[] = {{"table", 10, 3, rebuild}};

const mv_conversions mv_of_tables = {conversions,
                                     sizeof conversions / sizeof *conversions};
