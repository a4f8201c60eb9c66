/* A design in the two forms that the computations need. */
#ifndef MV_DESIGN_H
#define MV_DESIGN_H

#include <stddef.h>

#include "arena.h"
#include "status.h"

/* The columns as given are q r: q orthonormal, so that neither their units nor their
 * near-collinearity can harm what follows. And q = z q_B: z is the identity on p pivot
 * rows B, so its coefficients are the fitted values of those rows. */
typedef struct {
  double *x;       /* k rows of p: the design as given, then z */
  double *r;       /* p x p, upper triangular */
  double *turn;    /* p x p, q_B^-1: z = q turn */
  ptrdiff_t *rows; /* B, ascending */
  int *aliased;    /* 1 for a column that is a linear combination of those before it */
  double log_det;  /* log |z'z| */
} mv_design;

void mv_design_layout(mv_arena *arena, ptrdiff_t k, ptrdiff_t p, mv_design *design);

/* Of the design in design->x, for effects of variances v: in steps, numbered from 0 until
 * one is not MV_MORE, so that a caller can be interrupted between them. MV_RANK_DEFICIENT
 * when a column is aliased. */
mv_status mv_design_step(ptrdiff_t k, ptrdiff_t p, const double *v, ptrdiff_t step,
                         mv_design *design);

#endif
