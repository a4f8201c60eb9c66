#include "check.h"
#include "design.h"
#include "pooling.h"

/* x = (1, i), i 0 1 2 with variances 1 4 1: rows 0 and 2 are the pivots, row 1 is half
 * of each, and |z'z| = |1.25 .25; .25 1.25| = 1.5. */
static void by_hand(void) {
  static const double x[6] = {1, 0, 1, 1, 1, 2}, y[3] = {0}, v[3] = {1, 4, 1};
  static const double z[6] = {1, 0, 0.5, 0.5, 0, 1};
  pooling at;
  CHECK_STATUS(pooling_open(&at, 3, 2, y, v, x), MV_OK);
  CHECK(at.design.rows[0] == 0 && at.design.rows[1] == 2);
  for (int i = 0; i < 6; i++) CHECK(fabs(at.design.x[i] - z[i]) < 1e-15);
  CHECK_NEAR(at.design.log_det, log(1.5), 1e-14);
  pooling_close(&at);
}

/* z turn^-1 = q, so x = z (turn^-1 r) : checked as z = x (turn^-1 r)^-1 = x r^-1 turn. */
static double worst_entry(const random_set *set, const mv_design *design) {
  double worst = 0;
  for (int i = 0; i < set->k; i++) {
    for (int j = 0; j < set->p; j++) {
      double column[SET_COLUMNS], sum = 0;
      for (int a = 0; a < set->p; a++) column[a] = design->turn[a * set->p + j];
      mv_solve_upper(set->p, design->r, column);
      for (int a = 0; a < set->p; a++) sum += set->x[i * set->p + a] * column[a];
      worst = fmax(worst, fabs(sum - design->x[i * set->p + j]));
    }
  }
  return worst;
}

static void random_designs(void) {
  random_source from = {11};
  for (int run = 0; run < 500; run++) {
    random_set set;
    pooling at;
    const int p = 1 + run % 6;
    random_set_draw(&from, p + random_int(&from, 0, 10), p, 1e8, &set);
    if (pooling_open(&at, set.k, p, set.y, set.v, set.x) == MV_OK) {
      const ptrdiff_t *rows = at.design.rows;
      int identity = 1;
      for (int a = 0; a < p; a++) {
        CHECK(a == 0 || rows[a] > rows[a - 1]);
        for (int b = 0; b < p; b++) {
          identity &= fabs(at.design.x[rows[a] * p + b] - (a == b)) < 1e-11;
        }
      }
      CHECK(identity);
      CHECK(worst_entry(&set, &at.design) < 1e-8);
    }
    pooling_close(&at);
  }
}

/* An effect of overwhelming weight is a pivot row; of two that say nearly the same, one.
 */
static void precise_rows(void) {
  static const double x[10] = {1, 0, 1, 5, 1, 5.000001, 1, 3, 1, 9};
  static const double y[5] = {0}, v[5] = {1, 1e-8, 1e-8, 1, 1};
  pooling at;
  CHECK_STATUS(pooling_open(&at, 5, 2, y, v, x), MV_OK);
  const ptrdiff_t *rows = at.design.rows;
  CHECK((rows[0] == 1) + (rows[0] == 2) + (rows[1] == 1) + (rows[1] == 2) == 1);
  pooling_close(&at);
}

/* Two exact effects that say the same: one is a pivot, and no pivot is rounding. */
static void exact_rows(void) {
  static const double x[10] = {1, 0.1, 1, 0.3, 1, 0.3, 1, 0.7, 1, 0.9};
  static const double y[5] = {0}, v[5] = {1, 0, 0, 1, 1};
  pooling at;
  CHECK_STATUS(pooling_open(&at, 5, 2, y, v, x), MV_OK);
  for (int i = 0; i < 10; i++) CHECK(fabs(at.design.x[i]) < 10);
  pooling_close(&at);
}

static void aliased(void) {
  static const double x[9] = {1, 2, 2, 1, 3, 3, 1, 5, 5}, y[3] = {0}, v[3] = {1, 1, 1};
  pooling at;
  CHECK_STATUS(pooling_open(&at, 3, 3, y, v, x), MV_RANK_DEFICIENT);
  CHECK(!at.design.aliased[0] && !at.design.aliased[1] && at.design.aliased[2]);
  pooling_close(&at);
}

void test_design(void) {
  by_hand();
  random_designs();
  precise_rows();
  exact_rows();
  aliased();
}
