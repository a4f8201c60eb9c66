#include "effect_parts.h"

#include <math.h>

/* ---- J ---- */

static double kept_j(mv_context *context, double q) {
  if (!(q < MV_J_KEPT) || q != (int)q) return mv_hedges_j(q);
  double *kept = &context->j[(int)q];
  if (*kept == 0) *kept = mv_hedges_j(q);
  return *kept;
}

/* The approximation is that of Hedges 1981, eq. 6e: with q = N - 2 also 1 - 3/(4N - 9).
 */
double mv_factor(mv_context *context, double q) {
  if (context->correct == MV_CRUDE) return 1;
  return context->correct == MV_EXACT ? kept_j(context, q) : 1 - 3 / (4 * q - 1);
}

/* ---- one SD for several arms ---- */

static int has_arm(unsigned arms, int a) { return (int)((arms >> a) & 1u); }

double mv_pooled_df(const mv_row *row, unsigned arms) {
  double df = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (has_arm(arms, a)) df += row->arm[a].n - 1;
  }
  return df;
}

double mv_pooled_variance(const mv_row *row, unsigned arms) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (has_arm(arms, a)) sum += (row->arm[a].n - 1) * mv_square(row->arm[a].sd);
  }
  return sum / mv_pooled_df(row, arms);
}

/* The model has one SD, estimated with q degrees of freedom: hence by_log_sd,
 * dlog(s_p)/dlog(s_a) = (n_a - 1)/q where the SDs are equal. */
mv_reason mv_standardise(const mv_row *row, double contrast, unsigned arms,
                         mv_context *context, mv_effect *effect) {
  const double q = mv_pooled_df(row, arms);
  if (!(q > 1)) return MV_TOO_FEW_ANIMALS;
  const double pooled = mv_pooled_variance(row, arms);
  if (!(pooled > 0)) return MV_SD_ZERO;
  effect->crude = contrast / sqrt(pooled);
  effect->factor = mv_factor(context, q);
  effect->y = effect->factor * effect->crude;
  effect->standard = arms;
  for (int a = 0; a < MV_ARMS; a++) {
    if (has_arm(arms, a)) effect->by_log_sd[a] = -effect->y * (row->arm[a].n - 1) / q;
  }
  return MV_FINE;
}

/* ---- differences and ratios of two means ---- */

mv_reason mv_difference(const mv_row *row, mv_context *context, mv_effect *effect) {
  (void)context;
  effect->y = effect->crude = row->arm[MV_T].mean - row->arm[MV_C].mean;
  effect->by_mean[MV_T] = row->arm[MV_T].sd;
  effect->by_mean[MV_C] = -row->arm[MV_C].sd;
  return MV_FINE;
}

/* Hedges, Gurevitch & Curtis 1999, Ecology 80:1150: y = log(m_t / m_c), so s_t dy/dm_t =
 * CV_t and s_c dy/dm_c = -CV_c. The correction is that of Lajeunesse 2015, Ecology
 * 96:2056, eq. 8. A ratio needs a true zero and positive means. Means of logs are those
 * of the geometric means: their difference has no bias. */
mv_reason mv_log_ratio(const mv_row *row, mv_context *context, mv_effect *effect) {
  if (row->extra[MV_LOGS] == 1) return mv_difference(row, context, effect);
  const mv_arm *t = &row->arm[MV_T], *c = &row->arm[MV_C];
  if (!(t->mean > 0 && c->mean > 0)) return MV_MEAN_NOT_POSITIVE;
  const double cv_t = t->sd / t->mean, cv_c = c->sd / c->mean;
  effect->y = effect->crude = log(t->mean / c->mean);
  if (context->correct) {
    effect->y += (mv_square(cv_t) / t->n - mv_square(cv_c) / c->n) / 2;
  }
  effect->by_mean[MV_T] = cv_t;
  effect->by_mean[MV_C] = -cv_c;
  return MV_FINE;
}

/* ---- variances from the gradient ---- */

double mv_gradient_variance(const double *n, const mv_effect *e, double less_mean,
                            double less_sd) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    const double by_mean = e->by_mean[a], by_log_sd = e->by_log_sd[a];
    if (by_mean != 0) sum += mv_square(by_mean) / (n[a] - less_mean);
    if (by_log_sd != 0) sum += mv_square(by_log_sd) / (2 * (n[a] - less_sd));
    const int few =
        (by_mean != 0 && !(n[a] > less_mean)) || (by_log_sd != 0 && !(n[a] > less_sd));
    if (few) return NAN;
  }
  return sum;
}

