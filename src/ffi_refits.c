#include "ffi_refits.h"

#include <string.h>

/* ---- what is asked ---- */

mv_refit_plan mv_view_refits(SEXP plan, ptrdiff_t k) {
  enum { CLUSTER, COUNT, UP_TO, OUTSIDE, WHOLE, HOMOGENEOUS, SLOPES, SLOTS };
  view_list(plan, SLOTS, "plan");
  mv_refit_plan out = {
      .cluster = view_ints(VECTOR_ELT(plan, CLUSTER), k, "cluster"),
      .count = take_int(VECTOR_ELT(plan, COUNT), "count"),
      .rule =
          view_logicals(VECTOR_ELT(plan, UP_TO), 1, "up_to")[0] ? MV_UP_TO : MV_ALL_BUT,
      .outside = view_logicals(VECTOR_ELT(plan, OUTSIDE), 1, "outside")[0],
      .whole = view_logicals(VECTOR_ELT(plan, WHOLE), 1, "whole")[0],
      .homogeneous = view_logicals(VECTOR_ELT(plan, HOMOGENEOUS), 1, "homogeneous")[0],
      .slopes = view_logicals(VECTOR_ELT(plan, SLOPES), 1, "slopes")[0],
  };
  for (ptrdiff_t i = 0; i < k; i++) {
    if (out.cluster[i] < 1 || out.cluster[i] > out.count) {
      view_list(R_NilValue, 0, "cluster");
    }
  }
  return out;
}

ptrdiff_t mv_largest_cluster(const mv_refit_plan *plan, ptrdiff_t k) {
  const size_t size = (size_t)plan->count + 1;
  int *rows = (int *)R_alloc(size, sizeof *rows), most = 0;
  memset(rows, 0, size * sizeof *rows);
  for (ptrdiff_t i = 0; i < k; i++) {
    if (++rows[plan->cluster[i]] > most) most = rows[plan->cluster[i]];
  }
  return most;
}

/* ---- what is told ---- */

enum {
  STATUS,
  NUMBERS,
  BETA,
  VCOV,
  THETA,
  SHIFT,
  COOK,
  SE_WHOLE,
  RESIDUAL,
  SE,
  X2,
  INFORMATION,
  DVCOV,
  ALIASED,
  SLOTS
};

static const char *const slots[SLOTS] = {
    "status",   "numbers",  "beta", "vcov", "theta",       "shift", "cook",
    "se_whole", "residual", "se",   "x2",   "information", "dvcov", "aliased"};

static double *put_unknown(SEXP list, int slot, ptrdiff_t length) {
  double *out = put_doubles(list, slot, length);
  for (ptrdiff_t i = 0; i < length; i++) out[i] = NA_REAL;
  return out;
}

mv_refits_told mv_refits_open(ptrdiff_t k, ptrdiff_t p, ptrdiff_t m, ptrdiff_t n,
                              const mv_refit_plan *plan) {
  SEXP list = PROTECT(named_list(SLOTS, slots));
  const ptrdiff_t count = plan->count, rows = plan->outside ? k : 0;
  const ptrdiff_t matrices = plan->slopes ? count : 0;
  mv_refits_told told = {.list = list, .k = k, .p = p, .m = m, .count = count};
  SET_VECTOR_ELT(list, STATUS, Rf_allocVector(STRSXP, count));
  told.numbers = put_unknown(list, NUMBERS, n * count);
  told.beta = put_unknown(list, BETA, p * count);
  told.vcov = put_unknown(list, VCOV, p * p * count);
  told.theta = put_unknown(list, THETA, m * count);
  told.shift = put_unknown(list, SHIFT, p * count);
  told.cook = put_unknown(list, COOK, count);
  told.se_whole = put_unknown(list, SE_WHOLE, plan->whole ? p * count : 0);
  told.residual = put_unknown(list, RESIDUAL, rows);
  told.se = put_unknown(list, SE, rows);
  told.x2 = put_unknown(list, X2, plan->outside ? count : 0);
  told.information = put_unknown(list, INFORMATION, m * m * matrices);
  told.dvcov = put_unknown(list, DVCOV, p * p * m * matrices);
  told.aliased = put_ints(list, ALIASED, p * count);
  memset(told.aliased, 0, sizeof(int) * (size_t)(p * count));
  UNPROTECT(1);
  return told;
}

void mv_tell_coefficients(mv_refits_told *told, ptrdiff_t at, const mv_whole *whole,
                          const double *beta, const double *vcov) {
  const ptrdiff_t p = told->p;
  told->cook[at] = mv_whole_change(p, whole, beta, vcov, told->beta + at * p,
                                   told->shift + at * p, told->vcov + at * p * p);
}

void mv_tell_outside(mv_refits_told *told, ptrdiff_t at, const mv_split *split,
                     const mv_outside *outside) {
  told->x2[at] = outside->x2;
  for (ptrdiff_t i = 0; i < split->out; i++) {
    told->residual[split->left[i]] = outside->residual[i];
    told->se[split->left[i]] = outside->se[i];
  }
}

void mv_tell_status(mv_refits_told *told, ptrdiff_t at, mv_status status) {
  SET_STRING_ELT(VECTOR_ELT(told->list, STATUS), at, Rf_mkChar(mv_status_name(status)));
}
