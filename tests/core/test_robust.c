#include <math.h>

#include "check.h"
#include "linalg.h"
#include "random_sets.h"
#include "robust_dense.h"

/* Clusters of 1 to 5 rows; M is diagonal, or random positive definite in each cluster. */
static robust_case draw_case(random_source *from, int p, int dense) {
  robust_case one = {.p = p, .dense = dense};
  one.m = random_int(from, p + 1, 7);
  for (int j = 0; j < one.m; j++) {
    const int n = random_int(from, 1, j == 0 ? 5 : 3);
    one.start[j + 1] = one.start[j] + n;
  }
  one.k = (int)one.start[one.m];
  for (int i = 0; i < one.k; i++) {
    one.y[i] = random_normal(from);
    one.v[i][i] = random_log_uniform(from, 0.1, 3);
    one.x[i * p] = 1;
    for (int a = 1; a < p; a++) one.x[i * p + a] = random_normal(from) + a;
  }
  for (int j = 0; j < one.m && dense; j++) {
    for (ptrdiff_t i = one.start[j]; i < one.start[j + 1]; i++) {
      for (ptrdiff_t h = one.start[j]; h < i; h++) {
        const double rho = 0.3 + 0.05 * j;
        one.v[i][h] = one.v[h][i] = rho * sqrt(one.v[i][i] * one.v[h][h]);
      }
    }
  }
  return one;
}

static void check_matrix(int p, const double *got, const double *want,
                         const double *scale, double tolerance) {
  for (int a = 0; a < p; a++) {
    for (int b = 0; b < p; b++) {
      const double size = sqrt(scale[a * p + a] * scale[b * p + b]);
      CHECK(fabs(got[a * p + b] - want[a * p + b]) <= tolerance * size);
    }
  }
}

/* Every number as the formulas give it with whole matrices. */
static void as_written(void) {
  random_source from = {1};
  for (int run = 0; run < 120; run++) {
    const robust_case one = draw_case(&from, 1 + run % 3, run / 3 % 2);
    const mv_robust_type type = (mv_robust_type)(run / 6 % MV_CR_COUNT);
    static robust_answer want, got;
    double wald;
    dense_robust(&one, type, &want);
    CHECK_STATUS(core_robust(&one, type, &want, &got, &wald), MV_OK);
    check_matrix(one.p, got.vcov, want.vcov, want.bread, 1e-9);
    check_matrix(one.p, got.expected, want.expected, want.bread, 1e-9);
    for (int a = 0; a < one.p; a++) CHECK_NEAR(got.df[a], want.df[a], 1e-8);
    CHECK_NEAR(got.eta, want.eta, 1e-7);
    double v[CASE_SQUARE], c[CASE_COLUMNS], by_hand = 0;
    CHECK_STATUS(mv_cholesky(one.p, want.vcov, v), MV_OK);
    for (int a = 0; a < one.p; a++) c[a] = want.beta[a];
    mv_forward(one.p, v, c);
    for (int a = 0; a < one.p; a++) by_hand += c[a] * c[a];
    CHECK_NEAR(wald, by_hand, 1e-7);
  }
}

/* What defines CR2: its expectation under the working model is the model's covariance of
 * the coefficients. That of CR0 is smaller. */
static void unbiased(void) {
  random_source from = {2};
  for (int run = 0; run < 60; run++) {
    const robust_case one = draw_case(&from, 1 + run % 3, run % 2);
    static robust_answer fit, got;
    double wald;
    dense_robust(&one, MV_CR0, &fit);
    CHECK_STATUS(core_robust(&one, MV_CR2, &fit, &got, &wald), MV_OK);
    check_matrix(one.p, got.expected, fit.bread, fit.bread, 1e-10);
    CHECK_STATUS(core_robust(&one, MV_CR0, &fit, &got, &wald), MV_OK);
    for (int a = 0; a < one.p; a++) {
      CHECK(got.expected[a * one.p + a] < fit.bread[a * one.p + a]);
    }
  }
}

/* The mean of k effects of one variance, each its own cluster: s^2 / k with k - 1 degrees
 * of freedom; CR0 has k in place of k - 1. */
static void mean_of_equals(void) {
  robust_case one = {.k = 5, .p = 1, .m = 5, .start = {0, 1, 2, 3, 4, 5}};
  const double y[] = {1, 2, 4, 4, 9}; /* mean 4, squares 9 + 4 + 0 + 0 + 25 */
  for (int i = 0; i < 5; i++) {
    one.y[i] = y[i];
    one.v[i][i] = 7;
    one.x[i] = 1;
  }
  static robust_answer fit, got;
  double wald;
  dense_robust(&one, MV_CR0, &fit);
  CHECK_NEAR(fit.beta[0], 4, 1e-15);
  const double want[] = {38.0 / 25, 38.0 / 20, 38.0 / 20, 38.0 / 20};
  for (int type = 0; type < MV_CR_COUNT; type++) {
    CHECK_STATUS(core_robust(&one, (mv_robust_type)type, &fit, &got, &wald), MV_OK);
    CHECK_NEAR(got.vcov[0], want[type], 1e-14);
    CHECK_NEAR(got.df[0], 4, 1e-13);
    CHECK_NEAR(got.eta, 4, 1e-13);
    CHECK_NEAR(wald, 16 / want[type], 1e-14);
  }
}

