/* The maximum of a multilevel model's likelihood.
 *
 * A climb is a Newton search in the box of the working parameters, with the average,
 * observed or expected information as curvature: parameters on a bound that the score
 * pushes outwards are held, the others step, a step is halved until the likelihood grows.
 * (Gilmour, Thompson & Cullis 1995, Biometrics 51:1440, for the average information;
 * Bertsekas 1982, SIAM J Control Optim 20:221, for the projection.) The likelihood can
 * have several maxima, so climbs start from a moment estimate shared by all parts, from
 * all of it in each part alone, and with correlations near both ends; the best end is the
 * answer. An end that is a saddle is left along its most negative curvature. */
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
  MV_TRY_STARTS, /* the likelihood at each start */
  MV_BEGIN,      /* the next climb, or the end of all */
  MV_DERIVE,     /* a direction */
  MV_MOVE,       /* a step along it */
  MV_FINISH      /* derivatives at the best end */
} mv_phase;

typedef struct {
  mv_phase phase;
  ptrdiff_t candidate, candidates;
  int evaluations, derivatives, iterations, maxima;
  int halvings, escapes, lifts, lowered;
  double base_log_lik, decrement, reach, damping, polish;
  double best_log_lik;
  mv_status failed; /* how a climb ended without a maximum, and how high it was */
  double failed_log_lik;
  int untold; /* a variance has no information at the point */
  int flat;   /* the information of the free parameters inside the box is singular */
  /* work space */
  double *best, *base, *step, *lower, *upper; /* of each parameter; of free ones */
  double *score, *information, *matrix, *chol, *solved;
  int *held;
  double *start_log_lik;
} mv_climb;

void mv_climb_layout(mv_arena *arena, ptrdiff_t parameters, ptrdiff_t parts,
                     mv_climb *climb);
void mv_climb_start(const mv_multilevel *model, const mv_freedom *freedom,
                    mv_climb *climb);

/* About one evaluation. MV_MORE until done; then `point` is at the best maximum, with
 * derivatives. MV_NOT_CONVERGED where a limit was reached first. */
mv_status mv_climb_step(const mv_multilevel *model, mv_multilevel_work *work,
                        const mv_freedom *freedom, mv_climb *climb, mv_point *point);

#endif
