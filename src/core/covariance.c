#include "covariance.h"

#include <math.h>

mv_covariance_work mv_covariance_layout(mv_arena *arena, ptrdiff_t rows) {
  mv_covariance_work work;
  work.effect = mv_arena_bytes(arena, sizeof *work.effect * (size_t)rows);
  work.size = mv_arena_bytes(arena, sizeof *work.size * (size_t)rows);
  work.measure = mv_arena_bytes(arena, sizeof *work.measure * (size_t)rows);
  return work;
}

/* ---- gradients ---- */

/* Equal but for rounding: of the effect itself, or, where its means nearly cancel, of
 * what its standard error leaves visible. */
static int near(double a, double b, double se) {
  return fabs(a - b) <= 1e-8 * fmax(fabs(a), fabs(b)) + 1e-10 * se;
}

static int is_known(const mv_covariance_table *table, ptrdiff_t row) {
  return !isnan(table->yi[row]) && !isnan(table->vi[row]);
}

/* A sham of unknown spread comes with a variance form that takes the sham as known. */
static mv_reason derive(const mv_covariance_table *table, ptrdiff_t at,
                        mv_context *context, const mv_covariance_work *work) {
  const mv_measure *measure = work->measure[at];
  const int spread = measure->arms > MV_B ? measure->arms : MV_S;
  mv_effect *effect = &work->effect[at];
  mv_row row;
  const mv_reason reason =
      mv_row_effect(&table->arms, at, measure, spread, context, &row, effect);
  if (reason != MV_FINE) return reason;
  for (int a = 0; a < measure->arms; a++) {
    if (isnan(effect->by_mean[a])) effect->by_mean[a] = 0;
    work->size[at][a] = measure->kind->size(&row, a);
  }
  return MV_FINE;
}

/* yi may have been computed with the small-sample correction, exact or approximate, or
 * without: the gradient is that of the estimate as it stands. 0 where it is none of them.
 */
static int derive_as_given(const mv_covariance_table *table, ptrdiff_t at,
                           mv_context *contexts, const mv_covariance_work *work) {
  static const mv_correct likely[] = {MV_EXACT, MV_CRUDE, MV_APPROXIMATE};
  const double yi = table->yi[at] * (table->sign[at] < 0 ? -1 : 1);
  const double se = sqrt(fabs(table->vi[at]));
  for (int i = 0; i < MV_CORRECTIONS; i++) {
    if (derive(table, at, &contexts[likely[i]], work) != MV_FINE) return 0;
    if (near(yi, work->effect[at].y, se)) return 1;
  }
  return 0;
}

ptrdiff_t mv_covariance_effects(const mv_covariance_table *table,
                                const mv_covariance_work *work, int *changed) {
  mv_context contexts[MV_CORRECTIONS] = {
      {.correct = MV_CRUDE}, {.correct = MV_EXACT}, {.correct = MV_APPROXIMATE}};
  ptrdiff_t count = 0;
  for (ptrdiff_t at = 0; at < table->arms.rows; at++) {
    work->effect[at] = (mv_effect){.factor = 1};
    work->measure[at] = table->measure[at] < 0 ? NULL : mv_measure_at(table->measure[at]);
    changed[at] = 0;
    if (!work->measure[at] || !is_known(table, at)) continue;
    changed[at] = !derive_as_given(table, at, contexts, work);
    if (changed[at]) work->effect[at] = (mv_effect){.factor = 1};
    count += changed[at];
  }
  return count;
}

/* ---- who shares animals ---- */

/* Numbers of one reading differ by rounding only up to this share. */
static const double same_reading = 1e-8;

static int is_other(double one, double other) {
  return isnan(one) != isnan(other) || fabs(other - one) > same_reading * fabs(one);
}

/* The second arm of a paired measure is another reading of the same animals. */
static int is_second(const mv_measure *measure, int arm) {
  return arm == MV_C && (measure->flags & MV_PAIRED) != 0;
}

