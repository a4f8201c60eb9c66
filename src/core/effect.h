/* What an effect measure is: its value and its gradient in the means and log SDs of the
 * arms. Delta-method variances and every covariance of effects that share animals follow
 * from the gradient. Measures and variance forms are rows of the tables that
 * mv_measure_at() and mv_form_at() give; R reads its list of them from there. */
#ifndef MV_EFFECT_H
#define MV_EFFECT_H

#include "arms.h"

/* by_mean is the derivative per SD of the arm's mean, s_a dy/dm_a, with the SD that the
 * measure's model uses: for SMD the one SD its arms have in common (so +1 and -1), else
 * the arm's own. by_log_sd is dy/dlog(s_a). */
typedef struct {
  double y;      /* the estimate, corrected for small samples where that was asked */
  double crude;  /* the same without the correction */
  double factor; /* standardised effects: J, so that y = factor crude; else 1 */
  double by_mean[MV_ARMS], by_log_sd[MV_ARMS];
  unsigned standard; /* the arms, as bits, whose SDs make the one that standardises */
} mv_effect;

/* The small-sample correction: none, or with J exact or approximated as other software
 * does. Measures without J know only whether there is one. */
typedef enum { MV_CRUDE, MV_EXACT, MV_APPROXIMATE, MV_CORRECTIONS } mv_correct;

/* Settings of one call, and J(q) of the integer q already met. Zero it to start. */
enum { MV_J_KEPT = 256 };
typedef struct {
  mv_correct correct;
  double j[MV_J_KEPT];
} mv_context;

/* J(q) = gamma(q/2) / (sqrt(q/2) gamma((q - 1)/2)) for q > 1, not only integers. */
double mv_hedges_j(double q);

/* Averages over a set of rows (one outcome), for the variance forms that need them. */
enum { MV_SUMS = 4 };
typedef struct {
  double sum[MV_SUMS];
} mv_set;

/* What a measure asks of a row, and what it cannot give. */
enum { MV_FLAGS = 6 };
enum {
  MV_RATIO = 1u,       /* needs an outcome with a true zero */
  MV_TAKES_LOGS = 2u,  /* takes means and SDs of logs as well */
  MV_PAIRED = 4u,      /* both arms are the same animals, whose readings correlate by r */
  MV_NO_GRADIENT = 8u, /* correlates by rho with all that shares its animals */
  MV_ONE_WAY = 16u,    /* points one way only: greater_is_worse does not turn it */
  MV_KEEPS_CELLS = 32u /* nothing is added to cells of zero */
};

typedef struct {
  const char *name;
  const mv_kind *kind;
  int arms;          /* 1, 2, 3, or 4 for a factorial */
  const char *scale; /* "raw", "sd", "log", "percent", ...: what back-transforms it */
  mv_reason (*effect)(const mv_row *row, mv_context *context, mv_effect *effect);
  /* A doubt about a row that has an effect, or NULL. `worse`: 1 where greater is worse,
   * 0 where it is better, anything else where that is not known. */
  mv_reason (*doubt)(const mv_row *row, int worse);
  /* An interval of its own, or NULL. NaN at both ends where it is unbounded. */
  void (*interval)(const mv_row *row, double level, double *lower, double *upper);
  unsigned flags;
  unsigned extras; /* as bits: read beside those of the kind */
} mv_measure;

const char *mv_flag_name(int flag); /* of the flag 1 << flag */

/* A variance of an effect. `n` is the size of each arm (its kind's) that enters the
 * variance: the arm's own, or the part of it that a split shared control leaves. */
typedef struct {
  const char *measure;
  const char *name;
  int spread; /* of the first so many arms the form needs n and SD */
  double (*variance)(const mv_row *row, const double *n, const mv_effect *effect,
                     const mv_set *set);
  void (*gather)(const mv_row *row, const mv_effect *effect, mv_set *set); /* or NULL */
} mv_form;

/* A family of measures: one file, one row of the list in effect.c. */
typedef struct {
  const mv_measure *measure;
  int measures;
  const mv_form *form;
  int forms;
} mv_family;

extern const mv_family mv_differences, mv_ratios, mv_spreads, mv_normalised, mv_paired,
    mv_factorial, mv_one_group, mv_counts, mv_rates, mv_survival, mv_correlations;

/* All measures and forms by number from 0, or by name; NULL where there is none. The
 * first form of a measure is its default. */
const mv_measure *mv_measure_at(int index);
const mv_form *mv_form_at(int index);
const mv_measure *mv_find_measure(const char *name);
const mv_form *mv_find_form(const char *measure, const char *name);

#endif
