#include "multilevel_search.h"
#include "multilevel_sets.h"

/* Balanced groups of equal variances, whose REML estimates are those of the analysis of
 * variance: var(row) = MSW - v, var(group) = (MSB - MSW) / n. */
enum { GROUPS = 5, SIZE = 4, BALANCED = GROUPS * SIZE };

typedef struct {
  double y[BALANCED], v[BALANCED], x[BALANCED];
  int group[BALANCED], row[BALANCED];
  mv_part parts[2];
  mv_problem problem;
} balanced;

static void make_balanced(balanced *set, random_source *from, double scale,
                          double between) {
  *set = (balanced){.problem = {0}};
  double mean = 0;
  for (int i = 0; i < BALANCED; i++) {
    const int g = i / SIZE;
    set->group[i] = 1 + g;
    set->row[i] = 1 + i;
    set->y[i] = scale * (between * (g - 2) + random_normal(from));
    set->v[i] = 0.2 * scale * scale;
    set->x[i] = 1 / sqrt(BALANCED);
    mean += set->y[i] / BALANCED;
  }
  for (int i = 0; i < BALANCED; i++) set->y[i] -= mean;
  const mv_shape one = {.structure = mv_structure_find("INTERCEPT"), .levels = 1};
  set->parts[0] = (mv_part){.shape = one, .groups = GROUPS, .outer = set->group};
  set->parts[1] =
      (mv_part){.shape = one, .groups = BALANCED, .outer = set->row, .first = 1};
  set->problem = (mv_problem){.k = BALANCED,
                              .p = 1,
                              .y = set->y,
                              .v = set->v,
                              .x = set->x,
                              .pairs = {BALANCED, 0, set->v, NULL, NULL, NULL},
                              .part_count = 2,
                              .parts = set->parts};
}

static void mean_squares(const balanced *set, double *between, double *within) {
  *between = *within = 0;
  for (int g = 0; g < GROUPS; g++) {
    double mean = 0;
    for (int i = 0; i < SIZE; i++) mean += set->y[g * SIZE + i] / SIZE;
    *between += SIZE * mean * mean / (GROUPS - 1);
    for (int i = 0; i < SIZE; i++) {
      const double d = set->y[g * SIZE + i] - mean;
      *within += d * d / (BALANCED - GROUPS);
    }
  }
}

/* A search on memory of exactly its size; the answer in `working`. */
static mv_status run(const mv_problem *problem, const mv_freedom *freedom, int restricted,
                     double *working, mv_climb *told) {
  mv_arena plan = {NULL, 0}, numbers = {NULL, 0}, space = {NULL, 0};
  mv_blocks blocks;
  mv_multilevel_work work;
  mv_point point;
  mv_clump *clump;
  mv_blocks_layout(&plan, problem, &blocks);
  plan = check_carve(plan);
  mv_blocks_layout(&plan, problem, &blocks);
  CHECK_STATUS(mv_blocks_plan(problem, &blocks), MV_OK);
  mv_blocks_numbers_layout(&numbers, &blocks);
  numbers = check_carve(numbers);
  mv_blocks_numbers_layout(&numbers, &blocks);
  CHECK_STATUS(mv_blocks_fill(&blocks), MV_OK);
  const ptrdiff_t m = mv_problem_parameters(problem);
  for (int twice = 0; twice < 2; twice++) {
    mv_multilevel_layout(&space, &blocks, &work, &clump);
    mv_point_layout(&space, problem->p, m, &point);
    mv_climb_layout(&space, problem, told);
    if (!twice) space = check_carve(space);
  }
  const mv_multilevel model = mv_multilevel_of(&blocks, restricted, clump);
  mv_climb_start(&model, freedom, told);
  mv_status status = MV_MORE;
  for (int i = 0; status == MV_MORE && i < 20000; i++) {
    status = mv_climb_step(&model, &work, freedom, told, &point);
  }
  memcpy(working, point.working, sizeof(double) * (size_t)m);
  check_free(&plan);
  check_free(&numbers);
  check_free(&space);
  return status;
}

static void test_analysis_of_variance(random_source *from) {
  static const int each[] = {1, 2};
  static const double zero[] = {0, 0};
  const mv_freedom freedom = {each, 2, zero, 0};
  for (int i = 0; i < 50; i++) {
    static const double scales[] = {1, 1e-6, 1e6};
    balanced set;
    double between, within, found[2];
    mv_climb climb;
    const double scale = scales[i % 3], unit = scale * scale;
    make_balanced(&set, from, scale, 1);
    mean_squares(&set, &between, &within);
    if (within < 0.25 * unit || between < within * 1.01) continue;
    CHECK_STATUS(run(&set.problem, &freedom, 1, found, &climb), MV_OK);
    CHECK_NEAR(found[0], (between - within) / SIZE, 1e-7);
    CHECK_NEAR(found[1], within - 0.2 * unit, 1e-7);
    CHECK(climb.maxima == 1 && !climb.flat);
  }
}

