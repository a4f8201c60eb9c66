/* Mean and SD from the median with quartiles, range or both, for about normal data. */
#include <math.h>

#include "convert_rows.h"
#include "mathlib.h"

typedef struct {
  double n, median, q1, q3, min, max;
  int exclusive; /* quartiles at (n + 1) p, as Prism and SPSS have them */
} five;

/* What is given; R/convert_median.R has the words. */
typedef enum { BY_RANGE = 1, BY_QUARTILES, BY_ALL, BY_EVERY_ANIMAL } way;

typedef struct {
  double mean, sd, n_mean, n_sd;
} summary;

/* Expected value of the order statistic at a position (in general not whole) of n normal
 * values, by Blom's approximation: Wan et al. 2014, BMC Med Res Methodol 14:135. */
static double expected_at(double position, double n) {
  return mv_qnorm((position - 0.375) / (n + 0.25));
}

/* SD = range / this, eq. 9. */
static double range_in_sd(const five *x) { return 2 * expected_at(x->n, x->n); }

/* SD = IQR / this. Eq. 16 has the upper quartile at 1 + 0.75 (n - 1). The other
 * definition has it at 0.75 (n + 1), further out: SD / SD = 1.52 at n = 6. */
static double iqr_in_sd(const five *x) {
  const double inclusive = 0.75 * x->n + 0.25;
  const double exclusive = fmin(0.75 * (x->n + 1), x->n);
  return 2 * expected_at(x->exclusive ? exclusive : inclusive, x->n);
}

/* Shares of n that are as precise: fits to validation/convert_median.R, n up to 100,
 * nowhere more than 1 % too high; up to 5 % too low, and more for quartiles alone where n
 * is below 9: there each definition of a quartile has its own jumps. */
static double share_of_range(double n, double from, double a, double b) {
  return 1 / (1 + a * pow(fmax(0, n - from), b));
}
static double share_of_quartiles(double n, double limit, double b) {
  return limit + (1 - limit) * pow(2 / n, b);
}

/* Luo et al. 2018, Stat Methods Med Res 27:1785, eqs. 7, 11, 15; Wan 2014, eqs. 9 and 16;
 * Shi et al. 2020, Res Synth Methods 11:641, eq. 10. */
static summary by_range(const five *x) {
  const double n = x->n, w = 4 / (4 + pow(n, 0.75));
  const double mean = w * (x->min + x->max) / 2 + (1 - w) * x->median;
  return (summary){mean, (x->max - x->min) / range_in_sd(x),
                   n * share_of_range(n, 4, 0.077, 0.395),
                   n * share_of_range(n, 3, 0.0285, 0.9)};
}

static summary by_quartiles(const five *x) {
  const double n = x->n, w = 0.7 + 0.39 / n;
  const double mean = w * (x->q1 + x->q3) / 2 + (1 - w) * x->median;
  return (summary){mean, (x->q3 - x->q1) / iqr_in_sd(x),
                   n * share_of_quartiles(n, 0.865, 2),
                   n * share_of_quartiles(n, 0.37, 1.3)};
}

static summary by_all(const five *x) {
  const double n = x->n;
  const double w1 = 2.2 / (2.2 + pow(n, 0.75)), w2 = 0.7 - 0.72 / pow(n, 0.55);
  const double mean =
      w1 * (x->min + x->max) / 2 + w2 * (x->q1 + x->q3) / 2 + (1 - w1 - w2) * x->median;
  const double w = 1 / (1 + 0.07 * pow(n, 0.6));
  const double sd =
      w * (x->max - x->min) / range_in_sd(x) + (1 - w) * (x->q3 - x->q1) / iqr_in_sd(x);
  return (summary){mean, sd, n * share_of_range(n, 1, 0.0162, 0.42),
                   n * share_of_range(n, 3, 0.0147, 0.8)};
}

/* Up to three animals, minimum, median and maximum are all of them; of four, the middle
 * two have the median as their mean. */
static double exact_mean(const five *x) {
  return (x->min + x->max + (x->n - 2) * x->median) / x->n;
}

