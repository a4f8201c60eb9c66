#include "convert_rows.h"

#include <math.h>
#include <string.h>

const char *mv_flaw_name(mv_flaw flaw) {
  static const char *const names[MV_FLAW_COUNT] = {
      [MV_SOUND] = "sound",
      [MV_FLAW_NUMBER_MISSING] = "number_missing",
      [MV_FLAW_TOO_SMALL_N] = "too_small_n",
      [MV_FLAW_NEGATIVE] = "negative",
      [MV_FLAW_NOT_ABOVE_ZERO] = "not_above_zero",
      [MV_FLAW_P_OUTSIDE] = "p_outside",
      [MV_FLAW_P_EXTREME] = "p_extreme",
      [MV_FLAW_R_OUTSIDE] = "r_outside",
      [MV_FLAW_LEVEL_OUTSIDE] = "level_outside",
      [MV_FLAW_ORDER] = "order",
      [MV_FLAW_TURNED] = "turned",
      [MV_FLAW_OFF_INTERVAL] = "off_interval",
      [MV_FLAW_NO_DIRECTION] = "no_direction",
      [MV_FLAW_NO_INFORMATION] = "no_information",
      [MV_FLAW_MARGINS] = "margins",
      [MV_FLAW_NO_TABLE] = "no_table",
      [MV_FLAW_OUTSIDE_DOMAIN] = "outside_domain",
      [MV_FLAW_INFINITE] = "infinite",
  };
  return names[flaw];
}

static const mv_conversions *const families[] = {
    &mv_of_medians, &mv_of_tests, &mv_of_tables, &mv_of_scales, &mv_of_functions};

const mv_conversion *mv_conversion_at(int index) {
  if (index < 0) return NULL;
  for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
    if (index < families[f]->count) return &families[f]->conversion[index];
    index -= families[f]->count;
  }
  return NULL;
}

const mv_conversion *mv_find_conversion(const char *name) {
  for (int i = 0;; i++) {
    const mv_conversion *conversion = mv_conversion_at(i);
    if (!conversion || strcmp(conversion->name, name) == 0) return conversion;
  }
}

mv_flaw mv_check_n(double n, double least) {
  if (isnan(n)) return MV_FLAW_NUMBER_MISSING;
  return n >= least && isfinite(n) ? MV_SOUND : MV_FLAW_TOO_SMALL_N;
}

mv_flaw mv_check_groups(double n_t, double n_c, double least) {
  const mv_flaw flaw = mv_check_n(n_t, 1);
  if (flaw != MV_SOUND) return flaw;
  const mv_flaw other = mv_check_n(n_c, 1);
  if (other != MV_SOUND) return other;
  return mv_check_n(n_t + n_c - 2, least);
}

static mv_flaw one_row(const mv_conversion *conversion, const double *in, double *out) {
  const mv_flaw flaw = conversion->compute(in, out);
  if (flaw != MV_SOUND) return flaw;
  for (int k = 0; k < conversion->outputs; k++)
    if (!isfinite(out[k])) return MV_FLAW_INFINITE;
  return MV_SOUND;
}

void mv_convert_rows(const mv_conversion *conversion, const mv_column *in, ptrdiff_t rows,
                     double *const *out, int *flaw) {
  double given[MV_MOST_INPUTS], found[MV_MOST_OUTPUTS];
  for (ptrdiff_t i = 0; i < rows; i++) {
    for (int k = 0; k < conversion->inputs; k++) given[k] = in[k].values[i * in[k].step];
    flaw[i] = (int)one_row(conversion, given, found);
    for (int k = 0; k < conversion->outputs; k++)
      out[k][i] = flaw[i] == MV_SOUND ? found[k] : NAN;
  }
}
