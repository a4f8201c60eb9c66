#include <string.h>

#include "calls.h"
#include "core/robust.h"
#include "core/wild.h"
#include "ffi.h"

/* Between two looks for an interrupt. */
enum { CLUSTERS = 256, REPLICATES = 16 };

enum { X, RESIDUAL, VARIANCE, BLOCK, ROW, START, PROBLEM_SLOTS };

static mv_robust_type type_of(const char *word) {
  int type = 0;
  while (type < MV_CR_COUNT && strcmp(mv_robust_name((mv_robust_type)type), word)) type++;
  if (type == MV_CR_COUNT) Rf_error("internal: unknown type '%s'", word);
  return (mv_robust_type)type;
}

static ptrdiff_t *copy_starts(const int *start, ptrdiff_t count) {
  ptrdiff_t *copy = (ptrdiff_t *)R_alloc((size_t)count, sizeof *copy);
  for (ptrdiff_t j = 0; j < count; j++) copy[j] = start[j];
  return copy;
}

/* Rows in the order of the clusters; no x is a column of ones. */
static void fill_rows(SEXP problem, mv_robust *to) {
  const int *row = view_ints(VECTOR_ELT(problem, ROW), to->k, "row");
  const double *e = view_doubles(VECTOR_ELT(problem, RESIDUAL), to->k, "residual");
  SEXP design = VECTOR_ELT(problem, X);
  const double *x = NULL;
  if (!Rf_isNull(design)) x = view_doubles(design, to->k * to->p, "x");
  for (ptrdiff_t i = 0; i < to->k; i++) {
    to->e[i] = e[row[i] - 1];
    for (ptrdiff_t a = 0; a < to->p; a++) {
      to->x[i * to->p + a] = x ? x[a * to->k + row[i] - 1] : 1;
    }
  }
  if (to->dense) return;
  const double *variance = view_doubles(VECTOR_ELT(problem, VARIANCE), to->k, "variance");
  for (ptrdiff_t i = 0; i < to->k; i++) to->variance[i] = variance[row[i] - 1];
}

static mv_robust view_problem(SEXP list) {
  view_list(list, PROBLEM_SLOTS, "problem");
  SEXP design = VECTOR_ELT(list, X), block = VECTOR_ELT(list, BLOCK);
  const ptrdiff_t k = XLENGTH(VECTOR_ELT(list, RESIDUAL));
  const ptrdiff_t p = Rf_isNull(design) ? 1 : Rf_ncols(design);
  const ptrdiff_t m = XLENGTH(VECTOR_ELT(list, START)) - 1;
  const int *first = view_ints(VECTOR_ELT(list, START), m + 1, "start");
  const ptrdiff_t *start = copy_starts(first, m + 1);
  ptrdiff_t blocks = 0;
  for (ptrdiff_t j = 0; j < m && !Rf_isNull(block); j++) {
    blocks += (start[j + 1] - start[j]) * (start[j + 1] - start[j]);
  }
  mv_arena arena = {NULL, 0};
  mv_robust_layout(&arena, k, p, m, start, blocks);
  arena = carve(arena);
  mv_robust problem = mv_robust_layout(&arena, k, p, m, start, blocks);
  fill_rows(list, &problem);
  if (problem.dense) {
    const double *value = view_doubles(block, blocks, "block");
    memcpy(problem.block, value, (size_t)blocks * sizeof *value);
  }
  return problem;
}

static mv_robust_piece carve_piece(const mv_robust *problem) {
  mv_arena arena = {NULL, 0};
  mv_robust_piece_layout(&arena, problem);
  arena = carve(arena);
  return mv_robust_piece_layout(&arena, problem);
}

static mv_robust_sums carve_sums(ptrdiff_t p, ptrdiff_t contrasts) {
  mv_arena arena = {NULL, 0};
  mv_robust_sums_layout(&arena, p, contrasts);
  arena = carve(arena);
  return mv_robust_sums_layout(&arena, p, contrasts);
}

