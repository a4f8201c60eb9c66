#include "arms.h"

#include <math.h>

const char *mv_field_name(int field) {
  static const char *const names[MV_FIELDS] = {
      [MV_N] = "n",           [MV_MEAN] = "mean",         [MV_SD] = "sd",
      [MV_EVENTS] = "events", [MV_EXPOSURE] = "exposure", [MV_MEDIAN] = "median",
      [MV_LOG_SE] = "log_se",
  };
  return names[field];
}

const char *mv_extra_name(int extra) {
  static const char *const names[MV_EXTRAS] = {
      [MV_R] = "r",
      [MV_ADDED] = "added",
      [MV_SHAPE] = "shape",
      [MV_MAXIMUM] = "maximum",
      [MV_LOGS] = "log_scale",
      [MV_ZERO_SCALE] = "ratio_scale",
  };
  return names[extra];
}

/* What an absent column stands for: nothing added, no logs, exponential survival; the
 * rest is not known. */
static const double absent_extra[MV_EXTRAS] = {
    [MV_R] = NAN, [MV_SHAPE] = 1, [MV_MAXIMUM] = NAN, [MV_ZERO_SCALE] = NAN};

static double cell(const double *column, ptrdiff_t at) {
  return column ? column[at] : NAN;
}

static mv_reason lacking(int arm) {
  if (arm == MV_C) return MV_NO_CONTROL;
  return arm == MV_S ? MV_NO_SHAM : MV_NO_PARTNER;
}

/* ---- means ---- */

/* A sham with SD 0 is a declared value: it needs no animals. */
static mv_reason why_mean(const mv_arm *arm, int role, int spread) {
  if (isnan(arm->mean)) return MV_MEAN_MISSING;
  if (!isfinite(arm->mean)) return MV_NOT_USABLE;
  if (role >= spread) return MV_FINE;
  const int declared = role == MV_S && spread <= MV_B && arm->sd == 0;
  if (declared) return MV_FINE;
  if (isnan(arm->n)) return MV_N_MISSING; /* first: an SEM without n has no SD either */
  if (isnan(arm->sd)) return MV_SD_MISSING;
  const int usable = arm->n >= 1 && isfinite(arm->n) && arm->sd >= 0 && isfinite(arm->sd);
  return usable ? MV_FINE : MV_NOT_USABLE;
}

static int absent_mean(const mv_arm *arm, int role) {
  if (!isnan(arm->mean)) return 0;
  return role > MV_C || (role == MV_C && isnan(arm->n) && isnan(arm->sd));
}

static mv_reason why_means(const mv_arm *arm, int arms, int spread) {
  for (int a = 0; a < arms; a++) {
    if (absent_mean(&arm[a], a)) return arms > MV_B ? MV_NO_PARTNER : lacking(a);
  }
  for (int a = 0; a < arms; a++) {
    const mv_reason reason = why_mean(&arm[a], a, spread);
    if (reason != MV_FINE) return reason;
  }
  return MV_FINE;
}

/* The first test passes nearly every row and fails on NaN. */
static mv_reason take_means(const mv_arm_table *table, ptrdiff_t at, int arms, int spread,
                            mv_row *row) {
  int good = 1;
  for (int a = 0; a < arms; a++) {
    const double *const *field = table->field[a];
    const double n = field[MV_N][at], mean = field[MV_MEAN][at], sd = field[MV_SD][at];
    good &=
        (n >= 1) & (n < INFINITY) & (sd >= 0) & (sd < INFINITY) & (fabs(mean) < INFINITY);
    row->arm[a].n = n;
    row->arm[a].mean = mean;
    row->arm[a].sd = sd;
  }
  return good ? MV_FINE : why_means(row->arm, arms, spread);
}

static double animals(const mv_row *row, int arm) { return row->arm[arm].n; }

/* ---- counts: animals with the event, of n ---- */

/* What is added to the cells. A missing number stands for a row to be left out, since its
 * groups tell nothing apart. */
