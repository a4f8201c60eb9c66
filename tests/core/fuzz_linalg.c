/* A factor multiplies back, or there is a status; a basis is orthonormal, or a column is
 * aliased. Any numbers end. */
#include "fuzz_bytes.h"
#include "linalg.h"

enum { MOST = 6, ROWS = 20 };

static void factor_any(fuzz_bytes *in, int p) {
  double a[MOST * MOST], l[MOST * MOST], inverse[MOST * MOST];
  for (int i = 0; i < p * p; i++) a[i] = fuzz_double(in);
  if (mv_cholesky(p, a, l) != MV_OK) return;
  for (int i = 0; i < p; i++) FUZZ_ASSERT(l[i * p + i] > 0 && isfinite(l[i * p + i]));
  FUZZ_ASSERT(isfinite(mv_cholesky_log_det(p, l)));
  mv_cholesky_inverse(p, l, inverse);
}

/* b b' + I has a factor, and its inverse inverts it. */
static void factor_positive(fuzz_bytes *in, int p) {
  double b[MOST * MOST], a[MOST * MOST] = {0}, l[MOST * MOST], inverse[MOST * MOST];
  for (int i = 0; i < p * p; i++) b[i] = fuzz_between(in, -10, 10);
  for (int i = 0; i < p; i++) {
    for (int j = 0; j < p; j++) {
      a[i * p + j] = i == j;
      for (int m = 0; m < p; m++) a[i * p + j] += b[i * p + m] * b[j * p + m];
    }
  }
  FUZZ_ASSERT(mv_cholesky(p, a, l) == MV_OK);
  mv_cholesky_inverse(p, l, inverse);
  for (int i = 0; i < p; i++) {
    for (int j = 0; j < p; j++) {
      double product = -(double)(i == j);
      for (int m = 0; m < p; m++) product += a[i * p + m] * inverse[m * p + j];
      FUZZ_ASSERT(fabs(product) < 1e-8);
    }
  }
}

static void orthonormal(fuzz_bytes *in, int k, int p, int any) {
  double q[ROWS * MOST], r[MOST * MOST];
  int aliased[MOST], sum = 0;
  for (int i = 0; i < k * p; i++) q[i] = any ? fuzz_double(in) : fuzz_int(in, -3, 3);
  const mv_status status = mv_orthonormalise(k, p, q, r, aliased);
  for (int j = 0; j < p; j++) sum += aliased[j];
  FUZZ_ASSERT(status == (sum ? MV_RANK_DEFICIENT : MV_OK));
  FUZZ_ASSERT(sum >= p - k);
  for (int a = 0; a < p; a++) {
    for (int b = 0; b < p; b++) {
      if (aliased[a] || aliased[b]) continue;
      double dot = -(double)(a == b);
      for (int i = 0; i < k; i++) dot += q[i * p + a] * q[i * p + b];
      FUZZ_ASSERT(fabs(dot) < 1e-12);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const int p = fuzz_int(&in, 1, MOST), k = fuzz_int(&in, 1, ROWS);
  orthonormal(&in, k, p, fuzz_byte(&in) % 2);
  factor_positive(&in, p);
  factor_any(&in, p);
  return 0;
}
