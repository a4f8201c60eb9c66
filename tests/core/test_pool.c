#include <float.h>

#include "check.h"
#include "dense.h"
#include "mathlib.h"
#include "pool.h"
#include "pooling.h"

typedef struct {
  mv_pooled of;
  mv_search search;
  double beta[SET_COLUMNS], se[SET_COLUMNS], statistic[SET_COLUMNS];
  double p_value[SET_COLUMNS], lower[SET_COLUMNS], upper[SET_COLUMNS];
  double vcov[SET_COLUMNS * SET_COLUMNS];
} fit;

static mv_status finish(pooling *at, mv_test test, int intercept, fit *to) {
  const mv_pool_options options = {test, 0.95, intercept};
  mv_coefficients out = {to->beta,  to->se,    to->statistic, to->p_value,
                         to->lower, to->upper, to->vcov};
  return mv_pool_finish(&at->model, &options, &to->search, &at->work, &to->of, &out);
}

static mv_status pool(int k, int p, const double *y, const double *v, const double *x,
                      const char *method, mv_test test, fit *to) {
  pooling at;
  mv_status status = pooling_open(&at, k, p, y, v, x);
  if (status == MV_OK) status = pooling_search(&at, method, &to->search);
  if (status == MV_OK) status = finish(&at, test, x && x[0] != 1 ? -1 : 0, to);
  pooling_close(&at);
  return status;
}

/* y 0 1 3, w 1 1 2: mean 7/4, SE 1/2, Q 6.75, df 2, I2 = 4.75/6.75. */
static void equal_effects_by_hand(void) {
  const double y[3] = {0, 1, 3}, v[3] = {1, 1, 0.5};
  fit z, t, knha;
  CHECK_STATUS(pool(3, 1, y, v, NULL, "EE", MV_TEST_Z, &z), MV_OK);
  CHECK_NEAR(z.beta[0], 1.75, 1e-15);
  CHECK_NEAR(z.se[0], 0.5, 1e-15);
  CHECK_NEAR(z.statistic[0], 3.5, 1e-15);
  CHECK_NEAR(z.p_value[0], 2 * mv_pnorm(3.5, 0), 1e-14);
  CHECK_NEAR(z.lower[0], 1.75 - 1.959963984540054 / 2, 1e-14);
  CHECK_NEAR(z.upper[0], 1.75 + 1.959963984540054 / 2, 1e-14);
  CHECK(z.of.tau2 == 0 && isnan(z.of.tau2_se) && isinf(z.of.df));
  CHECK_NEAR(z.of.q, 6.75, 1e-15);
  CHECK_NEAR(z.of.q_p, exp(-6.75 / 2), 1e-13);
  CHECK_NEAR(z.of.i2, 100 * 4.75 / 6.75, 1e-14);
  CHECK_NEAR(z.of.h2, 6.75 / 2, 1e-14);
  CHECK(z.of.q_df == 2 && isnan(z.of.qm) && z.of.s2 == 1 && z.of.s2_used == 1);
  CHECK_STATUS(pool(3, 1, y, v, NULL, "EE", MV_TEST_T, &t), MV_OK);
  CHECK(t.of.df == 2 && t.se[0] == z.se[0]);
  CHECK_NEAR(t.p_value[0], 2 * mv_pt(3.5, 2, 0), 1e-14);
  CHECK_STATUS(pool(3, 1, y, v, NULL, "EE", MV_TEST_KNHA, &knha), MV_OK);
  CHECK_NEAR(knha.of.s2, 6.75 / 2, 1e-15);
  CHECK_NEAR(knha.se[0], 0.5 * sqrt(6.75 / 2), 1e-15);
  CHECK_NEAR(knha.upper[0], 1.75 + mv_qt(0.975, 2) * knha.se[0], 1e-14);
}

