#include "multilevel_sets.h"

/* ---- the same by whole matrices ---- */

typedef struct {
  double ml, reml, beta[ML_COLUMNS];
  double score[ML_PARAMETERS], average[ML_PARAMETERS][ML_PARAMETERS];
  double expected[ML_PARAMETERS][ML_PARAMETERS];
  double bend[ML_PARAMETERS][ML_COLUMNS][ML_COLUMNS];
  double trace;
} ml_truth;

static void multiply(ml_matrix a, ml_matrix b, ml_matrix c) {
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      c[i][j] = 0;
      for (int h = 0; h < ML_ROWS; h++) c[i][j] += a[i][h] * b[h][j];
    }
  }
}

/* P and M^-1, beta and the two likelihoods. */
static void project(const ml_set *set, ml_matrix inverse, ml_matrix p, ml_truth *out) {
  static ml_matrix m;
  static double l[ML_ROWS * ML_ROWS], flat[ML_ROWS * ML_ROWS];
  ml_covariance(set, m);
  mv_cholesky(ML_ROWS, &m[0][0], l);
  mv_cholesky_inverse(ML_ROWS, l, flat);
  memcpy(inverse, flat, sizeof flat);
  double wx[ML_ROWS][ML_COLUMNS], xwx[ML_COLUMNS * ML_COLUMNS], f[9], small[9];
  double xwy[ML_COLUMNS] = {0}, rss = 0;
  memset(wx, 0, sizeof wx);
  memset(xwx, 0, sizeof xwx);
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      for (int c = 0; c < ML_COLUMNS; c++) {
        wx[i][c] += inverse[i][j] * set->x[j * ML_COLUMNS + c];
      }
    }
  }
  for (int i = 0; i < ML_ROWS; i++) {
    for (int a = 0; a < ML_COLUMNS; a++) {
      xwy[a] += wx[i][a] * set->y[i];
      for (int b = 0; b < ML_COLUMNS; b++) {
        xwx[a * ML_COLUMNS + b] += set->x[i * ML_COLUMNS + a] * wx[i][b];
      }
    }
  }
  mv_cholesky(ML_COLUMNS, xwx, small);
  mv_cholesky_inverse(ML_COLUMNS, small, f);
  for (int i = 0; i < ML_ROWS; i++) {
    for (int j = 0; j < ML_ROWS; j++) {
      p[i][j] = inverse[i][j];
      for (int a = 0; a < ML_COLUMNS; a++) {
        for (int b = 0; b < ML_COLUMNS; b++) {
          p[i][j] -= wx[i][a] * f[a * ML_COLUMNS + b] * wx[j][b];
        }
      }
      rss += set->y[i] * p[i][j] * set->y[j];
    }
  }
  for (int a = 0; a < ML_COLUMNS; a++) {
    out->beta[a] = 0;
    for (int b = 0; b < ML_COLUMNS; b++) out->beta[a] += f[a * ML_COLUMNS + b] * xwy[b];
  }
  const double log_det = mv_cholesky_log_det(ML_ROWS, l), log_2pi = 1.8378770664093453;
  out->ml = -0.5 * (ML_ROWS * log_2pi + log_det + rss);
  out->reml = -0.5 * ((ML_ROWS - ML_COLUMNS) * log_2pi + log_det +
                      mv_cholesky_log_det(ML_COLUMNS, small) + rss);
}

static void derive(const ml_set *set, int restricted, ml_truth *out) {
  static ml_matrix inverse, p, pd[ML_PARAMETERS], td[ML_PARAMETERS], d;
  project(set, inverse, p, out);
  const int n = (int)mv_problem_parameters(&set->problem);
  double pdpy[ML_PARAMETERS][ML_ROWS], py[ML_ROWS];
  out->trace = 0;
  for (int i = 0; i < ML_ROWS; i++) {
    out->trace += restricted ? p[i][i] : inverse[i][i];
    py[i] = 0;
    for (int j = 0; j < ML_ROWS; j++) py[i] += p[i][j] * set->y[j];
  }
  for (ptrdiff_t j = 0; j < set->problem.part_count; j++) {
    const mv_part *part = &set->parts[j];
    for (ptrdiff_t q = 0; q < mv_shape_parameters(&part->shape); q++) {
      const ptrdiff_t at = part->first + q;
      memset(d, 0, sizeof d);
      ml_add_part_covariance(part, set->working + part->first, q, d);
      multiply(p, d, pd[at]);
      multiply(restricted ? p : inverse, d, td[at]);
      double trace = 0, quadratic = 0;
      for (int r = 0; r < ML_ROWS; r++) {
        trace += td[at][r][r];
        pdpy[at][r] = 0;
        for (int c = 0; c < ML_ROWS; c++) {
          quadratic += py[r] * d[r][c] * py[c];
          pdpy[at][r] += d[r][c] * py[c];
        }
      }
      out->score[at] = 0.5 * (quadratic - trace);
      static ml_matrix half, whole;
      multiply(inverse, d, half);
      multiply(half, inverse, whole);
      for (int a = 0; a < ML_COLUMNS; a++) {
        for (int b = 0; b < ML_COLUMNS; b++) {
          out->bend[at][a][b] = 0;
          for (int r = 0; r < ML_ROWS; r++) {
            for (int c = 0; c < ML_ROWS; c++) {
              out->bend[at][a][b] +=
                  set->x[r * ML_COLUMNS + a] * whole[r][c] * set->x[c * ML_COLUMNS + b];
            }
          }
        }
      }
    }
  }
  for (int a = 0; a < n; a++) {
    for (int b = 0; b < n; b++) {
      out->average[a][b] = out->expected[a][b] = 0;
      for (int r = 0; r < ML_ROWS; r++) {
        for (int c = 0; c < ML_ROWS; c++) {
          out->average[a][b] += 0.5 * pdpy[a][r] * p[r][c] * pdpy[b][c];
          out->expected[a][b] += 0.5 * td[a][r][c] * td[b][c][r];
        }
      }
    }
  }
}

