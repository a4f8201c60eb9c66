#include <string.h>

#include "blocks_top.h"

ptrdiff_t mv_problem_parameters(const mv_problem *problem) {
  ptrdiff_t count = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    count += mv_shape_parameters(&problem->parts[j].shape);
  }
  return count;
}

ptrdiff_t mv_part_of(const mv_problem *problem, ptrdiff_t parameter) {
  ptrdiff_t j = problem->part_count - 1;
  while (problem->parts[j].first > parameter) j--;
  return j;
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

int mv_has_columns(const mv_blocks *blocks, ptrdiff_t part) {
  return part != blocks->identity && blocks->columns[part].host < 0;
}

int mv_is_inner(const mv_blocks *blocks, ptrdiff_t part) {
  return mv_has_columns(blocks, part) && !blocks->is_top[part];
}

int mv_is_top(const mv_blocks *blocks, ptrdiff_t part) {
  return mv_has_columns(blocks, part) && blocks->is_top[part];
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
    if (!mv_is_inner(blocks, j)) continue;
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
    if (!mv_is_top(blocks, j)) continue;
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
  const mv_status status = mv_choose_top(problem, blocks, root, columns, head);
  if (status != MV_OK) return status;
  order_rows(problem, blocks, root, columns);
  blocks->vector_count = blocks->most_inner = blocks->most_clump = 0;
  place_groups(problem, blocks, root);
  number_top(problem, blocks);
  count_entries(problem, blocks);
  return MV_OK;
}