/* DL: tau2 = 1.9 (test_tau2_moment.c), w 1/2.9 1/2.9 1/2.4; typical variance 2/2.5. */
static void random_effects_by_hand(void) {
  const double y[3] = {0, 1, 3}, v[3] = {1, 1, 0.5}, s = 2 / 2.9 + 1 / 2.4;
  fit dl;
  CHECK_STATUS(pool(3, 1, y, v, NULL, "DL", MV_TEST_ADHOC, &dl), MV_OK);
  const double mean = (1 / 2.9 + 3 / 2.4) / s;
  CHECK_NEAR(dl.beta[0], mean, 1e-14);
  CHECK_NEAR(dl.of.typical, 0.8, 1e-14);
  CHECK_NEAR(dl.of.i2, 100 * 1.9 / 2.7, 1e-14);
  CHECK_NEAR(dl.of.h2, 1.9 / 0.8 + 1, 1e-14);
  const double s2 = (mean * mean / 2.9 + (1 - mean) * (1 - mean) / 2.9 +
                     (3 - mean) * (3 - mean) / 2.4) /
                    2;
  CHECK_NEAR(dl.of.s2, s2, 1e-13);
  CHECK_NEAR(dl.of.s2_used, fmax(1, s2), 1e-13);
  CHECK_NEAR(dl.se[0], sqrt(fmax(1, s2) / s), 1e-13);
}

/* The ad hoc form raises s2 to 1; identical effects give plain Knapp-Hartung an SE of
 * 0. */
static void little_spread(void) {
  const double y[4] = {1, 1, 1, 1}, v[4] = {1, 2, 3, 4};
  fit knha, adhoc;
  CHECK_STATUS(pool(4, 1, y, v, NULL, "REML", MV_TEST_KNHA, &knha), MV_OK);
  CHECK(knha.se[0] == 0 && knha.of.s2_used == 0 && knha.of.i2 == 0);
  CHECK_STATUS(pool(4, 1, y, v, NULL, "REML", MV_TEST_ADHOC, &adhoc), MV_OK);
  CHECK(adhoc.of.s2 == 0 && adhoc.of.s2_used == 1);
  CHECK_NEAR(adhoc.se[0], sqrt(12 / 25.), 1e-14);
}

/* b = (X'WX)^-1 X'Wy, Wald = b_m' (its block)^-1 b_m, in long double. */
static void check_dense(const random_set *set, const fit *got, int from,
                        double tolerance) {
  static dense_matrix inverse, block, back;
  const int p = set->p, m = p - from;
  dense_information_inverse(set, got->of.tau2, &inverse);
  real b[SET_COLUMNS] = {0}, wald = 0;
  for (int i = 0; i < set->k; i++) {
    for (int a = 0; a < p; a++) {
      for (int c = 0; c < p; c++) {
        b[a] += inverse.at[a][c] * set->x[i * p + c] * set->y[i] /
                ((real)set->v[i] + got->of.tau2);
      }
    }
  }
  block.n = m;
  for (int a = 0; a < p; a++) {
    const double se = (double)sqrtl(inverse.at[a][a]);
    CHECK_NEAR(got->se[a], se * sqrt(got->of.s2_used), tolerance);
    CHECK(fabs(got->beta[a] - (double)b[a]) < tolerance * (se + fabs((double)b[a])));
    for (int c = 0; c < p; c++) {
      const double size = (double)sqrtl(inverse.at[a][a] * inverse.at[c][c]);
      const double want = (double)inverse.at[a][c];
      CHECK(fabs(got->vcov[a * p + c] / got->of.s2_used - want) < tolerance * size);
      if (a >= from && c >= from) block.at[a - from][c - from] = inverse.at[a][c];
    }
  }
  dense_invert(&block, &back);
  for (int a = 0; a < m; a++) {
    for (int c = 0; c < m; c++) wald += b[a + from] * back.at[a][c] * b[c + from];
  }
  const int chi_squared = isinf(got->of.df);
  wald /= got->of.s2_used * (chi_squared ? 1 : m);
  CHECK(fabs(got->of.qm - (double)wald) < tolerance * (1 + (double)wald));
  CHECK(got->of.qm_df1 == m);
}