static double number_of(const mv_covariance_table *table, ptrdiff_t row, int arm,
                        int field) {
  const double *column = table->arms.field[arm][field];
  return column ? column[row] : NAN;
}

/* Row i's group a and row j's group b are the same animals: do their numbers differ? */
static int two_sets(const mv_covariance_table *table, const mv_covariance_work *work,
                    ptrdiff_t i, int a, ptrdiff_t j, int b) {
  const mv_kind *kind = work->measure[i]->kind;
  const int same = table->reading[i] == table->reading[j] &&
                   is_second(work->measure[i], a) == is_second(work->measure[j], b);
  if (!same) return 0;
  for (int field = 0; field < MV_FIELDS; field++) {
    if (!((kind->needs | kind->may) & 1u << field)) continue;
    if (is_other(number_of(table, j, b, field), number_of(table, i, a, field))) return 1;
  }
  return 0;
}

/* How many groups of animals two rows share. */
static int shared_groups(const mv_covariance_table *table, const mv_covariance_work *work,
                         ptrdiff_t i, ptrdiff_t j, mv_two_sets *found) {
  int shared = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    const int group = table->cohort[a][i];
    for (int b = 0; b < MV_ARMS && group != 0; b++) {
      if (table->cohort[b][j] != group) continue;
      shared++;
      if (found->other < 0 && two_sets(table, work, i, a, j, b)) {
        *found = (mv_two_sets){j, i, a};
      }
    }
  }
  return shared;
}

ptrdiff_t mv_covariance_sharing(const mv_covariance_table *table,
                                const mv_covariance_work *work, mv_two_sets *found) {
  ptrdiff_t count = 0;
  *found = (mv_two_sets){-1, -1, 0};
  for (ptrdiff_t block = 0; block < table->blocks; block++) {
    for (int p = table->start[block]; p < table->start[block + 1]; p++) {
      for (int q = table->start[block]; q <= p; q++) { /* a row has several groups */
        const int i = table->block[p], j = table->block[q];
        if (!work->measure[i] || !work->measure[j]) continue;
        const int shared = shared_groups(table, work, i, j, found);
        count += p > q && (shared > 0 || !is_known(table, i) || !is_known(table, j));
      }
    }
  }
  return count;
}

/* ---- how two readings correlate ---- */

static double by_outcomes(const mv_rho *rho, int a, int b) {
  if (rho->matrix) return rho->matrix[(ptrdiff_t)a * rho->outcomes + b];
  return a == b ? rho->within : rho->between;
}

static double of_readings(const mv_covariance_table *table, ptrdiff_t i, ptrdiff_t j) {
  const mv_rho *rho = &table->rho;
  const double found = by_outcomes(rho, table->outcome[i], table->outcome[j]);
  const double one = table->time[i], other = table->time[j];
  if (rho->by_time == 1 || one == other || (isnan(one) && isnan(other))) return found;
  return found * (rho->decays ? pow(rho->by_time, fabs(one - other)) : rho->by_time);
}

/* ---- one pair ---- */

static int has_animals(const mv_measure *measure) {
  return (measure->kind->needs & 1u << MV_N) != 0;
}

/* What two sizes of the same animals count for. Where the two readings have different n,
 * the smaller group is taken to be part of the larger: n1 n2 / min = max. Sizes that are
 * no animals (deaths, time at risk) give rho the meaning of the estimates' correlation.
 */
static double joint_size(const mv_covariance_work *work, ptrdiff_t i, int a, ptrdiff_t j,
                         int b) {
  const double one = work->size[i][a], other = work->size[j][b];
  if (one == other) return one;
  const int animals = has_animals(work->measure[i]) && has_animals(work->measure[j]);
  return animals ? fmax(one, other) : sqrt(one * other);
}

