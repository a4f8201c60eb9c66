#include "multilevel_fit.h"
#include "multilevel_sets.h"

enum { SLOPES = 3 };

/* Slopes as users have them: a constant, years, and their squares. */
static void fill_slopes(random_source *from, double *slope) {
  for (int i = 0; i < ML_ROWS; i++) {
    const double year = 2000 + 20 * random_uniform(from);
    slope[i * SLOPES] = 1;
    slope[i * SLOPES + 1] = year;
    slope[i * SLOPES + 2] = year * year;
  }
}

/* Turned slopes are uncorrelated; all but the first have unit size; z = z' back. */
static void test_turned_slopes(random_source *from) {
  double slope[ML_ROWS * SLOPES], turned[ML_ROWS * SLOPES], back[9], turn[9];
  int aliased[SLOPES];
  fill_slopes(from, slope);
  memcpy(turned, slope, sizeof slope);
  CHECK_STATUS(mv_turn_slopes(ML_ROWS, SLOPES, turned, back, turn, aliased), MV_OK);
  CHECK(back[0] == 1 && back[1] == 0 && back[2] == 0 && back[5] == 0);
  for (int a = 0; a < SLOPES; a++) {
    for (int b = 0; b < SLOPES; b++) {
      double cross = 0, product = 0;
      for (int i = 0; i < ML_ROWS; i++) {
        cross += turned[i * SLOPES + a] * turned[i * SLOPES + b] / ML_ROWS;
      }
      for (int h = 0; h < SLOPES; h++) product += back[a * SLOPES + h] * turn[h * 3 + b];
      if (a != b) CHECK(fabs(cross) < 1e-7);
      if (a == b && a > 0) CHECK_NEAR(cross, 1, 1e-12);
      CHECK(fabs(product - (a == b)) < 1e-6 * (1 + fabs(turn[a * SLOPES + b])));
    }
  }
  for (int i = 0; i < ML_ROWS; i++) {
    for (int b = 0; b < SLOPES; b++) {
      double z = 0;
      for (int a = 0; a < SLOPES; a++) z += turned[i * SLOPES + a] * back[a * SLOPES + b];
      CHECK_NEAR(z, slope[i * SLOPES + b], 1e-12);
    }
  }
}

/* What users read of turned slopes is the G of their own: natural parameters go there and
 * back, and z'Gz is the same; also where G is singular. */
static void test_natural_of_turned(random_source *from) {
  double slope[ML_ROWS * SLOPES], turned[ML_ROWS * SLOPES], back[9], turn[9];
  int aliased[SLOPES];
  fill_slopes(from, slope);
  for (int i = 0; i < ML_ROWS; i++) { /* not so far from 0 that digits go */
    slope[i * SLOPES + 1] -= 1990;
    slope[i * SLOPES + 2] = random_normal(from);
  }
  memcpy(turned, slope, sizeof slope);
  CHECK_STATUS(mv_turn_slopes(ML_ROWS, SLOPES, turned, back, turn, aliased), MV_OK);
  const mv_shape own = {mv_structure_find("GEN"), SLOPES, NULL, NULL, NULL, NULL};
  const mv_shape shape = {mv_structure_find("GEN"), SLOPES, NULL, NULL, turn, back};
  const double natural[][6] = {{4, .09, 1, -.5, .25, .1}, {4, .09, 1, -1, .25, -.25}};
  for (int try = 0; try < 2; try++) {
    double plain[6], working[6], read[6];
    CHECK_STATUS(mv_shape_working(&own, natural[try], plain), MV_OK);
    CHECK_STATUS(mv_shape_working(&shape, natural[try], working), MV_OK);
    CHECK_NEAR(working[0], 2, 1e-14);
    mv_shape_natural(&shape, working, read);
    for (int i = 0; i < 6; i++) CHECK_NEAR(read[i], natural[try][i], 1e-7);
    const mv_part part = {own, 1, NULL, NULL, slope, 0};
    const mv_part of_turned = {shape, 1, NULL, NULL, turned, 0};
    int outer[ML_ROWS];
    for (int i = 0; i < ML_ROWS; i++) outer[i] = 1;
    mv_part both[2] = {part, of_turned};
    both[0].outer = both[1].outer = outer;
    CHECK_NEAR(mv_part_covariance(&both[1], working, 0, 1),
               mv_part_covariance(&both[0], plain, 0, 1), 1e-7);
  }
}

static void test_aliased_slopes(void) {
  double slope[ML_ROWS * 2], back[4], turn[4];
  int aliased[2];
  for (int i = 0; i < ML_ROWS; i++) slope[2 * i] = slope[2 * i + 1] = i + 1;
  CHECK_STATUS(mv_turn_slopes(ML_ROWS, 2, slope, back, turn, aliased), MV_RANK_DEFICIENT);
}

void test_multilevel_fit(void);

void test_multilevel_fit(void) {
  random_source from = {7};
  test_turned_slopes(&from);
  test_natural_of_turned(&from);
  test_aliased_slopes();
}
