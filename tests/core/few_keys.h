/* What a table of covariances has beside its arms, for the fuzz targets: a few rows of
 * one study. */
#ifndef FEW_KEYS_H
#define FEW_KEYS_H

#include "covariance.h"
#include "fuzz_bytes.h"
#include "one_row.h"

typedef struct {
  int measure[FEW_ROWS], experiment[FEW_ROWS], cohort[MV_ARMS][FEW_ROWS];
  int reading[FEW_ROWS], outcome[FEW_ROWS];
  int apart[FEW_ROWS], block[FEW_ROWS], start[2];
  double time[FEW_ROWS], sign[FEW_ROWS], yi[FEW_ROWS], vi[FEW_ROWS];
} few_keys;

/* No time, not apart, either sign. */
static inline void put_key(fuzz_bytes *in, int i, few_keys *keys) {
  keys->time[i] = NAN;
  keys->apart[i] = 0;
  keys->block[i] = i;
  keys->sign[i] = fuzz_byte(in) % 2 ? 1 : -1;
}

/* `keys` must outlive the table. */
static inline mv_covariance_table covariance_table(mv_arm_table arms, double rho,
                                                   few_keys *keys) {
  keys->start[0] = 0;
  keys->start[1] = (int)arms.rows;
  return (mv_covariance_table){
      .arms = arms,
      .measure = keys->measure,
      .experiment = keys->experiment,
      .cohort = {keys->cohort[0], keys->cohort[1], keys->cohort[2], keys->cohort[3]},
      .reading = keys->reading,
      .outcome = keys->outcome,
      .time = keys->time,
      .apart = keys->apart,
      .sign = keys->sign,
      .yi = keys->yi,
      .vi = keys->vi,
      .rho = {.within = rho, .between = rho, .by_time = 1},
      .block = keys->block,
      .start = keys->start,
      .blocks = 1};
}

#endif
