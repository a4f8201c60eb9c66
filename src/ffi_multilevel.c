#include "ffi_multilevel.h"

#include <string.h>

#include "calls.h"
#include "core/linalg.h"
#include "core/matrix.h"

/* ---- opening ---- */

enum {
  P_STRUCTURE,
  P_OUTER,
  P_GROUPS,
  P_INNER,
  P_LEVELS,
  P_SLOPE,
  P_POSITION,
  P_KNOWN,
  P_SLOTS
};

static const double *view_or_null(SEXP x, ptrdiff_t length, const char *what) {
  return Rf_isNull(x) ? NULL : view_doubles(x, length, what);
}

static double *by_rows(const double *x, ptrdiff_t k, ptrdiff_t p) {
  double *rows = (double *)R_alloc((size_t)(k * p) + 1, sizeof *rows);
  copy_by_rows(x, k, p, rows);
  return rows;
}

/* The slopes of a part, row by row; turned where its matrix is unstructured. */
static const double *view_slopes(const double *slope, ptrdiff_t k, mv_shape *shape) {
  const ptrdiff_t m = shape->levels;
  double *rows = by_rows(slope, k, m);
  if (shape->structure != mv_structure_find("GEN")) return rows;
  double *back = (double *)R_alloc((size_t)(m * m), sizeof *back);
  double *turn = (double *)R_alloc((size_t)(m * m), sizeof *turn);
  int *aliased = (int *)R_alloc((size_t)m, sizeof *aliased);
  if (mv_turn_slopes(k, m, rows, back, turn, aliased) != MV_OK) {
    return by_rows(slope, k, m);
  }
  shape->back = back;
  shape->turn = turn;
  return rows;
}

static mv_part view_part(SEXP part, ptrdiff_t k, ptrdiff_t first) {
  mv_part out = {.first = first};
  if (TYPEOF(part) != VECSXP || XLENGTH(part) < P_SLOTS) view_list(part, -2, "part");
  const char *name = take_word(VECTOR_ELT(part, P_STRUCTURE), "structure");
  out.shape.structure = mv_structure_find(name);
  if (!out.shape.structure) Rf_error("internal: unknown structure; please report this");
  const ptrdiff_t m = take_int(VECTOR_ELT(part, P_LEVELS), "levels");
  out.shape.levels = m;
  out.shape.position = view_or_null(VECTOR_ELT(part, P_POSITION), m, "position");
  out.shape.known = view_or_null(VECTOR_ELT(part, P_KNOWN), m * m, "known");
  out.groups = take_int(VECTOR_ELT(part, P_GROUPS), "groups");
  out.outer = view_ints(VECTOR_ELT(part, P_OUTER), k, "outer");
  SEXP inner = VECTOR_ELT(part, P_INNER);
  out.inner = Rf_isNull(inner) ? NULL : view_ints(inner, k, "inner");
  const double *slope = view_or_null(VECTOR_ELT(part, P_SLOPE), k * m, "slope");
  if (slope) out.slope = view_slopes(slope, k, &out.shape);
  return out;
}

static const mv_part *view_parts(SEXP parts, ptrdiff_t k, ptrdiff_t *count) {
  *count = XLENGTH(parts);
  mv_part *out = (mv_part *)R_alloc((size_t)*count + 1, sizeof *out);
  ptrdiff_t first = 0;
  for (ptrdiff_t j = 0; j < *count; j++) {
    out[j] = view_part(VECTOR_ELT(parts, j), k, first);
    first += mv_shape_parameters(&out[j].shape);
  }
  return out;
}

static int *from_zero(SEXP rows, ptrdiff_t count, ptrdiff_t k, const char *what) {
  const int *from = view_ints(rows, count, what);
  int *out = (int *)R_alloc((size_t)count + 1, sizeof *out);
  for (ptrdiff_t i = 0; i < count; i++) {
    out[i] = from[i] - 1;
    if (out[i] < 0 || out[i] >= k) view_list(R_NilValue, 0, what);
  }
  return out;
}

