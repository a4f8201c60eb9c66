/* What the families of measures on means have in common: corrections for small samples,
 * gradients and variance forms. */
#ifndef MV_EFFECT_PARTS_H
#define MV_EFFECT_PARTS_H

#include "effect.h"
#include "square.h"

/* W = 1/n_t + 1/n_c. */
static inline double mv_total_weight(const double *n) {
  return (n[MV_T] + n[MV_C]) / (n[MV_T] * n[MV_C]);
}

/* Sets of arms, as bits. */
enum {
  MV_CONTROL_ONLY = 1u << MV_C,
  MV_BOTH = 1u << MV_T | 1u << MV_C,
  MV_ALL_FOUR = (1u << MV_ARMS) - 1
};

/* J(q) in the way that the context asks for; 1 without a correction. */
double mv_factor(mv_context *context, double q);

/* The one variance of some arms, pooled; it has the df that mv_pooled_df() gives. */
double mv_pooled_df(const mv_row *row, unsigned arms);
double mv_pooled_variance(const mv_row *row, unsigned arms);

/* A contrast of means over the SD pooled from `arms`: fills the estimate, J and
 * by_log_sd; by_mean is the caller's. Hedges 1981, J Educ Stat 6:107. */
mv_reason mv_standardise(const mv_row *row, double contrast, unsigned arms,
                         mv_context *context, mv_effect *effect);

/* Treated less control: of means, and of their logs. */
mv_reason mv_difference(const mv_row *row, mv_context *context, mv_effect *effect);
mv_reason mv_log_ratio(const mv_row *row, mv_context *context, mv_effect *effect);

/* ---- variance forms ---- */

/* The delta method on the gradient: a mean has the variance s^2/n, a log SD about
 * 1/(2(n - 1)), and the two are independent. */
double mv_delta(const mv_row *row, const double *n, const mv_effect *e,
                const mv_set *set);

/* Second order, for a sum of log means and log SDs. */
double mv_second_order(const mv_row *row, const double *n, const mv_effect *e,
                       const mv_set *set);

/* Sum of by_mean^2/(n - less_mean) + by_log_sd^2/(2 (n - less_sd)); NaN where an arm has
 * too few animals for it. */
double mv_gradient_variance(const double *n, const mv_effect *e, double less_mean,
                            double less_sd);

/* Of standardised effects: large-sample forms, Review Manager's, unbiased, averaged over
 * the set, and for a true effect of zero. */
double mv_smd_ls(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set);
double mv_smd_ls2(const mv_row *row, const double *n, const mv_effect *e,
                  const mv_set *set);
double mv_smd_ls3(const mv_row *row, const double *n, const mv_effect *e,
                  const mv_set *set);
double mv_smd_ub(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set);
double mv_smd_av(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set);
double mv_smd_h0(const mv_row *row, const double *n, const mv_effect *e,
                 const mv_set *set);
void mv_smd_gather(const mv_row *row, const mv_effect *e, mv_set *set);

/* ---- doubts ---- */

/* Is a mean of the first `arms` arms too near zero for its log? Not where the means are
 * of logs. */
mv_reason mv_doubt_means(const mv_row *row, int arms);
mv_reason mv_doubt_pair(const mv_row *row, int worse); /* of the first two */

#endif
