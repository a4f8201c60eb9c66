/* Covariances of MD are those of the means by two loops: sum over shared groups of the
 * signs times rho s s / n; symmetric, and their matrix with each effect's delta variance
 * is never below zero in a random direction. */
#include <math.h>

#include "covariance.h"
#include "fuzz_bytes.h"
#include "one_row.h"

/* Groups have one n and SD each, so that the rows are of one world. */
enum { GROUPS = 6 };

typedef struct {
  double n[GROUPS + 1], sd[GROUPS + 1];
} groups;

static double slow(const few_rows *rows, int cohort[][FEW_ROWS], int i, int j,
                   double rho) {
  double sum = 0;
  for (int a = 0; a < 2; a++) {
    for (int b = 0; b < 2; b++) {
      if (cohort[a][i] != cohort[b][j]) continue;
      const double sign = a == b ? 1 : -1;
      sum += sign * rho * rows->sd[a][i] * rows->sd[b][j] / rows->n[a][i];
    }
  }
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  few_rows rows;
  groups world;
  int cohort[MV_ARMS][FEW_ROWS], reading[FEW_ROWS], apart[FEW_ROWS], measure[FEW_ROWS];
  int block[FEW_ROWS], start[2], changed[FEW_ROWS], asks[FEW_ROWS];
  int outcome[FEW_ROWS], experiment[FEW_ROWS];
  double time[FEW_ROWS], sign[FEW_ROWS], yi[FEW_ROWS], vi[FEW_ROWS], weight[FEW_ROWS];
  const int count = fuzz_int(&in, 1, FEW_ROWS);
  const double rho = fuzz_between(&in, 0, 1);
  for (int g = 0; g <= GROUPS; g++) {
    world.n[g] = fuzz_int(&in, 1, 20);
    world.sd[g] = fuzz_between(&in, 0.1, 5);
  }
  for (int i = 0; i < count; i++) {
    cohort[MV_T][i] = fuzz_int(&in, 1, GROUPS - 1);
    cohort[MV_C][i] = fuzz_int(&in, cohort[MV_T][i] + 1, GROUPS);
    cohort[MV_S][i] = cohort[MV_B][i] = 0;
    for (int a = 0; a < 2; a++) {
      put_arm(&rows, a, i, world.n[cohort[a][i]], fuzz_nice(&in), world.sd[cohort[a][i]]);
    }
    put_arm(&rows, MV_S, i, NAN, NAN, NAN);
    put_arm(&rows, MV_B, i, NAN, NAN, NAN);
    experiment[i] = fuzz_byte(&in) % 8 == 0;
    reading[i] = fuzz_int(&in, 1, 2);
    outcome[i] = fuzz_int(&in, 0, 1);
    time[i] = NAN;
    apart[i] = 0;
    measure[i] = 0;
    block[i] = i;
    sign[i] = fuzz_byte(&in) % 2 ? 1 : -1;
    yi[i] = sign[i] * (rows.mean[MV_T][i] - rows.mean[MV_C][i]);
    vi[i] = rows.sd[0][i] * rows.sd[0][i] / rows.n[0][i] +
            rows.sd[1][i] * rows.sd[1][i] / rows.n[1][i];
    weight[i] = fuzz_between(&in, -1, 1);
  }
  start[0] = 0;
  start[1] = count;
  const mv_covariance_table table = {
      .arms = arms_of(&rows, count),
      .measure = measure,
      .experiment = experiment,
      .cohort = {cohort[0], cohort[1], cohort[2], cohort[3]},
      .reading = reading,
      .outcome = outcome,
      .time = time,
      .apart = apart,
      .sign = sign,
      .yi = yi,
      .vi = vi,
      .rho = {.within = rho, .between = rho, .by_time = 1},
      .block = block,
      .start = start,
      .blocks = 1};
  mv_context contexts[MV_CORRECTIONS];
  mv_covariance_row read[FEW_ROWS];
  const mv_covariance_work work = {contexts, read};
  mv_covariance_start(&work);
  for (int i = 0; i < count; i++) FUZZ_ASSERT(mv_covariance_read(&table, i, i, &work));
  double total = 0;
  for (int i = 0; i < count; i++) {
    total += weight[i] * weight[i] * vi[i];
    for (int j = 0; j < i; j++) {
      int ask = 0;
      const double found = mv_covariance(&table, read + i, read + j, &ask);
      const double by_rho = reading[i] == reading[j] ? 1 : rho;
      const double want = experiment[i] != experiment[j]
                              ? 0
                              : sign[i] * sign[j] * slow(&rows, cohort, i, j, by_rho);
      FUZZ_ASSERT(fabs(found - want) <= 1e-12 * (1 + fabs(want)));
      FUZZ_ASSERT(found == mv_covariance(&table, read + j, read + i, &ask) && !ask);
      total += 2 * weight[i] * weight[j] * found;
    }
  }
  FUZZ_ASSERT(total >= -1e-9);
  int first[FEW_ROWS * FEW_ROWS], second[FEW_ROWS * FEW_ROWS];
  double value[FEW_ROWS * FEW_ROWS];
  mv_two_sets twice;
  mv_covariances_found all = {first, second, value, changed, asks};
  const ptrdiff_t most = mv_covariance_sharing(&table, &work, &twice);
  const ptrdiff_t pairs = mv_covariance_pairs(&table, &work, &all);
  FUZZ_ASSERT(pairs <= most && most <= count * (count - 1) / 2);
  for (ptrdiff_t p = 0; p < pairs; p++)
    FUZZ_ASSERT(first[p] > second[p] && value[p] != 0);
  return 0;
}
