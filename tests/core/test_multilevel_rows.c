#include "multilevel_clusters.h"
#include "multilevel_rows.h"
#include "multilevel_sets.h"

typedef struct {
  double wx[ML_ROWS * ML_COLUMNS], py[ML_ROWS], inverse[ML_ROWS], projected[ML_ROWS];
  double variance[ML_ROWS], effect[ML_PARTS][200], se[ML_PARTS][200];
} values;

static mv_status rows_of(const ml_set *set, values *to) {
  ml_open_model at;
  mv_status status = ml_open(set, 1, &at);
  if (status == MV_OK) status = mv_multilevel_likelihood(&at.model, &at.work, &at.point);
  mv_arena arena = {NULL, 0};
  mv_rows_work space;
  mv_rows_layout(&arena, &at.blocks, &space);
  arena = check_carve(arena);
  mv_rows_layout(&arena, &at.blocks, &space);
  mv_row_values rows = {to->wx, to->py, to->inverse, to->projected, to->variance};
  mv_effect_values effects[ML_PARTS];
  for (int j = 0; j < ML_PARTS; j++) {
    effects[j] = (mv_effect_values){to->effect[j], to->se[j]};
  }
  if (status == MV_OK) {
    status = mv_multilevel_rows(&at.model, &at.work, &at.point, &space, &rows, effects);
  }
  check_free(&arena);
  ml_close(&at);
  return status;
}

static void invert(const ml_set *set, ml_matrix m, ml_matrix inverse) {
  static double l[ML_ROWS * ML_ROWS];
  ml_covariance(set, m);
  mv_cholesky(ML_ROWS, &m[0][0], l);
  mv_cholesky_inverse(ML_ROWS, l, &inverse[0][0]);
}

/* By whole matrices: M^-1 X, and P from it. */
static void compare(const ml_set *set) {
  static ml_matrix m, w;
  static values got;
  double xwx[9] = {0}, f[9];
  CHECK_STATUS(rows_of(set, &got), MV_OK);
  invert(set, m, w);
  double wx[ML_ROWS][ML_COLUMNS] = {{0}};
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      for (int c = 0; c < ML_COLUMNS; c++) {
        wx[i][c] += w[i][j] * set->x[j * ML_COLUMNS + c];
      }
    }
    for (int c = 0; c < ML_COLUMNS; c++) {
      CHECK(fabs(got.wx[i * ML_COLUMNS + c] - wx[i][c]) < 1e-10);
    }
    CHECK_NEAR(got.inverse[i], w[i][i], 1e-11);
    CHECK_NEAR(got.variance[i], m[i][i], 1e-13);
  }
  for (int i = 0; i < ML_ROWS; i++) {
    for (int a = 0; a < 9; a++) {
      xwx[a] += set->x[i * ML_COLUMNS + a / 3] * wx[i][a % 3];
    }
  }
  mv_cholesky(ML_COLUMNS, xwx, xwx);
  mv_cholesky_inverse(ML_COLUMNS, xwx, f);
  for (int i = 0; i < ML_ROWS; i++) {
    double py = 0;
    for (int j = 0; j < ML_ROWS; j++) {
      double p = w[i][j];
      for (int a = 0; a < 9; a++) p -= wx[i][a / 3] * f[a] * wx[j][a % 3];
      py += p * set->y[j];
      if (i == j) CHECK(fabs(got.projected[i] - p) < 1e-10);
    }
    CHECK(fabs(got.py[i] - py) < 1e-10);
  }
}

static void test_values(random_source *from) {
  static const char *const names[] = {"INTERCEPT", "INTERCEPT", "CS", "KNOWN", "GEN"};
  static const int how[] = {0, 2, 3, 4, 0};
  for (int covariances = 0; covariances < 2; covariances++) {
    for (int last = 1; last < 5; last++) {
      static ml_set set;
      memset(&set, 0, sizeof set);
      ml_add_part(&set, names[0], how[0]);
      ml_add_part(&set, names[last], how[last]);
      ml_fill(&set, from, covariances);
      compare(&set);
    }
  }
}

