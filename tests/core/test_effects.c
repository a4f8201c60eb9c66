#include <math.h>

#include "check.h"
#include "effects.h"
#include "one_row.h"

typedef struct {
  double y[FEW_ROWS], v[FEW_ROWS], lower[FEW_ROWS], upper[FEW_ROWS];
  int reason[FEW_ROWS];
} answers;

static answers compute(const mv_effect_table *table, const char *measure,
                       const char *form) {
  answers out;
  const mv_effect_rule rule = {mv_find_measure(measure), mv_find_form(measure, form), 1,
                               0.95};
  mv_arena arena = {NULL, 0};
  mv_effects_layout(&arena, rule.form, table->sets);
  arena = check_carve(arena);
  mv_effect_columns columns = {out.y, out.v, out.reason, NULL, NULL, NAN};
  if (rule.measure->interval) {
    columns.lower = out.lower;
    columns.upper = out.upper;
  }
  mv_effects_compute(table, &rule, mv_effects_layout(&arena, rule.form, table->sets),
                     columns);
  check_free(&arena);
  return out;
}

static answers one(double n_t, double m_t, double s_t, double n_c, double m_c, double s_c,
                   const char *measure, const char *form) {
  few_rows rows;
  put_arm(&rows, MV_T, 0, n_t, m_t, s_t);
  put_arm(&rows, MV_C, 0, n_c, m_c, s_c);
  put_arm(&rows, MV_S, 0, NAN, NAN, NAN);
  const mv_effect_table table = table_of(&rows, 1);
  return compute(&table, measure, form);
}

static void by_hand(void) {
  answers md = one(4, 2, 1, 9, 4, 3, "MD", "LS");
  CHECK(md.y[0] == -2 && md.v[0] == 1.25 && md.reason[0] == MV_FINE);
  answers smd = one(6, 2, 1, 6, 0, 1, "SMD", "LS");
  const double g = 2 * mv_hedges_j(10);
  CHECK_NEAR(smd.y[0], g, 1e-15);
  CHECK_NEAR(smd.v[0], 1.0 / 3 + g * g / 24, 1e-15);
  answers rom = one(4, 2, 1, 9, 4, 3, "ROM", "LS");
  CHECK_NEAR(rom.y[0], log(0.5) + 0.5 * (0.25 / 4 - 0.5625 / 9), 1e-15);
}

static void reasons(void) {
  CHECK(one(8, 1, 1, NAN, NAN, NAN, "MD", "LS").reason[0] == MV_NO_CONTROL);
  CHECK(one(NAN, 1, 1, 8, 1, 1, "MD", "LS").reason[0] == MV_N_MISSING);
  CHECK(one(8, NAN, 1, 8, 1, 1, "MD", "LS").reason[0] == MV_MEAN_MISSING);
  CHECK(one(8, 1, NAN, 8, 1, 1, "MD", "LS").reason[0] == MV_SD_MISSING);
  CHECK(one(0, 1, 1, 8, 1, 1, "MD", "LS").reason[0] == MV_NOT_USABLE);
  CHECK(one(8, 1, -1, 8, 1, 1, "MD", "LS").reason[0] == MV_NOT_USABLE);
  CHECK(one(8, INFINITY, 1, 8, 1, 1, "MD", "LS").reason[0] == MV_NOT_USABLE);
  CHECK(one(1, 1, 1, 2, 2, 1, "SMD", "LS").reason[0] == MV_TOO_FEW_ANIMALS);
  CHECK(one(2, 1, 1, 2, 2, 1, "SMD", "LS3").reason[0] == MV_NO_VARIANCE);
  CHECK(one(8, 1, 0, 8, 2, 0, "SMD", "LS").reason[0] == MV_SD_ZERO);
  CHECK(one(8, 0, 1, 8, 2, 1, "ROM", "LS").reason[0] == MV_MEAN_NOT_POSITIVE);
  CHECK(one(8, 1, 5, 8, 2, 1, "ROM", "LS").reason[0] == MV_MEAN_NEAR_ZERO);
  CHECK(one(8, 1e200, 1e200, 8, 2, 1, "MD", "LS").reason[0] == MV_TOO_LARGE);
  CHECK(one(8, 1, 0, 8, 2, 0, "MD", "LS").reason[0] == MV_VARIANCE_ZERO);
  CHECK(one(8, 1, 1, 8, 2, 1, "NMD", "delta").reason[0] == MV_NO_SHAM);
}

static answers sham(double m_t, double m_c, double m_s, double s, const int *worse) {
  few_rows rows;
  put_arm(&rows, MV_T, 0, 8, m_t, s);
  put_arm(&rows, MV_C, 0, 8, m_c, s);
  put_arm(&rows, MV_S, 0, 8, m_s, s);
  mv_effect_table table = table_of(&rows, 1);
  table.worse = worse;
  return compute(&table, "NMD", "delta");
}

static void shams(void) {
  const int worse = 1, better = 0;
  CHECK(sham(5, 6, 6, 1, &worse).reason[0] == MV_SHAM_EQUALS_CONTROL);
  CHECK(sham(5, 6, 5.5, 1, &worse).reason[0] == MV_SHAM_UNCERTAIN);
  CHECK(isnan(sham(5, 6, 5.5, 1, &worse).lower[0]));
  CHECK(sham(5, 6, 20, 1, &worse).reason[0] == MV_SHAM_WORSE);
  CHECK(sham(5, 6, 20, 1, &better).reason[0] == MV_FINE);
  CHECK(sham(5, 6, 20, 1, NULL).reason[0] == MV_FINE);
  const answers half = sham(5, 10, 0, 1, &worse);
  CHECK_NEAR(half.y[0], 50, 1e-15);
  CHECK(half.lower[0] < 50 && half.upper[0] > 50);
}

static void sets_and_shares(void) {
  few_rows rows;
  for (int i = 0; i < 4; i++) {
    put_arm(&rows, MV_T, i, 6, i, 1);
    put_arm(&rows, MV_C, i, 6, 0, 1);
    put_arm(&rows, MV_S, i, NAN, NAN, NAN);
  }
  mv_effect_table table = table_of(&rows, 4);
  const int set[] = {0, 0, 1, 1};
  const double share[] = {1, 2, 2, 3}, sign[] = {1, -1, 1, -1};
  table.set = set;
  table.sets = 2;
  table.shared[MV_C] = share;
  table.sign = sign;
  const answers av = compute(&table, "SMD", "AV");
  const double j = mv_hedges_j(10);
  CHECK_NEAR(av.v[0], 2.0 / 6 + pow(0.5 * j, 2) / 24, 1e-14);
  CHECK_NEAR(av.v[3], 1.0 / 6 + 1.0 / 2 + pow(2.5 * j, 2) / 16, 1e-14);
  CHECK_NEAR(av.y[3], -3 * j, 1e-14);
}

void test_effects(void) {
  by_hand();
  reasons();
  shams();
  sets_and_shares();
}
