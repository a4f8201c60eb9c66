/* The log ratio of median survivals, MSR.
 *
 * Where survival is Weibull of known shape k, log median = log(scale) + log(log 2)/k, and
 * the maximum likelihood estimate of log(scale) from d deaths has variance 1/(d k^2). The
 * median read off a survival curve knows less: the median of d exponential times has
 * variance about 1/(d log(2)^2) on the log scale (the density of log t at the median is
 * log(2)/2, and p (1 - p)/f^2 = 1/log(2)^2), and 1/(d k^2 log(2)^2) for shape k. That is
 * the variance here.
 *
 * What a group's weight comes from is said by the row's shape (see mv_median_source): the
 * deaths, the interval of the median, or the number of animals alone. In the last case
 * the row counts 1/N, a relative weight and no variance: Hirst, Sena & Macleod 2021, Syst
 * Rev 10:292. */
#include <math.h>

#include "effect_events.h"

static double by_median(const mv_row *row, int a, double animals) {
  const double log_2 = 0.69314718055994530942;
  switch (mv_median_source_of(row, a)) {
    case MV_BY_DEATHS:
      return 1 / (row->extra[MV_SHAPE] * log_2);
    case MV_BY_INTERVAL:
      return row->arm[a].log_se;
    default:
      return row->arm[a].n / animals;
  }
}

static mv_reason msr(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double animals = row->arm[MV_T].n + row->arm[MV_C].n;
  const double y = log(row->arm[MV_T].median / row->arm[MV_C].median);
  return mv_put_effect(e, y, by_median(row, MV_T, animals),
                       -by_median(row, MV_C, animals));
}

static double by_animals(const mv_row *row, const double *n, const mv_effect *e,
                         const mv_set *set) {
  (void)row, (void)e, (void)set;
  return 1 / (n[MV_T] + n[MV_C]);
}

static const mv_measure measures[] = {
    {"MSR", &mv_kind_survival, 2, "log", msr, NULL, NULL, 0, 0},
};

static const mv_form forms[] = {
    {"MSR", "deaths", 2, mv_delta_two, NULL},
    {"MSR", "interval", 2, mv_delta_two, NULL},
    {"MSR", "N", 2, by_animals, NULL},
};

const mv_family mv_survival = {measures, sizeof measures / sizeof *measures, forms,
                               sizeof forms / sizeof *forms};
