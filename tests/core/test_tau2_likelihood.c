#include <float.h>

#include "check.h"
#include "pooling.h"
#include "spectrum.h"

static const char *const methods[2] = {"ML", "REML"}; /* by `restricted` */

static mv_status search_set(const random_set *set, int restricted, mv_search *search) {
  pooling at;
  mv_status status = pooling_open_set(&at, set);
  if (status == MV_OK) status = pooling_search(&at, methods[restricted], search);
  pooling_close(&at);
  return status;
}

/* 0.0819731: where Fisher scoring cycles; in any unit. */
static void ten_effects(void) {
  const double tau2 = pooling_tau2("REML", TEN, ten_y, ten_v);
  CHECK_NEAR(tau2, 0.0819731, 1e-6);
  for (double unit = 1e-6; unit < 1e7; unit *= 1e12) {
    double y[TEN], v[TEN];
    for (int i = 0; i < TEN; i++) {
      y[i] = unit * ten_y[i];
      v[i] = unit * unit * ten_v[i];
    }
    CHECK_NEAR(pooling_tau2("REML", TEN, y, v) / (unit * unit), tau2, 1e-10);
  }
}

/* REML max(0, RSS / (k - p) - v), ML max(0, RSS / k - v). */
static void equal_variances(void) {
  random_source from = {51};
  for (int run = 0; run < 300; run++) {
    random_set set;
    pooling at;
    mv_search search;
    const int p = 1 + run % 3, k = p + 1 + run % 8;
    random_set_draw(&from, k, p, 1, &set);
    const double v = random_log_uniform(&from, 1e-6, 3);
    for (int i = 0; i < k; i++) set.v[i] = v;
    if (pooling_open_set(&at, &set) == MV_OK) {
      const double rss = mv_least_squares_rss(&at.model, &at.work.model);
      CHECK_STATUS(pooling_search(&at, "REML", &search), MV_OK);
      CHECK(fabs(search.tau2 - fmax(0, rss / (k - p) - v)) < 1e-11 * (rss + v));
      CHECK(search.maxima == 1);
      CHECK_STATUS(pooling_search(&at, "ML", &search), MV_OK);
      CHECK(fabs(search.tau2 - fmax(0, rss / k - v)) < 1e-11 * (rss + v));
    }
    pooling_close(&at);
  }
}

/* k = p + 1: REML max(0, (a'y)^2 - sum a^2 v), a = (1, -2, 1)/sqrt(6) for x = (1, i);
 * to variances of 1e-20, where the maximum lies at (a'y)^2 to rounding. */
static void one_contrast(void) {
  static const double x[6] = {1, 0, 1, 1, 1, 2};
  random_source from = {52};
  for (int run = 0; run < 500; run++) {
    double y[3], v[3];
    pooling at;
    mv_search search;
    for (int i = 0; i < 3; i++) {
      v[i] = random_log_uniform(&from, run % 2 ? 1e-20 : 1e-6, run % 2 ? 1e-19 : 1);
      y[i] = random_normal(&from);
    }
    const double u = y[0] - 2 * y[1] + y[2];
    const double want = fmax(0, (u * u - v[0] - 4 * v[1] - v[2]) / 6);
    pooling_open(&at, 3, 2, y, v, x);
    CHECK_STATUS(pooling_search(&at, "REML", &search), MV_OK);
    CHECK(fabs(search.tau2 - want) < 1e-12 * (want + v[0] + v[1] + v[2]));
    pooling_close(&at);
  }
}

/* At an estimate above 0 the score is 0 and falls, at 0 it is not positive; by the
 * spectrum's own score. */
static void defining_equation(void) {
  random_source from = {53};
  for (int run = 0; run < 2000; run++) {
    random_set set;
    mv_search search;
    spectrum of;
    const int k = random_int(&from, 3, 12), p = run % 2 ? 1 : random_int(&from, 1, k - 1);
    const int restricted = run / 2 % 2;
    random_set_draw(&from, k, p, 1e6, &set);
    if (search_set(&set, restricted, &search) != MV_OK) continue;
    spectrum_of(&set, restricted, &of);
    if (search.tau2 == 0) {
      CHECK(spectrum_score(&of, 0) <= 0);
    } else {
      CHECK(spectrum_score(&of, search.tau2 * (1 - 1e-7)) > 0);
      CHECK(spectrum_score(&of, search.tau2 * (1 + 1e-7)) < 0);
    }
    const double log_lik = spectrum_log_lik(&of, search.tau2);
    CHECK(fabs(search.log_lik - log_lik) < 1e-10 * (1 + fabs(log_lik)));
  }
}

