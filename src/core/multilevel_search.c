#include "multilevel_search.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

/* A climb ends where the Newton step is worth less than this in log-likelihood: the
 * parameters are then within 1e-8 of their standard errors. */
static const double last_gain = 1e-16;

/* Where no step grows the likelihood, rounding has the last word if the step was worth
 * less than this. */
static const double rounding_gain = 1e-7;

/* Two climbs whose ends differ by less have found the same maximum. */
static const double same_maximum = 1e-7;

/* A later climb that comes so near to the best end, with so little left to gain, is on
 * its way there and stops. */
static const double joined = 1e-3;

/* A step may not make a parameter larger than this many times itself and its start. */
static const double longest_step = 20;

/* Pivots of the information below this share of their diagonal: parameters that the data
 * cannot tell apart. */
static const double flat_share = 1e-9;

/* Information of a variance, in units of the variance there is to explain, that is more
 * than rounding. */
static const double told_information = 1e-10;

/* Curvature of a log-likelihood upwards, over a standard deviation of true effects, that
 * is more than rounding. */
static const double bent_down = 1e-6;

/* What is added to the information, as a share of it, where steps do not lead uphill. */
static const double least_damping = 0.03, most_damping = 1e8;

enum { MOST_ITERATIONS = 300, MOST_HALVINGS = 4, MOST_ESCAPES = 20 };

/* Beyond this many rows one climb must do. */
enum { MANY_ROWS = 50000 };

enum { TRY_STARTS, BEGIN, DERIVE, MOVE, FINISH };

/* ---- layout ---- */

void mv_climb_layout(mv_arena *arena, ptrdiff_t parameters, ptrdiff_t parts,
                     mv_climb *climb) {
  const ptrdiff_t n = parameters;
  double **vectors[] = {&climb->best,  &climb->base,  &climb->step,  &climb->lower,
                        &climb->upper, &climb->score, &climb->solved};
  for (int i = 0; i < 7; i++) *vectors[i] = mv_arena_doubles(arena, n);
  climb->information = mv_arena_doubles(arena, n * n);
  climb->matrix = mv_arena_doubles(arena, n * n);
  climb->chol = mv_arena_doubles(arena, n * n);
  climb->held = mv_arena_ints(arena, n);
  climb->start_log_lik = mv_arena_doubles(arena, 1 + 3 * parts);
}

/* ---- starts ---- */

/* What is left of the mean square of y once sampling errors are taken off; y is the
 * residual of the least squares fit. */
