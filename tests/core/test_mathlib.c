#include <math.h>

#include "check.h"
#include "mathlib.h"

/* Quantiles of printed tables, here with the digits of R 4.2.2's qnorm(0.975) and so
 * on; the tails by closed forms. R's own algorithms give at least 13 digits. */
static const double tolerance = 1e-13;

static void normal(void) {
  CHECK_NEAR(mv_qnorm(0.975), 1.959963984540054, tolerance);
  CHECK_NEAR(mv_pnorm(0, 1), 0.5, tolerance);
  CHECK_NEAR(mv_pnorm(1.5, 0), erfc(1.5 / sqrt(2)) / 2, tolerance);
  CHECK_NEAR(mv_pnorm(-1.5, 1), mv_pnorm(1.5, 0), tolerance);
}

/* nu = 1 is Cauchy's, nu = 2 has F(t) = 1/2 + t / (2 sqrt(2 + t^2)). */
static void student(void) {
  CHECK_NEAR(mv_pt(1, 1, 1), 0.75, tolerance);
  CHECK_NEAR(mv_pt(3, 2, 1), 0.5 + 3 / (2 * sqrt(11)), tolerance);
  CHECK_NEAR(mv_pt(3, 2, 0), 0.5 - 3 / (2 * sqrt(11)), tolerance);
  CHECK_NEAR(mv_qt(0.975, 5), 2.570581835636315, tolerance);
  CHECK_NEAR(mv_pt(1.96, (double)INFINITY, 1), mv_pnorm(1.96, 1), tolerance);
  CHECK_NEAR(mv_qt(0.975, (double)INFINITY), mv_qnorm(0.975), tolerance);
}

/* nu = 2 is exponential; F(1, nu) is the square of t(nu). */
static void chi_squared_and_f(void) {
  CHECK_NEAR(mv_pchisq(3, 2, 0), exp(-1.5), tolerance);
  CHECK_NEAR(mv_pchisq(3, 2, 1), -expm1(-1.5), tolerance);
  CHECK_NEAR(mv_qchisq(0.95, 1), mv_qnorm(0.975) * mv_qnorm(0.975), tolerance);
  CHECK_NEAR(mv_pf(2.5 * 2.5, 1, 7, 0), 2 * mv_pt(2.5, 7, 0), tolerance);
  CHECK_NEAR(mv_pf(6, 2, (double)INFINITY, 0), mv_pchisq(12, 2, 0), tolerance);
}

static void inverses(void) {
  for (int i = 1; i < 100; i++) {
    const double p = i / 100.0;
    CHECK_NEAR(mv_pnorm(mv_qnorm(p), 1), p, 1e-12);
    CHECK_NEAR(mv_pt(mv_qt(p, 4.5), 4.5, 1), p, 1e-12);
    CHECK_NEAR(mv_pchisq(mv_qchisq(p, 3), 3, 1), p, 1e-12);
  }
}

void test_mathlib(void) {
  normal();
  student();
  chi_squared_and_f();
  inverses();
}
