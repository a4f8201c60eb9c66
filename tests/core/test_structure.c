#include <math.h>

#include "check.h"
#include "elimination.h"
#include "random_sets.h"
#include "structure.h"

enum { LEVELS = 3, MOST = 8 };

static const char *const names[] = {"INTERCEPT", "ID", "KNOWN", "DIAG", "GDIAG", "CS",
                                    "HCS",       "AR", "HAR",   "CAR",  "UN",    "GEN"};

static const double positions[LEVELS] = {1, 2, 4};
static const double matrix[LEVELS * LEVELS] = {1, .5, .2, .5, 1, .4, .2, .4, 1};

static mv_shape shape_of(const char *name) {
  mv_shape shape = {mv_structure_find(name), LEVELS, positions, matrix, NULL, NULL};
  if (name[0] == 'C' && name[1] == 'S') shape.position = NULL;
  if (name[0] == 'H' && name[1] == 'C') shape.position = NULL;
  if (name[0] == 'I' && name[1] == 'N') shape.levels = 1;
  return shape;
}

/* Parameters well inside their range. */
static void draw(const mv_shape *shape, random_source *from, double *working) {
  for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
    const mv_parameter_kind kind = shape->structure->kind(shape->levels, i);
    working[i] = 0.3 + 0.5 * random_uniform(from);
    if (kind == MV_FACTOR) working[i] = random_normal(from);
  }
}

static double entry_at(const mv_shape *shape, double *w, ptrdiff_t i, double by,
                       ptrdiff_t a, ptrdiff_t b) {
  const double kept = w[i];
  w[i] += by;
  const double found = shape->structure->entry(shape, w, a, b);
  w[i] = kept;
  return found;
}

static double slope_at(const mv_shape *shape, double *w, ptrdiff_t i, ptrdiff_t j,
                       double by, ptrdiff_t a, ptrdiff_t b) {
  const double kept = w[j];
  w[j] += by;
  const double found = shape->structure->slope(shape, w, i, a, b);
  w[j] = kept;
  return found;
}

/* Slopes and bends are the numerical derivatives; central differences of 1e-5 are right
 * to about 1e-9 for these functions. */
static void test_derivatives(random_source *from) {
  static const double h = 1e-5;
  for (int s = 0; s < 12; s++) {
    const mv_shape shape = shape_of(names[s]);
    double w[MOST];
    draw(&shape, from, w);
    for (ptrdiff_t a = 0; a < shape.levels; a++) {
      for (ptrdiff_t b = 0; b < shape.levels; b++) {
        CHECK(shape.structure->entry(&shape, w, a, b) ==
              shape.structure->entry(&shape, w, b, a));
        for (ptrdiff_t i = 0; i < mv_shape_parameters(&shape); i++) {
          const double slope = shape.structure->slope(&shape, w, i, a, b);
          const double near =
              (entry_at(&shape, w, i, h, a, b) - entry_at(&shape, w, i, -h, a, b)) /
              (2 * h);
          CHECK(fabs(slope - near) < 1e-8);
          for (ptrdiff_t j = 0; j < mv_shape_parameters(&shape); j++) {
            const double bend = (slope_at(&shape, w, i, j, h, a, b) -
                                 slope_at(&shape, w, i, j, -h, a, b)) /
                                (2 * h);
            const double told =
                shape.structure->bend ? shape.structure->bend(&shape, w, i, j, a, b) : 0;
            CHECK(fabs(told - bend) < 1e-8);
          }
        }
      }
    }
  }
}

/* G by hand. */
static void test_values(void) {
  const double cs[] = {2, .25}, har[] = {1, 2, 3, .5}, un[] = {1, 2, 3, 4, 5, 6};
  const mv_shape of_cs = shape_of("CS"), of_har = shape_of("HAR"), of_un = shape_of("UN");
  CHECK(of_cs.structure->entry(&of_cs, cs, 1, 1) == 2);
  CHECK(of_cs.structure->entry(&of_cs, cs, 0, 2) == 0.5);
  CHECK_NEAR(of_har.structure->entry(&of_har, har, 0, 2), 3 * .125, 1e-15);
  CHECK_NEAR(of_har.structure->entry(&of_har, har, 1, 2), 6 * .25, 1e-15);
  /* rows of the factor: 1; 2 3; 4 5 6 */
  CHECK(of_un.structure->entry(&of_un, un, 2, 1) == 4 * 2 + 5 * 3);
  CHECK(of_un.structure->entry(&of_un, un, 2, 2) == 16 + 25 + 36);
}

/* Working to natural and back gives the same G. */
static void test_natural(random_source *from) {
  for (int s = 0; s < 12; s++) {
    const mv_shape shape = shape_of(names[s]);
    double w[MOST], natural[MOST], back[MOST];
    draw(&shape, from, w);
    mv_shape_natural(&shape, w, natural);
    CHECK_STATUS(mv_shape_working(&shape, natural, back), MV_OK);
    for (ptrdiff_t a = 0; a < shape.levels; a++) {
      for (ptrdiff_t b = 0; b < shape.levels; b++) {
        CHECK(fabs(shape.structure->entry(&shape, w, a, b) -
                   shape.structure->entry(&shape, back, a, b)) < 1e-13);
      }
    }
  }
}

/* Every start is a covariance with the variance asked for; every corner of the box too.
 */
static void test_starts(void) {
  for (int s = 0; s < 12; s++) {
    const mv_shape shape = shape_of(names[s]);
    for (int share = 0; share <= 4; share++) {
      double w[MOST], g[LEVELS * LEVELS], l[LEVELS * LEVELS];
      mv_shape_start(&shape, 2, share / 4.0, w);
      for (ptrdiff_t a = 0; a < shape.levels; a++) {
        for (ptrdiff_t b = 0; b < shape.levels; b++) {
          g[a * shape.levels + b] = shape.structure->entry(&shape, w, a, b);
        }
        const double size = g[a * shape.levels + a];
        CHECK(size > 1.9 && size < 2.1);
      }
      CHECK_STATUS(mv_semi_cholesky(shape.levels, g, l), MV_OK);
    }
  }
}

static void test_bounds(void) {
  const mv_shape cs = shape_of("CS"), car = shape_of("CAR"), un = shape_of("UN");
  double lower, upper;
  mv_shape_bounds(&cs, 0, &lower, &upper);
  CHECK(lower == 0 && isinf(upper));
  mv_shape_bounds(&cs, 1, &lower, &upper);
  CHECK(lower == -0.5 && upper == 1);
  mv_shape_bounds(&car, 1, &lower, &upper);
  CHECK(lower == 0 && upper == 1);
  mv_shape_bounds(&un, 2, &lower, &upper);
  CHECK(isinf(lower) && isinf(upper));
  CHECK(mv_structure_find("XX") == NULL);
}

void test_structure(void);

void test_structure(void) {
  random_source from = {3};
  test_derivatives(&from);
  test_values();
  test_natural(&from);
  test_starts();
  test_bounds();
}
