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

/* The columns of a part, numbered clump by clump. */
typedef struct {
  ptrdiff_t count;
  int *of_row; /* of each row; NULL: its group's */
  int *start;  /* of each group, groups + 1; NULL: groups have `levels` columns each */
  int *level;  /* of each column, from 0; NULL: 0 to `levels` - 1 in each group */
  int *space;
} mv_columns;

void mv_columns_layout(mv_arena *arena, ptrdiff_t k, const mv_part *part,
                       mv_columns *columns);
void mv_columns_find(ptrdiff_t k, const mv_part *part, mv_columns *columns);

/* The first column of a group, and how many it has. */
ptrdiff_t mv_clump_start(const mv_part *part, const mv_columns *columns, ptrdiff_t group);
ptrdiff_t mv_clump_size(const mv_part *part, const mv_columns *columns, ptrdiff_t group);

/* The column of a row (the first of `levels` for slopes). */
ptrdiff_t mv_column_of(const mv_part *part, const mv_columns *columns, ptrdiff_t row);

/* G of a clump, m x m, or its derivative by one of the part's parameters; `working` are
 * those of the part. */
void mv_clump_covariance(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                         const double *working, double *g);
void mv_clump_slope(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                    const double *working, ptrdiff_t parameter, double *g);

/* The covariance of two rows through the part; `working` are all parameters. */
double mv_part_covariance(const mv_part *part, const double *working, ptrdiff_t i,
                          ptrdiff_t j);

#endif
