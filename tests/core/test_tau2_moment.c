#include "check.h"
#include "dense.h"
#include "pooling.h"

/* w 1 1 2, Q = 6.75, tr P = 2.5 (test_model.c): tau2 = (6.75 - 2) / 2.5 = 1.9,
 * tr P^2 = 3.25: SE = sqrt(4 + 4 * 1.9 * 2.5 + 2 * 1.9^2 * 3.25) / 2.5. */
static void dl_by_hand(void) {
  const double y[3] = {0, 1, 3}, v[3] = {1, 1, 0.5};
  pooling at;
  mv_search search;
  mv_sums zero, there;
  pooling_open(&at, 3, 1, y, v, NULL);
  CHECK_STATUS(pooling_search(&at, "DL", &search), MV_OK);
  CHECK_NEAR(search.tau2, 1.9, 1e-15);
  CHECK(search.evaluations == 1);
  pooling_sums(&at, 0, &zero);
  pooling_sums(&at, 1.9, &there);
  CHECK_NEAR(search.estimator->se(&at.model, &there, &zero), sqrt(4 + 19 + 23.465) / 2.5,
             1e-14);
  pooling_close(&at);
}

/* y'P^2 y overflows where Q does not: no Newton step, and no root at 0 either. */
static void pm_beyond_numbers(void) {
  const double y[3] = {1, 2, 3}, v[3] = {1e-300, 1e-200, 1};
  pooling at;
  mv_search search;
  pooling_open(&at, 3, 1, y, v, NULL);
  CHECK_STATUS(pooling_search(&at, "PM", &search), MV_NOT_FINITE);
  pooling_close(&at);
}

static void dl_with_moderators(void) {
  random_source from = {31};
  for (int run = 0; run < 200; run++) {
    random_set set;
    pooling at;
    mv_search search;
    const int p = 2 + run % 3;
    random_set_draw(&from, p + 5, p, 1e3, &set);
    if (pooling_open_set(&at, &set) == MV_OK) {
      CHECK_STATUS(pooling_search(&at, "DL", &search), MV_OK);
      const mv_sums zero = dense_sums(&set, 0);
      const double want = fmax(0, (zero.rss - 5) / zero.tr_p);
      CHECK(fabs(search.tau2 - want) < 1e-9 * (1e-3 + want));
    }
    pooling_close(&at);
  }
}

/* Q(tau2) = k - p, or Q(0) <= k - p and tau2 = 0. Where the variances differ by 1e12 the
 * search still takes a few dozen steps. */
static void pm_defining_equation(void) {
  random_source from = {32};
  int most = 0;
  for (int run = 0; run < 2000; run++) {
    random_set set;
    pooling at;
    mv_search search;
    mv_sums there;
    const int p = 1 + run % 4;
    random_set_draw(&from, p + 1 + run % 9, p, p == 1 ? 1e12 : 1e6, &set);
    if (pooling_open_set(&at, &set) == MV_OK) {
      CHECK_STATUS(pooling_search(&at, "PM", &search), MV_OK);
      CHECK_STATUS(pooling_sums(&at, search.tau2, &there), MV_OK);
      const double df = set.k - p;
      CHECK(search.tau2 == 0 ? there.rss <= df : fabs(there.rss - df) < 1e-9 * df);
      if (search.evaluations > most) most = search.evaluations;
    }
    pooling_close(&at);
  }
  CHECK(most < 80);
}

/* Equal variances: Q = RSS / (v + tau2), tau2 = RSS / (k - 1) - v; SE by hand. */
static void pm_equal_variances(void) {
  const double y[4] = {0, 2, 4, 10}, v[4] = {3, 3, 3, 3}; /* RSS = 56 */
  pooling at;
  mv_search search;
  mv_sums there;
  pooling_open(&at, 4, 1, y, v, NULL);
  CHECK_STATUS(pooling_search(&at, "PM", &search), MV_OK);
  CHECK_NEAR(search.tau2, 56 / 3. - 3, 1e-13);
  pooling_sums(&at, search.tau2, &there);
  CHECK_NEAR(mv_se_pm(&at.model, &there, NULL), sqrt(32 / 3.) / 4 * 56 / 3, 1e-13);
  pooling_close(&at);
}

/* Each step goes to the right and stays left of the root. */
static void q_steps(void) {
  pooling at;
  mv_sums there;
  pooling_open(&at, BCG, 1, bcg_y, bcg_v, NULL);
  double tau2 = 0, before = -1;
  mv_status status = MV_MORE;
  for (int i = 0; i < 50 && status == MV_MORE; i++) {
    pooling_sums(&at, tau2, &there);
    CHECK(tau2 > before && there.rss > 5 * (1 - 1e-12));
    before = tau2;
    status = mv_q_step(&at.model, &at.work.model, 5, &tau2);
  }
  CHECK_STATUS(status, MV_OK);
  pooling_sums(&at, tau2, &there);
  CHECK_NEAR(there.rss, 5, 1e-12);
  tau2 = 0.25; /* at once where Q is below the target already */
  CHECK_STATUS(mv_q_step(&at.model, &at.work.model, 1e6, &tau2), MV_OK);
  CHECK(tau2 == 0.25);
  pooling_close(&at);
}

static mv_status pm_status(const double *y, const double *v) {
  pooling at;
  mv_search search;
  pooling_open(&at, 4, 1, y, v, NULL);
  const mv_status status = pooling_search(&at, "PM", &search);
  pooling_close(&at);
  return status;
}

/* A variance of 0: a root above it is found as any other; an effect that the others
 * agree with leaves tau2 at 0, where it alone is the estimate. */
static void pm_zero_variance(void) {
  const double y[4] = {.1, .5, .9, .3}, far[4] = {0, 5, 9, 3}, same[4] = {1, 1, 1, 1};
  const double v[4] = {0, .1, .2, .1}, two[4] = {0, 0, .2, .1};
  const double tau2 = pooling_tau2("PM", 4, far, v);
  pooling at;
  mv_sums there;
  pooling_open(&at, 4, 1, far, v, NULL);
  pooling_sums(&at, tau2, &there);
  CHECK_NEAR(there.rss, 3, 1e-10);
  pooling_close(&at);
  CHECK(pooling_tau2("PM", 4, y, two) > 0);
  CHECK_STATUS(pm_status(same, v), MV_DEGENERATE);
  const double close[4] = {.1, .11, .12, .1};
  CHECK_STATUS(pm_status(close, v), MV_DEGENERATE);
}

void test_tau2_moment(void) {
  dl_by_hand();
  pm_beyond_numbers();
  dl_with_moderators();
  pm_defining_equation();
  pm_equal_variances();
  q_steps();
  pm_zero_variance();
}
