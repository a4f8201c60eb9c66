#include "multilevel_search.h"

#include <math.h>

#include "multilevel_climb.h"
#include "multilevel_direction.h"
#include "multilevel_starts.h"

/* ---- layout ---- */

void mv_climb_layout(mv_arena *arena, const mv_problem *problem, mv_climb *climb) {
  const ptrdiff_t n = mv_problem_parameters(problem);
  double **vectors[] = {&climb->last,  &climb->unit,   &climb->base,
                        &climb->step,  &climb->lower,  &climb->upper,
                        &climb->score, &climb->solved, &climb->size};
  climb->values = mv_arena_doubles(arena, 3 * n);
  for (int i = 0; i < 9; i++) *vectors[i] = mv_arena_doubles(arena, n);
  mv_point_layout(arena, problem->p, n, &climb->best);
  climb->information = mv_arena_doubles(arena, n * n);
  climb->matrix = mv_arena_doubles(arena, n * n);
  climb->chol = mv_arena_doubles(arena, n * n);
  climb->held = mv_arena_ints(arena, n);
}

void mv_climb_start(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb) {
  climb->phase = MV_BEGIN;
  climb->candidates = mv_count_starts(model->blocks->problem, freedom);
  climb->candidate = 0;
  climb->evaluations = climb->derivatives = climb->iterations = climb->maxima = 0;
  climb->best_log_lik = climb->failed_log_lik = -INFINITY;
  climb->failed = MV_OK;
  climb->turned = climb->lowered = 0;
  climb->flat = climb->last_derived = climb->best_derived = 0;
  climb->last[0] = NAN;
  climb->to_explain = mv_moment_start(model->blocks->problem);
  mv_start_units(model->blocks->problem, climb);
  mv_free_bounds(model, freedom, climb);
}

/* ---- climbs ---- */

/* The next place to climb from, in `working`; 0 where none is left. */
static int next_place(const mv_multilevel *model, const mv_freedom *freedom,
                      mv_climb *climb, double *working) {
  const int enough = climb->maxima > 0 && model->blocks->problem->k > MV_MANY_ROWS;
  while (climb->candidate < climb->candidates && !enough) {
    const ptrdiff_t candidate = climb->candidate++;
    if (!mv_is_start(model, freedom, candidate)) continue;
    mv_place_start(model, freedom, candidate, climb, working);
    return 1;
  }
  if (climb->maxima == 0) return 0;
  return mv_turn_one(model, freedom, climb, working) ||
         mv_lower_one(model, freedom, climb, working);
}

static mv_status begin(const mv_multilevel *model, mv_multilevel_work *work,
                       const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  if (next_place(model, freedom, climb, point->working)) {
    return mv_climb_begin(model, work, climb, point);
  }
  if (climb->maxima == 0) return climb->failed == MV_OK ? MV_NOT_FINITE : climb->failed;
  if (climb->failed_log_lik > climb->best_log_lik + mv_same_maximum) return climb->failed;
  mv_point_copy(model->blocks->problem->p, model->parameters, &climb->best, point);
  climb->phase = MV_FINISH;
  return MV_MORE;
}

/* The end of a climb, at `point` with its likelihood in base_log_lik. */
static mv_status end_climb(const mv_multilevel *model, mv_climb *climb,
                           const mv_point *point) {
  const double gain = climb->base_log_lik - climb->best_log_lik;
  if (climb->maxima == 0 || fabs(gain) > mv_same_maximum) climb->maxima++;
  if (gain > mv_same_maximum) climb->turned = climb->lowered = 0;
  if (gain > 0) {
    climb->best_log_lik = climb->base_log_lik;
    climb->best_derived = climb->last_derived && mv_climb_is_last(model, climb, point);
    mv_point_copy(model->blocks->problem->p, model->parameters, point, &climb->best);
  }
  climb->phase = MV_BEGIN;
  return MV_MORE;
}

/* ---- the best end ---- */

static mv_status rederive(const mv_multilevel *model, mv_multilevel_work *work,
                          mv_climb *climb, mv_point *point) {
  double log_lik;
  const mv_status status = mv_climb_evaluate(model, work, climb, point, &log_lik);
  return status == MV_OK ? mv_climb_differentiate(model, work, climb, point) : status;
}

/* Where the information is singular it can be that of a singular G, which a Cholesky
 * factor writes in many ways. What the data can tell does not depend on G: it is looked
 * at where G is regular. */
static int is_flat_elsewhere(const mv_multilevel *model, mv_multilevel_work *work,
                             const mv_freedom *freedom, mv_climb *climb,
                             mv_point *point) {
  if (!mv_place_regular(model, freedom, climb, point->working)) return 1;
  const mv_status status = rederive(model, work, climb, point);
  const int flat = status != MV_OK || mv_is_flat(model, freedom, point, climb);
  mv_point_copy(model->blocks->problem->p, model->parameters, &climb->best, point);
  return flat;
}

static mv_status finish(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  if (!climb->best_derived) {
    const mv_status status = rederive(model, work, climb, point);
    if (status != MV_OK) return status;
    mv_point_copy(model->blocks->problem->p, model->parameters, point, &climb->best);
  }
  climb->damping = 0;
  mv_find_direction(model, freedom, point, climb);
  const double gain = climb->decrement;
  climb->flat = mv_is_flat(model, freedom, point, climb) &&
                is_flat_elsewhere(model, work, freedom, climb, point);
  climb->decrement = gain;
  return MV_OK;
}

mv_status mv_climb_step(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point) {
  switch (climb->phase) {
    case MV_END:
      return end_climb(model, climb, point);
    case MV_BEGIN:
      return begin(model, work, freedom, climb, point);
    case MV_DERIVE:
      return mv_climb_derive(model, work, freedom, climb, point);
    case MV_MOVE:
      return mv_climb_move(model, work, freedom, climb, point);
    default:
      return finish(model, work, freedom, climb, point);
  }
}
