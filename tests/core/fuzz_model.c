/* The sums of a model are those of the slow references, or there is a status; any numbers
 * end. */
#include "dense.h"
#include "fuzz_sets.h"
#include "pooling.h"
#include "spectrum.h"

static void check_sums(const mv_sums *got, const mv_sums *want) {
  FUZZ_ASSERT(fuzz_near(got->tr_p, want->tr_p, 0));
  FUZZ_ASSERT(fuzz_near(got->tr_pp, want->tr_pp, 0));
  const double w = want->tr_p;
  FUZZ_ASSERT(fuzz_near(got->rss, want->rss, 1e-6));
  FUZZ_ASSERT(fuzz_near(got->ypp, want->ypp, 1e-6 * w));
  FUZZ_ASSERT(fuzz_near(got->yppp, want->yppp, 1e-6 * w * w));
}

static mv_sums reference(const random_set *set, double tau2) {
  spectrum of;
  mv_sums sums = {0};
  if (set->p == 1) return pair_sums(set, tau2);
  spectrum_of(set, 1, &of);
  for (int i = 0; i < of.n; i++) {
    const double w = 1 / (of.l[i] + tau2);
    sums.rss += of.u2[i] * w, sums.ypp += of.u2[i] * w * w;
    sums.yppp += of.u2[i] * w * w * w, sums.tr_p += w, sums.tr_pp += w * w;
  }
  return sums;
}

static void check_sane(fuzz_bytes *in) {
  random_set set;
  pooling at;
  mv_sums got;
  fuzz_sane_set(in, 1e6, &set);
  const double tau2 = fuzz_byte(in) % 2 ? 0 : fuzz_positive(in, 1e-6, 100);
  if (pooling_open_set(&at, &set) == MV_OK) {
    FUZZ_ASSERT(pooling_sums(&at, tau2, &got) == MV_OK);
    const mv_sums want = reference(&set, tau2);
    check_sums(&got, &want);
    FUZZ_ASSERT(isfinite(mv_log_lik_ml(&at.model, &got)));
    FUZZ_ASSERT(isfinite(mv_log_lik_reml(&at.model, &got)));
  }
  pooling_close(&at);
}

static void check_any(fuzz_bytes *in) {
  random_set set;
  pooling at;
  mv_sums got;
  fuzz_any_set(in, &set);
  if (pooling_open_set(&at, &set) == MV_OK) {
    pooling_sums(&at, fabs(fuzz_double(in)), &got);
    mv_least_squares_rss(&at.model, &at.work.model);
  }
  pooling_close(&at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  check_sane(&in);
  check_any(&in);
  return 0;
}
