#include "model.h"

#include <math.h>

#include "model_sums.h"

static const double log_2pi = 1.8378770664093454835606594728112;

void mv_model_layout(mv_arena *arena, ptrdiff_t p, mv_model_work *work) {
  work->chol = mv_arena_doubles(arena, p * p);
  work->gwg = mv_arena_doubles(arena, p * p);
  work->gw2g = mv_arena_doubles(arena, p * p);
  work->gw3g = mv_arena_doubles(arena, p * p);
  work->coef = mv_arena_doubles(arena, p);
  work->weight = mv_arena_doubles(arena, p);
  work->z = mv_arena_doubles(arena, p);
  work->column = mv_arena_doubles(arena, p);
}

mv_model mv_model_of(ptrdiff_t k, ptrdiff_t p, const double *y, const double *v,
                     const mv_design *design) {
  ptrdiff_t pivot = 0;
  for (ptrdiff_t i = 1; i < k; i++) {
    if (v[i] < v[pivot]) pivot = i;
  }
  return (mv_model){k, p, y, v, design, pivot};
}

mv_status mv_sums_at(const mv_model *model, double tau2, mv_model_work *work,
                     mv_sums *sums) {
  sums->tau2 = tau2;
  return model->design ? mv_sums_of_design(model, tau2, work, sums)
                       : mv_sums_of_mean(model, tau2, work, sums);
}

double mv_least_squares_rss(const mv_model *model, mv_model_work *work) {
  if (!model->design) return mv_rss_of_mean(model);
  mv_sums flat;
  const mv_status status = mv_sums_of_design(model, INFINITY, work, &flat);
  return status == MV_OK ? flat.rss : NAN;
}

static double log_variances(const mv_model *model, double tau2) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) sum += log(model->v[i] + tau2);
  return sum;
}

double mv_log_lik_ml(const mv_model *model, const mv_sums *sums) {
  const double k = (double)model->k;
  return -0.5 * (k * log_2pi + log_variances(model, sums->tau2) + sums->rss);
}

double mv_log_lik_reml(const mv_model *model, const mv_sums *sums) {
  const double df = (double)(model->k - model->p);
  return -0.5 *
         (df * log_2pi + log_variances(model, sums->tau2) + sums->log_det + sums->rss);
}
