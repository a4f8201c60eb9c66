#include <math.h>

#include "check.h"
#include "definite.h"

enum { ROWS = 8 };

/* The state of the one block of a small matrix, row by row, and the variance that its
 * combination of rows has, in units of their standard errors. */
static mv_definite state_of(int m, const double *v, double *variance) {
  double vi[ROWS], value[ROWS * ROWS], weight[ROWS] = {0};
  int first[ROWS * ROWS], second[ROWS * ROWS];
  mv_pairs pairs = {m, 0, vi, first, second, value};
  for (int i = 0; i < m; i++) {
    vi[i] = v[i * m + i];
    for (int j = 0; j < i; j++) {
      if (v[i * m + j] == 0) continue;
      first[pairs.pairs] = i;
      second[pairs.pairs] = j;
      value[pairs.pairs++] = v[i * m + j];
    }
  }
  mv_arena arena = {NULL, 0};
  mv_linked_layout(&arena, m, pairs.pairs);
  mv_definite_layout(&arena, m);
  arena = check_carve(arena);
  mv_linked linked = mv_linked_layout(&arena, m, pairs.pairs);
  const mv_definite_work work = mv_definite_layout(&arena, m);
  mv_linked_find(&pairs, &linked);
  CHECK(linked.blocks == 1 && linked.largest == m);
  const mv_definite state = mv_definite_block(&pairs, &linked, 0, work, weight);
  *variance = 0;
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < m; j++) {
      const double scale = sqrt(vi[i]) * sqrt(vi[j]);
      if (weight[i] != 0 && weight[j] != 0) {
        *variance += weight[i] * weight[j] * v[i * m + j] / scale;
      }
    }
  }
  check_free(&arena);
  return state;
}

static void states(void) {
  double variance;
  const double fine[] = {4, 1, 0, 1, 2, 1, 0, 1, 3};
  CHECK(state_of(3, fine, &variance) == MV_DEFINITE);
  /* Two treated groups, each against the same two controls, MD, all variances 1. */
  const double crossed[] = {2, 1, 1, 0, 1, 2, 0, 1, 1, 0, 2, 1, 0, 1, 1, 2};
  CHECK(state_of(4, crossed, &variance) == MV_SINGULAR);
  CHECK_NEAR(variance, 0, 1e-14);
  const double below[] = {1, 1.2, 1.2, 1};
  CHECK(state_of(2, below, &variance) == MV_INDEFINITE);
  CHECK(variance < -0.1);
  const double contradict[] = {1, 0.9, 0.9, 0.9, 1, 0.1, 0.9, 0.1, 1};
  CHECK(state_of(3, contradict, &variance) == MV_INDEFINITE);
  CHECK(variance < -0.1);
  const double missing[] = {1, NAN, NAN, 1};
  CHECK(state_of(2, missing, &variance) == MV_UNKNOWN);
  const double zero[] = {0, 0.1, 0.1, 1};
  CHECK(state_of(2, zero, &variance) == MV_UNKNOWN);
}

/* The first two rows are one, so are the last two, but the two differ in what they say of
 * each other: rows without any variance left that covary. */
static void a_covariance_of_nothing(void) {
  double variance;
  const double v[] = {1, 1, 0.5, 0.5, 1, 1, 0.5, 0.6, 0.5, 0.5, 1, 1, 0.5, 0.6, 1, 1};
  CHECK(state_of(4, v, &variance) == MV_INDEFINITE);
  CHECK(variance < -0.01);
}

static void blocks(void) {
  const double vi[] = {1, 1, 1, 1, 1, 1}, value[] = {0.5, 0.5, 2};
  const int first[] = {4, 2, 5}, second[] = {0, 4, 3};
  const mv_pairs pairs = {6, 3, vi, first, second, value};
  mv_arena arena = {NULL, 0};
  mv_linked_layout(&arena, 6, 3);
  mv_definite_layout(&arena, 3);
  arena = check_carve(arena);
  mv_linked linked = mv_linked_layout(&arena, 6, 3);
  const mv_definite_work work = mv_definite_layout(&arena, 3);
  mv_linked_find(&pairs, &linked);
  const int want[] = {0, -1, 0, 1, 0, 1};
  CHECK(linked.blocks == 2 && linked.largest == 3);
  for (int i = 0; i < 6; i++) CHECK(linked.block[i] == want[i]);
  double weight[6] = {7, 7, 7, 7, 7, 7};
  CHECK(mv_definite_block(&pairs, &linked, 0, work, weight) == MV_DEFINITE);
  CHECK(mv_definite_block(&pairs, &linked, 1, work, weight) == MV_INDEFINITE);
  CHECK(weight[0] == 7 && weight[1] == 7 && weight[2] == 7 && weight[4] == 7);
  CHECK_NEAR(weight[3] * weight[5], -2, 1e-15);
  check_free(&arena);
}

void test_definite(void) {
  states();
  a_covariance_of_nothing();
  blocks();
}
