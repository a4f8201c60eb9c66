/* A multilevel problem on R's vectors, opened for the core: what ffi_multilevel.c and
 * its neighbours share. */
#ifndef MV_FFI_MULTILEVEL_H
#define MV_FFI_MULTILEVEL_H

#include "core/multilevel_fit.h"
#include "ffi.h"

typedef struct {
  mv_problem problem;
  const mv_known_turn *known; /* as in blocks.h; NULL: none */
  mv_turn turn;
  mv_blocks blocks;
  mv_multilevel model;
  mv_multilevel_work work;
  mv_point point;
  mv_climb climb;
  mv_status status; /* of opening it */
} mv_session;

/* `problem`, as R/multilevel.R makes it: yi, vi, x (NULL: a column of ones), i, j and
 * value of the covariances, parts. y and x are copies, which `to` points to. */
void mv_view_problem(SEXP problem, mv_problem *to, double **y, double **x);
mv_session *mv_open_session(SEXP problem, int restricted);

/* The same for session->problem, which the caller has filled; y and x are those it points
 * to, and are turned. Nothing else of the session is read but `known`. */
void mv_open_problem(mv_session *session, double *y, double *x, int restricted);

/* Runs a search to its end; the user may interrupt. */
mv_status mv_run_climb(mv_session *session, const mv_freedom *freedom);

#endif
