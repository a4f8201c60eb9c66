/* Why a row has no effect, or has one that stays out of the pool or needs a word. The
 * sentence for each is in R/measures.R, found by mv_reason_name(). */
#ifndef MV_REASON_H
#define MV_REASON_H

typedef enum {
  MV_FINE = 0,
  MV_NO_CONTROL,
  MV_NO_SHAM,
  MV_NO_PARTNER, /* one of the four groups of a factorial */
  MV_N_MISSING,
  MV_MEAN_MISSING,
  MV_SD_MISSING,
  MV_EVENTS_MISSING,
  MV_EXPOSURE_MISSING,
  MV_MEDIAN_MISSING,
  MV_R_MISSING,
  MV_MAXIMUM_MISSING,
  MV_NOT_USABLE,     /* n below 1, a negative SD, an infinite value */
  MV_EVENTS_ABOVE_N, /* more animals with the event than animals */
  MV_R_NOT_USABLE, /* a correlation outside [-1, 1], or at its end where that has none */
  MV_N_DIFFERS,    /* two readings of the same animals with two n */
  MV_MEDIAN_NOT_REACHED,
  MV_NO_DEATHS, /* a median without the deaths or the interval of its variance */
  MV_NOT_RATIO_SCALE,
  MV_LOG_SCALE, /* means of logs, where the measure needs means of the outcome itself */
  MV_TOO_FEW_ANIMALS,
  MV_SD_ZERO,
  MV_MEAN_NOT_POSITIVE,
  MV_SHAM_EQUALS_CONTROL,
  MV_MAXIMUM_REACHED, /* the control is at the outcome's maximum already */
  MV_ZERO_CELL,       /* a ratio with a count of zero to which nothing is added */
  MV_NO_INFORMATION,  /* no animal, or every animal, has the event in all groups */
  MV_NO_VARIANCE,     /* the form of the variance is not defined for so few animals */
  MV_TOO_LARGE,       /* the estimate or its variance overflows */
  MV_VARIANCE_ZERO,   /* from here on the row keeps its effect, out of the pool */
  MV_SHAM_UNCERTAIN,  /* the disease effect cannot be told from zero */
  MV_SHAM_WORSE,      /* the sham is worse than the diseased control */
  MV_MAXIMUM_NEAR,    /* the control cannot be told from the outcome's maximum */
  MV_MEAN_NEAR_ZERO,  /* from here on the row is pooled all the same */
  MV_REASON_COUNT
} mv_reason;

const char *mv_reason_name(mv_reason reason);
static inline int mv_has_effect(mv_reason reason) {
  return reason == MV_FINE || reason >= MV_VARIANCE_ZERO;
}
static inline int mv_is_pooled(mv_reason reason) {
  return reason == MV_FINE || reason >= MV_MEAN_NEAR_ZERO;
}

#endif
