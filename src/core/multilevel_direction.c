#include "multilevel_direction.h"

#include <math.h>
#include <string.h>

#include "eigen.h"
#include "linalg.h"
#include "matrix.h"

/* Pivots of the information below this share of their diagonal: parameters that the data
 * cannot tell apart. */
static const double flat_share = 1e-9;

/* What a step off a bound that the score does not push there would be worth, at most. */
static const double no_push = 1e-10;

/* Information of a variance, in units of the variance there is to explain, that is more
 * than rounding. */
static const double told_information = 1e-10;

/* Curvature of a log-likelihood upwards, over a unit of the parameter, that is more than
 * rounding. */
static const double bent_down = 1e-6;

/* Where a step is worth more, the end is far, and the expected information leads there
 * sooner. */
static const double far_gain = 8;

/* Curvature below this share of what a parameter's can be is taken as this: along it a
 * step is long, but not endless. */
static const double least_curvature = 1e-8;

double mv_free_value(const mv_multilevel *model, const mv_freedom *freedom,
                     const double *working, ptrdiff_t f) {
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (freedom->target[i] == f + 1) return working[i];
  }
  return 0;
}

/* ---- score and information ---- */

/* Whether a variance moves the model: moderators that tell all its groups apart leave it
 * no information but rounding, in units of what there is to explain. */
static int is_told(const mv_multilevel *model, const mv_point *point, ptrdiff_t i,
                   const mv_climb *climb) {
  const double unit = climb->unit[i];
  return point->expected[i * model->parameters + i] * unit * unit > told_information;
}

static int is_variance(const mv_problem *problem, ptrdiff_t i) {
  const mv_part *part = &problem->parts[mv_part_of(problem, i)];
  const mv_shape *shape = &part->shape;
  return shape->structure->kind(shape->levels, i - part->first) == MV_VARIANCE;
}

static void hold_untold(const mv_multilevel *model, const mv_freedom *freedom,
                        const mv_point *point, mv_climb *climb) {
  climb->untold = 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const int target = freedom->target[i];
    if (!target || !is_variance(model->blocks->problem, i)) continue;
    if (is_told(model, point, i, climb)) continue;
    climb->untold = climb->held[target - 1] = 1;
  }
}

/* The score of the free parameters. One on a bound that it pushes outwards is held. */
static void gather_score(const mv_multilevel *model, const mv_freedom *freedom,
                         const mv_point *point, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < freedom->count; f++) climb->score[f] = 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (freedom->target[i]) climb->score[freedom->target[i] - 1] += point->score[i];
  }
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    const double at = mv_free_value(model, freedom, point->working, f);
    climb->step[f] = 0;
    climb->held[f] = (at <= climb->lower[f] && climb->score[f] <= 0) ||
                     (at >= climb->upper[f] && climb->score[f] >= 0);
  }
  hold_untold(model, freedom, point, climb);
}

static double observed(const mv_point *point, ptrdiff_t at) {
  return 2 * point->average[at] - point->expected[at] - point->curve[at];
}

/* The observed or the expected information of the free parameters, tied ones summed; and
 * the size that each one's can have: of a factor's pivot near 0 the expected information
 * vanishes, but not the curvature. */
static void gather_information(const mv_multilevel *model, const mv_freedom *freedom,
                               const mv_point *point, int expected, mv_climb *climb) {
  const ptrdiff_t n = model->parameters, m = freedom->count;
  memset(climb->information, 0, sizeof(double) * (size_t)(m * m));
  memset(climb->size, 0, sizeof(double) * (size_t)m);
  for (ptrdiff_t i = 0; i < n; i++) {
    const ptrdiff_t f = freedom->target[i] - 1;
    if (f < 0) continue;
    for (ptrdiff_t j = 0; j < n; j++) {
      const ptrdiff_t g = freedom->target[j] - 1, at = i * n + j;
      if (g < 0) continue;
      climb->information[f * m + g] +=
          expected ? point->expected[at] : observed(point, at);
    }
    const ptrdiff_t at = i * n + i;
    climb->size[f] +=
        fmax(fmax(point->expected[at], point->average[at]), fabs(observed(point, at)));
  }
}

