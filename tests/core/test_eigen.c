#include <float.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "eigen.h"

enum { ROWS = 24 };

static double product(int n, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* A row of `vectors` is an eigenvector of length 1, at right angles to those before. */
static void check_pairs(int n, const double *a, const double *vectors,
                        const double *values, double size) {
  const double rounding = 8 * n * DBL_EPSILON;
  for (int i = 0; i < n; i++) {
    const double *v = vectors + i * n;
    double far = 0;
    for (int j = 0; j < n; j++) {
      far = fmax(far, fabs(product(n, a + j * n, v) - values[i] * v[j]));
    }
    CHECK(far <= rounding * size);
    CHECK(fabs(product(n, v, v) - 1) <= rounding);
    for (int j = 0; j < i; j++) CHECK(fabs(product(n, v, vectors + j * n)) <= rounding);
    if (i > 0) CHECK(values[i - 1] <= values[i]);
  }
}

/* Rows that are turned are the products with the vectors; the values are the same. */
static void check_turned(int n, const double *a, const double *vectors,
                         const double *values) {
  double lost[ROWS * ROWS], rows[ROWS * 2], found[ROWS], work[2 * ROWS];
  memcpy(lost, a, sizeof(double) * (size_t)(n * n));
  for (int i = 0; i < 2 * n; i++) rows[i] = sin(i + 1.0);
  CHECK_STATUS(mv_eigen_turn(n, 2, lost, rows, found, work), MV_OK);
  for (int i = 0; i < n; i++) {
    CHECK(found[i] == values[i]);
    for (int j = 0; j < 2; j++) {
      double want = 0;
      for (int h = 0; h < n; h++) want += vectors[i * n + h] * sin(2 * h + j + 1.0);
      CHECK(fabs(rows[2 * i + j] - want) <= 1e-14 * n);
    }
  }
}

/* Leaves the eigenvalues of `a` in `values`. */
static void decompose(int n, const double *a, double *values) {
  mv_arena arena = {NULL, 0};
  mv_arena_doubles(&arena, (ptrdiff_t)n * n);
  mv_arena_doubles(&arena, n);
  mv_arena_doubles(&arena, (ptrdiff_t)2 * n);
  arena = check_carve(arena);
  double *vectors = mv_arena_doubles(&arena, (ptrdiff_t)n * n);
  double *found = mv_arena_doubles(&arena, n);
  double *work = mv_arena_doubles(&arena, (ptrdiff_t)2 * n);
  double size = 0;
  for (int i = 0; i < n * n; i++) size = fmax(size, n * fabs(a[i]));
  memcpy(vectors, a, sizeof(double) * (size_t)(n * n));
  CHECK_STATUS(mv_eigen(n, vectors, found, work), MV_OK);
  check_pairs(n, a, vectors, found, size);
  check_turned(n, a, vectors, found);
  for (int i = 0; i < n; i++) values[i] = found[i];
  check_free(&arena);
}

static void by_hand(void) {
  double values[ROWS];
  const double one[] = {-3};
  decompose(0, one, values);
  decompose(1, one, values);
  CHECK_NEAR(values[0], -3, 0);
  const double two[] = {2, 1, 1, 2};
  decompose(2, two, values);
  CHECK_NEAR(values[0], 1, 1e-15);
  CHECK_NEAR(values[1], 3, 1e-15);
  const double zero[9] = {0};
  decompose(3, zero, values);
  for (int i = 0; i < 3; i++) CHECK(values[i] == 0);
  const double diagonal[] = {3, 0, 0, 0, -1, 0, 0, 0, 2};
  decompose(3, diagonal, values);
  CHECK(values[0] == -1 && values[1] == 2 && values[2] == 3);
  const double far[] = {0, 0, 1, 0, 5, 0, 1, 0, 0};
  decompose(3, far, values);
  CHECK_NEAR(values[0], -1, 1e-15);
  CHECK_NEAR(values[1], 1, 1e-15);
  CHECK_NEAR(values[2], 5, 1e-15);
}

/* All ones: n, and 0 for the rest. The second difference: 2 - 2 cos(i pi / (n + 1)). */
static void known_spectra(void) {
  for (int n = 1; n <= ROWS; n++) {
    double ones[ROWS * ROWS], second[ROWS * ROWS] = {0}, values[ROWS];
    for (int i = 0; i < n * n; i++) ones[i] = 1;
    decompose(n, ones, values);
    CHECK_NEAR(values[n - 1], n, 1e-14);
    for (int i = 0; i < n - 1; i++) CHECK(fabs(values[i]) < 1e-14 * n);
    for (int i = 0; i < n; i++) {
      second[i * n + i] = 2;
      if (i > 0) second[i * n + i - 1] = second[(i - 1) * n + i] = -1;
    }
    decompose(n, second, values);
    for (int i = 0; i < n; i++) {
      CHECK_NEAR(values[i], 2 - 2 * cos((i + 1) * acos(-1) / (n + 1)), 1e-13);
    }
  }
}

/* Wilkinson's W21+: pairs that agree in up to 15 digits. */
static void nearly_equal(void) {
  enum { N = 21 };
  double w[N * N] = {0}, values[N];
  for (int i = 0; i < N; i++) {
    w[i * N + i] = fabs(i - 10.0);
    if (i > 0) w[i * N + i - 1] = w[(i - 1) * N + i] = 1;
  }
  decompose(N, w, values);
  CHECK_NEAR(values[N - 1], 10.746194182903393, 1e-14);
  CHECK(values[N - 1] - values[N - 2] < 1e-13);
  CHECK_NEAR(values[0], -1.125441522119984, 1e-14);
}

/* A change of unit by a power of 2 changes nothing but the unit. */
static void units(void) {
  const double a[] = {4, 1, 2, 1, -3, 0.5, 2, 0.5, 1};
  double plain[3], scaled[3], b[9];
  decompose(3, a, plain);
  const int exponents[] = {-1000, -300, 300, 1000};
  for (int at = 0; at < 4; at++) {
    for (int i = 0; i < 9; i++) b[i] = ldexp(a[i], exponents[at]);
    decompose(3, b, scaled);
    for (int i = 0; i < 3; i++) CHECK(ldexp(scaled[i], -exponents[at]) == plain[i]);
  }
  const double graded[] = {1, 1e-200, 1e-160, 1e-200, 1e-180, 1e-300, 1e-160, 1e-300, 0};
  decompose(3, graded, scaled);
  CHECK_NEAR(scaled[2], 1, 1e-15);
}

static void not_finite(void) {
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 3; i++) {
    double a[] = {1, bad[i], bad[i], 2}, values[2], work[4];
    CHECK_STATUS(mv_eigen(2, a, values, work), MV_NOT_FINITE);
    CHECK(a[0] == 1 && a[3] == 2);
  }
}

void test_eigen(void) {
  by_hand();
  known_spectra();
  nearly_equal();
  units();
  not_finite();
}
