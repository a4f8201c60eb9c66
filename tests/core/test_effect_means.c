/* Measures on means, by hand. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "effects.h"
#include "one_row.h"

typedef struct {
  double y, v;
  mv_reason reason;
} answer;

/* A row of groups: both or treated, neither or control, first alone or sham, second. */
typedef struct {
  mv_arm arm[MV_ARMS];
  double r, maximum, logs;
} groups;

static const groups usual = {.arm = {{.n = 7, .mean = 5, .sd = 1.3},
                                     {.n = 9, .mean = 3, .sd = 0.8},
                                     {.n = 8, .mean = 4, .sd = 1},
                                     {.n = 6, .mean = 2, .sd = 0.5}},
                             .r = 0.4,
                             .maximum = 10};

static answer compute(const groups *g, const char *measure, const char *form,
                      mv_correct correct) {
  few_rows rows;
  for (int a = 0; a < MV_ARMS; a++) {
    put_arm(&rows, a, 0, g->arm[a].n, g->arm[a].mean, g->arm[a].sd);
  }
  rows.extra[MV_R][0] = g->r;
  rows.extra[MV_MAXIMUM][0] = g->maximum;
  rows.extra[MV_LOGS][0] = g->logs;
  rows.extra[MV_ZERO_SCALE][0] = 1;
  const mv_effect_table table = table_with_extras(&rows, 1);
  const mv_effect_rule rule = {mv_find_measure(measure), mv_find_form(measure, form),
                               correct, 0.95};
  mv_set set;
  double y, v, lower, upper;
  int reason;
  const int interval = rule.measure->interval != NULL;
  mv_effects_compute(&table, &rule, (mv_effects_work){&set},
                     (mv_effect_columns){&y, &v, &reason, interval ? &lower : NULL,
                                         interval ? &upper : NULL, NAN});
  return (answer){y, v, (mv_reason)reason};
}

static void is(const groups *g, const char *measure, const char *form, double y,
               double v) {
  const answer a = compute(g, measure, form, MV_EXACT);
  CHECK(mv_has_effect(a.reason));
  CHECK_NEAR(a.y, y, 1e-14);
  CHECK_NEAR(a.v, v, 1e-14);
}

static void why(const groups *g, const char *measure, mv_reason reason) {
  const mv_form *form;
  for (int i = 0; (form = mv_form_at(i)); i++) {
    if (strcmp(form->measure, measure) == 0) break;
  }
  CHECK(form && compute(g, measure, form->name, MV_EXACT).reason == reason);
}

/* ---- standardised by other SDs ---- */

static void standardised(void) {
  const double w = 1.0 / 7 + 1.0 / 9, j8 = mv_hedges_j(8), j14 = mv_hedges_j(14);
  const double glass = 2 / 0.8, g = j8 * glass;
  is(&usual, "SMD1", "LS", g, w + g * g / 18);
  is(&usual, "SMD1", "LS2", g, j8 * j8 * (w + glass * glass / 18));
  is(&usual, "SMD1H", "LS", g, 1.69 / 0.64 / 6 + 1.0 / 8 + g * g / 16);
  const double s2 = (1.69 + 0.64) / 2, h = j14 * 2 / sqrt(s2);
  const double fourth = (1.69 * 1.69 / 6 + 0.64 * 0.64 / 8) / (8 * s2 * s2);
  is(&usual, "SMDH", "LS", h, h * h * fourth + (1.69 / 6 + 0.64 / 8) / s2);
  is(&usual, "SMDH", "LS3", h, h * h * fourth + (1.69 / 7 + 0.64 / 9) / s2);
  groups few = usual;
  few.arm[MV_C].n = 2;
  why(&few, "SMD1", MV_TOO_FEW_ANIMALS);
  why(&few, "SMD1H", MV_TOO_FEW_ANIMALS);
  few.arm[MV_T].n = 1;
  why(&few, "SMDH", MV_TOO_FEW_ANIMALS);
  few.arm[MV_T].n = 2;
  CHECK(compute(&few, "SMDH", "LS", MV_EXACT).reason == MV_FINE);
  few.arm[MV_C].n = 3;
  few.arm[MV_T].n = 1;
  why(&few, "SMDH", MV_NO_VARIANCE);
  groups still = usual;
  still.arm[MV_C].sd = 0;
  why(&still, "SMD1", MV_SD_ZERO);
}

/* 6 and 6 animals, g = 2 by the exact J: as printed for other software, which has the
 * approximate one. */
