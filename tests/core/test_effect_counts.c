/* Counts, rates, survival and correlations: by hand, by their numerical derivatives, and
 * by the covariance of two effects that share their control. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "effect_counts.h"

/* 3 of 10 treated against 6 of 12 controls. */
static void two_groups_by_hand(void) {
  const mv_row row = counts(3, 10, 6, 12, 0);
  effect_of(&row, "RR", "LS", log(0.6), 1.0 / 3 - 1.0 / 10 + 1.0 / 6 - 1.0 / 12);
  effect_of(&row, "OR", "LS", log(3.0 / 7), 1.0 / 3 + 1.0 / 7 + 1.0 / 6 + 1.0 / 6);
  effect_of(&row, "RD", "LS", -0.2, 0.3 * 0.7 / 10 + 0.25 / 12);
  effect_of(&row, "RD", "UB", -0.2, 0.3 * 0.7 / 9 + 0.25 / 11);
  effect_of(&row, "AS", "LS", asin(sqrt(0.3)) - asin(sqrt(0.5)), 1.0 / 40 + 1.0 / 48);
  const double v = 10.0 * 12 * 9 * 13 / (22.0 * 22 * 21);
  effect_of(&row, "PETO", "LS", (3 - 10 * 9.0 / 22) / v, 1 / v);
}

static void one_group_by_hand(void) {
  const mv_row row = counts(3, 10, NAN, NAN, 0);
  effect_of(&row, "PR", "LS", 0.3, 0.021);
  effect_of(&row, "PR", "UB", 0.3, 0.21 / 9);
  effect_of(&row, "PLN", "LS", log(0.3), 1.0 / 3 - 0.1);
  effect_of(&row, "PLO", "LS", log(3.0 / 7), 1.0 / 3 + 1.0 / 7);
  effect_of(&row, "PAS", "LS", asin(sqrt(0.3)), 1.0 / 40);
  const double twice = asin(sqrt(3.0 / 11)) + asin(sqrt(4.0 / 11));
  effect_of(&row, "PFT", "LS", twice / 2, 1.0 / 42);
}

/* What is added enters RR and OR, and the variance of RD only. */
static void added_by_hand(void) {
  const mv_row row = counts(0, 8, 3, 9, 0.5);
  const double a = 1 / 0.5, b = 1 / 3.5;
  effect_of(&row, "RR", "LS", log(0.5 / 9 / (3.5 / 10)), a - 1.0 / 9 + b - 0.1);
  effect_of(&row, "OR", "LS", log(0.5 / 8.5 / (3.5 / 6.5)), a + 1 / 8.5 + b + 1 / 6.5);
  effect_of(&row, "RD", "LS", -1.0 / 3, 0.5 * 8.5 / (9.0 * 9 * 9) + 3.5 * 6.5 / 1000);
}

static void rates_by_hand(void) {
  const mv_row row = rates(4, 20, 9, 30, 0);
  effect_of(&row, "IRR", "LS", log(2.0 / 3), 1.0 / 4 + 1.0 / 9);
  effect_of(&row, "IRD", "LS", -0.1, 4.0 / 400 + 9.0 / 900);
  effect_of(&row, "IRSD", "LS", sqrt(0.2) - sqrt(0.3), 1.0 / 80 + 1.0 / 120);
  effect_of(&row, "IR", "LS", 0.2, 0.01);
  effect_of(&row, "IRLN", "LS", log(0.2), 0.25);
  effect_of(&row, "IRS", "LS", sqrt(0.2), 1.0 / 80);
  effect_of(&row, "IRFT", "LS", (sqrt(0.2) + sqrt(0.25)) / 2, 1.0 / 80);
}

static void survival_by_hand(void) {
  const double ln2 = log(2.0);
  mv_row row = survival(40, 8, 30, 10, 1);
  effect_of(&row, "MSR", "deaths", log(4.0 / 3), (1.0 / 8 + 1.0 / 10) / (ln2 * ln2));
  row.extra[MV_SHAPE] = 2;
  effect_of(&row, "MSR", "deaths", log(4.0 / 3), (1.0 / 8 + 1.0 / 10) / (4 * ln2 * ln2));
  row.extra[MV_SHAPE] = NAN;
  row.arm[MV_T].log_se = 0.2;
  row.arm[MV_C].log_se = 0.3;
  effect_of(&row, "MSR", "interval", log(4.0 / 3), 0.13);
  row.extra[MV_SHAPE] = 0;
  effect_of(&row, "MSR", "N", log(4.0 / 3), 1.0 / 24);
}

