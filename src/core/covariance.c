#include "covariance.h"

#include <math.h>

mv_covariance_work mv_covariance_layout(mv_arena *arena,
                                        const mv_covariance_table *table) {
  mv_covariance_work work;
  int largest = 0;
  for (ptrdiff_t block = 0; block < table->blocks; block++) {
    const int size = table->start[block + 1] - table->start[block];
    if (size > largest) largest = size;
  }
  work.context = mv_arena_bytes(arena, sizeof *work.context * MV_CORRECTIONS);
  work.row = mv_arena_bytes(arena, sizeof *work.row * (size_t)largest);
  return work;
}

void mv_covariance_start(const mv_covariance_work *work) {
  for (int i = 0; i < MV_CORRECTIONS; i++) {
    work->context[i] = (mv_context){.correct = (mv_correct)i};
  }
}

/* ---- gradients ---- */

/* Rounding of an effect, as a share of itself, or, where its means nearly cancel, of its
 * standard error. */
static const double same_effect = 1e-8, same_beside_error = 1e-10;

static int near(double a, double b, double se) {
  return fabs(a - b) <= same_effect * fmax(fabs(a), fabs(b)) + same_beside_error * se;
}

/* A sham of unknown spread comes with a variance form that takes the sham as known. */
static mv_reason derive(const mv_covariance_table *table, mv_context *context,
                        mv_covariance_row *to) {
  const mv_measure *measure = to->measure;
  const int spread = measure->arms > MV_B ? measure->arms : MV_S;
  mv_effect *effect = &to->effect;
  mv_row row;
  const mv_reason reason =
      mv_row_effect(&table->arms, to->at, measure, spread, context, &row, effect);
  if (reason != MV_FINE) return reason;
  for (int a = 0; a < measure->arms; a++) {
    if (isnan(effect->by_mean[a])) effect->by_mean[a] = 0;
    to->size[a] = measure->kind->size(&row, a);
  }
  return MV_FINE;
}

/* yi may have been computed with the small-sample correction, exact or approximate, or
 * without: the gradient is that of the estimate as it stands. 0 where it is none of them.
 */
static int derive_as_given(const mv_covariance_table *table, mv_context *contexts,
                           mv_covariance_row *to) {
  static const mv_correct likely[] = {MV_EXACT, MV_CRUDE, MV_APPROXIMATE};
  const double yi = table->yi[to->at] * (table->sign[to->at] < 0 ? -1 : 1);
  const double se = sqrt(fabs(table->vi[to->at]));
  for (int i = 0; i < MV_CORRECTIONS; i++) {
    if (derive(table, &contexts[likely[i]], to) != MV_FINE) return 0;
    if (near(yi, to->effect.y, se)) return 1;
  }
  return 0;
}

/* All of a row but its gradient. */
static void read_place(const mv_covariance_table *table, ptrdiff_t at,
                       mv_covariance_row *row) {
  row->at = at;
  row->measure = table->measure[at] < 0 ? NULL : mv_measure_at(table->measure[at]);
  row->known = !isnan(table->yi[at]) && !isnan(table->vi[at]);
}

int mv_covariance_read(const mv_covariance_table *table, ptrdiff_t at, ptrdiff_t p,
                       const mv_covariance_work *work) {
  mv_covariance_row *row = work->row + p;
  read_place(table, at, row);
  row->effect = (mv_effect){.factor = 1};
  if (!row->measure || !row->known) return 1;
  const int found = derive_as_given(table, work->context, row);
  if (!found) row->effect = (mv_effect){.factor = 1};
  return found;
}

/* ---- who shares animals ---- */

/* Numbers of one reading differ by rounding only up to this share. */
static const double same_value = 1e-8;