static mv_pairs view_covariances(const double *v, ptrdiff_t k, SEXP i, SEXP j,
                                 SEXP value) {
  const ptrdiff_t count = XLENGTH(i);
  return (mv_pairs){k,
                    count,
                    v,
                    from_zero(i, count, k, "i"),
                    from_zero(j, count, k, "j"),
                    view_doubles(value, count, "value")};
}

void mv_view_problem(SEXP problem, mv_problem *to, double **y, double **x) {
  enum { YI, VI, X, I, J, VALUE, PARTS, SLOTS };
  view_list(problem, SLOTS, "problem");
  SEXP yi = VECTOR_ELT(problem, YI), design = VECTOR_ELT(problem, X);
  const ptrdiff_t k = XLENGTH(yi), p = Rf_isNull(design) ? 1 : Rf_ncols(design);
  *y = (double *)R_alloc((size_t)k + 1, sizeof(double));
  memcpy(*y, view_doubles(yi, k, "yi"), sizeof(double) * (size_t)k);
  if (Rf_isNull(design)) {
    *x = (double *)R_alloc((size_t)k + 1, sizeof(double));
    for (ptrdiff_t i = 0; i < k; i++) (*x)[i] = 1;
  } else {
    *x = by_rows(view_doubles(design, k * p, "x"), k, p);
  }
  to->k = k;
  to->p = p;
  to->y = *y;
  to->x = *x;
  to->v = view_doubles(VECTOR_ELT(problem, VI), k, "vi");
  to->pairs = view_covariances(to->v, k, VECTOR_ELT(problem, I), VECTOR_ELT(problem, J),
                               VECTOR_ELT(problem, VALUE));
  to->parts = view_parts(VECTOR_ELT(problem, PARTS), k, &to->part_count);
}

static mv_status open_blocks(mv_session *session) {
  mv_arena arena = {NULL, 0};
  mv_blocks_layout(&arena, &session->problem, &session->blocks);
  arena = carve(arena);
  mv_blocks_layout(&arena, &session->problem, &session->blocks);
  const mv_status status = mv_blocks_plan(&session->problem, &session->blocks);
  if (status != MV_OK) return status;
  session->blocks.known = session->known;
  arena = (mv_arena){NULL, 0};
  mv_blocks_numbers_layout(&arena, &session->blocks);
  arena = carve(arena);
  mv_blocks_numbers_layout(&arena, &session->blocks);
  return mv_blocks_fill(&session->blocks);
}

static void open_model(mv_session *session, int restricted) {
  const ptrdiff_t m = mv_problem_parameters(&session->problem);
  mv_clump *top;
  mv_arena arena = {NULL, 0};
  for (int run = 0; run < 2; run++) {
    mv_multilevel_layout(&arena, &session->blocks, &session->work, &top);
    mv_point_layout(&arena, session->problem.p, m, &session->point);
    mv_climb_layout(&arena, &session->problem, &session->climb);
    if (run == 0) arena = carve(arena);
  }
  session->model = mv_multilevel_of(&session->blocks, restricted, top);
}

void mv_open_problem(mv_session *session, double *y, double *x, int restricted) {
  const ptrdiff_t k = session->problem.k, p = session->problem.p;
  mv_arena arena = {NULL, 0};
  mv_turn_layout(&arena, p, &session->turn);
  arena = carve(arena);
  mv_turn_layout(&arena, p, &session->turn);
  session->status = mv_turn_design(k, p, x, y, &session->turn);
  if (session->status == MV_OK) session->status = open_blocks(session);
  if (session->status == MV_OK) open_model(session, restricted);
}

mv_session *mv_open_session(SEXP problem, int restricted) {
  mv_session *session = (mv_session *)R_alloc(1, sizeof *session);
  memset(session, 0, sizeof *session);
  double *y, *x;
  mv_view_problem(problem, &session->problem, &y, &x);
  mv_open_problem(session, y, x, restricted);
  return session;
}

mv_status mv_run_climb(mv_session *session, const mv_freedom *freedom) {
  mv_status status = MV_MORE;
  mv_climb_start(&session->model, freedom, &session->climb);
  while (status == MV_MORE) {
    status = mv_climb_step(&session->model, &session->work, freedom, &session->climb,
                           &session->point);
    R_CheckUserInterrupt();
  }
  return status;
}

/* ---- what is told ---- */

