/* The cluster wild bootstrap of a Wald test, null hypothesis imposed (Cameron, Gelbach &
 * Miller 2008, Rev Econ Stat 90:414; for meta-analysis Joshi, Pustejovsky & Beretvas
 * 2022, Res Synth Methods 13:457). Residuals of the fit under the null are turned by one
 * random number a cluster, and coefficients and their robust covariance computed again,
 * with the weights as they are: O(m p q) a replicate. */
#ifndef MV_WILD_H
#define MV_WILD_H

#include <stdint.h>

#include "robust.h"

/* Of a cluster's number: -1 or 1; or one of six with variance 1, for few clusters (Webb
 * 2014, Queen's Economics Department Working Paper 1315). */
typedef enum { MV_RADEMACHER, MV_WEBB } mv_wild_weight;

typedef struct {
  ptrdiff_t m, p, q;
  const mv_contrasts *set; /* started */
  double *toward;          /* p, from the fit under the null to the fit */
  double *pull;            /* m x p: X_j'M^-1 times the residual under the null */
  double *score;           /* m x q */
  double *reach;           /* m x q x p */
  double *eta;             /* m */
  double *move, *c, *v, *row;
} mv_wild;

mv_wild mv_wild_layout(mv_arena *arena, ptrdiff_t m, ptrdiff_t p,
                       const mv_contrasts *set);
void mv_wild_start(mv_wild *wild);

void mv_wild_add(ptrdiff_t j, const mv_robust_piece *piece, mv_wild *wild);

/* The Wald statistic of a replicate, which depends on nothing but (seed, replicate);
 * infinite where its covariance is singular. */
double mv_wild_replicate(mv_wild *wild, mv_wild_weight weight, uint64_t seed,
                         uint64_t replicate);

/* The statistic that was observed: all numbers 1. */
double mv_wild_observed(mv_wild *wild);

/* The number of cluster j. */
double mv_wild_number(mv_wild_weight weight, uint64_t seed, uint64_t replicate,
                      ptrdiff_t j);

#endif