/* Two clusters of two rows and equal variances: the clusters' means are two effects, so
 * V = (d/2)^2 for their difference d, with 1 degree of freedom. */
static void two_clusters(void) {
  robust_case one = {.k = 4, .p = 1, .m = 2, .start = {0, 2, 4}};
  const double y[] = {1, 3, 6, 10};
  for (int i = 0; i < 4; i++) {
    one.y[i] = y[i];
    one.v[i][i] = 1;
    one.x[i] = 1;
  }
  static robust_answer fit, got;
  double wald;
  dense_robust(&one, MV_CR2, &fit);
  CHECK_STATUS(core_robust(&one, MV_CR2, &fit, &got, &wald), MV_OK);
  CHECK_NEAR(got.vcov[0], 9, 1e-14);
  CHECK_NEAR(got.df[0], 1, 1e-13);
}

/* The last cluster alone decides a coefficient: its residuals are 0, B is singular, and
 * what is expected of that variance is 0; the others are as without that cluster. */
static void decided_alone(void) {
  random_source from = {3};
  robust_case one = draw_case(&from, 2, 0);
  for (int i = 0; i < one.k; i++) {
    const int last = i >= one.start[one.m - 1];
    one.x[i * 2] = !last;
    one.x[i * 2 + 1] = last;
  }
  static robust_answer fit, got, without;
  double wald;
  dense_robust(&one, MV_CR0, &fit);
  CHECK_STATUS(core_robust(&one, MV_CR2, &fit, &got, &wald), MV_OK);
  robust_case rest = one;
  rest.m = one.m - 1;
  rest.k = (int)one.start[one.m - 1];
  rest.p = 1;
  for (int i = 0; i < rest.k; i++) rest.x[i] = 1;
  dense_robust(&rest, MV_CR2, &without);
  CHECK_NEAR(got.vcov[0], without.vcov[0], 1e-10);
  CHECK_NEAR(got.df[0], without.df[0], 1e-10);
  CHECK_NEAR(got.expected[0], fit.bread[0], 1e-12);
  CHECK(fabs(got.expected[3]) < 1e-12 * fit.bread[3]);
}

/* A column in another unit, and M in another. */
static void units(void) {
  random_source from = {4};
  robust_case one = draw_case(&from, 2, 1), other = one;
  for (int i = 0; i < one.k; i++) {
    other.x[i * 2 + 1] = 1e8 * one.x[i * 2 + 1];
    other.y[i] = 1e-30 * one.y[i];
    for (int h = 0; h < one.k; h++) other.v[i][h] = 1e-60 * one.v[i][h];
  }
  static robust_answer fit, got, scaled, found;
  double wald, same;
  dense_robust(&one, MV_CR0, &fit);
  CHECK_STATUS(core_robust(&one, MV_CR2, &fit, &got, &wald), MV_OK);
  scaled = fit;
  for (int i = 0; i < one.k; i++) scaled.e[i] *= 1e-30;
  scaled.beta[0] *= 1e-30;
  scaled.beta[1] *= 1e-38;
  CHECK_STATUS(core_robust(&other, MV_CR2, &scaled, &found, &same), MV_OK);
  CHECK_NEAR(found.vcov[0], 1e-60 * got.vcov[0], 1e-10);
  CHECK_NEAR(found.vcov[3], 1e-76 * got.vcov[3], 1e-10);
  CHECK_NEAR(found.df[1], got.df[1], 1e-10);
  CHECK_NEAR(found.eta, got.eta, 1e-10);
  CHECK_NEAR(same, wald, 1e-10);
}

static void refused(void) {
  random_source from = {5};
  robust_case one = draw_case(&from, 2, 1);
  static robust_answer fit, got;
  double wald;
  dense_robust(&one, MV_CR0, &fit);
  robust_case bad = one;
  for (int i = 0; i < one.k; i++) bad.x[i * 2 + 1] = 3;
  CHECK_STATUS(core_robust(&bad, MV_CR2, &fit, &got, &wald), MV_RANK_DEFICIENT);
  bad = one;
  bad.v[0][0] = 0;
  CHECK_STATUS(core_robust(&bad, MV_CR2, &fit, &got, &wald), MV_NOT_POSITIVE);
  bad.dense = 0;
  CHECK_STATUS(core_robust(&bad, MV_CR2, &fit, &got, &wald), MV_NOT_POSITIVE);
  bad.v[0][0] = INFINITY;
  CHECK_STATUS(core_robust(&bad, MV_CR2, &fit, &got, &wald), MV_NOT_POSITIVE);
}

static void names(void) {
  const char *const want[] = {"CR0", "CR1", "CR1p", "CR2"};
  const double factor[] = {1, 8.0 / 7, 8.0 / 5, 1};
  for (int type = 0; type < MV_CR_COUNT; type++) {
    CHECK(strcmp(mv_robust_name((mv_robust_type)type), want[type]) == 0);
    CHECK(mv_robust_factor((mv_robust_type)type, 8, 3) == factor[type]);
  }
}

void test_robust(void) {
  as_written();
  unbiased();
  mean_of_equals();
  two_clusters();
  decided_alone();
  units();
  refused();
  names();
}
