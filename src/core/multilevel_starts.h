/* Where the climbs of multilevel_search.h start: first from what moments say, then, near
 * the best end, from where a higher maximum may hide. Not for other users. */
#ifndef MV_MULTILEVEL_STARTS_H
#define MV_MULTILEVEL_STARTS_H

#include "multilevel_search.h"

/* Beyond this many rows the first start that leads to an end must do, and one part alone
 * is none: the likelihood of so many is nearly that of a normal distribution. */
enum { MV_MANY_ROWS = 50000 };

/* What is left of the mean square of y, the residual of the least squares fit, once
 * sampling errors are taken off. */
double mv_moment_start(const mv_problem *problem);

/* Each parameter's unit, by which steps are judged: what it is where its part alone has
 * the variance there is to explain; 1 for a correlation. */
void mv_start_units(const mv_problem *problem, mv_climb *climb);

/* The box, in climb->lower and climb->upper. */
void mv_free_bounds(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb);

/* The candidates: the variance shared by all parts; nearly all of it in each part alone;
 * shared by all again, with the correlations of each part near their two ends and its
 * levels as their rows vary; and far larger for slopes over a column far from zero. Some
 * are none for a model. */
ptrdiff_t mv_count_starts(const mv_problem *problem, const mv_freedom *freedom);
int mv_is_start(const mv_multilevel *model, const mv_freedom *freedom,
                ptrdiff_t candidate);
void mv_place_start(const mv_multilevel *model, const mv_freedom *freedom,
                    ptrdiff_t candidate, mv_climb *climb, double *working);

/* Of an SD or variance that is 0 the correlation means nothing, and may have gone to the
 * wrong end on the way: the correlation of each part in turn is set elsewhere, with SDs
 * and variances of 0 lifted. 0 where none is left. */
int mv_turn_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                double *working);

/* There may be a higher maximum where one of the SDs is 0 and the correlation of the
 * others near 1: each SD is lowered in turn. 0 where none is left. */
int mv_lower_one(const mv_multilevel *model, const mv_freedom *freedom, mv_climb *climb,
                 double *working);

/* The best end with each unstructured G regular; 0 where there is none. */
int mv_place_regular(const mv_multilevel *model, const mv_freedom *freedom,
                     mv_climb *climb, double *working);

#endif
