/* Change of the same animals between two readings that correlate by r: the treated arm is
 * the second reading, the control the first; both have the same n. */
#include <math.h>

#include "effect_parts.h"

/* Variance of the changes, s_t^2 + s_c^2 - 2 r s_t s_c, so written that it does not
 * cancel where r is near 1. */
static double change_variance(double s_t, double s_c, double r) {
  return mv_square(s_t - s_c) + 2 * (1 - r) * s_t * s_c;
}

static double of_changes(const mv_row *row) {
  return change_variance(row->arm[MV_T].sd, row->arm[MV_C].sd, row->extra[MV_R]);
}

/* The gradient of a change would need the covariance of its readings: there is none. */
static void drop_gradient(mv_effect *e) {
  for (int a = 0; a < MV_ARMS; a++) e->by_mean[a] = e->by_log_sd[a] = 0;
}

static mv_reason mc(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_reason reason = mv_difference(row, context, e);
  drop_gradient(e);
  return reason;
}

static double mc_variance(const mv_row *row, const double *n, const mv_effect *e,
                          const mv_set *set) {
  (void)e, (void)set;
  return of_changes(row) / n[MV_T];
}

/* ---- standardised changes: J has n - 1 degrees of freedom ---- */

static mv_reason standardise(const mv_row *row, double sd, mv_context *context,
                             mv_effect *e) {
  const double q = row->arm[MV_T].n - 1;
  if (!(q > 1)) return MV_TOO_FEW_ANIMALS;
  if (!(sd > 0)) return MV_SD_ZERO;
  e->crude = (row->arm[MV_T].mean - row->arm[MV_C].mean) / sd;
  e->factor = mv_factor(context, q);
  e->y = e->factor * e->crude;
  return MV_FINE;
}

/* Over the SD of the changes: Gibbons, Hedeker & Davis 1993, J Educ Stat 18:271. */
static mv_reason smcc(const mv_row *row, mv_context *context, mv_effect *e) {
  return standardise(row, sqrt(of_changes(row)), context, e);
}

/* Over the SD of the first reading: Becker 1988, Br J Math Stat Psychol 41:257. */
static mv_reason smcr(const mv_row *row, mv_context *context, mv_effect *e) {
  return standardise(row, row->arm[MV_C].sd, context, e);
}

static double smcc_ls(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)row, (void)set;
  return (1 + mv_square(e->y) / 2) / n[MV_T];
}

static double smcc_ls2(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)row, (void)set;
  return mv_square(e->factor) * (1 + mv_square(e->crude) / 2) / n[MV_T];
}

static double smcr_ls(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)set;
  return (2 * (1 - row->extra[MV_R]) + mv_square(e->y) / 2) / n[MV_T];
}

static double smcr_ls2(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)set;
  const double of_d = 2 * (1 - row->extra[MV_R]) + mv_square(e->crude) / 2;
  return mv_square(e->factor) * of_d / n[MV_T];
}

/* Each reading with an SD of its own: Bonett 2008, Psychol Methods 13:99. */
static double smcrh_by(const mv_row *row, const mv_effect *e, double n) {
  const double changes = of_changes(row) / mv_square(row->arm[MV_C].sd);
  return (changes + mv_square(e->y) / 2) / n;
}

static double smcrh_ls(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  (void)set;
  return smcrh_by(row, e, n[MV_T] - 1);
}

static double smcrh_ls2(const mv_row *row, const double *n, const mv_effect *e,
                        const mv_set *set) {
  (void)set;
  return smcrh_by(row, e, n[MV_T]);
}

/* ---- the log ratio: Lajeunesse 2011, Ecology 92:2049 ---- */

static mv_reason romc(const mv_row *row, mv_context *context, mv_effect *e) {
  const mv_reason reason = mv_log_ratio(row, context, e);
  drop_gradient(e);
  return reason;
}

/* CVs, or SDs of logs: what a log mean has as its SD. */
static double log_sd(const mv_row *row, int arm) {
  const mv_arm *a = &row->arm[arm];
  return row->extra[MV_LOGS] == 1 ? a->sd : a->sd / a->mean;
}

static double romc_ls(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)e, (void)set;
  return change_variance(log_sd(row, MV_T), log_sd(row, MV_C), row->extra[MV_R]) /
         n[MV_T];
}

/* Second order: the squares of two readings correlate by r^2. */
static double romc_ls2(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set) {
  const double first = romc_ls(row, n, e, set);
  if (row->extra[MV_LOGS] == 1) return first;
  const double t = mv_square(log_sd(row, MV_T)), c = mv_square(log_sd(row, MV_C));
  const double of_squares = change_variance(t, c, mv_square(row->extra[MV_R]));
  return first + of_squares / (2 * mv_square(n[MV_T]));
}

enum {
  PLAIN = MV_PAIRED | MV_NO_GRADIENT | MV_TAKES_LOGS,
  READINGS = 1u << MV_R /* the extra that all of them read */
};

static const mv_measure measures[] = {
    {"MC", &mv_kind_means, 2, "raw", mc, NULL, NULL, PLAIN, READINGS},
    {"SMCC", &mv_kind_means, 2, "sd", smcc, NULL, NULL, PLAIN, READINGS},
    {"SMCR", &mv_kind_means, 2, "sd", smcr, NULL, NULL, PLAIN, READINGS},
    {"SMCRH", &mv_kind_means, 2, "sd", smcr, NULL, NULL, PLAIN, READINGS},
    {"ROMC", &mv_kind_means, 2, "log", romc, mv_doubt_pair, NULL, PLAIN | MV_RATIO,
     READINGS},
};

static const mv_form forms[] = {
    {"MC", "LS", 2, mc_variance, NULL},   {"SMCC", "LS", 2, smcc_ls, NULL},
    {"SMCC", "LS2", 2, smcc_ls2, NULL},   {"SMCR", "LS", 2, smcr_ls, NULL},
    {"SMCR", "LS2", 2, smcr_ls2, NULL},   {"SMCRH", "LS", 2, smcrh_ls, NULL},
    {"SMCRH", "LS2", 2, smcrh_ls2, NULL}, {"ROMC", "LS", 2, romc_ls, NULL},
    {"ROMC", "LS2", 2, romc_ls2, NULL},
};

const mv_family mv_paired = {measures, sizeof measures / sizeof *measures, forms,
                             sizeof forms / sizeof *forms};
