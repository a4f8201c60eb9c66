#include "check.h"
#include "dense.h"
#include "model.h"
#include "pooling.h"
#include "spectrum.h"

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
    check_sums(&got, &want, 1e-11, 1e-11);
    CHECK(fabs(got.log_det - want.log_det) < 1e-13 * (1 + fabs(want.log_det)));
    pooling_close(&at);
  }
}

/* Against P = W - WX(X'WX)^-1X'W itself, which keeps its digits only where the
 * variances are alike. */
static void design_against_dense(void) {
  random_source from = {4};
  for (int run = 0; run < 1000; run++) {
    random_set set;
    pooling at;
    mv_sums got;
    const int p = 2 + run % 4, k = random_int(&from, p + 1, 20);
    random_set_draw(&from, k, p, 1e3, &set);
    const double tau2 = run % 2 ? 0 : random_log_uniform(&from, 1e-3, 10);
    if (pooling_open_set(&at, &set) == MV_OK) {
      CHECK_STATUS(pooling_sums(&at, tau2, &got), MV_OK);
      const mv_sums want = dense_sums(&set, tau2);
      check_sums(&got, &want, 1e-8, 1e-8);
    }
    pooling_close(&at);
  }
}

/* Against the eigenvalues l of A'VA: y'P^n y = sum u^2/(l + t)^n, tr P^n likewise. */
static void design_against_spectrum(void) {
  random_source from = {5};
  for (int run = 0; run < 1000; run++) {
    random_set set;
    pooling at;
    spectrum of;
    mv_sums got, want = {0};
    const int p = 1 + run % 5, k = random_int(&from, p + 1, 12);
    random_set_draw(&from, k, p, 1e6, &set);
    const double tau2 = run % 2 ? 0 : random_log_uniform(&from, 1e-6, 10);
    spectrum_of(&set, 1, &of);
    if (pooling_open(&at, k, p, set.y, set.v, set.x) == MV_OK) {
      CHECK_STATUS(pooling_sums(&at, tau2, &got), MV_OK);
      want.tr_w = got.tr_w, want.tr_ww = got.tr_ww;
      for (int i = 0; i < of.n; i++) {
        const double w = 1 / (of.l[i] + tau2);
        want.rss += of.u2[i] * w, want.ypp += of.u2[i] * w * w;
        want.yppp += of.u2[i] * w * w * w, want.tr_p += w, want.tr_pp += w * w;
      }
      check_sums(&got, &want, 1e-8, 1e-8);
      const double log_lik = spectrum_log_lik(&of, tau2);
      CHECK(fabs(mv_log_lik_reml(&at.model, &got) - log_lik) <
            1e-9 * (1 + fabs(log_lik)));
      double rss = 0;
      for (int i = 0; i < of.n; i++) rss += of.u2[i];
      CHECK_NEAR(mv_least_squares_rss(&at.model, &at.work.model), rss, 1e-8);
    }
    pooling_close(&at);
  }
}

/* k = p + 1 leaves one contrast a: P = a a' / sum a_i^2 (v_i + t), so all is closed,
 * whatever the variances. x = (1, i), k = 3: a = (1, -2, 1) / sqrt(6). */
static void one_contrast(void) {
  static const double x[6] = {1, 0, 1, 1, 1, 2};
  random_source from = {6};
  for (int run = 0; run < 300; run++) {
    double y[3], v[3];
    pooling at;
    mv_sums got;
    for (int i = 0; i < 3; i++) {
      v[i] = random_log_uniform(&from, 1e-12, 1);
      y[i] = random_normal(&from);
    }
    pooling_open(&at, 3, 2, y, v, x);
    CHECK_STATUS(pooling_sums(&at, 0, &got), MV_OK);
    const double l = (v[0] + 4 * v[1] + v[2]) / 6, u = y[0] - 2 * y[1] + y[2];
    CHECK_NEAR(got.tr_p, 1 / l, 1e-12);
    CHECK_NEAR(got.tr_pp, 1 / (l * l), 1e-12);
    CHECK_NEAR(got.rss, u * u / 6 / l, 1e-11);
    CHECK_NEAR(got.ypp, u * u / 6 / (l * l), 1e-11);
    CHECK_NEAR(got.yppp, u * u / 6 / (l * l * l), 1e-11);
    pooling_close(&at);
  }
}

/* A column of ones, given or understood, is one model. */
static void ones_given(void) {
  random_source from = {7};
  for (int run = 0; run < 500; run++) {
    random_set set;
    pooling a, b;
    mv_sums one, other;
    random_set_draw(&from, 2 + run % 20, 1, 1e12, &set);
    pooling_open(&a, set.k, 1, set.y, set.v, NULL);
    CHECK_STATUS(pooling_open(&b, set.k, 1, set.y, set.v, set.x), MV_OK);
    const double tau2 = run % 2 ? 0 : 0.1;
    CHECK_STATUS(pooling_sums(&a, tau2, &one), MV_OK);
    CHECK_STATUS(pooling_sums(&b, tau2, &other), MV_OK);
    check_sums(&other, &one, 1e-10, 1e-8);
    CHECK(fabs(one.log_det - other.log_det) < 1e-12 * (1 + fabs(one.log_det)));
    CHECK_NEAR(mv_least_squares_rss(&b.model, &b.work.model),
               mv_least_squares_rss(&a.model, &a.work.model), 1e-12);
    pooling_close(&a);
    pooling_close(&b);
  }
}

