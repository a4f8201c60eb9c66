/* Effect sizes of many rows, by one measure and one variance form. */
#ifndef MV_EFFECTS_H
#define MV_EFFECTS_H

#include "arena.h"
#include "effect.h"

/* A table of arms, and what changes the effects computed from it. */
typedef struct {
  mv_arm_table arms;
  const double *shared[MV_ARMS]; /* how many rows the arm is split over, or NULL */
  const double *sign;            /* 1 or -1, or NULL */
  const int *worse; /* 1: greater is worse, 0: better, else unknown; or NULL */
  const int *set;   /* from 0, for forms that gather; NULL: one set */
  int sets;
} mv_effect_table;

typedef struct {
  const mv_measure *measure;
  const mv_form *form;
  mv_correct correct;
  double level; /* of the measure's own interval */
} mv_effect_rule;

typedef struct {
  double *y, *v;
  int *reason;           /* an mv_reason a row */
  double *lower, *upper; /* where the measure has an interval, else NULL */
  double missing;        /* the NaN that a row without a value gets */
} mv_effect_columns;

typedef struct {
  mv_set *set; /* NULL where the form gathers nothing */
} mv_effects_work;

mv_effects_work mv_effects_layout(mv_arena *arena, const mv_form *form, int sets);

/* Fills `out`: y and v are missing where a row has no effect, and its reason says why.
 * Returns the number of rows whose reason is not MV_FINE. */
ptrdiff_t mv_effects_compute(const mv_effect_table *table, const mv_effect_rule *rule,
                             mv_effects_work work, mv_effect_columns out);

/* One row by one measure: MV_FINE, or why it has no effect. */
mv_reason mv_row_effect(const mv_arm_table *arms, ptrdiff_t at, const mv_measure *measure,
                        int spread, mv_context *context, mv_row *row, mv_effect *effect);

#endif
