/* Dense linear algebra for small systems: p is the number of coefficients. Matrices of
 * p rows are p x p, row by row; only the lower triangle of a symmetric one is read. */
#ifndef MV_LINALG_H
#define MV_LINALG_H

#include <stddef.h>

#include "status.h"

/* a = l l'; the strict upper triangle of l is not touched. l may be a.
 * MV_NOT_POSITIVE when a pivot is not above `p * DBL_EPSILON` of its diagonal. */
mv_status mv_cholesky(ptrdiff_t p, const double *a, double *l);

/* Solves l z = b, and l' z = b, in place. */
void mv_forward(ptrdiff_t p, const double *l, double *b);
void mv_backward(ptrdiff_t p, const double *l, double *b);

/* The same for m right sides, the columns of b (p x m). */
void mv_forward_all(ptrdiff_t p, ptrdiff_t m, const double *l, double *b);
void mv_backward_all(ptrdiff_t p, ptrdiff_t m, const double *l, double *b);

/* The full symmetric inverse of l l'. */
void mv_cholesky_inverse(ptrdiff_t p, const double *l, double *inverse);

double mv_cholesky_log_det(ptrdiff_t p, const double *l);

/* Orthonormal columns for a design: x (k rows of p, row by row) becomes q with q'q = I
 * and x = q r, r upper triangular with positive diagonal. `aliased` gets, for each
 * column, 1 if it is a linear combination of those before it, else 0.
 * MV_RANK_DEFICIENT when any is. */
mv_status mv_orthonormalise(ptrdiff_t k, ptrdiff_t p, double *x, double *r, int *aliased);

/* Column j alone, after those before it; the column of r is written. */
void mv_orthonormalise_column(ptrdiff_t k, ptrdiff_t p, ptrdiff_t j, double *x, double *r,
                              int *aliased);

/* Column operations on k rows of p: `from` loses `times` column `what`; `column` is
 * divided. */
void mv_remove_column(ptrdiff_t k, ptrdiff_t p, double *x, ptrdiff_t from, ptrdiff_t what,
                      double times);
void mv_divide_column(ptrdiff_t k, ptrdiff_t p, double *x, ptrdiff_t column, double by);

/* a becomes t a t', all p x p; `space` too. */
void mv_congruence(ptrdiff_t p, const double *t, double *a, double *space);

/* Solves r b = c in place, r upper triangular. */
void mv_solve_upper(ptrdiff_t p, const double *r, double *c);

/* The symmetric a becomes r^-1 a r^-T: (X'WX)^-1 of the columns of X = Q R, from that of
 * those of Q. */
void mv_solve_upper_both(ptrdiff_t p, const double *r, double *a);

#endif
