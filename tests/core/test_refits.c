#include "multilevel_sets.h"
#include "refits.h"

/* Clusters that cut the studies of six rows in every way, numbered as they appear. */
static void clusters_of(int cluster[ML_ROWS]) {
  for (int i = 0; i < ML_ROWS; i++) cluster[i] = 1 + i / 4;
}

typedef struct {
  mv_arena arena;
  mv_split split;
  mv_subset subset;
  mv_outside outside;
} opened;

static void open_refits(const ml_set *set, ptrdiff_t most, opened *at) {
  at->arena = (mv_arena){NULL, 0};
  for (int run = 0; run < 2; run++) {
    mv_split_layout(&at->arena, ML_ROWS, &at->split);
    mv_subset_layout(&at->arena, &set->problem, &at->subset);
    mv_outside_layout(&at->arena, most, ML_COLUMNS, &at->outside);
    if (run == 0) at->arena = check_carve(at->arena);
  }
}

/* ---- which rows ---- */

static void test_split(void) {
  const int cluster[] = {1, 2, 1, 3};
  const double x[] = {1, 2, 3, 4, 5, 6, 7, 8};
  int place[4], left[4], row[4];
  double kept[8];
  mv_split split = {place, left, row, 0, 0};
  mv_split_at(4, cluster, MV_ALL_BUT, 1, &split);
  CHECK(split.kept == 2 && split.out == 2);
  CHECK(place[0] == -1 && place[1] == 0 && place[2] == -2 && place[3] == 1);
  CHECK(left[0] == 0 && left[1] == 2);
  CHECK(row[0] == 1 && row[1] == 3);
  mv_split_rows(4, 2, x, &split, kept);
  CHECK(kept[0] == 3 && kept[1] == 4 && kept[2] == 7 && kept[3] == 8);
  mv_split_at(4, cluster, MV_UP_TO, 2, &split);
  CHECK(split.kept == 3 && split.out == 1 && left[0] == 3);
}

/* ---- the problem on some rows ---- */

/* M of the subset, by the slow form, is that of the whole without the rows left out. */
static void check_covariance(const ml_set *set, const opened *at) {
  static ml_matrix m;
  ml_covariance(set, m);
  const mv_problem *part = &at->subset.problem;
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      const int a = at->split.place[i], b = at->split.place[j];
      if (a < 0 || b < 0) continue;
      double sum = a == b ? part->v[a] : 0;
      for (ptrdiff_t h = 0; h < part->pairs.pairs; h++) {
        const int first = part->pairs.first[h], second = part->pairs.second[h];
        if ((first == a && second == b) || (first == b && second == a)) {
          sum += part->pairs.value[h];
        }
      }
      for (ptrdiff_t q = 0; q < part->part_count; q++) {
        const mv_part *of = &part->parts[q];
        if (of->outer[a] != of->outer[b]) continue;
        for (int c = 0; c < of->shape.levels; c++) {
          for (int d = 0; d < of->shape.levels; d++) {
            sum += ml_z(of, a, c) * ml_z(of, b, d) *
                   of->shape.structure->entry(&of->shape, set->working + of->first, c, d);
          }
        }
      }
      CHECK_NEAR(sum, m[i][j], 1e-13);
    }
  }
}

static void check_rows(const ml_set *set, const opened *at) {
  const mv_problem *part = &at->subset.problem;
  CHECK(part->k == at->split.kept && part->p == ML_COLUMNS);
  for (int i = 0; i < ML_ROWS; i++) {
    const int to = at->split.place[i];
    if (to < 0) continue;
    CHECK(part->y[to] == set->y[i] && part->v[to] == set->v[i]);
    CHECK(part->x[to * ML_COLUMNS + 2] == set->x[i * ML_COLUMNS + 2]);
  }
}

/* Every number from 1 to `groups` is a row's. */
static void check_groups(const opened *at) {
  const mv_problem *part = &at->subset.problem;
  for (ptrdiff_t j = 0; j < part->part_count; j++) {
    int seen[ML_ROWS + 1] = {0};
    for (ptrdiff_t i = 0; i < part->k; i++) {
      const int g = part->parts[j].outer[i];
      CHECK(g >= 1 && g <= part->parts[j].groups);
      seen[g] = 1;
    }
    for (ptrdiff_t g = 1; g <= part->parts[j].groups; g++) CHECK(seen[g]);
  }
}

/* Turned with what the whole problem knows, the numbers are the same. */
static void check_known(const ml_set *set, const opened *at) {
  static ml_set part;
  ml_open_model whole, alone, known;
  int place[ML_ROWS];
  part.problem = at->subset.problem;
  memcpy(part.working, set->working, sizeof part.working);
  CHECK_STATUS(ml_open(set, 1, &whole), MV_OK);
  CHECK_STATUS(ml_open(&part, 1, &alone), MV_OK);
  CHECK_STATUS(ml_open(&part, 1, &known), MV_OK);
  mv_linked_places(&whole.blocks, place);
  const mv_known_turn turn = {&whole.blocks, at->split.row, place};
  known.blocks.known = &turn;
  CHECK_STATUS(mv_blocks_fill(&known.blocks), MV_OK);
  for (ptrdiff_t i = 0; i < alone.blocks.vector_count; i++) {
    CHECK(alone.blocks.vectors[i] == known.blocks.vectors[i]);
  }
  for (ptrdiff_t i = 0; i < part.problem.k; i++) {
    CHECK(alone.blocks.lambda[i] == known.blocks.lambda[i]);
  }
  ml_close(&whole);
  ml_close(&alone);
  ml_close(&known);
}

