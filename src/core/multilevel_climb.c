#include "multilevel_climb.h"

#include <math.h>
#include <string.h>

#include "multilevel_direction.h"

/* A climb ends where the Newton step is worth less than this in log-likelihood: the
 * parameters are then within 1e-8 of their standard errors. */
static const double last_gain = 1e-16;

/* Where no step grows the likelihood, rounding has the last word if the step was worth
 * less than this. */
static const double rounding_gain = 1e-7;

/* A step worth less than this share of the log-likelihood cannot be seen in it. Such are
 * taken while each is worth less than this share of the last. */
static const double polish_gain = 1e-10, polish_share = 0.25;

/* How far what a step promises may be from what is left, as a share; and its end from the
 * best one, as a share of the parameter and its unit. */
static const double agreed = 0.2, beside = 0.1;

/* A step may not make a parameter larger than this many times itself and its start. */
static const double longest_step = 20;

/* A step off a saddle, in units of the parameter. */
static const double escape_share = 0.3;

/* The least share of its promise that a step must keep. */
static const double fair_share = 0.1;

/* What is added to the information, as a share of it, where steps do not lead uphill; and
 * by what it grows and shrinks. A step that keeps `kept_share` of its promise shrinks it.
 */
static const double least_damping = 0.03, most_damping = 1e8, damping_factor = 10;
static const double kept_share = 0.5;

enum { MOST_ITERATIONS = 300, MOST_HALVINGS = 4, MOST_ESCAPES = 20 };

/* ---- evaluations ---- */

int mv_climb_is_last(const mv_multilevel *model, const mv_climb *climb,
                     const mv_point *point) {
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (point->working[i] != climb->last[i]) return 0;
  }
  return 1;
}

mv_status mv_climb_evaluate(const mv_multilevel *model, mv_multilevel_work *work,
                            mv_climb *climb, mv_point *point, double *log_lik) {
  if (!mv_climb_is_last(model, climb, point)) {
    const mv_status status = mv_multilevel_likelihood(model, work, point);
    memcpy(climb->last, point->working, sizeof(double) * (size_t)model->parameters);
    climb->evaluations++;
    climb->last_status = status;
    climb->last_log_lik = status == MV_OK ? mv_point_log_lik(model, point) : -INFINITY;
    climb->last_derived = 0;
  }
  *log_lik = climb->last_log_lik;
  return climb->last_status;
}

mv_status mv_climb_differentiate(const mv_multilevel *model, mv_multilevel_work *work,
                                 mv_climb *climb, mv_point *point) {
  if (climb->last_derived) return MV_OK;
  climb->derivatives++;
  const mv_status status = mv_multilevel_derivatives(model, work, 0, point);
  climb->last_derived = status == MV_OK;
  return status;
}

/* ---- begin and end ---- */

/* A climb that found no end; whether it matters depends on the others. */
static mv_status give_up(mv_status why, mv_climb *climb) {
  climb->failed = why;
  climb->failed_log_lik = fmax(climb->failed_log_lik, climb->base_log_lik);
  climb->phase = MV_BEGIN;
  return MV_MORE;
}

mv_status mv_climb_begin(const mv_multilevel *model, mv_multilevel_work *work,
                         mv_climb *climb, mv_point *point) {
  climb->iterations = climb->escapes = 0;
  climb->damping = 0;
  climb->polish = INFINITY;
  climb->phase = MV_DERIVE;
  const mv_status status =
      mv_climb_evaluate(model, work, climb, point, &climb->base_log_lik);
  return status == MV_OK ? MV_MORE : give_up(status, climb);
}

static mv_status end(mv_climb *climb) {
  climb->phase = MV_END;
  return MV_MORE;
}

/* Whether the climb is on its way to the best end: Newton's own step would lead beside
 * it, and promises as much as is left of the likelihood. */
static int has_joined(const mv_multilevel *model, const mv_freedom *freedom,
                      const mv_climb *climb, const mv_point *point) {
  const double left = climb->best_log_lik - climb->base_log_lik;
  const double ahead = climb->decrement / 2;
  if (climb->maxima == 0 || !climb->observed) return 0;
  if (fabs(left - ahead) > fmax(agreed * ahead, mv_same_maximum)) return 0;
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const int target = freedom->target[i];
    const double best = climb->best.working[i];
    const double next = point->working[i] + (target ? climb->step[target - 1] : 0);
    if (fabs(next - best) > beside * (fabs(best) + climb->unit[i])) return 0;
  }
  return 1;
}

