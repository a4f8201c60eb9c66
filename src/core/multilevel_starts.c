#include "multilevel_starts.h"

#include <math.h>
#include <string.h>

#include "multilevel_slopes.h"

/* Correlations near both ends of what they can be, and elsewhere the usual one. */
enum { CORRELATION_ENDS = 2 };
static const double correlation_ends[CORRELATION_ENDS] = {0.1, 0.95};
static const double usual_correlation = 0.6;

/* Where one part has nearly all of the variance, the share of each other. */
static const double least_share = 0.02;

/* A level's variance at the start, as a share of what its part has. */
static const double least_of_level = 0.05;

/* Where the correlation of a part is turned to near the best end, unless it is there. */
enum { TURNS = 3 };
static const double turns[TURNS] = {0.1, 0.5, 0.95}, same_correlation = 0.1;

/* The mean square of a column of slopes over its variance, from which the column is far
 * from its zero. */
static const double far_from_zero = 10;

/* Zero SDs are lifted to that of this share of the variance there is to explain; others
 * are lowered or raised by these factors. */
static const double lifted_share = 0.1, lowered_by = 0.05, raised_by = 3;

/* Effects that vary no more than their sampling errors leave a start above 0: at least
 * these shares of the variance that is left, and of the sampling error. */
static const double least_of_total = 0.1, least_of_error = 0.01;

/* ---- one part ---- */

double mv_moment_start(const mv_problem *problem) {
  double rss = 0, v = 0;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    rss += problem->y[i] * problem->y[i];
    v += problem->v[i];
  }
  const ptrdiff_t df = problem->k > problem->p ? problem->k - problem->p : 1;
  const double total = rss / (double)df, typical = v / (double)problem->k;
  const double least = least_of_total * fmin(total, typical) + least_of_error * typical;
  return fmax(total - typical, least);
}

/* The moment of the rows at one level over that of all. */
static double level_share(const mv_problem *problem, const mv_part *part,
                          ptrdiff_t level) {
  double rss = 0, v = 0, count = 0;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    if (part->inner[i] - 1 != level) continue;
    rss += problem->y[i] * problem->y[i];
    v += problem->v[i];
    count++;
  }
  const double size = mv_moment_start(problem);
  return count > 0 && size > 0 ? fmax(least_of_level, (rss - v) / count / size) : 1;
}

/* Scales the parameters of one level of a part, by its variance. */
static void scale_level(const mv_part *part, ptrdiff_t level, double by, double *own) {
  for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
    const mv_parameter_kind kind = part->shape.structure->kind(part->shape.levels, i);
    if (kind == MV_CORRELATION) continue;
    if (!part->shape.structure->slope(&part->shape, own, i, level, level)) continue;
    own[i] *= kind == MV_VARIANCE ? by : sqrt(by);
  }
}

/* The start of one part; that of slopes in units of their columns. `by_level`: each level
 * as its own rows vary, where it has a variance of its own. */
static void start_part(const mv_problem *problem, const mv_part *part, double size,
                       double share, int by_level, double *working) {
  double *own = working + part->first;
  const mv_structure *structure = part->shape.structure;
  mv_shape_start(&part->shape, size, share, own);
  const int several = structure->kind(part->shape.levels, 0) != MV_VARIANCE;
  for (ptrdiff_t level = 0; level < part->shape.levels; level++) {
    if (part->slope) {
      scale_level(part, level, 1 / mv_slope_square(part, problem->k, level), own);
    } else if (by_level && several) {
      scale_level(part, level, level_share(problem, part, level), own);
    }
  }
}

void mv_start_units(const mv_problem *problem, mv_climb *climb) {
  const double size = climb->to_explain;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    start_part(problem, part, size, usual_correlation, 0, climb->unit);
    for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
      const mv_parameter_kind kind = part->shape.structure->kind(part->shape.levels, i);
      double *unit = climb->unit + part->first + i;
      *unit = kind == MV_CORRELATION ? 1 : fabs(*unit);
    }
  }
}

