/* A table of one or two rows for the tests of effects and covariances. */
#ifndef ONE_ROW_H
#define ONE_ROW_H

#include "effects.h"

enum { FEW_ROWS = 8 };

typedef struct {
  double n[MV_ARMS][FEW_ROWS], mean[MV_ARMS][FEW_ROWS], sd[MV_ARMS][FEW_ROWS];
  double extra[MV_EXTRAS][FEW_ROWS]; /* read by what table_with_extras() gives */
} few_rows;

static inline void put_arm(few_rows *rows, int a, int row, double n, double mean,
                           double sd) {
  rows->n[a][row] = n;
  rows->mean[a][row] = mean;
  rows->sd[a][row] = sd;
}

static inline mv_arm_table arms_of(const few_rows *rows, int count) {
  mv_arm_table table = {.rows = count};
  for (int a = 0; a < MV_ARMS; a++) {
    table.field[a][MV_N] = rows->n[a];
    table.field[a][MV_MEAN] = rows->mean[a];
    table.field[a][MV_SD] = rows->sd[a];
  }
  return table;
}

static inline mv_effect_table table_of(const few_rows *rows, int count) {
  return (mv_effect_table){.arms = arms_of(rows, count), .sets = 1};
}

/* The extras that measures of means read. */
static inline mv_effect_table table_with_extras(const few_rows *rows, int count) {
  static const int extras[] = {MV_R, MV_MAXIMUM, MV_LOGS, MV_ZERO_SCALE};
  mv_effect_table table = table_of(rows, count);
  for (int i = 0; i < 4; i++) table.arms.extra[extras[i]] = rows->extra[extras[i]];
  return table;
}

#endif
