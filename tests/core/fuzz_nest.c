/* Nested estimates: finite, or a status; within the range of their group for weights
 * above zero; variances in the order that the rules promise; least squares equal to the
 * slow inverse of its matrix. */
#include <math.h>

#include "fuzz_bytes.h"
#include "nest.h"

enum { ROWS = 6, PAIRS = ROWS * (ROWS - 1) / 2 };

/* Beside variances of 0.01 to 100: below it the slow answer has too few digits to judge.
 */
static const double singular = 1e-6;

/* Solves V w = 1 by elimination with pivoting: 0 where V is nearly singular. */
static int slow_weights(const double *v, int k, double *w) {
  double a[ROWS][ROWS + 1];
  for (int i = 0; i < k; i++) {
    for (int j = 0; j < k; j++) a[i][j] = v[i * k + j];
    a[i][k] = 1;
  }
  for (int c = 0; c < k; c++) {
    int best = c;
    for (int i = c + 1; i < k; i++) {
      if (fabs(a[i][c]) > fabs(a[best][c])) best = i;
    }
    if (fabs(a[best][c]) < singular) return 0;
    for (int j = 0; j <= k; j++) {
      const double held = a[c][j];
      a[c][j] = a[best][j];
      a[best][j] = held;
    }
    for (int i = 0; i < k; i++) {
      if (i == c) continue;
      const double f = a[i][c] / a[c][c];
      for (int j = c; j <= k; j++) a[i][j] -= f * a[c][j];
    }
  }
  for (int i = 0; i < k; i++) w[i] = a[i][k] / a[i][i];
  return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  double yi[ROWS], vi[ROWS], value[PAIRS], v[ROWS * ROWS], w[ROWS];
  int row[ROWS], pair_i[PAIRS], pair_j[PAIRS], pairs = 0;
  const int k = fuzz_int(&in, 1, ROWS);
  const double rho = fuzz_between(&in, 0, 1);
  double low = INFINITY, high = -INFINITY;
  for (int i = 0; i < k; i++) {
    row[i] = i;
    yi[i] = fuzz_nice(&in);
    vi[i] = fuzz_positive(&in, 0.01, 100);
    low = fmin(low, yi[i]);
    high = fmax(high, yi[i]);
    v[i * k + i] = vi[i];
    for (int j = 0; j < i; j++) {
      pair_i[pairs] = i;
      pair_j[pairs] = j;
      value[pairs] = fuzz_between(&in, -1, 1) * sqrt(vi[i] * vi[j]);
      v[i * k + j] = v[j * k + i] = value[pairs];
      pairs++;
    }
  }
  const int start[] = {0, k}, pair_start[] = {0, pairs};
  const mv_nest_table table = {yi,     vi,     row,        start, 1,
                               pair_i, pair_j, pair_start, value, rho};
  double space[ROWS * ROWS], one[ROWS], y[ROWS], at[MV_NEST_COUNT], of[MV_NEST_COUNT];
  int place[ROWS], status[MV_NEST_COUNT];
  const mv_nest_work work = {space, one, y, place};
  for (int rule = 0; rule < MV_NEST_COUNT; rule++) {
    mv_nest_compute(&table, (mv_nest_rule)rule, work, &at[rule], &of[rule],
                    &status[rule]);
    FUZZ_ASSERT(status[rule] != MV_OK || (isfinite(at[rule]) && of[rule] > 0));
  }
  const double slack = 1e-9 * (1 + fabs(low) + fabs(high));
  FUZZ_ASSERT(at[0] >= low - slack && at[0] <= high + slack && at[0] == at[1]);
  FUZZ_ASSERT(of[1] <= of[0] * (1 + 1e-12));
  if (status[MV_NEST_V] != MV_OK || !slow_weights(v, k, w)) return 0;
  double sum = 0, size_of = 0, mean = 0;
  for (int i = 0; i < k; i++) {
    sum += w[i];
    size_of += fabs(w[i]);
    mean += w[i] * yi[i];
  }
  if (size_of > 1e4 * sum || size_of > 1e6) return 0; /* too near singular to compare */
  FUZZ_ASSERT(fabs(of[MV_NEST_V] * sum - 1) < 1e-6);
  FUZZ_ASSERT(fabs(at[MV_NEST_V] - mean / sum) < 1e-5 * (1 + fabs(low) + fabs(high)));
  return 0;
}
