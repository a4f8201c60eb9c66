/* The log ratio of two arms' means, ROM, and its variance forms. */
#include "effect_parts.h"

/* Means of logs have no second order: their difference is the estimate itself. */
static double rom_ls2(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  if (row->extra[MV_LOGS] == 1) return mv_delta(row, n, e, set);
  return mv_second_order(row, n, e, set);
}

static double rom_pooled(const mv_row *row, const double *n, const mv_effect *e,
                         const mv_set *set) {
  (void)e, (void)set;
  const double pooled = mv_pooled_variance(row, MV_BOTH);
  if (row->extra[MV_LOGS] == 1) return pooled * mv_total_weight(n);
  const double by_mean = 1 / (n[MV_T] * mv_square(row->arm[MV_T].mean)) +
                         1 / (n[MV_C] * mv_square(row->arm[MV_C].mean));
  return pooled * by_mean;
}

/* Mean CV of each arm over the set, weighted by n: Nakagawa et al. 2023, Ecol Lett
 * 26:232. An SD of logs serves as a CV. */
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
  return mv_square(cv_t) / n[MV_T] + mv_square(cv_c) / n[MV_C];
}

static double rom_avho(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)row, (void)e;
  const double cv = (set->sum[0] + set->sum[2]) / (set->sum[1] + set->sum[3]);
  return mv_square(cv) * mv_total_weight(n);
}

/* ---- the tables; the first form of a measure is its default ---- */

static const mv_measure measures[] = {
    {"ROM", &mv_kind_means, 2, "log", mv_log_ratio, mv_doubt_pair, NULL,
     MV_RATIO | MV_TAKES_LOGS, 0},
};

static const mv_form forms[] = {
    {"ROM", "LS", 2, mv_delta, NULL},     {"ROM", "LS2", 2, rom_ls2, NULL},
    {"ROM", "AV", 2, rom_av, rom_gather}, {"ROM", "AVHO", 2, rom_avho, rom_gather},
    {"ROM", "HO", 2, rom_pooled, NULL},
};

const mv_family mv_ratios = {measures, sizeof measures / sizeof *measures, forms,
                             sizeof forms / sizeof *forms};
