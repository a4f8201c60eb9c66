#include <string.h>

#include "calls.h"
#include "core/linalg.h"
#include "core/matrix.h"
#include "core/multilevel_clusters.h"
#include "core/multilevel_rows.h"
#include "ffi_multilevel.h"

/* Opens a problem at natural parameters, with their likelihood. */
static mv_session *open_at(SEXP problem, SEXP theta) {
  mv_session *session = mv_open_session(problem, 1);
  if (session->status != MV_OK) return session;
  const double *natural = view_doubles(theta, session->model.parameters, "theta");
  session->status = mv_to_working(&session->problem, natural, session->point.working);
  if (session->status == MV_OK) {
    session->status =
        mv_multilevel_likelihood(&session->model, &session->work, &session->point);
  }
  return session;
}

/* ---- rows and random effects ---- */

/* One part's effects: effect, se, group and level of each column, from 1. */
static SEXP part_effects(const mv_problem *problem, const mv_columns *columns,
                         ptrdiff_t j, mv_effect_values *to) {
  static const char *const names[] = {"effect", "se", "group", "level"};
  const mv_part *part = &problem->parts[j];
  SEXP out = PROTECT(named_list(4, names));
  to->effect = put_doubles(out, 0, columns->count);
  to->se = put_doubles(out, 1, columns->count);
  int *group = put_ints(out, 2, columns->count);
  int *level = put_ints(out, 3, columns->count);
  for (ptrdiff_t g = 0; g < part->groups; g++) {
    const ptrdiff_t first = mv_clump_start(part, columns, g);
    for (ptrdiff_t i = 0; i < mv_clump_size(part, columns, g); i++) {
      group[first + i] = (int)g + 1;
      level[first + i] = columns->level ? columns->level[first + i] + 1 : (int)i + 1;
    }
  }
  UNPROTECT(1);
  return out;
}

static mv_rows_work carve_rows(const mv_blocks *blocks) {
  mv_rows_work work;
  mv_arena arena = {NULL, 0};
  mv_rows_layout(&arena, blocks, &work);
  arena = carve(arena);
  mv_rows_layout(&arena, blocks, &work);
  return work;
}

/* wx (k x p, of the design's own columns), py, and the diagonals of M^-1, P and M; a list
 * of the parts' effects. */
SEXP mv_multilevel_values(SEXP problem, SEXP theta) {
  static const char *const names[] = {"status",    "wx",       "py",     "inverse",
                                      "projected", "variance", "effects"};
  mv_session *session = open_at(problem, theta);
  const ptrdiff_t k = session->problem.k, p = session->problem.p;
  const ptrdiff_t parts = session->problem.part_count;
  SEXP out = PROTECT(named_list(7, names));
  put_word(out, 0, mv_status_name(session->status));
  if (session->status == MV_OK) {
    double *turned = (double *)R_alloc((size_t)(k * p) + 1, sizeof(double));
    double *wx = put_doubles(out, 1, k * p);
    mv_row_values rows = {turned, put_doubles(out, 2, k), put_doubles(out, 3, k),
                          put_doubles(out, 4, k), put_doubles(out, 5, k)};
    SET_VECTOR_ELT(out, 6, Rf_allocVector(VECSXP, parts));
    mv_effect_values *effects =
        (mv_effect_values *)R_alloc((size_t)parts + 1, sizeof *effects);
    for (ptrdiff_t j = 0; j < parts; j++) {
      SET_VECTOR_ELT(
          VECTOR_ELT(out, 6), j,
          part_effects(&session->problem, &session->blocks.columns[j], j, &effects[j]));
    }
    mv_rows_work space = carve_rows(&session->blocks);
    const mv_status status = mv_multilevel_rows(&session->model, &session->work,
                                                &session->point, &space, &rows, effects);
    put_word(out, 0, mv_status_name(status));
    mv_turn_rows(k, p, session->turn.r, turned, wx);
  }
  UNPROTECT(1);
  return out;
}

/* z: k x n standard normals. Gives errors with covariance V. */
SEXP mv_multilevel_errors(SEXP problem, SEXP z) {
  mv_session *session = mv_open_session(problem, 1);
  const ptrdiff_t k = session->problem.k, n = k ? XLENGTH(z) / k : 0;
  const double *from = view_doubles(z, k * n, "z");
  if (session->status != MV_OK) Rf_error("internal: V changed; please report this");
  SEXP out = PROTECT(Rf_allocVector(REALSXP, k * n));
  for (ptrdiff_t i = 0; i < n; i++) {
    mv_blocks_errors(&session->blocks, from + i * k, REAL(out) + i * k);
  }
  UNPROTECT(1);
  return out;
}

/* ---- clusters ---- */

static mv_clusters view_clusters(SEXP cluster, SEXP count, ptrdiff_t k) {
  mv_clusters to = {take_int(count, "count"), view_ints(cluster, k, "cluster"), NULL,
                    NULL, NULL};
  int *size = (int *)R_alloc((size_t)to.count + 1, sizeof *size);
  int *place = (int *)R_alloc((size_t)k + 1, sizeof *place);
  ptrdiff_t *offset = (ptrdiff_t *)R_alloc((size_t)to.count + 1, sizeof *offset);
  memset(size, 0, sizeof *size * (size_t)to.count);
  for (ptrdiff_t i = 0; i < k; i++) place[i] = size[to.of_row[i] - 1]++;
  offset[0] = 0;
  for (ptrdiff_t c = 0; c < to.count; c++) {
    offset[c + 1] = offset[c] + (ptrdiff_t)size[c] * size[c];
  }
  to.size = size;
  to.place = place;
  to.offset = offset;
  return to;
}

/* The blocks of M in clusters (from 1), each row by row with its rows in the order of the
 * table; or the part that joins two clusters, from 1 (0: V). */
SEXP mv_multilevel_blocks(SEXP problem, SEXP theta, SEXP cluster, SEXP count) {
  static const char *const names[] = {"block", "joined"};
  mv_problem seen;
  double *y, *x;
  mv_view_problem(problem, &seen, &y, &x);
  const ptrdiff_t k = seen.k, m = mv_problem_parameters(&seen);
  double *working = (double *)R_alloc((size_t)m + 1, sizeof *working);
  if (mv_to_working(&seen, view_doubles(theta, m, "theta"), working) != MV_OK) {
    Rf_error("internal: M changed; please report this");
  }
  const mv_clusters clusters = view_clusters(cluster, count, k);
  int *space = (int *)R_alloc((size_t)(2 * k) + 1, sizeof *space);
  ptrdiff_t part;
  SEXP out = PROTECT(named_list(2, names));
  double *block = put_doubles(out, 0, clusters.offset[clusters.count]);
  int *joined = put_ints(out, 1, 1);
  const int apart = mv_cluster_blocks(&seen, working, &clusters, space, block, &part);
  joined[0] = apart ? NA_INTEGER : (int)part + 1;
  UNPROTECT(1);
  return out;
}
