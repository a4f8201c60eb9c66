/* Covariance structures of random effects. A random part gives each group of rows (a
 * study, say) random effects at its levels (outcomes, times, slopes), whose covariance
 * is G. A structure is a row of the table in structure.c: how many parameters it has,
 * and each entry of G with its derivative.
 *
 * The parameters that a search moves ("working") are chosen so that every bound is a box
 * and G is never indefinite inside it: an SD where G is not linear in the variance, the
 * Cholesky factor where it is unstructured. What users read ("natural") are variances
 * and correlations. PAIR is for profiles: UN in whose working parameters a correlation
 * can be held. */
#ifndef MV_STRUCTURE_H
#define MV_STRUCTURE_H

#include <stddef.h>

#include "status.h"

typedef enum {
  MV_VARIANCE,
  MV_DEVIATION, /* an SD: natural is its square */
  MV_CORRELATION,
  MV_FACTOR,      /* an entry of a Cholesky factor below its diagonal */
  MV_FACTOR_PIVOT /* on its diagonal; of either sign, which changes nothing */
} mv_parameter_kind;

typedef struct mv_structure mv_structure;

/* What a structure knows of its part. */
typedef struct {
  const mv_structure *structure;
  ptrdiff_t levels;       /* m */
  const double *position; /* of each level, for AR and CAR */
  const double *known;    /* m x m, for KNOWN */
  const double *turn; /* m x m, for GEN: slopes are turned (mv_turn_slopes()); NULL: */
  const double *back; /* they are not. Effects are u = turn u', and u' = back u */
} mv_shape;

struct mv_structure {
  const char *name;
  ptrdiff_t (*parameters)(ptrdiff_t levels);
  mv_parameter_kind (*kind)(ptrdiff_t levels, ptrdiff_t parameter);
  double (*entry)(const mv_shape *shape, const double *working, ptrdiff_t a, ptrdiff_t b);
  double (*slope)(const mv_shape *shape, const double *working, ptrdiff_t parameter,
                  ptrdiff_t a, ptrdiff_t b);
  /* The second derivative; NULL where G is linear in the working parameters. */
  double (*bend)(const mv_shape *shape, const double *working, ptrdiff_t i, ptrdiff_t j,
                 ptrdiff_t a, ptrdiff_t b);
  double lowest; /* bound of a correlation; NAN: -1 / (m - 1) */
};

/* NULL where there is no structure of that name. */
const mv_structure *mv_structure_find(const char *name);

ptrdiff_t mv_shape_parameters(const mv_shape *shape);
void mv_shape_bounds(const mv_shape *shape, ptrdiff_t parameter, double *lower,
                     double *upper);

/* Working parameters to what users read, and back: MV_NOT_POSITIVE where the natural
 * parameters are no covariance. */
void mv_shape_natural(const mv_shape *shape, const double *working, double *natural);
mv_status mv_shape_working(const mv_shape *shape, const double *natural, double *working);

/* A start: variance `size` at each level, and correlations at `share` of the way from
 * their lowest value to 1. */
void mv_shape_start(const mv_shape *shape, double size, double share, double *working);

#endif
