/* Whatever a row holds, of whatever kind: a finite effect with a variance of zero or
 * more, or a reason. Numbers that a paper could give have an effect, but for the reasons
 * named below, which the help pages tell. And the same row alone gives the same answer,
 * where the form does not average. */
#include <math.h>

#include "effects.h"
#include "fuzz_bytes.h"
#include "one_row.h"

static const mv_measure *any_measure(fuzz_bytes *in) {
  int count = 0;
  while (mv_measure_at(count)) count++;
  return mv_measure_at(fuzz_int(in, 0, count - 1));
}

static const mv_form *any_form(fuzz_bytes *in, const mv_measure *measure) {
  const mv_form *of_measure[16];
  int found = 0;
  for (int i = 0; mv_form_at(i); i++) {
    if (strcmp(mv_form_at(i)->measure, measure->name) == 0) {
      of_measure[found++] = mv_form_at(i);
    }
  }
  return of_measure[fuzz_int(in, 0, found - 1)];
}

/* ---- rows ---- */

static void any_row(fuzz_bytes *in, kind_rows *rows, int i) {
  for (int a = 0; a < MV_ARMS; a++) {
    for (int f = 0; f < MV_FIELDS; f++) rows->field[a][f][i] = fuzz_double(in);
  }
  for (int e = 0; e < MV_EXTRAS; e++) rows->extra[e][i] = fuzz_double(in);
}

/* As papers print it: an arm of every kind at once. */
static void plain_row(fuzz_bytes *in, kind_rows *rows, int i) {
  const double n = fuzz_int(in, 1, 12);
  for (int a = 0; a < MV_ARMS; a++) {
    const int animals = fuzz_int(in, 1, 12);
    rows->field[a][MV_N][i] = fuzz_byte(in) % 2 ? n : animals;
    rows->field[a][MV_MEAN][i] = fuzz_nice(in);
    rows->field[a][MV_SD][i] = fabs(fuzz_nice(in));
    rows->field[a][MV_EVENTS][i] = fuzz_int(in, 0, (int)rows->field[a][MV_N][i]);
    rows->field[a][MV_EXPOSURE][i] = fuzz_between(in, 0.5, 500);
    rows->field[a][MV_MEDIAN][i] = fuzz_between(in, 1, 300);
    rows->field[a][MV_LOG_SE][i] = fuzz_byte(in) % 2 ? fuzz_between(in, 0.01, 1) : NAN;
  }
  static const double shapes[] = {1, 0.8, 2.5, 0, NAN};
  rows->extra[MV_R][i] = fuzz_int(in, -9, 9) / 10.0;
  rows->extra[MV_ADDED][i] = fuzz_byte(in) % 2 ? 0.5 : 0;
  rows->extra[MV_SHAPE][i] = shapes[fuzz_byte(in) % 5];
  rows->extra[MV_MAXIMUM][i] = fuzz_int(in, 0, 300);
  rows->extra[MV_LOGS][i] = fuzz_byte(in) % 8 == 0;
  rows->extra[MV_ZERO_SCALE][i] = fuzz_byte(in) % 8 != 0;
}

/* ---- what may come out ---- */

static int same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static void check_row(mv_reason reason, double y, double v) {
  FUZZ_ASSERT((int)reason >= 0 && reason < MV_REASON_COUNT);
  if (!mv_has_effect(reason)) {
    FUZZ_ASSERT(isnan(y) && isnan(v));
    return;
  }
  FUZZ_ASSERT(isfinite(y) && isfinite(v) && v >= 0);
  FUZZ_ASSERT((v == 0) == (reason == MV_VARIANCE_ZERO));
}

/* What the help pages say of means that could be printed: too few animals, an SD of zero,
 * no true zero, a mean not above it, a sham or maximum that equals the control, two n. */
