#include "pool.h"

#include <math.h>

#include "linalg.h"
#include "mathlib.h"

void mv_pool_layout(mv_arena *arena, ptrdiff_t p, mv_pool_work *work) {
  mv_model_layout(arena, p, &work->model);
  work->inverse = mv_arena_doubles(arena, p * p);
  work->small = mv_arena_doubles(arena, p * p);
  work->column = mv_arena_doubles(arena, p);
}

/* Higgins & Thompson 2002, Stat Med 21:1539, with the typical variance
 * (k - p) / tr P at tau2 = 0; for an equal-effects fit from Q. */
static void heterogeneity(const mv_sums *zero, int estimated, mv_pooled *pooled) {
  pooled->typical = pooled->q_df / zero->tr_p;
  if (!estimated) {
    pooled->i2 = 100 * fmax(0, (pooled->q - pooled->q_df) / pooled->q);
    pooled->h2 = pooled->q / pooled->q_df;
    if (pooled->q == 0) pooled->i2 = 0;
    return;
  }
  pooled->i2 = 100 * pooled->tau2 / (pooled->tau2 + pooled->typical);
  pooled->h2 = pooled->tau2 / pooled->typical + 1;
}

/* Knapp & Hartung 2003, Stat Med 22:2693: variances times s2 = y'Py / (k - p). The ad
 * hoc form never makes them smaller. */
static double scale_used(mv_test test, double s2) {
  if (test == MV_TEST_KNHA) return s2;
  if (test == MV_TEST_ADHOC) return fmax(1, s2);
  return 1;
}

/* From the fitted values of the pivot rows to the orthonormal columns of the design. */
static void to_orthonormal(ptrdiff_t p, const double *turn, mv_pool_work *work) {
  for (ptrdiff_t i = 0; i < p; i++) {
    work->column[i] = 0;
    for (ptrdiff_t j = 0; j < p; j++) {
      work->column[i] += turn[i * p + j] * work->model.coef[j];
    }
  }
  for (ptrdiff_t i = 0; i < p; i++) work->model.coef[i] = work->column[i];
  mv_congruence(p, turn, work->inverse, work->small);
}

/* The Wald statistic of all coefficients but the intercept. Gram-Schmidt keeps the
 * intercept's column first, so these are 0 together with the orthonormal columns'
 * coefficients after it, where the numbers are well conditioned. */
static mv_status moderator_test(ptrdiff_t p, const mv_pool_options *options,
                                mv_pool_work *work, mv_pooled *pooled) {
  const ptrdiff_t from = options->intercept >= 0, m = p - from;
  pooled->qm = pooled->qm_df1 = pooled->qm_df2 = pooled->qm_p = NAN;
  if (m == 0) return MV_OK;
  for (ptrdiff_t i = 0; i < m; i++) {
    work->column[i] = work->model.coef[i + from];
    for (ptrdiff_t j = 0; j < m; j++) {
      work->small[i * m + j] = work->inverse[(i + from) * p + j + from];
    }
  }
  const mv_status status = mv_cholesky(m, work->small, work->small);
  if (status != MV_OK) return status;
  mv_forward(m, work->small, work->column);
  double wald = 0;
  for (ptrdiff_t i = 0; i < m; i++) wald += work->column[i] * work->column[i];
  wald /= pooled->s2_used;
  pooled->qm_df1 = (double)m;
  pooled->qm_df2 = pooled->df;
  const int chi_squared = options->test == MV_TEST_Z;
  pooled->qm = chi_squared ? wald : wald / (double)m;
  pooled->qm_p = chi_squared ? mv_pchisq(wald, (double)m, 0)
                             : mv_pf(pooled->qm, (double)m, pooled->df, 0);
  return MV_OK;
}

