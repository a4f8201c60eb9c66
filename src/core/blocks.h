/* The rows of a multilevel model taken apart into blocks that share nothing but what is
 * eliminated at the top.
 *
 *   y = X beta + sum of parts Z_j u_j + e,   u_j ~ N(0, G_j(theta)),   e ~ N(0, V).
 *
 * Three kinds of parts:
 * - the identity: an intercept with a group for each row. It is only added to variances.
 * - inner parts, whose groups lie inside a block.
 * - top parts, whose groups cross the blocks: taken out of the blocks and eliminated last
 *   over all of them. Which these are is chosen by cost (blocks_top.h).
 *
 * Rows that V connects are turned by the eigenvectors of their part of V, once: then V is
 * diagonal, and what is added to it by the identity stays so. In every block the
 * covariance of y is then diagonal plus low rank, whatever theta is. */
#ifndef MV_BLOCKS_H
#define MV_BLOCKS_H

#include "arena.h"
#include "definite.h"
#include "elimination.h"
#include "part.h"

typedef struct {
  ptrdiff_t k, p;
  const double *y, *v;
  const double *x; /* k rows of p, orthonormal columns */
  mv_pairs pairs;  /* covariances of V */
  ptrdiff_t part_count;
  const mv_part *parts;
} mv_problem;

typedef struct mv_known_turn mv_known_turn;

typedef struct {
  const mv_problem *problem;
  const mv_known_turn *known; /* NULL: none */
  ptrdiff_t identity;         /* its part; -1: none */
  int *is_top;                /* of each part; a guest goes with its host */
  int *top_first;             /* first top column of each part */
  mv_columns *columns;
  ptrdiff_t q, blocks;
  /* by block, each with one more end */
  int *row_start, *clump_start, *top_start;
  int *inner_columns; /* how many of inner parts */
  int *order;         /* row of each place */
  mv_clump *clump;    /* by block */
  int *top;           /* top columns of a block, ascending */
  mv_linked linked;   /* rows that V connects */
  /* by place: rows of [y | x | the block's columns that are not 0], one after the other
   */
  double *lambda, *number;
  ptrdiff_t *entry_start; /* of the columns; ascending in a row */
  int *entry;
  double *vectors;         /* of linked rows, n x n each, a vector a row */
  ptrdiff_t *vector_start; /* of each linked set */
  /* sizes */
  ptrdiff_t clumps, tops, entries, vector_count;
  ptrdiff_t most_inner, most_top, most_clump, most_linked, most_columns;
  /* space */
  int *best_top;
  int *shared; /* of guests */
  int *place;  /* of each group of each inner part among the columns of its block */
  ptrdiff_t *place_first;
  int *stamp,
      *local; /* of each top column: the block it was listed in, its place there */
  int *set_stamp, *set_column;
  double *set_values, *set_work;
  int *space;
} mv_blocks;

/* A problem of which this has some of the rows, in their order, with the same V: sets of
 * linked rows that are whole need not be decomposed again. */
struct mv_known_turn {
  const mv_blocks *of;
  const int *row;   /* of each row of this problem, its row there */
  const int *place; /* of each linked set there, its first place */
};

/* More columns than this to be eliminated at once are refused. */
enum { MV_MOST_LEVELS = 1000 };

/* First the plan: which rows and columns go where. `mv_blocks_layout` carves what does
 * not depend on it. MV_TOO_MANY_LEVELS where more than MV_MOST_LEVELS columns would have
 * to be eliminated at once. */
void mv_blocks_layout(mv_arena *arena, const mv_problem *problem, mv_blocks *blocks);
mv_status mv_blocks_plan(const mv_problem *problem, mv_blocks *blocks);

/* Then the numbers, with `known` set or not. MV_NOT_POSITIVE where V is not positive
 * definite. */
void mv_blocks_numbers_layout(mv_arena *arena, mv_blocks *blocks);
mv_status mv_blocks_fill(mv_blocks *blocks);

/* The numbers of the row at a place: y, p of x, then those of its entries. */
const double *mv_block_row(const mv_blocks *blocks, ptrdiff_t at);

/* Has the part columns of its own: is it neither the identity nor a guest? */
int mv_has_columns(const mv_blocks *blocks, ptrdiff_t part);

/* Are these inside the blocks, or at the top? */
int mv_is_inner(const mv_blocks *blocks, ptrdiff_t part);
int mv_is_top(const mv_blocks *blocks, ptrdiff_t part);

/* How many parameters all parts have, and which part has one. */
ptrdiff_t mv_problem_parameters(const mv_problem *problem);
ptrdiff_t mv_part_of(const mv_problem *problem, ptrdiff_t parameter);

#endif
