#include "check.h"
#include "pooling.h"
#include "tau2.h"

static const char *const estimated[] = {"DL", "PM", "ML", "REML"};
enum { ESTIMATED = 4 };

static void table(void) {
  int count;
  CHECK(mv_estimator_at(-1, &count) == NULL);
  CHECK(count == ESTIMATED + 1);
  CHECK(mv_estimator_at(count, &count) == NULL);
  for (int i = 0; i < count; i++) {
    const mv_estimator *row = mv_estimator_at(i, &count);
    CHECK(mv_estimator_find(row->name) == row);
  }
  CHECK(mv_estimator_find("reml") == NULL);
}

static void too_few(void) {
  const double y[2] = {1, 2}, v[2] = {1, 1}, x[4] = {1, 0, 1, 1};
  for (int i = 0; i < ESTIMATED; i++) {
    pooling one, full;
    mv_search search;
    pooling_open(&one, 1, 1, y, v, NULL);
    CHECK_STATUS(pooling_search(&one, estimated[i], &search), MV_TOO_FEW);
    CHECK_STATUS(pooling_open(&full, 2, 2, y, v, x), MV_OK);
    CHECK_STATUS(pooling_search(&full, estimated[i], &search), MV_TOO_FEW);
    CHECK_STATUS(pooling_search(&full, "EE", &search), MV_OK);
    CHECK(search.tau2 == 0);
    pooling_close(&one);
    pooling_close(&full);
  }
}

/* All but ML: max(0, ((y1 - y2)^2 - v1 - v2) / 2). */
static void two_effects(void) {
  random_source from = {21};
  for (int run = 0; run < 400; run++) {
    const double v[2] = {random_log_uniform(&from, 1e-8, 1),
                         random_log_uniform(&from, 1e-8, 1)};
    const double y[2] = {random_normal(&from), random_normal(&from)};
    const double d = y[0] - y[1], want = fmax(0, (d * d - v[0] - v[1]) / 2);
    for (int i = 0; i < ESTIMATED; i++) {
      if (estimated[i][0] == 'M') continue;
      const double got = pooling_tau2(estimated[i], 2, y, v);
      CHECK(fabs(got - want) <= 1e-12 * (want + v[0] + v[1]));
    }
  }
}

/* y = shift + times * y, v = times^2 v; rows in reverse where `back`. */
static void change(const random_set *set, double shift, double times, int back,
                   random_set *to) {
  *to = *set;
  for (int i = 0; i < set->k; i++) {
    const int at = back ? set->k - 1 - i : i;
    to->y[i] = shift + times * set->y[at];
    to->v[i] = times * times * set->v[at];
    for (int j = 0; j < set->p; j++) to->x[i * set->p + j] = set->x[at * set->p + j];
  }
}

static double tau2_of_set(const char *method, const random_set *set) {
  pooling at;
  mv_search search;
  pooling_open_set(&at, set);
  const mv_status status = pooling_search(&at, method, &search);
  pooling_close(&at);
  return status == MV_OK ? search.tau2 : (double)NAN;
}

/* Order of rows, sign, shift and unit: tau2 changes by the square of the unit only. */
static void invariance(void) {
  static const struct {
    double shift, times;
    int back;
  } changes[] = {{0, 1, 1}, {0, -1, 0}, {10, 1, 0}, {0, 1e-6, 0}, {0, 1e6, 1}};
  random_source from = {22};
  for (int run = 0; run < 200; run++) {
    random_set set, other;
    pooling at;
    const int p = 1 + run % 3;
    random_set_draw(&from, p + 2 + run % 7, p, 1e4, &set);
    const mv_status status = pooling_open_set(&at, &set);
    pooling_close(&at);
    if (status != MV_OK) continue;
    for (int i = 0; i < ESTIMATED; i++) {
      const double tau2 = tau2_of_set(estimated[i], &set);
      for (int c = 0; c < 5; c++) {
        const double times = changes[c].times;
        change(&set, changes[c].shift, times, changes[c].back, &other);
        const double got = tau2_of_set(estimated[i], &other) / (times * times);
        CHECK(fabs(got - tau2) <= 1e-10 * (tau2 + set.v[0]));
      }
    }
  }
}

static void identical_effects(void) {
  const double y[4] = {0.1, 0.1, 0.1, 0.1}, v[4] = {0.3, 0.01, 2, 0.3};
  for (int i = 0; i < ESTIMATED; i++) CHECK(pooling_tau2(estimated[i], 4, y, v) == 0);
}

/* metafor 5.2-1, rma(yi, vi, method = , control = list(threshold = 1e-14,
 * tol = 1e-14)), on the BCG trials: tau2 and its standard error; REML and DL also with
 * mods = ~ ablat. */
static void bcg(void) {
  static const struct {
    const char *name;
    double tau2, se, tolerance;
  } pinned[] = {{"DL", 0.30876026286237618, 0.2298699925110258, 1e-12},
                {"PM", 0.31806845220502394, 0.1736630274627565, 1e-9},
                {"ML", 0.28002813726864378, 0.14425194938276401, 1e-9},
                {"REML", 0.31324325813648085, 0.16642575283697086, 1e-9}};
  for (int i = 0; i < 4; i++) {
    pooling at;
    mv_search search;
    mv_sums there, zero;
    pooling_open(&at, BCG, 1, bcg_y, bcg_v, NULL);
    CHECK_STATUS(pooling_search(&at, pinned[i].name, &search), MV_OK);
    pooling_sums(&at, 0, &zero);
    pooling_sums(&at, search.tau2, &there);
    CHECK_NEAR(search.tau2, pinned[i].tau2, pinned[i].tolerance);
    CHECK_NEAR(search.estimator->se(&at.model, &there, &zero), pinned[i].se,
               pinned[i].tolerance);
    pooling_close(&at);
  }
  pooling at;
  mv_search search;
  CHECK_STATUS(pooling_open(&at, BCG, 2, bcg_y, bcg_v, bcg_latitude), MV_OK);
  CHECK_STATUS(pooling_search(&at, "REML", &search), MV_OK);
  CHECK_NEAR(search.tau2, 0.0763479639552027, 1e-9);
  pooling_close(&at);
}

/* Numbers that break formulas end in a status or a finite tau2, and they end. */
static void hard_numbers(void) {
  static const double hard[] = {
      0,      -0.0,  1,      1e-12,  1e12, 1e150,  1e-150,           1e200,
      1e-200, 1e308, 5e-324, 2e-308, -1,   -1e200, (double)INFINITY, (double)NAN};
  enum { HARD = sizeof hard / sizeof *hard };
  static const double x[8] = {1, 0, 1, 1, 1, 2, 1, 5};
  for (int run = 0; run < HARD * HARD; run++) {
    const double y[4] = {0.3, hard[run % HARD], 1, 2};
    const double v[4] = {1, 0.5, hard[run / HARD], 0.1};
    for (int i = 0; i <= ESTIMATED; i++) {
      for (int p = 1; p < 3; p++) {
        pooling at;
        mv_search search;
        if (pooling_open(&at, 4, p, y, v, p == 1 ? NULL : x) == MV_OK) {
          const char *name = i < ESTIMATED ? estimated[i] : "EE";
          const mv_status status = pooling_search(&at, name, &search);
          CHECK(status != MV_MORE && status != MV_NOT_CONVERGED);
          CHECK(status != MV_OK || isfinite(search.tau2));
        }
        pooling_close(&at);
      }
    }
  }
}

void test_tau2(void) {
  table();
  too_few();
  two_effects();
  invariance();
  identical_effects();
  bcg();
  hard_numbers();
}