/* ---- the step ---- */

/* Held ones take their step; one without information stays. */
static int is_out(const mv_climb *climb, ptrdiff_t f) {
  return climb->held[f] || climb->size[f] == 0;
}

/* The system of the parameters that are not held, in units in which the size of each
 * one's information is 1, given the steps of those that are; gives its size. */
static ptrdiff_t pack(ptrdiff_t m, mv_climb *climb) {
  ptrdiff_t count = 0, cells = 0;
  for (ptrdiff_t f = 0; f < m; f++) {
    if (is_out(climb, f)) continue;
    const double scale = sqrt(climb->size[f]);
    double right = climb->score[f];
    for (ptrdiff_t g = 0; g < m; g++) {
      const double of = climb->information[f * m + g];
      if (!is_out(climb, g)) {
        climb->matrix[cells++] = of / (scale * sqrt(climb->size[g]));
      } else if (climb->held[g]) {
        right -= of * climb->step[g];
      }
    }
    climb->solved[count++] = right / scale;
  }
  return count;
}

static int is_positive(ptrdiff_t count, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < count; f++) {
    if (!(climb->matrix[f * count + f] > 0)) return 0;
  }
  return mv_cholesky(count, climb->matrix, climb->chol) == MV_OK;
}

/* The step of a matrix that is not positive definite: uphill along each eigenvector as
 * far as its curvature has it the other way round. */
static int solve_turned(ptrdiff_t count, mv_climb *climb) {
  double *vector = climb->chol, *value = climb->values, *along = climb->values + count;
  memcpy(vector, climb->matrix, sizeof *vector * (size_t)(count * count));
  if (mv_eigen(count, vector, value, along) != MV_OK) return 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    along[i] = mv_dot(count, vector + i * count, climb->solved) /
               (fmax(fabs(value[i]), least_curvature) + climb->damping);
  }
  memset(climb->solved, 0, sizeof *along * (size_t)count);
  for (ptrdiff_t i = 0; i < count; i++) {
    mv_add_row(count, along[i], vector + i * count, climb->solved);
  }
  return 1;
}

/* Damped as by Levenberg and Marquardt. */
static int solve(ptrdiff_t count, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < count; f++) climb->matrix[f * count + f] += climb->damping;
  if (!is_positive(count, climb)) {
    climb->observed = 0;
    for (ptrdiff_t f = 0; f < count; f++) climb->matrix[f * count + f] -= climb->damping;
    return solve_turned(count, climb);
  }
  mv_forward(count, climb->chol, climb->solved);
  mv_backward(count, climb->chol, climb->solved);
  return 1;
}

/* The steps of those not held; 0 where there is none. */
static int newton(ptrdiff_t m, mv_climb *climb) {
  const ptrdiff_t count = pack(m, climb);
  if (count && !solve(count, climb)) return 0;
  climb->decrement = 0;
  for (ptrdiff_t f = 0, packed = 0; f < m; f++) {
    if (!is_out(climb, f)) {
      climb->step[f] = climb->solved[packed++] / sqrt(climb->size[f]);
    } else if (!climb->held[f]) {
      climb->step[f] = 0;
    }
    climb->decrement += climb->step[f] * climb->score[f];
  }
  return 1;
}

/* Holds those whose step would leave the box, with the step to its edge. */
static int hold_at_edge(const mv_multilevel *model, const mv_freedom *freedom,
                        const mv_point *point, mv_climb *climb) {
  int any = 0;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    const double at = mv_free_value(model, freedom, point->working, f);
    const double next = at + climb->step[f];
    if (climb->held[f] || (next >= climb->lower[f] && next <= climb->upper[f])) continue;
    climb->step[f] = (next < climb->lower[f] ? climb->lower[f] : climb->upper[f]) - at;
    climb->held[f] = any = 1;
  }
  return any;
}

/* The Newton step in the box: those that would leave it go to its edge, and the others
 * step as that asks (an active set). 0 where that is no ascent. */
