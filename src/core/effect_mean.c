/* Effect measures of two arms' means: MD, SMD, ROM, and their variance forms. */
#include <math.h>

#include "effect.h"

static double square(double x) { return x * x; }

static double total_weight(const double *n) {
  return (n[MV_T] + n[MV_C]) / (n[MV_T] * n[MV_C]);
}
static double animals(const mv_arm *arm) { return arm[MV_T].n + arm[MV_C].n; }

static double pooled_variance(const mv_arm *arm) {
  const mv_arm *t = &arm[MV_T], *c = &arm[MV_C];
  return ((t->n - 1) * square(t->sd) + (c->n - 1) * square(c->sd)) / (animals(arm) - 2);
}

/* ---- MD ---- */

static mv_reason md(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  e->crude = e->y = row->arm[MV_T].mean - row->arm[MV_C].mean;
  e->by_mean[MV_T] = row->arm[MV_T].sd;
  e->by_mean[MV_C] = -row->arm[MV_C].sd;
  return MV_FINE;
}

/* The delta method on the gradient: MD and ROM. Their SDs do not enter the estimate. */
static double delta(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  (void)row, (void)set;
  return square(e->by_mean[MV_T]) / n[MV_T] + square(e->by_mean[MV_C]) / n[MV_C];
}

static double md_pooled(const mv_row *row, const double *n, const mv_effect *e,
                        const mv_set *set) {
  (void)e, (void)set;
  return pooled_variance(row->arm) * total_weight(n);
}

/* ---- SMD: Hedges 1981, J Educ Stat 6:107 ---- */

static double kept_j(mv_context *context, double q) {
  if (!(q < MV_J_KEPT) || q != (int)q) return mv_hedges_j(q);
  double *kept = &context->j[(int)q];
  if (*kept == 0) *kept = mv_hedges_j(q);
  return *kept;
}

/* The model has one SD, estimated from both arms with q = N - 2 degrees of freedom: hence
 * by_log_sd, dlog(s_p)/dlog(s_a) = (n_a - 1)/q where the SDs are equal. */
static mv_reason smd(const mv_row *row, mv_context *context, mv_effect *e) {
  const double q = animals(row->arm) - 2;
  if (!(q > 1)) return MV_TOO_FEW_ANIMALS;
  const double pooled = pooled_variance(row->arm);
  if (!(pooled > 0)) return MV_SD_ZERO;
  e->crude = (row->arm[MV_T].mean - row->arm[MV_C].mean) / sqrt(pooled);
  e->factor = context->correct ? kept_j(context, q) : 1;
  e->y = e->factor * e->crude;
  e->by_mean[MV_T] = 1;
  e->by_mean[MV_C] = -1;
  e->by_log_sd[MV_T] = -e->y * (row->arm[MV_T].n - 1) / q;
  e->by_log_sd[MV_C] = -e->y - e->by_log_sd[MV_T]; /* n_t - 1 and n_c - 1 add up to q */
  return MV_FINE;
}

/* N of the variance: smaller than the animals where a shared control is split. */
static double smd_ls(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)set;
  return total_weight(n) + square(e->y) / (2 * (n[MV_T] + n[MV_C]));
}

/* Borenstein 2009: the large-sample variance of d, times J^2. */
static double smd_ls2(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)row, (void)set;
  const double of_d = total_weight(n) + square(e->crude) / (2 * (n[MV_T] + n[MV_C]));
  return square(e->factor) * of_d;
}

/* Review Manager's (Lin & Aloe 2020, Stat Med 40:403, eq. 14). Not defined below N = 5.
 */
static double smd_revman(const mv_row *row, const double *n, const mv_effect *e,
                         const mv_set *set) {
  (void)set;
  const double total = n[MV_T] + n[MV_C];
  if (animals(row->arm) < 5 || total <= 3.94) return NAN;
  return total_weight(n) + square(e->y) / (2 * (total - 3.94));
}

/* Unbiased: Hedges 1983, Psychol Bull 93:388. */
static double smd_ub(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)set;
  const double q = animals(row->arm) - 2;
  return total_weight(n) + (1 - (q - 2) / (q * square(e->factor))) * square(e->y);
}

static void smd_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  set->sum[0] += animals(row->arm) * e->y;
  set->sum[1] += animals(row->arm);
}

static double smd_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)e;
  const double mean = set->sum[0] / set->sum[1];
  return total_weight(n) + square(mean) / (2 * (n[MV_T] + n[MV_C]));
}

/* The variance where the true effect is 0: that of J t sqrt(W), t with q df. */
static double smd_h0(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)set;
  const double q = animals(row->arm) - 2;
  return q > 2 ? square(e->factor) * q / (q - 2) * total_weight(n) : NAN;
}

