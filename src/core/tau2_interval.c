#include "tau2_interval.h"

#include "mathlib.h"
#include "tau2.h"

mv_status mv_q_profile_start(const mv_model *model, double level, mv_q_profile *profile) {
  const double df = (double)(model->k - model->p), alpha = 1 - level;
  if (df < 1) return MV_TOO_FEW;
  profile->lower = profile->upper = 0;
  profile->target[0] = mv_qchisq(1 - alpha / 2, df);
  profile->target[1] = mv_qchisq(alpha / 2, df);
  profile->end = 0;
  return MV_OK;
}

mv_status mv_q_profile_step(const mv_model *model, mv_model_work *work,
                            mv_q_profile *profile) {
  double *end = profile->end == 0 ? &profile->lower : &profile->upper;
  const mv_status status = mv_q_step(model, work, profile->target[profile->end], end);
  if (status != MV_OK) return status;
  if (profile->end++ == 1) return MV_OK;
  profile->upper = profile->lower; /* left of the upper root, so a start for it */
  return MV_MORE;
}
