#include "check.h"
#include "mathlib.h"
#include "pooling.h"
#include "tau2_interval.h"

/* Q = d^2 / (v1 + v2 + 2 tau2) = q at tau2 = (d^2 / q - v1 - v2) / 2. */
static void two_effects(void) {
  const double v[2] = {1, 2};
  for (double d = 0; d < 40; d += 0.5) {
    const double y[2] = {d, 0};
    pooling at;
    mv_q_profile profile;
    pooling_open(&at, 2, 1, y, v, NULL);
    CHECK_STATUS(pooling_q_profile(&at, 0.9, &profile), MV_OK);
    const double low = (d * d / mv_qchisq(0.95, 1) - 3) / 2;
    const double high = (d * d / mv_qchisq(0.05, 1) - 3) / 2;
    CHECK_NEAR(profile.lower, fmax(0, low), 1e-12);
    CHECK_NEAR(profile.upper, fmax(0, high), 1e-12);
    pooling_close(&at);
  }
}

/* Q at each end is its quantile, or the end is 0 and Q(0) below it. */
static void check_ends(pooling *at, const mv_q_profile *profile) {
  const double ends[2] = {profile->lower, profile->upper};
  for (int i = 0; i < 2; i++) {
    mv_sums there;
    CHECK_STATUS(pooling_sums(at, ends[i], &there), MV_OK);
    const double q = profile->target[i];
    CHECK(ends[i] > 0 ? fabs(there.rss - q) < 1e-9 * q : there.rss <= q);
  }
  CHECK(profile->lower <= profile->upper);
}

static void defining_equations(void) {
  random_source from = {41};
  for (int run = 0; run < 1000; run++) {
    random_set set;
    pooling at;
    mv_q_profile narrow, wide;
    mv_search search;
    const int p = 1 + run % 4;
    random_set_draw(&from, p + 1 + run % 9, p, p == 1 ? 1e12 : 1e6, &set);
    if (pooling_open_set(&at, &set) == MV_OK) {
      CHECK_STATUS(pooling_q_profile(&at, 0.5, &narrow), MV_OK);
      CHECK_STATUS(pooling_q_profile(&at, 0.95, &wide), MV_OK);
      check_ends(&at, &narrow);
      check_ends(&at, &wide);
      CHECK(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
      CHECK_STATUS(pooling_search(&at, "PM", &search), MV_OK);
      CHECK(wide.lower <= search.tau2 && search.tau2 <= wide.upper);
    }
    pooling_close(&at);
  }
}

/* metafor 5.2-1, confint(rma(yi, vi), control = list(tol = 1e-14)); and with
 * mods = ~ ablat. */
static void bcg(void) {
  pooling at;
  mv_q_profile profile;
  pooling_open(&at, BCG, 1, bcg_y, bcg_v, NULL);
  CHECK_STATUS(pooling_q_profile(&at, 0.95, &profile), MV_OK);
  CHECK_NEAR(profile.lower, 0.11971836114126073, 1e-10);
  CHECK_NEAR(profile.upper, 1.1114790840609292, 1e-10);
  pooling_close(&at);
  CHECK_STATUS(pooling_open(&at, BCG, 2, bcg_y, bcg_v, bcg_latitude), MV_OK);
  CHECK_STATUS(pooling_q_profile(&at, 0.95, &profile), MV_OK);
  CHECK_NEAR(profile.lower, 0.01668006832064807, 1e-10);
  CHECK_NEAR(profile.upper, 0.7848352545755007, 1e-10);
  pooling_close(&at);
}

static void nothing_to_find(void) {
  const double same[3] = {1, 1, 1}, v[3] = {1, 2, 3}, x[4] = {1, 0, 1, 1};
  pooling at;
  mv_q_profile profile;
  pooling_open(&at, 3, 1, same, v, NULL);
  CHECK_STATUS(pooling_q_profile(&at, 0.95, &profile), MV_OK);
  CHECK(profile.lower == 0 && profile.upper == 0);
  pooling_close(&at);
  pooling_open(&at, 2, 2, same, v, x);
  CHECK_STATUS(pooling_q_profile(&at, 0.95, &profile), MV_TOO_FEW);
  pooling_close(&at);
}

void test_tau2_interval(void) {
  two_effects();
  defining_equations();
  bcg();
  nothing_to_find();
}