static double moment_start(const mv_problem *problem) {
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

/* The moment of the rows at one level over that of all, at least a twentieth. */
static double level_share(const mv_problem *problem, const mv_part *part,
                          ptrdiff_t level) {
  double rss = 0, v = 0, count = 0;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    if (part->inner[i] - 1 != level) continue;
    rss += problem->y[i] * problem->y[i];
    v += problem->v[i];
    count++;
  }
  const double least = 0.05, size = moment_start(problem);
  return count > 0 && size > 0 ? fmax(least, (rss - v) / count / size) : 1;
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

/* The candidates: the variance shared by all parts; nearly all of it in each part alone;
 * shared by all again, with the correlations of each part near their two ends and its
 * levels as their rows vary. */
static void place_start(const mv_multilevel *model, const mv_freedom *freedom,
                        ptrdiff_t candidate, mv_climb *climb, double *working) {
  static const double least = 0.02, middle = 0.6, ends[] = {0.1, 0.95};
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t parts = problem->part_count;
  if (freedom->warm) {
    memcpy(working, freedom->start, sizeof *working * (size_t)model->parameters);
    return;
  }
  const double size = moment_start(problem);
  const int alone = candidate > 0 && candidate <= parts;
  for (ptrdiff_t j = 0; j < parts; j++) {
    const double share = !alone ? 1 / (double)parts : candidate == j + 1 ? 1 : least;
    const int bent = candidate > parts && (candidate - parts - 1) / 2 == j;
    const double at = bent ? ends[(candidate - parts - 1) % 2] : middle;
    start_part(problem, &problem->parts[j], share * size, at, bent, climb->step);
  }
  set_free(model, freedom, climb->step, working);
}

static void find_bounds(const mv_multilevel *model, const mv_freedom *freedom,
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

void mv_climb_start(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb) {
  const ptrdiff_t parts = model->blocks->problem->part_count;
  climb->phase = TRY_STARTS;
  climb->candidate = 0;
  climb->candidates = freedom->warm ? 1 : 1 + 3 * parts;
  climb->evaluations = climb->derivatives = climb->iterations = climb->maxima = 0;
  climb->best_log_lik = climb->failed_log_lik = -INFINITY;
  climb->failed = MV_OK;
  climb->lifts = climb->lowered = 0;
  climb->flat = 0;
  find_bounds(model, freedom, climb);
}

/* ---- a direction ---- */

static double value_of(const mv_multilevel *model, const mv_freedom *freedom,
                       const double *working, ptrdiff_t f) {
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (freedom->target[i] == f + 1) return working[i];
  }
  return 0;
}

/* Whether a variance moves the model: moderators that tell all its groups apart leave it
 * no information but rounding, in units of what there is to explain. */
static int is_told(const mv_multilevel *model, const mv_point *point, ptrdiff_t i,
                   const mv_climb *climb) {
  const double unit = climb->reach * climb->reach;
  return point->expected[i * model->parameters + i] * unit * unit > told_information;
}

static int is_variance(const mv_problem *problem, ptrdiff_t i) {
  ptrdiff_t j = problem->part_count - 1;
  while (problem->parts[j].first > i) j--;
  const mv_shape *shape = &problem->parts[j].shape;
  return shape->structure->kind(shape->levels, i - problem->parts[j].first) ==
         MV_VARIANCE;
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
    const double at = value_of(model, freedom, point->working, f);
    climb->step[f] = 0;
    climb->held[f] = (at <= climb->lower[f] && climb->score[f] <= 0) ||
                     (at >= climb->upper[f] && climb->score[f] >= 0);
  }
  hold_untold(model, freedom, point, climb);
}

typedef enum { OBSERVED, AVERAGE, EXPECTED } curvature;

static double information(const mv_point *point, ptrdiff_t at, curvature which) {
  if (which == EXPECTED) return point->expected[at];
  if (which == AVERAGE) return point->average[at];
  return 2 * point->average[at] - point->expected[at] - point->curve[at];
}

/* The information of the free parameters, tied ones summed, plus `ridge` times the size
 * that it can have (Levenberg and Marquardt): of a factor's pivot near 0 the expected
 * information vanishes, but not the curvature. */
static void gather_information(const mv_multilevel *model, const mv_freedom *freedom,
                               const mv_point *point, curvature which, double ridge,
                               mv_climb *climb) {
  const ptrdiff_t n = model->parameters, m = freedom->count;
  memset(climb->information, 0, sizeof(double) * (size_t)(m * m));
  for (ptrdiff_t i = 0; i < n; i++) {
    const ptrdiff_t f = freedom->target[i] - 1;
    if (f < 0) continue;
    for (ptrdiff_t j = 0; j < n; j++) {
      const ptrdiff_t g = freedom->target[j] - 1;
      if (g >= 0) climb->information[f * m + g] += information(point, i * n + j, which);
    }
    const ptrdiff_t at = i * n + i;
    const double size = fmax(fmax(point->expected[at], point->average[at]),
                             fabs(information(point, at, OBSERVED)));
    climb->information[f * m + f] += ridge * size;
  }
}

/* Held ones take their step; one without information stays. */
static int is_out(const mv_climb *climb, ptrdiff_t m, ptrdiff_t f) {
  return climb->held[f] || climb->information[f * m + f] == 0;
}

/* The system of the parameters that are not held, given the steps of those that are;
 * gives its size. */