static void printed_variances(void) {
  groups g = {.arm = {{.n = 6, .sd = 1}, {.n = 6, .sd = 1}}};
  g.arm[MV_T].mean = 2 / mv_hedges_j(10);
  is(&g, "SMD", "LS", 2, 0.5);
  CHECK(fabs(compute(&g, "SMD", "UB", MV_EXACT).v - 0.575) < 5e-4);
  CHECK(fabs(compute(&g, "SMD", "LS2", MV_APPROXIMATE).v - 0.451) < 5e-4);
  CHECK(fabs(compute(&g, "SMD", "LS3", MV_APPROXIMATE).v - 0.582) < 5e-4);
  const answer revman = compute(&g, "SMD", "LS3", MV_APPROXIMATE);
  CHECK_NEAR(revman.y, g.arm[MV_T].mean * (1 - 3.0 / 39), 1e-15);
  CHECK(compute(&g, "SMD", "LS3", MV_CRUDE).y == g.arm[MV_T].mean);
}

/* ---- spread ---- */

static void spread(void) {
  const double vr = log(1.3 / 0.8) + (1.0 / 6 - 1.0 / 8) / 2;
  is(&usual, "VR", "LS", vr, 1.0 / 12 + 1.0 / 16);
  is(&usual, "VR", "LS2", vr, 1.0 / 12 + 1.0 / 16 + 1.0 / 72 + 1.0 / 128);
  const double t = 0.26 * 0.26 / 7, c = 0.64 / 9 / 9;
  const double cvr = log(0.26 * 3 / 0.8) + (1.0 / 6 - 1.0 / 8) / 2 - (t - c) / 2;
  CHECK_NEAR(compute(&usual, "CVR", "LS", MV_EXACT).y, cvr, 1e-13);
  const double v = 1.0 / 12 + 1.0 / 16 + t + c;
  CHECK_NEAR(compute(&usual, "CVR", "LS", MV_EXACT).v, v, 1e-14);
  const double second = 1.0 / 72 + 1.0 / 128 + (t * t + c * c) / 2;
  CHECK_NEAR(compute(&usual, "CVR", "LS2", MV_EXACT).v, v + second, 1e-14);
  groups bad = usual;
  bad.arm[MV_T].n = 1;
  why(&bad, "VR", MV_TOO_FEW_ANIMALS);
  bad = usual;
  bad.arm[MV_T].sd = 0;
  why(&bad, "VR", MV_SD_ZERO);
  bad = usual;
  bad.arm[MV_T].mean = -1;
  why(&bad, "CVR", MV_MEAN_NOT_POSITIVE);
  CHECK(compute(&bad, "VR", "LS", MV_EXACT).reason == MV_FINE);
}

/* ---- logs ---- */

static void logs(void) {
  groups g = usual;
  g.logs = 1;
  g.arm[MV_C].mean = -3;
  is(&g, "ROM", "LS", 8, 1.69 / 7 + 0.64 / 9);
  is(&g, "ROM", "LS2", 8, 1.69 / 7 + 0.64 / 9);
  CHECK(compute(&g, "ROM", "LS", MV_EXACT).reason == MV_FINE);
  g.arm[MV_C].n = 7;
  is(&g, "ROMC", "LS2", 8, (1.69 + 0.64 - 0.8 * 1.3 * 0.8) / 7);
  g.arm[MV_C].n = 9;
  is(&g, "VR", "LS", log(1.3 / 0.8) + (1.0 / 6 - 1.0 / 8) / 2, 1.0 / 12 + 1.0 / 16);
  why(&g, "CVR", MV_LOG_SCALE);
  why(&g, "NMD", MV_LOG_SCALE);
  why(&g, "MPE", MV_LOG_SCALE);
  why(&g, "CVLN", MV_LOG_SCALE);
}

/* ---- paired ---- */

static void paired(void) {
  groups g = usual;
  g.arm[MV_T].n = 9;
  const double changes = 1.69 + 0.64 - 0.8 * 1.3 * 0.8, j = mv_hedges_j(8);
  is(&g, "MC", "LS", 2, changes / 9);
  const double smcc = j * 2 / sqrt(changes), smcr = j * 2 / 0.8;
  is(&g, "SMCC", "LS", smcc, 1.0 / 9 + smcc * smcc / 18);
  is(&g, "SMCC", "LS2", smcc, j * j * (1.0 / 9 + 4 / changes / 18));
  is(&g, "SMCR", "LS", smcr, 1.2 / 9 + smcr * smcr / 18);
  is(&g, "SMCR", "LS2", smcr, j * j * (1.2 / 9 + 6.25 / 18));
  is(&g, "SMCRH", "LS", smcr, changes / 0.64 / 8 + smcr * smcr / 16);
  is(&g, "SMCRH", "LS2", smcr, changes / 0.64 / 9 + smcr * smcr / 18);
  const double t = 0.26, c = 0.8 / 3;
  const double romc = log(5.0 / 3) + (t * t - c * c) / 18;
  const double v = (t * t + c * c - 0.8 * t * c) / 9;
  is(&g, "ROMC", "LS", romc, v);
  const double second = (pow(t, 4) + pow(c, 4)) / 162 - 0.16 * t * t * c * c / 81;
  is(&g, "ROMC", "LS2", romc, v + second);
  why(&usual, "MC", MV_N_DIFFERS);
  g.r = NAN;
  why(&g, "MC", MV_R_MISSING);
  g.r = 1.01;
  why(&g, "MC", MV_R_NOT_USABLE);
  g.r = 1;
  CHECK(compute(&g, "SMCC", "LS", MV_EXACT).reason == MV_FINE);
  g.arm[MV_T].sd = 0.8;
  why(&g, "SMCC", MV_SD_ZERO);
  why(&g, "MC", MV_VARIANCE_ZERO);
  g.r = 0;
  g.arm[MV_T].n = g.arm[MV_C].n = 2;
  why(&g, "SMCR", MV_TOO_FEW_ANIMALS);
}

