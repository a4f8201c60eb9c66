#include "effects.h"

#include <math.h>
#include <string.h>

/* ---- one row ---- */

static mv_reason why_scale(const mv_row *row, unsigned flags) {
  if ((flags & MV_RATIO) && row->extra[MV_ZERO_SCALE] == 0) return MV_NOT_RATIO_SCALE;
  if (row->extra[MV_LOGS] == 1 && !(flags & MV_TAKES_LOGS)) return MV_LOG_SCALE;
  return MV_FINE;
}

static mv_reason why_pair(const mv_row *row) {
  const double r = row->extra[MV_R];
  if (isnan(r)) return MV_R_MISSING;
  if (!(fabs(r) <= 1)) return MV_R_NOT_USABLE;
  return row->arm[MV_T].n == row->arm[MV_C].n ? MV_FINE : MV_N_DIFFERS;
}

mv_reason mv_row_effect(const mv_arm_table *arms, ptrdiff_t at, const mv_measure *measure,
                        int spread, mv_context *context, mv_row *row, mv_effect *effect) {
  mv_reason reason = mv_take_row(arms, measure->kind, at, measure->arms, spread, row);
  if (reason == MV_FINE) reason = why_scale(row, measure->flags);
  if (reason == MV_FINE && (measure->flags & MV_PAIRED)) reason = why_pair(row);
  if (reason != MV_FINE) return reason;
  *effect = (mv_effect){.factor = 1};
  return measure->effect(row, context, effect);
}

static mv_reason row_doubt(const mv_effect_table *table, ptrdiff_t at,
                           const mv_measure *measure, const mv_row *row) {
  if (!measure->doubt) return MV_FINE;
  return measure->doubt(row, table->worse ? table->worse[at] : -1);
}

static double row_variance(const mv_effect_table *table, ptrdiff_t at,
                           const mv_effect_rule *rule, const mv_row *row,
                           const mv_effect *effect, const mv_set *set) {
  const mv_measure *measure = rule->measure;
  double n[MV_ARMS] = {0};
  for (int a = 0; a < measure->arms; a++) {
    n[a] = measure->kind->size(row, a);
    if (table->shared[a]) n[a] /= table->shared[a][at];
  }
  if (set && table->set) set += table->set[at];
  return rule->form->variance(row, n, effect, set);
}

static mv_reason why_numbers(double y, double v) {
  if (v > 0 && v < INFINITY && fabs(y) < INFINITY) return MV_FINE;
  if (v == 0 && fabs(y) < INFINITY) return MV_VARIANCE_ZERO;
  return isnan(v) && isfinite(y) ? MV_NO_VARIANCE : MV_TOO_LARGE;
}

static void put_interval(const mv_measure *measure, const mv_row *row, double level,
                         ptrdiff_t at, mv_effect_columns *out) {
  double lower, upper;
  measure->interval(row, level, &lower, &upper);
  if (!(lower <= upper)) return;
  out->lower[at] = lower;
  out->upper[at] = upper;
}

static mv_reason compute_row(const mv_effect_table *table, ptrdiff_t at,
                             const mv_effect_rule *rule, mv_context *context,
                             const mv_set *set, mv_effect_columns *out) {
  const mv_measure *measure = rule->measure;
  mv_row row;
  mv_effect effect;
  mv_reason reason = mv_row_effect(&table->arms, at, measure, rule->form->spread, context,
                                   &row, &effect);
  if (reason != MV_FINE) return reason;
  const double v = row_variance(table, at, rule, &row, &effect, set);
  reason = why_numbers(effect.y, v);
  if (!mv_has_effect(reason)) return reason;
  out->y[at] = table->sign ? table->sign[at] * effect.y : effect.y;
  out->v[at] = v;
  if (out->lower) put_interval(measure, &row, rule->level, at, out);
  return reason == MV_FINE ? row_doubt(table, at, measure, &row) : reason;
}

/* ---- all rows ---- */

static int is_finite_effect(const mv_effect *effect, int arms) {
  double sum = effect->y;
  for (int a = 0; a < arms; a++) sum += effect->by_mean[a];
  return isfinite(sum);
}

/* Rows that will stay out of the pool do not enter a set's average, nor do those whose
 * numbers leave the arithmetic: one would spoil all. */
static void gather_sets(const mv_effect_table *table, const mv_effect_rule *rule,
                        mv_context *context, mv_set *set) {
  const mv_measure *measure = rule->measure;
  memset(set, 0, sizeof *set * (size_t)table->sets);
  for (ptrdiff_t at = 0; at < table->arms.rows; at++) {
    mv_row row;
    mv_effect effect;
    const mv_reason reason = mv_row_effect(&table->arms, at, measure, rule->form->spread,
                                           context, &row, &effect);
    if (reason != MV_FINE || !is_finite_effect(&effect, measure->arms)) continue;
    if (!mv_is_pooled(row_doubt(table, at, measure, &row))) continue;
    rule->form->gather(&row, &effect, &set[table->set ? table->set[at] : 0]);
  }
}

mv_effects_work mv_effects_layout(mv_arena *arena, const mv_form *form, int sets) {
  mv_effects_work work = {NULL};
  if (form->gather) work.set = mv_arena_bytes(arena, sizeof(mv_set) * (size_t)sets);
  return work;
}

ptrdiff_t mv_effects_compute(const mv_effect_table *table, const mv_effect_rule *rule,
                             mv_effects_work work, mv_effect_columns out) {
  mv_context context = {.correct = rule->correct};
  if (rule->form->gather) gather_sets(table, rule, &context, work.set);
  ptrdiff_t named = 0;
  for (ptrdiff_t row = 0; row < table->arms.rows; row++) {
    out.y[row] = out.v[row] = out.missing;
    if (out.lower) out.lower[row] = out.upper[row] = out.missing;
    const mv_reason reason = compute_row(table, row, rule, &context, work.set, &out);
    out.reason[row] = (int)reason;
    named += reason != MV_FINE;
  }
  return named;
}
