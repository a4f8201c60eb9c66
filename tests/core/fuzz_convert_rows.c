/* Any numbers to any conversion: a sound row has finite outputs, a flawed one NaN; no
 * variance or SD is negative; a rebuilt table has whole numbers within its margins. */
#include "convert_rows.h"
#include "fuzz_bytes.h"

enum { ROWS = 8 };

static int is(const mv_conversion *conversion, const char *name) {
  return strcmp(conversion->name, name) == 0;
}

/* Half of the inputs are missing or are numbers of animals, so that rows get through. */
static double an_input(fuzz_bytes *in) {
  switch (fuzz_byte(in) % 6) {
    case 0:
      return NAN;
    case 1:
    case 2:
      return fuzz_int(in, 0, 30);
    case 3:
      return fuzz_between(in, 0, 1);
    default:
      return fuzz_double(in);
  }
}

static void check_sound(const mv_conversion *conversion, const double *in,
                        const double *out) {
  for (int k = 0; k < conversion->outputs; k++) FUZZ_ASSERT(isfinite(out[k]));
  if (is(conversion, "table")) {
    FUZZ_ASSERT(out[0] >= 0 && out[0] <= in[0] && out[1] >= 0 && out[1] <= in[1]);
  } else if (is(conversion, "se_of_test") || is(conversion, "pooled_sd")) {
    FUZZ_ASSERT(out[0] >= 0);
  } else {
    FUZZ_ASSERT(out[1] >= 0);
  }
  if (is(conversion, "five_numbers")) {
    FUZZ_ASSERT(out[2] > 0 && out[2] <= in[0] && out[3] > 0 && out[3] <= in[0]);
    FUZZ_ASSERT(out[6] >= 1 && out[6] <= 4);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  int count = 0;
  while (mv_conversion_at(count)) count++;
  const mv_conversion *conversion = mv_conversion_at(fuzz_int(&in, 0, count - 1));
  double values[MV_MOST_INPUTS][ROWS], found[MV_MOST_OUTPUTS][ROWS];
  double *out[MV_MOST_OUTPUTS];
  mv_column columns[MV_MOST_INPUTS];
  int flaw[ROWS];
  for (int k = 0; k < conversion->inputs; k++) {
    for (int i = 0; i < ROWS; i++) values[k][i] = an_input(&in);
    columns[k] = (mv_column){values[k], fuzz_byte(&in) % 4 ? 1 : 0};
  }
  for (int k = 0; k < MV_MOST_OUTPUTS; k++) out[k] = found[k];
  mv_convert_rows(conversion, columns, ROWS, out, flaw);
  for (int i = 0; i < ROWS; i++) {
    double given[MV_MOST_INPUTS], row[MV_MOST_OUTPUTS];
    for (int k = 0; k < conversion->inputs; k++)
      given[k] = values[k][i * columns[k].step];
    for (int k = 0; k < conversion->outputs; k++) row[k] = found[k][i];
    FUZZ_ASSERT(flaw[i] >= MV_SOUND && flaw[i] < MV_FLAW_COUNT);
    if (flaw[i] == MV_SOUND) check_sound(conversion, given, row);
    for (int k = 0; k < conversion->outputs; k++)
      FUZZ_ASSERT((flaw[i] == MV_SOUND) == !isnan(row[k]));
  }
  return 0;
}