static void tell_coefficients(ptrdiff_t p, const mv_pool_options *options,
                              const mv_pooled *pooled, const mv_pool_work *work,
                              mv_coefficients *out) {
  const double alpha = 1 - options->level;
  const int normal = options->test == MV_TEST_Z;
  const double q = normal ? mv_qnorm(1 - alpha / 2) : mv_qt(1 - alpha / 2, pooled->df);
  for (ptrdiff_t i = 0; i < p * p; i++) {
    out->vcov[i] = pooled->s2_used * work->inverse[i];
  }
  for (ptrdiff_t i = 0; i < p; i++) {
    out->beta[i] = work->model.coef[i];
    out->se[i] = sqrt(out->vcov[i * p + i]);
    out->statistic[i] = out->beta[i] / out->se[i];
    const double size = fabs(out->statistic[i]);
    out->p_value[i] = 2 * (normal ? mv_pnorm(size, 0) : mv_pt(size, pooled->df, 0));
    out->lower[i] = out->beta[i] - q * out->se[i];
    out->upper[i] = out->beta[i] + q * out->se[i];
  }
}

/* Q and what else is asked at tau2 = 0. A variance of 0 makes them infinite: NAN. */
static mv_status homogeneous(const mv_model *model, mv_pool_work *work, mv_sums *zero,
                             mv_pooled *pooled) {
  pooled->q_df = (double)(model->k - model->p);
  if (model->v[model->pivot] == 0) {
    zero->rss = zero->tr_p = zero->tr_pp = pooled->q = pooled->q_p = NAN;
    return MV_OK;
  }
  const mv_status status = mv_sums_at(model, 0, &work->model, zero);
  pooled->q = pooled->q_df > 0 ? zero->rss : 0;
  pooled->q_p = pooled->q_df > 0 ? mv_pchisq(pooled->q, pooled->q_df, 0) : NAN;
  return status;
}

static int told_finite(ptrdiff_t p, int estimated, const mv_pooled *pooled,
                       const mv_coefficients *of) {
  for (ptrdiff_t i = 0; i < p; i++) {
    if (!isfinite(of->beta[i]) || !isfinite(of->se[i])) return 0;
  }
  return isfinite(pooled->s2) && (!estimated || isfinite(pooled->tau2_se));
}

mv_status mv_pool_finish(const mv_model *model, const mv_pool_options *options,
                         const mv_search *search, mv_pool_work *work, mv_pooled *pooled,
                         mv_coefficients *coefficients) {
  const ptrdiff_t p = model->p;
  mv_sums zero, at;
  mv_status status = homogeneous(model, work, &zero, pooled);
  if (status == MV_OK) status = mv_sums_at(model, search->tau2, &work->model, &at);
  if (status != MV_OK) return status;
  const int estimated = search->estimator->step != mv_step_none;
  pooled->tau2 = search->tau2;
  pooled->tau2_se = search->estimator->se(model, &at, &zero);
  pooled->maxima = search->maxima;
  pooled->evaluations = search->evaluations;
  heterogeneity(&zero, estimated, pooled);
  pooled->log_lik_ml = mv_log_lik_ml(model, &at);
  pooled->log_lik_reml = pooled->q_df > 0 ? mv_log_lik_reml(model, &at) : NAN;
  pooled->df = options->test == MV_TEST_Z ? INFINITY : pooled->q_df;
  pooled->s2 = options->test >= MV_TEST_KNHA ? at.rss / pooled->q_df : 1;
  pooled->s2_used = scale_used(options->test, pooled->s2);
  mv_cholesky_inverse(p, work->model.chol, work->inverse);
  if (model->design) to_orthonormal(p, model->design->turn, work);
  status = moderator_test(p, options, work, pooled);
  if (status != MV_OK) return status;
  if (model->design) {
    mv_solve_upper(p, model->design->r, work->model.coef);
    mv_solve_upper_both(p, model->design->r, work->inverse);
  }
  tell_coefficients(p, options, pooled, work, coefficients);
  return told_finite(p, estimated, pooled, coefficients) ? MV_OK : MV_NOT_FINITE;
}
