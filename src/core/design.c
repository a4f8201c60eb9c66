#include "design.h"

#include <math.h>

#include "linalg.h"

void mv_design_layout(mv_arena *arena, ptrdiff_t k, ptrdiff_t p, mv_design *design) {
  design->x = mv_arena_doubles(arena, k * p);
  design->r = mv_arena_doubles(arena, p * p);
  design->turn = mv_arena_doubles(arena, p * p);
  design->rows = mv_arena_indices(arena, p);
  design->aliased = mv_arena_ints(arena, p);
}

typedef struct {
  ptrdiff_t row, column;
  double size;
} entry;

/* Variances below this share of the largest are taken as that share: an effect of
 * variance 0 must not make a pivot of an entry that is rounding. */
static const double least_share = 1e-16;

static double least_variance(ptrdiff_t k, const double *v) {
  double most = 0;
  for (ptrdiff_t i = 0; i < k; i++) most = fmax(most, v[i]);
  return most > 0 ? least_share * most : 1;
}

/* The largest entry, over v^1/4, in the columns not yet used. At tau2 = 0 the best rows
 * are those largest over v^1/2, far above all variances those largest by themselves;
 * this is midway, so that neither end loses more than it must. */
static entry best_entry(ptrdiff_t k, ptrdiff_t p, const double *v, double least,
                        const double *x, ptrdiff_t used) {
  entry best = {0, used, -1};
  for (ptrdiff_t i = 0; i < k; i++) {
    const double root = sqrt(sqrt(fmax(v[i], least)));
    for (ptrdiff_t j = used; j < p; j++) {
      const double size = fabs(x[i * p + j]) / root;
      if (size > best.size) best = (entry){i, j, size};
    }
  }
  return best;
}

static void swap_columns(ptrdiff_t k, ptrdiff_t p, double *x, ptrdiff_t a, ptrdiff_t b) {
  for (ptrdiff_t i = 0; i < k; i++) {
    const double swap = x[i * p + a];
    x[i * p + a] = x[i * p + b];
    x[i * p + b] = swap;
  }
}

/* Column operations on x that make its row `at` 1 in `column` and 0 elsewhere; done to
 * `turn` as well. */
static double make_unit_row(ptrdiff_t k, ptrdiff_t p, double *x, double *turn,
                            ptrdiff_t at, ptrdiff_t column) {
  const double pivot = x[at * p + column];
  mv_divide_column(k, p, x, column, pivot);
  mv_divide_column(p, p, turn, column, pivot);
  for (ptrdiff_t j = 0; j < p; j++) {
    const double times = x[at * p + j];
    if (j == column || times == 0) continue;
    mv_remove_column(k, p, x, j, column, times);
    mv_remove_column(p, p, turn, j, column, times);
  }
  return log(fabs(pivot));
}

/* Gauss-Jordan elimination by columns, each pivot the largest entry left: x becomes z,
 * `turn` q_B^-1. */
static void find_pivot_row(ptrdiff_t k, ptrdiff_t p, const double *v, ptrdiff_t j,
                           mv_design *design) {
  double *x = design->x, *turn = design->turn;
  if (j == 0) {
    design->log_det = 0;
    for (ptrdiff_t i = 0; i < p * p; i++) turn[i] = i % (p + 1) == 0;
  }
  const entry best = best_entry(k, p, v, least_variance(k, v), x, j);
  swap_columns(k, p, x, j, best.column);
  swap_columns(p, p, turn, j, best.column);
  design->log_det -= 2 * make_unit_row(k, p, x, turn, best.row, j);
  design->rows[j] = best.row;
}

static void sort_pivot_rows(ptrdiff_t k, ptrdiff_t p, mv_design *design) {
  ptrdiff_t *rows = design->rows;
  for (ptrdiff_t j = 0; j < p; j++) {
    ptrdiff_t least = j;
    for (ptrdiff_t m = j + 1; m < p; m++) {
      if (rows[m] < rows[least]) least = m;
    }
    const ptrdiff_t row = rows[least];
    rows[least] = rows[j];
    rows[j] = row;
    swap_columns(k, p, design->x, j, least);
    swap_columns(p, p, design->turn, j, least);
  }
}

static int any_aliased(ptrdiff_t p, const int *aliased) {
  int any = 0;
  for (ptrdiff_t j = 0; j < p; j++) any |= aliased[j];
  return any;
}

mv_status mv_design_step(ptrdiff_t k, ptrdiff_t p, const double *v, ptrdiff_t step,
                         mv_design *design) {
  if (step < p) {
    mv_orthonormalise_column(k, p, step, design->x, design->r, design->aliased);
    return MV_MORE;
  }
  if (step == p && any_aliased(p, design->aliased)) return MV_RANK_DEFICIENT;
  if (step < 2 * p) {
    find_pivot_row(k, p, v, step - p, design);
    return MV_MORE;
  }
  sort_pivot_rows(k, p, design);
  return MV_OK;
}