double mv_delta(const mv_row *row, const double *n, const mv_effect *e,
                const mv_set *set) {
  (void)row, (void)set;
  return mv_gradient_variance(n, e, 0, 1);
}

/* The variance v of a mean over itself gives v + v^2/2 (Lajeunesse 2015, eq. 9), that of
 * a log SD 1/(2(n - 1)) + 1/(2(n - 1)^2) (Senior et al. 2020, Res Synth Methods 11:553,
 * eq. 15 and 16). */
double mv_second_order(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  double sum = mv_delta(row, n, e, set);
  for (int a = 0; a < MV_ARMS; a++) {
    if (e->by_mean[a] != 0) sum += mv_square(mv_square(e->by_mean[a]) / n[a]) / 2;
    if (e->by_log_sd[a] != 0) sum += 1 / (2 * mv_square(n[a] - 1));
  }
  return sum;
}

/* ---- variances of standardised effects ---- */

/* What the means contribute, in units of the SD squared: W for two arms. */
static double by_means(const double *n, const mv_effect *e) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (e->by_mean[a] != 0) sum += mv_square(e->by_mean[a]) / n[a];
  }
  return sum;
}

/* Animals behind the SD: smaller than the animals there are where a shared control is
 * split. */
static double behind_sd(const double *n, const mv_effect *e) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (has_arm(e->standard, a)) sum += n[a];
  }
  return sum;
}

static double animals(const mv_row *row, unsigned arms) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    if (has_arm(arms, a)) sum += row->arm[a].n;
  }
  return sum;
}

double mv_smd_ls(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set) {
  (void)row, (void)set;
  return by_means(n, e) + mv_square(e->y) / (2 * behind_sd(n, e));
}

/* Borenstein 2009: the large-sample variance of d, times J^2. */
double mv_smd_ls2(const mv_row *row, const double *n, const mv_effect *e,
                  const mv_set *set) {
  (void)row, (void)set;
  const double of_d = by_means(n, e) + mv_square(e->crude) / (2 * behind_sd(n, e));
  return mv_square(e->factor) * of_d;
}

/* Review Manager's (Lin & Aloe 2020, Stat Med 40:403, eq. 14). Not defined below N = 5.
 */
double mv_smd_ls3(const mv_row *row, const double *n, const mv_effect *e,
                  const mv_set *set) {
  (void)set;
  const double total = behind_sd(n, e);
  if (animals(row, e->standard) < 5 || total <= 3.94) return NAN;
  return by_means(n, e) + mv_square(e->y) / (2 * (total - 3.94));
}

/* Unbiased: Hedges 1983, Psychol Bull 93:388. */
double mv_smd_ub(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set) {
  (void)set;
  const double q = mv_pooled_df(row, e->standard);
  return by_means(n, e) + (1 - (q - 2) / (q * mv_square(e->factor))) * mv_square(e->y);
}

/* The mean effect of the set, weighted by the animals of the row. */
void mv_smd_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  const double weight = animals(row, e->standard | MV_BOTH);
  set->sum[0] += weight * e->y;
  set->sum[1] += weight;
}

double mv_smd_av(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set) {
  (void)row;
  const double mean = set->sum[0] / set->sum[1];
  return by_means(n, e) + mv_square(mean) / (2 * behind_sd(n, e));
}

/* The variance where the true effect is 0: that of J t sqrt(W), t with q df. */
double mv_smd_h0(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set) {
  (void)set;
  const double q = mv_pooled_df(row, e->standard);
  return q > 2 ? mv_square(e->factor) * q / (q - 2) * by_means(n, e) : NAN;
}

/* ---- doubts ---- */

/* Geary's test that a mean is far enough from zero for a ratio: Lajeunesse 2015, eq. 13.
 */
static int mean_far_from_zero(const mv_arm *arm) {
  const double n = arm->n;
  return arm->mean * 4 * n * sqrt(n) >= 3 * arm->sd * (1 + 4 * n);
}

mv_reason mv_doubt_means(const mv_row *row, int arms) {
  if (row->extra[MV_LOGS] == 1) return MV_FINE;
  for (int a = 0; a < arms; a++) {
    if (!mean_far_from_zero(&row->arm[a])) return MV_MEAN_NEAR_ZERO;
  }
  return MV_FINE;
}

mv_reason mv_doubt_pair(const mv_row *row, int worse) {
  (void)worse;
  return mv_doubt_means(row, 2);
}
