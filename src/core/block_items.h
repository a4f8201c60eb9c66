/* Inside block_derivatives.c and block_identity.c. */
#ifndef MV_BLOCK_ITEMS_H
#define MV_BLOCK_ITEMS_H

#include "block_sums.h"

/* A parameter of a clump: D = Z dG Z' with dG (size x size) in its columns alone. */
typedef struct mv_item {
  ptrdiff_t parameter, place, size;
  double *slope;            /* size x size: dG */
  double *turned, *turned2; /* size x r: dG Z'HZ, dG Z'HA K A'HZ */
  double *moved;            /* size: dG Z'Py */
} mv_item;

/* to (r x a) = S_zA - S_zz reduce, of one of the cross-products. */
void mv_reduced_rows(const mv_block_work *work, const double *s, double *to);

/* to (r x r) = x K y' with x, y r x a, whose first column, y's, is left out. */
void mv_through_k(const mv_block_work *work, const double *x, const double *y,
                  double *space, double *to);

/* Rows (r x a) times (1, -kappa). */
void mv_times_coefficient(const mv_block_work *work, const double *rows, double *to);

/* The identity's sums, and its products with the block's items. */
void mv_add_identity(const mv_blocks *blocks, ptrdiff_t identity, ptrdiff_t items,
                     ptrdiff_t parameters, mv_block_work *work, mv_derivative_sums *sums);

#endif
