/* What measures of counts, rates and survival share: none has a correction of its own for
 * small samples, nor an SD beside its mean, and their usual variance is the delta method
 * on by_mean. */
#ifndef MV_EFFECT_EVENTS_H
#define MV_EFFECT_EVENTS_H

#include "effect.h"
#include "square.h"

static inline mv_reason mv_put_effect(mv_effect *e, double y, double by_t, double by_c) {
  e->y = e->crude = y;
  e->by_mean[MV_T] = by_t;
  e->by_mean[MV_C] = by_c;
  return MV_FINE;
}

static inline double mv_delta_part(const mv_effect *e, const double *n, int a) {
  return mv_square(e->by_mean[a]) / n[a];
}

static inline double mv_delta_one(const mv_row *row, const double *n, const mv_effect *e,
                                  const mv_set *set) {
  (void)row, (void)set;
  return mv_delta_part(e, n, MV_T);
}

static inline double mv_delta_two(const mv_row *row, const double *n, const mv_effect *e,
                                  const mv_set *set) {
  (void)row, (void)set;
  return mv_delta_part(e, n, MV_T) + mv_delta_part(e, n, MV_C);
}

#endif
