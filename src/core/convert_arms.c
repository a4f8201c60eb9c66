#include "convert_arms.h"

#include <math.h>

/* Cochrane Handbook 6.5.2.10, for any number of groups; exact:
 *   N = sum n,  M = sum n m / N,  (N - 1) S^2 = sum (n - 1) s^2 + sum n (m - M)^2
 * The Handbook's formula for two groups has m_1^2 + m_2^2 - 2 m_1 m_2 instead of the
 * square of a difference, and loses its digits where means are large. */
static void clear(double *x, ptrdiff_t length) {
  for (ptrdiff_t i = 0; i < length; i++) x[i] = 0;
}

static void add_means(const mv_groups *from, mv_combined to) {
  clear(to.n, to.sets);
  clear(to.mean, to.sets);
  for (ptrdiff_t i = 0; i < from->groups; i++) {
    const int set = from->set[i] - 1;
    to.n[set] += from->n[i];
    /* the running mean moves by its share of the difference: exact for equal means */
    to.mean[set] += (from->mean[i] - to.mean[set]) * (from->n[i] / to.n[set]);
  }
}

/* One animal alone has no SD, and needs none. */
static double within(double n, double sd) { return n == 1 ? 0 : (n - 1) * sd * sd; }

static void add_squares(const mv_groups *from, mv_combined to) {
  clear(to.sd, to.sets);
  for (ptrdiff_t i = 0; i < from->groups; i++) {
    const int set = from->set[i] - 1;
    const double away = from->mean[i] - to.mean[set];
    to.sd[set] += within(from->n[i], from->sd[i]) + from->n[i] * away * away;
  }
}

void mv_combine_groups(const mv_groups *groups, mv_combined sets) {
  add_means(groups, sets);
  add_squares(groups, sets);
  for (ptrdiff_t set = 0; set < sets.sets; set++)
    sets.sd[set] = sets.n[set] > 1 ? sqrt(sets.sd[set] / (sets.n[set] - 1)) : NAN;
}
