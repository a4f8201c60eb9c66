/* The covariance M of a multilevel model inside clusters of rows, for inference that is
 * robust to what else happens there. */
#ifndef MV_MULTILEVEL_CLUSTERS_H
#define MV_MULTILEVEL_CLUSTERS_H

#include "blocks.h"

typedef struct {
  ptrdiff_t count;
  const int *of_row;       /* cluster of each row, from 1 */
  const ptrdiff_t *offset; /* where each cluster's block begins */
  const int *size, *place; /* rows of each cluster; place of each row in its own */
} mv_clusters;

/* Writes the blocks M_jj one after another, each row by row. 0 where a covariance other
 * than zero joins two clusters: `part` gets the part that does, -1 for V. `space`: twice
 * as many as rows. */
int mv_cluster_blocks(const mv_problem *problem, const double *working,
                      const mv_clusters *clusters, int *space, double *block,
                      ptrdiff_t *part);

#endif
