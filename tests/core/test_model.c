#include "model.h"

#include "check.h"
#include "dense.h"
#include "pooling.h"

/* y 0 1 3, v 1 1 1/2 at tau2 = 0: w 1 1 2, mean 7/4, z = W r = (-7/4, -3/4, 5/2). */
static void mean_by_hand(void) {
  const double y[3] = {0, 1, 3}, v[3] = {1, 1, 0.5};
  pooling at;
  mv_sums s;
  pooling_open(&at, 3, 1, y, v, NULL);
  CHECK(at.model.pivot == 2);
  CHECK_STATUS(pooling_sums(&at, 0, &s), MV_OK);
  CHECK_NEAR(at.work.model.coef[0], 1.75, 1e-15);
  CHECK_NEAR(at.work.model.chol[0], 2, 1e-15);
  CHECK_NEAR(s.rss, 6.75, 1e-15);
  CHECK_NEAR(s.ypp, 9.875, 1e-15);
  CHECK_NEAR(s.yppp, 14.5625, 1e-15);
  CHECK(s.tau2 == 0 && s.tr_w == 4 && s.tr_ww == 6);
  CHECK_NEAR(s.tr_p, 2.5, 1e-15);
  CHECK_NEAR(s.tr_pp, 3.25, 1e-15);
  CHECK_NEAR(s.log_det, log(4 / 3.), 1e-15);
  CHECK_NEAR(mv_least_squares_rss(&at.model, &at.work.model), 14 / 3., 1e-15);
  pooling_close(&at);
}

static void check_sums(const mv_sums *got, const mv_sums *want, double tolerance,
                       double tolerance_yppp) {
  CHECK_NEAR(got->rss, want->rss, tolerance);
  CHECK_NEAR(got->ypp, want->ypp, tolerance);
  CHECK_NEAR(got->yppp, want->yppp, tolerance_yppp);
  CHECK_NEAR(got->tr_w, want->tr_w, tolerance);
  CHECK_NEAR(got->tr_ww, want->tr_ww, tolerance);
  CHECK_NEAR(got->tr_p, want->tr_p, tolerance);
  CHECK_NEAR(got->tr_pp, want->tr_pp, tolerance);
}

/* Every number of rows (vectors of four and what is left over), the pivot anywhere,
 * variance ratios up to 1e12. */
static void mean_against_pairs(void) {
  random_source from = {3};
  for (int run = 0; run < 4000; run++) {
    random_set set;
    pooling at;
    mv_sums got;
    const int k = 2 + run % 38;
    random_set_draw(&from, k, 1, run % 3 ? 1e12 : 10, &set);
    const double tau2 = run % 2 ? 0 : random_log_uniform(&from, 1e-12, 10);
    pooling_open(&at, k, 1, set.y, set.v, NULL);
    CHECK_STATUS(pooling_sums(&at, tau2, &got), MV_OK);
    const mv_sums want = pair_sums(&set, tau2);
    check_sums(&got, &want, 1e-11, 1e-9);
    CHECK(fabs(got.log_det - want.log_det) < 1e-13 * (1 + fabs(want.log_det)));
    pooling_close(&at);
  }
}

static void design_against_dense(void) {
  random_source from = {4};
  static dense_matrix inverse;
  for (int run = 0; run < 2000; run++) {
    random_set set;
    pooling at;
    mv_sums got;
    const int p = 2 + run % 4, k = random_int(&from, p + 1, 20);
    const double ratio = run % 3 ? 1e6 : 10;
    random_set_draw(&from, k, p, ratio, &set);
    const double tau2 = run % 2 ? 0 : random_log_uniform(&from, 1e-6, 10);
    if (pooling_open_set(&at, &set) != MV_OK) {
      pooling_close(&at);
      continue;
    }
    CHECK_STATUS(pooling_sums(&at, tau2, &got), MV_OK);
    const mv_sums want = dense_sums(&set, tau2);
    check_sums(&got, &want, 1e-8, 1e-3);
    (void)inverse;
    pooling_close(&at);
  }
}

void test_model(void) {
  mean_by_hand();
  mean_against_pairs();
  design_against_dense();
}