static int is_documented(mv_reason reason) {
  return (reason >= MV_TOO_FEW_ANIMALS && reason <= MV_MAXIMUM_REACHED) ||
         reason == MV_NOT_RATIO_SCALE || reason == MV_N_DIFFERS ||
         reason == MV_NO_VARIANCE;
}

/* Numbers that could be printed. */
static void check_plain(const mv_measure *measure, mv_reason reason) {
  if (mv_has_effect(reason) || reason == MV_LOG_SCALE) return;
  if (measure->kind == &mv_kind_means) {
    FUZZ_ASSERT(is_documented(reason));
  } else if (measure->kind == &mv_kind_counts) {
    FUZZ_ASSERT(reason == MV_ZERO_CELL || reason == MV_NO_INFORMATION ||
                reason == MV_NO_VARIANCE);
  } else if (measure->kind == &mv_kind_rates) {
    FUZZ_ASSERT(reason == MV_ZERO_CELL);
  } else if (measure->kind == &mv_kind_survival) {
    FUZZ_ASSERT(reason == MV_NO_DEATHS);
  } else if (measure->kind == &mv_kind_correlation) {
    FUZZ_ASSERT(reason == MV_NO_VARIANCE);
  }
}

static void check_alone(const mv_effect_table *table, const mv_effect_rule *rule, int i,
                        double y, double v, int reason) {
  double alone_y, alone_v, lower, upper;
  int alone_reason;
  mv_effect_table alone = *table;
  alone.arms.rows = 1;
  for (int a = 0; a < MV_ARMS; a++) {
    for (int f = 0; f < MV_FIELDS; f++) alone.arms.field[a][f] += i;
  }
  for (int e = 0; e < MV_EXTRAS; e++) {
    if (alone.arms.extra[e]) alone.arms.extra[e] += i;
  }
  alone.worse += i;
  alone.shared[MV_C] += i;
  const mv_effect_columns one = {&alone_y,      &alone_v,
                                 &alone_reason, rule->measure->interval ? &lower : NULL,
                                 &upper,        NAN};
  mv_effects_compute(&alone, rule, (mv_effects_work){NULL}, one);
  FUZZ_ASSERT(same(alone_y, y) && same(alone_v, v) && alone_reason == reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const mv_measure *measure = any_measure(&in);
  const mv_effect_rule rule = {measure, any_form(&in, measure),
                               (mv_correct)fuzz_int(&in, 0, MV_CORRECTIONS - 1), 0.95};
  const int count = fuzz_int(&in, 1, FEW_ROWS);
  const int plain = fuzz_byte(&in) % 2;
  const unsigned extras = plain ? ~0u : fuzz_byte(&in);
  kind_rows rows;
  int worse[FEW_ROWS], set[FEW_ROWS], reason[FEW_ROWS];
  double share[FEW_ROWS], y[FEW_ROWS], v[FEW_ROWS], lower[FEW_ROWS], upper[FEW_ROWS];
  for (int i = 0; i < count; i++) {
    (plain ? plain_row : any_row)(&in, &rows, i);
    worse[i] = fuzz_int(&in, -1, 1);
    set[i] = fuzz_int(&in, 0, 1);
    share[i] = fuzz_int(&in, 1, 5);
  }
  mv_effect_table table = kind_table(&rows, count, extras);
  table.worse = worse;
  table.set = set;
  table.sets = 2;
  table.shared[MV_C] = share;
  mv_set sets[2];
  const mv_effects_work work = {sets};
  const mv_effect_columns out = {y,     v,  reason, measure->interval ? lower : NULL,
                                 upper, NAN};
  mv_effects_compute(&table, &rule, work, out);
  for (int i = 0; i < count; i++) {
    check_row((mv_reason)reason[i], y[i], v[i]);
    if (plain) check_plain(measure, (mv_reason)reason[i]);
    if (out.lower && !isnan(lower[i])) FUZZ_ASSERT(lower[i] <= upper[i]);
    if (!rule.form->gather) check_alone(&table, &rule, i, y[i], v[i], reason[i]);
  }
  return 0;
}
