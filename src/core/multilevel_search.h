/* The maximum of a multilevel model's likelihood.
 *
 * A climb is a Newton search in the box of the working parameters, by the observed
 * information, or the expected one far from the end: parameters on a bound that the score
 * pushes outwards are held, the others step. Where the information is not positive
 * definite, the step goes uphill along each of its eigenvectors. A step that does not
 * keep a fair share of its promise is halved, then damped. (Bertsekas 1982, SIAM J
 * Control Optim 20:221, for the projection; Nocedal & Wright 2006, Numerical
 * Optimization, section 3.4, for the eigenvalues; Marquardt 1963, J SIAM 11:431, for the
 * damping.) An end that is a saddle is left along its most negative curvature.
 *
 * The likelihood can have several maxima, so climbs start from a moment estimate shared
 * by all parts, from all of it in each part alone, and with correlations near both ends;
 * then, from the best end, with each correlation turned elsewhere and each SD lowered.
 * The best end is the answer. */
#ifndef MV_MULTILEVEL_SEARCH_H
#define MV_MULTILEVEL_SEARCH_H

#include "multilevel.h"

/* Which parameters move: for each the number, from 1, of the free one that it equals, or
 * 0 for one that stays at its value in `start`. */
typedef struct {
  const int *target;
  ptrdiff_t count;     /* of free ones */
  const double *start; /* working parameters; also the start where `warm` */
  int warm;            /* one climb from `start` */
} mv_freedom;

typedef enum {
  MV_BEGIN,  /* the next climb, or the end of all */
  MV_DERIVE, /* a direction */
  MV_MOVE,   /* a step along it */
  MV_END,    /* the end of a climb */
  MV_FINISH  /* derivatives at the best end */
} mv_phase;

typedef struct {
  mv_phase phase;
  ptrdiff_t candidate, candidates;
  int evaluations, derivatives, iterations, maxima;
  int halvings, escapes, turned, lowered;
  double to_explain;   /* the variance that parameters may have */
  double base_log_lik; /* where the step begins */
  double decrement;    /* twice what a Newton step is worth */
  double damping, polish;
  int observed;  /* the step is Newton's own */
  mv_point best; /* the best end so far */
  double best_log_lik;
  int best_derived; /* its derivatives are there */
  double *last;     /* where the likelihood was last computed */
  double last_log_lik;
  mv_status last_status;
  int last_derived; /* and its derivatives */
  mv_status failed; /* how a climb ended without a maximum, and how high it was */
  double failed_log_lik;
  int untold; /* a variance has no information at the point */
  int flat;   /* the data cannot tell the parameters: mv_is_flat() */
  /* work space */
  double *unit, *base;          /* of each parameter */
  double *step, *lower, *upper; /* of free ones */
  double *score, *size, *information, *matrix, *chol, *solved, *values;
  int *held;
} mv_climb;

void mv_climb_layout(mv_arena *arena, const mv_problem *problem, mv_climb *climb);
void mv_climb_start(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb);

/* About one evaluation. MV_MORE until done; then `point` is at the best maximum, with
 * derivatives. MV_NOT_CONVERGED where a limit was reached first. */
mv_status mv_climb_step(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point);

#endif
