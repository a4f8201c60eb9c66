/* What an effect measure is: its value and its gradient in the means and log SDs of the
 * arms. Delta-method variances and every covariance of effects that share animals follow
 * from the gradient. Measures and variance forms are rows of the tables that
 * mv_measure_at() and mv_form_at() give; R reads its list of them from there. */
#ifndef MV_EFFECT_H
#define MV_EFFECT_H

#include <stddef.h>

enum { MV_T, MV_C, MV_S, MV_ARMS }; /* treated, control, sham */

typedef struct {
  double n, mean, sd;
} mv_arm;

/* Why a row has no effect, or has one that stays out of the pool or needs a word. The
 * sentence for each is in R/measures.R, found by mv_reason_name(). */
typedef enum {
  MV_FINE = 0,
  MV_NO_CONTROL,
  MV_NO_SHAM,
  MV_N_MISSING,
  MV_MEAN_MISSING,
  MV_SD_MISSING,
  MV_NOT_USABLE, /* n below 1, a negative SD, an infinite value */
  MV_TOO_FEW_ANIMALS,
  MV_SD_ZERO,
  MV_MEAN_NOT_POSITIVE,
  MV_SHAM_EQUALS_CONTROL,
  MV_NO_VARIANCE,    /* the form of the variance is not defined for so few animals */
  MV_TOO_LARGE,      /* the estimate or its variance overflows */
  MV_VARIANCE_ZERO,  /* from here on the row keeps its effect, out of the pool */
  MV_SHAM_UNCERTAIN, /* the disease effect cannot be told from zero */
  MV_SHAM_WORSE,     /* the sham is worse than the diseased control */
  MV_MEAN_NEAR_ZERO, /* from here on the row is pooled all the same */
  MV_REASON_COUNT
} mv_reason;

const char *mv_reason_name(mv_reason reason);
static inline int mv_has_effect(mv_reason reason) {
  return reason == MV_FINE || reason >= MV_VARIANCE_ZERO;
}
static inline int mv_is_pooled(mv_reason reason) {
  return reason == MV_FINE || reason >= MV_MEAN_NEAR_ZERO;
}

/* by_mean is the derivative per SD of the arm's mean, s_a dy/dm_a, with the SD that the
 * measure's model uses: for SMD the one SD its arms have in common (so +1 and -1), else
 * the arm's own. by_log_sd is dy/dlog(s_a). */
typedef struct {
  double y;      /* the estimate, corrected for small samples where that was asked */
  double crude;  /* the same without the correction */
  double factor; /* SMD: J, so that y = factor crude; 1 for the other measures */
  double by_mean[MV_ARMS], by_log_sd[MV_ARMS];
} mv_effect;

/* Settings of one call, and J(q) of the integer q already met. Zero it to start. */
enum { MV_J_KEPT = 256 };
typedef struct {
  int correct;
  double j[MV_J_KEPT];
} mv_context;

/* J(q) = gamma(q/2) / (sqrt(q/2) gamma((q - 1)/2)) for q > 1, not only integers. */
double mv_hedges_j(double q);

/* Averages over a set of rows (one outcome), for the variance forms that need them. */
enum { MV_SUMS = 4 };
typedef struct {
  double sum[MV_SUMS];
} mv_set;

typedef struct {
  const char *name;
  int arms;          /* 2 or 3 */
  const char *scale; /* "raw", "sd", "log" or "percent" */
  mv_reason (*effect)(const mv_arm *arm, mv_context *context, mv_effect *effect);
  /* A doubt about a row that has an effect, or NULL. `worse`: 1 where greater is worse,
   * 0 where it is better, anything else where that is not known. */
  mv_reason (*doubt)(const mv_arm *arm, int worse);
  /* An interval of its own, or NULL. NaN at both ends where it is unbounded. */
  void (*interval)(const mv_arm *arm, double level, double *lower, double *upper);
} mv_measure;

/* A variance of an effect. `n` is the n of each arm that enters the variance: the arm's
 * own, or the part of it that a split shared control leaves. */
typedef struct {
  const char *measure;
  const char *name;
  int spread; /* of the first so many arms the form needs n and SD */
  double (*variance)(const mv_arm *arm, const double *n, const mv_effect *effect,
                     const mv_set *set);
  void (*gather)(const mv_arm *arm, const mv_effect *effect, mv_set *set); /* or NULL */
} mv_form;

/* A family of measures: one file, one row of the list in effect.c. */
typedef struct {
  const mv_measure *measure;
  int measures;
  const mv_form *form;
  int forms;
} mv_family;

extern const mv_family mv_means, mv_normalised;

/* All measures and forms by number from 0, or by name; NULL where there is none. The
 * first form of a measure is its default. */
const mv_measure *mv_measure_at(int index);
const mv_form *mv_form_at(int index);
const mv_measure *mv_find_measure(const char *name);
const mv_form *mv_find_form(const char *measure, const char *name);

#endif
