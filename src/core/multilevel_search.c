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

/* A step may not make a parameter larger than this many times itself and its start. */
static const double longest_step = 20;

/* Pivots of the information below this share of their diagonal: parameters that the data
 * cannot tell apart. */
static const double flat_share = 1e-9;

enum { MOST_ITERATIONS = 300, MOST_HALVINGS = 50, MANY_ROWS = 50000 };

enum { TRY_STARTS, BEGIN, DERIVE, MOVE, FINISH };

/* ---- layout ---- */

void mv_climb_layout(mv_arena *arena, ptrdiff_t parameters, ptrdiff_t parts,
                     mv_climb *climb) {
  const ptrdiff_t n = parameters;
  double **vectors[] = {&climb->best,  &climb->base,  &climb->step,  &climb->lower,
                        &climb->upper, &climb->score, &climb->solved};
  for (int i = 0; i < 7; i++) *vectors[i] = mv_arena_doubles(arena, n);
  climb->matrix = mv_arena_doubles(arena, n * n);
  climb->chol = mv_arena_doubles(arena, n * n);
  climb->held = mv_arena_bytes(arena, sizeof(int) * (size_t)n);
  climb->start_log_lik = mv_arena_doubles(arena, parts + 2);
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

/* The start of one part; that of slopes in units of their columns. */
static void start_part(const mv_problem *problem, const mv_part *part, double size,
                       double *working) {
  double *own = working + part->first;
  mv_shape_start(&part->shape, size, own);
  if (!part->slope) return;
  for (ptrdiff_t level = 0; level < part->shape.levels; level++) {
    const double unit = mean_square(part, problem->k, level);
    for (ptrdiff_t i = 0; i < mv_shape_parameters(&part->shape); i++) {
      const double by = part->shape.structure->slope(&part->shape, own, i, level, level);
      if (by == 0) continue;
      const int root = part->shape.structure->kind(part->shape.levels, i) != MV_VARIANCE;
      own[i] /= root ? sqrt(unit) : unit;
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

/* Candidate 0: shared by all parts; j > 0: nearly all in part j - 1. */
static void place_start(const mv_multilevel *model, const mv_freedom *freedom,
                        ptrdiff_t candidate, mv_climb *climb, double *working) {
  const mv_problem *problem = model->blocks->problem;
  if (freedom->warm) {
    memcpy(working, freedom->start, sizeof *working * (size_t)model->parameters);
    return;
  }
  const double size = moment_start(problem);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const double share = candidate == 0       ? 1 / (double)problem->part_count
                         : candidate == j + 1 ? 1
                                              : 0.02;
    start_part(problem, &problem->parts[j], share * size, climb->step);
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
  climb->candidates = freedom->warm || parts < 2 ? 1 : parts + 1;
  climb->evaluations = climb->derivatives = climb->iterations = climb->maxima = 0;
  climb->best_log_lik = -INFINITY;
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

/* The score of free parameters, and those on a bound that it pushes outwards. */
static void gather_score(const mv_multilevel *model, const mv_freedom *freedom,
                         const mv_point *point, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < freedom->count; f++) climb->score[f] = 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (freedom->target[i]) climb->score[freedom->target[i] - 1] += point->score[i];
  }
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    const double at = value_of(model, freedom, point->working, f);
    climb->held[f] = (at <= climb->lower[f] && climb->score[f] <= 0) ||
                     (at >= climb->upper[f] && climb->score[f] >= 0);
  }
}

typedef enum { OBSERVED, AVERAGE, EXPECTED } curvature;

/* The information of the free parameters that are not held, packed; gives their number.
 * The observed information is 2 average - expected where M is linear in the parameters.
 */
static ptrdiff_t pack(const mv_multilevel *model, const mv_freedom *freedom,
                      const mv_point *point, curvature which, mv_climb *climb) {
  const ptrdiff_t n = model->parameters, m = freedom->count;
  memset(climb->matrix, 0, sizeof(double) * (size_t)(n * n));
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j < n; j++) {
      if (!freedom->target[i] || !freedom->target[j]) continue;
      const double average = point->average[i * n + j];
      const double expected = point->expected[i * n + j];
      const ptrdiff_t at = (freedom->target[i] - 1) * m + freedom->target[j] - 1;
      climb->matrix[at] += which == EXPECTED  ? expected
                           : which == AVERAGE ? average
                                              : 2 * average - expected;
    }
  }
  ptrdiff_t count = 0;
  for (ptrdiff_t f = 0; f < m; f++) {
    if (climb->held[f]) continue;
    ptrdiff_t column = 0;
    for (ptrdiff_t g = 0; g < m; g++) {
      if (climb->held[g]) continue;
      climb->matrix[count * m + column++] = climb->matrix[f * m + g];
    }
    climb->solved[count++] = climb->score[f];
  }
  for (ptrdiff_t f = 0; f < count; f++) { /* rows of `count` */
    memmove(climb->matrix + f * count, climb->matrix + f * m,
            sizeof(double) * (size_t)count);
  }
  return count;
}

/* Solves matrix x = score; with a ridge where it must. 0 where it cannot. */
static int solve(ptrdiff_t count, double ridge, mv_climb *climb) {
  for (ptrdiff_t f = 0; f < count; f++) {
    const double diagonal = climb->matrix[f * count + f];
    if (!(diagonal > 0)) return 0;
    climb->matrix[f * count + f] += ridge * diagonal;
  }
  if (mv_cholesky(count, climb->matrix, climb->chol) != MV_OK) return 0;
  mv_forward(count, climb->chol, climb->solved);
  mv_backward(count, climb->chol, climb->solved);
  return 1;
}