static void designs_against_dense(void) {
  static const char *const methods[] = {"EE", "DL", "PM", "ML", "REML"};
  random_source from = {61};
  for (int run = 0; run < 600; run++) {
    random_set set;
    fit got;
    pooling at;
    const int p = 2 + run % 4, intercept = run % 3 ? 0 : -1;
    random_set_draw(&from, p + 2 + run % 9, p, 1e3, &set);
    if (pooling_open_set(&at, &set) == MV_OK) {
      const mv_test test = (mv_test)(run / 5 % 4);
      CHECK_STATUS(pooling_search(&at, methods[run % 5], &got.search), MV_OK);
      CHECK_STATUS(finish(&at, test, intercept, &got), MV_OK);
      check_dense(&set, &got, intercept + 1, 1e-8);
      CHECK(got.of.tau2 == got.search.tau2);
      CHECK(test != MV_TEST_ADHOC || got.of.s2_used >= 1);
    }
    pooling_close(&at);
  }
}

/* metafor 5.2-1, rma(yi, vi, mods = ~ ablat, test = ), REML, threshold = 1e-14. */
static void bcg(void) {
  fit z, knha;
  CHECK_STATUS(pool(BCG, 2, bcg_y, bcg_v, bcg_latitude, "REML", MV_TEST_Z, &z), MV_OK);
  CHECK_NEAR(z.of.tau2, 0.0763479639552027, 1e-9);
  CHECK_NEAR(z.of.tau2_se, 0.059047228904441237, 1e-9);
  CHECK_NEAR(z.beta[0], 0.25146821000737041, 1e-9);
  CHECK_NEAR(z.beta[1], -0.029101725011649655, 1e-9);
  CHECK_NEAR(z.se[1], 0.0071953272209045113, 1e-9);
  CHECK_NEAR(z.p_value[1], 5.2427939738092313e-05, 1e-8);
  CHECK_NEAR(z.of.q, 30.733090010749258, 1e-12);
  CHECK_NEAR(z.of.qm, 16.358232147164536, 1e-9);
  CHECK_NEAR(z.of.qm_p, 5.242793973809232e-05, 1e-8);
  CHECK_NEAR(z.of.i2, 68.39122483818231, 1e-9);
  CHECK_NEAR(z.of.h2, 3.1636784243635159, 1e-9);
  CHECK_STATUS(pool(BCG, 2, bcg_y, bcg_v, bcg_latitude, "REML", MV_TEST_KNHA, &knha),
               MV_OK);
  CHECK_NEAR(knha.of.s2_used, 1.299202158982971, 1e-9);
  CHECK_NEAR(knha.se[0], 0.28392528374338311, 1e-9);
  CHECK_NEAR(knha.p_value[0], 0.39473707244657941, 1e-9);
  CHECK_NEAR(knha.lower[1], -0.047152923025058399, 1e-9);
  CHECK_NEAR(knha.of.qm, 12.590982884426495, 1e-9);
  CHECK_NEAR(knha.of.qm_p, 0.0045650515415400052, 1e-9);
}

/* metafor 5.2-1, rma(yi, vi, method = ): estimate, SE, logLik(REML = FALSE / TRUE). */
static void bcg_methods(void) {
  static const struct {
    const char *name;
    double beta, se, ml, reml;
  } pinned[] = {{"EE", -0.43028516365409092, 0.040498751710863812, -70.223569904430931,
                 (double)NAN},
                {"DL", -0.71411722207322692, 0.1787420895354031, -12.682335781427907,
                 -12.202733922227136},
                {"ML", -0.71119913547418145, 0.1718968087768902, -12.665076348276809,
                 -12.224524067523021},
                {"REML", -0.71453234215813943, 0.17978151610520574, -12.687771662670405,
                 -12.20237141549357}};
  for (int i = 0; i < 4; i++) {
    fit got;
    CHECK_STATUS(pool(BCG, 1, bcg_y, bcg_v, NULL, pinned[i].name, MV_TEST_Z, &got),
                 MV_OK);
    CHECK_NEAR(got.beta[0], pinned[i].beta, 1e-9);
    CHECK_NEAR(got.se[0], pinned[i].se, 1e-9);
    CHECK_NEAR(got.of.log_lik_ml, pinned[i].ml, 1e-10);
    if (i > 0) CHECK_NEAR(got.of.log_lik_reml, pinned[i].reml, 1e-10);
  }
}

