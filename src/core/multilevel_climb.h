/* One climb of multilevel_search.h: from where it begins to an end of its own, or to
 * where it joins the way to the best end so far. Not for other users. */
#ifndef MV_MULTILEVEL_CLIMB_H
#define MV_MULTILEVEL_CLIMB_H

#include "multilevel_search.h"

/* Two climbs whose ends differ by less in log-likelihood have found the same maximum. */
static const double mv_same_maximum = 1e-7;

/* Whether the likelihood was last computed at `point`. */
int mv_climb_is_last(const mv_multilevel *model, const mv_climb *climb,
                     const mv_point *point);

/* The likelihood at `point`, and the derivatives, unless they were last computed there.
 */
mv_status mv_climb_evaluate(const mv_multilevel *model, mv_multilevel_work *work,
                            mv_climb *climb, mv_point *point, double *log_lik);
mv_status mv_climb_differentiate(const mv_multilevel *model, mv_multilevel_work *work,
                                 mv_climb *climb, mv_point *point);

/* A climb from `point`; then the phases MV_DERIVE and MV_MOVE, until it is MV_END with
 * the end at `point`, or MV_BEGIN where there was none to be had. */
mv_status mv_climb_begin(const mv_multilevel *model, mv_multilevel_work *work,
                         mv_climb *climb, mv_point *point);
mv_status mv_climb_derive(const mv_multilevel *model, mv_multilevel_work *work,
                          const mv_freedom *freedom, mv_climb *climb, mv_point *point);
mv_status mv_climb_move(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point);

#endif
