/* Where the climbs of multilevel_search.h start: first from what moments say, then, near
 * the best end, from where a higher maximum may hide. Not for other users. */
#ifndef MV_MULTILEVEL_STARTS_H
#define MV_MULTILEVEL_STARTS_H

#include "multilevel_search.h"

/* What is left of the mean square of y, the residual of the least squares fit, once
 * sampling errors are taken off. */
double mv_moment_start(const mv_problem *problem);

/* The candidates: the variance shared by all parts; nearly all of it in each part alone;
 * shared by all again, with the correlations of each part near their two ends and its
 * levels as their rows vary. Some are none for a model. */
ptrdiff_t mv_most_starts(ptrdiff_t parts);
ptrdiff_t mv_count_starts(const mv_problem *problem, const mv_freedom *freedom);
int mv_is_start(const mv_multilevel *model, const mv_freedom *freedom,
                ptrdiff_t candidate);
void mv_place_start(const mv_multilevel *model, const mv_freedom *freedom,
                    ptrdiff_t candidate, mv_climb *climb, double *working);

/* Where the best end has SDs of 0, their correlation may have gone to the wrong end on
 * the way: they are lifted, with correlations near one end and then the other. 0 where
 * there is nothing to lift. */
int mv_lift(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
            double *working);

/* There may be a higher maximum where one of the SDs is 0 and the correlation of the
 * others near 1: each SD is lowered in turn. 0 where none is left. */
int mv_lower_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                 double *working);

#endif
