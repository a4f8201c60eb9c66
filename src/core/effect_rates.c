/* Effect measures of rates, events in a time at risk: IRR, IRD, IRSD of two groups; IR,
 * IRLN, IRS, IRFT of one. Rothman, Greenland & Lash 2008, Modern Epidemiology, ch 14;
 * Bagos & Nikolopoulos 2009, Int J Biostat 5(1) (IRSD); Freeman & Tukey 1950, Ann Math
 * Stat 21:607 (IRFT).
 *
 * Events are Poisson: a rate has variance rate / time, so by_mean = sqrt(rate) dy/drate,
 * and by_mean^2 over the time is the part of the variance that the group brings. */
#include <math.h>

#include "effect_events.h"

static double raw_rate(const mv_arm *arm) { return arm->events / arm->exposure; }

/* With what is added to the events. */
static double rate_of(const mv_row *row, int a) {
  return (row->arm[a].events + row->extra[MV_ADDED]) / row->arm[a].exposure;
}

static int has_no_event(const mv_row *row, int a) {
  return row->arm[a].events + row->extra[MV_ADDED] == 0;
}

/* ---- two groups ---- */

static mv_reason irr(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  if (has_no_event(row, MV_T) || has_no_event(row, MV_C)) return MV_ZERO_CELL;
  const double t = rate_of(row, MV_T), c = rate_of(row, MV_C);
  return mv_put_effect(e, log(t / c), 1 / sqrt(t), -1 / sqrt(c));
}

/* As with RD, the addition enters the variance only. */
static mv_reason ird(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double y = raw_rate(&row->arm[MV_T]) - raw_rate(&row->arm[MV_C]);
  return mv_put_effect(e, y, sqrt(rate_of(row, MV_T)), -sqrt(rate_of(row, MV_C)));
}

/* sqrt(rate) d sqrt(rate)/drate is 1/2 whatever the rate is. */
static mv_reason irsd(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double t = raw_rate(&row->arm[MV_T]), c = raw_rate(&row->arm[MV_C]);
  return mv_put_effect(e, sqrt(t) - sqrt(c), 0.5, -0.5);
}

/* ---- one group ---- */

static mv_reason ir(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double rate = rate_of(row, MV_T);
  return mv_put_effect(e, rate, sqrt(rate), 0);
}

static mv_reason irln(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  if (has_no_event(row, MV_T)) return MV_ZERO_CELL;
  const double rate = rate_of(row, MV_T);
  return mv_put_effect(e, log(rate), 1 / sqrt(rate), 0);
}

static mv_reason irs(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  return mv_put_effect(e, sqrt(raw_rate(&row->arm[MV_T])), 0.5, 0);
}

static mv_reason irft(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double x = row->arm[MV_T].events, time = row->arm[MV_T].exposure;
  return mv_put_effect(e, (sqrt(x / time) + sqrt((x + 1) / time)) / 2, 0.5, 0);
}

/* ---- the tables ---- */

static const mv_measure measures[] = {
    {"IRR", &mv_kind_rates, 2, "log", irr, NULL, NULL, 0, 0},
    {"IRD", &mv_kind_rates, 2, "difference", ird, NULL, NULL, 0, 0},
    {"IRSD", &mv_kind_rates, 2, "root_difference", irsd, NULL, NULL, MV_KEEPS_CELLS, 0},
    {"IR", &mv_kind_rates, 1, "rate", ir, NULL, NULL, 0, 0},
    {"IRLN", &mv_kind_rates, 1, "log", irln, NULL, NULL, 0, 0},
    {"IRS", &mv_kind_rates, 1, "root", irs, NULL, NULL, MV_KEEPS_CELLS, 0},
    {"IRFT", &mv_kind_rates, 1, "freeman_tukey_rate", irft, NULL, NULL, MV_KEEPS_CELLS,
     0},
};

static const mv_form forms[] = {
    {"IRR", "LS", 2, mv_delta_two, NULL},  {"IRD", "LS", 2, mv_delta_two, NULL},
    {"IRSD", "LS", 2, mv_delta_two, NULL}, {"IR", "LS", 1, mv_delta_one, NULL},
    {"IRLN", "LS", 1, mv_delta_one, NULL}, {"IRS", "LS", 1, mv_delta_one, NULL},
    {"IRFT", "LS", 1, mv_delta_one, NULL},
};

const mv_family mv_rates = {measures, sizeof measures / sizeof *measures, forms,
                            sizeof forms / sizeof *forms};