static int is_other(double one, double other) {
  return isnan(one) != isnan(other) || fabs(other - one) > same_value * fabs(one);
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

/* i's group a and j's group b are the same animals: do their numbers differ? */
static int two_sets(const mv_covariance_table *table, const mv_covariance_row *i, int a,
                    const mv_covariance_row *j, int b) {
  const mv_kind *kind = i->measure->kind;
  const int same = table->reading[i->at] == table->reading[j->at] &&
                   is_second(i->measure, a) == is_second(j->measure, b);
  if (!same) return 0;
  for (int field = 0; field < MV_FIELDS; field++) {
    if (!((kind->needs | kind->may) & 1u << field)) continue;
    const double one = number_of(table, j->at, b, field);
    if (is_other(one, number_of(table, i->at, a, field))) return 1;
  }
  return 0;
}

/* How many groups of animals two rows share. */
static int shared_groups(const mv_covariance_table *table, const mv_covariance_row *i,
                         const mv_covariance_row *j, mv_two_sets *found) {
  int shared = 0;
  if (table->experiment[i->at] != table->experiment[j->at]) return 0;
  for (int a = 0; a < i->measure->arms; a++) {
    const int group = table->cohort[a][i->at];
    for (int b = 0; b < j->measure->arms && group != 0; b++) {
      if (table->cohort[b][j->at] != group) continue;
      shared++;
      if (found->other < 0 && two_sets(table, i, a, j, b)) {
        *found = (mv_two_sets){j->at, i->at, a};
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
    const int from = table->start[block], size = table->start[block + 1] - from;
    for (int p = 0; p < size; p++) {
      const mv_covariance_row *i = work->row + p;
      read_place(table, table->block[from + p], work->row + p);
      for (int q = 0; q <= p && i->measure; q++) { /* a row has several groups */
        const mv_covariance_row *j = work->row + q;
        if (!j->measure) continue;
        const int shared = shared_groups(table, i, j, found);
        count += q < p && (shared > 0 || !i->known || !j->known);
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
static double joint_size(const mv_covariance_row *i, int a, const mv_covariance_row *j,
                         int b) {
  const double one = i->size[a], other = j->size[b];
  if (one == other) return one;
  const int animals = has_animals(i->measure) && has_animals(j->measure);
  return animals ? fmax(one, other) : sqrt(one * other);
}

/* i's group a and j's group b are the same animals. */
static double shared_group(const mv_covariance_row *i, int a, const mv_covariance_row *j,
                           int b, double rho) {
  const double means = i->effect.by_mean[a] * j->effect.by_mean[b];
  const double sds = i->effect.by_log_sd[a] * j->effect.by_log_sd[b];
  if (means == 0 && sds == 0) return 0;
  const double n = joint_size(i, a, j, b);
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

/* The sum over the groups of animals of both rows, which `shared` counts. */
static double by_groups(const mv_covariance_table *table, const mv_covariance_row *i,
                        const mv_covariance_row *j, double rho, int *shared) {
  double sum = 0;
  for (int a = 0; a < i->measure->arms; a++) {
    const int group = table->cohort[a][i->at];
    if (group == 0) continue;
    for (int b = 0; b < j->measure->arms; b++) {
      if (table->cohort[b][j->at] != group) continue;
      *shared += 1;
      sum += shared_group(i, a, j, b, rho);
    }
  }
  return sum;
}

static double derived(const mv_covariance_table *table, const mv_covariance_row *i,
                      const mv_covariance_row *j, int *asks) {
  const unsigned flags = i->measure->flags | j->measure->flags;
  const double root = sqrt(table->vi[i->at] * table->vi[j->at]);
  const int same_reading = table->reading[i->at] == table->reading[j->at];
  const int has_gradients = !(flags & MV_NO_GRADIENT);
  /* A row that a join has doubled: the same number twice. */
  const int same = same_comparison(table, i->at, j->at) &&
                   (has_gradients || same_number(table, i->at, j->at));
  if (same) return root;
  const double rho = has_gradients && same_reading ? 1 : of_readings(table, i->at, j->at);
  int shared = 0;
  const double sum = by_groups(table, i, j, rho, &shared);
  const double found = has_gradients ? sum : shared ? rho * root : 0;
  if (isnan(found) && isnan(rho)) *asks = 1;
  return found;
}

double mv_covariance(const mv_covariance_table *table, const mv_covariance_row *i,
                     const mv_covariance_row *j, int *asks) {
  if (!i->measure || !j->measure) return 0;
  if (!i->known || !j->known) return NAN;
  if (table->experiment[i->at] != table->experiment[j->at]) return 0;
  const int treated = table->cohort[MV_T][i->at];
  const int same_treated = treated != 0 && treated == table->cohort[MV_T][j->at];
  if ((table->apart[i->at] || table->apart[j->at]) && !same_treated) return 0;
  const double found = derived(table, i, j, asks);
  return table->sign[i->at] * table->sign[j->at] < 0 ? -found : found;
}

/* ---- all pairs ---- */

static void note_asks(int i, int j, int *asks) {
  if (asks[i] == 0) asks[i] = j + 1;
  if (asks[j] == 0) asks[j] = i + 1;
}

ptrdiff_t mv_covariance_pairs(const mv_covariance_table *table,
                              const mv_covariance_work *work,
                              const mv_covariances_found *found) {
  ptrdiff_t count = 0;
  for (ptrdiff_t block = 0; block < table->blocks; block++) {
    const int *row = table->block + table->start[block];
    const int size = table->start[block + 1] - table->start[block];
    for (int p = 0; p < size; p++) {
      found->changed[row[p]] = !mv_covariance_read(table, row[p], p, work);
      found->asks[row[p]] = 0;
      for (int q = 0; q < p; q++) {
        int asks = 0;
        const double value = mv_covariance(table, work->row + p, work->row + q, &asks);
        if (asks) note_asks(row[p], row[q], found->asks);
        if (value == 0) continue;
        found->first[count] = row[p];
        found->second[count] = row[q];
        found->value[count++] = value;
      }
    }
  }
  return count;
}
