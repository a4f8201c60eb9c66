/* Several groups of animals as one. */
#ifndef MV_CONVERT_ARMS_H
#define MV_CONVERT_ARMS_H

#include <stddef.h>

typedef struct {
  const int *set; /* the set of each group, from 1 */
  const double *n, *mean, *sd;
  ptrdiff_t groups;
} mv_groups;

typedef struct {
  double *n, *mean, *sd;
  ptrdiff_t sets;
} mv_combined;

/* NaN where a number of any of its groups is missing. `groups[i].set` is within the sets.
 */
void mv_combine_groups(const mv_groups *groups, mv_combined sets);

#endif