static ptrdiff_t pack(ptrdiff_t m, mv_climb *climb) {
  ptrdiff_t count = 0, cells = 0;
  for (ptrdiff_t f = 0; f < m; f++) {
    if (is_out(climb, m, f)) continue;
    double right = climb->score[f];
    for (ptrdiff_t g = 0; g < m; g++) {
      const double of = climb->information[f * m + g];
      if (!is_out(climb, m, g)) {
        climb->matrix[cells++] = of;
      } else if (climb->held[g]) {
        right -= of * climb->step[g];
      }
    }
    climb->solved[count++] = right;
  }
  return count;
}

/* Solves matrix x = right side; 0 where the matrix is not positive definite. */
static int solve(ptrdiff_t count, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < count; f++) {
    if (!(climb->matrix[f * count + f] > 0)) return 0;
  }
  if (mv_cholesky(count, climb->matrix, climb->chol) != MV_OK) return 0;
  mv_forward(count, climb->chol, climb->solved);
  mv_backward(count, climb->chol, climb->solved);
  return 1;
}

/* The steps of those not held by one of the curvatures; 0 where it is of no use. */
static int newton(ptrdiff_t m, mv_climb *climb) {
  const ptrdiff_t count = pack(m, climb);
  if (count && !solve(count, climb)) return 0;
  climb->decrement = 0;
  for (ptrdiff_t f = 0, packed = 0; f < m; f++) {
    if (!is_out(climb, m, f)) {
      climb->step[f] = climb->solved[packed++];
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
    const double at = value_of(model, freedom, point->working, f);
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
    const double size = climb->information[f * m + f];
    if (!climb->held[f] && size > 0) climb->step[f] = climb->score[f] / size;
    const double at = value_of(model, freedom, point->working, f);
    climb->step[f] =
        fmin(fmax(at + climb->step[f], climb->lower[f]), climb->upper[f]) - at;
    climb->decrement += climb->step[f] * climb->score[f];
  }
}

static void find_direction(const mv_multilevel *model, const mv_freedom *freedom,
                           const mv_point *point, mv_climb *climb) {
  static const curvature order[] = {OBSERVED, AVERAGE, EXPECTED, EXPECTED};
  static const double ridge[] = {0, 0.01, 0.1, 1};
  for (int i = 0; i < 4; i++) {
    gather_score(model, freedom, point, climb);
    gather_information(model, freedom, point, order[i], ridge[i] + climb->damping, climb);
    if (step_in_box(model, freedom, point, climb)) return;
  }
  step_by_diagonal(model, freedom, point, climb);
}

/* ---- moving ---- */

/* The share of the step that keeps every parameter within reach of itself. */
static double share_of_step(const mv_multilevel *model, const mv_freedom *freedom,
                            const mv_climb *climb) {
  double share = 1;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    if (!isfinite(climb->step[f])) return 0;
    const double at = fabs(value_of(model, freedom, climb->base, f));
    const double most = longest_step * fmax(at, climb->reach);
    const double long_ = fabs(climb->step[f]);
    if (isinf(climb->upper[f]) && long_ * share > most) share = most / long_;
  }
  return share;
}

static void place_trial(const mv_multilevel *model, const mv_freedom *freedom,
                        const mv_climb *climb, double *working) {
  const double share = ldexp(share_of_step(model, freedom, climb), -climb->halvings);
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const int target = freedom->target[i];
    working[i] = climb->base[i];
    if (!target) continue;
    const double next = climb->base[i] + share * climb->step[target - 1];
    working[i] = fmin(fmax(next, climb->lower[target - 1]), climb->upper[target - 1]);
  }
}

/* ---- phases ---- */

static mv_status evaluate(const mv_multilevel *model, mv_multilevel_work *work,
                          mv_climb *climb, mv_point *point, double *log_lik) {
  climb->evaluations++;
  const mv_status status = mv_multilevel_likelihood(model, work, point);
  *log_lik = status == MV_OK ? mv_point_log_lik(model, point) : -INFINITY;
  return status;
}

/* One part alone has all of the variance in any case, and only a part that is not linear
 * in its parameters has correlations. */
