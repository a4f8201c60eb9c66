#include "effects.h"

#include <math.h>
#include <string.h>

/* ---- one row's arms ---- */

static int absent(const mv_arm *arm) {
  return isnan(arm->n) && isnan(arm->mean) && isnan(arm->sd);
}

/* A sham with SD 0 is a declared value: it needs no animals. */
static mv_reason why_arm(const mv_arm *arm, int role, int spread) {
  if (isnan(arm->mean)) return MV_MEAN_MISSING;
  if (!isfinite(arm->mean)) return MV_NOT_USABLE;
  if (role >= spread) return MV_FINE;
  const int declared = role == MV_S && arm->sd == 0;
  if (declared) return MV_FINE;
  if (isnan(arm->n)) return MV_N_MISSING; /* first: an SEM without n has no SD either */
  if (isnan(arm->sd)) return MV_SD_MISSING;
  const int usable = arm->n >= 1 && isfinite(arm->n) && arm->sd >= 0 && isfinite(arm->sd);
  return usable ? MV_FINE : MV_NOT_USABLE;
}

static mv_reason why_arms(const mv_arm *arm, int arms, int spread) {
  if (absent(&arm[MV_C])) return MV_NO_CONTROL;
  if (arms > MV_S && isnan(arm[MV_S].mean)) return MV_NO_SHAM;
  for (int a = 0; a < arms; a++) {
    const mv_reason reason = why_arm(&arm[a], a, spread);
    if (reason != MV_FINE) return reason;
  }
  return MV_FINE;
}

/* The first test passes nearly every row and fails on NaN. */
mv_reason mv_take_arms(const mv_arm_table *table, ptrdiff_t row, int arms, int spread,
                       mv_arm *arm) {
  int good = 1;
  for (int a = 0; a < arms; a++) {
    const double n = table->n[a][row], mean = table->mean[a][row], sd = table->sd[a][row];
    good &=
        (n >= 1) & (n < INFINITY) & (sd >= 0) & (sd < INFINITY) & (fabs(mean) < INFINITY);
    arm[a].n = n;
    arm[a].mean = mean;
    arm[a].sd = sd;
  }
  return good ? MV_FINE : why_arms(arm, arms, spread);
}

/* ---- one row ---- */

static mv_reason row_effect(const mv_arm_table *table, ptrdiff_t row,
                            const mv_effect_rule *rule, mv_context *context, mv_arm *arm,
                            mv_effect *effect) {
  const mv_measure *m = rule->measure;
  const mv_reason reason = mv_take_arms(table, row, m->arms, rule->form->spread, arm);
  if (reason != MV_FINE) return reason;
  *effect = (mv_effect){.factor = 1};
  return m->effect(arm, context, effect);
}

static mv_reason row_doubt(const mv_arm_table *table, ptrdiff_t row,
                           const mv_measure *measure, const mv_arm *arm) {
  if (!measure->doubt) return MV_FINE;
  return measure->doubt(arm, table->worse ? table->worse[row] : -1);
}

static double row_variance(const mv_arm_table *table, ptrdiff_t row,
                           const mv_effect_rule *rule, const mv_arm *arm,
                           const mv_effect *effect, const mv_set *set) {
  double n[MV_ARMS];
  for (int a = 0; a < rule->measure->arms; a++) {
    n[a] = table->shared[a] ? arm[a].n / table->shared[a][row] : arm[a].n;
  }
  if (set && table->set) set += table->set[row];
  return rule->form->variance(arm, n, effect, set);
}

static mv_reason why_numbers(double y, double v) {
  if (v > 0 && v < INFINITY && fabs(y) < INFINITY) return MV_FINE;
  if (v == 0 && fabs(y) < INFINITY) return MV_VARIANCE_ZERO;
  return isnan(v) && isfinite(y) ? MV_NO_VARIANCE : MV_TOO_LARGE;
}

static mv_reason compute_row(const mv_arm_table *table, ptrdiff_t row,
                             const mv_effect_rule *rule, mv_context *context,
                             const mv_set *set, mv_effect_columns *out) {
  mv_arm arm[MV_ARMS];
  mv_effect effect;
  mv_reason reason = row_effect(table, row, rule, context, arm, &effect);
  if (reason != MV_FINE) return reason;
  const double v = row_variance(table, row, rule, arm, &effect, set);
  reason = why_numbers(effect.y, v);
  if (!mv_has_effect(reason)) return reason;
  out->y[row] = table->sign ? table->sign[row] * effect.y : effect.y;
  out->v[row] = v;
  if (out->lower) {
    double lower, upper;
    rule->measure->interval(arm, rule->level, &lower, &upper);
    if (lower <= upper) {
      out->lower[row] = lower;
      out->upper[row] = upper;
    }
  }
  return reason == MV_FINE ? row_doubt(table, row, rule->measure, arm) : reason;
}

/* ---- all rows ---- */

static int is_finite_effect(const mv_effect *effect, int arms) {
  double sum = effect->y;
  for (int a = 0; a < arms; a++) sum += effect->by_mean[a];
  return isfinite(sum);
}

/* Rows that will stay out of the pool do not enter a set's average, nor do those whose
 * numbers leave the arithmetic: one would spoil all. */
static void gather_sets(const mv_arm_table *table, const mv_effect_rule *rule,
                        mv_context *context, mv_set *set) {
  memset(set, 0, sizeof *set * (size_t)table->sets);
  for (ptrdiff_t row = 0; row < table->rows; row++) {
    mv_arm arm[MV_ARMS];
    mv_effect effect;
    if (row_effect(table, row, rule, context, arm, &effect) != MV_FINE) continue;
    if (!is_finite_effect(&effect, rule->measure->arms)) continue;
    if (!mv_is_pooled(row_doubt(table, row, rule->measure, arm))) continue;
    rule->form->gather(arm, &effect, &set[table->set ? table->set[row] : 0]);
  }
}

mv_effects_work mv_effects_layout(mv_arena *arena, const mv_form *form, int sets) {
  mv_effects_work work = {NULL};
  if (form->gather) work.set = mv_arena_bytes(arena, sizeof(mv_set) * (size_t)sets);
  return work;
}

ptrdiff_t mv_effects_compute(const mv_arm_table *table, const mv_effect_rule *rule,
                             mv_effects_work work, mv_effect_columns out) {
  mv_context context = {.correct = rule->correct};
  if (rule->form->gather) gather_sets(table, rule, &context, work.set);
  ptrdiff_t named = 0;
  for (ptrdiff_t row = 0; row < table->rows; row++) {
    out.y[row] = out.v[row] = out.missing;
    if (out.lower) out.lower[row] = out.upper[row] = out.missing;
    const mv_reason reason = compute_row(table, row, rule, &context, work.set, &out);
    out.reason[row] = (int)reason;
    named += reason != MV_FINE;
  }
  return named;
}
