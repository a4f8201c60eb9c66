/* Any numbers: an SD is as the slow formula has it, and it grows with the error. */
#include "convert.h"
#include "fuzz_bytes.h"

enum { ROWS = 40, TYPES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[TYPES] = {"sd", "sem", "ci", "iqr"};
  const mv_error_type *types[TYPES];
  for (int t = 0; t < TYPES; t++) types[t] = mv_error_type_find(names[t]);
  fuzz_bytes in = {data, size};
  double error[ROWS], n[ROWS], sd[ROWS];
  int kind[ROWS];
  for (int i = 0; i < ROWS; i++) {
    error[i] = fuzz_double(&in);
    n[i] = fuzz_byte(&in) % 2 ? fuzz_int(&in, 1, 80) : fuzz_double(&in);
    kind[i] = fuzz_int(&in, -1, TYPES + 1);
  }
  mv_convert(error, n, kind, ROWS, types, TYPES, sd);
  for (int i = 0; i < ROWS; i++) {
    const int is_known = kind[i] >= 1 && kind[i] <= TYPES;
    const double slow = is_known ? error[i] * types[kind[i] - 1]->factor(n[i]) : NAN;
    FUZZ_ASSERT(isnan(slow) ? isnan(sd[i]) : sd[i] == slow);
    if (n[i] >= 2 && n[i] <= 80 && error[i] >= 1e-9 && error[i] <= 1e9 && is_known)
      FUZZ_ASSERT(isfinite(sd[i]) && sd[i] > 0);
  }
  return 0;
}
