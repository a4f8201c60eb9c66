#include "blocks.h"

#include <math.h>
#include <string.h>

ptrdiff_t mv_problem_parameters(const mv_problem *problem) {
  ptrdiff_t count = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    count += mv_shape_parameters(&problem->parts[j].shape);
  }
  return count;
}

void mv_blocks_layout(mv_arena *arena, const mv_problem *problem, mv_blocks *blocks) {
  const ptrdiff_t k = problem->k, parts = problem->part_count;
  ptrdiff_t groups = 0, largest = 0;
  *blocks = (mv_blocks){.problem = problem};
  blocks->linked = mv_linked_layout(arena, k, problem->pairs.pairs);
  blocks->columns = mv_arena_bytes(arena, sizeof(mv_columns) * (size_t)parts);
  mv_columns ignored;
  for (ptrdiff_t j = 0; j < parts; j++) {
    mv_columns *to = arena->base ? &blocks->columns[j] : &ignored;
    mv_columns_layout(arena, k, &problem->parts[j], to);
    groups += problem->parts[j].groups;
    largest = mv_larger(largest, problem->parts[j].groups);
  }
  blocks->shared = mv_arena_ints(arena, groups + largest);
  blocks->is_top = mv_arena_ints(arena, parts);
  blocks->best_top = mv_arena_ints(arena, parts);
  blocks->top_first = mv_arena_ints(arena, parts);
  blocks->place_first = mv_arena_indices(arena, parts);
  blocks->row_start = mv_arena_ints(arena, k + 1);
  blocks->clump_start = mv_arena_ints(arena, k + 1);
  blocks->top_start = mv_arena_ints(arena, k + 1);
  blocks->inner_columns = mv_arena_ints(arena, k);
  blocks->order = mv_arena_ints(arena, k);
  blocks->place = mv_arena_ints(arena, groups + 1);
  blocks->space = mv_arena_ints(arena, 2 * k + groups + 1);
}

/* ---- which rows share what ---- */

static int root_of(int *parent, int row) {
  while (parent[row] != row) {
    parent[row] = parent[parent[row]];
    row = parent[row];
  }
  return row;
}

static void join(int *parent, int a, int b) {
  a = root_of(parent, a);
  b = root_of(parent, b);
  if (a < b) parent[b] = a;
  if (b < a) parent[a] = b;
}

int mv_has_columns(const mv_blocks *blocks, ptrdiff_t part) {
  return part != blocks->identity && blocks->columns[part].host < 0;
}

static int is_inner(const mv_blocks *blocks, ptrdiff_t part) {
  return mv_has_columns(blocks, part) && !blocks->is_top[part];
}

/* Trees of rows that V or a group of an inner part connects, then each row's root, the
 * first row of its block. `head` is space, a row for each group. */
static void find_roots(const mv_problem *problem, const mv_blocks *blocks, int *parent,
                       int *head) {
  const mv_pairs *pairs = &problem->pairs;
  for (ptrdiff_t i = 0; i < problem->k; i++) parent[i] = (int)i;
  for (ptrdiff_t i = 0; i < pairs->pairs; i++) {
    join(parent, pairs->first[i], pairs->second[i]);
  }
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) head[g] = -1;
    for (ptrdiff_t i = 0; i < problem->k; i++) {
      const int g = part->outer[i] - 1;
      if (head[g] < 0) head[g] = (int)i;
      join(parent, head[g], (int)i);
    }
  }
  for (ptrdiff_t i = 0; i < problem->k; i++) parent[i] = root_of(parent, (int)i);
}

/* ---- which parts are eliminated at the top ---- */

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
    if (!is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) seen[g] = 0;
    for (ptrdiff_t i = 0; i < problem->k; i++) {
      const int g = part->outer[i] - 1;
      if (!seen[g]) columns[root[i]] += (int)mv_clump_size(part, &blocks->columns[j], g);
      seen[g] = 1;
    }
  }
  const double top = (double)(*most + problem->p);
  double cost = 4 * top * top * top;
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    const double inner = columns[i];
    cost += 40 + 6 * inner * inner * inner;
    if (columns[i] > *most) *most = columns[i];
  }
  return cost;
}

