/* A model fitted again without some of its rows, and what that says of them.
 *
 * Rows have clusters, numbered from 1. A refit keeps all but one cluster, or (for a
 * cumulative analysis) the clusters up to one. */
#ifndef MV_REFITS_H
#define MV_REFITS_H

#include "multilevel_fit.h"

typedef enum { MV_ALL_BUT, MV_UP_TO } mv_rule;

/* Places of rows: for a kept row its place among those kept; for one left out, -1 - its
 * place among those left out, which `left` lists. */
typedef struct {
  int *place, *left;
  int *row; /* of each place among those kept */
  ptrdiff_t kept, out;
} mv_split;

void mv_split_layout(mv_arena *arena, ptrdiff_t k, mv_split *split);
void mv_split_at(ptrdiff_t k, const int *cluster, mv_rule rule, int at, mv_split *split);

/* The rows of `from` (`width` values each) that are kept. */
void mv_split_rows(ptrdiff_t k, ptrdiff_t width, const double *from,
                   const mv_split *split, double *to);

/* A multilevel problem on the kept rows. Groups are numbered anew, so that none is empty;
 * levels keep their numbers, since parameters belong to them. */
typedef struct {
  mv_problem problem;
  double *y, *x; /* the caller may turn them */
  double *v, *value;
  int *first, *second;
  mv_part *parts;
  int **outer, **inner; /* of each part */
  double **slope;
  int *group; /* new number of each group of a part; 0: none yet */
} mv_subset;

void mv_subset_layout(mv_arena *arena, const mv_problem *whole, mv_subset *subset);
void mv_subset_take(const mv_problem *whole, const mv_split *split, mv_subset *subset);

/* The first place of each set of rows that V connects. */
void mv_linked_places(const mv_blocks *blocks, int *place);

/* The rows left out, seen from the fit without them. */
typedef struct {
  double *residual, *se; /* y - x beta, and its standard error */
  double *covariance;    /* out x out */
  double *chol, *solved;
  double *xf; /* p */
  double x2;  /* residual' covariance^-1 residual; NAN where it has no inverse */
} mv_outside;

void mv_outside_layout(mv_arena *arena, ptrdiff_t most, ptrdiff_t p, mv_outside *outside);

/* The covariance M of the rows left out, of a multilevel problem; of independent effects
 * `scale` (v + tau2). */
void mv_outside_multilevel(const mv_problem *whole, const double *working,
                           const mv_split *split, mv_outside *outside);
void mv_outside_independent(const double *v, double tau2, double scale,
                            const mv_split *split, mv_outside *outside);

/* Then the rest: adds x F x', F the covariance of the coefficients. As in metafor's
 * rstudent(), what stays is taken as independent of what is left out. */
void mv_outside_finish(ptrdiff_t p, const double *y, const double *x, const double *beta,
                       const double *vcov, const mv_split *split, mv_outside *outside);

/* d'F^-1 d, with l l' = F: Cook's distance of a change d of the coefficients (Cook 1977,
 * Technometrics 19:15, without the division by p). `space` p. */
double mv_cook(ptrdiff_t p, const double *l, const double *d, double *space);

/* The fit to all rows, in the turned columns of the design. */
typedef struct {
  mv_turn turn;
  double *beta, *chol; /* p; Cholesky factor of the coefficients' covariance */
  double *space;       /* p x p */
} mv_whole;

void mv_whole_layout(mv_arena *arena, ptrdiff_t p, mv_whole *whole);
mv_status mv_whole_set(ptrdiff_t p, const double *beta, const double *vcov,
                       mv_whole *whole);

/* From the coefficients of a refit, in the turned columns, and their covariance to those
 * of the design's own, and to the `shift` that made them. Returns Cook's distance. */
double mv_whole_change(ptrdiff_t p, const mv_whole *whole, const double *beta,
                       const double *vcov, double *own, double *shift, double *own_vcov);

/* Standard errors by `scale` times a covariance in the turned columns. */
void mv_whole_se(ptrdiff_t p, const mv_whole *whole, const double *vcov, double scale,
                 double *se);

#endif
