/* What model.c chooses from: the sums of mv_sums_at() for a model without a design
 * (model_mean.c) and for one with it (model_design.c). Only these three files use it. */
#ifndef MV_MODEL_SUMS_H
#define MV_MODEL_SUMS_H

#include "model.h"

mv_status mv_sums_of_mean(const mv_model *model, double tau2, mv_model_work *work,
                          mv_sums *sums);

/* The residual sum of squares about the unweighted mean. */
double mv_rss_of_mean(const mv_model *model);

/* An infinite tau2 stands for weights that are all 1: the least squares fit. */
mv_status mv_sums_of_design(const mv_model *model, double tau2, mv_model_work *work,
                            mv_sums *sums);

#endif