/* Hands every cluster to `add`. */
static mv_status each_cluster(const mv_robust *problem, mv_robust_type type,
                              mv_robust_piece *piece,
                              void (*add)(ptrdiff_t j, const mv_robust *problem,
                                          const mv_robust_piece *piece, void *to),
                              void *to) {
  mv_status status = MV_OK;
  for (ptrdiff_t j = 0; j < problem->m && status == MV_OK; j++) {
    status = mv_robust_cluster(problem, type, j, piece);
    if (status == MV_OK) add(j, problem, piece, to);
    if (j % CLUSTERS == 0) R_CheckUserInterrupt();
  }
  return status;
}

static void add_sums(ptrdiff_t j, const mv_robust *problem, const mv_robust_piece *piece,
                     void *to) {
  (void)j;
  mv_robust_sums_add(problem->p, piece, to);
}

static void add_joint(ptrdiff_t j, const mv_robust *problem, const mv_robust_piece *piece,
                      void *to) {
  (void)j;
  mv_robust_joint_add(problem->p, piece, to);
}

static void add_wild(ptrdiff_t j, const mv_robust *problem, const mv_robust_piece *piece,
                     void *to) {
  (void)problem;
  mv_wild_add(j, piece, to);
}

enum { VCOV, CONTRAST_VARIANCE, DF, SHARE, TOLD, VCOV_STATUS };

static void put_contrasts(SEXP out, ptrdiff_t p, double factor,
                          const mv_robust_sums *sums) {
  const mv_contrast_values to = {put_doubles(out, CONTRAST_VARIANCE, sums->contrasts),
                                 put_doubles(out, DF, sums->contrasts),
                                 put_doubles(out, SHARE, sums->contrasts),
                                 put_doubles(out, TOLD, sums->contrasts)};
  mv_robust_tell(p, factor, sums, &to);
}

SEXP mv_robust_vcov(SEXP problem, SEXP type, SEXP contrasts) {
  static const char *const names[] = {"vcov",  "variance", "df",
                                      "share", "told",     "status"};
  mv_robust seen = view_problem(problem);
  const mv_robust_type by = type_of(take_word(type, "type"));
  const double factor = mv_robust_factor(by, seen.m, seen.p);
  mv_robust_sums sums = carve_sums(seen.p, Rf_nrows(contrasts));
  mv_robust_piece piece = carve_piece(&seen);
  mv_status status = mv_robust_prepare(&seen);
  if (status == MV_OK) {
    copy_by_rows(view_doubles(contrasts, sums.contrasts * seen.p, "contrasts"),
                 sums.contrasts, seen.p, sums.contrast);
    mv_robust_turn(&seen, sums.contrasts, sums.contrast);
    mv_robust_sums_start(seen.p, &sums);
    status = each_cluster(&seen, by, &piece, add_sums, &sums);
  }
  SEXP out = PROTECT(named_list(6, names));
  put_word(out, VCOV_STATUS, mv_status_name(status));
  if (status == MV_OK) {
    put_contrasts(out, seen.p, factor, &sums);
    mv_robust_unturn(&seen, factor, sums.meat, sums.expected);
    const size_t count = (size_t)(seen.p * seen.p);
    memcpy(put_doubles(out, VCOV, seen.p * seen.p), sums.meat, count * sizeof(double));
  }
  UNPROTECT(1);
  return out;
}

static mv_robust_joint carve_joint(ptrdiff_t p, ptrdiff_t q) {
  mv_arena arena = {NULL, 0};
  mv_robust_joint_layout(&arena, p, q);
  arena = carve(arena);
  return mv_robust_joint_layout(&arena, p, q);
}

static mv_contrasts carve_set(SEXP contrasts, SEXP value, ptrdiff_t p) {
  const ptrdiff_t q = Rf_nrows(contrasts);
  mv_arena arena = {NULL, 0};
  mv_contrasts_layout(&arena, p, q);
  arena = carve(arena);
  mv_contrasts set = mv_contrasts_layout(&arena, p, q);
  copy_by_rows(view_doubles(contrasts, q * p, "contrasts"), q, p, set.contrast);
  memcpy(set.value, view_doubles(value, q, "value"), (size_t)q * sizeof(double));
  return set;
}

