/* The Newton step of multilevel_search.h in the box of the free parameters, and what the
 * derivatives say of an end. Not for other users. */
#ifndef MV_MULTILEVEL_DIRECTION_H
#define MV_MULTILEVEL_DIRECTION_H

#include "multilevel_search.h"

/* The value of a free parameter. */
double mv_free_value(const mv_multilevel *model, const mv_freedom *freedom,
                     const double *working, ptrdiff_t f);

/* After the derivatives at `point`: climb->step uphill, and what it is worth to first
 * order in climb->decrement. */
void mv_find_direction(const mv_multilevel *model, const mv_freedom *freedom,
                       const mv_point *point, mv_climb *climb);

/* At a stationary point: the free parameter with the most negative curvature, along which
 * it is no maximum (a factor's pivot at 0, of either sign); -1: none. */
ptrdiff_t mv_find_saddle(const mv_multilevel *model, const mv_freedom *freedom,
                         const mv_point *point, mv_climb *climb);

/* Whether the information of the free parameters is singular: of those inside the box
 * and, where G is linear, of those on a bound that the score does not push there. */
int mv_is_flat(const mv_multilevel *model, const mv_freedom *freedom,
               const mv_point *point, mv_climb *climb);

#endif
