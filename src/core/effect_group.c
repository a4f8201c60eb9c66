/* One group by itself, as the treated arm: its mean (MN), log mean (MNLN), log SD (SDLN)
 * and log coefficient of variation (CVLN). Nakagawa et al. 2015, Methods Ecol Evol 6:143.
 */
#include <math.h>

#include "effect_parts.h"

static mv_reason mn(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  e->y = e->crude = row->arm[MV_T].mean;
  e->by_mean[MV_T] = row->arm[MV_T].sd;
  return MV_FINE;
}

/* Not corrected, as is the habit. */
static mv_reason mnln(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_arm *arm = &row->arm[MV_T];
  if (row->extra[MV_LOGS] == 1) return mn(row, context, e);
  if (!(arm->mean > 0)) return MV_MEAN_NOT_POSITIVE;
  e->y = e->crude = log(arm->mean);
  e->by_mean[MV_T] = arm->sd / arm->mean;
  return MV_FINE;
}

static mv_reason log_spread(const mv_arm *arm, double spread, mv_context *context,
                            mv_effect *e) {
  if (!(arm->n >= 2)) return MV_TOO_FEW_ANIMALS;
  if (!(arm->sd > 0)) return MV_SD_ZERO;
  e->y = e->crude = log(spread);
  if (context->correct) e->y += 1 / (2 * (arm->n - 1));
  e->by_log_sd[MV_T] = 1;
  return MV_FINE;
}

static mv_reason sdln(const mv_row *row, mv_context *context, mv_effect *e) {
  return log_spread(&row->arm[MV_T], row->arm[MV_T].sd, context, e);
}

static mv_reason cvln(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_arm *arm = &row->arm[MV_T];
  if (!(arm->mean > 0)) return MV_MEAN_NOT_POSITIVE;
  e->by_mean[MV_T] = -arm->sd / arm->mean;
  return log_spread(arm, arm->sd / arm->mean, context, e);
}

static mv_reason doubt(const mv_row *row, int worse) {
  (void)worse;
  return mv_doubt_means(row, 1);
}

/* One SD for all groups of a set. */
static void mn_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  (void)e;
  const double df = row->arm[MV_T].n - 1;
  set->sum[0] += df * mv_square(row->arm[MV_T].sd);
  set->sum[1] += df;
}

static double mn_pooled(const mv_row *row, const double *n, const mv_effect *e,
                        const mv_set *set) {
  (void)row, (void)e;
  return set->sum[0] / set->sum[1] / n[MV_T];
}

static const mv_measure measures[] = {
    {"MN", &mv_kind_means, 1, "raw", mn, NULL, NULL, MV_TAKES_LOGS, 0},
    {"MNLN", &mv_kind_means, 1, "log", mnln, doubt, NULL, MV_RATIO | MV_TAKES_LOGS, 0},
    {"SDLN", &mv_kind_means, 1, "log", sdln, NULL, NULL, MV_TAKES_LOGS, 0},
    {"CVLN", &mv_kind_means, 1, "log", cvln, doubt, NULL, MV_RATIO, 0},
};

static const mv_form forms[] = {
    {"MN", "LS", 1, mv_delta, NULL},   {"MN", "HO", 1, mn_pooled, mn_gather},
    {"MNLN", "LS", 1, mv_delta, NULL}, {"SDLN", "LS", 1, mv_delta, NULL},
    {"CVLN", "LS", 1, mv_delta, NULL},
};

const mv_family mv_one_group = {measures, sizeof measures / sizeof *measures, forms,
                                sizeof forms / sizeof *forms};