static int is_start(const mv_multilevel *model, const mv_freedom *freedom,
                    ptrdiff_t candidate) {
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t parts = problem->part_count;
  if (candidate == 0 || freedom->warm) return 1;
  if (candidate <= parts) return parts > 1;
  return problem->parts[(candidate - parts - 1) / 2].shape.structure->bend != NULL;
}

/* The next start's likelihood; then the climb from the best of them. */
static mv_status try_start(const mv_multilevel *model, mv_multilevel_work *work,
                           const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  if (!is_start(model, freedom, climb->candidate)) {
    climb->start_log_lik[climb->candidate] = -INFINITY;
    if (++climb->candidate == climb->candidates) climb->phase = BEGIN;
    return MV_MORE;
  }
  place_start(model, freedom, climb->candidate, climb, point->working);
  const mv_status status =
      evaluate(model, work, climb, point, &climb->start_log_lik[climb->candidate]);
  if (status != MV_OK && climb->candidates == 1) return status;
  if (++climb->candidate == climb->candidates) climb->phase = BEGIN;
  return MV_MORE;
}

/* The best start that is left; -1: none. */
static ptrdiff_t next_start(const mv_climb *climb) {
  ptrdiff_t best = -1;
  for (ptrdiff_t c = 0; c < climb->candidates; c++) {
    const double here = climb->start_log_lik[c];
    if (here == -INFINITY) continue;
    if (best < 0 || here > climb->start_log_lik[best]) best = c;
  }
  return best;
}

/* A climb that found no end; whether it matters depends on the others. */
static mv_status give_up(mv_status why, mv_climb *climb) {
  climb->failed = why;
  climb->failed_log_lik = fmax(climb->failed_log_lik, climb->base_log_lik);
  climb->phase = BEGIN;
  return MV_MORE;
}

/* Where the best end has SDs of 0, their correlation may have gone to the wrong end on
 * the way: they are lifted, with correlations near one end and then the other. 0 where
 * there is nothing to lift. */
static int lift(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                double *working) {
  const mv_problem *problem = model->blocks->problem;
  static const double ends[] = {0.1, 0.95};
  int any = 0;
  if (freedom->warm || climb->lifts >= 2) return 0;
  memcpy(climb->base, climb->best, sizeof(double) * (size_t)model->parameters);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    double *start = climb->step + part->first, *own = climb->base + part->first;
    int zero = 0;
    mv_shape_start(&part->shape, 0.1 * climb->reach * climb->reach, ends[climb->lifts],
                   start);
    for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
      const mv_parameter_kind kind = part->shape.structure->kind(part->shape.levels, i);
      if (kind == MV_DEVIATION && own[i] == 0) {
        own[i] = start[i];
        zero = any = 1;
      }
      if (kind == MV_CORRELATION && zero) own[i] = start[i];
    }
  }
  climb->lifts++;
  if (any) set_free(model, freedom, climb->base, working);
  return any;
}

/* There may be a higher maximum where one of the SDs is 0 and the correlation of the
 * others near 1: each SD is lowered in turn. 0 where none is left. */
static int lower_one(const mv_multilevel *model, const mv_freedom *freedom,
                     mv_climb *climb, double *working) {
  static const double lowered = 0.05, end = 0.95;
  const mv_problem *problem = model->blocks->problem;
  if (freedom->warm) return 0;
  memcpy(climb->base, climb->best, sizeof(double) * (size_t)model->parameters);
  for (ptrdiff_t j = 0, deviation = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    double *start = climb->step + part->first, *own = climb->base + part->first;
    const ptrdiff_t count = mv_shape_parameters(&part->shape);
    mv_shape_start(&part->shape, 1, end, start);
    for (ptrdiff_t i = 0; i < count; i++) {
      if (part->shape.structure->kind(part->shape.levels, i) != MV_DEVIATION) continue;
      if (deviation++ < climb->lowered) continue;
      climb->lowered++;
      if (own[i] == 0) continue;
      own[i] *= lowered;
      own[count - 1] = start[count - 1];
      set_free(model, freedom, climb->base, working);
      return 1;
    }
  }
  return 0;
}

