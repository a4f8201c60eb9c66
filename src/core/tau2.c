#include "tau2.h"

#include <math.h>
#include <string.h>

static const mv_estimator estimators[] = {
    {"EE", mv_step_none, mv_se_none},   {"DL", mv_step_dl, mv_se_dl},
    {"PM", mv_step_pm, mv_se_pm},       {"ML", mv_step_ml, mv_se_ml},
    {"REML", mv_step_reml, mv_se_reml},
};

enum { ESTIMATORS = sizeof estimators / sizeof *estimators };

const mv_estimator *mv_estimator_at(int index, int *count) {
  *count = ESTIMATORS;
  return index >= 0 && index < ESTIMATORS ? &estimators[index] : NULL;
}

const mv_estimator *mv_estimator_find(const char *name) {
  for (int i = 0; i < ESTIMATORS; i++) {
    if (strcmp(estimators[i].name, name) == 0) return &estimators[i];
  }
  return NULL;
}

void mv_tau2_start(const mv_estimator *estimator, mv_search *search) {
  memset(search, 0, sizeof *search);
  search->estimator = estimator;
  search->log_lik = -INFINITY;
}

mv_status mv_tau2_step(const mv_model *model, mv_model_work *work, mv_search *search) {
  const int estimated = search->estimator->step != mv_step_none;
  if (model->k < model->p + estimated) return MV_TOO_FEW;
  const mv_status status = search->estimator->step(model, work, search);
  if (status != MV_OK) return status;
  return isfinite(search->tau2) ? MV_OK : MV_NOT_FINITE;
}
