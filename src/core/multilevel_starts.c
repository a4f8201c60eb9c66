#include "multilevel_starts.h"

#include <math.h>
#include <string.h>

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

/* Zero SDs are lifted to that of this share of the variance there is to explain; others
 * are lowered by this factor. */
static const double lifted_share = 0.1, lowered_by = 0.05;

/* ---- one part ---- */

double mv_moment_start(const mv_problem *problem) {
  double rss = 0, v = 0;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    rss += problem->y[i] * problem->y[i];
    v += problem->v[i];
  }
  const ptrdiff_t df = problem->k > problem->p ? problem->k - problem->p : 1;
  const double total = rss / (double)df, typical = v / (double)problem->k;
  return fmax(total - typical, 0.1 * fmin(total, typical) + 0.01 * typical);
}

static double mean_square(const mv_part *part, ptrdiff_t k, ptrdiff_t level) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < k; i++) {
    const double x = part->slope[i * part->shape.levels + level];
    sum += x * x;
  }
  return sum > 0 ? sum / (double)k : 1;
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
      scale_level(part, level, 1 / mean_square(part, problem->k, level), own);
    } else if (by_level && several) {
      scale_level(part, level, level_share(problem, part, level), own);
    }
  }
}

void mv_start_units(const mv_problem *problem, mv_climb *climb) {
  const double size = climb->reach * climb->reach;
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

ptrdiff_t mv_most_starts(ptrdiff_t parts) { return 1 + 3 * parts; }

ptrdiff_t mv_count_starts(const mv_problem *problem, const mv_freedom *freedom) {
  return freedom->warm ? 1 : mv_most_starts(problem->part_count);
}

/* One part alone has all of the variance in any case, and only a part that is not linear
 * in its parameters has correlations. */
int mv_is_start(const mv_multilevel *model, const mv_freedom *freedom,
                ptrdiff_t candidate) {
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t parts = problem->part_count;
  if (candidate == 0 || freedom->warm) return 1;
  if (candidate <= parts) return parts > 1;
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
  for (ptrdiff_t j = 0; j < parts; j++) {
    const double share = !alone               ? 1 / (double)parts
                         : candidate == j + 1 ? 1
                                              : least_share;
    const int bent = candidate > parts && (candidate - parts - 1) / 2 == j;
    const double at =
        bent ? correlation_ends[(candidate - parts - 1) % 2] : usual_correlation;
    start_part(problem, &problem->parts[j], share * size, at, bent, climb->step);
  }
  set_free(model, freedom, climb->step, working);
}

/* ---- after the best end ---- */

/* The part's correlation becomes that of `start`, and SDs and variances of 0 too; 0 where
 * it has none, or that is where it is. */
static int turn(const mv_part *part, const double *start, double *own) {
  const mv_structure *structure = part->shape.structure;
  const ptrdiff_t m = part->shape.levels, count = mv_shape_parameters(&part->shape);
  int turned = 0, lifted = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    const mv_parameter_kind kind = structure->kind(m, i);
    if (kind == MV_CORRELATION) {
      turned = fabs(own[i] - start[i]) > same_correlation;
      own[i] = start[i];
    } else if ((kind == MV_VARIANCE || kind == MV_DEVIATION) && own[i] == 0) {
      own[i] = start[i];
      lifted = 1;
    }
  }
  return turned || (lifted && structure->bend);
}

int mv_turn_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                double *working) {
  const mv_problem *problem = model->blocks->problem;
  const double size = lifted_share * climb->reach * climb->reach;
  if (freedom->warm) return 0;
  while (climb->turned < TURNS * problem->part_count) {
    const mv_part *part = &problem->parts[climb->turned / TURNS];
    double *start = climb->step + part->first;
    mv_shape_start(&part->shape, size, turns[climb->turned++ % TURNS], start);
    memcpy(climb->base, climb->best.working, sizeof(double) * (size_t)model->parameters);
    if (!turn(part, start, climb->base + part->first)) continue;
    set_free(model, freedom, climb->base, working);
    return 1;
  }
  return 0;
}

int mv_lower_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                 double *working) {
  const mv_problem *problem = model->blocks->problem;
  if (freedom->warm) return 0;
  memcpy(climb->base, climb->best.working, sizeof(double) * (size_t)model->parameters);
  for (ptrdiff_t j = 0, deviation = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    double *start = climb->step + part->first, *own = climb->base + part->first;
    const ptrdiff_t count = mv_shape_parameters(&part->shape);
    mv_shape_start(&part->shape, 1, correlation_ends[1], start);
    for (ptrdiff_t i = 0; i < count; i++) {
      if (part->shape.structure->kind(part->shape.levels, i) != MV_DEVIATION) continue;
      if (deviation++ < climb->lowered) continue;
      climb->lowered++;
      if (own[i] == 0) continue;
      own[i] *= lowered_by;
      own[count - 1] = start[count - 1];
      set_free(model, freedom, climb->base, working);
      return 1;
    }
  }
  return 0;
}

int mv_place_regular(const mv_multilevel *model, const mv_freedom *freedom,
                     mv_climb *climb, double *working) {
  const mv_problem *problem = model->blocks->problem;
  const double size = climb->reach * climb->reach;
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
