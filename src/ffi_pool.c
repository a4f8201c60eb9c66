#include "ffi_pool.h"

#include <string.h>

#include "calls.h"
#include "core/tau2_interval.h"

mv_design *mv_carve_design(ptrdiff_t k, ptrdiff_t p) {
  mv_design *design = (mv_design *)R_alloc(1, sizeof *design);
  mv_arena arena = {NULL, 0};
  mv_design_layout(&arena, k, p, design);
  arena = carve(arena);
  mv_design_layout(&arena, k, p, design);
  return design;
}

mv_status mv_prepare_design(ptrdiff_t k, ptrdiff_t p, const double *v,
                            mv_design *design) {
  mv_status status = MV_MORE;
  for (ptrdiff_t step = 0; status == MV_MORE; step++) {
    status = mv_design_step(k, p, v, step, design);
    R_CheckUserInterrupt();
  }
  return status;
}

/* A model on R's vectors, with the prepared design in R's memory. */
typedef struct {
  mv_model model;
  mv_design *design; /* NULL for a column of ones */
  mv_status status;
} view;

static view view_model(SEXP yi, SEXP vi, SEXP x) {
  const ptrdiff_t k = XLENGTH(yi);
  const double *y = view_doubles(yi, k, "yi"), *v = view_doubles(vi, k, "vi");
  view seen = {.design = NULL, .status = MV_OK};
  ptrdiff_t p = 1;
  if (!Rf_isNull(x)) {
    p = Rf_ncols(x);
    seen.design = mv_carve_design(k, p);
    copy_by_rows(view_doubles(x, k * p, "x"), k, p, seen.design->x);
    seen.status = mv_prepare_design(k, p, v, seen.design);
  }
  seen.model = mv_model_of(k, p, y, v, seen.design);
  return seen;
}

mv_pool_options mv_view_pool_options(SEXP intercept, SEXP test, SEXP level) {
  static const char *const names[] = {"z", "t", "knha", "adhoc"};
  const char *name = take_word(test, "test");
  mv_pool_options options = {MV_TEST_Z, take_double(level, "level"),
                             take_int(intercept, "intercept")};
  while (strcmp(names[options.test], name) != 0) {
    if (options.test++ == MV_TEST_ADHOC) Rf_error("internal: unknown test '%s'", name);
  }
  return options;
}

mv_pool_work mv_carve_pool(ptrdiff_t p) {
  mv_pool_work work;
  mv_arena arena = {NULL, 0};
  mv_pool_layout(&arena, p, &work);
  arena = carve(arena);
  mv_pool_layout(&arena, p, &work);
  return work;
}

mv_status mv_run_tau2(const mv_model *model, mv_pool_work *work, mv_search *search) {
  mv_status status;
  while ((status = mv_tau2_step(model, &work->model, search)) == MV_MORE) {
    R_CheckUserInterrupt();
  }
  return status;
}

enum {
  NUMBERS,
  BETA,
  SE,
  STATISTIC,
  P_VALUE,
  LOWER,
  UPPER,
  VCOV,
  STATUS,
  ALIASED,
  SLOTS
};

static const char *const slots[SLOTS] = {"numbers", "beta",     "se",       "statistic",
                                         "p_value", "ci_lower", "ci_upper", "vcov",
                                         "status",  "aliased"};

static mv_coefficients put_coefficients(SEXP out, ptrdiff_t p) {
  mv_coefficients to = {
      .beta = put_doubles(out, BETA, p),
      .se = put_doubles(out, SE, p),
      .statistic = put_doubles(out, STATISTIC, p),
      .p_value = put_doubles(out, P_VALUE, p),
      .lower = put_doubles(out, LOWER, p),
      .upper = put_doubles(out, UPPER, p),
      .vcov = put_doubles(out, VCOV, p * p),
  };
  return to;
}

/* yi, vi: doubles of one length; x: a double matrix or NULL for an intercept alone;
 * intercept: its column from 0, or -1. */
SEXP mv_pool(SEXP yi, SEXP vi, SEXP x, SEXP intercept, SEXP method, SEXP test,
             SEXP level) {
  const mv_estimator *estimator = mv_estimator_find(take_word(method, "method"));
  if (!estimator) Rf_error("internal: unknown method; please report this");
  const mv_pool_options options = mv_view_pool_options(intercept, test, level);
  const view seen = view_model(yi, vi, x);
  const ptrdiff_t p = seen.model.p;
  mv_pool_work work = mv_carve_pool(p);
  SEXP out = PROTECT(named_list(SLOTS, slots));
  double *numbers = put_doubles(out, NUMBERS, MV_POOLED_COUNT);
  mv_coefficients coefficients = put_coefficients(out, p);
  mv_search search;
  mv_tau2_start(estimator, &search);
  mv_status status = seen.status;
  if (status == MV_OK) status = mv_run_tau2(&seen.model, &work, &search);
  mv_pooled pooled = {.tau2 = search.tau2};
  if (status == MV_OK) {
    status =
        mv_pool_finish(&seen.model, &options, &search, &work, &pooled, &coefficients);
  }
  memcpy(numbers, &pooled, sizeof pooled);
  put_word(out, STATUS, mv_status_name(status));
  int *aliased = put_ints(out, ALIASED, seen.design ? p : 0);
  if (seen.design) memcpy(aliased, seen.design->aliased, (size_t)p * sizeof *aliased);
  UNPROTECT(1);
  return out;
}

/* The Q-profile interval of tau2: c(lower, upper), NA where it is not defined. */
SEXP mv_tau2_q_profile(SEXP yi, SEXP vi, SEXP x, SEXP level) {
  const view seen = view_model(yi, vi, x);
  mv_pool_work work = mv_carve_pool(seen.model.p);
  mv_q_profile profile;
  mv_status status = seen.status;
  if (status == MV_OK) {
    status = mv_q_profile_start(&seen.model, take_double(level, "level"), &profile);
  }
  if (status == MV_OK) status = MV_MORE;
  while (status == MV_MORE) {
    status = mv_q_profile_step(&seen.model, &work.model, &profile);
    R_CheckUserInterrupt();
  }
  SEXP out = PROTECT(Rf_allocVector(REALSXP, 2));
  REAL(out)[0] = status == MV_OK ? profile.lower : NA_REAL;
  REAL(out)[1] = status == MV_OK ? profile.upper : NA_REAL;
  UNPROTECT(1);
  return out;
}

static const char *estimator(int i) {
  int count;
  return mv_estimator_at(i, &count)->name;
}

/* The names of the estimators, in the order of their table. */
SEXP mv_estimators(void) {
  int count;
  mv_estimator_at(0, &count);
  return words_of(count, estimator);
}