/* The effects of a guest and of its host: each is its G times Z'Py, of each level. */
static void test_guest(random_source *from) {
  static ml_set set;
  static values got;
  memset(&set, 0, sizeof set);
  ml_add_part(&set, "KNOWN", 4);
  ml_add_part(&set, "INTERCEPT", 3);
  ml_add_part(&set, "INTERCEPT", 0);
  ml_fill(&set, from, 1);
  ml_make_guest(&set, 1, 0);
  CHECK_STATUS(rows_of(&set, &got), MV_OK);
  double residual[ML_LEVELS] = {0};
  for (int i = 0; i < ML_ROWS; i++) residual[set.inner[0][i] - 1] += got.py[i];
  for (int a = 0; a < ML_LEVELS; a++) {
    double effect = 0;
    for (int b = 0; b < ML_LEVELS; b++) {
      effect += set.working[0] * set.known[a * ML_LEVELS + b] * residual[b];
    }
    CHECK_NEAR(got.effect[0][a], effect, 1e-11);
    CHECK_NEAR(got.effect[1][ML_LEVELS - 1 - a], set.working[1] * residual[a], 1e-11);
    CHECK(got.se[1][a] > 0 && got.se[1][a] < sqrt(set.working[1]));
  }
}

/* One tau2: an effect is tau2 P y, its error tau2 - tau2^2 P_ii. */
static void test_effects_by_hand(random_source *from) {
  static ml_set set;
  static values got;
  memset(&set, 0, sizeof set);
  ml_add_part(&set, "INTERCEPT", 2);
  ml_fill(&set, from, 0);
  CHECK_STATUS(rows_of(&set, &got), MV_OK);
  const double tau2 = set.working[0];
  for (int i = 0; i < ML_ROWS; i++) {
    CHECK_NEAR(got.effect[0][i], tau2 * got.py[i], 1e-13);
    CHECK_NEAR(got.se[0][i], sqrt(tau2 - tau2 * tau2 * got.projected[i]), 1e-13);
  }
}

/* Errors with a covariance: L z of each set, whose squares sum as V says. */
static void test_errors(random_source *from) {
  static ml_set set;
  memset(&set, 0, sizeof set);
  ml_add_part(&set, "INTERCEPT", 0);
  ml_fill(&set, from, 1);
  ml_open_model at;
  CHECK_STATUS(ml_open(&set, 1, &at), MV_OK);
  static ml_matrix v;
  double z[ML_ROWS], errors[ML_ROWS];
  memset(v, 0, sizeof v);
  for (int i = 0; i < ML_ROWS; i++) { /* V = sum of outer products over unit z */
    for (int j = 0; j < ML_ROWS; j++) z[j] = j == i;
    mv_blocks_errors(&at.blocks, z, errors);
    for (int a = 0; a < ML_ROWS; a++) {
      for (int b = 0; b < ML_ROWS; b++) v[a][b] += errors[a] * errors[b];
    }
  }
  for (int i = 0; i < ML_ROWS; i++) CHECK_NEAR(v[i][i], set.v[i], 1e-12);
  for (ptrdiff_t p = 0; p < set.problem.pairs.pairs; p++) {
    CHECK_NEAR(v[set.first[p]][set.second[p]], set.value[p], 1e-12);
  }
  ml_close(&at);
}

/* Blocks of M in the studies; a part or a covariance that joins two is named. */
static void test_clusters(random_source *from) {
  enum { SIZE = 6, CLUSTERS = ML_ROWS / SIZE };
  static ml_set set;
  static ml_matrix m;
  static double block[ML_ROWS * ML_ROWS];
  int of_row[ML_ROWS], size[CLUSTERS], place[ML_ROWS], space[2 * ML_ROWS];
  ptrdiff_t offset[CLUSTERS + 1], part;
  memset(&set, 0, sizeof set);
  ml_add_part(&set, "INTERCEPT", 0);
  ml_add_part(&set, "HCS", 1);
  ml_fill(&set, from, 1);
  ml_covariance(&set, m);
  for (int i = 0; i < ML_ROWS; i++) {
    of_row[i] = 1 + i / SIZE;
    place[i] = i % SIZE;
    size[i / SIZE] = SIZE;
    offset[i / SIZE] = i / SIZE * SIZE * SIZE;
  }
  mv_clusters clusters = {CLUSTERS, of_row, offset, size, place};
  CHECK(mv_cluster_blocks(&set.problem, set.working, &clusters, space, block, &part));
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = i / SIZE * SIZE; j < (i / SIZE + 1) * SIZE; j++) {
      CHECK_NEAR(block[i * SIZE + j % SIZE], m[i][j], 1e-14);
    }
  }
  of_row[0] = 2; /* covariances of V join, then the study */
  place[0] = 0;
  CHECK(!mv_cluster_blocks(&set.problem, set.working, &clusters, space, block, &part));
  CHECK(part == -1);
  set.problem.pairs.pairs = 0;
  CHECK(!mv_cluster_blocks(&set.problem, set.working, &clusters, space, block, &part));
  CHECK(part == 0);
}

void test_multilevel_rows(void);

void test_multilevel_rows(void) {
  random_source from = {5};
  test_values(&from);
  test_effects_by_hand(&from);
  test_guest(&from);
  test_errors(&from);
  test_clusters(&from);
}