/* y 0, 0.05, c with v .01 .01 1: (y2 - y1)/sqrt(2) and (2 y3 - y1 - y2)/sqrt(6) are
 * uncorrelated with variances .01 + t and .67 + t, so the likelihood is theirs. */
static random_set two_humps(double c) {
  return (random_set){
      .k = 3, .p = 1, .y = {0, 0.05, c}, .v = {.01, .01, 1}, .x = {1, 1, 1}};
}

static double humps_log_lik(double c, double t) {
  const double u = (2 * c - 0.05) * (2 * c - 0.05) / 6, log_2pi = log(8 * atan(1));
  return -(2 * log_2pi + log(.01 + t) + log(.67 + t) + .00125 / (.01 + t) +
           u / (.67 + t)) /
         2;
}

/* The root of the score at the right hump: the likelihood falls on both sides of it. */
static double right_hump(double c) {
  double low = 0.5, high = 10;
  for (int i = 0; i < 200; i++) {
    const double mid = (low + high) / 2, u = (2 * c - 0.05) * (2 * c - 0.05) / 6;
    const double a = .01 + mid, b = .67 + mid;
    const double slope = .00125 / (a * a) + u / (b * b) - 1 / a - 1 / b;
    *(slope > 0 ? &low : &high) = mid;
  }
  return (low + high) / 2;
}

/* c at which the right hump is `gain` higher than tau2 = 0. */
static double humps_at(double gain) {
  double low = 2.9, high = 3.0;
  for (int i = 0; i < 200; i++) {
    const double c = (low + high) / 2;
    const double now = humps_log_lik(c, right_hump(c)) - humps_log_lik(c, 0);
    *(now < gain ? &low : &high) = c;
  }
  return (low + high) / 2;
}

/* The higher of two maxima; within 1e-10 the larger tau2; both counted. */
static void two_maxima(void) {
  static const double gains[] = {-1e-3, -1e-8, -1e-11, 0, 1e-11, 1e-8, 1e-3};
  for (int i = 0; i < 7; i++) {
    const double c = humps_at(gains[i]);
    const random_set set = two_humps(c);
    mv_search search;
    CHECK_STATUS(search_set(&set, 1, &search), MV_OK);
    CHECK(search.maxima == 2);
    if (gains[i] < -1e-10) {
      CHECK(search.tau2 == 0);
    } else {
      CHECK_NEAR(search.tau2, right_hump(c), 1e-9);
    }
    CHECK_NEAR(search.log_lik, humps_log_lik(c, search.tau2), 1e-13);
  }
}

/* One exact effect among four: REML stays finite, wherever in the rows it stands. */
static void one_zero_variance(void) {
  const double y[4] = {.1, .5, .9, .3}, v[4] = {0, .1, .2, .1};
  CHECK(fabs(pooling_tau2("REML", 4, y, v) - .04612) < 5e-6);
  const double reversed[4] = {.3, .9, .5, .1}, v_reversed[4] = {.1, .2, .1, 0};
  CHECK_NEAR(pooling_tau2("REML", 4, reversed, v_reversed), pooling_tau2("REML", 4, y, v),
             1e-10);
}

static mv_status search_status(const char *method, const double *y, const double *v) {
  pooling at;
  mv_search search;
  pooling_open(&at, 4, 1, y, v, NULL);
  const mv_status status = pooling_search(&at, method, &search);
  CHECK(status != MV_OK || (isfinite(search.tau2) && isfinite(search.log_lik)));
  pooling_close(&at);
  return status;
}

/* Unbounded likelihoods end, and where the exact effect wins they say so. */
static void unbounded(void) {
  const double y[4] = {.1, .1, .12, .11}, same[4] = {1, 1, 1, 1};
  const double one[4] = {0, .1, .2, .1}, two[4] = {0, 0, .2, .1}, all[4] = {0};
  CHECK_STATUS(search_status("ML", y, one), MV_DEGENERATE);
  CHECK_STATUS(search_status("ML", y, two), MV_DEGENERATE);
  CHECK_STATUS(search_status("REML", y, two), MV_DEGENERATE);
  CHECK_STATUS(search_status("REML", same, one), MV_DEGENERATE);
  CHECK_STATUS(search_status("REML", same, all), MV_DEGENERATE);
  CHECK_STATUS(search_status("REML", y, all), MV_OK);
}

