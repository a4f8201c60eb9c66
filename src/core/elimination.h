/* Random effects taken out of weighted cross-products. In rows with
 *
 *   M = W^-1 + Z G Z',   G = L L',   H = M^-1 = W - W Z N Z'W,
 *   N = L T^-1 L',       T = I + L'Z'WZ L
 *
 * (Woodbury, in a form that holds for a singular G), and for any columns A of these rows,
 * A'HA follows from S = [A Z]'W[A Z]. It serves the inner parts of a block, and the top
 * parts over all blocks, where W is the blocks' H. */
#ifndef MV_ELIMINATION_H
#define MV_ELIMINATION_H

#include "part.h"

typedef struct {
  const mv_part *parts;
  const mv_columns *columns; /* of each part */
  const mv_clump *clump;
  ptrdiff_t clumps, widest;
  ptrdiff_t a, r, d; /* columns of A, of Z, both */
  double *s;         /* d x d: [A Z]'W[A Z] */
  double *g, *l;     /* r x widest: G and L, clump by clump */
  double *sl;        /* d x r: S L */
  double *t;         /* r x r: Cholesky factor of T */
  double *f;         /* r x a: T's factor^-T T's factor^-1 L'Z'WA */
  double *reduce;    /* r x a: N Z'WA */
  double *h;         /* a x a: A'HA */
  double log_det;    /* log |T| */
} mv_elimination;

/* For at most `a` and `r` columns and clumps of `widest`. */
void mv_elimination_layout(mv_arena *arena, ptrdiff_t a, ptrdiff_t r, ptrdiff_t widest,
                           mv_elimination *out);

/* From `s`; `working` are the parameters of all parts. MV_NOT_POSITIVE where G is no
 * covariance. */
mv_status mv_eliminate(const double *working, mv_elimination *out);

/* N, r x r, after the elimination; `space` too. */
void mv_elimination_n(const mv_elimination *out, double *space, double *n);

/* l l' = g for a covariance that may be singular, m x m. */
mv_status mv_semi_cholesky(ptrdiff_t m, const double *g, double *l);

#endif