enum {
  F_STATUS,
  F_NUMBERS,
  F_BETA,
  F_VCOV,
  F_THETA,
  F_SCORE,
  F_INFORMATION,
  F_DVCOV,
  F_ALIASED,
  F_SLOTS
};

static const char *const fit_slots[F_SLOTS] = {"status",      "numbers", "beta",
                                               "vcov",        "theta",   "score",
                                               "information", "dvcov",   "aliased"};

/* In the order of multilevel_numbers in R/multilevel.R. */
enum { N_ML, N_REML, N_RSS, N_Q, N_TRACE, N_FIRST_COUNT };

static void tell_counts(const mv_session *session, double *numbers) {
  const mv_climb *climb = &session->climb;
  const double counts[] = {climb->evaluations,
                           climb->derivatives,
                           climb->iterations,
                           climb->maxima,
                           climb->decrement,
                           climb->flat,
                           (double)session->blocks.blocks,
                           (double)session->blocks.q};
  memcpy(numbers + N_FIRST_COUNT, counts, sizeof counts);
}

enum { N_NUMBERS = N_FIRST_COUNT + 8 };

static void tell_fit(mv_session *session, int homogeneous, SEXP out) {
  const ptrdiff_t p = session->problem.p, m = session->model.parameters;
  const mv_point *point = &session->point;
  double *numbers = put_doubles(out, F_NUMBERS, N_NUMBERS);
  for (int i = 0; i < N_NUMBERS; i++) numbers[i] = NA_REAL;
  double *space = (double *)R_alloc((size_t)(p * p), sizeof *space);
  double *beta = put_doubles(out, F_BETA, p), *vcov = put_doubles(out, F_VCOV, p * p);
  double *dvcov = put_doubles(out, F_DVCOV, m * p * p);
  mv_tell_point(p, m, &session->turn, point, space, beta, vcov, dvcov);
  mv_to_natural(&session->problem, point->working, put_doubles(out, F_THETA, m));
  memcpy(put_doubles(out, F_SCORE, m), point->score, sizeof(double) * (size_t)m);
  memcpy(put_doubles(out, F_INFORMATION, m * m), point->expected,
         sizeof(double) * (size_t)(m * m));
  numbers[N_ML] = point->log_lik_ml;
  numbers[N_REML] = point->log_lik_reml;
  numbers[N_RSS] = point->rss;
  tell_counts(session, numbers);
  if (!homogeneous) return;
  mv_homogeneous(&session->model, &session->work, &session->point, &numbers[N_Q],
                 &numbers[N_TRACE]);
}

/* target: for each parameter the free one it equals, from 1, or 0: fixed. start: natural
 * parameters, read where warm or fixed. homogeneous: whether Q and tr P are wanted, which
 * take two more evaluations. */
SEXP mv_multilevel_fit(SEXP problem, SEXP target, SEXP start, SEXP warm, SEXP restricted,
                       SEXP homogeneous) {
  mv_session *session =
      mv_open_session(problem, view_logicals(restricted, 1, "restricted")[0]);
  const ptrdiff_t m = mv_problem_parameters(&session->problem);
  const ptrdiff_t p = session->problem.p;
  double *working = (double *)R_alloc((size_t)m + 1, sizeof *working);
  mv_status status = session->status;
  if (status == MV_OK) {
    status = mv_to_working(&session->problem, view_doubles(start, m, "start"), working);
  }
  const int *of = view_ints(target, m, "target");
  mv_freedom freedom = {of, 0, working, view_logicals(warm, 1, "warm")[0]};
  for (ptrdiff_t i = 0; i < m; i++) {
    if (of[i] > freedom.count) freedom.count = of[i];
  }
  if (status == MV_OK) status = mv_run_climb(session, &freedom);
  SEXP out = PROTECT(named_list(F_SLOTS, fit_slots));
  put_word(out, F_STATUS, mv_status_name(status));
  const int wanted = view_logicals(homogeneous, 1, "homogeneous")[0];
  if (status == MV_OK) tell_fit(session, wanted, out);
  memcpy(put_ints(out, F_ALIASED, p), session->turn.aliased, sizeof(int) * (size_t)p);
  UNPROTECT(1);
  return out;
}