static double exact_sd(const five *x) {
  const double mean = exact_mean(x), low = x->min - mean, high = x->max - mean;
  const double middle = x->median - mean;
  return sqrt((low * low + high * high + (x->n - 2) * middle * middle) / (x->n - 1));
}

static way exact_part(const five *x, way by, summary *found) {
  if (by == BY_QUARTILES || x->n > 4 || x->n != floor(x->n)) return by;
  found->mean = exact_mean(x);
  found->n_mean = x->n;
  if (x->n == 4) return by;
  found->sd = exact_sd(x);
  found->n_sd = x->n;
  return BY_EVERY_ANIMAL;
}

/* ---- test for skewness: Shi et al. 2023, Stat Methods Med Res 32:1338 ---- */

/* Above 1: skewed at the 5 % level. Both halves equal to nothing are not skewed. */
static double lopsided(double low, double median, double high) {
  return high > low ? fabs((low + high - 2 * median) / (high - low)) : 0;
}

static void skewness(const five *x, way by, double *statistic, double *critical) {
  const double n = x->n, of_range = lopsided(x->min, x->median, x->max);
  const double of_quartiles = lopsided(x->q1, x->median, x->q3);
  if (by == BY_QUARTILES) {
    *statistic = of_quartiles;
    *critical = 2.65 / sqrt(n) - 6 / (n * n);
  } else if (by == BY_RANGE) {
    *statistic = of_range;
    *critical = 1 / log(n + 9) + 2.5 / (n + 1);
  } else {
    *statistic = fmax(2.65 * log(0.6 * n) / sqrt(n) * of_range, of_quartiles);
    *critical = 3 / sqrt(n) - 40 / (n * n * n);
  }
}

/* ---- the row ---- */

static int ordered(const five *x) {
  const double values[] = {x->min, x->q1, x->median, x->q3, x->max};
  double last = -(double)INFINITY;
  for (int i = 0; i < 5; i++) {
    if (isnan(values[i])) continue;
    if (values[i] < last) return 0;
    last = values[i];
  }
  return 1;
}

/* Exclusive quartiles of two or three animals are the extremes. */
static way what_is_given(five *x) {
  const int quartiles = !isnan(x->q1) && !isnan(x->q3);
  const int range = !isnan(x->min) && !isnan(x->max);
  if (range) return quartiles ? BY_ALL : BY_RANGE;
  if (!quartiles || !x->exclusive || x->n > 3) return BY_QUARTILES;
  x->min = x->q1;
  x->max = x->q3;
  return BY_ALL;
}

/* In: n, median, q1, q3, min, max, exclusive (1, 0). Out: mean, SD, n_mean, n_sd, the
 * test of skewness and its critical value, the way. */
static mv_flaw five_numbers(const double *in, double *out) {
  five x = {in[0], in[1], in[2], in[3], in[4], in[5], in[6] == 1};
  const mv_flaw flaw = mv_check_n(x.n, 2);
  if (flaw != MV_SOUND) return flaw;
  if (!ordered(&x)) return MV_FLAW_ORDER;
  way by = what_is_given(&x);
  const int short_of_quartiles = by == BY_QUARTILES && (isnan(x.q1) || isnan(x.q3));
  if (isnan(x.median) || short_of_quartiles) return MV_FLAW_NUMBER_MISSING;
  summary found = by == BY_RANGE       ? by_range(&x)
                  : by == BY_QUARTILES ? by_quartiles(&x)
                                       : by_all(&x);
  skewness(&x, by, &out[4], &out[5]);
  by = exact_part(&x, by, &found);
  out[0] = found.mean;
  out[1] = found.sd;
  out[2] = found.n_mean;
  out[3] = found.n_sd;
  out[6] = by;
  return MV_SOUND;
}

static const mv_conversion conversions[] = {{"five_numbers", 7, 7, five_numbers}};

const mv_conversions mv_of_medians = {conversions,
                                      sizeof conversions / sizeof *conversions};
