#include <math.h>

#include "tau2.h"

/* EE, the equal-effects model: no tau2 at all. */
mv_status mv_step_none(const mv_model *model, mv_model_work *work, mv_search *search) {
  (void)model, (void)work;
  search->tau2 = 0;
  return MV_OK;
}

double mv_se_none(const mv_model *model, const mv_sums *at, const mv_sums *zero) {
  (void)model, (void)at, (void)zero;
  return NAN;
}

/* DerSimonian & Laird 1986, Control Clin Trials 7:177; with moderators Raudenbush 2009:
 *   tau2 = max(0, (Q - (k - p)) / tr P),  both at tau2 = 0. */
mv_status mv_step_dl(const mv_model *model, mv_model_work *work, mv_search *search) {
  mv_sums at;
  const mv_status status = mv_sums_at(model, 0, work, &at);
  if (status != MV_OK) return status;
  if (!isfinite(at.rss)) return MV_NOT_FINITE;
  search->evaluations = 1;
  search->tau2 = fmax(0, (at.rss - (double)(model->k - model->p)) / at.tr_p);
  return MV_OK;
}

/* From Var(Q) = 2 (k - p) + 4 tau2 tr P + 2 tau2^2 tr P^2, P at tau2 = 0
 * (Biggerstaff & Tweedie 1997, Stat Med 16:753, eq. 9 for the mean model). */
double mv_se_dl(const mv_model *model, const mv_sums *at, const mv_sums *zero) {
  const double df = (double)(model->k - model->p), t = at->tau2;
  return sqrt(2 * df + 4 * t * zero->tr_p + 2 * t * t * zero->tr_pp) / zero->tr_p;
}

/* Newton steps of this share of tau2 + v are below what rounding of Q can tell. */
static const double step_tolerance = 1e-14;

/* Q is convex and decreasing, so Newton steps from the left of the root never pass it:
 * each lands left of the root, and nearer. dQ/dtau2 = -y'P^2 y. */
mv_status mv_q_step(const mv_model *model, mv_model_work *work, double target,
                    double *tau2) {
  mv_sums at;
  const mv_status status = mv_sums_at(model, *tau2, work, &at);
  if (status != MV_OK) return status;
  if (!isfinite(at.rss) || !isfinite(at.ypp)) return MV_NOT_FINITE;
  if (at.rss <= target) return MV_OK;
  const double step = (at.rss - target) / at.ypp;
  *tau2 += step;
  if (!isfinite(*tau2)) return MV_NOT_FINITE;
  return step > step_tolerance * (*tau2 + model->v[model->pivot]) ? MV_MORE : MV_OK;
}

/* Paule & Mandel 1982, J Res Natl Bur Stand 87:377: Q(tau2) = k - p. Beside a variance
 * of 0 the search starts just above 0; a Q already too small there has its root at 0,
 * where that effect alone is the estimate. */
mv_status mv_step_pm(const mv_model *model, mv_model_work *work, mv_search *search) {
  if (search->evaluations == 0 && model->v[model->pivot] == 0) {
    search->lower = search->tau2 = 1e-12 * mv_least_squares_rss(model, work);
    if (search->lower == 0) return MV_DEGENERATE;
  }
  search->evaluations++;
  const double target = (double)(model->k - model->p);
  const mv_status status = mv_q_step(model, work, target, &search->tau2);
  if (status != MV_OK || search->lower == 0) return status;
  return search->tau2 == search->lower ? MV_DEGENERATE : MV_OK;
}

/* The estimate is also the empirical Bayes one, whose variance is
 * 2 k^2 / ((k - p) (tr W)^2) (Morris 1983, JASA 78:47). */
double mv_se_pm(const mv_model *model, const mv_sums *at, const mv_sums *zero) {
  (void)zero;
  const double k = (double)model->k;
  return sqrt(2 * k * k / (k - (double)model->p)) / at->tr_w;
}
