#include <math.h>
#include <string.h>

#include "calls.h"
#include "ffi_pool.h"
#include "ffi_refits.h"

/* Refits of independent effects. */
typedef struct {
  ptrdiff_t k, p;
  double *y, *x; /* of all rows: turned, or y and a column of ones */
  const double *v;
  mv_design *design;       /* of all rows; NULL: a column of ones */
  mv_model model;          /* of all rows */
  double *part_y, *part_v; /* of a refit */
  mv_design *part_design;
  const mv_estimator *estimator;
  double tau2; /* NAN: to be estimated */
  mv_pool_options options, as_z;
  mv_pool_work work;
  mv_pooled pooled;
  mv_coefficients found;
  mv_split split;
  mv_outside outside;
  mv_whole whole;
} refits;

static void layout_coefficients(mv_arena *arena, ptrdiff_t p, mv_coefficients *to) {
  double **each[] = {&to->beta,    &to->se,    &to->statistic,
                     &to->p_value, &to->lower, &to->upper};
  for (int i = 0; i < 6; i++) *each[i] = mv_arena_doubles(arena, p);
  to->vcov = mv_arena_doubles(arena, p * p);
}

static void carve_refits(refits *of, ptrdiff_t most) {
  const ptrdiff_t k = of->k, p = of->p;
  mv_arena arena = {NULL, 0};
  for (int run = 0; run < 2; run++) {
    of->y = mv_arena_doubles(&arena, k);
    of->x = mv_arena_doubles(&arena, k * p);
    of->part_y = mv_arena_doubles(&arena, k);
    of->part_v = mv_arena_doubles(&arena, k);
    mv_turn_layout(&arena, p, &of->whole.turn);
    mv_whole_layout(&arena, p, &of->whole);
    layout_coefficients(&arena, p, &of->found);
    mv_split_layout(&arena, k, &of->split);
    mv_outside_layout(&arena, most, p, &of->outside);
    if (run == 0) arena = carve(arena);
  }
  of->work = mv_carve_pool(p);
}

/* A column of ones is left as it is; other designs are turned once, so that a change of
 * the coefficients does not cancel in columns far from orthogonal. */
static mv_status set_rows(refits *of, const double *yi, SEXP x) {
  const ptrdiff_t k = of->k, p = of->p;
  mv_turn *turn = &of->whole.turn;
  memcpy(of->y, yi, sizeof *yi * (size_t)k);
  if (Rf_isNull(x)) {
    for (ptrdiff_t i = 0; i < k; i++) of->x[i] = 1;
    turn->r[0] = 1;
    turn->offset[0] = 0;
    return MV_OK;
  }
  copy_by_rows(view_doubles(x, k * p, "x"), k, p, of->x);
  of->design = mv_carve_design(k, p);
  of->part_design = mv_carve_design(k, p);
  const mv_status status = mv_turn_design(k, p, of->x, of->y, turn);
  if (status != MV_OK) return status;
  memcpy(of->design->x, of->x, sizeof(double) * (size_t)(k * p));
  return mv_prepare_design(k, p, of->v, of->design);
}

/* Fits a model by the options at tau2, or at the estimate where that is NAN. */
static mv_status fit(refits *of, const mv_model *model, const mv_pool_options *options,
                     double tau2) {
  mv_search search;
  mv_status status = MV_OK;
  mv_tau2_start(of->estimator, &search);
  if (isnan(tau2)) {
    status = mv_run_tau2(model, &of->work, &search);
  } else {
    search.tau2 = tau2;
  }
  if (status != MV_OK) return status;
  return mv_pool_finish(model, options, &search, &of->work, &of->pooled, &of->found);
}

