/* Eigenvalues and eigenvectors of a symmetric matrix. */
#ifndef MV_EIGEN_H
#define MV_EIGEN_H

#include <stddef.h>

#include "status.h"

/* a (n x n, row by row, symmetric; n may be 0) is overwritten by the eigenvectors, one a
 * row: row i belongs to values[i], and the values ascend. work has 2n doubles. Values are
 * right to a small multiple of n * DBL_EPSILON times the largest of them, vectors are
 * orthonormal to rounding. MV_NOT_FINITE for a matrix with NaN or infinity, which stays
 * as it is. */
mv_status mv_eigen(ptrdiff_t n, double *a, double *values, double *work);

/* The same where only products with the eigenvectors are wanted: c (n rows of m) becomes
 * these, row i those of the vector that belongs to values[i], and a is lost. Less work
 * where m is below n. */
mv_status mv_eigen_turn(ptrdiff_t n, ptrdiff_t m, double *a, double *c, double *values,
                        double *work);

#endif
