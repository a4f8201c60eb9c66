#include "effect.h"

#include <math.h>
#include <string.h>

const char *mv_flag_name(int flag) {
  static const char *const names[MV_FLAGS] = {"ratio",       "logs",    "paired",
                                              "no_gradient", "one_way", "keeps_cells"};
  return names[flag];
}

/* With z = (q - 1)/2, J = gamma(z + 1/2) / (gamma(z) sqrt(z + 1/2)), and
 *   log[gamma(z + 1/2) / gamma(z)] = log(z)/2 - 1/(8 z) + 1/(192 z^3) - 1/(640 z^5) + ...
 * (DLMF 5.11.8 at h = 1/2 less h = 0). From z = 12.5 the first term left out is below
 * 1e-16. A smaller z is raised by gamma(z + 1/2)/gamma(z) = z/(z + 1/2) gamma(z +
 * 3/2)/gamma(z + 1). A difference of two lgamma() would lose digits and time, and
 * lgamma() has a global.
 */
double mv_hedges_j(double q) {
  const double enough = 12.5, first = (q - 1) / 2;
  double z = first, over = 1, under = 1;
  for (; z < enough; z += 1) {
    over *= z;
    under *= z + 0.5;
  }
  const double u = 1 / (z * z);
  const double series =
      -1.0 / 8 +
      u * (1.0 / 192 + u * (-1.0 / 640 + u * (17.0 / 14336 +
                                              u * (-31.0 / 18432 + u * 691.0 / 180224))));
  return over / under * exp(series / z) * sqrt(z / (first + 0.5));
}

/* A new family of measures is one file and one row here. */
static const mv_family *const families[] = {
    &mv_differences, &mv_ratios,    &mv_spreads,      &mv_normalised,
    &mv_paired,      &mv_factorial, &mv_one_group,    &mv_counts,
    &mv_rates,       &mv_survival,  &mv_correlations,
};
enum { FAMILIES = sizeof families / sizeof *families };

const mv_measure *mv_measure_at(int index) {
  for (int f = 0; f < FAMILIES; f++) {
    if (index < families[f]->measures) return &families[f]->measure[index];
    index -= families[f]->measures;
  }
  return NULL;
}

const mv_form *mv_form_at(int index) {
  for (int f = 0; f < FAMILIES; f++) {
    if (index < families[f]->forms) return &families[f]->form[index];
    index -= families[f]->forms;
  }
  return NULL;
}

const mv_measure *mv_find_measure(const char *name) {
  const mv_measure *row;
  for (int i = 0; (row = mv_measure_at(i)); i++) {
    if (strcmp(row->name, name) == 0) break;
  }
  return row;
}

const mv_form *mv_find_form(const char *measure, const char *name) {
  const mv_form *row;
  for (int i = 0; (row = mv_form_at(i)); i++) {
    if (strcmp(row->measure, measure) == 0 && strcmp(row->name, name) == 0) break;
  }
  return row;
}