/* Two passes: one for the covariance and its expectation, one for the degrees of freedom,
 * which need the contrasts scaled by it. */
SEXP mv_robust_test(SEXP problem, SEXP type, SEXP contrasts, SEXP value) {
  static const char *const names[] = {"wald", "eta", "status"};
  mv_robust seen = view_problem(problem);
  const mv_robust_type by = type_of(take_word(type, "type"));
  mv_robust_sums sums = carve_sums(seen.p, 0);
  mv_contrasts set = carve_set(contrasts, value, seen.p);
  mv_robust_joint joint = carve_joint(seen.p, set.q);
  mv_robust_piece piece = carve_piece(&seen);
  double wald = NA_REAL;
  mv_status status = mv_robust_prepare(&seen);
  if (status == MV_OK) status = mv_contrasts_start(&seen, &set);
  if (status == MV_OK) {
    mv_robust_sums_start(seen.p, &sums);
    status = each_cluster(&seen, by, &piece, add_sums, &sums);
  }
  if (status == MV_OK) {
    status = mv_robust_wald(seen.p, &set, sums.meat, joint.z, joint.own, &wald);
  }
  if (status == MV_OK) {
    status = mv_robust_joint_start(seen.p, &sums, &set, &joint);
  }
  if (status == MV_OK) status = each_cluster(&seen, by, &piece, add_joint, &joint);
  SEXP out = PROTECT(named_list(3, names));
  put_doubles(out, 0, 1)[0] = wald / mv_robust_factor(by, seen.m, seen.p);
  put_doubles(out, 1, 1)[0] = status == MV_OK ? mv_robust_joint_df(&joint) : NA_REAL;
  put_word(out, 2, mv_status_name(status));
  UNPROTECT(1);
  return out;
}

static mv_wild carve_wild(const mv_robust *problem, const mv_contrasts *set) {
  mv_arena arena = {NULL, 0};
  mv_wild_layout(&arena, problem->m, problem->p, set);
  arena = carve(arena);
  return mv_wild_layout(&arena, problem->m, problem->p, set);
}

static mv_wild_weight weight_of(const char *word) {
  if (!strcmp(word, "Rademacher")) return MV_RADEMACHER;
  if (!strcmp(word, "Webb")) return MV_WEBB;
  Rf_error("internal: unknown weights '%s'", word);
}

/* Statistics of replicates 1 to `replicates`, and the one observed. */
SEXP mv_wild_bootstrap(SEXP problem, SEXP type, SEXP contrasts, SEXP value,
                       SEXP replicates, SEXP seed, SEXP weights) {
  static const char *const names[] = {"observed", "statistic", "status"};
  mv_robust seen = view_problem(problem);
  const mv_robust_type by = type_of(take_word(type, "type"));
  const mv_wild_weight weight = weight_of(take_word(weights, "weights"));
  const int count = take_int(replicates, "replicates");
  const uint64_t key = (uint64_t)(int64_t)take_int(seed, "seed");
  mv_contrasts set = carve_set(contrasts, value, seen.p);
  mv_wild wild = carve_wild(&seen, &set);
  mv_robust_piece piece = carve_piece(&seen);
  mv_status status = mv_robust_prepare(&seen);
  if (status == MV_OK) status = mv_contrasts_start(&seen, &set);
  if (status == MV_OK) mv_wild_start(&wild);
  if (status == MV_OK) status = each_cluster(&seen, by, &piece, add_wild, &wild);
  SEXP out = PROTECT(named_list(3, names));
  double *statistic = put_doubles(out, 1, status == MV_OK ? count : 0);
  for (int i = 0; i < count && status == MV_OK; i++) {
    statistic[i] = mv_wild_replicate(&wild, weight, key, (uint64_t)i + 1);
    if (i % REPLICATES == 0) R_CheckUserInterrupt();
  }
  put_doubles(out, 0, 1)[0] = status == MV_OK ? mv_wild_observed(&wild) : NA_REAL;
  put_word(out, 2, mv_status_name(status));
  UNPROTECT(1);
  return out;
}
