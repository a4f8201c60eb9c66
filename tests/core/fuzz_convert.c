/* Any numbers: an SD is as the slow formula has it, and it grows with the error. */
#include "convert.h"
#include "fuzz_bytes.h"

enum { ROWS = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  double error[ROWS], n[ROWS], sd[ROWS];
  int kind[ROWS];
  for (int i = 0; i < ROWS; i++) {
    error[i] = fuzz_double(&in);
    n[i] = fuzz_byte(&in) % 2 ? fuzz_int(&in, 1, 80) : fuzz_double(&in);
    kind[i] = fuzz_int(&in, -1, MV_ERROR_TYPES + 1);
  }
  const double level = fuzz_between(&in, 0.5, 0.999);
  mv_convert(error, n, kind, level, ROWS, sd);
  for (int i = 0; i < ROWS; i++) {
    const mv_error_type *type = mv_error_type_at(kind[i] - 1);
    const double slow = type ? error[i] * type->factor(n[i], level) : NAN;
    FUZZ_ASSERT(isnan(slow) ? isnan(sd[i]) : sd[i] == slow);
    if (n[i] >= 2 && n[i] <= 80 && error[i] >= 1e-9 && error[i] <= 1e9 && type)
      FUZZ_ASSERT(isfinite(sd[i]) && sd[i] > 0);
  }
  return 0;
}