/* ---- ROM: Hedges, Gurevitch & Curtis 1999, Ecology 80:1150 ---- */

/* y = log(m_t / m_c); s_t dy/dm_t = CV_t, s_c dy/dm_c = -CV_c. The correction is that of
 * Lajeunesse 2015, Ecology 96:2056, eq. 8. A ratio needs a true zero and positive means.
 */
static mv_reason rom(const mv_row *row, mv_context *context, mv_effect *e) {
  if (!(row->arm[MV_T].mean > 0 && row->arm[MV_C].mean > 0)) return MV_MEAN_NOT_POSITIVE;
  const double cv_t = row->arm[MV_T].sd / row->arm[MV_T].mean;
  const double cv_c = row->arm[MV_C].sd / row->arm[MV_C].mean;
  e->y = e->crude = log(row->arm[MV_T].mean / row->arm[MV_C].mean);
  if (context->correct) {
    e->y += (square(cv_t) / row->arm[MV_T].n - square(cv_c) / row->arm[MV_C].n) / 2;
  }
  e->by_mean[MV_T] = cv_t;
  e->by_mean[MV_C] = -cv_c;
  return MV_FINE;
}

/* Second order: Lajeunesse 2015, eq. 9. */
static double rom_ls2(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)row, (void)set;
  const double t = square(e->by_mean[MV_T]) / n[MV_T];
  const double c = square(e->by_mean[MV_C]) / n[MV_C];
  return t + c + (square(t) + square(c)) / 2;
}

static double rom_pooled(const mv_row *row, const double *n, const mv_effect *e,
                         const mv_set *set) {
  (void)e, (void)set;
  const double by_mean = 1 / (n[MV_T] * square(row->arm[MV_T].mean)) +
                         1 / (n[MV_C] * square(row->arm[MV_C].mean));
  return pooled_variance(row->arm) * by_mean;
}

/* Mean CV of each arm over the set, weighted by n: Nakagawa et al. 2023, Ecol Lett
 * 26:232. */
static void rom_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  set->sum[0] += row->arm[MV_T].n * e->by_mean[MV_T];
  set->sum[1] += row->arm[MV_T].n;
  set->sum[2] -= row->arm[MV_C].n * e->by_mean[MV_C];
  set->sum[3] += row->arm[MV_C].n;
}

static double rom_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)e;
  const double cv_t = set->sum[0] / set->sum[1], cv_c = set->sum[2] / set->sum[3];
  return square(cv_t) / n[MV_T] + square(cv_c) / n[MV_C];
}

static double rom_avho(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)row, (void)e;
  const double cv = (set->sum[0] + set->sum[2]) / (set->sum[1] + set->sum[3]);
  return square(cv) * total_weight(n);
}

/* Geary's test that a mean is far enough from zero for a ratio: Lajeunesse 2015, eq. 13.
 */
static int mean_far_from_zero(const mv_arm *arm) {
  const double n = arm->n;
  return arm->mean * 4 * n * sqrt(n) >= 3 * arm->sd * (1 + 4 * n);
}

static mv_reason rom_doubt(const mv_row *row, int worse) {
  (void)worse;
  const int fine =
      mean_far_from_zero(&row->arm[MV_T]) && mean_far_from_zero(&row->arm[MV_C]);
  return fine ? MV_FINE : MV_MEAN_NEAR_ZERO;
}

/* ---- the tables; the first form of a measure is its default ---- */

static const mv_measure measures[] = {
    {"MD", &mv_kind_means, 2, "raw", md, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD", &mv_kind_means, 2, "sd", smd, NULL, NULL, MV_TAKES_LOGS, 0},
    {"ROM", &mv_kind_means, 2, "log", rom, rom_doubt, NULL, MV_RATIO, 0},
};

static const mv_form forms[] = {
    {"MD", "LS", 2, delta, NULL},         {"MD", "HO", 2, md_pooled, NULL},
    {"SMD", "LS", 2, smd_ls, NULL},       {"SMD", "LS2", 2, smd_ls2, NULL},
    {"SMD", "LS3", 2, smd_revman, NULL},  {"SMD", "UB", 2, smd_ub, NULL},
    {"SMD", "AV", 2, smd_av, smd_gather}, {"SMD", "H0", 2, smd_h0, NULL},
    {"ROM", "LS", 2, delta, NULL},        {"ROM", "LS2", 2, rom_ls2, NULL},
    {"ROM", "AV", 2, rom_av, rom_gather}, {"ROM", "AVHO", 2, rom_avho, rom_gather},
    {"ROM", "HO", 2, rom_pooled, NULL},
};

const mv_family mv_means = {measures, sizeof measures / sizeof *measures, forms,
                            sizeof forms / sizeof *forms};
