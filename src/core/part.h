/* A random part of a model: which rows have which random effects. A group of rows (an
 * outer level) has a clump of columns: one for an intercept; one for each inner level
 * that occurs in the group; one for each slope. Columns of a clump have the covariance G
 * of the part's structure, columns of different clumps have none. */
#ifndef MV_PART_H
#define MV_PART_H

#include "arena.h"
#include "structure.h"

typedef struct {
  mv_shape shape;
  ptrdiff_t groups;
  const int *outer;    /* group of each row, from 1 */
  const int *inner;    /* level of each row, from 1; NULL: an intercept, or slopes */
  const double *slope; /* k rows of `levels` values; NULL: none */
  ptrdiff_t first;     /* its first parameter among those of all parts */
} mv_part;

/* An intercept whose G is one variance. */
int mv_part_is_plain(const mv_part *part);

/* The columns of a part, numbered clump by clump. An intercept with a group for each
 * column of another part, a species beside its place in a tree say, is a guest there: the
 * columns are the same, so G of both is added and only the host's are dealt with. */
typedef struct {
  ptrdiff_t count;
  int host;          /* of a guest; -1: it has columns of its own */
  int guest;         /* the next part with the same columns; -1: none */
  int *guest_column; /* of a guest: its group of each column of the host */
  int *of_row;       /* of each row; NULL: its group's */
  int *start; /* of each group, groups + 1; NULL: groups have `levels` columns each */
  int *level; /* of each column, from 0; NULL: 0 to `levels` - 1 in each group */
  int *space;
} mv_columns;

void mv_columns_layout(mv_arena *arena, ptrdiff_t k, const mv_part *part,
                       mv_columns *columns);
void mv_columns_find(ptrdiff_t k, const mv_part *part, mv_columns *columns);

/* Links each guest to its host; the identity is none. `space` is kept: as many as the
 * groups of all parts and those of the largest. */
void mv_columns_share(ptrdiff_t k, ptrdiff_t count, const mv_part *parts,
                      ptrdiff_t identity, mv_columns *columns, int *space);

/* The first column of a group, and how many it has. */
ptrdiff_t mv_clump_start(const mv_part *part, const mv_columns *columns, ptrdiff_t group);
ptrdiff_t mv_clump_size(const mv_part *part, const mv_columns *columns, ptrdiff_t group);

/* The column of a row (the first of `levels` for slopes). */
ptrdiff_t mv_column_of(const mv_part *part, const mv_columns *columns, ptrdiff_t row);

/* A group of a part; `place` is its first column in Z. */
typedef struct {
  int part, group, place, size;
} mv_clump;

/* What part j, the clump's own or a guest of it, adds to the G of a clump, m x m, or its
 * derivative by one of the part's parameters; `working` are all parameters. */
void mv_clump_covariance(const mv_part *parts, const mv_columns *columns,
                         const mv_clump *of, ptrdiff_t j, const double *working,
                         double *g);
void mv_clump_slope(const mv_part *parts, const mv_columns *columns, const mv_clump *of,
                    ptrdiff_t j, const double *working, ptrdiff_t parameter, double *g);

/* How many parameters the G of a clump has, those of guests too. */
ptrdiff_t mv_clump_parameters(const mv_part *parts, const mv_columns *columns,
                              ptrdiff_t part);

/* The covariance of two rows through the part; `working` are all parameters. */
double mv_part_covariance(const mv_part *part, const double *working, ptrdiff_t i,
                          ptrdiff_t j);

#endif