/* A parameter without any curvature (the pivot of a Cholesky factor at 0) is left. */
static void hold_flat(const mv_multilevel *model, const mv_freedom *freedom,
                      const mv_point *point, mv_climb *climb) {
  const ptrdiff_t n = model->parameters;
  for (ptrdiff_t i = 0; i < n; i++) {
    const int target = freedom->target[i];
    if (!target) continue;
    const int none = point->expected[i * n + i] == 0 && point->average[i * n + i] == 0;
    if (none) climb->held[target - 1] = 1;
  }
}

static ptrdiff_t newton(const mv_multilevel *model, const mv_freedom *freedom,
                        const mv_point *point, mv_climb *climb) {
  static const curvature order[] = {OBSERVED, AVERAGE, EXPECTED, AVERAGE, EXPECTED};
  static const double ridge[] = {0, 0, 0, 1e-3, 1e-2};
  for (int i = 0; i < 5; i++) {
    const ptrdiff_t count = pack(model, freedom, point, order[i], climb);
    if (count == 0 || solve(count, ridge[i], climb)) return count;
  }
  const ptrdiff_t count = pack(model, freedom, point, EXPECTED, climb);
  for (ptrdiff_t f = 0; f < count; f++) {
    climb->solved[f] /= fmax(climb->matrix[f * count + f], DBL_MIN);
  }
  return count;
}

/* Spreads the packed direction; those on a bound that it leaves outwards are held, and
 * the rest solved again. */
static void find_direction(const mv_multilevel *model, const mv_freedom *freedom,
                           const mv_point *point, mv_climb *climb) {
  gather_score(model, freedom, point, climb);
  hold_flat(model, freedom, point, climb);
  for (int again = 1; again;) {
    newton(model, freedom, point, climb);
    again = 0;
    climb->decrement = 0;
    for (ptrdiff_t f = 0, packed = 0; f < freedom->count; f++) {
      climb->step[f] = climb->held[f] ? 0 : climb->solved[packed++];
      climb->decrement += climb->step[f] * climb->score[f];
      const double at = value_of(model, freedom, point->working, f);
      const int outwards = (at <= climb->lower[f] && climb->step[f] < 0) ||
                           (at >= climb->upper[f] && climb->step[f] > 0);
      if (outwards) climb->held[f] = again = 1;
    }
  }
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

/* The next start's likelihood; then the climb from the best of them. */
static mv_status try_start(const mv_multilevel *model, mv_multilevel_work *work,
                           const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
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

static mv_status begin(const mv_multilevel *model, mv_multilevel_work *work,
                       const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  const ptrdiff_t start = next_start(climb);
  const int enough = climb->maxima > 0 && model->blocks->problem->k > MANY_ROWS;
  if (start < 0 && climb->maxima == 0) return MV_NOT_FINITE;
  if (start < 0 || enough) {
    memcpy(point->working, climb->best, sizeof(double) * (size_t)model->parameters);
    climb->phase = FINISH;
    return MV_MORE;
  }
  climb->start_log_lik[start] = -INFINITY;
  place_start(model, freedom, start, climb, point->working);
  climb->reach = sqrt(moment_start(model->blocks->problem));
  climb->iterations = 0;
  climb->phase = DERIVE;
  return evaluate(model, work, climb, point, &climb->base_log_lik) == MV_OK
             ? MV_MORE
             : MV_NOT_FINITE;
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

static mv_status derive(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  climb->derivatives++;
  const mv_status status = mv_multilevel_derivatives(model, work, 0, point);
  if (status != MV_OK) return status;
  find_direction(model, freedom, point, climb);
  if (!isfinite(climb->decrement)) return MV_NOT_FINITE;
  if (climb->decrement < last_gain) return end_climb(model, climb, point);
  if (++climb->iterations > MOST_ITERATIONS) return MV_NOT_CONVERGED;
  memcpy(climb->base, point->working, sizeof(double) * (size_t)model->parameters);
  climb->halvings = 0;
  climb->phase = MOVE;
  return MV_MORE;
}

static mv_status move(const mv_multilevel *model, mv_multilevel_work *work,
                      const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  double log_lik;
  place_trial(model, freedom, climb, point->working);
  evaluate(model, work, climb, point, &log_lik);
  if (log_lik > climb->base_log_lik) {
    climb->base_log_lik = log_lik;
    climb->phase = DERIVE;
    return MV_MORE;
  }
  const int tiny = climb->decrement < rounding_gain * (1 + fabs(climb->base_log_lik));
  if (climb->halvings++ < (tiny ? 3 : MOST_HALVINGS)) return MV_MORE;
  if (!tiny) return MV_NOT_CONVERGED;
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  return end_climb(model, climb, point);
}

/* Free parameters inside the box whose information is singular. */
static int is_flat(const mv_multilevel *model, const mv_freedom *freedom,
                   const mv_point *point, mv_climb *climb) {
  gather_score(model, freedom, point, climb);
  hold_flat(model, freedom, point, climb);
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    const double at = value_of(model, freedom, point->working, f);
    if (at <= climb->lower[f] || at >= climb->upper[f]) climb->held[f] = 1;
  }
  const ptrdiff_t count = pack(model, freedom, point, EXPECTED, climb);
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
