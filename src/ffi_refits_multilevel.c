#include <string.h>

#include "calls.h"
#include "core/linalg.h"
#include "ffi_multilevel.h"
#include "ffi_refits.h"

/* In the order of refit_numbers in R/refits.R. */
enum { N_ML, N_REML, N_Q, N_TRACE, N_EVALUATIONS, N_FLAT, N_NUMBERS };

typedef struct {
  mv_session *session, *part; /* all rows; those of a refit */
  const mv_refit_plan *plan;
  mv_freedom freedom;
  int restricted;
  mv_split split;
  mv_subset subset;
  mv_known_turn known;
  mv_outside outside;
  mv_whole whole;
  double *dvcov, *beta, *vcov;
} refits;

static void carve_refits(refits *of) {
  const mv_problem *problem = &of->session->problem;
  const ptrdiff_t p = problem->p, m = of->session->model.parameters;
  const ptrdiff_t most = of->plan->outside ? mv_largest_cluster(of->plan, problem->k) : 0;
  of->part = (mv_session *)R_alloc(1, sizeof *of->part);
  int *place = NULL;
  mv_arena arena = {NULL, 0};
  for (int run = 0; run < 2; run++) {
    mv_split_layout(&arena, problem->k, &of->split);
    place = mv_arena_bytes(&arena, sizeof *place * (size_t)problem->k);
    mv_subset_layout(&arena, problem, &of->subset);
    mv_outside_layout(&arena, most, p, &of->outside);
    mv_whole_layout(&arena, p, &of->whole);
    of->beta = mv_arena_doubles(&arena, p);
    of->vcov = mv_arena_doubles(&arena, p * p);
    of->dvcov = mv_arena_doubles(&arena, m * p * p);
    if (run == 0) arena = carve(arena);
  }
  of->whole.turn = of->session->turn;
  mv_linked_places(&of->session->blocks, place);
  of->known = (mv_known_turn){&of->session->blocks, of->split.row, place};
}

/* The likelihood at given parameters. */
static mv_status evaluate(mv_session *session, const double *working) {
  memcpy(session->point.working, working,
         sizeof *working * (size_t)session->model.parameters);
  return mv_multilevel_likelihood(&session->model, &session->work, &session->point);
}

/* Where no parameter is free there is nothing to search. */
static mv_status stay(refits *of) {
  mv_session *part = of->part;
  mv_status status = evaluate(part, of->freedom.start);
  if (status == MV_OK && of->plan->slopes) {
    status = mv_multilevel_derivatives(&part->model, &part->work, 0, &part->point);
  }
  return status;
}

/* From the start given; where that leads nowhere, by the whole search. */
static mv_status climb(refits *of) {
  mv_session *part = of->part;
  mv_status status = mv_run_climb(part, &of->freedom);
  if (status == MV_OK || !of->freedom.warm) return status;
  mv_freedom cold = of->freedom;
  cold.warm = 0;
  return mv_run_climb(part, &cold);
}

static mv_status refit(refits *of, ptrdiff_t at) {
  const mv_problem *whole = &of->session->problem;
  mv_session *part = of->part;
  mv_split_at(whole->k, of->plan->cluster, of->plan->rule, (int)at + 1, &of->split);
  if (of->split.kept <= whole->p) return MV_TOO_FEW;
  mv_subset_take(whole, &of->split, &of->subset);
  memset(part, 0, sizeof *part);
  part->problem = of->subset.problem;
  part->known = &of->known;
  mv_open_problem(part, of->subset.y, of->subset.x, of->restricted);
  if (part->status != MV_OK) return part->status;
  return of->freedom.count ? climb(of) : stay(of);
}

/* A parameter that no row knows of any more keeps its start, which says nothing. */
static void tell_theta(const refits *of, mv_refits_told *told, ptrdiff_t at) {
  const mv_point *point = &of->part->point;
  const ptrdiff_t m = told->m;
  double *theta = told->theta + at * m;
  mv_to_natural(&of->part->problem, point->working, theta);
  for (ptrdiff_t i = 0; i < m; i++) {
    const int unknown = of->freedom.target[i] && point->working[i] != 0 &&
                        point->expected[i * m + i] == 0 && point->average[i * m + i] == 0;
    if (unknown) theta[i] = NA_REAL;
  }
}