/* ---- comparison ---- */

static double size_of(const double *x, int n) {
  double most = 1e-3;
  for (int i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static void compare(const ml_set *set, int restricted) {
  static ml_truth truth;
  ml_open_model at;
  derive(set, restricted, &truth);
  const mv_status opened = ml_open(set, restricted, &at);
  CHECK_STATUS(opened, MV_OK);
  if (opened != MV_OK) return;
  CHECK_STATUS(mv_multilevel_likelihood(&at.model, &at.work, &at.point), MV_OK);
  CHECK_STATUS(mv_multilevel_derivatives(&at.model, &at.work, 1, &at.point), MV_OK);
  CHECK_NEAR(at.point.log_lik_ml, truth.ml, 1e-11);
  CHECK_NEAR(at.point.log_lik_reml, truth.reml, 1e-11);
  CHECK_NEAR(at.point.trace, truth.trace, 1e-10);
  for (int i = 0; i < ML_COLUMNS; i++) {
    CHECK(fabs(at.point.beta[i] - truth.beta[i]) < 1e-10);
  }
  const int n = (int)mv_problem_parameters(&set->problem);
  const double size = size_of(truth.score, n);
  for (int i = 0; i < n; i++) {
    CHECK(fabs(at.point.score[i] - truth.score[i]) < 1e-10 * size);
    const double big = fmax(truth.expected[i][i], truth.average[i][i]) + 1e-6;
    for (int j = 0; j < n; j++) {
      const double scale = big + truth.expected[j][j] + truth.average[j][j];
      CHECK(fabs(at.point.average[i * n + j] - truth.average[i][j]) < 1e-10 * scale);
      CHECK(fabs(at.point.expected[i * n + j] - truth.expected[i][j]) < 1e-10 * scale);
    }
    for (int a = 0; a < ML_COLUMNS * ML_COLUMNS; a++) {
      CHECK(fabs(at.point.bend[i * 9 + a] - (&truth.bend[i][0][0])[a]) < 1e-9);
    }
  }
  ml_close(&at);
}

static void try_set(random_source *from, int covariances, const char *const *structures,
                    const int *how, int parts) {
  static ml_set set;
  memset(&set, 0, sizeof set);
  for (int j = 0; j < parts; j++) ml_add_part(&set, structures[j], how[j]);
  ml_fill(&set, from, covariances);
  compare(&set, 1);
  compare(&set, 0);
}

/* Levels with a known matrix and a variance of their own, in the block or at the top; the
 * same levels in another structure. */
static void test_guests(random_source *from) {
  static const char *const names[][4] = {{"INTERCEPT", "KNOWN", "INTERCEPT", "INTERCEPT"},
                                         {"INTERCEPT", "HCS", "INTERCEPT", "CS"}};
  static const int how[] = {3, 4, 0, 2};
  static ml_set set;
  for (int try = 0; try < 12; try++) {
    memset(&set, 0, sizeof set);
    const int parts = 2 + try % 3;
    for (int j = 0; j < parts; j++) ml_add_part(&set, names[try % 2][j], how[j]);
    ml_fill(&set, from, try > 5);
    ml_make_guest(&set, 0, 1);
    compare(&set, 1);
    compare(&set, 0);
  }
}

static void test_intercepts(random_source *from) {
  static const char *const plain[] = {"INTERCEPT", "INTERCEPT", "INTERCEPT", "INTERCEPT"};
  static const int nested[] = {0, 1, 2}, crossed[] = {0, 3, 2, 1}, reversed[] = {2, 3};
  for (int covariances = 0; covariances < 2; covariances++) {
    for (int parts = 1; parts <= 3; parts++) {
      try_set(from, covariances, plain, nested, parts);
    }
    try_set(from, covariances, plain, crossed, 4);
    try_set(from, covariances, plain, reversed, 2);
    try_set(from, covariances, plain, reversed, 1);
  }
}

static void test_structures(random_source *from) {
  static const char *const names[] = {"CS",  "HCS", "UN",  "ID",    "DIAG", "AR",
                                      "HAR", "CAR", "GEN", "GDIAG", "PAIR"};
  for (int covariances = 0; covariances < 2; covariances++) {
    for (int s = 0; s < 11; s++) {
      const char *const alone[] = {names[s]};
      const char *const with[] = {names[s], "INTERCEPT", "INTERCEPT"};
      static const int study[] = {0}, mixed[] = {0, 2, 3}, crossed[] = {3, 2, 0};
      try_set(from, covariances, alone, study, 1);
      try_set(from, covariances, with, mixed, 3);
      try_set(from, covariances, with, crossed, 3);
    }
    const char *const known[] = {"KNOWN", "INTERCEPT", "INTERCEPT"};
    static const int one[] = {4, 0, 2};
    try_set(from, covariances, known, one, 3);
  }
}

/* Two independent effects and no parts but the identity: by hand. */
static void test_start_of_structures(void) {
  const mv_shape un = {.structure = mv_structure_find("UN"), .levels = 3};
  const double natural[6] = {4, 9, 16, .5, -.25, .1};
  double working[6], back[6];
  CHECK_STATUS(mv_shape_working(&un, natural, working), MV_OK);
  CHECK_NEAR(working[0], 2, 1e-15);
  CHECK_NEAR(working[1], 1.5, 1e-15);
  mv_shape_natural(&un, working, back);
  for (int i = 0; i < 6; i++) CHECK_NEAR(back[i], natural[i], 1e-14);
  const double wrong[6] = {4, 9, 16, .9, .9, -.9};
  CHECK_STATUS(mv_shape_working(&un, wrong, working), MV_NOT_POSITIVE);
}

/* PAIR is UN with the first two levels' correlation as a parameter: the same matrix, the
 * correlation as it was given, also where it is 1 and the factor is singular. */
static void test_pair(void) {
  const mv_shape un = {.structure = mv_structure_find("UN"), .levels = 3};
  const mv_shape pair = {.structure = mv_structure_find("PAIR"), .levels = 3};
  const double natural[6] = {4, 9, 16, .5, -.25, .1}, one[6] = {4, 9, 16, 1, .5, .5};
  double factor[6], working[6], back[6], lower, upper;
  CHECK_STATUS(mv_shape_working(&un, natural, factor), MV_OK);
  CHECK_STATUS(mv_shape_working(&pair, natural, working), MV_OK);
  CHECK(working[0] == 2 && working[1] == .5 && working[2] == 3);
  for (int a = 0; a < 3; a++) {
    for (int b = 0; b < 3; b++) {
      CHECK_NEAR(pair.structure->entry(&pair, working, a, b),
                 un.structure->entry(&un, factor, a, b), 1e-14);
    }
  }
  mv_shape_natural(&pair, working, back);
  for (int i = 0; i < 6; i++) CHECK_NEAR(back[i], natural[i], 1e-14);
  CHECK_STATUS(mv_shape_working(&pair, one, working), MV_OK);
  mv_shape_natural(&pair, working, back);
  for (int i = 0; i < 6; i++) CHECK_NEAR(back[i], one[i], 1e-14);
  CHECK(isfinite(pair.structure->slope(&pair, working, 1, 1, 2)));
  mv_shape_bounds(&pair, 1, &lower, &upper);
  CHECK(lower == -1 && upper == 1);
  for (int i = 0; i < 3; i += 2) {
    mv_shape_bounds(&pair, i, &lower, &upper);
    CHECK(lower == 0 && upper == INFINITY);
  }
}

/* The second derivatives of PAIR are the numerical ones of its first. */
static void test_pair_bend(void) {
  const mv_shape pair = {.structure = mv_structure_find("PAIR"), .levels = 3};
  const double at[6] = {2, .4, 3, .7, -.6, 1.5}, h = 1e-5;
  for (int j = 0; j < 6; j++) {
    double low[6], high[6];
    memcpy(low, at, sizeof at);
    memcpy(high, at, sizeof at);
    low[j] -= h;
    high[j] += h;
    for (int e = 0; e < 9 * 6; e++) {
      const int i = e / 9, a = e % 9 / 3, b = e % 3;
      const double numeric = (pair.structure->slope(&pair, high, i, a, b) -
                              pair.structure->slope(&pair, low, i, a, b)) /
                             (2 * h);
      CHECK(fabs(pair.structure->bend(&pair, at, i, j, a, b) - numeric) < 1e-8);
    }
  }
}

void test_multilevel(void);

void test_multilevel(void) {
  random_source from = {20261129};
  test_start_of_structures();
  test_pair();
  test_pair_bend();
  test_intercepts(&from);
  test_structures(&from);
  test_guests(&from);
}