/* Row i's group a and row j's group b are the same animals. */
static double shared_group(const mv_covariance_work *work, ptrdiff_t i, int a,
                           ptrdiff_t j, int b, double rho) {
  const mv_effect *ei = &work->effect[i], *ej = &work->effect[j];
  const double means = ei->by_mean[a] * ej->by_mean[b];
  const double sds = ei->by_log_sd[a] * ej->by_log_sd[b];
  if (means == 0 && sds == 0) return 0;
  const double n = joint_size(work, i, a, j, b);
  const double by_sds = sds != 0 && n > 1 ? rho * rho * sds / (2 * (n - 1)) : 0;
  return rho * means / n + by_sds;
}

static int same_comparison(const mv_covariance_table *table, ptrdiff_t i, ptrdiff_t j) {
  int same =
      table->measure[i] == table->measure[j] && table->reading[i] == table->reading[j];
  for (int a = 0; a < MV_ARMS; a++) same &= table->cohort[a][i] == table->cohort[a][j];
  return same && table->cohort[MV_T][i] != 0;
}

static int same_number(const mv_covariance_table *table, ptrdiff_t i, ptrdiff_t j) {
  return table->yi[i] * table->sign[i] == table->yi[j] * table->sign[j];
}

/* The sum over the groups of animals of both rows, whose number is `shared`. */
static double by_groups(const mv_covariance_table *table, const mv_covariance_work *work,
                        ptrdiff_t i, ptrdiff_t j, double rho, int *shared) {
  double sum = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    const int group = table->cohort[a][i];
    if (group == 0) continue;
    for (int b = 0; b < MV_ARMS; b++) {
      if (table->cohort[b][j] != group) continue;
      *shared += 1;
      sum += shared_group(work, i, a, j, b, rho);
    }
  }
  return sum;
}

static double derived(const mv_covariance_table *table, const mv_covariance_work *work,
                      ptrdiff_t i, ptrdiff_t j, int *asks) {
  const unsigned flags = work->measure[i]->flags | work->measure[j]->flags;
  const int same_reading = table->reading[i] == table->reading[j];
  const int has_gradients = !(flags & MV_NO_GRADIENT);
  /* A row that a join has doubled: the same number twice. */
  if (same_comparison(table, i, j) && (has_gradients || same_number(table, i, j))) {
    return sqrt(table->vi[i] * table->vi[j]);
  }
  const double rho = has_gradients && same_reading ? 1 : of_readings(table, i, j);
  int shared = 0;
  const double sum = by_groups(table, work, i, j, rho, &shared);
  const double with_rho = shared ? rho * sqrt(table->vi[i] * table->vi[j]) : 0;
  const double found = has_gradients ? sum : with_rho;
  if (isnan(found) && isnan(rho)) *asks = 1;
  return found;
}

double mv_covariance(const mv_covariance_table *table, const mv_covariance_work *work,
                     ptrdiff_t i, ptrdiff_t j, int *asks) {
  if (!work->measure[i] || !work->measure[j]) return 0;
  if (!is_known(table, i) || !is_known(table, j)) return NAN;
  const int treated = table->cohort[MV_T][i];
  const int same_treated = treated != 0 && treated == table->cohort[MV_T][j];
  if ((table->apart[i] || table->apart[j]) && !same_treated) return 0;
  const double found = derived(table, work, i, j, asks);
  return table->sign[i] * table->sign[j] < 0 ? -found : found;
}

/* ---- all pairs ---- */

ptrdiff_t mv_covariance_pairs(const mv_covariance_table *table,
                              const mv_covariance_work *work, int *first, int *second,
                              double *value, int *asks) {
  ptrdiff_t count = 0;
  for (ptrdiff_t block = 0; block < table->blocks; block++) {
    for (int p = table->start[block]; p < table->start[block + 1]; p++) {
      for (int q = table->start[block]; q < p; q++) {
        const int i = table->block[p], j = table->block[q];
        int ask = 0;
        const double found = mv_covariance(table, work, i, j, &ask);
        if (ask && asks[i] == 0) asks[i] = j + 1;
        if (ask && asks[j] == 0) asks[j] = i + 1;
        if (found == 0) continue;
        first[count] = i;
        second[count] = j;
        value[count] = found;
        count++;
      }
    }
  }
  return count;
}
