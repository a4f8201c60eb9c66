/* A prepared design is the identity on its pivot rows and spans the columns given, or
 * a column is aliased. */
#include "fuzz_sets.h"
#include "pooling.h"

static void check_identity(const random_set *set, const mv_design *design) {
  for (int a = 0; a < set->p; a++) {
    const ptrdiff_t row = design->rows[a];
    FUZZ_ASSERT(row >= 0 && row < set->k && (a == 0 || row > design->rows[a - 1]));
    for (int b = 0; b < set->p; b++) {
      FUZZ_ASSERT(fabs(design->x[row * set->p + b] - (a == b)) < 1e-10);
    }
  }
}

/* x = z x_B. */
static void check_span(const random_set *set, const mv_design *design) {
  const int p = set->p;
  for (int i = 0; i < set->k; i++) {
    for (int j = 0; j < p; j++) {
      double sum = 0, size = 1;
      for (int a = 0; a < p; a++) {
        const double part = design->x[i * p + a] * set->x[design->rows[a] * p + j];
        sum += part;
        size += fabs(part);
      }
      FUZZ_ASSERT(fuzz_near(sum, set->x[i * p + j], size));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  random_set set;
  pooling at;
  const int any = fuzz_byte(&in) % 4 == 0;
  if (any) {
    fuzz_any_set(&in, &set);
  } else {
    fuzz_sane_set(&in, 1e12, &set);
  }
  const mv_status status = pooling_open(&at, set.k, set.p, set.y, set.v, set.x);
  FUZZ_ASSERT(status == MV_OK || status == MV_RANK_DEFICIENT);
  if (status == MV_OK && !any) {
    check_identity(&set, &at.design);
    check_span(&set, &at.design);
    FUZZ_ASSERT(isfinite(at.design.log_det));
  }
  pooling_close(&at);
  return 0;
}
