/* Effect measures of counts, animals with the event among n: RR, OR, RD, AS, PETO of two
 * groups; PR, PLN, PLO, PAS, PFT of one. Cochrane Handbook 10.4; Yusuf et al. 1985, Prog
 * Cardiovasc Dis 27:335 (PETO); Ruecker et al. 2009, Stat Med 28:721 (AS); Freeman &
 * Tukey 1950, Ann Math Stat 21:607 (PFT).
 *
 * An animal with the event in proportion p has SD sqrt(p (1 - p)): so by_mean =
 * sqrt(p (1 - p)) dy/dp, and by_mean^2 over the size n + 2 added is the part of the
 * variance that the group brings. */
#include <math.h>

#include "effect_events.h"
#include "square.h"

/* The cells of a group with what is added to each, and their sum. */
typedef struct {
  double event, none, all;
} cells;

static cells cells_of(const mv_row *row, int a) {
  const mv_arm *arm = &row->arm[a];
  const double added = row->extra[MV_ADDED];
  return (cells){arm->events + added, (arm->n - arm->events) + added, arm->n + 2 * added};
}

static double raw_proportion(const mv_arm *arm) { return arm->events / arm->n; }

/* The SD of an event, and the same times the derivative of log(p) and of the logit. */
static double sd_raw(cells x) { return sqrt((x.event / x.all) * (x.none / x.all)); }
static double sd_log(cells x) { return sqrt(x.none / x.event); }
static double sd_logit(cells x) { return sqrt((x.all / x.event) * (x.all / x.none)); }

/* ---- two groups ---- */

static mv_reason rr(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const cells t = cells_of(row, MV_T), c = cells_of(row, MV_C);
  if (t.event == 0 || c.event == 0) return MV_ZERO_CELL;
  const double ratio = (t.event / t.all) / (c.event / c.all);
  return mv_put_effect(e, log(ratio), sd_log(t), -sd_log(c));
}

static mv_reason odds_ratio(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const cells t = cells_of(row, MV_T), c = cells_of(row, MV_C);
  if (t.event == 0 || c.event == 0 || t.none == 0 || c.none == 0) return MV_ZERO_CELL;
  const double ratio = (t.event / t.none) / (c.event / c.none);
  return mv_put_effect(e, log(ratio), sd_logit(t), -sd_logit(c));
}

/* The estimate has no need of the addition, which would pull it towards 0; its variance
 * has, where a proportion is 0 or 1. */
static mv_reason rd(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double y = raw_proportion(&row->arm[MV_T]) - raw_proportion(&row->arm[MV_C]);
  return mv_put_effect(e, y, sd_raw(cells_of(row, MV_T)), -sd_raw(cells_of(row, MV_C)));
}

static double angle(const mv_arm *arm) { return asin(sqrt(raw_proportion(arm))); }

/* sqrt(p (1 - p)) d asin(sqrt(p))/dp is 1/2 whatever p is. */
static mv_reason as(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return mv_put_effect(e, angle(&row->arm[MV_T]) - angle(&row->arm[MV_C]), 0.5, -0.5);
}

/* y = (O - E)/V and variance 1/V, V hypergeometric at the proportion p of both groups:
 *   V = n_t n_c p (1 - p) / (N - 1),  1/V = (1/n_t + 1/n_c) (N - 1) / (N p (1 - p)).
 * With d = p_t - p_c, O - E = n_t n_c d / N, so that y = d (N - 1) / (N p (1 - p)). */
static mv_reason peto(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const mv_arm *t = &row->arm[MV_T], *c = &row->arm[MV_C];
  const double all = t->n + c->n, events = t->events + c->events;
  const double p = events / all, q = ((t->n - t->events) + (c->n - c->events)) / all;
  if (p == 0 || q == 0) return MV_NO_INFORMATION;
  const double inverse = (all - 1) / (all * p * q), by = sqrt(inverse);
  return mv_put_effect(e, (raw_proportion(t) - raw_proportion(c)) * inverse, by, -by);
}

/* ---- one group ---- */

static mv_reason pr(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const cells x = cells_of(row, MV_T);
  return mv_put_effect(e, x.event / x.all, sd_raw(x), 0);
}

static mv_reason pln(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const cells x = cells_of(row, MV_T);
  if (x.event == 0) return MV_ZERO_CELL;
  return mv_put_effect(e, log(x.event / x.all), sd_log(x), 0);
}

static mv_reason plo(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const cells x = cells_of(row, MV_T);
  if (x.event == 0 || x.none == 0) return MV_ZERO_CELL;
  return mv_put_effect(e, log(x.event / x.none), sd_logit(x), 0);
}

static mv_reason pas(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return mv_put_effect(e, angle(&row->arm[MV_T]), 0.5, 0);
}

/* The variance is 1/(4 n + 2): by_mean is what gives it. */
static mv_reason pft(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double x = row->arm[MV_T].events, n = row->arm[MV_T].n;
  const double y = (asin(sqrt(x / (n + 1))) + asin(sqrt((x + 1) / (n + 1)))) / 2;
  return mv_put_effect(e, y, sqrt(n / (4 * n + 2)), 0);
}

