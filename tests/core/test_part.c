#include "check.h"
#include "part.h"

enum { ROWS = 6, LEVELS = 3 };

static const int outer[ROWS] = {2, 1, 2, 2, 1, 3}, inner[ROWS] = {3, 1, 1, 3, 2, 2};

typedef struct {
  mv_part part;
  mv_columns columns;
  mv_arena arena;
} opened;

static opened open_part(const char *structure, const int *levels, const double *slope) {
  opened at = {.arena = {NULL, 0}};
  at.part = (mv_part){.groups = 3, .outer = outer, .inner = levels, .slope = slope};
  at.part.shape.structure = mv_structure_find(structure);
  at.part.shape.levels = slope ? 2 : levels ? LEVELS : 1;
  mv_columns_layout(&at.arena, ROWS, &at.part, &at.columns);
  at.arena = check_carve(at.arena);
  mv_columns_layout(&at.arena, ROWS, &at.part, &at.columns);
  mv_columns_find(ROWS, &at.part, &at.columns);
  return at;
}

/* A column for each level that occurs in a group, by group and level. */
static void test_levels(void) {
  opened at = open_part("DIAG", inner, NULL);
  static const int column[ROWS] = {3, 0, 2, 3, 1, 4};
  const double working[LEVELS] = {1, 4, 9};
  const mv_clump of = {0, 1, 2, 2};
  double g[4];
  CHECK(at.columns.count == 5);
  for (int i = 0; i < ROWS; i++) {
    CHECK(mv_column_of(&at.part, &at.columns, i) == column[i]);
  }
  CHECK(mv_clump_start(&at.part, &at.columns, 1) == 2);
  CHECK(mv_clump_size(&at.part, &at.columns, 1) == 2);
  CHECK(mv_clump_size(&at.part, &at.columns, 2) == 1);
  mv_clump_covariance(&at.part, &at.columns, &of, 0, working, g);
  CHECK(g[0] == 1 && g[1] == 0 && g[3] == 9);
  mv_clump_slope(&at.part, &at.columns, &of, 0, working, 2, g);
  CHECK(g[0] == 0 && g[3] == 1);
  CHECK(mv_part_covariance(&at.part, working, 0, 3) == 9); /* the same group and level */
  CHECK(mv_part_covariance(&at.part, working, 0, 2) == 0);
  check_free(&at.arena);
}

static void test_intercept_and_slopes(void) {
  static const double slope[2 * ROWS] = {1, 2, 1, 0, 1, -1, 1, 3, 1, 5, 1, 1};
  const double variance = 2, factor[3] = {1, 0.5, 2};
  opened at = open_part("INTERCEPT", NULL, NULL);
  CHECK(at.columns.count == 3 && mv_column_of(&at.part, &at.columns, 0) == 1);
  CHECK(mv_part_covariance(&at.part, &variance, 0, 2) == 2);
  CHECK(mv_part_covariance(&at.part, &variance, 0, 1) == 0);
  check_free(&at.arena);
  at = open_part("GEN", NULL, slope);
  CHECK(at.columns.count == 6 && mv_column_of(&at.part, &at.columns, 5) == 4);
  /* G = (1, .5; .5, 4.25), rows (1, 2) and (1, -1) */
  CHECK_NEAR(mv_part_covariance(&at.part, factor, 0, 2), 1 + 0.5 * (2 - 1) - 2 * 4.25,
             1e-14);
  check_free(&at.arena);
}

void test_part(void);

void test_part(void) {
  test_levels();
  test_intercept_and_slopes();
}