/* d rss = -y'P^2y, d y'P^2y = -2 y'P^3y, d tr P = -tr P^2, d log det = tr P - tr W. */
static void derivatives(void) {
  random_source from = {8};
  for (int run = 0; run < 200; run++) {
    random_set set;
    pooling at;
    mv_sums low, mid, high;
    const int p = 1 + run % 4;
    random_set_draw(&from, p + 6, p, 100, &set);
    const double h = 1e-4, tau2 = 0.3;
    if (pooling_open_set(&at, &set) == MV_OK) {
      pooling_sums(&at, tau2 - h, &low);
      pooling_sums(&at, tau2, &mid);
      pooling_sums(&at, tau2 + h, &high);
      CHECK_NEAR((high.rss - low.rss) / (2 * h), -mid.ypp, 1e-5);
      CHECK_NEAR((high.ypp - low.ypp) / (2 * h), -2 * mid.yppp, 1e-5);
      CHECK_NEAR((high.tr_p - low.tr_p) / (2 * h), -mid.tr_pp, 1e-5);
      CHECK_NEAR((high.tr_w - low.tr_w) / (2 * h), -mid.tr_ww, 1e-5);
      CHECK_NEAR((high.log_det - low.log_det) / (2 * h), mid.tr_p - mid.tr_w, 1e-5);
    }
    pooling_close(&at);
  }
}

/* Two effects: ML is two normal densities, REML that of (y1 - y2)/sqrt(2). */
static void likelihoods_by_hand(void) {
  const double y[2] = {1, 4}, v[2] = {2, 6}, tau2 = 1, log_2pi = log(8 * atan(1));
  pooling at;
  mv_sums sums;
  pooling_open(&at, 2, 1, y, v, NULL);
  CHECK_STATUS(pooling_sums(&at, tau2, &sums), MV_OK);
  /* variances 3 and 7, mean (7 * 1 + 3 * 4)/10 = 1.9 */
  const double ml = 2 * log_2pi + log(21) + 0.81 / 3 + 4.41 / 7;
  CHECK_NEAR(mv_log_lik_ml(&at.model, &sums), -ml / 2, 1e-14);
  CHECK_NEAR(mv_log_lik_reml(&at.model, &sums), -(log_2pi + log(5) + 0.9) / 2, 1e-14);
  pooling_close(&at);
}

/* Other units and mixtures of the moderators, and moving all effects along the design,
 * change nothing but the coefficients. */
static void design_written_otherwise(void) {
  random_source from = {9};
  for (int run = 0; run < 300; run++) {
    random_set set;
    pooling a, b;
    mv_sums one, other;
    random_set_draw(&from, 9, 3, 1e4, &set);
    double x[27], y[9];
    for (int i = 0; i < 9; i++) {
      const double *old = set.x + i * 3;
      x[i * 3] = old[0];
      x[i * 3 + 1] = 1e6 * (old[1] + 2 * old[0]);
      x[i * 3 + 2] = 1e-6 * (old[2] - old[1]);
      y[i] = set.y[i] + 100 + 3 * old[1];
    }
    const mv_status status = pooling_open_set(&a, &set);
    CHECK_STATUS(pooling_open(&b, 9, 3, y, set.v, x), status);
    if (status == MV_OK) {
      CHECK_STATUS(pooling_sums(&a, 0.01, &one), MV_OK);
      CHECK_STATUS(pooling_sums(&b, 0.01, &other), MV_OK);
      check_sums(&other, &one, 1e-8, 1e-8);
      CHECK(fabs(mv_log_lik_reml(&a.model, &one) - mv_log_lik_reml(&b.model, &other)) <
            1e-9);
    }
    pooling_close(&a);
    pooling_close(&b);
  }
}

/* One effect: its weight, and nothing left over. */
static void one_effect(void) {
  const double y = 3, v = 0.25;
  pooling at;
  mv_sums sums;
  pooling_open(&at, 1, 1, &y, &v, NULL);
  CHECK_STATUS(pooling_sums(&at, 0, &sums), MV_OK);
  CHECK(sums.tr_w == 4 && sums.rss == 0 && sums.tr_p == 0 && sums.tr_pp == 0);
  CHECK(at.work.model.coef[0] == 3);
  CHECK(mv_least_squares_rss(&at.model, &at.work.model) == 0);
  pooling_close(&at);
}

/* A variance of 0 has no weight at tau2 = 0, with either kind of design. */
static void no_weight(void) {
  const double y[3] = {1, 2, 4}, v[3] = {1, 0, 1}, ones[3] = {1, 1, 1};
  for (int given = 0; given < 2; given++) {
    pooling at;
    mv_sums sums;
    CHECK_STATUS(pooling_open(&at, 3, 1, y, v, given ? ones : NULL), MV_OK);
    CHECK(at.model.pivot == 1);
    CHECK(pooling_sums(&at, 0, &sums) != MV_OK);
    CHECK_STATUS(pooling_sums(&at, 0.5, &sums), MV_OK);
    CHECK_NEAR(sums.tr_w, 2 + 2 / 1.5, 1e-15);
    pooling_close(&at);
  }
}

void test_model(void) {
  mean_by_hand();
  mean_against_pairs();
  design_against_dense();
  design_against_spectrum();
  one_contrast();
  ones_given();
  derivatives();
  likelihoods_by_hand();
  design_written_otherwise();
  one_effect();
  no_weight();
}
