#include "blocks.h"
#include "multilevel_sets.h"

typedef struct {
  mv_arena plan, numbers;
  mv_blocks blocks;
} opened;

static mv_status open_blocks(const mv_problem *problem, opened *at) {
  at->plan = at->numbers = (mv_arena){NULL, 0};
  mv_blocks_layout(&at->plan, problem, &at->blocks);
  at->plan = check_carve(at->plan);
  mv_blocks_layout(&at->plan, problem, &at->blocks);
  mv_status status = mv_blocks_plan(problem, &at->blocks);
  if (status != MV_OK) return status;
  mv_blocks_numbers_layout(&at->numbers, &at->blocks);
  at->numbers = check_carve(at->numbers);
  mv_blocks_numbers_layout(&at->numbers, &at->blocks);
  return mv_blocks_fill(&at->blocks);
}

static void close_blocks(opened *at) {
  check_free(&at->plan);
  check_free(&at->numbers);
}

static ml_set *make(const char *const *names, const int *how, int parts,
                    int covariances) {
  static ml_set set;
  random_source from = {11};
  memset(&set, 0, sizeof set);
  for (int j = 0; j < parts; j++) ml_add_part(&set, names[j], how[j]);
  ml_fill(&set, &from, covariances);
  return &set;
}

/* Every row has its place, and entries ascend. */
static void check_order(const mv_blocks *blocks) {
  int seen[ML_ROWS] = {0};
  for (int i = 0; i < ML_ROWS; i++) seen[blocks->order[i]]++;
  for (int i = 0; i < ML_ROWS; i++) CHECK(seen[i] == 1);
  for (int i = 0; i < ML_ROWS; i++) {
    for (ptrdiff_t e = blocks->entry_start[i] + 1; e < blocks->entry_start[i + 1]; e++) {
      CHECK(blocks->entry[e] > blocks->entry[e - 1]);
    }
  }
}

static void test_nested(void) {
  static const char *const names[] = {"INTERCEPT", "INTERCEPT", "INTERCEPT"};
  static const int how[] = {0, 1, 2};
  opened at;
  const ml_set *set = make(names, how, 3, 0);
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  CHECK(at.blocks.identity == 2 && at.blocks.q == 0 && at.blocks.blocks == 6);
  CHECK(at.blocks.inner_columns[0] == 1 + 3 && at.blocks.clumps == 6 + 18);
  check_order(&at.blocks);
  /* the row as it is, in its study and experiment */
  const double *row = mv_block_row(&at.blocks, 7);
  CHECK(row[0] == set->y[7] && row[1] == set->x[7 * ML_COLUMNS] && row[4] == 1);
  CHECK(at.blocks.entry[at.blocks.entry_start[7]] == 0);
  CHECK(at.blocks.lambda[7] == set->v[7]);
  close_blocks(&at);
}

/* The crossed factor with the fewest levels goes to the top: blocks are studies again. */
static void test_crossed(void) {
  static const char *const names[] = {"INTERCEPT", "INTERCEPT"};
  static const int how[] = {0, 3};
  opened at;
  const ml_set *set = make(names, how, 2, 1);
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  CHECK(at.blocks.identity == -1 && at.blocks.q == 4 && at.blocks.is_top[1]);
  CHECK(at.blocks.blocks == 6);
  check_order(&at.blocks);
  close_blocks(&at);
}

/* A guest adds no columns: levels of a known matrix and their own variance, crossed with
 * studies. The blocks are the studies. */
static void test_guest(void) {
  static const char *const names[] = {"INTERCEPT", "KNOWN", "INTERCEPT"};
  static const int how[] = {3, 4, 0};
  opened at;
  ml_set *set = make(names, how, 3, 0);
  ml_make_guest(set, 0, 1);
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  CHECK(at.blocks.q == 4 && at.blocks.blocks == 6 && at.blocks.columns[0].host == 1);
  CHECK(at.blocks.is_top[0] && at.blocks.is_top[1] && !at.blocks.is_top[2]);
  CHECK(at.blocks.entry_start[1] == 2);
  check_order(&at.blocks);
  close_blocks(&at);
  set->outer[0][0] = set->outer[0][0] % 4 + 1; /* one row that says otherwise */
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  CHECK(at.blocks.columns[0].host == -1 && at.blocks.entry_start[1] == 3);
  close_blocks(&at);
}

/* A part with more columns goes to the top where one with fewer would tie together what
 * is left: 6 studies of one column each, not one block of 18 levels. */
static void test_larger_top(void) {
  static const char *const names[] = {"INTERCEPT", "KNOWN"};
  static const int how[] = {0, 4};
  opened at;
  ml_set *set = make(names, how, 2, 0);
  static double known[18 * 18];
  for (int i = 0; i < 18; i++) known[i * 19] = 1;
  for (int i = 0; i < ML_ROWS; i++) set->inner[1][i] = 1 + i % 18;
  set->parts[1].shape.levels = 18;
  set->parts[1].shape.known = known;
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  CHECK(at.blocks.q == 18 && at.blocks.blocks == 6 && at.blocks.is_top[1]);
  close_blocks(&at);
}

/* Turned rows have the variances of V: the trace and the sum of squares stay. */
static void test_turned(void) {
  static const char *const names[] = {"INTERCEPT"};
  static const int how[] = {0};
  opened at;
  const ml_set *set = make(names, how, 1, 1);
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_OK);
  for (int first = 0; first < ML_ROWS; first += 3) {
    double trace = 0, turned = 0, squares = 0, of_turned = 0;
    for (int i = first; i < first + 3; i++) {
      trace += set->v[i];
      squares += set->y[i] * set->y[i];
      turned += at.blocks.lambda[i];
      of_turned += mv_block_row(&at.blocks, i)[0] * mv_block_row(&at.blocks, i)[0];
    }
    CHECK_NEAR(turned, trace, 1e-13);
    CHECK_NEAR(of_turned, squares, 1e-13);
  }
  close_blocks(&at);
}

static void test_refused(void) {
  static const char *const names[] = {"INTERCEPT"};
  static const int how[] = {0};
  opened at;
  ml_set *set = make(names, how, 1, 1);
  set->value[0] = 2; /* a correlation above 1 */
  CHECK_STATUS(open_blocks(&set->problem, &at), MV_NOT_POSITIVE);
  close_blocks(&at);
}

/* Two factors of more levels each than may be eliminated at once. */
static void test_too_many(void) {
  enum { MANY = 6000 };
  static double y[MANY], v[MANY], x[MANY];
  static int one[MANY], other[MANY];
  for (int i = 0; i < MANY; i++) {
    v[i] = 1;
    one[i] = 1 + i / 2;
    other[i] = 1 + (i + 1) / 2 % (MANY / 2);
  }
  const mv_shape shape = {.structure = mv_structure_find("INTERCEPT"), .levels = 1};
  const mv_part parts[2] = {{shape, MANY / 2, one, NULL, NULL, 0},
                            {shape, MANY / 2, other, NULL, NULL, 1}};
  const mv_problem problem = {MANY, 1, y, v, x, {MANY, 0, v, NULL, NULL, NULL}, 2, parts};
  opened at;
  CHECK_STATUS(open_blocks(&problem, &at), MV_TOO_MANY_LEVELS);
  check_free(&at.plan);
}

void test_blocks(void);

void test_blocks(void) {
  test_nested();
  test_crossed();
  test_guest();
  test_larger_top();
  test_turned();
  test_refused();
  test_too_many();
}
