#include <math.h>

#include "check.h"
#include "linalg.h"
#include "random_sets.h"
#include "robust_dense.h"
#include "wild.h"

static robust_case draw_case(random_source *from, int m, int p) {
  robust_case one = {.p = p, .m = m};
  for (int j = 0; j < m; j++) one.start[j + 1] = one.start[j] + random_int(from, 1, 3);
  one.k = (int)one.start[m];
  for (int i = 0; i < one.k; i++) {
    one.y[i] = random_normal(from);
    one.v[i][i] = random_log_uniform(from, 0.3, 3);
    one.x[i * p] = 1;
    for (int a = 1; a < p; a++) one.x[i * p + a] = random_normal(from);
  }
  return one;
}

typedef struct {
  mv_arena arena;
  mv_robust problem;
  mv_robust_piece piece;
  mv_contrasts set;
  mv_wild wild;
} wild_core;

/* The last coefficient is 0 under the null. */
static void layout(const robust_case *one, wild_core *core) {
  core->problem = mv_robust_layout(&core->arena, one->k, one->p, one->m, one->start, 0);
  core->piece = mv_robust_piece_layout(&core->arena, &core->problem);
  core->set = mv_contrasts_layout(&core->arena, one->p, 1);
  core->wild = mv_wild_layout(&core->arena, one->m, one->p, &core->set);
}

static void start(const robust_case *one, const robust_answer *fit, mv_robust_type type,
                  wild_core *core) {
  core->arena = (mv_arena){NULL, 0};
  layout(one, core);
  core->arena = check_carve(core->arena);
  layout(one, core);
  fill_problem(one, fit->e, &core->problem);
  for (int a = 0; a < one->p; a++) core->set.contrast[a] = a == one->p - 1;
  core->set.value[0] = fit->beta[one->p - 1];
  CHECK_STATUS(mv_robust_prepare(&core->problem), MV_OK);
  CHECK_STATUS(mv_contrasts_start(&core->problem, &core->set), MV_OK);
  mv_wild_start(&core->wild);
  for (int j = 0; j < one->m; j++) {
    CHECK_STATUS(mv_robust_cluster(&core->problem, type, j, &core->piece), MV_OK);
    mv_wild_add(j, &core->piece, &core->wild);
  }
}

/* A replicate's data, fitted again by whole matrices: the fit without the last column
 * gives fitted values and residuals under the null. */
static double slow_statistic(const robust_case *one, mv_robust_type type,
                             const double *eta) {
  static robust_answer null, found;
  const int p = one->p;
  robust_case small = *one, again = *one;
  small.p = p - 1;
  for (int i = 0; i < one->k; i++) {
    for (int a = 0; a < p - 1; a++) small.x[i * (p - 1) + a] = one->x[i * p + a];
  }
  dense_robust(&small, MV_CR0, &null);
  for (int j = 0; j < one->m; j++) {
    for (ptrdiff_t i = one->start[j]; i < one->start[j + 1]; i++) {
      again.y[i] = one->y[i] - null.e[i] + eta[j] * null.e[i];
    }
  }
  dense_robust(&again, type, &found);
  const int last = p * p - 1;
  const double factor = mv_robust_factor(type, one->m, p);
  return found.beta[p - 1] * found.beta[p - 1] / found.vcov[last] * factor;
}

static void as_refitted(void) {
  random_source from = {6};
  for (int run = 0; run < 24; run++) {
    const robust_case one = draw_case(&from, 6, 2 + run % 2);
    const mv_robust_type type = (mv_robust_type)(run / 2 % MV_CR_COUNT);
    const mv_wild_weight weight = run % 3 ? MV_WEBB : MV_RADEMACHER;
    static robust_answer fit;
    static wild_core core;
    double eta[CASE_ROWS];
    dense_robust(&one, type, &fit);
    start(&one, &fit, type, &core);
    for (int j = 0; j < one.m; j++) eta[j] = 1;
    CHECK_NEAR(mv_wild_observed(&core.wild), slow_statistic(&one, type, eta), 1e-8);
    for (uint64_t at = 1; at < 5; at++) {
      for (int j = 0; j < one.m; j++) eta[j] = mv_wild_number(weight, 42, at, j);
      CHECK_NEAR(mv_wild_replicate(&core.wild, weight, 42, at),
                 slow_statistic(&one, type, eta), 1e-7);
    }
    check_free(&core.arena);
  }
}

/* Mean 0, variance 1, third moment 0, no correlation between neighbours, and the same
 * number however often it is asked for. */
static void numbers(void) {
  for (int weight = MV_RADEMACHER; weight <= MV_WEBB; weight++) {
    const mv_wild_weight by = (mv_wild_weight)weight;
    double sum = 0, square = 0, cube = 0, beside = 0, below = 0;
    enum { COUNT = 400 };
    for (uint64_t r = 1; r <= COUNT; r++) {
      for (int j = 0; j < COUNT; j++) {
        const double x = mv_wild_number(by, 7, r, j);
        CHECK(x == mv_wild_number(by, 7, r, j));
        sum += x;
        square += x * x;
        cube += x * x * x;
        beside += x * mv_wild_number(by, 7, r, j + 1);
        below += x * mv_wild_number(by, 7, r + 1, j);
      }
    }
    const double n = (double)COUNT * COUNT, near = 4 / sqrt(n); /* 4 standard errors */
    CHECK(fabs(sum / n) < near);
    CHECK(fabs(square / n - 1) < near);
    CHECK(fabs(cube / n) < 2 * near);
    CHECK(fabs(beside / n) < near);
    CHECK(fabs(below / n) < near);
  }
  int differ = 0;
  for (int j = 0; j < 64; j++) {
    differ +=
        mv_wild_number(MV_RADEMACHER, 1, 1, j) != mv_wild_number(MV_RADEMACHER, 2, 1, j);
  }
  CHECK(differ > 15 && differ < 49);
}

void test_wild(void) {
  as_refitted();
  numbers();
}
