/* A multilevel model from what the user gives to what the user reads: columns of the
 * design in their own units on both sides. */
#ifndef MV_MULTILEVEL_FIT_H
#define MV_MULTILEVEL_FIT_H

#include "multilevel_search.h"

/* How the design was turned: x = q r, and y = q offset + what is modelled. */
typedef struct {
  double *r;      /* p x p, upper triangular */
  double *offset; /* p */
  int *aliased;   /* p */
} mv_turn;

void mv_turn_layout(mv_arena *arena, ptrdiff_t p, mv_turn *turn);

/* x (k rows of p) gets orthonormal columns, and y becomes its residual on them, so that
 * large means cancel before they are weighted. MV_RANK_DEFICIENT when a column is a
 * combination of others. */
mv_status mv_turn_design(ptrdiff_t k, ptrdiff_t p, double *x, double *y, mv_turn *turn);

/* Slopes (k rows of m) become uncorrelated over the rows, with a mean square of 1, so
 * that a search sees neither their units nor how far from 0 they are, as years are: z u =
 * z' u' with z = z' back, u' = back u, u = turn u'. Both matrices are lower triangular,
 * so the first effect stays itself but for its unit, and a factor of G stays one.
 * MV_RANK_DEFICIENT when a column is a combination of others; the slopes are then spoilt.
 */
mv_status mv_turn_slopes(ptrdiff_t k, ptrdiff_t m, double *slope, double *back,
                         double *turn, int *aliased);

/* The coefficients at a point, their covariance, and its derivative by each working
 * parameter: dF = F X'M^-1 D M^-1 X F. */
void mv_tell_point(ptrdiff_t p, ptrdiff_t parameters, const mv_turn *turn,
                   const mv_point *point, double *space, double *beta, double *vcov,
                   double *dvcov);

/* Working parameters of all parts to natural ones, and back. */
void mv_to_natural(const mv_problem *problem, const double *working, double *natural);
mv_status mv_to_working(const mv_problem *problem, const double *natural,
                        double *working);

/* Q and tr P without any random effect; left as they are where they are not defined. The
 * point is no longer that of the fit. */
void mv_homogeneous(const mv_multilevel *model, mv_multilevel_work *work, mv_point *point,
                    double *q, double *trace);

/* M^-1 X of the turned columns (k rows of p) to that of the design's own, by columns. */
void mv_turn_rows(ptrdiff_t k, ptrdiff_t p, const double *r, const double *turned,
                  double *columns);

#endif