void mv_free_bounds(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb) {
  const mv_problem *problem = model->blocks->problem;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    climb->lower[f] = -INFINITY;
    climb->upper[f] = INFINITY;
  }
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
      const int target = freedom->target[part->first + i];
      double lower, upper;
      if (target == 0) continue;
      mv_shape_bounds(&part->shape, i, &lower, &upper);
      climb->lower[target - 1] = fmax(climb->lower[target - 1], lower);
      climb->upper[target - 1] = fmin(climb->upper[target - 1], upper);
    }
  }
}

/* ---- the candidates ---- */

static void set_free(const mv_multilevel *model, const mv_freedom *freedom,
                     const double *from, double *working) {
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (freedom->target[i] == 0) {
      working[i] = freedom->start[i];
      continue;
    }
    ptrdiff_t first = 0; /* tied ones take the first of their kind */
    while (freedom->target[first] != freedom->target[i]) first++;
    working[i] = from[first];
  }
}

ptrdiff_t mv_count_starts(const mv_problem *problem, const mv_freedom *freedom) {
  return freedom->warm ? 1 : 2 + 3 * problem->part_count;
}

/* The last candidate. Where x is far from 0, the variances of a group's intercept and
 * slope make up for one another: both are small, or both larger than what there is to
 * explain by the distance of x, and each can be a maximum. */
static int is_far(ptrdiff_t parts, ptrdiff_t candidate) {
  return candidate == 1 + 3 * parts;
}

static int has_far_slopes(const mv_problem *problem) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    if (mv_slope_distance(&problem->parts[j], problem->k) > far_from_zero) return 1;
  }
  return 0;
}

/* One part alone has all of the variance in any case, and only a part that is not linear
 * in its parameters has correlations. */
int mv_is_start(const mv_multilevel *model, const mv_freedom *freedom,
                ptrdiff_t candidate) {
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t parts = problem->part_count;
  if (candidate == 0 || freedom->warm) return 1;
  if (is_far(parts, candidate)) return has_far_slopes(problem);
  if (candidate <= parts) return parts > 1 && problem->k <= MV_MANY_ROWS;
  return problem->parts[(candidate - parts - 1) / 2].shape.structure->bend != NULL;
}

void mv_place_start(const mv_multilevel *model, const mv_freedom *freedom,
                    ptrdiff_t candidate, mv_climb *climb, double *working) {
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t parts = problem->part_count;
  if (freedom->warm) {
    memcpy(working, freedom->start, sizeof *working * (size_t)model->parameters);
    return;
  }
  const double size = mv_moment_start(problem);
  const int alone = candidate > 0 && candidate <= parts;
  const int far = is_far(parts, candidate);
  for (ptrdiff_t j = 0; j < parts; j++) {
    const double share = !alone               ? 1 / (double)parts
                         : candidate == j + 1 ? 1
                                              : least_share;
    const int bent = candidate > parts && !far && (candidate - parts - 1) / 2 == j;
    const double at =
        bent ? correlation_ends[(candidate - parts - 1) % 2] : usual_correlation;
    const double by = far ? mv_group_distance(problem, &problem->parts[j]) : 1;
    start_part(problem, &problem->parts[j], by * share * size, at, bent, climb->step);
  }
  set_free(model, freedom, climb->step, working);
}

/* ---- after the best end ---- */

static int has_levels(const mv_part *part) {
  return part->shape.structure->kind(part->shape.levels, 0) != MV_VARIANCE;
}

static double variance_of(const mv_part *part, const double *own, ptrdiff_t level) {
  return part->shape.structure->entry(&part->shape, own, level, level);
}

/* The part with the correlations of `start`, and its own variances; those of 0 become
 * `lifted`. */
