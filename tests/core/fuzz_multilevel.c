/* Random multilevel problems: opening, likelihood, derivatives and a few steps of the
 * search end with a status, and with finite numbers where that is MV_OK.
 * fuzz-runs: 3000 */
#include "fuzz_bytes.h"
#include "multilevel_search.h"
#include "multilevel_sets.h"

static const char *const structures[] = {"INTERCEPT", "ID",  "KNOWN", "DIAG",
                                         "GDIAG",     "CS",  "HCS",   "AR",
                                         "HAR",       "CAR", "UN",    "GEN"};

/* Gives whether the numbers are of ordinary size. */
static int fill(fuzz_bytes *in, ml_set *set) {
  random_source from = {(uint64_t)fuzz_int(in, 0, 1000)};
  const int parts = fuzz_int(in, 1, 3);
  memset(set, 0, sizeof *set);
  for (int j = 0; j < parts; j++) {
    const char *name = structures[fuzz_int(in, 0, 11)];
    ml_add_part(set, name, name[0] == 'K' ? 4 : fuzz_int(in, 0, 4));
  }
  ml_fill(set, &from, fuzz_int(in, 0, 1));
  const int wild = fuzz_int(in, 0, 4);
  for (int i = 0; i < wild; i++) {
    const int row = fuzz_int(in, 0, ML_ROWS - 1);
    if (fuzz_int(in, 0, 1)) {
      set->y[row] = ldexp(set->y[row], fuzz_int(in, -40, 40));
    } else {
      set->v[row] = ldexp(set->v[row], fuzz_int(in, -40, 40));
    }
  }
  return wild == 0;
}

static void search(const ml_set *set, int sane, ml_open_model *at) {
  const ptrdiff_t m = mv_problem_parameters(&set->problem);
  int each[ML_PARAMETERS];
  for (int i = 0; i < m; i++) each[i] = i + 1;
  const mv_freedom freedom = {each, m, set->working, 0};
  mv_climb climb;
  mv_arena arena = {NULL, 0};
  mv_climb_layout(&arena, &set->problem, &climb);
  arena = check_carve(arena);
  mv_climb_layout(&arena, &set->problem, &climb);
  mv_climb_start(&at->model, &freedom, &climb);
  mv_status status = MV_MORE;
  for (int i = 0; status == MV_MORE && i < 200; i++) {
    status = mv_climb_step(&at->model, &at->work, &freedom, &climb, &at->point);
  }
  if (status == MV_OK) {
    FUZZ_ASSERT(isfinite(at->point.log_lik_reml));
    FUZZ_ASSERT(!sane || at->point.rss >= 0);
    for (ptrdiff_t i = 0; i < m; i++) FUZZ_ASSERT(isfinite(at->point.working[i]));
  }
  check_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  static ml_set set;
  ml_open_model at;
  const int sane = fill(&in, &set);
  const mv_status opened = ml_open(&set, fuzz_int(&in, 0, 1), &at);
  if (opened == MV_OK) search(&set, sane, &at);
  ml_close(&at);
  return 0;
}