static mv_status refit(refits *of, const mv_refit_plan *plan, ptrdiff_t at) {
  const ptrdiff_t p = of->p;
  mv_status status = MV_OK;
  mv_split_at(of->k, plan->cluster, plan->rule, (int)at + 1, &of->split);
  const ptrdiff_t kept = of->split.kept;
  const int knows_tau2 = strcmp(of->estimator->name, "EE") == 0 || !isnan(of->tau2);
  const int least = knows_tau2 && of->options.test == MV_TEST_Z ? 0 : 1;
  if (kept < p + least) return MV_TOO_FEW;
  mv_split_rows(of->k, 1, of->y, &of->split, of->part_y);
  mv_split_rows(of->k, 1, of->v, &of->split, of->part_v);
  if (of->part_design) {
    mv_split_rows(of->k, p, of->x, &of->split, of->part_design->x);
    status = mv_prepare_design(kept, p, of->part_v, of->part_design);
  }
  if (status != MV_OK) return status;
  const mv_model model = mv_model_of(kept, p, of->part_y, of->part_v, of->part_design);
  return fit(of, &model, &of->options, of->tau2);
}

static void tell_refit(refits *of, const mv_refit_plan *plan, mv_refits_told *told,
                       ptrdiff_t at) {
  const double scale = of->pooled.s2_used;
  memcpy(told->numbers + at * MV_POOLED_COUNT, &of->pooled, sizeof of->pooled);
  told->theta[at] = of->pooled.tau2;
  mv_tell_coefficients(told, at, &of->whole, of->found.beta, of->found.vcov);
  if (plan->outside) {
    mv_outside_independent(of->v, of->pooled.tau2, scale, &of->split, &of->outside);
    mv_outside_finish(of->p, of->y, of->x, of->found.beta, of->found.vcov, &of->split,
                      &of->outside);
    mv_tell_outside(told, at, &of->split, &of->outside);
  }
  if (plan->whole && fit(of, &of->model, &of->as_z, of->pooled.tau2) == MV_OK) {
    mv_whole_se(of->p, &of->whole, of->found.vcov, scale, told->se_whole + at * of->p);
  }
}

static void run_refits(refits *of, const mv_refit_plan *plan, mv_refits_told *told) {
  const ptrdiff_t p = of->p;
  for (ptrdiff_t at = 0; at < told->count; at++) {
    const mv_status status = refit(of, plan, at);
    mv_tell_status(told, at, status);
    if (status == MV_OK) tell_refit(of, plan, told, at);
    if (status == MV_RANK_DEFICIENT) {
      memcpy(told->aliased + at * p, of->part_design->aliased, sizeof(int) * (size_t)p);
    }
    R_CheckUserInterrupt();
  }
}

/* As mv_pool(); tau2: NA to be estimated in each refit. */
SEXP mv_refits_pool(SEXP yi, SEXP vi, SEXP x, SEXP intercept, SEXP method, SEXP test,
                    SEXP level, SEXP tau2, SEXP plan) {
  refits of = {.k = XLENGTH(yi), .p = Rf_isNull(x) ? 1 : Rf_ncols(x)};
  const mv_refit_plan seen = mv_view_refits(plan, of.k);
  of.v = view_doubles(vi, of.k, "vi");
  of.estimator = mv_estimator_find(take_word(method, "method"));
  if (!of.estimator) Rf_error("internal: unknown method; please report this");
  of.options = of.as_z = mv_view_pool_options(intercept, test, level);
  of.as_z.test = MV_TEST_Z;
  carve_refits(&of, seen.outside ? mv_largest_cluster(&seen, of.k) : 0);
  mv_status status = set_rows(&of, view_doubles(yi, of.k, "yi"), x);
  of.model = mv_model_of(of.k, of.p, of.y, of.v, of.design);
  of.tau2 = take_double(tau2, "tau2");
  if (status == MV_OK) status = fit(&of, &of.model, &of.options, of.tau2);
  if (status == MV_OK)
    status = mv_whole_set(of.p, of.found.beta, of.found.vcov, &of.whole);
  if (status != MV_OK) Rf_error("internal: a fit that cannot be opened; please report");
  mv_refits_told told = mv_refits_open(of.k, of.p, 1, MV_POOLED_COUNT, &seen);
  PROTECT(told.list);
  run_refits(&of, &seen, &told);
  UNPROTECT(1);
  return told.list;
}
