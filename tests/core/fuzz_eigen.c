/* Whatever the symmetric matrix: values ascend, vectors are orthonormal, and the matrix
 * is put together from them again. */
#include "check.h"
#include "eigen.h"
#include "fuzz_bytes.h"

enum { ROWS = 12 };

static void fill(fuzz_bytes *in, int n, double *a) {
  const int kind = fuzz_byte(in) % 4;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= i; j++) {
      double value = fuzz_int(in, -3, 3); /* 0: whole, often singular */
      if (kind == 1) value = fuzz_between(in, -1, 1);
      if (kind == 2) value = fuzz_positive(in, 1e-300, 1e300);
      if (kind == 3) value = i == j ? 1 : fuzz_int(in, 0, 1); /* many equal values */
      a[i * n + j] = a[j * n + i] = value;
    }
  }
}

static void assert_decomposed(int n, const double *a, const double *v, const double *d,
                              double size) {
  for (int i = 0; i < n; i++) {
    FUZZ_ASSERT(i == 0 || d[i - 1] <= d[i]);
    for (int j = 0; j < n; j++) {
      double sum = 0, cross = 0;
      for (int k = 0; k < n; k++) {
        sum += v[k * n + i] * (d[k] / size) * v[k * n + j];
        cross += v[i * n + k] * v[j * n + k];
      }
      FUZZ_ASSERT(fabs(sum - a[i * n + j] / size) <= 1e-13 * n);
      FUZZ_ASSERT(fabs(cross - (i == j)) <= 1e-14 * n);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const int n = fuzz_int(&in, 1, ROWS);
  double a[ROWS * ROWS], v[ROWS * ROWS], d[ROWS], largest = 0;
  fill(&in, n, a);
  for (int i = 0; i < n * n; i++) {
    largest = fmax(largest, fabs(a[i]));
    v[i] = a[i];
  }
  mv_arena arena = {NULL, 0};
  mv_arena_doubles(&arena, (ptrdiff_t)2 * n);
  arena = check_carve(arena);
  double *work = mv_arena_doubles(&arena, (ptrdiff_t)2 * n);
  FUZZ_ASSERT(mv_eigen(n, v, d, work) == MV_OK);
  assert_decomposed(n, a, v, d, largest > 0 ? largest : 1);
  double turned[ROWS * ROWS];
  for (int i = 0; i < n * n; i++) {
    v[i] = a[i];
    turned[i] = i % (n + 1) == 0;
  }
  FUZZ_ASSERT(mv_eigen_turn(n, n, v, turned, d, work) == MV_OK);
  assert_decomposed(n, a, turned, d, largest > 0 ? largest : 1);
  check_free(&arena);
  return 0;
}
