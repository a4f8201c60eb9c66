/* The pooled estimate: coefficients, their tests, and heterogeneity. */
#ifndef MV_POOL_H
#define MV_POOL_H

#include "model.h"
#include "tau2.h"

typedef enum { MV_TEST_Z, MV_TEST_T, MV_TEST_KNHA, MV_TEST_ADHOC } mv_test;

typedef struct {
  mv_test test;
  double level;        /* of the intervals, 0.95 */
  ptrdiff_t intercept; /* its column, the first: 0; -1: none */
} mv_pool_options;

/* One number each; NAN where the quantity is not defined for the fit. */
typedef struct {
  double tau2, tau2_se;
  double s2, s2_used; /* Knapp-Hartung scale: as found, as used; 1 for z and t */
  double df;          /* of the coefficients' tests; infinite for z */
  double q, q_df, q_p;
  double qm, qm_df1, qm_df2, qm_p; /* all coefficients but the intercept */
  double typical;                  /* sampling variance, (k - p) / tr P at tau2 = 0 */
  double i2, h2;                   /* i2 in percent */
  double log_lik_ml, log_lik_reml;
  double maxima, evaluations;
} mv_pooled;

enum { MV_POOLED_COUNT = sizeof(mv_pooled) / sizeof(double) };

/* One value a coefficient; vcov p x p. The caller's memory. */
typedef struct {
  double *beta, *se, *statistic, *p_value, *lower, *upper, *vcov;
} mv_coefficients;

typedef struct {
  mv_model_work model;
  double *inverse; /* p x p: (X'WX)^-1 */
  double *small;   /* p x p */
  double *column;  /* p */
} mv_pool_work;

void mv_pool_layout(mv_arena *arena, ptrdiff_t p, mv_pool_work *work);

/* All of the fit once tau2 is known (tau2_step has answered MV_OK). */
mv_status mv_pool_finish(const mv_model *model, const mv_pool_options *options,
                         const mv_search *search, mv_pool_work *work, mv_pooled *pooled,
                         mv_coefficients *coefficients);

#endif
