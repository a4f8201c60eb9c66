/* What a fitted multilevel model says of each row and of each random effect. */
#ifndef MV_MULTILEVEL_ROWS_H
#define MV_MULTILEVEL_ROWS_H

#include "multilevel.h"

/* By row of the table; wx k rows of p, in the orthonormal columns. */
typedef struct {
  double *wx;        /* M^-1 X */
  double *py;        /* P y = M^-1 (y - X beta) */
  double *inverse;   /* diagonal of M^-1 */
  double *projected; /* diagonal of P */
  double *variance;  /* diagonal of M */
} mv_row_values;

/* Of each column of a part: the predicted effect G Z'Py and its standard error, the root
 * of the diagonal of G - G Z'PZ G (Henderson 1975, Biometrics 31:423: with the error of
 * the coefficients). */
typedef struct {
  double *effect, *se;
} mv_effect_values;

typedef struct {
  double *ha, *wz, *back; /* rows of a set: HA, WZ, and one of them turned back */
  double *g, *gp;         /* widest clump squared */
  double *variance;       /* widest clump */
} mv_rows_work;

void mv_rows_layout(mv_arena *arena, const mv_blocks *blocks, mv_rows_work *work);

/* At a point whose likelihood was the last; P with the coefficients estimated, for ML
 * too. `effects` has one element for each part. */
mv_status mv_multilevel_rows(const mv_multilevel *model, mv_multilevel_work *work,
                             const mv_point *point, mv_rows_work *space,
                             mv_row_values *rows, mv_effect_values *effects);

/* z, independent standard normals by place, become errors with covariance V by row. */
void mv_blocks_errors(const mv_blocks *blocks, const double *z, double *errors);

#endif
