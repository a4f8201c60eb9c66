/* Whatever a row holds: a finite effect with a variance of zero or more, or a reason. And
 * the same row alone gives the same answer, where the form does not average. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  few_rows rows;
  int worse[FEW_ROWS], set[FEW_ROWS], reason[FEW_ROWS], alone_reason;
  double share[FEW_ROWS], y[FEW_ROWS], v[FEW_ROWS], lower[FEW_ROWS], upper[FEW_ROWS];
  double alone_y, alone_v, alone_lower, alone_upper;
  const int count = fuzz_int(&in, 1, FEW_ROWS);
  const int plain = fuzz_byte(&in) % 2;
  for (int i = 0; i < count; i++) {
    for (int a = 0; a < MV_ARMS; a++) {
      const double n = plain ? fuzz_int(&in, 1, 12) : fuzz_double(&in);
      const double mean = plain ? fuzz_nice(&in) : fuzz_double(&in);
      const double sd = plain ? fabs(fuzz_nice(&in)) : fuzz_double(&in);
      put_arm(&rows, a, i, n, mean, sd);
    }
    /* mostly pairs of one n, and correlations and maxima that can be */
    if (plain) rows.n[MV_C][i] = fuzz_byte(&in) % 4 ? rows.n[MV_T][i] : rows.n[MV_C][i];
    rows.extra[MV_R][i] = plain ? fuzz_between(&in, -1.1, 1.1) : fuzz_double(&in);
    rows.extra[MV_MAXIMUM][i] = fuzz_double(&in);
    rows.extra[MV_LOGS][i] = fuzz_byte(&in) % 4 == 0;
    rows.extra[MV_ZERO_SCALE][i] = fuzz_byte(&in) % 4 != 0;
    worse[i] = fuzz_int(&in, -1, 1);
    set[i] = fuzz_int(&in, 0, 1);
    share[i] = fuzz_int(&in, 1, 5);
  }
  mv_effect_table table = table_with_extras(&rows, count);
  table.worse = worse;
  table.set = set;
  table.sets = 2;
  table.shared[MV_C] = share;
  const mv_measure *measure = any_measure(&in);
  const mv_effect_rule rule = {measure, any_form(&in, measure),
                               (mv_correct)fuzz_int(&in, 0, MV_CORRECTIONS - 1), 0.95};
  mv_set sets[2];
  const mv_effects_work work = {sets};
  const mv_effect_columns out = {y,     v,  reason, measure->interval ? lower : NULL,
                                 upper, NAN};
  mv_effects_compute(&table, &rule, work, out);
  for (int i = 0; i < count; i++) {
    check_row((mv_reason)reason[i], y[i], v[i]);
    if (out.lower && !isnan(lower[i])) FUZZ_ASSERT(lower[i] <= upper[i]);
    if (rule.form->gather) continue;
    mv_effect_table alone = table;
    alone.arms.rows = 1;
    for (int a = 0; a < MV_ARMS; a++) {
      for (int f = MV_N; f <= MV_SD; f++) alone.arms.field[a][f] += i;
    }
    for (int e = 0; e < MV_EXTRAS; e++) {
      if (alone.arms.extra[e]) alone.arms.extra[e] += i;
    }
    alone.worse += i;
    alone.shared[MV_C] += i;
    const mv_effect_columns one = {&alone_y,      &alone_v,
                                   &alone_reason, measure->interval ? &alone_lower : NULL,
                                   &alone_upper,  NAN};
    mv_effects_compute(&alone, &rule, work, one);
    FUZZ_ASSERT(same(alone_y, y[i]) && same(alone_v, v[i]) && alone_reason == reason[i]);
  }
  return 0;
}