/* ---- the rows left out ---- */

/* residual'(M + x F x')^-1 residual, with F = I and coefficients of one half. */
static void check_outside(const ml_set *set, opened *at) {
  static ml_matrix m;
  const double beta[] = {.5, .5, .5}, f[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  const ptrdiff_t n = at->split.out;
  double s[16], l[16], d[4], x2 = 0;
  CHECK(n <= 4);
  ml_covariance(set, m);
  mv_outside_multilevel(&set->problem, set->working, &at->split, &at->outside);
  mv_outside_finish(ML_COLUMNS, set->y, set->x, beta, f, &at->split, &at->outside);
  for (ptrdiff_t i = 0; i < n; i++) {
    const int a = at->split.left[i];
    d[i] = set->y[a];
    for (int c = 0; c < ML_COLUMNS; c++) d[i] -= .5 * set->x[a * ML_COLUMNS + c];
    for (ptrdiff_t j = 0; j < n; j++) {
      const int b = at->split.left[j];
      s[i * n + j] = m[a][b];
      for (int c = 0; c < ML_COLUMNS; c++) {
        s[i * n + j] += set->x[a * ML_COLUMNS + c] * set->x[b * ML_COLUMNS + c];
      }
    }
    CHECK_NEAR(at->outside.residual[i], d[i], 1e-13);
    CHECK_NEAR(at->outside.se[i], sqrt(s[i * n + i]), 1e-13);
  }
  CHECK_STATUS(mv_cholesky(n, s, l), MV_OK);
  mv_forward(n, l, d);
  for (ptrdiff_t i = 0; i < n; i++) x2 += d[i] * d[i];
  CHECK_NEAR(at->outside.x2, x2, 1e-11);
}

static void try_set(random_source *from, int covariances, const char *const *structures,
                    const int *how, int parts) {
  static ml_set set;
  opened at;
  int cluster[ML_ROWS];
  memset(&set, 0, sizeof set);
  for (int j = 0; j < parts; j++) ml_add_part(&set, structures[j], how[j]);
  ml_fill(&set, from, covariances);
  clusters_of(cluster);
  open_refits(&set, 4, &at);
  for (int c = 1; c <= ML_ROWS / 4; c++) {
    mv_split_at(ML_ROWS, cluster, MV_ALL_BUT, c, &at.split);
    mv_subset_take(&set.problem, &at.split, &at.subset);
    check_rows(&set, &at);
    check_groups(&at);
    check_covariance(&set, &at);
    check_outside(&set, &at);
    check_known(&set, &at);
    mv_split_at(ML_ROWS, cluster, MV_UP_TO, c, &at.split);
    mv_subset_take(&set.problem, &at.split, &at.subset);
    check_rows(&set, &at);
    check_groups(&at);
    check_covariance(&set, &at);
  }
  check_free(&at.arena);
}

static void test_subsets(random_source *from) {
  static const char *const first[] = {"INTERCEPT", "INTERCEPT", "INTERCEPT"};
  static const char *const second[] = {"UN", "INTERCEPT", "GEN"};
  static const char *const third[] = {"KNOWN", "HAR", "CS"};
  static const int nested[] = {0, 1, 2}, crossed[] = {0, 3, 2}, one[] = {4, 3, 0};
  for (int covariances = 0; covariances < 2; covariances++) {
    try_set(from, covariances, first, nested, 3);
    try_set(from, covariances, first, crossed, 3);
    try_set(from, covariances, second, crossed, 3);
    try_set(from, covariances, third, one, 3);
  }
}

/* Independent effects of variance 1 + 2, scaled by 2: by hand. */
static void test_outside_independent(void) {
  const double y[] = {1, 5}, x[] = {1, 1}, v[] = {7, 1}, beta = 2, vcov = .5;
  int place[2], left[2], row[2];
  const int cluster[] = {1, 2};
  double residual, se, covariance, chol, solved, xf;
  mv_split split = {place, left, row, 0, 0};
  mv_outside outside = {&residual, &se, &covariance, &chol, &solved, &xf, 0};
  mv_split_at(2, cluster, MV_ALL_BUT, 2, &split);
  mv_outside_independent(v, 2, 2, &split, &outside);
  mv_outside_finish(1, y, x, &beta, &vcov, &split, &outside);
  CHECK_NEAR(residual, 3, 1e-15);
  CHECK_NEAR(se, sqrt(6.5), 1e-15);
  CHECK_NEAR(outside.x2, 9 / 6.5, 1e-15);
}

static void test_cook(void) {
  const double f[] = {4, 2, 2, 5}, d[] = {1, -1}; /* F^-1 = [5 -2; -2 4] / 16 */
  double l[4], space[2];
  CHECK_STATUS(mv_cholesky(2, f, l), MV_OK);
  CHECK_NEAR(mv_cook(2, l, d, space), 13. / 16, 1e-15);
}

void test_refits(void);

void test_refits(void) {
  random_source from = {20261130};
  test_split();
  test_subsets(&from);
  test_outside_independent();
  test_cook();
}
