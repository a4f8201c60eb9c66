/* Turns a fuzzer's bytes into numbers. A file fuzz_<stem>.c defines
 *
 *   int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
 *     fuzz_bytes in = {data, size};
 *     const int k = fuzz_int(&in, 1, 40);
 *     ... FUZZ_ASSERT(isfinite(y) || status != MV_OK);
 *     return 0;
 *   }
 *
 * Past the end every byte is 0, so each input is a valid one. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *data;
  size_t size; /* bytes left */
} fuzz_bytes;

#define FUZZ_ASSERT(condition)                                                  \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                  \
    }                                                                           \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline uint8_t fuzz_byte(fuzz_bytes *in) {
  if (in->size == 0) return 0;
  in->size--;
  return *in->data++;
}

static inline uint64_t fuzz_word(fuzz_bytes *in, int bytes) {
  uint64_t word = 0;
  for (int i = 0; i < bytes; i++) word = word << 8 | fuzz_byte(in);
  return word;
}

/* low to high, both included */
static inline int fuzz_int(fuzz_bytes *in, int low, int high) {
  const uint64_t range = (uint64_t)((int64_t)high - low) + 1;
  return (int)(low + (int64_t)(fuzz_word(in, 4) % range));
}

/* Any bit pattern: NaN, infinite, denormal, or of any size. */
static inline double fuzz_raw(fuzz_bytes *in) {
  const uint64_t word = fuzz_word(in, 8);
  double x;
  memcpy(&x, &word, sizeof x);
  return x;
}

static inline double fuzz_between(fuzz_bytes *in, double low, double high) {
  return low + (high - low) * ((double)fuzz_word(in, 6) / 281474976710656.0);
}

/* Positive, its logarithm uniform. */
static inline double fuzz_positive(fuzz_bytes *in, double low, double high) {
  return exp(fuzz_between(in, log(low), log(high)));
}

/* What a table holds: short decimals of either sign, often equal to one another. */
static inline double fuzz_nice(fuzz_bytes *in) {
  static const double units[] = {1, 1, 0.1, 0.01, 0.001, 10, 100, 1e6};
  return fuzz_int(in, -200, 200) * units[fuzz_byte(in) % 8];
}

/* The values that break formulas. */
static inline double fuzz_hard(fuzz_bytes *in) {
  static const double hard[] = {
      0,          -0.0,     1,       -1,       1 + DBL_EPSILON,  1 - DBL_EPSILON,
      DBL_MIN,    -DBL_MIN, DBL_MAX, -DBL_MAX, DBL_EPSILON,      DBL_TRUE_MIN,
      1e-300,     1e300,    1e-150,  1e150,    (double)INFINITY, (double)-INFINITY,
      (double)NAN};
  return hard[fuzz_byte(in) % (sizeof hard / sizeof hard[0])];
}

/* A mixture of all: half of them nice, the rest hard or any bit pattern. */
static inline double fuzz_double(fuzz_bytes *in) {
  switch (fuzz_byte(in) % 8) {
    case 0:
      return fuzz_hard(in);
    case 1:
      return fuzz_raw(in);
    case 2:
      return fuzz_positive(in, 1e-12, 1e12);
    case 3:
      return fuzz_between(in, -5, 5);
    default:
      return fuzz_nice(in);
  }
}

#endif
