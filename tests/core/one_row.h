/* A table of one or two rows for the tests of effects and covariances. */
#ifndef ONE_ROW_H
#define ONE_ROW_H

#include <math.h>

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

/* The same for rows of any kind: all fields and extras, NaN where nothing was put. */
typedef struct {
  double field[MV_ARMS][MV_FIELDS][FEW_ROWS], extra[MV_EXTRAS][FEW_ROWS];
} kind_rows;

static inline void clear_rows(kind_rows *rows) {
  double *all = &rows->field[0][0][0];
  for (int i = 0; i < MV_ARMS * MV_FIELDS * FEW_ROWS; i++) all[i] = NAN;
  all = &rows->extra[0][0];
  for (int i = 0; i < MV_EXTRAS * FEW_ROWS; i++) all[i] = NAN;
}

/* `extras`, as bits: those whose columns the table has. */
static inline mv_effect_table kind_table(const kind_rows *rows, int count,
                                         unsigned extras) {
  mv_effect_table table = {.arms.rows = count, .sets = 1};
  for (int a = 0; a < MV_ARMS; a++) {
    for (int f = 0; f < MV_FIELDS; f++) table.arms.field[a][f] = rows->field[a][f];
  }
  for (int e = 0; e < MV_EXTRAS; e++) {
    if ((extras >> e) & 1u) table.arms.extra[e] = rows->extra[e];
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
