#include "multilevel_clusters.h"

#include "matrix.h"

static double *cell(const mv_clusters *clusters, double *block, ptrdiff_t i,
                    ptrdiff_t j) {
  const int cluster = clusters->of_row[i] - 1;
  return block + clusters->offset[cluster] +
         (ptrdiff_t)clusters->place[i] * clusters->size[cluster] + clusters->place[j];
}

/* Whether the variances of a part are all 0, so that it joins nothing. */
static int is_nothing(const mv_part *part, const double *working) {
  const double *own = working + part->first;
  for (ptrdiff_t level = 0; level < part->shape.levels; level++) {
    if (part->shape.structure->entry(&part->shape, own, level, level) > 0) return 0;
  }
  return 1;
}

/* `first` holds the cluster of the first row of each group. */
static int stays_inside(const mv_problem *problem, const mv_part *part,
                        const mv_clusters *clusters, int *first) {
  for (ptrdiff_t g = 0; g < part->groups; g++) first[g] = 0;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    int *of = &first[part->outer[i] - 1];
    if (*of == 0) *of = clusters->of_row[i];
    if (*of != clusters->of_row[i]) return 0;
  }
  return 1;
}

static int add_sampling(const mv_problem *problem, const mv_clusters *clusters,
                        double *block) {
  const mv_pairs *pairs = &problem->pairs;
  for (ptrdiff_t i = 0; i < problem->k; i++) *cell(clusters, block, i, i) = problem->v[i];
  for (ptrdiff_t at = 0; at < pairs->pairs; at++) {
    const int i = pairs->first[at], j = pairs->second[at];
    if (clusters->of_row[i] != clusters->of_row[j]) return 0;
    *cell(clusters, block, i, j) = *cell(clusters, block, j, i) = pairs->value[at];
  }
  return 1;
}

/* `rows`: by cluster, in the order of their places. */
static void add_part(const mv_part *part, const double *working,
                     const mv_clusters *clusters, const int *rows, double *block) {
  ptrdiff_t start = 0;
  for (ptrdiff_t c = 0; c < clusters->count; c++) {
    const ptrdiff_t n = clusters->size[c];
    const int *row = rows + start;
    double *to = block + clusters->offset[c];
    for (ptrdiff_t i = 0; i < n; i++) {
      for (ptrdiff_t j = 0; j <= i; j++) {
        to[i * n + j] += mv_part_covariance(part, working, row[i], row[j]);
      }
    }
    mv_symmetrise(n, to);
    start += n;
  }
}

int mv_cluster_blocks(const mv_problem *problem, const double *working,
                      const mv_clusters *clusters, int *space, double *block,
                      ptrdiff_t *part) {
  const ptrdiff_t last = clusters->count - 1;
  const ptrdiff_t cells =
      clusters->offset[last] + (ptrdiff_t)clusters->size[last] * clusters->size[last];
  for (ptrdiff_t i = 0; i < cells; i++) block[i] = 0;
  *part = -1;
  if (!add_sampling(problem, clusters, block)) return 0;
  int *rows = space + problem->k; /* by cluster */
  ptrdiff_t start = 0;
  for (ptrdiff_t c = 0; c < clusters->count; c++) {
    space[c] = (int)start;
    start += clusters->size[c];
  }
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    rows[space[clusters->of_row[i] - 1] + clusters->place[i]] = (int)i;
  }
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *of = &problem->parts[j];
    if (is_nothing(of, working)) continue;
    *part = j;
    if (!stays_inside(problem, of, clusters, space)) return 0;
    add_part(of, working, clusters, rows, block);
  }
  return 1;
}