static void take_correlations(const mv_part *part, double size, double lifted,
                              double *start, double *own) {
  const ptrdiff_t count = mv_shape_parameters(&part->shape);
  if (!has_levels(part)) {
    start[0] = own[0] > 0 ? own[0] : lifted;
  } else {
    for (ptrdiff_t level = 0; level < part->shape.levels; level++) {
      const double variance = variance_of(part, own, level);
      scale_level(part, level, (variance > 0 ? variance : lifted) / size, start);
    }
  }
  memcpy(own, start, sizeof *own * (size_t)count);
}

/* Whether a start differs from the best end: in its correlations, or in a variance that
 * was 0. */
static int differs(const mv_part *part, const double *best, const double *own) {
  for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
    const mv_parameter_kind kind = part->shape.structure->kind(part->shape.levels, i);
    const double by = fabs(own[i] - best[i]);
    if (kind == MV_CORRELATION ? by > same_correlation : by > 0) return 1;
  }
  return 0;
}

int mv_turn_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                double *working) {
  const mv_problem *problem = model->blocks->problem;
  const double lifted = lifted_share * climb->to_explain;
  if (freedom->warm) return 0;
  while (climb->turned < TURNS * problem->part_count) {
    const mv_part *part = &problem->parts[climb->turned / TURNS];
    const double at = turns[climb->turned++ % TURNS];
    double *start = climb->step + part->first, *own = climb->base + part->first;
    if (!part->shape.structure->bend) continue;
    memcpy(climb->base, climb->best.working, sizeof(double) * (size_t)model->parameters);
    mv_shape_start(&part->shape, lifted, at, start);
    take_correlations(part, lifted, lifted, start, own);
    if (!differs(part, climb->best.working + part->first, own)) continue;
    set_free(model, freedom, climb->base, working);
    return 1;
  }
  return 0;
}

/* SDs of slopes are raised too: with a correlation of -1 two that go together cancel at
 * some ratio, and there can be a maximum on either side of it. */
static ptrdiff_t count_moves(const mv_part *part) {
  return (part->slope ? 2 : 1) * part->shape.levels;
}

/* The moves of the levels of all parts with an SD for each, and correlations. */
static const mv_part *find_move(const mv_problem *problem, ptrdiff_t number,
                                ptrdiff_t *move) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!has_levels(part)) continue;
    *move = number;
    if (number < count_moves(part)) return part;
    number -= count_moves(part);
  }
  return NULL;
}

int mv_lower_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                 double *working) {
  const mv_part *part;
  ptrdiff_t move;
  if (freedom->warm) return 0;
  while ((part = find_move(model->blocks->problem, climb->lowered, &move)) != NULL) {
    double *start = climb->step + part->first, *own = climb->base + part->first;
    const ptrdiff_t level = move % part->shape.levels;
    const int raise = move >= part->shape.levels;
    climb->lowered++;
    memcpy(climb->base, climb->best.working, sizeof(double) * (size_t)model->parameters);
    if (variance_of(part, own, level) == 0) continue;
    if (!raise) {
      mv_shape_start(&part->shape, 1, correlation_ends[1], start);
      take_correlations(part, 1, 0, start, own);
    }
    const double by = raise ? raised_by : lowered_by;
    scale_level(part, level, by * by, own);
    set_free(model, freedom, climb->base, working);
    return 1;
  }
  return 0;
}

int mv_place_regular(const mv_multilevel *model, const mv_freedom *freedom,
                     mv_climb *climb, double *working) {
  const mv_problem *problem = model->blocks->problem;
  const double size = climb->to_explain;
  int any = 0;
  memcpy(climb->base, climb->best.working, sizeof(double) * (size_t)model->parameters);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_shape *shape = &problem->parts[j].shape;
    if (shape->structure->kind(shape->levels, 0) != MV_FACTOR_PIVOT) continue;
    start_part(problem, &problem->parts[j], size, usual_correlation, 0, climb->base);
    any = 1;
  }
  set_free(model, freedom, climb->base, working);
  return any;
}
