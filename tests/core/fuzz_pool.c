/* A pooled fit is finite or has a status; on data as they are its coefficients and
 * standard errors are those of dense algebra. fuzz-runs: 10000 */
#include "dense.h"
#include "fuzz_sets.h"
#include "pooling.h"

typedef struct {
  mv_pooled of;
  double beta[SET_COLUMNS], se[SET_COLUMNS], vcov[SET_COLUMNS * SET_COLUMNS];
} fit;

static mv_status pool(pooling *at, int method, int test, int intercept, fit *to) {
  double rest[4][SET_COLUMNS];
  int count;
  mv_search search;
  const mv_pool_options options = {(mv_test)test, 0.95, intercept};
  mv_coefficients out = {to->beta, to->se, rest[0], rest[1], rest[2], rest[3], to->vcov};
  const char *name = mv_estimator_at(method, &count)->name;
  const mv_status status = pooling_search(at, name, &search);
  if (status != MV_OK) return status;
  return mv_pool_finish(&at->model, &options, &search, &at->work, &to->of, &out);
}

static void check_finite(int p, const fit *of) {
  for (int i = 0; i < p; i++) {
    FUZZ_ASSERT(isfinite(of->beta[i]) && isfinite(of->se[i]) && of->se[i] >= 0);
  }
  FUZZ_ASSERT(isfinite(of->of.tau2) && of->of.tau2 >= 0 && isfinite(of->of.s2_used));
}

static void check_dense(const random_set *set, const fit *of) {
  static dense_matrix inverse;
  const int p = set->p;
  dense_information_inverse(set, of->of.tau2, &inverse);
  for (int a = 0; a < p; a++) {
    real b = 0;
    for (int i = 0; i < set->k; i++) {
      const real w = 1 / ((real)set->v[i] + of->of.tau2);
      for (int c = 0; c < p; c++) {
        b += inverse.at[a][c] * set->x[i * p + c] * set->y[i] * w;
      }
    }
    const double se = sqrt((double)inverse.at[a][a]);
    FUZZ_ASSERT(fuzz_near(of->se[a], se * sqrt(of->of.s2_used), 0));
    FUZZ_ASSERT(fuzz_near(of->beta[a], (double)b, se));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  const int method = fuzz_int(&in, 0, 4), test = fuzz_int(&in, 0, 3);
  const int intercept = fuzz_int(&in, -1, 0), sane = fuzz_byte(&in) % 2;
  random_set set;
  pooling at;
  fit got;
  if (sane) {
    fuzz_sane_set(&in, 1e3, &set);
  } else {
    fuzz_any_set(&in, &set);
  }
  if (pooling_open_set(&at, &set) == MV_OK) {
    const mv_status status = pool(&at, method, test, intercept, &got);
    FUZZ_ASSERT(!sane || status == MV_OK);
    if (status == MV_OK) check_finite(set.p, &got);
    if (sane) check_dense(&set, &got);
  }
  pooling_close(&at);
  return 0;
}