static void correlations_by_hand(void) {
  const mv_row row = correlation(0.6, 12);
  effect_of(&row, "COR", "LS", 0.6, 0.64 * 0.64 / 11);
  effect_of(&row, "COR", "H0", 0.6, 0.64 / 10);
  effect_of(&row, "ZCOR", "LS", 0.5 * log(1.6 / 0.4), 1.0 / 9);
}

/* ---- gradients ---- */

static double value_at(const mv_measure *m, mv_row row, int a, double events) {
  row.arm[a].events += events;
  mv_context context = {.correct = 0};
  mv_effect e = {.factor = 1};
  m->effect(&row, &context, &e);
  return e.y;
}

/* by_mean is the SD of one animal's (or one unit of time's) event times the derivative.
 * PETO's variance is that where the groups do not differ, and the Freeman-Tukey measures
 * have published variances: these are left out. */
static void gradients_are_derivatives(const mv_kind *kind, const mv_row *row) {
  const double h = 1e-4;
  const mv_measure *m;
  for (int i = 0; (m = mv_measure_at(i)); i++) {
    const int published = strcmp(m->name, "PETO") == 0 || strcmp(m->name, "PFT") == 0 ||
                          strcmp(m->name, "IRFT") == 0;
    if (m->kind != kind || published) continue;
    mv_context context = {.correct = 0};
    mv_effect e = {.factor = 1};
    CHECK(m->effect(row, &context, &e) == MV_FINE);
    for (int a = 0; a < m->arms; a++) {
      const double by_event =
          (value_at(m, *row, a, h) - value_at(m, *row, a, -h)) / (2 * h);
      const mv_arm *arm = &row->arm[a];
      const double p = arm->events / arm->n, rate = arm->events / arm->exposure;
      const double want = kind == &mv_kind_counts ? by_event * arm->n * sqrt(p * (1 - p))
                                                  : by_event * arm->exposure * sqrt(rate);
      CHECK_NEAR(e.by_mean[a], want, 1e-7);
    }
  }
}

/* FORMULAS of a shared control: by_mean^2 / size of its arm. */
static void shared_controls(void) {
  const mv_row row = counts(3, 10, 6, 12, 0), zero = counts(0, 10, 6, 12, 0.5);
  CHECK_NEAR(part_of(&row, "RR", MV_C), 1.0 / 6 - 1.0 / 12, 1e-14);
  CHECK_NEAR(part_of(&row, "OR", MV_C), 1.0 / 6 + 1.0 / 6, 1e-14);
  CHECK_NEAR(part_of(&row, "RD", MV_C), 0.25 / 12, 1e-14);
  CHECK_NEAR(part_of(&row, "AS", MV_C), 1.0 / 48, 1e-14);
  CHECK_NEAR(part_of(&row, "PETO", MV_C), 22.0 * 21 / (9 * 13 * 12), 1e-14);
  CHECK_NEAR(part_of(&zero, "RR", MV_C), 1 / 6.5 - 1.0 / 13, 1e-14);
  const mv_row rate = rates(4, 20, 9, 30, 0), lives = survival(40, 8, 30, 10, 2);
  CHECK_NEAR(part_of(&rate, "IRR", MV_C), 1.0 / 9, 1e-14);
  CHECK_NEAR(part_of(&lives, "MSR", MV_C), 1 / (10 * pow(2 * log(2.0), 2)), 1e-14);
}

/* ---- reasons ---- */

