/* fuzz-runs: 5000
 * Any clusters and designs: the core agrees with whole matrices, CR2 is unbiased unless a
 * cluster alone decides something. */
#include "check.h"
#include "fuzz_bytes.h"
#include "robust_dense.h"

static robust_case read_case(fuzz_bytes *in) {
  robust_case one = {.p = fuzz_int(in, 1, CASE_COLUMNS), .dense = fuzz_byte(in) % 2};
  one.m = fuzz_int(in, 2, 8);
  for (int j = 0; j < one.m; j++) {
    one.start[j + 1] = one.start[j] + fuzz_int(in, 1, 3);
  }
  one.k = (int)one.start[one.m];
  const int kind = fuzz_byte(in) % 3;
  for (int i = 0; i < one.k; i++) {
    one.y[i] = fuzz_between(in, -3, 3);
    one.v[i][i] = fuzz_positive(in, 0.1, 10);
    for (int a = 0; a < one.p; a++) {
      double x = fuzz_between(in, -1, 1);
      if (kind == 1) x = fuzz_int(in, 0, 1); /* often aliased, often decided alone */
      if (kind == 2) x = fuzz_int(in, -2, 2) * 1000;
      one.x[i * one.p + a] = a == 0 ? 1 : x;
    }
  }
  const double rho = fuzz_between(in, -0.3, 0.9);
  for (int j = 0; j < one.m && one.dense; j++) {
    for (ptrdiff_t i = one.start[j]; i < one.start[j + 1]; i++) {
      for (ptrdiff_t h = one.start[j]; h < i; h++) {
        one.v[i][h] = one.v[h][i] = rho * sqrt(one.v[i][i] * one.v[h][h]);
      }
    }
  }
  return one;
}

static int near(double got, double want, double size) {
  return fabs(got - want) <= 1e-7 * (fabs(want) + size);
}

static void assert_answer(const robust_case *one, mv_robust_type type,
                          const robust_answer *got, const robust_answer *want) {
  const int p = one->p;
  for (int a = 0; a < p; a++) {
    const double size = want->bread[a * p + a];
    FUZZ_ASSERT(near(got->vcov[a * p + a], want->vcov[a * p + a], size));
    const double share = got->expected[a * p + a] / size;
    FUZZ_ASSERT(share > -1e-9);
    FUZZ_ASSERT(type != MV_CR2 || share < 1 + 1e-9);
    /* Squares of what is left of terms of size 1, where CR0 hardly sees a coefficient. */
    if (share < 1e-3) continue;
    FUZZ_ASSERT(near(got->df[a], want->df[a], 1));
    FUZZ_ASSERT(got->df[a] > 1 - 1e-6 && got->df[a] < one->m + 1e-6);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const mv_robust_type type = (mv_robust_type)(fuzz_byte(&in) % MV_CR_COUNT);
  const robust_case one = read_case(&in);
  static robust_answer fit, want, got;
  double wald;
  if (one.m <= one.p && type == MV_CR1P) return 0;
  const mv_status status = core_robust(&one, type, &fit, &got, &wald);
  if (status == MV_RANK_DEFICIENT || one.k < one.p) return 0;
  FUZZ_ASSERT(status == MV_OK);
  dense_robust(&one, type, &want);
  if (want.unclear) return 0;
  FUZZ_ASSERT(core_robust(&one, type, &want, &got, &wald) == MV_OK);
  assert_answer(&one, type, &got, &want);
  return 0;
}
