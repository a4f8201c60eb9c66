/* Rows of counts, rates, survival and correlations, and what the core makes of them. */
#ifndef EFFECT_COUNTS_H
#define EFFECT_COUNTS_H

#include <math.h>
#include <string.h>

#include "check.h"
#include "one_row.h"

static inline mv_row counts(double events_t, double n_t, double events_c, double n_c,
                            double added) {
  mv_row row = {0};
  row.arm[MV_T] = (mv_arm){.events = events_t, .n = n_t};
  row.arm[MV_C] = (mv_arm){.events = events_c, .n = n_c};
  row.extra[MV_ADDED] = added;
  return row;
}

static inline mv_row rates(double events_t, double time_t, double events_c, double time_c,
                           double added) {
  mv_row row = {0};
  row.arm[MV_T] = (mv_arm){.events = events_t, .exposure = time_t};
  row.arm[MV_C] = (mv_arm){.events = events_c, .exposure = time_c};
  row.extra[MV_ADDED] = added;
  return row;
}

/* Of twelve animals a group. */
static inline mv_row survival(double median_t, double deaths_t, double median_c,
                              double deaths_c, double shape) {
  mv_row row = {0};
  row.arm[MV_T] =
      (mv_arm){.median = median_t, .events = deaths_t, .n = 12, .log_se = NAN};
  row.arm[MV_C] =
      (mv_arm){.median = median_c, .events = deaths_c, .n = 12, .log_se = NAN};
  row.extra[MV_SHAPE] = shape;
  return row;
}

static inline mv_row correlation(double r, double n) {
  mv_row row = {0};
  row.arm[MV_T].n = n;
  row.extra[MV_R] = r;
  return row;
}

/* The row as a table of one. */
static inline mv_reason compute_row(const mv_row *row, const char *measure,
                                    const char *form, double *y, double *v) {
  kind_rows rows;
  clear_rows(&rows);
  for (int a = 0; a < MV_ARMS; a++) {
    const mv_arm *arm = &row->arm[a];
    rows.field[a][MV_N][0] = arm->n;
    rows.field[a][MV_EVENTS][0] = arm->events;
    rows.field[a][MV_EXPOSURE][0] = arm->exposure;
    rows.field[a][MV_MEDIAN][0] = arm->median;
    rows.field[a][MV_LOG_SE][0] = arm->log_se;
  }
  for (int e = 0; e < MV_EXTRAS; e++) rows.extra[e][0] = row->extra[e];
  const unsigned extras = 1u << MV_R | 1u << MV_ADDED | 1u << MV_SHAPE;
  const mv_effect_table table = kind_table(&rows, 1, extras);
  const mv_effect_rule rule = {mv_find_measure(measure), mv_find_form(measure, form), 1,
                               0.95};
  int reason;
  mv_set set;
  const mv_effect_columns out = {y, v, &reason, NULL, NULL, NAN};
  mv_effects_compute(&table, &rule, (mv_effects_work){&set}, out);
  return (mv_reason)reason;
}

static inline void effect_of(const mv_row *row, const char *measure, const char *form,
                             double want_y, double want_v) {
  double y, v;
  CHECK(compute_row(row, measure, form, &y, &v) == MV_FINE);
  CHECK_NEAR(y, want_y, 1e-14);
  CHECK_NEAR(v, want_v, 1e-14);
}

/* The reason by the measure's first form. */
static inline mv_reason why(const mv_row *row, const char *measure) {
  const char *form = NULL;
  for (int i = 0; !form; i++) {
    if (strcmp(mv_form_at(i)->measure, measure) == 0) form = mv_form_at(i)->name;
  }
  double y, v;
  return compute_row(row, measure, form, &y, &v);
}

/* What a group brings to the variance: also the covariance of two effects that share it.
 */
static inline double part_of(const mv_row *row, const char *measure, int a) {
  const mv_measure *m = mv_find_measure(measure);
  mv_context context = {.correct = 1};
  mv_effect e = {.factor = 1};
  if (m->effect(row, &context, &e) != MV_FINE) return NAN;
  return e.by_mean[a] * e.by_mean[a] / m->kind->size(row, a);
}

#endif