static mv_status begin(const mv_multilevel *model, mv_multilevel_work *work,
                       const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  const ptrdiff_t start = next_start(climb);
  const int enough = climb->maxima > 0 && model->blocks->problem->k > MANY_ROWS;
  climb->reach = sqrt(moment_start(model->blocks->problem));
  if (start >= 0 && !enough) {
    climb->start_log_lik[start] = -INFINITY;
    place_start(model, freedom, start, climb, point->working);
  } else if (climb->maxima == 0) {
    return climb->failed == MV_OK ? MV_NOT_FINITE : climb->failed;
  } else if (!lift(model, freedom, climb, point->working) &&
             !lower_one(model, freedom, climb, point->working)) {
    if (climb->failed_log_lik > climb->best_log_lik + same_maximum) return climb->failed;
    memcpy(point->working, climb->best, sizeof(double) * (size_t)model->parameters);
    climb->phase = FINISH;
    return MV_MORE;
  }
  climb->iterations = climb->escapes = 0;
  climb->damping = 0;
  climb->polish = INFINITY;
  climb->phase = DERIVE;
  const mv_status status = evaluate(model, work, climb, point, &climb->base_log_lik);
  return status == MV_OK ? MV_MORE : give_up(status, climb);
}

/* The end of a climb, at `point` with its likelihood in base_log_lik. */
static mv_status end_climb(const mv_multilevel *model, mv_climb *climb,
                           const mv_point *point) {
  const double gain = climb->base_log_lik - climb->best_log_lik;
  if (climb->maxima == 0 || fabs(gain) > same_maximum) climb->maxima++;
  if (gain > 0) {
    climb->best_log_lik = climb->base_log_lik;
    memcpy(climb->best, point->working, sizeof(double) * (size_t)model->parameters);
  }
  climb->phase = BEGIN;
  return MV_MORE;
}

static int has_joined(const mv_multilevel *model, const mv_climb *climb,
                      const mv_point *point) {
  const double left = climb->best_log_lik - climb->base_log_lik;
  if (climb->maxima == 0 || climb->decrement > joined || fabs(left) > joined) return 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const double best = climb->best[i], apart = fabs(point->working[i] - best);
    if (apart > 0.1 * (fabs(best) + climb->reach)) return 0;
  }
  return 1;
}

/* At a stationary point: the free parameter with the most negative curvature, along which
 * it is no maximum (a factor's pivot at 0, of either sign); -1: none. */
static ptrdiff_t saddle(const mv_multilevel *model, const mv_freedom *freedom,
                        const mv_point *point, mv_climb *climb) {
  const ptrdiff_t m = freedom->count;
  ptrdiff_t worst = -1;
  gather_score(model, freedom, point, climb);
  gather_information(model, freedom, point, OBSERVED, 0, climb);
  for (ptrdiff_t f = 0; f < m; f++) {
    const double of = climb->information[f * m + f];
    const int pushed = climb->held[f] && climb->score[f] != 0;
    if (pushed || !(of * climb->reach * climb->reach < -bent_down)) continue;
    if (worst < 0 || of < climb->information[worst * m + worst]) worst = f;
  }
  return worst;
}

/* Leaves a saddle; 0 where there is none. */
static int escape(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                  mv_point *point) {
  if (climb->escapes >= MOST_ESCAPES) return 0;
  const ptrdiff_t along = saddle(model, freedom, point, climb);
  if (along < 0) return 0;
  climb->escapes++;
  for (ptrdiff_t f = 0; f < freedom->count; f++) climb->step[f] = 0;
  const double at = value_of(model, freedom, point->working, along);
  climb->step[along] = at >= climb->upper[along] ? -0.3 : 0.3 * climb->reach;
  climb->decrement = 0;
  return 1;
}

