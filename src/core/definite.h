/* Is a covariance matrix of effects positive definite? It is held as its diagonal and the
 * pairs of rows with a covariance other than zero; rows that pairs connect form a block,
 * and each block is decomposed alone. */
#ifndef MV_DEFINITE_H
#define MV_DEFINITE_H

#include "arena.h"

typedef struct {
  ptrdiff_t rows, pairs;
  const double *vi;          /* the diagonal */
  const int *first, *second; /* rows from 0 of each pair, each pair once */
  const double *value;
} mv_pairs;

/* Rows of a block of at least two that are linked by pairs; a row alone is none. */
typedef struct {
  ptrdiff_t blocks, largest;  /* how many blocks, and the rows of the largest */
  int *row, *start;           /* rows by block; where each block starts, blocks + 1 */
  int *block;                 /* of each row; -1: alone */
  int *position;              /* of each row in its block */
  int *by_block, *pair_start; /* pairs by block */
} mv_linked;

/* Trees of rows that pairs connect (joined.h): the root is the first row of its block. */
void mv_join_pairs(const mv_pairs *pairs, int *parent);

mv_linked mv_linked_layout(mv_arena *arena, ptrdiff_t rows, ptrdiff_t pairs);
void mv_linked_find(const mv_pairs *pairs, mv_linked *linked);

typedef enum {
  MV_DEFINITE,
  MV_SINGULAR,   /* a row follows from others, but for rounding */
  MV_INDEFINITE, /* a combination of rows has a variance below zero */
  MV_UNKNOWN     /* a value is missing, or a variance is zero or less */
} mv_definite;

typedef struct {
  double *matrix, *rest, *solved; /* of the largest block */
  ptrdiff_t *place;
} mv_definite_work;

mv_definite_work mv_definite_layout(mv_arena *arena, ptrdiff_t largest);

/* One block. Where it is not definite, `weight` (a value for each row of the table; only
 * the block's are written) gets the combination of rows, in units of their standard
 * errors, whose variance is zero or below. */
mv_definite mv_definite_block(const mv_pairs *pairs, const mv_linked *linked,
                              ptrdiff_t block, mv_definite_work work, double *weight);

#endif