static int step_in_box(const mv_multilevel *model, const mv_freedom *freedom,
                       const mv_point *point, mv_climb *climb) {
  do {
    if (!newton(freedom->count, climb)) return 0;
  } while (hold_at_edge(model, freedom, point, climb));
  return climb->decrement >= 0;
}

/* Uphill by the diagonal alone. */
static void step_by_diagonal(const mv_multilevel *model, const mv_freedom *freedom,
                             const mv_point *point, mv_climb *climb) {
  const ptrdiff_t m = freedom->count;
  gather_score(model, freedom, point, climb);
  climb->decrement = 0;
  for (ptrdiff_t f = 0; f < m; f++) {
    const double size = climb->size[f] * (1 + climb->damping);
    if (!climb->held[f] && size > 0) climb->step[f] = climb->score[f] / size;
    const double at = mv_free_value(model, freedom, point->working, f);
    climb->step[f] =
        fmin(fmax(at + climb->step[f], climb->lower[f]), climb->upper[f]) - at;
    climb->decrement += climb->step[f] * climb->score[f];
  }
}

void mv_find_direction(const mv_multilevel *model, const mv_freedom *freedom,
                       const mv_point *point, mv_climb *climb) {
  for (int expected = 0; expected < 2; expected++) {
    gather_score(model, freedom, point, climb);
    gather_information(model, freedom, point, expected, climb);
    climb->observed = !expected && climb->damping == 0;
    const int uphill = step_in_box(model, freedom, point, climb);
    if (uphill && (expected || climb->decrement < far_gain)) return;
  }
  climb->observed = 0;
  step_by_diagonal(model, freedom, point, climb);
}

/* ---- at an end ---- */

ptrdiff_t mv_find_saddle(const mv_multilevel *model, const mv_freedom *freedom,
                         const mv_point *point, mv_climb *climb) {
  const ptrdiff_t m = freedom->count;
  ptrdiff_t worst = -1;
  double lowest = -bent_down;
  gather_score(model, freedom, point, climb);
  gather_information(model, freedom, point, 0, climb);
  for (ptrdiff_t f = 0; f < m; f++) {
    const double unit = mv_free_value(model, freedom, climb->unit, f);
    const double of = climb->information[f * m + f] * unit * unit;
    const int pushed = climb->held[f] && climb->score[f] != 0;
    if (pushed || !(of < lowest)) continue;
    lowest = of;
    worst = f;
  }
  return worst;
}

static int is_linear(const mv_problem *problem) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    if (problem->parts[j].shape.structure->bend) return 0;
  }
  return 1;
}

/* Whether a parameter says nothing of the others: without information, or held at a
 * bound. Where G is linear, one on a bound that the score does not push there can still
 * be the twin of one inside. */
static int is_apart(const mv_multilevel *model, const mv_freedom *freedom,
                    const mv_point *point, const mv_climb *climb, ptrdiff_t f) {
  const double at = mv_free_value(model, freedom, point->working, f);
  const double score = climb->score[f], size = climb->information[f * freedom->count + f];
  if (size == 0) return 1;
  if (at > climb->lower[f] && at < climb->upper[f]) return 0;
  return !is_linear(model->blocks->problem) || score * score > no_push * size;
}

int mv_is_flat(const mv_multilevel *model, const mv_freedom *freedom,
               const mv_point *point, mv_climb *climb) {
  gather_score(model, freedom, point, climb);
  gather_information(model, freedom, point, 1, climb);
  if (climb->untold) return 1;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    climb->held[f] = is_apart(model, freedom, point, climb, f);
  }
  const ptrdiff_t count = pack(freedom->count, climb);
  if (count && mv_cholesky(count, climb->matrix, climb->chol) != MV_OK) return 1;
  for (ptrdiff_t f = 0; f < count; f++) {
    const double pivot = climb->chol[f * count + f];
    if (pivot * pivot < flat_share * climb->matrix[f * count + f]) return 1;
  }
  return 0;
}
