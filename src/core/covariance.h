/* Covariances of effects that share animals, from their gradients: one rule for all
 * measures, the delta method over the shared arms,
 *
 *   Cov(y_i, y_j) = sum_a  rho bm_i bm_j / n + rho^2 bl_i bl_j / (2 (n - 1)),
 *
 * with bm = s dy/dm and bl = dy/dlog(s) of the shared group of animals in each effect (it
 * may be the treated group of one and the control of the other). Readings: a mean has
 * variance s^2/n, a log SD about 1/(2(n - 1)), and the two are independent; a count, a
 * rate and a median have by_mean alone, with the size of their kind in place of n. rho is
 * 1 for the same reading (outcome, time and kind of number), else the correlation of two
 * readings. Effects without a gradient, and all they share animals with, correlate by
 * rho. */
#ifndef MV_COVARIANCE_H
#define MV_COVARIANCE_H

#include "effects.h"

/* How two readings of the same animals correlate: by their outcomes, times by_time to the
 * power of the time between them. NaN: not said. */
typedef struct {
  const double *matrix; /* outcomes x outcomes; NULL: within and between */
  int outcomes;
  double within, between; /* one outcome, two outcomes */
  double by_time;         /* of two readings one unit of time apart */
  int decays;             /* 0: by_time whatever the time between them */
} mv_rho;

typedef struct {
  mv_arm_table arms;            /* of all rows; columns that no row needs may be NULL */
  const int *measure;           /* number of the measure, from 0; below 0: not derived */
  const int *experiment;        /* rows of different ones share no animals */
  const int *cohort[MV_ARMS];   /* in one the same animals, the same number; 0: none */
  const int *reading;           /* the same outcome, time and kind, the same number */
  const int *outcome;           /* from 0, as rho's matrix has them */
  const double *time;           /* NaN: none */
  const int *apart;             /* 1: comparisons with a shared control count as apart */
  const double *sign, *yi, *vi; /* as the table has them */
  mv_rho rho;
  const int *block, *start; /* rows from 0 ordered by study; where each study starts */
  ptrdiff_t blocks;         /* start has blocks + 1 values */
} mv_covariance_table;

/* A row as it is compared with others. */
typedef struct {
  ptrdiff_t at;              /* its place in the table */
  const mv_measure *measure; /* NULL: not derived */
  int known;                 /* has yi and vi */
  mv_effect effect;
  double size[MV_ARMS]; /* of its arms, by the measure's kind */
} mv_covariance_row;

/* The rows of one block: the gradients of a large table would fill the memory. */
typedef struct {
  mv_context *context; /* one for each correction */
  mv_covariance_row *row;
} mv_covariance_work;

mv_covariance_work mv_covariance_layout(mv_arena *arena,
                                        const mv_covariance_table *table);
void mv_covariance_start(const mv_covariance_work *work);

/* Reads a row with its gradient into place `p`. 0 where yi is not what the groups give
 * (it was changed since): the row then counts as one without a gradient. */
int mv_covariance_read(const mv_covariance_table *table, ptrdiff_t at, ptrdiff_t p,
                       const mv_covariance_work *work);

/* Covariance of two different rows of one study. NaN where a variance is missing, or
 * where rho is needed and not said: `asks` is then set to 1. */
double mv_covariance(const mv_covariance_table *table, const mv_covariance_row *i,
                     const mv_covariance_row *j, int *asks);

/* A group of animals that has two sets of numbers at one reading: `arm` of the row
 * `other`, and an arm of the row `one`. */
typedef struct {
  ptrdiff_t one, other; /* below 0: there is none */
  int arm;
} mv_two_sets;

/* Looks for such a group. Returns how many pairs of rows share animals or lack a
 * variance: the most that mv_covariance_pairs() can find. */
ptrdiff_t mv_covariance_sharing(const mv_covariance_table *table,
                                const mv_covariance_work *work, mv_two_sets *found);

/* What mv_covariance_pairs() fills. */
typedef struct {
  int *first, *second; /* of each pair */
  double *value;
  int *changed; /* of each row: 1 where mv_covariance_read() finds it changed */
  int *asks; /* of each row: the number, from 1, of a row whose covariance with it needs
                a rho that was not said; or 0 */
} mv_covariances_found;

/* The pairs i > j of each block with a covariance other than zero, after the start.
 * Returns how many. */
ptrdiff_t mv_covariance_pairs(const mv_covariance_table *table,
                              const mv_covariance_work *work,
                              const mv_covariances_found *found);

#endif