static mv_reason why_added(const mv_row *row) {
  const double added = row->extra[MV_ADDED];
  if (isnan(added)) return MV_NO_INFORMATION;
  return added >= 0 && isfinite(added) ? MV_FINE : MV_NOT_USABLE;
}

static mv_reason why_count(const mv_arm *arm) {
  if (isnan(arm->events)) return MV_EVENTS_MISSING;
  if (isnan(arm->n)) return MV_N_MISSING;
  if (!(arm->n >= 1 && isfinite(arm->n) && arm->events >= 0)) return MV_NOT_USABLE;
  return arm->events <= arm->n ? MV_FINE : MV_EVENTS_ABOVE_N;
}

static mv_reason take_counts(const mv_arm_table *table, ptrdiff_t at, int arms,
                             int spread, mv_row *row) {
  (void)spread;
  for (int a = 0; a < arms; a++) {
    mv_arm *arm = &row->arm[a];
    arm->n = table->field[a][MV_N][at];
    arm->events = table->field[a][MV_EVENTS][at];
    if (a > MV_T && isnan(arm->n) && isnan(arm->events)) return lacking(a);
    const mv_reason reason = why_count(arm);
    if (reason != MV_FINE) return reason;
  }
  return why_added(row);
}

/* Both cells of the arm are larger by what is added. */
static double counted(const mv_row *row, int arm) {
  return row->arm[arm].n + 2 * row->extra[MV_ADDED];
}

/* ---- rates: events in a time at risk ---- */

static mv_reason why_rate(const mv_arm *arm) {
  if (isnan(arm->events)) return MV_EVENTS_MISSING;
  if (isnan(arm->exposure)) return MV_EXPOSURE_MISSING;
  const int usable = arm->events >= 0 && isfinite(arm->events) && arm->exposure > 0 &&
                     isfinite(arm->exposure);
  return usable ? MV_FINE : MV_NOT_USABLE;
}

static mv_reason take_rates(const mv_arm_table *table, ptrdiff_t at, int arms, int spread,
                            mv_row *row) {
  (void)spread;
  for (int a = 0; a < arms; a++) {
    mv_arm *arm = &row->arm[a];
    arm->events = table->field[a][MV_EVENTS][at];
    arm->exposure = table->field[a][MV_EXPOSURE][at];
    if (a > MV_T && isnan(arm->events) && isnan(arm->exposure)) return lacking(a);
    const mv_reason reason = why_rate(arm);
    if (reason != MV_FINE) return reason;
  }
  return why_added(row);
}

static double time_at_risk(const mv_row *row, int arm) { return row->arm[arm].exposure; }

/* ---- survival: medians, and what their variance comes from ---- */

mv_median_source mv_median_source_of(const mv_row *row, int arm) {
  const double shape = row->extra[MV_SHAPE];
  if (shape == 0) return MV_BY_ANIMALS;
  return isnan(shape) || isnan(row->arm[arm].events) ? MV_BY_INTERVAL : MV_BY_DEATHS;
}

static mv_reason why_deaths(const mv_arm *arm) {
  if (!(arm->events >= 0 && isfinite(arm->events))) return MV_NOT_USABLE;
  if (arm->events > arm->n) return MV_EVENTS_ABOVE_N; /* n may be missing */
  return arm->events > 0 ? MV_FINE : MV_NO_DEATHS;
}

static mv_reason why_log_se(const mv_arm *arm) {
  if (isnan(arm->log_se)) return MV_NO_DEATHS;
  return arm->log_se >= 0 && isfinite(arm->log_se) ? MV_FINE : MV_NOT_USABLE;
}

static mv_reason why_animals(const mv_arm *arm) {
  if (isnan(arm->n)) return MV_N_MISSING;
  return arm->n >= 1 && isfinite(arm->n) ? MV_FINE : MV_NOT_USABLE;
}