/* As many coefficients as effects: they are the effects, and nothing is left over. */
static void no_degrees_of_freedom(void) {
  const double y[2] = {3, 7}, v[2] = {0.25, 4}, x[4] = {1, 0, 1, 1};
  fit one, two;
  CHECK_STATUS(pool(1, 1, y, v, NULL, "EE", MV_TEST_Z, &one), MV_OK);
  CHECK(one.beta[0] == 3 && one.of.q == 0 && one.of.q_df == 0);
  CHECK_NEAR(one.se[0], 0.5, 1e-15);
  CHECK(isnan(one.of.q_p) && isnan(one.of.log_lik_reml) && one.of.i2 == 0);
  CHECK_STATUS(pool(2, 2, y, v, x, "EE", MV_TEST_Z, &two), MV_OK);
  CHECK_NEAR(two.beta[0], 3, 1e-14);
  CHECK_NEAR(two.beta[1], 4, 1e-14);
  CHECK_NEAR(two.se[1], sqrt(4.25), 1e-14);
  CHECK_NEAR(two.of.qm, 16 / 4.25, 1e-14);
  CHECK(two.of.q == 0);
  CHECK_STATUS(pool(1, 1, y, v, NULL, "EE", MV_TEST_KNHA, &one), MV_NOT_FINITE);
}

/* One effect given as two halves of twice its variance: the same equal-effects fit. */
static void two_halves(void) {
  const double y[3] = {0.2, 0.9, 1.4}, v[3] = {0.1, 0.3, 0.2};
  const double y_split[4] = {0.2, 0.9, 0.9, 1.4}, v_split[4] = {0.1, 0.6, 0.6, 0.2};
  fit whole, split;
  CHECK_STATUS(pool(3, 1, y, v, NULL, "EE", MV_TEST_Z, &whole), MV_OK);
  CHECK_STATUS(pool(4, 1, y_split, v_split, NULL, "EE", MV_TEST_Z, &split), MV_OK);
  CHECK_NEAR(split.beta[0], whole.beta[0], 1e-14);
  CHECK_NEAR(split.se[0], whole.se[0], 1e-14);
  CHECK_NEAR(split.of.q, whole.of.q, 1e-13);
  CHECK(split.of.q_df == 3);
}

/* With a variance of 0, what is asked at tau2 = 0 is not defined; the fit is. */
static void zero_variance(void) {
  const double y[4] = {.1, .5, .9, .3}, v[4] = {0, .1, .2, .1};
  fit got;
  CHECK_STATUS(pool(4, 1, y, v, NULL, "REML", MV_TEST_ADHOC, &got), MV_OK);
  CHECK(isnan(got.of.q) && isnan(got.of.q_p) && isnan(got.of.i2));
  CHECK(isfinite(got.of.tau2_se) && isfinite(got.se[0]) && got.se[0] > 0);
}

static void hard_numbers(void) {
  static const double hard[] = {
      0,      1,      1e-12,   1e12,   1e100,   1e-100,           1e200,
      1e-200, 5e-324, DBL_MAX, -1e200, DBL_MIN, (double)INFINITY, (double)NAN};
  static const char *const methods[] = {"EE", "DL", "PM", "ML", "REML"};
  static const double x[8] = {1, 0, 1, 1, 1, 2, 1, 5};
  enum { HARD = sizeof hard / sizeof *hard };
  for (int run = 0; run < HARD * HARD * 10; run++) {
    const double y[4] = {0.3, hard[run % HARD], 1, 2};
    const double v[4] = {1, 0.5, fabs(hard[run / HARD % HARD]), 0.1};
    const int p = 1 + run / (HARD * HARD) % 2;
    const char *method = methods[run / (2 * HARD * HARD)];
    fit got;
    const mv_status status =
        pool(4, p, y, v, p == 1 ? NULL : x, method, MV_TEST_ADHOC, &got);
    CHECK(status != MV_MORE && status != MV_NOT_CONVERGED);
    if (status != MV_OK) continue;
    for (int i = 0; i < p; i++) CHECK(isfinite(got.beta[i]) && isfinite(got.se[i]));
    CHECK(isfinite(got.of.tau2) && isfinite(got.of.s2_used));
  }
}

void test_pool(void) {
  equal_effects_by_hand();
  random_effects_by_hand();
  little_spread();
  designs_against_dense();
  bcg();
  bcg_methods();
  no_degrees_of_freedom();
  two_halves();
  zero_variance();
  hard_numbers();
}
