#include "blocks_top.h"

#include <math.h>
#include <string.h>

#include "joined.h"

/* Trees of rows that V or a group of an inner part connects, then each row's root, the
 * first row of its block. `head` is space, a row for each group. */
static void find_roots(const mv_problem *problem, const mv_blocks *blocks, int *parent,
                       int *head) {
  mv_join_pairs(&problem->pairs, parent);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!mv_is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) head[g] = -1;
    for (ptrdiff_t i = 0; i < problem->k; i++) {
      const int g = part->outer[i] - 1;
      if (head[g] < 0) head[g] = (int)i;
      mv_join(parent, head[g], (int)i);
    }
  }
  for (ptrdiff_t i = 0; i < problem->k; i++) parent[i] = mv_root_of(parent, (int)i);
}

/* Multiplications for a row, and for the cube of the columns that a block or the top
 * eliminates. */
static const double cost_of_row = 40, cost_inside = 6, cost_at_top = 4;

/* What one evaluation costs, in multiplications, with these roots: elimination and
 * products of the columns of inner parts in each block, and of those at the top. `most`
 * gets the largest number of columns that are eliminated at once. */
static double cost_of(const mv_problem *problem, const mv_blocks *blocks, const int *root,
                      int *columns, int *seen, ptrdiff_t *most) {
  for (ptrdiff_t i = 0; i < problem->k; i++) columns[i] = 0;
  *most = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (blocks->is_top[j]) *most += blocks->columns[j].count;
    if (!mv_is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) seen[g] = 0;
    for (ptrdiff_t i = 0; i < problem->k; i++) {
      const int g = part->outer[i] - 1;
      if (!seen[g]) columns[root[i]] += (int)mv_clump_size(part, &blocks->columns[j], g);
      seen[g] = 1;
    }
  }
  const double top = (double)(*most + problem->p);
  double cost = cost_at_top * top * top * top;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    const double inner = columns[i];
    cost += cost_of_row + cost_inside * inner * inner * inner;
    if (columns[i] > *most) *most = columns[i];
  }
  return cost;
}

/* The part with the fewest columns that is still inside the blocks; -1: none. */
static ptrdiff_t smallest_inner(const mv_problem *problem, const mv_blocks *blocks) {
  ptrdiff_t best = -1;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    if (!mv_is_inner(blocks, j)) continue;
    if (best < 0 || blocks->columns[j].count < blocks->columns[best].count) best = j;
  }
  return best;
}

/* With so few columns in every block no other choice is looked at. */
enum { FEW_COLUMNS = 8 };

/* The cheapest choice so far. */
typedef struct {
  int *root, *columns, *head; /* space */
  int *is_top;
  double cost;
} choice;

/* Keeps what stands in `is_top` of the blocks if it is cheaper. Gives the columns that
 * are eliminated at once. */
static ptrdiff_t consider(const mv_problem *problem, const mv_blocks *blocks,
                          choice *best) {
  ptrdiff_t most;
  find_roots(problem, blocks, best->root, best->head);
  const double cost =
      cost_of(problem, blocks, best->root, best->columns, best->head, &most);
  if (most <= MV_MOST_LEVELS && cost < best->cost) {
    best->cost = cost;
    memcpy(best->is_top, blocks->is_top, sizeof(int) * (size_t)problem->part_count);
  }
  return most;
}

/* Parts go to the top one after the other, those with the fewest columns first. Then each
 * alone comes back, for a part with many columns may be cheap in small blocks that those
 * with few would tie together. */
static void consider_tops(const mv_problem *problem, mv_blocks *blocks, choice *best) {
  for (;;) {
    const ptrdiff_t next = smallest_inner(problem, blocks);
    if (next < 0) break;
    blocks->is_top[next] = 1;
    consider(problem, blocks, best);
  }
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    if (!mv_has_columns(blocks, j)) continue;
    blocks->is_top[j] = 0;
    consider(problem, blocks, best);
    blocks->is_top[j] = 1;
  }
}

mv_status mv_choose_top(const mv_problem *problem, mv_blocks *blocks, int *root,
                        int *columns, int *head) {
  choice best = {root, columns, head, blocks->best_top, INFINITY};
  for (ptrdiff_t j = 0; j < problem->part_count; j++) blocks->is_top[j] = 0;
  const ptrdiff_t most = consider(problem, blocks, &best);
  if (most <= FEW_COLUMNS) return MV_OK;
  consider_tops(problem, blocks, &best);
  if (!(best.cost < INFINITY)) return MV_TOO_MANY_LEVELS;
  memcpy(blocks->is_top, best.is_top, sizeof(int) * (size_t)problem->part_count);
  find_roots(problem, blocks, root, head);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const int host = blocks->columns[j].host;
    if (host >= 0) blocks->is_top[j] = blocks->is_top[host];
  }
  return MV_OK;
}
