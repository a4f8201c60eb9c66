/* The columns of random slopes: their sizes, and how far from zero they are. */
#ifndef MV_MULTILEVEL_SLOPES_H
#define MV_MULTILEVEL_SLOPES_H

#include "multilevel.h"

/* The mean square of a column; 1 where all of it is 0. */
double mv_slope_square(const mv_part *part, ptrdiff_t k, ptrdiff_t level);

/* The mean square over the variance, the largest of a part's columns; 1 of other parts,
 * of columns that do not vary, and of slopes with correlations, which have starts of
 * their own. */
double mv_slope_distance(const mv_part *part, ptrdiff_t k);

/* The largest of the parts with the groups of this one: an intercept may be a part by
 * itself. */
double mv_group_distance(const mv_problem *problem, const mv_part *part);

#endif
