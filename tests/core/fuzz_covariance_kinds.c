/* fuzz-runs: 40000
 * Measures of every kind in one table, their groups shared in any way: covariances are
 * finite and symmetric, and with the delta method's variances no combination of effects
 * has a variance below zero. */
#include <math.h>

#include "few_keys.h"

enum { GROUPS = 6 };

static int all_measures(void) {
  int count = 0;
  while (mv_measure_at(count)) count++;
  return count;
}

/* A group has the same numbers wherever it stands, so that the rows are of one world. */
static void put_groups(fuzz_bytes *in, double group[GROUPS + 1][MV_FIELDS]) {
  for (int g = 1; g <= GROUPS; g++) {
    const int n = fuzz_int(in, 3, 20);
    group[g][MV_N] = n;
    group[g][MV_MEAN] = fuzz_between(in, 1, 9);
    group[g][MV_SD] = fuzz_between(in, 0.1, 5);
    group[g][MV_EVENTS] = fuzz_int(in, 1, n - 1);
    group[g][MV_EXPOSURE] = fuzz_between(in, 1, 90);
    group[g][MV_MEDIAN] = fuzz_between(in, 1, 90);
    group[g][MV_LOG_SE] = fuzz_between(in, 0.1, 1);
  }
}

static int kind_number(const mv_measure *measure) {
  const mv_kind *const kinds[] = {&mv_kind_means, &mv_kind_counts, &mv_kind_rates,
                                  &mv_kind_survival, &mv_kind_correlation};
  int k = 0;
  while (kinds[k] != measure->kind) k++;
  return k;
}

static double delta_variance(const mv_effect *e, const double *size, int arms) {
  double sum = 0;
  for (int a = 0; a < arms; a++) {
    sum += e->by_mean[a] * e->by_mean[a] / size[a];
    if (e->by_log_sd[a] != 0) {
      sum += e->by_log_sd[a] * e->by_log_sd[a] / (2 * (size[a] - 1));
    }
  }
  return sum;
}

typedef struct {
  kind_rows rows;
  few_keys keys;
  double weight[FEW_ROWS];
} world;

static void put_extras(kind_rows *rows, int i) {
  rows->extra[MV_R][i] = 0.4;
  rows->extra[MV_ADDED][i] = 0;
  rows->extra[MV_SHAPE][i] = 1;
  rows->extra[MV_MAXIMUM][i] = 20;
  rows->extra[MV_LOGS][i] = 0;
  rows->extra[MV_ZERO_SCALE][i] = 1;
}

/* Groups of one row differ: each arm's number is above that of the arm before. */
static void put_row(fuzz_bytes *in, double group[GROUPS + 1][MV_FIELDS], int i,
                    world *all) {
  all->keys.measure[i] = fuzz_int(in, 0, all_measures() - 1);
  const mv_measure *measure = mv_measure_at(all->keys.measure[i]);
  int g = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    all->keys.cohort[a][i] = 0;
    if (a >= measure->arms) continue;
    g = fuzz_int(in, g + 1, GROUPS - measure->arms + a + 1);
    all->keys.cohort[a][i] = g;
    for (int f = 0; f < MV_FIELDS; f++) all->rows.field[a][f][i] = group[g][f];
  }
  put_extras(&all->rows, i);
  all->keys.outcome[i] = fuzz_int(in, 0, 1);
  all->keys.reading[i] = 1 + 2 * kind_number(measure) + all->keys.outcome[i];
  all->keys.experiment[i] = 0;
  put_key(in, i, &all->keys);
  all->weight[i] = fuzz_between(in, -1, 1);
}

static void put_estimate(const mv_covariance_table *table, int i, world *all) {
  const mv_measure *measure = mv_measure_at(all->keys.measure[i]);
  mv_context context = {.correct = MV_EXACT};
  mv_row row;
  mv_effect e;
  double size[MV_ARMS];
  all->keys.yi[i] = all->keys.vi[i] = NAN;
  if (mv_row_effect(&table->arms, i, measure, measure->arms, &context, &row, &e)) return;
  for (int a = 0; a < measure->arms; a++) size[a] = measure->kind->size(&row, a);
  const int gradient = !(measure->flags & MV_NO_GRADIENT);
  all->keys.yi[i] = all->keys.sign[i] * e.y;
  all->keys.vi[i] = gradient ? delta_variance(&e, size, measure->arms) : 0.1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  double group[GROUPS + 1][MV_FIELDS];
  world all;
  clear_rows(&all.rows);
  put_groups(&in, group);
  const int count = fuzz_int(&in, 2, FEW_ROWS);
  const double rho = fuzz_between(&in, 0, 1);
  for (int i = 0; i < count; i++) put_row(&in, group, i, &all);
  const mv_covariance_table table =
      covariance_table(kind_table(&all.rows, count, ~0u).arms, rho, &all.keys);
  for (int i = 0; i < count; i++) put_estimate(&table, i, &all);
  mv_context contexts[MV_CORRECTIONS];
  mv_covariance_row read[FEW_ROWS];
  const mv_covariance_work work = {contexts, read};
  mv_covariance_start(&work);
  for (int i = 0; i < count; i++) FUZZ_ASSERT(mv_covariance_read(&table, i, i, &work));
  double total = 0, scale = 0;
  int gradients = 1;
  for (int i = 0; i < count; i++) {
    if (isnan(all.keys.vi[i])) continue;
    gradients &= !(read[i].measure->flags & MV_NO_GRADIENT);
    total += all.weight[i] * all.weight[i] * all.keys.vi[i];
    scale += all.weight[i] * all.weight[i] * all.keys.vi[i];
    for (int j = 0; j < i; j++) {
      int ask = 0;
      const double found = mv_covariance(&table, read + i, read + j, &ask);
      FUZZ_ASSERT(isnan(all.keys.vi[j]) ? isnan(found) : isfinite(found));
      if (isnan(all.keys.vi[j])) continue;
      const double turned = mv_covariance(&table, read + j, read + i, &ask);
      FUZZ_ASSERT(fabs(found - turned) <= 1e-12 * (1 + fabs(found)) && !ask);
      FUZZ_ASSERT(fabs(found) <= (1 + 1e-9) * sqrt(all.keys.vi[i] * all.keys.vi[j]));
      total += 2 * all.weight[i] * all.weight[j] * found;
    }
  }
  if (gradients) FUZZ_ASSERT(total >= -1e-9 * scale);
  return 0;
}
