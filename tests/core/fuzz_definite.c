/* A matrix made as B B' is never called indefinite, one moved below its lowest eigenvalue
 * always is, and the combination that is named has the variance that is claimed. */
#include <math.h>

#include "check.h"
#include "definite.h"
#include "fuzz_bytes.h"

enum { ROWS = 7 };

static double variance_of(int m, double v[ROWS][ROWS], const double *weight) {
  double sum = 0;
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < m; j++) {
      sum += weight[i] * weight[j] * v[i][j] / sqrt(v[i][i]) / sqrt(v[j][j]);
    }
  }
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const int m = fuzz_int(&in, 2, ROWS), rank = fuzz_int(&in, 1, m);
  double b[ROWS][ROWS] = {{0}}, v[ROWS][ROWS] = {{0}}, vi[ROWS], value[ROWS * ROWS];
  int first[ROWS * ROWS], second[ROWS * ROWS];
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < rank; j++) b[i][j] = fuzz_int(&in, -3, 3);
  }
  const int below = fuzz_byte(&in) % 2;
  mv_pairs pairs = {m, 0, vi, first, second, value};
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < m; j++) {
      for (int k = 0; k < rank; k++) v[i][j] += b[i][k] * b[j][k];
    }
    if (v[i][i] == 0) v[i][i] = 1;
  }
  if (below) v[1][0] = v[0][1] = 1.01 * sqrt(v[0][0] * v[1][1]);
  for (int i = 0; i < m; i++) {
    vi[i] = v[i][i];
    for (int j = 0; j < i; j++) {
      if (v[i][j] == 0) continue;
      first[pairs.pairs] = i;
      second[pairs.pairs] = j;
      value[pairs.pairs++] = v[i][j];
    }
  }
  mv_arena arena = {NULL, 0};
  mv_linked_layout(&arena, m, pairs.pairs);
  mv_definite_layout(&arena, m);
  arena = check_carve(arena);
  mv_linked linked = mv_linked_layout(&arena, m, pairs.pairs);
  const mv_definite_work work = mv_definite_layout(&arena, m);
  mv_linked_find(&pairs, &linked);
  int worst = 0;
  for (ptrdiff_t block = 0; block < linked.blocks; block++) {
    double weight[ROWS] = {0};
    const mv_definite state = mv_definite_block(&pairs, &linked, block, work, weight);
    FUZZ_ASSERT(state != MV_UNKNOWN);
    const double variance = variance_of(m, v, weight);
    if (state == MV_SINGULAR) FUZZ_ASSERT(fabs(variance) < 1e-8);
    if (state == MV_INDEFINITE) FUZZ_ASSERT(variance < 0);
    if ((int)state > worst) worst = (int)state;
  }
  FUZZ_ASSERT(below == (worst == MV_INDEFINITE));
  if (!below && rank < m && linked.blocks == 1 && linked.largest == m) {
    FUZZ_ASSERT(worst == MV_SINGULAR);
  }
  check_free(&arena);
  return 0;
}
