#include "convert.h"

#include <math.h>
#include <string.h>

#include "mathlib.h"

static double from_sd(double n, double level) {
  (void)n, (void)level;
  return 1;
}

/* SEM = SD / sqrt(n). */
static double from_sem(double n, double level) {
  (void)level;
  return sqrt(n);
}

/* Half the width of the 95 % interval of a mean is qt(.975, n - 1) SD / sqrt(n)
 * (Cochrane Handbook 6.5.2.2). Below two animals there is no interval; with less than
 * one degree of freedom the quantile runs off to infinity, and the SD to 0. */
static double from_ci(double n, double level) {
  if (!(n >= 2)) return NAN;
  return sqrt(n) / mv_qt((1 + level) / 2, n - 1);
}

/* Wan et al. 2014, BMC Med Res Methodol 14:135, eq. 16: the expected quartiles of n
 * normal values lie at Phi^-1((0.75 n - 0.125) / (n + 0.25)), Blom's approximation. At
 * n = 6 that is 0.58 SD either side; the limit 0.67, the common IQR / 1.35, would give
 * an SD that is too small. At n = 1 both quartiles are the one value. */
static double from_iqr(double n, double level) {
  (void)level;
  if (!(n >= 2)) return NAN;
  return 1 / (2 * mv_qnorm((0.75 * n - 0.125) / (n + 0.25)));
}

static const mv_error_type error_types[MV_ERROR_TYPES] = {
    {"sd", from_sd},
    {"sem", from_sem},
    {"ci", from_ci},
    {"iqr", from_iqr},
};

const mv_error_type *mv_error_type_at(int index) {
  return index >= 0 && index < MV_ERROR_TYPES ? &error_types[index] : NULL;
}

/* A quantile costs 0.5 us and tables have few different n: small whole n are
 * remembered, one slot each. */
enum { REMEMBERED = 64 };

typedef struct {
  double factor[MV_ERROR_TYPES][REMEMBERED];
  int known[MV_ERROR_TYPES][REMEMBERED];
} memory;

static double factor_of(int type, double n, double level, memory *seen) {
  const int small = n >= 1 && n < REMEMBERED && n == floor(n);
  if (!small) return error_types[type].factor(n, level);
  const int i = (int)n;
  if (!seen->known[type][i]) {
    seen->factor[type][i] = error_types[type].factor(n, level);
    seen->known[type][i] = 1;
  }
  return seen->factor[type][i];
}

void mv_convert(const double *error, const double *n, const int *kind, double level,
                ptrdiff_t rows, double *sd) {
  memory seen;
  memset(&seen, 0, sizeof seen);
  for (ptrdiff_t i = 0; i < rows; i++) {
    sd[i] = NAN;
    if (kind[i] < 1 || kind[i] > MV_ERROR_TYPES) continue;
    sd[i] = error[i] * factor_of(kind[i] - 1, n[i], level, &seen);
  }
}