/* The part with the fewest columns that is still inside the blocks; -1: none. */
static ptrdiff_t smallest_inner(const mv_problem *problem, const mv_blocks *blocks) {
  ptrdiff_t best = -1;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    if (!is_inner(blocks, j)) continue;
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

static mv_status choose_top(const mv_problem *problem, mv_blocks *blocks, int *root,
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

/* ---- rows and columns of each block ---- */

/* Blocks in the order of their first rows; rows that V links stand side by side. `key`
 * becomes the block of each row, `by_set` is space. */
static void order_rows(const mv_problem *problem, mv_blocks *blocks, int *key,
                       int *by_set) {
  const ptrdiff_t k = problem->k;
  int count = 0;
  for (ptrdiff_t i = 0; i < k; i++) key[i] = key[i] == i ? count++ : key[key[i]];
  blocks->blocks = count;
  const mv_linked *linked = &blocks->linked;
  const int in_sets = linked->blocks ? linked->start[linked->blocks] : 0;
  memcpy(by_set, linked->row, sizeof(int) * (size_t)in_sets);
  for (int i = 0, next = in_sets; i < (int)k; i++) {
    if (linked->block[i] < 0) by_set[next++] = i;
  }
  int *start = blocks->row_start;
  for (ptrdiff_t b = 0; b <= count; b++) start[b] = 0;
  for (ptrdiff_t i = 0; i < k; i++) start[key[i] + 1]++;
  for (ptrdiff_t b = 0; b < count; b++) start[b + 1] += start[b];
  for (ptrdiff_t i = 0; i < k; i++) {
    blocks->order[start[key[by_set[i]]]++] = by_set[i];
  }
  for (ptrdiff_t b = count; b > 0; b--) start[b] = start[b - 1];
  start[0] = 0;
}

/* The place of each group of the inner parts among its block's columns. */
static void place_groups(const mv_problem *problem, mv_blocks *blocks, const int *block) {
  ptrdiff_t first = 0;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    blocks->inner_columns[b] = blocks->clump_start[b] = 0;
  }
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    blocks->place_first[j] = first;
    int *place = blocks->place + first;
    first += part->groups;
    if (!is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) place[g] = -1;
    for (ptrdiff_t i = 0; i < problem->k; i++) {
      const int g = part->outer[i] - 1, b = block[i];
      if (place[g] >= 0) continue;
      const ptrdiff_t size = mv_clump_size(part, &blocks->columns[j], g);
      place[g] = blocks->inner_columns[b];
      blocks->inner_columns[b] += (int)size;
      blocks->clump_start[b]++;
      blocks->most_clump = mv_larger(blocks->most_clump, size);
    }
  }
  int total = 0;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    const int count = blocks->clump_start[b];
    blocks->clump_start[b] = total;
    total += count;
    blocks->most_inner = mv_larger(blocks->most_inner, blocks->inner_columns[b]);
  }
  blocks->clump_start[blocks->blocks] = total;
  blocks->clumps = total;
}

static void number_top(const mv_problem *problem, mv_blocks *blocks) {
  blocks->q = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    blocks->top_first[j] = (int)blocks->q;
    if (!blocks->is_top[j] || !mv_has_columns(blocks, j)) continue;
    blocks->q += blocks->columns[j].count;
    for (ptrdiff_t g = 0; g < problem->parts[j].groups; g++) {
      blocks->most_clump = mv_larger(
          blocks->most_clump, mv_clump_size(&problem->parts[j], &blocks->columns[j], g));
    }
  }
}

/* How many entries the sparse rows have at the most, and top columns the blocks. */
static void count_entries(const mv_problem *problem, mv_blocks *blocks) {
  ptrdiff_t in_row = 0, top_in_row = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!mv_has_columns(blocks, j)) continue;
    const ptrdiff_t here = part->slope ? part->shape.levels : 1;
    in_row += here;
    if (blocks->is_top[j]) top_in_row += here;
  }
  blocks->tops = blocks->entries = blocks->most_top = 0;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    const ptrdiff_t rows = blocks->row_start[b + 1] - blocks->row_start[b];
    const ptrdiff_t top = rows * top_in_row < blocks->q ? rows * top_in_row : blocks->q;
    blocks->tops += top;
    blocks->most_top = mv_larger(blocks->most_top, top);
  }
  const mv_linked *linked = &blocks->linked;
  ptrdiff_t alone = problem->k;
  for (ptrdiff_t s = 0; s < linked->blocks; s++) {
    const ptrdiff_t n = linked->start[s + 1] - linked->start[s];
    alone -= n;
    blocks->entries += n * n * in_row;
    blocks->vector_count += n * n;
  }
  blocks->entries += alone * in_row;
  blocks->most_linked = linked->largest;
  blocks->most_columns = mv_larger(linked->largest, 1) * in_row;
}

/* The first intercept with a group for each row. */
static ptrdiff_t find_identity(const mv_problem *problem) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (mv_part_is_plain(part) && part->groups == problem->k) return j;
  }
  return -1;
}

mv_status mv_blocks_plan(const mv_problem *problem, mv_blocks *blocks) {
  const ptrdiff_t k = problem->k;
  int *root = blocks->space, *columns = root + k, *head = columns + k;
  mv_linked_find(&problem->pairs, &blocks->linked);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    mv_columns_find(k, &problem->parts[j], &blocks->columns[j]);
  }
  blocks->identity = find_identity(problem);
  mv_columns_share(k, problem->part_count, problem->parts, blocks->identity,
                   blocks->columns, blocks->shared);
  const mv_status status = choose_top(problem, blocks, root, columns, head);
  if (status != MV_OK) return status;
  order_rows(problem, blocks, root, columns);
  blocks->vector_count = blocks->most_inner = blocks->most_clump = 0;
  place_groups(problem, blocks, root);
  number_top(problem, blocks);
  count_entries(problem, blocks);
  return MV_OK;
}
