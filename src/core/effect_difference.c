/* Differences of two arms' means: MD as it is, and over a standard deviation, SMD (the
 * pooled one), SMD1 and SMD1H (the control's), SMDH (the root of the mean variance). */
#include <math.h>

#include "effect_parts.h"

static double mean_difference(const mv_row *row) {
  return row->arm[MV_T].mean - row->arm[MV_C].mean;
}

/* The arms have one SD: so by_mean is per that SD. */
static void unit_gradient(mv_effect *e) {
  e->by_mean[MV_T] = 1;
  e->by_mean[MV_C] = -1;
}

/* Hedges' g: Hedges 1981, J Educ Stat 6:107. */
static mv_reason smd(const mv_row *row, mv_context *context, mv_effect *e) {
  unit_gradient(e);
  return mv_standardise(row, mean_difference(row), MV_BOTH, context, e);
}

/* Glass' delta: the SD, with n_c - 1 degrees of freedom, is the control's; its
 * large-sample variance takes the treated arm to have the same. */
static mv_reason smd1(const mv_row *row, mv_context *context, mv_effect *e) {
  unit_gradient(e);
  return mv_standardise(row, mean_difference(row), MV_CONTROL_ONLY, context, e);
}

/* The same where the treated arm has an SD of its own. */
static mv_reason smd1h(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_reason reason = smd1(row, context, e);
  if (reason == MV_FINE) e->by_mean[MV_T] = row->arm[MV_T].sd / row->arm[MV_C].sd;
  return reason;
}

/* Bonett 2008, Psychol Methods 13:99: s^2 = (s_t^2 + s_c^2)/2, so dlog(s)/dlog(s_a) =
 * s_a^2/(2 s^2). Corrected by J(N - 2). */
static mv_reason smdh(const mv_row *row, mv_context *context, mv_effect *e) {
  const double q = mv_pooled_df(row, MV_BOTH);
  if (!(q > 1)) return MV_TOO_FEW_ANIMALS;
  const double of_t = mv_square(row->arm[MV_T].sd), of_c = mv_square(row->arm[MV_C].sd);
  const double mean = (of_t + of_c) / 2;
  if (!(mean > 0)) return MV_SD_ZERO;
  e->crude = mean_difference(row) / sqrt(mean);
  e->factor = mv_factor(context, q);
  e->y = e->factor * e->crude;
  e->by_mean[MV_T] = sqrt(of_t / mean);
  e->by_mean[MV_C] = -sqrt(of_c / mean);
  e->by_log_sd[MV_T] = -e->y * of_t / (2 * mean);
  e->by_log_sd[MV_C] = -e->y * of_c / (2 * mean);
  return MV_FINE;
}

/* g^2 (s_t^4/(n_t - 1) + s_c^4/(n_c - 1))/(8 s^4) + (s_t^2/(n_t - 1) + s_c^2/(n_c -
 * 1))/s^2: Bonett 2008, eq. 9. Of SMD1H: s_t^2/(s_c^2 (n_t - 1)) + 1/(n_c - 1) +
 * g^2/(2(n_c - 1)). */
static double less_one(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)row, (void)set;
  return mv_gradient_variance(n, e, 1, 1);
}

/* The same with n in place of n - 1. */
static double whole_n(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)row, (void)set;
  return mv_gradient_variance(n, e, 0, 0);
}

/* MD with one SD in both arms. */
static double md_pooled(const mv_row *row, const double *n, const mv_effect *e,
                        const mv_set *set) {
  (void)e, (void)set;
  return mv_pooled_variance(row, MV_BOTH) * mv_total_weight(n);
}

static const mv_measure measures[] = {
    {"MD", &mv_kind_means, 2, "raw", mv_difference, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD", &mv_kind_means, 2, "sd", smd, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMDH", &mv_kind_means, 2, "sd", smdh, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD1", &mv_kind_means, 2, "sd", smd1, NULL, NULL, MV_TAKES_LOGS, 0},
    {"SMD1H", &mv_kind_means, 2, "sd", smd1h, NULL, NULL, MV_TAKES_LOGS, 0},
};

static const mv_form forms[] = {
    {"MD", "LS", 2, mv_delta, NULL},
    {"MD", "HO", 2, md_pooled, NULL},
    {"SMD", "LS", 2, mv_smd_ls, NULL},
    {"SMD", "LS2", 2, mv_smd_ls2, NULL},
    {"SMD", "LS3", 2, mv_smd_ls3, NULL},
    {"SMD", "UB", 2, mv_smd_ub, NULL},
    {"SMD", "AV", 2, mv_smd_av, mv_smd_gather},
    {"SMD", "H0", 2, mv_smd_h0, NULL},
    {"SMDH", "LS", 2, less_one, NULL},
    {"SMDH", "LS2", 2, whole_n, NULL},
    {"SMDH", "LS3", 2, mv_delta, NULL},
    {"SMD1", "LS", 2, mv_smd_ls, NULL},
    {"SMD1", "LS2", 2, mv_smd_ls2, NULL},
    {"SMD1", "LS3", 2, mv_smd_ls3, NULL},
    {"SMD1", "UB", 2, mv_smd_ub, NULL},
    {"SMD1", "AV", 2, mv_smd_av, mv_smd_gather},
    {"SMD1", "H0", 2, mv_smd_h0, NULL},
    {"SMD1H", "LS", 2, less_one, NULL},
};

const mv_family mv_differences = {measures, sizeof measures / sizeof *measures, forms,
                                  sizeof forms / sizeof *forms};
