/* Every estimator and the Q-profile interval end, in few steps, with a finite value or a
 * status; on data as they are, with what defines them. fuzz-runs: 5000 */
#include "fuzz_sets.h"
#include "pooling.h"
#include "spectrum.h"

/* Newton steps towards a root of Q double tau2, so they are at most as many as there are
 * powers of two; the likelihood search needs far fewer. */
enum { MOST_EVALUATED = 2500 };

static void check_search(pooling *at, const char *method) {
  mv_search search;
  const mv_status status = pooling_search(at, method, &search);
  FUZZ_ASSERT(status != MV_MORE && status != MV_NOT_CONVERGED);
  FUZZ_ASSERT(search.evaluations < MOST_EVALUATED);
  FUZZ_ASSERT(status != MV_OK || (isfinite(search.tau2) && search.tau2 >= 0));
}

static void check_any(fuzz_bytes *in) {
  static const char *const methods[] = {"EE", "DL", "PM", "ML", "REML"};
  random_set set;
  pooling at;
  mv_q_profile profile;
  fuzz_any_set(in, &set);
  if (pooling_open_set(&at, &set) == MV_OK) {
    for (int i = 0; i < 5; i++) check_search(&at, methods[i]);
    const mv_status status = pooling_q_profile(&at, 0.95, &profile);
    FUZZ_ASSERT(status != MV_MORE);
    FUZZ_ASSERT(status != MV_OK || (profile.lower <= profile.upper));
  }
  pooling_close(&at);
}

static void check_likelihood(const random_set *set, pooling *at, int restricted) {
  mv_search search;
  spectrum of;
  FUZZ_ASSERT(pooling_search(at, restricted ? "REML" : "ML", &search) == MV_OK);
  FUZZ_ASSERT(search.evaluations < 1000 && search.maxima >= 1);
  spectrum_of(set, restricted, &of);
  const double found = spectrum_log_lik(&of, search.tau2);
  const grid_maximum grid = spectrum_grid(&of, 100);
  FUZZ_ASSERT(found >= grid.log_lik - 1e-9 * (1 + fabs(grid.log_lik)));
  FUZZ_ASSERT(fuzz_near(search.log_lik, found, 1));
}

static void check_root(pooling *at, double tau2, double target) {
  mv_sums there;
  FUZZ_ASSERT(pooling_sums(at, tau2, &there) == MV_OK);
  FUZZ_ASSERT(tau2 == 0 ? there.rss <= target : fuzz_near(there.rss, target, 0));
}

static void check_moments(const random_set *set, pooling *at) {
  const double df = set->k - set->p;
  mv_search search;
  mv_q_profile profile;
  mv_sums zero;
  FUZZ_ASSERT(pooling_sums(at, 0, &zero) == MV_OK);
  FUZZ_ASSERT(pooling_search(at, "DL", &search) == MV_OK);
  FUZZ_ASSERT(fuzz_near(search.tau2, fmax(0, (zero.rss - df) / zero.tr_p), 0));
  FUZZ_ASSERT(pooling_search(at, "PM", &search) == MV_OK);
  check_root(at, search.tau2, df);
  FUZZ_ASSERT(pooling_q_profile(at, 0.95, &profile) == MV_OK);
  check_root(at, profile.lower, profile.target[0]);
  check_root(at, profile.upper, profile.target[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  random_set set;
  pooling at;
  fuzz_sane_set(&in, 1e6, &set);
  if (pooling_open_set(&at, &set) == MV_OK) {
    check_likelihood(&set, &at, 0);
    check_likelihood(&set, &at, 1);
    check_moments(&set, &at);
  }
  pooling_close(&at);
  check_any(&in);
  return 0;
}