/* ---- factorial: both 5, neither 3, first alone 4, second alone 2 ---- */

static void factorial(void) {
  const double v = 1.69 / 7 + 0.64 / 9 + 1.0 / 8 + 0.25 / 6;
  is(&usual, "MD_A", "LS", (5 - 2 + 4 - 3) / 2.0, v / 4);
  is(&usual, "MD_B", "LS", (5 - 4 + 2 - 3) / 2.0, v / 4);
  is(&usual, "MD_AB", "LS", (5 - 2) - (4 - 3), v);
  const double w = 1.0 / 7 + 1.0 / 9 + 1.0 / 8 + 1.0 / 6, j = mv_hedges_j(26);
  const double s = sqrt((6 * 1.69 + 8 * 0.64 + 7 + 5 * 0.25) / 26);
  is(&usual, "SMD_A", "LS", j * 2 / s, w / 4 + pow(j * 2 / s, 2) / 60);
  is(&usual, "SMD_AB", "LS2", j * 2 / s, j * j * (w + 4 / (s * s) / 60));
  const double t = 1.69 / 7, c = 0.64 / 9, a = 1.0 / 8, b = 0.25 / 6;
  const double with = (t + a) / 81, without = (b + c) / 25;
  is(&usual, "ROM_A", "LS", log(9.0 / 5) + (with - without) / 2, with + without);
  const double of_b = (t + b) / 49, no_b = (a + c) / 49;
  is(&usual, "ROM_B", "LS", log(7.0 / 7) + (of_b - no_b) / 2, of_b + no_b);
  const double sum = (t / 25 + c / 9 - a / 16 - b / 4) / 2;
  is(&usual, "ROM_AB", "LS", log(5.0 * 3 / (2 * 4)) + sum,
     t / 25 + c / 9 + a / 16 + b / 4);
  groups bad = usual;
  bad.arm[MV_B] = (mv_arm){.n = NAN, .mean = NAN, .sd = NAN};
  why(&bad, "MD_A", MV_NO_PARTNER);
  bad = usual;
  bad.arm[MV_A].n = NAN;
  bad.arm[MV_A].sd = 0;
  why(&bad, "MD_A", MV_N_MISSING);
  bad = usual;
  bad.arm[MV_B].mean = 0;
  why(&bad, "ROM_A", MV_MEAN_NOT_POSITIVE);
}

/* ---- percent of the maximal possible effect ---- */

static void maximal(void) {
  const double r = 2.0 / 7;
  const double v = 1e4 * (1.69 / 7 + (1 - r) * (1 - r) * 0.64 / 9) / 49;
  is(&usual, "MPE", "delta", 100 * r, v);
  is(&usual, "MPE", "AV", 100 * r, v); /* of one row the average is its own */
  groups g = usual;
  g.maximum = NAN;
  why(&g, "MPE", MV_MAXIMUM_MISSING);
  g.maximum = INFINITY;
  why(&g, "MPE", MV_NOT_USABLE);
  g.maximum = 3;
  why(&g, "MPE", MV_MAXIMUM_REACHED);
  g.maximum = 3.1;
  why(&g, "MPE", MV_MAXIMUM_NEAR);
}

/* ---- one group ---- */

static void one_group(void) {
  is(&usual, "MN", "LS", 5, 1.69 / 7);
  is(&usual, "MN", "HO", 5, 1.69 / 7);
  is(&usual, "MNLN", "LS", log(5), 0.26 * 0.26 / 7);
  is(&usual, "SDLN", "LS", log(1.3) + 1.0 / 12, 1.0 / 12);
  is(&usual, "CVLN", "LS", log(0.26) + 1.0 / 12, 1.0 / 12 + 0.26 * 0.26 / 7);
  groups g = usual;
  g.arm[MV_T].n = 1;
  why(&g, "SDLN", MV_TOO_FEW_ANIMALS);
  g = usual;
  g.arm[MV_T].mean = 0;
  why(&g, "MNLN", MV_MEAN_NOT_POSITIVE);
  why(&g, "CVLN", MV_MEAN_NOT_POSITIVE);
}

void test_effect_means(void) {
  standardised();
  printed_variances();
  spread();
  logs();
  paired();
  factorial();
  maximal();
  one_group();
}
