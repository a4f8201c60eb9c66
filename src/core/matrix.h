/* Products of small dense matrices, row by row. The innermost loops run along rows, so
 * that compilers make vector code of them. */
#ifndef MV_MATRIX_H
#define MV_MATRIX_H

#include <stddef.h>

/* c (n x m) becomes, or gains, `times` a b, with a n x l and b l x m. */
void mv_multiply(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, const double *a, const double *b,
                 double *c);
void mv_add_product(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times, const double *a,
                    const double *b, double *c);

/* c (n x m) gains `times` a' b, with a l x n and b l x m. */
void mv_add_cross(ptrdiff_t n, ptrdiff_t l, ptrdiff_t m, double times, const double *a,
                  const double *b, double *c);

/* The sum over the entries of a' and b, both given as n x m and m x n: tr(a b). */
double mv_trace_product(ptrdiff_t n, ptrdiff_t m, const double *a, const double *b);

double mv_dot(ptrdiff_t n, const double *a, const double *b);

/* x'a y, a n x n. */
double mv_bilinear(ptrdiff_t n, const double *x, const double *a, const double *y);

/* The upper triangle becomes that of the transpose. */
void mv_symmetrise(ptrdiff_t n, double *a);

#endif