/* ---- variances ---- */

/* Unbiased: p (1 - p) / (n - 1). */
static double unbiased(double by_mean, double n) {
  return n > 1 ? mv_square(by_mean) / (n - 1) : NAN;
}

static double pr_ub(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  (void)row, (void)set;
  return unbiased(e->by_mean[MV_T], n[MV_T]);
}

static double rd_ub(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  (void)row, (void)set;
  return unbiased(e->by_mean[MV_T], n[MV_T]) + unbiased(e->by_mean[MV_C], n[MV_C]);
}

/* The proportion of each arm over the set: an effect and its own variance go together in
 * small groups, and these variances do not follow the effect. */
static void gather_one(const mv_row *row, const mv_effect *e, mv_set *set) {
  (void)e;
  const cells t = cells_of(row, MV_T);
  set->sum[0] += t.event;
  set->sum[1] += t.all;
}

static void gather_two(const mv_row *row, const mv_effect *e, mv_set *set) {
  gather_one(row, e, set);
  const cells c = cells_of(row, MV_C);
  set->sum[2] += c.event;
  set->sum[3] += c.all;
}

static cells mean_cells(const mv_set *set, int a) {
  const double event = set->sum[2 * a], all = set->sum[2 * a + 1];
  return (cells){event, all - event, all};
}

static double pr_av(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  (void)row, (void)e;
  return mv_square(sd_raw(mean_cells(set, MV_T))) / n[MV_T];
}

static double pln_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)e;
  return mv_square(sd_log(mean_cells(set, MV_T))) / n[MV_T];
}

static double plo_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)e;
  return mv_square(sd_logit(mean_cells(set, MV_T))) / n[MV_T];
}

static double rd_av(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  return pr_av(row, n, e, set) + mv_square(sd_raw(mean_cells(set, MV_C))) / n[MV_C];
}

static double rr_av(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  return pln_av(row, n, e, set) + mv_square(sd_log(mean_cells(set, MV_C))) / n[MV_C];
}

static double or_av(const mv_row *row, const double *n, const mv_effect *e,
                    const mv_set *set) {
  return plo_av(row, n, e, set) + mv_square(sd_logit(mean_cells(set, MV_C))) / n[MV_C];
}

/* ---- the tables; the first form of a measure is its default ---- */

static const mv_measure measures[] = {
    {"RR", &mv_kind_counts, 2, "log", rr, NULL, NULL, 0, 0},
    {"OR", &mv_kind_counts, 2, "log", odds_ratio, NULL, NULL, 0, 0},
    {"RD", &mv_kind_counts, 2, "difference", rd, NULL, NULL, 0, 0},
    {"AS", &mv_kind_counts, 2, "arcsine_difference", as, NULL, NULL, MV_KEEPS_CELLS, 0},
    {"PETO", &mv_kind_counts, 2, "log", peto, NULL, NULL, MV_KEEPS_CELLS, 0},
    {"PR", &mv_kind_counts, 1, "proportion", pr, NULL, NULL, 0, 0},
    {"PLN", &mv_kind_counts, 1, "log", pln, NULL, NULL, 0, 0},
    {"PLO", &mv_kind_counts, 1, "logit", plo, NULL, NULL, 0, 0},
    {"PAS", &mv_kind_counts, 1, "arcsine", pas, NULL, NULL, MV_KEEPS_CELLS, 0},
    {"PFT", &mv_kind_counts, 1, "freeman_tukey", pft, NULL, NULL, MV_KEEPS_CELLS, 0},
};

static const mv_form forms[] = {
    {"RR", "LS", 2, mv_delta_two, NULL},   {"RR", "AV", 2, rr_av, gather_two},
    {"OR", "LS", 2, mv_delta_two, NULL},   {"OR", "AV", 2, or_av, gather_two},
    {"RD", "LS", 2, mv_delta_two, NULL},   {"RD", "UB", 2, rd_ub, NULL},
    {"RD", "AV", 2, rd_av, gather_two},    {"AS", "LS", 2, mv_delta_two, NULL},
    {"PETO", "LS", 2, mv_delta_two, NULL}, {"PR", "LS", 1, mv_delta_one, NULL},
    {"PR", "UB", 1, pr_ub, NULL},          {"PR", "AV", 1, pr_av, gather_one},
    {"PLN", "LS", 1, mv_delta_one, NULL},  {"PLN", "AV", 1, pln_av, gather_one},
    {"PLO", "LS", 1, mv_delta_one, NULL},  {"PLO", "AV", 1, plo_av, gather_one},
    {"PAS", "LS", 1, mv_delta_one, NULL},  {"PFT", "LS", 1, mv_delta_one, NULL},
};

const mv_family mv_counts = {measures, sizeof measures / sizeof *measures, forms,
                             sizeof forms / sizeof *forms};