static mv_reason why_survival(const mv_row *row, int a) {
  const mv_arm *arm = &row->arm[a];
  if (isnan(arm->median)) return MV_MEDIAN_MISSING;
  if (arm->median == INFINITY) return MV_MEDIAN_NOT_REACHED;
  if (!(arm->median > 0)) return MV_NOT_USABLE;
  switch (mv_median_source_of(row, a)) {
    case MV_BY_DEATHS:
      return why_deaths(arm);
    case MV_BY_INTERVAL:
      return why_log_se(arm);
    default:
      return why_animals(arm);
  }
}

static mv_reason take_survival(const mv_arm_table *table, ptrdiff_t at, int arms,
                               int spread, mv_row *row) {
  (void)spread;
  const double shape = row->extra[MV_SHAPE];
  if (shape < 0 || shape == INFINITY) return MV_NOT_USABLE;
  for (int a = 0; a < arms; a++) {
    mv_arm *arm = &row->arm[a];
    arm->n = cell(table->field[a][MV_N], at);
    arm->events = cell(table->field[a][MV_EVENTS], at);
    arm->log_se = cell(table->field[a][MV_LOG_SE], at);
    arm->median = table->field[a][MV_MEDIAN][at];
    const int absent = isnan(arm->median) && isnan(arm->events) && isnan(arm->n);
    if (a > MV_T && absent) return lacking(a);
    const mv_reason reason = why_survival(row, a);
    if (reason != MV_FINE) return reason;
  }
  return MV_FINE;
}

/* An interval gives the whole standard error: it is of one unit. */
static double deaths_or_animals(const mv_row *row, int arm) {
  switch (mv_median_source_of(row, arm)) {
    case MV_BY_DEATHS:
      return row->arm[arm].events;
    case MV_BY_INTERVAL:
      return 1;
    default:
      return row->arm[arm].n;
  }
}

/* ---- a correlation in one group ---- */

static mv_reason take_correlation(const mv_arm_table *table, ptrdiff_t at, int arms,
                                  int spread, mv_row *row) {
  (void)arms, (void)spread;
  const double n = table->field[MV_T][MV_N][at], r = row->extra[MV_R];
  row->arm[MV_T].n = n;
  if (isnan(r)) return MV_R_MISSING;
  if (isnan(n)) return MV_N_MISSING;
  if (!(n >= 1 && isfinite(n))) return MV_NOT_USABLE;
  return fabs(r) <= 1 ? MV_FINE : MV_R_NOT_USABLE;
}

/* ---- all kinds ---- */

enum {
  N = 1u << MV_N,
  MEAN = 1u << MV_MEAN,
  SD = 1u << MV_SD,
  EVENTS = 1u << MV_EVENTS,
  EXPOSURE = 1u << MV_EXPOSURE,
  MEDIAN = 1u << MV_MEDIAN,
  LOG_SE = 1u << MV_LOG_SE
};

enum {
  R = 1u << MV_R,
  ADDED = 1u << MV_ADDED,
  SHAPE = 1u << MV_SHAPE,
  SCALES = 1u << MV_LOGS | 1u << MV_ZERO_SCALE
};

const mv_kind mv_kind_means = {"means", N | MEAN | SD, 0, SCALES, take_means, animals};
const mv_kind mv_kind_counts = {"counts", N | EVENTS, 0, ADDED, take_counts, counted};
const mv_kind mv_kind_rates = {"rates", EVENTS | EXPOSURE, 0,
                               ADDED,   take_rates,        time_at_risk};
const mv_kind mv_kind_survival = {"survival", MEDIAN,        N | EVENTS | LOG_SE,
                                  SHAPE,      take_survival, deaths_or_animals};
const mv_kind mv_kind_correlation = {"correlation", N, 0, R, take_correlation, animals};

mv_reason mv_take_row(const mv_arm_table *table, const mv_kind *kind, ptrdiff_t at,
                      int arms, int spread, mv_row *row) {
  for (int e = 0; e < MV_EXTRAS; e++) {
    row->extra[e] = table->extra[e] ? table->extra[e][at] : absent_extra[e];
  }
  return kind->take(table, at, arms, spread, row);
}
