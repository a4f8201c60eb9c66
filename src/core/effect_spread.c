/* Ratios of two arms' spread: VR of their SDs, CVR of their coefficients of variation. */
#include <math.h>

#include "effect_parts.h"

/* log(s_t/s_c), whose bias is that of -1/(2(n - 1)) in each log SD: Nakagawa et al. 2015,
 * Methods Ecol Evol 6:143, eq. 4; Senior et al. 2020, Res Synth Methods 11:553, eq. 5. */
static mv_reason vr(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_arm *t = &row->arm[MV_T], *c = &row->arm[MV_C];
  if (!(t->n >= 2 && c->n >= 2)) return MV_TOO_FEW_ANIMALS;
  if (!(t->sd > 0 && c->sd > 0)) return MV_SD_ZERO;
  e->y = e->crude = log(t->sd / c->sd);
  if (context->correct) e->y += (1 / (t->n - 1) - 1 / (c->n - 1)) / 2;
  e->by_log_sd[MV_T] = 1;
  e->by_log_sd[MV_C] = -1;
  return MV_FINE;
}

/* VR less ROM, each corrected: Senior et al. 2020, eq. 6. The ratio of CVs is taken
 * first, so that nearly equal CVs do not cancel. */
static mv_reason cvr(const mv_row *row, mv_context *context, mv_effect *e) {
  mv_effect means = {.factor = 1};
  mv_reason reason = vr(row, context, e);
  if (reason == MV_FINE) reason = mv_log_ratio(row, context, &means);
  if (reason != MV_FINE) return reason;
  const double cv_t = means.by_mean[MV_T], cv_c = -means.by_mean[MV_C];
  const double correction = (e->y - e->crude) - (means.y - means.crude);
  e->crude = log(cv_t / cv_c);
  e->y = e->crude + correction;
  e->by_mean[MV_T] = -cv_t;
  e->by_mean[MV_C] = cv_c;
  return MV_FINE;
}

static const mv_measure measures[] = {
    {"VR", &mv_kind_means, 2, "log", vr, NULL, NULL, MV_TAKES_LOGS, 0},
    {"CVR", &mv_kind_means, 2, "log", cvr, mv_doubt_pair, NULL, MV_RATIO, 0},
};

static const mv_form forms[] = {
    {"VR", "LS", 2, mv_delta, NULL},
    {"VR", "LS2", 2, mv_second_order, NULL},
    {"CVR", "LS", 2, mv_delta, NULL},
    {"CVR", "LS2", 2, mv_second_order, NULL},
};

const mv_family mv_spreads = {measures, sizeof measures / sizeof *measures, forms,
                              sizeof forms / sizeof *forms};
