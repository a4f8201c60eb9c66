#include "multilevel_search.h"

#include <math.h>
#include <string.h>

#include "multilevel_direction.h"
#include "multilevel_starts.h"

/* A climb ends where the Newton step is worth less than this in log-likelihood: the
 * parameters are then within 1e-8 of their standard errors. */
static const double last_gain = 1e-16;

/* Where no step grows the likelihood, rounding has the last word if the step was worth
 * less than this. */
static const double rounding_gain = 1e-7;

/* A step worth less than this share of the log-likelihood cannot be seen in it. */
static const double polish_gain = 1e-10;

/* Two climbs whose ends differ by less have found the same maximum. */
static const double same_maximum = 1e-7;

/* A later climb that comes so near to the best end in log-likelihood, and beside it in
 * every parameter (a share of itself), with so little left to gain, is on its way there
 * and stops. */
static const double joined = 1e-3, beside = 0.1;

/* A step may not make a parameter larger than this many times itself and its start. */
static const double longest_step = 20;

/* A step off a saddle: in SDs, a share of that there is to explain; in correlations. */
static const double escape_share = 0.3;

/* What is added to the information, as a share of it, where steps do not lead uphill. */
static const double least_damping = 0.03, most_damping = 1e8;

enum { MOST_ITERATIONS = 300, MOST_HALVINGS = 4, MOST_ESCAPES = 20 };

/* Beyond this many rows one climb must do. */
enum { MANY_ROWS = 50000 };

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
  climb->start_log_lik = mv_arena_doubles(arena, mv_most_starts(parts));
}

void mv_climb_start(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb) {
  climb->phase = MV_TRY_STARTS;
  climb->candidate = 0;
  climb->candidates = mv_count_starts(model->blocks->problem, freedom);
  climb->evaluations = climb->derivatives = climb->iterations = climb->maxima = 0;
  climb->best_log_lik = climb->failed_log_lik = -INFINITY;
  climb->failed = MV_OK;
  climb->lifts = climb->lowered = 0;
  climb->flat = 0;
  mv_free_bounds(model, freedom, climb);
}

/* ---- moving ---- */

/* The share of the step that keeps every parameter within reach of itself. */
static double share_of_step(const mv_multilevel *model, const mv_freedom *freedom,
                            const mv_climb *climb) {
  double share = 1;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    if (!isfinite(climb->step[f])) return 0;
    const double at = fabs(mv_free_value(model, freedom, climb->base, f));
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

/* ---- starts ---- */

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
  if (!mv_is_start(model, freedom, climb->candidate)) {
    climb->start_log_lik[climb->candidate] = -INFINITY;
    if (++climb->candidate == climb->candidates) climb->phase = MV_BEGIN;
    return MV_MORE;
  }
  mv_place_start(model, freedom, climb->candidate, climb, point->working);
  const mv_status status =
      evaluate(model, work, climb, point, &climb->start_log_lik[climb->candidate]);
  if (status != MV_OK && climb->candidates == 1) return status;
  if (++climb->candidate == climb->candidates) climb->phase = MV_BEGIN;
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
  climb->phase = MV_BEGIN;
  return MV_MORE;
}

static mv_status begin(const mv_multilevel *model, mv_multilevel_work *work,
                       const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  const ptrdiff_t start = next_start(climb);
  const int enough = climb->maxima > 0 && model->blocks->problem->k > MANY_ROWS;
  climb->reach = sqrt(mv_moment_start(model->blocks->problem));
  if (start >= 0 && !enough) {
    climb->start_log_lik[start] = -INFINITY;
    mv_place_start(model, freedom, start, climb, point->working);
  } else if (climb->maxima == 0) {
    return climb->failed == MV_OK ? MV_NOT_FINITE : climb->failed;
  } else if (!mv_lift(model, freedom, climb, point->working) &&
             !mv_lower_one(model, freedom, climb, point->working)) {
    if (climb->failed_log_lik > climb->best_log_lik + same_maximum) return climb->failed;
    memcpy(point->working, climb->best, sizeof(double) * (size_t)model->parameters);
    climb->phase = MV_FINISH;
    return MV_MORE;
  }
  climb->iterations = climb->escapes = 0;
  climb->damping = 0;
  climb->polish = INFINITY;
  climb->phase = MV_DERIVE;
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
  climb->phase = MV_BEGIN;
  return MV_MORE;
}

