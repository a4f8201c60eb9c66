/* What the top parts add to the derivatives of a multilevel model. For a parameter of a
 * top part D = Z dG Z', and Z'PZ, q x q, is at hand. */
#ifndef MV_MULTILEVEL_TOP_H
#define MV_MULTILEVEL_TOP_H

#include "multilevel.h"

/* A parameter of a group of a top part. */
typedef struct mv_top_item {
  ptrdiff_t parameter, place, size;
  double *slope, *turned, *moved; /* dG; dG Z'PZ; dG Z'Py */
} mv_top_item;

/* After the sums over the blocks; `working` are all parameters. Gives how many items
 * there are. */
ptrdiff_t mv_add_top(const mv_multilevel *model, const double *working,
                     mv_multilevel_work *work);

/* Adds X'M^-1 D_i M^-1 X of the items. */
void mv_top_bend(const mv_multilevel *model, ptrdiff_t items, mv_multilevel_work *work,
                 mv_point *point);

int mv_is_top_parameter(const mv_multilevel *model, ptrdiff_t parameter);

#endif
