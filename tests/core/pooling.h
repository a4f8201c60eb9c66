/* What the tests of the pooling core share: a model opened on heap memory of exactly
 * the size its layout measured, searches run to their end, and one published data set. */
#ifndef POOLING_H
#define POOLING_H

#include <string.h>

#include "check.h"
#include "linalg.h"
#include "pool.h"
#include "random_sets.h"
#include "tau2.h"
#include "tau2_interval.h"

/* A search that takes more steps than this hangs. */
enum { MOST_SEARCH_STEPS = 100000 };

typedef struct {
  mv_model model;
  mv_design design;
  mv_arena arena, design_arena;
  mv_pool_work work;
} pooling;

/* `x` is copied, for it is rewritten; NULL for a column of ones. */
static inline mv_status pooling_open(pooling *at, int k, int p, const double *y,
                                     const double *v, const double *x) {
  mv_status status = MV_OK;
  at->arena = at->design_arena = (mv_arena){NULL, 0};
  mv_pool_layout(&at->arena, p, &at->work);
  at->arena = check_carve(at->arena);
  mv_pool_layout(&at->arena, p, &at->work);
  mv_design_layout(&at->design_arena, k, p, &at->design);
  at->design_arena = check_carve(at->design_arena);
  mv_design_layout(&at->design_arena, k, p, &at->design);
  if (x) {
    memcpy(at->design.x, x, (size_t)(k * p) * sizeof *x);
    status = MV_MORE;
    for (ptrdiff_t step = 0; status == MV_MORE; step++) {
      status = mv_design_step(k, p, v, step, &at->design);
    }
  }
  at->model = mv_model_of(k, p, y, v, x ? &at->design : NULL);
  return status;
}

/* A set of one column is opened without its design. */
static inline mv_status pooling_open_set(pooling *at, const random_set *set) {
  return pooling_open(at, set->k, set->p, set->y, set->v, set->p == 1 ? NULL : set->x);
}

static inline void pooling_close(pooling *at) {
  check_free(&at->arena);
  check_free(&at->design_arena);
}

static inline mv_status pooling_search(pooling *at, const char *method,
                                       mv_search *search) {
  mv_tau2_start(mv_estimator_find(method), search);
  mv_status status = MV_MORE;
  for (int i = 0; status == MV_MORE && i < MOST_SEARCH_STEPS; i++) {
    status = mv_tau2_step(&at->model, &at->work.model, search);
  }
  return status;
}

static inline mv_status pooling_q_profile(pooling *at, double level,
                                          mv_q_profile *profile) {
  mv_status status = mv_q_profile_start(&at->model, level, profile);
  if (status != MV_OK) return status;
  status = MV_MORE;
  for (int i = 0; status == MV_MORE && i < MOST_SEARCH_STEPS; i++) {
    status = mv_q_profile_step(&at->model, &at->work.model, profile);
  }
  return status;
}

static inline mv_status pooling_sums(pooling *at, double tau2, mv_sums *sums) {
  return mv_sums_at(&at->model, tau2, &at->work.model, sums);
}

/* tau2 of one method on effects without moderators; NAN where there is a status. */
static inline double pooling_tau2(const char *method, int k, const double *y,
                                  const double *v) {
  pooling at;
  mv_search search;
  pooling_open(&at, k, 1, y, v, NULL);
  const mv_status status = pooling_search(&at, method, &search);
  pooling_close(&at);
  return status == MV_OK ? search.tau2 : (double)NAN;
}

/* Effects on which Fisher scoring from a moment estimate cycles. */
enum { TEN = 10 };
static const double ten_y[TEN] = {1.30, 1.94, 0.70, 0.36, 1.31,
                                  0.46, 1.24, 0.71, 0.35, 0.77};
static const double ten_v[TEN] = {.640, .421, .992, .058, .756,
                                  .634, .79,  .596, .457, .935};

/* Log risk ratios of BCG against tuberculosis and the distance from the equator:
 * metafor 5.2-1, escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
 * data = dat.bcg), R 4.2.2. */
enum { BCG = 13 };
static const double bcg_y[BCG] = {
    -0.88931133392020545, -1.5853886572014306,  -1.3480731482996933,
    -1.4415511900213054,  -0.21754732221129558, -0.78611558581886398,
    -1.6208982235983918,  0.011952333523840508, -0.4694176487381494,
    -1.3713448034727844,  -0.33935882833839059, 0.44591340057137874,
    -0.017313948216879815};
static const double bcg_v[BCG] = {
    0.32558476500396133,  0.19458112139814385,   0.41536796536796539,
    0.020010031902247573, 0.051210172169630863,  0.0069056184559087574,
    0.22301724757231517,  0.0039615792978177295, 0.056434210463248966,
    0.07302479361302891,  0.01241221397155972,   0.53250584520015276,
    0.071404659683986293};
static const double bcg_latitude[2 * BCG] = {1,  44, 1,  55, 1,  42, 1,  52, 1,
                                             13, 1,  44, 1,  19, 1,  13, 1,  27,
                                             1,  42, 1,  18, 1,  33, 1,  33};

#endif