static int has_joined(const mv_multilevel *model, const mv_climb *climb,
                      const mv_point *point) {
  const double left = climb->best_log_lik - climb->base_log_lik;
  if (climb->maxima == 0 || climb->decrement > joined || fabs(left) > joined) return 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const double best = climb->best[i], apart = fabs(point->working[i] - best);
    if (apart > beside * (fabs(best) + climb->reach)) return 0;
  }
  return 1;
}

/* ---- steps ---- */

/* Leaves a saddle; 0 where there is none. */
static int escape(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                  mv_point *point) {
  if (climb->escapes >= MOST_ESCAPES) return 0;
  const ptrdiff_t along = mv_find_saddle(model, freedom, point, climb);
  if (along < 0) return 0;
  climb->escapes++;
  for (ptrdiff_t f = 0; f < freedom->count; f++) climb->step[f] = 0;
  const double at = mv_free_value(model, freedom, point->working, along);
  climb->step[along] =
      at >= climb->upper[along] ? -escape_share : escape_share * climb->reach;
  climb->decrement = 0;
  return 1;
}

static mv_status derive(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  climb->derivatives++;
  const mv_status status = mv_multilevel_derivatives(model, work, 0, point);
  if (status != MV_OK) return give_up(status, climb);
  mv_find_direction(model, freedom, point, climb);
  if (!isfinite(climb->decrement)) return give_up(MV_NOT_FINITE, climb);
  if (climb->decrement < last_gain && !escape(model, freedom, climb, point)) {
    return end_climb(model, climb, point);
  }
  if (climb->decrement > 0 && has_joined(model, climb, point)) {
    climb->phase = MV_BEGIN;
    return MV_MORE;
  }
  if (++climb->iterations > MOST_ITERATIONS) return give_up(MV_NOT_CONVERGED, climb);
  memcpy(climb->base, point->working, sizeof(double) * (size_t)model->parameters);
  climb->halvings = 0;
  climb->phase = MV_MOVE;
  return MV_MORE;
}

/* A shorter step in a direction that is more uphill; 0 where that is exhausted. */
static int damp(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                mv_point *point) {
  climb->damping = fmax(10 * climb->damping, least_damping);
  if (climb->damping > most_damping) return 0;
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  mv_find_direction(model, freedom, point, climb);
  climb->halvings = 0;
  return 1;
}

/* Near the end a full Newton step is right to more digits than the log-likelihood can
 * show: it is taken while the steps are worth less and less. */
static int is_polish(mv_climb *climb, double log_lik) {
  const double rounding = polish_gain * (1 + fabs(climb->base_log_lik));
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
    climb->phase = MV_DERIVE;
    return MV_MORE;
  }
  if (climb->halvings++ < MOST_HALVINGS) return MV_MORE;
  const int tiny = climb->decrement < rounding_gain * (1 + fabs(climb->base_log_lik));
  if (!tiny && damp(model, freedom, climb, point)) return MV_MORE;
  if (!tiny) return give_up(MV_NOT_CONVERGED, climb);
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  return end_climb(model, climb, point);
}

static mv_status finish(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  double log_lik;
  mv_status status = evaluate(model, work, climb, point, &log_lik);
  if (status != MV_OK) return status;
  status = mv_multilevel_derivatives(model, work, 0, point);
  if (status != MV_OK) return status;
  climb->damping = 0;
  mv_find_direction(model, freedom, point, climb);
  const double gain = climb->decrement;
  climb->flat = mv_is_flat(model, freedom, point, climb);
  climb->decrement = gain;
  return MV_OK;
}

mv_status mv_climb_step(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  switch (climb->phase) {
    case MV_TRY_STARTS:
      return try_start(model, work, freedom, climb, point);
    case MV_BEGIN:
      return begin(model, work, freedom, climb, point);
    case MV_DERIVE:
      return derive(model, work, freedom, climb, point);
    case MV_MOVE:
      return move(model, work, freedom, climb, point);
    default:
      return finish(model, work, freedom, climb, point);
  }
}
