/* Confidence intervals for tau2. */
#ifndef MV_TAU2_INTERVAL_H
#define MV_TAU2_INTERVAL_H

#include "model.h"
#include "status.h"

typedef struct {
  double lower, upper;
  double target[2]; /* chi-squared quantiles: of the lower end, of the upper */
  int end;          /* which is sought now; 2: done */
} mv_q_profile;

/* The interval of all tau2 that the generalised Q test does not reject at `level`
 * (Viechtbauer 2007, Stat Med 26:37): Q(tau2) is chi-squared with k - p degrees of
 * freedom, and decreases, so each end is one root; an end is 0 where Q(0) is already
 * below its quantile. Both ends 0: the effects vary less than chance alone explains.
 * Needs k > p and every variance positive. */
mv_status mv_q_profile_start(const mv_model *model, double level, mv_q_profile *profile);
mv_status mv_q_profile_step(const mv_model *model, mv_model_work *work,
                            mv_q_profile *profile);

#endif
