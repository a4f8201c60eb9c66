/* Any groups: the combined n is their sum, the mean lies between theirs, the SD is that
 * of the pair-by-pair rule; a missing number reaches its own set only. */
#include "convert_arms.h"
#include "fuzz_bytes.h"

enum { GROUPS = 12, SETS = 4 };

typedef struct {
  int set[GROUPS];
  double n[GROUPS], mean[GROUPS], sd[GROUPS];
} drawn;

static void draw(fuzz_bytes *in, drawn *x, int plain) {
  for (int i = 0; i < GROUPS; i++) {
    x->set[i] = fuzz_int(in, 1, SETS);
    x->n[i] = plain ? fuzz_int(in, 1, 40) : fuzz_double(in);
    x->mean[i] = plain ? fuzz_nice(in) : fuzz_double(in);
    x->sd[i] = plain ? fabs(fuzz_nice(in)) : fuzz_double(in);
  }
}

/* Two groups as one, over and over. */
static void check_set(const drawn *x, int set, const double *found) {
  double n = 0, mean = 0, squares = 0, low = (double)INFINITY, high = -low;
  for (int i = 0; i < GROUPS; i++) {
    if (x->set[i] != set) continue;
    const double total = n + x->n[i], gap = x->mean[i] - mean;
    squares += (x->n[i] - 1) * x->sd[i] * x->sd[i] + n * x->n[i] / total * gap * gap;
    mean += x->n[i] / total * gap;
    n = total;
    low = fmin(low, x->mean[i]);
    high = fmax(high, x->mean[i]);
  }
  FUZZ_ASSERT(found[0] == n);
  if (n == 0) return;
  const double size = fmax(fabs(low), fabs(high)) + sqrt(squares);
  FUZZ_ASSERT(found[1] >= low - 1e-12 * size && found[1] <= high + 1e-12 * size);
  FUZZ_ASSERT(fabs(found[1] - mean) <= 1e-12 * size);
  if (n > 1)
    FUZZ_ASSERT(fabs(found[2] - sqrt(squares / (n - 1))) <= 1e-7 * size);
  else
    FUZZ_ASSERT(isnan(found[2]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const int plain = fuzz_byte(&in) % 2;
  drawn x;
  draw(&in, &x, plain);
  double n[SETS], mean[SETS], sd[SETS];
  const mv_groups groups = {x.set, x.n, x.mean, x.sd, GROUPS};
  mv_combine_groups(&groups, (mv_combined){n, mean, sd, SETS});
  if (!plain) return 0;
  for (int set = 1; set <= SETS; set++) {
    const double found[] = {n[set - 1], mean[set - 1], sd[set - 1]};
    check_set(&x, set, found);
  }
  return 0;
}
