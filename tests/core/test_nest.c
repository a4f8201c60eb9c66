#include <math.h>

#include "check.h"
#include "nest.h"

/* Rows 0, 2 and 3 are one group, row 1 is another, the third is empty. */
static const double yi[] = {1, 5, 2, 4}, vi[] = {2, 0.5, 3, 1};
static const int row[] = {0, 2, 3, 1}, start[] = {0, 3, 4, 4};
static const int pair_i[] = {2, 3}, pair_j[] = {0, 2}, pair_start[] = {0, 2, 2, 2};

static void nest(mv_nest_rule rule, double rho, const double *value, double *y, double *v,
                 int *status) {
  const mv_nest_table table = {yi,     vi,     row,        start, 3,
                               pair_i, pair_j, pair_start, value, rho};
  mv_arena arena = {NULL, 0};
  const ptrdiff_t largest = mv_nest_largest(&table, rule);
  CHECK(largest == (rule == MV_NEST_V ? 3 : 0));
  mv_nest_layout(&arena, 4, largest);
  arena = check_carve(arena);
  mv_nest_compute(&table, rule, mv_nest_layout(&arena, 4, largest), y, v, status);
  check_free(&arena);
}

void test_nest(void) {
  double y[3], v[3];
  int status[3];
  const double value[] = {1, 0.5};
  const double sum = 1.0 / 2 + 1.0 / 3 + 1, mean = (0.5 + 2.0 / 3 + 4) / sum;
  nest(MV_NEST_CAMARADES, 0, value, y, v, status);
  CHECK_NEAR(y[0], mean, 1e-15);
  CHECK_NEAR(v[0], 3 / sum, 1e-15);
  CHECK(y[1] == 5 && v[1] == 0.5 && isnan(y[2]) && isnan(v[2]));
  nest(MV_NEST_CS, 0, value, y, v, status);
  CHECK_NEAR(v[0], 1 / sum, 1e-15);
  nest(MV_NEST_CS, 1, value, y, v, status);
  CHECK_NEAR(sqrt(v[0]), (1 / sqrt(2) + 1 / sqrt(3) + 1) / sum, 1e-15);
  nest(MV_NEST_V, 0, value, y, v, status);
  /* V = (2 1 0; 1 3 .5; 0 .5 1): 1'V^-1 1 by Cramer's rule */
  const double det = 2 * (3 - 0.25) - 1;
  const double total = ((3 - 0.25) + 2 + (6 - 1) + 2 * (-1) + 2 * 0.5 + 2 * (-1)) / det;
  CHECK_NEAR(v[0], 1 / total, 1e-14);
  const double bad[] = {3, 0};
  nest(MV_NEST_V, 0, bad, y, v, status);
  CHECK_STATUS((mv_status)status[0], MV_NOT_POSITIVE);
  CHECK_STATUS((mv_status)status[1], MV_OK);
}