/* Matrices by each parameter, in the given columns of the design. */
static void tell_slopes(const refits *of, mv_refits_told *told, ptrdiff_t at) {
  const ptrdiff_t p = told->p, m = told->m;
  double *to = told->dvcov + at * m * p * p;
  memcpy(told->information + at * m * m, of->part->point.expected,
         sizeof(double) * (size_t)(m * m));
  memcpy(to, of->dvcov, sizeof *to * (size_t)(m * p * p));
  for (ptrdiff_t i = 0; i < m; i++) {
    mv_solve_upper_both(p, of->whole.turn.r, to + i * p * p);
  }
}

static void tell_refit(refits *of, mv_refits_told *told, ptrdiff_t at) {
  const ptrdiff_t p = told->p, m = told->m;
  const mv_problem *problem = &of->session->problem;
  mv_session *part = of->part;
  mv_point *point = &part->point;
  double *numbers = told->numbers + at * N_NUMBERS;
  mv_tell_point(p, of->plan->slopes ? m : 0, &part->turn, point, of->whole.space,
                of->beta, of->vcov, of->dvcov);
  mv_tell_coefficients(told, at, &of->whole, of->beta, of->vcov);
  tell_theta(of, told, at);
  if (of->plan->slopes) tell_slopes(of, told, at);
  numbers[N_ML] = point->log_lik_ml;
  numbers[N_REML] = point->log_lik_reml;
  numbers[N_EVALUATIONS] = part->climb.evaluations;
  numbers[N_FLAT] = part->climb.flat;
  if (of->plan->outside) {
    mv_outside_multilevel(problem, point->working, &of->split, &of->outside);
    mv_outside_finish(p, problem->y, problem->x, of->beta, of->vcov, &of->split,
                      &of->outside);
    mv_tell_outside(told, at, &of->split, &of->outside);
  }
  if (of->plan->whole && evaluate(of->session, point->working) == MV_OK) {
    mv_whole_se(p, &of->whole, of->session->point.vcov, 1, told->se_whole + at * p);
  }
  if (of->plan->homogeneous) {
    mv_homogeneous(&part->model, &part->work, point, &numbers[N_Q], &numbers[N_TRACE]);
  }
}

static void run_refits(refits *of, mv_refits_told *told) {
  const ptrdiff_t p = told->p;
  for (ptrdiff_t at = 0; at < told->count; at++) {
    void *const memory = vmaxget();
    const mv_status status = refit(of, at);
    mv_tell_status(told, at, status);
    if (status == MV_OK) tell_refit(of, told, at);
    if (status == MV_RANK_DEFICIENT) {
      memcpy(told->aliased + at * p, of->part->turn.aliased, sizeof(int) * (size_t)p);
    }
    vmaxset(memory);
    R_CheckUserInterrupt();
  }
}

/* theta: natural parameters of the fit to all rows; target as in mv_multilevel_fit(), all
 * 0 to keep them. warm: climb from theta, else by the whole search. */
SEXP mv_refits_multilevel(SEXP problem, SEXP target, SEXP theta, SEXP warm,
                          SEXP restricted, SEXP plan) {
  refits of = {.restricted = view_logicals(restricted, 1, "restricted")[0]};
  of.session = mv_open_session(problem, of.restricted);
  const ptrdiff_t k = of.session->problem.k, p = of.session->problem.p;
  const ptrdiff_t m = mv_problem_parameters(&of.session->problem);
  const mv_refit_plan seen = mv_view_refits(plan, k);
  double *working = (double *)R_alloc((size_t)m + 1, sizeof *working);
  of.plan = &seen;
  of.freedom = (mv_freedom){view_ints(target, m, "target"), 0, working,
                            view_logicals(warm, 1, "warm")[0]};
  for (ptrdiff_t i = 0; i < m; i++) {
    if (of.freedom.target[i] > of.freedom.count) of.freedom.count = of.freedom.target[i];
  }
  mv_status status = of.session->status;
  if (status == MV_OK) {
    status =
        mv_to_working(&of.session->problem, view_doubles(theta, m, "theta"), working);
  }
  if (status == MV_OK) status = evaluate(of.session, working);
  if (status != MV_OK) Rf_error("internal: a fit that cannot be opened; please report");
  carve_refits(&of);
  mv_whole_set(p, of.session->point.beta, of.session->point.vcov, &of.whole);
  mv_refits_told told = mv_refits_open(k, p, m, N_NUMBERS, &seen);
  PROTECT(told.list);
  run_refits(&of, &told);
  UNPROTECT(1);
  return told.list;
}
