/* Tails lie in [0, 1] and add up to 1; quantiles invert. Degrees of freedom as fits have
 * them, at most a billion. */
#include "fuzz_bytes.h"
#include "mathlib.h"

static void check_tails(double lower, double upper) {
  FUZZ_ASSERT(lower >= 0 && lower <= 1);
  FUZZ_ASSERT(upper >= 0 && upper <= 1);
  FUZZ_ASSERT(fabs(lower + upper - 1) < 1e-10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const double x = fuzz_double(&in);
  const double nu1 = fuzz_int(&in, 1, 1000);
  const double nu2 = fuzz_positive(&in, 1, 1e9);
  const double p = fuzz_between(&in, 1e-6, 1 - 1e-6);
  if (!isnan(x)) {
    check_tails(mv_pnorm(x, 1), mv_pnorm(x, 0));
    check_tails(mv_pt(x, nu2, 1), mv_pt(x, nu2, 0));
    check_tails(mv_pchisq(x, nu2, 1), mv_pchisq(x, nu2, 0));
    check_tails(mv_pf(x, nu1, nu2, 1), mv_pf(x, nu1, nu2, 0));
  }
  FUZZ_ASSERT(fabs(mv_pnorm(mv_qnorm(p), 1) - p) < 1e-10);
  FUZZ_ASSERT(fabs(mv_pt(mv_qt(p, nu2), nu2, 1) - p) < 1e-8);
  FUZZ_ASSERT(fabs(mv_pchisq(mv_qchisq(p, nu1), nu1, 1) - p) < 1e-8);
  return 0;
}