/* All variances 0: the variance of the effects themselves. */
static void no_variances(void) {
  const double y[4] = {1, 2, 4, 9}, v[4] = {0}; /* RSS = 38 */
  CHECK_NEAR(pooling_tau2("REML", 4, y, v), 38 / 3., 1e-12);
  CHECK_NEAR(pooling_tau2("ML", 4, y, v), 38 / 4., 1e-12);
}

/* Never below the refined maximum of a grid, and every maximum the grid shows is
 * counted: 3,000 sets here, 100,000 in validation/global_maximum.c. */
static void global_maximum(void) {
  random_source from = {54};
  int most = 0, several = 0;
  for (int run = 0; run < 3000; run++) {
    random_set set;
    mv_search search;
    spectrum of;
    const int k = random_int(&from, 3, 10), p = run % 2 ? 1 : random_int(&from, 1, k - 1);
    const int restricted = run / 2 % 2;
    random_set_draw(&from, k, p, 1e6, &set);
    const mv_status status = search_set(&set, restricted, &search);
    if (status == MV_RANK_DEFICIENT) continue;
    if (!CHECK_STATUS(status, MV_OK)) continue;
    spectrum_of(&set, restricted, &of);
    const grid_maximum grid = spectrum_grid(&of, 400);
    const double found = spectrum_log_lik(&of, search.tau2);
    CHECK(found >= grid.log_lik - 1e-9 * (1 + fabs(grid.log_lik)));
    CHECK(search.maxima >= grid.maxima);
    several += search.maxima > 1;
    if (search.evaluations > most) most = search.evaluations;
  }
  CHECK(several > 20);
  CHECK(most < 200);
}

/* Variance ratios far beyond any data; with moderators one effect may be exact beside
 * the others. The reference keeps 7 digits here. */
static void extreme_ratios(void) {
  random_source from = {55};
  for (int run = 0; run < 2000; run++) {
    random_set set;
    mv_search search;
    spectrum of;
    const int k = random_int(&from, 3, 10), p = run % 2 ? 1 : random_int(&from, 1, k - 1);
    random_set_draw(&from, k, p, 1e12, &set);
    const mv_status status = search_set(&set, run / 2 % 2, &search);
    if (status == MV_RANK_DEFICIENT) continue;
    if (!CHECK_STATUS(status, MV_OK)) continue;
    spectrum_of(&set, run / 2 % 2, &of);
    const grid_maximum grid = spectrum_grid(&of, 200);
    const double found = spectrum_log_lik(&of, search.tau2);
    CHECK(found >= grid.log_lik - 1e-7 * (1 + fabs(grid.log_lik)));
    CHECK(search.evaluations < 500);
  }
}

/* Near a triple root of the score bounds on the score alone decide slowly: with them this
 * set takes 16,228 evaluations. */
static void nearly_triple_root(void) {
  static const random_set set = {
      .k = 8,
      .p = 1,
      .y = {-0.073454769955859131, 0.090402781310114325, 1.9071352023799208,
            -3.8497333017910851, 0.060042697338304224, -0.91414786227798472,
            -0.60821851790286308, -0.10829531328306967},
      .v = {1.2196578560274891, 0.12192849264585946, 1.1066359909233008,
            1.2780300817820558, 0.31012689010123806, 0.52996130455444979,
            0.20414625607924033, 0.083135020350987437}};
  mv_search search;
  CHECK_STATUS(search_set(&set, 1, &search), MV_OK);
  CHECK(search.evaluations < 500);
  for (double c = 1; c < 3; c += 0.003) { /* two humps become one at some c */
    const random_set humps = two_humps(c);
    CHECK_STATUS(search_set(&humps, 1, &search), MV_OK);
    CHECK(search.evaluations < 300);
  }
}

void test_tau2_likelihood(void) {
  ten_effects();
  equal_variances();
  one_contrast();
  defining_equation();
  two_maxima();
  one_zero_variance();
  unbounded();
  no_variances();
  global_maximum();
  extreme_ratios();
  nearly_triple_root();
}
