/* Covariances of MD are those of the means by two loops: sum over shared groups of the
 * signs times rho s s / n; symmetric, and their matrix with each effect's delta variance
 * is never below zero in a random direction. */
#include <math.h>

#include "few_keys.h"

/* Groups have one n and SD each, so that the rows are of one world. */
enum { GROUPS = 6 };

typedef struct {
  double n[GROUPS + 1], sd[GROUPS + 1];
} groups;

typedef struct {
  few_rows rows;
  few_keys keys;
  double rho, weight[FEW_ROWS];
} world;

static void put_groups(fuzz_bytes *in, groups *all) {
  for (int g = 0; g <= GROUPS; g++) {
    all->n[g] = fuzz_int(in, 1, 20);
    all->sd[g] = fuzz_between(in, 0.1, 5);
  }
}

static void put_row(fuzz_bytes *in, const groups *of, int i, world *all) {
  few_rows *rows = &all->rows;
  few_keys *keys = &all->keys;
  keys->cohort[MV_T][i] = fuzz_int(in, 1, GROUPS - 1);
  keys->cohort[MV_C][i] = fuzz_int(in, keys->cohort[MV_T][i] + 1, GROUPS);
  keys->cohort[MV_S][i] = keys->cohort[MV_B][i] = 0;
  for (int a = 0; a < 2; a++) {
    const int g = keys->cohort[a][i];
    put_arm(rows, a, i, of->n[g], fuzz_nice(in), of->sd[g]);
  }
  put_arm(rows, MV_S, i, NAN, NAN, NAN);
  put_arm(rows, MV_B, i, NAN, NAN, NAN);
  keys->measure[i] = 0;
  keys->experiment[i] = fuzz_byte(in) % 8 == 0;
  keys->reading[i] = fuzz_int(in, 1, 2);
  keys->outcome[i] = fuzz_int(in, 0, 1);
  put_key(in, i, keys);
  keys->yi[i] = keys->sign[i] * (rows->mean[MV_T][i] - rows->mean[MV_C][i]);
  keys->vi[i] = rows->sd[0][i] * rows->sd[0][i] / rows->n[0][i] +
                rows->sd[1][i] * rows->sd[1][i] / rows->n[1][i];
  all->weight[i] = fuzz_between(in, -1, 1);
}

static double slow(const world *all, int i, int j) {
  const few_rows *rows = &all->rows;
  const few_keys *keys = &all->keys;
  const double rho = keys->reading[i] == keys->reading[j] ? 1 : all->rho;
  double sum = 0;
  if (keys->experiment[i] != keys->experiment[j]) return 0;
  for (int a = 0; a < 2; a++) {
    for (int b = 0; b < 2; b++) {
      if (keys->cohort[a][i] != keys->cohort[b][j]) continue;
      const double sign = a == b ? 1 : -1;
      sum += sign * rho * rows->sd[a][i] * rows->sd[b][j] / rows->n[a][i];
    }
  }
  return keys->sign[i] * keys->sign[j] * sum;
}

static void check_values(const mv_covariance_table *table, const mv_covariance_row *read,
                         const world *all) {
  double total = 0;
  for (int i = 0; i < (int)table->arms.rows; i++) {
    total += all->weight[i] * all->weight[i] * all->keys.vi[i];
    for (int j = 0; j < i; j++) {
      int ask = 0;
      const double found = mv_covariance(table, read + i, read + j, &ask);
      const double want = slow(all, i, j);
      FUZZ_ASSERT(fabs(found - want) <= 1e-12 * (1 + fabs(want)));
      FUZZ_ASSERT(found == mv_covariance(table, read + j, read + i, &ask) && !ask);
      total += 2 * all->weight[i] * all->weight[j] * found;
    }
  }
  FUZZ_ASSERT(total >= -1e-9);
}

static void check_pairs(const mv_covariance_table *table,
                        const mv_covariance_work *work) {
  int first[FEW_ROWS * FEW_ROWS], second[FEW_ROWS * FEW_ROWS];
  int changed[FEW_ROWS], asks[FEW_ROWS];
  double value[FEW_ROWS * FEW_ROWS];
  mv_two_sets twice;
  const mv_covariances_found all = {first, second, value, changed, asks};
  const ptrdiff_t most = mv_covariance_sharing(table, work, &twice);
  const ptrdiff_t pairs = mv_covariance_pairs(table, work, &all);
  FUZZ_ASSERT(pairs <= most && most <= table->arms.rows * (table->arms.rows - 1) / 2);
  for (ptrdiff_t p = 0; p < pairs; p++) {
    FUZZ_ASSERT(first[p] > second[p] && value[p] != 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  groups groups;
  world all;
  const int count = fuzz_int(&in, 1, FEW_ROWS);
  all.rho = fuzz_between(&in, 0, 1);
  put_groups(&in, &groups);
  for (int i = 0; i < count; i++) put_row(&in, &groups, i, &all);
  const mv_covariance_table table =
      covariance_table(arms_of(&all.rows, count), all.rho, &all.keys);
  mv_context contexts[MV_CORRECTIONS];
  mv_covariance_row read[FEW_ROWS];
  const mv_covariance_work work = {contexts, read};
  mv_covariance_start(&work);
  for (int i = 0; i < count; i++) FUZZ_ASSERT(mv_covariance_read(&table, i, i, &work));
  check_values(&table, read, &all);
  check_pairs(&table, &work);
  return 0;
}