/* Groups that differ less than chance: var(group) is 0, and the rows are as in one tau2.
 */
static void test_boundary(random_source *from) {
  static const int each[] = {1, 2};
  static const double zero[] = {0, 0};
  const mv_freedom freedom = {each, 2, zero, 0};
  int seen = 0;
  for (int i = 0; i < 60; i++) {
    balanced set;
    double between, within, found[2];
    mv_climb climb;
    make_balanced(&set, from, 1, 0);
    mean_squares(&set, &between, &within);
    if (between > within || within < 0.3) continue;
    seen++;
    const double all =
        (between * (GROUPS - 1) + within * (BALANCED - GROUPS)) / (BALANCED - 1);
    CHECK_STATUS(run(&set.problem, &freedom, 1, found, &climb), MV_OK);
    CHECK(found[0] == 0);
    CHECK_NEAR(found[1], fmax(0, all - 0.2), 1e-7);
  }
  CHECK(seen > 5);
}

/* Fixed parameters stay, tied ones are equal. */
static void test_freedom(random_source *from) {
  static const int fixed[] = {0, 1}, tied[] = {1, 1};
  static const double start[] = {0.7, 0};
  const mv_freedom one_fixed = {fixed, 1, start, 0}, both = {tied, 1, start, 0};
  balanced set;
  double found[2];
  mv_climb climb;
  make_balanced(&set, from, 1, 1);
  CHECK_STATUS(run(&set.problem, &one_fixed, 1, found, &climb), MV_OK);
  CHECK(found[0] == 0.7);
  CHECK_STATUS(run(&set.problem, &both, 0, found, &climb), MV_OK);
  CHECK(found[0] == found[1]);
}

/* A warm start at the answer stays there, in a few evaluations. */
static void test_warm(random_source *from) {
  static const int each[] = {1, 2};
  static const double zero[] = {0, 0};
  const mv_freedom cold = {each, 2, zero, 0};
  balanced set;
  double found[2], again[2];
  mv_climb climb;
  make_balanced(&set, from, 1, 1);
  CHECK_STATUS(run(&set.problem, &cold, 1, found, &climb), MV_OK);
  const mv_freedom warm = {each, 2, found, 1};
  CHECK_STATUS(run(&set.problem, &warm, 1, again, &climb), MV_OK);
  CHECK(climb.evaluations <= 4);
  CHECK_NEAR(again[0], found[0], 1e-9);
}

/* Two intercepts of the same groups cannot be told apart. */
static void test_flat(random_source *from) {
  static const int each[] = {1, 2};
  static const double zero[] = {0, 0};
  const mv_freedom freedom = {each, 2, zero, 0};
  balanced set;
  double found[2];
  mv_climb climb;
  make_balanced(&set, from, 1, 2);
  set.parts[1].outer = set.group;
  set.parts[1].groups = GROUPS;
  CHECK_STATUS(run(&set.problem, &freedom, 1, found, &climb), MV_OK);
  CHECK(climb.flat);
  const double at_bound[] = {set.problem.v[0], 0};
  const mv_freedom warm = {each, 2, at_bound, 1};
  CHECK_STATUS(run(&set.problem, &warm, 1, found, &climb), MV_OK);
  CHECK(climb.flat);
}

/* Every structure ends at a point where no free parameter can gain. */
static void test_structures_end(random_source *from) {
  static const char *const names[] = {"CS", "HCS", "UN",  "DIAG",
                                      "AR", "HAR", "CAR", "GEN"};
  for (int s = 0; s < 8; s++) {
    for (int rep = 0; rep < 5; rep++) {
      static ml_set set;
      int each[ML_PARAMETERS];
      double zero[ML_PARAMETERS] = {0}, found[ML_PARAMETERS];
      mv_climb climb;
      memset(&set, 0, sizeof set);
      ml_add_part(&set, names[s], rep % 2 ? 0 : 3);
      ml_add_part(&set, "INTERCEPT", 2);
      ml_fill(&set, from, rep % 2);
      const ptrdiff_t m = mv_problem_parameters(&set.problem);
      for (int i = 0; i < m; i++) each[i] = i + 1;
      const mv_freedom freedom = {each, m, zero, 0};
      CHECK_STATUS(run(&set.problem, &freedom, 1, found, &climb), MV_OK);
      CHECK(climb.decrement < 1e-6);
    }
  }
}

void test_multilevel_search(void);

void test_multilevel_search(void) {
  random_source from = {77};
  test_analysis_of_variance(&from);
  test_boundary(&from);
  test_freedom(&from);
  test_warm(&from);
  test_flat(&from);
  test_structures_end(&from);
}
