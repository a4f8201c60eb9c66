/* Several effects of the same animals into one. */
#ifndef MV_NEST_H
#define MV_NEST_H

#include "arena.h"
#include "status.h"

typedef enum { MV_NEST_CAMARADES, MV_NEST_CS, MV_NEST_V, MV_NEST_COUNT } mv_nest_rule;

const char *mv_nest_name(mv_nest_rule rule);

/* Rows from 0, listed group by group. Pairs of rows of one group, listed group by group
 * too, have a covariance other than zero; only MV_NEST_V reads them. */
typedef struct {
  const double *yi, *vi; /* of all rows; every vi above 0 */
  const int *row, *start;
  ptrdiff_t groups; /* start has groups + 1 values */
  const int *pair_i, *pair_j, *pair_start;
  const double *pair_value;
  double rho; /* only MV_NEST_CS reads it */
} mv_nest_table;

typedef struct {
  double *v, *one, *y; /* of the largest group */
  int *place;          /* of each row in its group */
} mv_nest_work;

/* `largest`: rows of the largest group that is solved as a matrix; 0 where none is. */
ptrdiff_t mv_nest_largest(const mv_nest_table *table, mv_nest_rule rule);
mv_nest_work mv_nest_layout(mv_arena *arena, ptrdiff_t rows, ptrdiff_t largest);

/* One estimate and variance a group; a status a group, MV_NOT_POSITIVE where the group's
 * covariance matrix is none. An empty group is NaN. */
void mv_nest_compute(const mv_nest_table *table, mv_nest_rule rule, mv_nest_work work,
                     double *yi, double *vi, int *status);

#endif