static mv_status derive(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  climb->derivatives++;
  const mv_status status = mv_multilevel_derivatives(model, work, 0, point);
  if (status != MV_OK) return give_up(status, climb);
  find_direction(model, freedom, point, climb);
  if (!isfinite(climb->decrement)) return give_up(MV_NOT_FINITE, climb);
  if (climb->decrement < last_gain && !escape(model, freedom, climb, point)) {
    return end_climb(model, climb, point);
  }
  if (climb->decrement > 0 && has_joined(model, climb, point)) {
    climb->phase = BEGIN;
    return MV_MORE;
  }
  if (++climb->iterations > MOST_ITERATIONS) return give_up(MV_NOT_CONVERGED, climb);
  memcpy(climb->base, point->working, sizeof(double) * (size_t)model->parameters);
  climb->halvings = 0;
  climb->phase = MOVE;
  return MV_MORE;
}

/* A shorter step in a direction that is more uphill; 0 where that is exhausted. */
static int damp(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                mv_point *point) {
  climb->damping = fmax(10 * climb->damping, least_damping);
  if (climb->damping > most_damping) return 0;
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  find_direction(model, freedom, point, climb);
  climb->halvings = 0;
  return 1;
}

/* Near the end a full Newton step is right to more digits than the log-likelihood can
 * show: it is taken while the steps are worth less and less. */
static int is_polish(mv_climb *climb, double log_lik) {
  const double rounding = rounding_gain * 1e-3 * (1 + fabs(climb->base_log_lik));
  const int near = climb->decrement < rounding && climb->decrement < climb->polish / 4;
  if (climb->halvings || !near || log_lik < climb->base_log_lik - rounding) return 0;
  climb->polish = climb->decrement;
  return 1;
}

static mv_status move(const mv_multilevel *model, mv_multilevel_work *work,
                      const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  double log_lik;
  place_trial(model, freedom, climb, point->working);
  evaluate(model, work, climb, point, &log_lik);
  if (log_lik > climb->base_log_lik || is_polish(climb, log_lik)) {
    climb->base_log_lik = log_lik;
    climb->damping = climb->damping > least_damping ? climb->damping / 10 : 0;
    climb->phase = DERIVE;
    return MV_MORE;
  }
  if (climb->halvings++ < MOST_HALVINGS) return MV_MORE;
  const int tiny = climb->decrement < rounding_gain * (1 + fabs(climb->base_log_lik));
  if (!tiny && damp(model, freedom, climb, point)) return MV_MORE;
  if (!tiny) return give_up(MV_NOT_CONVERGED, climb);
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  return end_climb(model, climb, point);
}

/* Free parameters inside the box whose information is singular. */
static int is_flat(const mv_multilevel *model, const mv_freedom *freedom,
                   const mv_point *point, mv_climb *climb) {
  gather_score(model, freedom, point, climb);
  gather_information(model, freedom, point, EXPECTED, 0, climb);
  if (climb->untold) return 1;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    const double at = value_of(model, freedom, point->working, f);
    if (at <= climb->lower[f] || at >= climb->upper[f]) climb->held[f] = 1;
  }
  const ptrdiff_t count = pack(freedom->count, climb);
  if (count && mv_cholesky(count, climb->matrix, climb->chol) != MV_OK) return 1;
  for (ptrdiff_t f = 0; f < count; f++) {
    const double pivot = climb->chol[f * count + f];
    if (pivot * pivot < flat_share * climb->matrix[f * count + f]) return 1;
  }
  return 0;
}

static mv_status finish(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  double log_lik;
  mv_status status = evaluate(model, work, climb, point, &log_lik);
  if (status != MV_OK) return status;
  status = mv_multilevel_derivatives(model, work, 0, point);
  if (status != MV_OK) return status;
  climb->damping = 0;
  find_direction(model, freedom, point, climb);
  const double gain = climb->decrement;
  climb->flat = is_flat(model, freedom, point, climb);
  climb->decrement = gain;
  return MV_OK;
}

mv_status mv_climb_step(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  switch (climb->phase) {
    case TRY_STARTS:
      return try_start(model, work, freedom, climb, point);
    case BEGIN:
      return begin(model, work, freedom, climb, point);
    case DERIVE:
      return derive(model, work, freedom, climb, point);
    case MOVE:
      return move(model, work, freedom, climb, point);
    default:
      return finish(model, work, freedom, climb, point);
  }
}
