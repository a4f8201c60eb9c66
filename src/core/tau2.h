/* The between-study variance tau2, by several estimators. A new estimator is one step
 * function and one row of the table in tau2.c.
 *
 * An estimate is a run of steps, each about one pass over the data, so that the caller
 * can stop between them. */
#ifndef MV_TAU2_H
#define MV_TAU2_H

#include "model.h"
#include "status.h"

typedef struct mv_search mv_search;

typedef struct {
  const char *name;
  mv_status (*step)(const mv_model *model, mv_model_work *work, mv_search *search);
  /* the standard error of the estimate, from the sums there and at tau2 = 0 */
  double (*se)(const mv_model *model, const mv_sums *at, const mv_sums *at_zero);
} mv_estimator;

/* NULL where there is no estimator of that name; row by row for `index` < count. */
const mv_estimator *mv_estimator_find(const char *name);
const mv_estimator *mv_estimator_at(int index, int *count);

/* What a stationary point of the likelihood is bracketed by. */
typedef struct {
  double tau2;
  double fall, fall2; /* y'P^2 y, y'P^3 y: both decrease in tau2 */
  double rise, rise2; /* tr P and tr P^2 (REML), tr W and tr W^2 (ML): so do these */
} mv_node;

typedef struct {
  mv_node left, right;
  int single; /* proved to hold exactly one stationary point, a maximum */
  int steps;  /* taken inside it */
} mv_bracket;

enum { MV_BRACKETS = 128 };

struct mv_search {
  const mv_estimator *estimator;
  double tau2;     /* the estimate when done, the last iterate before */
  double log_lik;  /* of the best maximum so far; ML and REML */
  double lower;    /* the smallest tau2 looked at: 0, unless a variance is 0 */
  int maxima;      /* local maxima of the likelihood */
  int evaluations; /* passes over the data */
  int open;        /* brackets on the stack */
  mv_bracket bracket[MV_BRACKETS];
};

void mv_tau2_start(const mv_estimator *estimator, mv_search *search);

/* MV_MORE until done. Needs k >= p + 1, for EE k >= p (MV_TOO_FEW otherwise). A variance
 * of zero is allowed for ML, REML and PM only. */
mv_status mv_tau2_step(const mv_model *model, mv_model_work *work, mv_search *search);

/* The root of Q(tau2) = target, Q(tau2) = y'Py: unique, for Q decreases. One Newton step
 * from *tau2, a value at or left of the root: MV_MORE while it moves to the right. Where
 * Q is not above the target at the first call, *tau2 stays. */
mv_status mv_q_step(const mv_model *model, mv_model_work *work, double target,
                    double *tau2);

/* ---- tau2_moment.c, tau2_likelihood.c */
mv_status mv_step_none(const mv_model *, mv_model_work *, mv_search *);
mv_status mv_step_dl(const mv_model *, mv_model_work *, mv_search *);
mv_status mv_step_pm(const mv_model *, mv_model_work *, mv_search *);
mv_status mv_step_ml(const mv_model *, mv_model_work *, mv_search *);
mv_status mv_step_reml(const mv_model *, mv_model_work *, mv_search *);
double mv_se_none(const mv_model *, const mv_sums *, const mv_sums *);
double mv_se_dl(const mv_model *, const mv_sums *, const mv_sums *);
double mv_se_pm(const mv_model *, const mv_sums *, const mv_sums *);
double mv_se_ml(const mv_model *, const mv_sums *, const mv_sums *);
double mv_se_reml(const mv_model *, const mv_sums *, const mv_sums *);

#endif
