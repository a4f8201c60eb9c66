#include "multilevel_fit.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

void mv_turn_layout(mv_arena *arena, ptrdiff_t p, mv_turn *turn) {
  turn->r = mv_arena_doubles(arena, p * p);
  turn->offset = mv_arena_doubles(arena, p);
  turn->aliased = mv_arena_ints(arena, p);
}

/* Twice, as in Gram-Schmidt: what rounding left of the first is taken off too. */
static void take_residual(ptrdiff_t k, ptrdiff_t p, const double *x, double *y,
                          double *offset) {
  memset(offset, 0, sizeof *offset * (size_t)p);
  for (int run = 0; run < 2; run++) {
    for (ptrdiff_t j = 0; j < p; j++) {
      double part = 0;
      for (ptrdiff_t i = 0; i < k; i++) part += x[i * p + j] * y[i];
      for (ptrdiff_t i = 0; i < k; i++) y[i] -= part * x[i * p + j];
      offset[j] += part;
    }
  }
}

mv_status mv_turn_design(ptrdiff_t k, ptrdiff_t p, double *x, double *y, mv_turn *turn) {
  const mv_status status = mv_orthonormalise(k, p, x, turn->r, turn->aliased);
  if (status != MV_OK) return status;
  take_residual(k, p, x, y, turn->offset);
  return MV_OK;
}

static void reverse(ptrdiff_t n, double *x) {
  for (ptrdiff_t i = 0; i < n - 1 - i; i++) {
    const double swap = x[i];
    x[i] = x[n - 1 - i];
    x[n - 1 - i] = swap;
  }
}

/* Gram-Schmidt from the last column to the first. */
mv_status mv_turn_slopes(ptrdiff_t k, ptrdiff_t m, double *slope, double *back,
                         double *turn, int *aliased) {
  const double size = sqrt((double)k);
  for (ptrdiff_t i = 0; i < k; i++) reverse(m, slope + i * m);
  const mv_status status = mv_orthonormalise(k, m, slope, back, aliased);
  for (ptrdiff_t i = 0; i < k; i++) reverse(m, slope + i * m);
  reverse(m * m, back);
  if (status != MV_OK) return status;
  const double first = back[0];
  for (ptrdiff_t i = 0; i < k * m; i++) slope[i] *= i % m ? size : first;
  for (ptrdiff_t i = 0; i < m * m; i++) back[i] /= i < m ? first : size;
  for (ptrdiff_t i = 0; i < m * m; i++) turn[i] = i % (m + 1) == 0;
  mv_forward_all(m, m, back, turn);
  return MV_OK;
}

void mv_tell_point(ptrdiff_t p, ptrdiff_t parameters, const mv_turn *turn,
                   const mv_point *point, double *space, double *beta, double *vcov,
                   double *dvcov) {
  for (ptrdiff_t i = 0; i < p; i++) beta[i] = point->beta[i] + turn->offset[i];
  mv_solve_upper(p, turn->r, beta);
  memcpy(vcov, point->vcov, sizeof *vcov * (size_t)(p * p));
  mv_solve_upper_both(p, turn->r, vcov);
  for (ptrdiff_t i = 0; i < parameters; i++) {
    double *to = dvcov + i * p * p;
    mv_multiply(p, p, p, point->vcov, point->bend + i * p * p, space);
    mv_multiply(p, p, p, space, point->vcov, to);
    mv_solve_upper_both(p, turn->r, to);
  }
}

void mv_to_natural(const mv_problem *problem, const double *working, double *natural) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    mv_shape_natural(&part->shape, working + part->first, natural + part->first);
  }
}

mv_status mv_to_working(const mv_problem *problem, const double *natural,
                        double *working) {
  mv_status status = MV_OK;
  for (ptrdiff_t j = 0; j < problem->part_count && status == MV_OK; j++) {
    const mv_part *part = &problem->parts[j];
    status = mv_shape_working(&part->shape, natural + part->first, working + part->first);
  }
  return status;
}

void mv_homogeneous(const mv_multilevel *model, mv_multilevel_work *work, mv_point *point,
                    double *q, double *trace) {
  mv_multilevel without = *model;
  without.restricted = 1;
  memset(point->working, 0, sizeof *point->working * (size_t)model->parameters);
  if (mv_multilevel_likelihood(&without, work, point) != MV_OK) return;
  *q = point->rss;
  if (mv_multilevel_derivatives(&without, work, 1, point) == MV_OK) *trace = point->trace;
}

void mv_turn_rows(ptrdiff_t k, ptrdiff_t p, const double *r, const double *turned,
                  double *columns) {
  for (ptrdiff_t j = 0; j < p; j++) {
    for (ptrdiff_t i = 0; i < k; i++) {
      double sum = 0;
      for (ptrdiff_t a = 0; a <= j; a++) sum += turned[i * p + a] * r[a * p + j];
      columns[j * k + i] = sum;
    }
  }
}
