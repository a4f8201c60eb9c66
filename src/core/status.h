/* What a core function can answer. The sentence a user reads for each is in
 * R/conditions.R, found by the name that mv_status_name() gives. */
#ifndef MV_STATUS_H
#define MV_STATUS_H

typedef enum {
  MV_OK = 0,
  MV_MORE,            /* a stepped computation has more to do */
  MV_TOO_FEW,         /* fewer effects than the estimator needs */
  MV_RANK_DEFICIENT,  /* columns of the design are linear combinations of others */
  MV_NOT_CONVERGED,   /* an iteration limit was reached */
  MV_DEGENERATE,      /* an effect of variance zero determines the estimate alone */
  MV_NOT_FINITE,      /* a number too large or too small for the arithmetic */
  MV_NOT_POSITIVE,    /* a matrix that must be positive definite is not */
  MV_TOO_MANY_LEVELS, /* more levels to be eliminated at once than is allowed */
  MV_STATUS_COUNT
} mv_status;

const char *mv_status_name(mv_status status);

#endif
