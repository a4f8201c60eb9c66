#include <math.h>
#include <string.h>

#include "check.h"
#include "effect.h"

static void every_reason_has_a_name(void) {
  for (int i = 0; i < MV_REASON_COUNT; i++) CHECK(mv_reason_name((mv_reason)i) != NULL);
  CHECK(mv_has_effect(MV_FINE) && mv_is_pooled(MV_FINE));
  CHECK(!mv_has_effect(MV_TOO_LARGE) && !mv_is_pooled(MV_TOO_LARGE));
  CHECK(mv_has_effect(MV_SHAM_WORSE) && !mv_is_pooled(MV_SHAM_WORSE));
  CHECK(mv_has_effect(MV_MEAN_NEAR_ZERO) && mv_is_pooled(MV_MEAN_NEAR_ZERO));
}

/* J(2) = 1/sqrt(pi), J(3) = sqrt(2/pi) / sqrt(3/2) ...; J(4) from gamma(2)/gamma(1.5). */
static void j_has_its_closed_forms(void) {
  const double pi = 3.14159265358979323846;
  CHECK_NEAR(mv_hedges_j(2), 1 / sqrt(pi), 1e-14);
  CHECK_NEAR(mv_hedges_j(3), sqrt(pi) / 2 / sqrt(1.5), 1e-14);
  CHECK_NEAR(mv_hedges_j(4), 1 / (sqrt(2) * sqrt(pi) / 2), 1e-14);
  CHECK_NEAR(mv_hedges_j(1e9), 1 - 3 / (4e9 - 1), 1e-15);
}

/* The recursion and the series meet: J(q) J(q + 1) sqrt(q (q + 1)) = q - 1. */
static void j_keeps_its_recursion(void) {
  for (double q = 1.25; q < 80; q += 0.25) {
    const double product = mv_hedges_j(q) * mv_hedges_j(q + 1) * sqrt(q * (q + 1));
    CHECK_NEAR(product, q - 1, 1e-14);
  }
}

static void tables_are_whole(void) {
  const mv_measure *m;
  for (int i = 0; (m = mv_measure_at(i)); i++) {
    CHECK(mv_find_measure(m->name) == m);
    int forms = 0;
    const mv_form *f;
    for (int j = 0; (f = mv_form_at(j)); j++) forms += strcmp(f->measure, m->name) == 0;
    CHECK(forms > 0);
  }
  const mv_form *f;
  for (int j = 0; (f = mv_form_at(j)); j++) {
    CHECK(mv_find_form(f->measure, f->name) == f);
    CHECK(mv_find_measure(f->measure) != NULL);
  }
  CHECK(mv_find_measure("none") == NULL && mv_find_form("MD", "none") == NULL);
}

/* The approximation of J is near it, and exact at none of these. */
static void approximate_j(void) {
  for (double q = 4; q < 60; q += 1) {
    const double approximate = 1 - 3 / (4 * q - 1);
    CHECK_NEAR(approximate, mv_hedges_j(q), 0.1 / (q * q));
    CHECK(approximate != mv_hedges_j(q));
  }
}

/* ---- gradients, against central differences ---- */

static double value_at(const mv_measure *m, mv_row row, int a, double shift,
                       double scale) {
  row.arm[a].mean += shift;
  row.arm[a].sd *= exp(scale);
  mv_context context = {.correct = MV_CRUDE};
  mv_effect e = {.factor = 1};
  m->effect(&row, &context, &e);
  return e.y;
}

static void check_gradient(const mv_measure *m, const mv_row *row) {
  const double h = 1e-4;
  mv_context context = {.correct = MV_CRUDE};
  mv_effect e = {.factor = 1};
  CHECK(m->effect(row, &context, &e) == MV_FINE);
  for (int a = 0; a < m->arms; a++) {
    const double by_mean =
        (value_at(m, *row, a, h, 0) - value_at(m, *row, a, -h, 0)) / (2 * h);
    const double by_log_sd =
        (value_at(m, *row, a, 0, h) - value_at(m, *row, a, 0, -h)) / (2 * h);
    CHECK(fabs(e.by_mean[a] - row->arm[a].sd * by_mean) < 1e-7 * (1 + fabs(by_mean)));
    CHECK(fabs(e.by_log_sd[a] - by_log_sd) < 1e-7);
  }
  for (int a = m->arms; a < MV_ARMS; a++) CHECK(e.by_mean[a] == 0);
}

static void no_gradient(const mv_measure *m, const mv_row *row) {
  mv_context context = {.correct = MV_EXACT};
  mv_effect e = {.factor = 1};
  CHECK(m->effect(row, &context, &e) == MV_FINE);
  for (int a = 0; a < MV_ARMS; a++) CHECK(e.by_mean[a] == 0 && e.by_log_sd[a] == 0);
}

/* Where one SD serves several arms, by the model's SD: so SDs are equal there. */
static int has_one_sd(const mv_measure *m, const mv_row *row) {
  mv_context context = {.correct = MV_CRUDE};
  mv_effect e = {.factor = 1};
  m->effect(row, &context, &e);
  return e.standard != 0;
}

static void gradients_are_derivatives(void) {
  const mv_row equal = {.arm = {{.n = 8, .mean = 12, .sd = 2},
                                {.n = 6, .mean = 8, .sd = 2},
                                {.n = 7, .mean = 30, .sd = 2},
                                {.n = 9, .mean = 20, .sd = 2}},
                        .extra = {[MV_R] = 0.4, [MV_MAXIMUM] = 25}};
  mv_row unequal = equal;
  unequal.arm[MV_T].sd = 3;
  unequal.arm[MV_S].sd = 1;
  mv_row logs = unequal;
  logs.extra[MV_LOGS] = 1;
  const mv_measure *m;
  for (int i = 0; (m = mv_measure_at(i)); i++) {
    if (m->kind != &mv_kind_means) continue;
    if (m->flags & MV_NO_GRADIENT) {
      no_gradient(m, &equal);
      continue;
    }
    check_gradient(m, &equal);
    if (has_one_sd(m, &equal)) continue;
    check_gradient(m, &unequal);
    if (m->flags & MV_TAKES_LOGS) check_gradient(m, &logs);
  }
}

void test_effect(void) {
  every_reason_has_a_name();
  j_has_its_closed_forms();
  j_keeps_its_recursion();
  tables_are_whole();
  approximate_j();
  gradients_are_derivatives();
}
