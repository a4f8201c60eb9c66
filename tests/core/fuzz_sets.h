/* Sets of effects from a fuzzer's bytes. */
#ifndef FUZZ_SETS_H
#define FUZZ_SETS_H

#include "fuzz_bytes.h"
#include "random_sets.h"

/* Numbers of any kind; a variance is never negative, as R sees to. */
static inline void fuzz_any_set(fuzz_bytes *in, random_set *set) {
  set->k = fuzz_int(in, 1, 20);
  set->p = fuzz_int(in, 1, set->k < 5 ? set->k : 5);
  for (int i = 0; i < set->k; i++) {
    set->y[i] = fuzz_double(in);
    set->v[i] = fabs(fuzz_double(in));
    for (int j = 0; j < set->p; j++) {
      set->x[i * set->p + j] = j == 0 ? 1 : fuzz_double(in);
    }
  }
}

/* Numbers as data have them, variances within `ratio`; ties are common. */
static inline void fuzz_sane_set(fuzz_bytes *in, double ratio, random_set *set) {
  set->k = fuzz_int(in, 2, 12);
  set->p = fuzz_int(in, 1, set->k - 1 < 5 ? set->k - 1 : 5);
  for (int i = 0; i < set->k; i++) {
    const int tied = fuzz_byte(in) % 4 == 0;
    set->y[i] = tied ? fuzz_int(in, -2, 2) : fuzz_between(in, -5, 5);
    set->v[i] = tied ? 1 : fuzz_positive(in, 1 / ratio, 1);
    for (int j = 0; j < set->p; j++) {
      set->x[i * set->p + j] = j == 0 ? 1 : fuzz_int(in, -5, 5);
    }
  }
}

/* |got - want| against the size of what was summed. */
static inline int fuzz_near(double got, double want, double size) {
  return fabs(got - want) <= 1e-8 * (fabs(want) + size);
}

#endif