static void reasons(void) {
  mv_row row = counts(0, 8, 3, 9, 0);
  CHECK(why(&row, "RR") == MV_ZERO_CELL && why(&row, "OR") == MV_ZERO_CELL);
  CHECK(why(&row, "RD") == MV_FINE && why(&row, "PETO") == MV_FINE);
  row = counts(0, 8, 0, 9, 0);
  CHECK(why(&row, "PETO") == MV_NO_INFORMATION);
  row = counts(8, 8, 9, 9, 0);
  CHECK(why(&row, "PETO") == MV_NO_INFORMATION && why(&row, "RR") == MV_VARIANCE_ZERO);
  row = counts(0, 8, 3, 9, NAN);
  CHECK(why(&row, "RR") == MV_NO_INFORMATION);
  row = counts(0, 8, 3, 9, -1);
  CHECK(why(&row, "RR") == MV_NOT_USABLE);
  row = counts(9, 8, 3, 9, 0);
  CHECK(why(&row, "RR") == MV_EVENTS_ABOVE_N);
  row = counts(0, 0, 3, 9, 0);
  CHECK(why(&row, "RR") == MV_NOT_USABLE);
  row = counts(NAN, 8, 3, 9, 0);
  CHECK(why(&row, "RR") == MV_EVENTS_MISSING);
  row = counts(1, NAN, 3, 9, 0);
  CHECK(why(&row, "RR") == MV_N_MISSING);
  row = counts(1, 8, NAN, NAN, 0);
  CHECK(why(&row, "RR") == MV_NO_CONTROL && why(&row, "PR") == MV_FINE);
  row = rates(1, NAN, 3, 9, 0);
  CHECK(why(&row, "IRR") == MV_EXPOSURE_MISSING);
  row = rates(1, 0, 3, 9, 0);
  CHECK(why(&row, "IRR") == MV_NOT_USABLE);
  row = rates(0, 5, 3, 9, 0);
  CHECK(why(&row, "IRR") == MV_ZERO_CELL && why(&row, "IRD") == MV_FINE);
}

static void reasons_of_survival(void) {
  mv_row row = survival(INFINITY, 8, 30, 10, 1);
  CHECK(why(&row, "MSR") == MV_MEDIAN_NOT_REACHED);
  row = survival(NAN, 8, 30, 10, 1);
  CHECK(why(&row, "MSR") == MV_MEDIAN_MISSING);
  row = survival(0, 8, 30, 10, 1);
  CHECK(why(&row, "MSR") == MV_NOT_USABLE);
  row = survival(40, 0, 30, 10, 1);
  CHECK(why(&row, "MSR") == MV_NO_DEATHS);
  row = survival(40, NAN, 30, 10, 1);
  CHECK(why(&row, "MSR") == MV_NO_DEATHS);
  row.arm[MV_T].log_se = 0.2; /* the interval stands in for deaths that are not given */
  CHECK(why(&row, "MSR") == MV_FINE);
  row = survival(40, 8, 30, 13, 1);
  CHECK(why(&row, "MSR") == MV_EVENTS_ABOVE_N);
  row = survival(40, 8, 30, 10, NAN);
  CHECK(why(&row, "MSR") == MV_NO_DEATHS);
  row = survival(40, 8, 30, 10, -1);
  CHECK(why(&row, "MSR") == MV_NOT_USABLE);
  row = survival(40, NAN, 30, NAN, 0);
  CHECK(why(&row, "MSR") == MV_FINE);
  row.arm[MV_T].n = NAN;
  CHECK(why(&row, "MSR") == MV_N_MISSING);
}

static void reasons_of_correlations(void) {
  mv_row row = correlation(1, 12);
  CHECK(why(&row, "ZCOR") == MV_R_NOT_USABLE && why(&row, "COR") == MV_VARIANCE_ZERO);
  row = correlation(1.1, 12);
  CHECK(why(&row, "COR") == MV_R_NOT_USABLE);
  row = correlation(NAN, 12);
  CHECK(why(&row, "COR") == MV_R_MISSING);
  row = correlation(0.5, NAN);
  CHECK(why(&row, "COR") == MV_N_MISSING);
  row = correlation(0.5, 3);
  CHECK(why(&row, "COR") == MV_NO_VARIANCE && why(&row, "ZCOR") == MV_NO_VARIANCE);
}

void test_effect_counts(void) {
  two_groups_by_hand();
  one_group_by_hand();
  added_by_hand();
  rates_by_hand();
  survival_by_hand();
  correlations_by_hand();
  const mv_row row = counts(3, 10, 5, 12, 0), rate = rates(4, 20, 9, 30, 0);
  gradients_are_derivatives(&mv_kind_counts, &row);
  gradients_are_derivatives(&mv_kind_rates, &rate);
  shared_controls();
  reasons();
  reasons_of_survival();
  reasons_of_correlations();
}