/* ---- moving ---- */

/* The share of the step that keeps every parameter within reach of itself. */
static double share_of_step(const mv_multilevel *model, const mv_freedom *freedom,
                            const mv_climb *climb) {
  double share = 1;
  for (ptrdiff_t f = 0; f < freedom->count; f++) {
    if (!isfinite(climb->step[f])) return 0;
    const double at = fabs(mv_free_value(model, freedom, climb->base, f));
    const double unit = mv_free_value(model, freedom, climb->unit, f);
    const double most = longest_step * fmax(at, unit);
    const double long_ = fabs(climb->step[f]);
    if (isinf(climb->upper[f]) && long_ * share > most) share = most / long_;
  }
  return share;
}

/* Gives the share of the step that was taken. */
static double place_trial(const mv_multilevel *model, const mv_freedom *freedom,
                          const mv_climb *climb, double *working) {
  const double share = ldexp(share_of_step(model, freedom, climb), -climb->halvings);
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    const int target = freedom->target[i];
    working[i] = climb->base[i];
    if (!target) continue;
    const double next = climb->base[i] + share * climb->step[target - 1];
    working[i] = fmin(fmax(next, climb->lower[target - 1]), climb->upper[target - 1]);
  }
  return share;
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
  const double far = escape_share * mv_free_value(model, freedom, climb->unit, along);
  climb->step[along] = at >= climb->upper[along] ? -far : far;
  climb->decrement = 0;
  return 1;
}

mv_status mv_climb_derive(const mv_multilevel *model, mv_multilevel_work *work,
                          const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  const mv_status status = mv_climb_differentiate(model, work, climb, point);
  if (status != MV_OK) return give_up(status, climb);
  mv_find_direction(model, freedom, point, climb);
  if (!isfinite(climb->decrement)) return give_up(MV_NOT_FINITE, climb);
  if (climb->decrement < last_gain && !escape(model, freedom, climb, point)) {
    return end(climb);
  }
  if (climb->decrement > 0 && has_joined(model, freedom, climb, point)) {
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
  climb->damping = fmax(damping_factor * climb->damping, least_damping);
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
  const int near =
      climb->decrement < rounding && climb->decrement < polish_share * climb->polish;
  if (climb->halvings || !near || log_lik < climb->base_log_lik - rounding) return 0;
  climb->polish = climb->decrement;
  return 1;
}

/* Whether the likelihood grew, and by a fair share of what the step promised: less of it
 * may be a step to and fro. */
static int is_better(const mv_climb *climb, double log_lik, double share) {
  const double gain = log_lik - climb->base_log_lik;
  return gain > 0 && gain >= fair_share * share * climb->decrement;
}

/* A step that kept its promise is damped less the next time. */
static void take(mv_climb *climb, double log_lik, double share) {
  const double promise = share * (1 - share / 2) * climb->decrement;
  const int kept = log_lik - climb->base_log_lik >= kept_share * promise;
  const double less = climb->damping / damping_factor;
  if (kept) climb->damping = climb->damping > least_damping ? less : 0;
  climb->base_log_lik = log_lik;
  climb->phase = MV_DERIVE;
}

mv_status mv_climb_move(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  double log_lik;
  const double share = place_trial(model, freedom, climb, point->working);
  mv_climb_evaluate(model, work, climb, point, &log_lik);
  if (is_better(climb, log_lik, share) || is_polish(climb, log_lik)) {
    take(climb, log_lik, share);
    return MV_MORE;
  }
  if (climb->halvings++ < MOST_HALVINGS) return MV_MORE;
  const int tiny = climb->decrement < rounding_gain * (1 + fabs(climb->base_log_lik));
  if (!tiny && damp(model, freedom, climb, point)) return MV_MORE;
  if (!tiny) return give_up(MV_NOT_CONVERGED, climb);
  memcpy(point->working, climb->base, sizeof(double) * (size_t)model->parameters);
  return end(climb);
}
