#include <float.h>
#include <math.h>
#include <string.h>

#include "blocks.h"
#include "eigen.h"
#include "matrix.h"

void mv_blocks_numbers_layout(mv_arena *arena, mv_blocks *blocks) {
  const ptrdiff_t k = blocks->problem->k, p = blocks->problem->p;
  const ptrdiff_t set = blocks->most_linked, columns = blocks->most_columns;
  const ptrdiff_t sets = blocks->linked.blocks;
  blocks->lambda = mv_arena_doubles(arena, k);
  blocks->entry_start = mv_arena_indices(arena, k + 1);
  blocks->entry = mv_arena_ints(arena, blocks->entries);
  blocks->number = mv_arena_doubles(arena, k * (1 + p) + blocks->entries);
  blocks->vectors = mv_arena_doubles(arena, blocks->vector_count);
  blocks->vector_start = mv_arena_indices(arena, sets + 1);
  blocks->clump = mv_arena_bytes(arena, sizeof(mv_clump) * (size_t)blocks->clumps);
  blocks->top = mv_arena_ints(arena, blocks->tops);
  blocks->stamp = mv_arena_ints(arena, blocks->q);
  blocks->local = mv_arena_ints(arena, blocks->q);
  blocks->set_stamp = mv_arena_ints(arena, blocks->most_top + blocks->most_inner);
  blocks->set_column = mv_arena_ints(arena, columns);
  blocks->set_values = mv_arena_doubles(arena, set * (columns + p + 1));
  blocks->set_work = mv_arena_doubles(arena, set * 2);
}

static double *row_at(const mv_blocks *blocks, ptrdiff_t at) {
  return blocks->number + at * (1 + blocks->problem->p) + blocks->entry_start[at];
}

const double *mv_block_row(const mv_blocks *blocks, ptrdiff_t at) {
  return row_at(blocks, at);
}

/* ---- clumps and top columns ---- */

static void list_clumps(mv_blocks *blocks) {
  const mv_problem *problem = blocks->problem;
  int *seen = blocks->space, *next = blocks->space + problem->k;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) next[b] = blocks->clump_start[b];
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!mv_is_inner(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) seen[g] = 0;
    for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
      for (int at = blocks->row_start[b]; at < blocks->row_start[b + 1]; at++) {
        const int g = part->outer[blocks->order[at]] - 1;
        if (seen[g]) continue;
        seen[g] = 1;
        blocks->clump[next[b]++] =
            (mv_clump){(int)j, g, blocks->place[blocks->place_first[j] + g],
                       (int)mv_clump_size(part, &blocks->columns[j], g)};
      }
    }
  }
}

static void list_top_column(mv_blocks *blocks, ptrdiff_t b, ptrdiff_t column) {
  int *end = &blocks->top_start[b + 1];
  if (blocks->stamp[column] == (int)b + 1) return;
  blocks->stamp[column] = (int)b + 1;
  blocks->local[column] = *end - blocks->top_start[b];
  blocks->top[(*end)++] = (int)column;
}

/* The top columns that rows of block b have, and their numbers in the block. */
static void list_tops(mv_blocks *blocks, ptrdiff_t b) {
  const mv_problem *problem = blocks->problem;
  blocks->top_start[b + 1] = blocks->top_start[b];
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!mv_is_top(blocks, j)) continue;
    const ptrdiff_t wide = part->slope ? part->shape.levels : 1;
    for (int at = blocks->row_start[b]; at < blocks->row_start[b + 1]; at++) {
      const ptrdiff_t column = blocks->top_first[j] +
                               mv_column_of(part, &blocks->columns[j], blocks->order[at]);
      for (ptrdiff_t s = 0; s < wide; s++) list_top_column(blocks, b, column + s);
    }
  }
}

/* ---- sparse rows ---- */

/* The first of a row's columns of one part, in its block: top ones come first. */
static ptrdiff_t local_column(const mv_blocks *blocks, ptrdiff_t b, ptrdiff_t j,
                              ptrdiff_t row) {
  const mv_part *part = &blocks->problem->parts[j];
  const mv_columns *columns = &blocks->columns[j];
  const ptrdiff_t column = mv_column_of(part, columns, row);
  if (blocks->is_top[j]) return blocks->local[blocks->top_first[j] + column];
  const ptrdiff_t group = part->outer[row] - 1;
  const ptrdiff_t top = blocks->top_start[b + 1] - blocks->top_start[b];
  return top + blocks->place[blocks->place_first[j] + group] + column -
         mv_clump_start(part, columns, group);
}

/* The columns and values of one row, of top parts or of inner ones; gives their number.
 */
static ptrdiff_t entries_of(const mv_blocks *blocks, ptrdiff_t b, ptrdiff_t row, int top,
                            int *column, double *value) {
  const mv_problem *problem = blocks->problem;
  ptrdiff_t count = 0;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *part = &problem->parts[j];
    if (!mv_has_columns(blocks, j) || (blocks->is_top[j] != 0) != top) continue;
    const ptrdiff_t first = local_column(blocks, b, j, row);
    const ptrdiff_t wide = part->slope ? part->shape.levels : 1;
    for (ptrdiff_t s = 0; s < wide; s++) {
      column[count] = (int)(first + s);
      value[count++] = part->slope ? part->slope[row * wide + s] : 1;
    }
  }
  return count;
}

/* Ascending: top columns are the first of a block, then part by part. */
static ptrdiff_t row_entries(const mv_blocks *blocks, ptrdiff_t b, ptrdiff_t row,
                             int *column, double *value) {
  const ptrdiff_t top = entries_of(blocks, b, row, 1, column, value);
  return top + entries_of(blocks, b, row, 0, column + top, value + top);
}

static void fill_alone(mv_blocks *blocks, ptrdiff_t b, ptrdiff_t at) {
  const mv_problem *problem = blocks->problem;
  const ptrdiff_t row = blocks->order[at], p = problem->p;
  const ptrdiff_t from = blocks->entry_start[at];
  double *to = row_at(blocks, at);
  blocks->lambda[at] = problem->v[row];
  to[0] = problem->y[row];
  memcpy(to + 1, problem->x + row * p, sizeof *to * (size_t)p);
  blocks->entry_start[at + 1] =
      from + row_entries(blocks, b, row, blocks->entry + from, to + 1 + p);
}

/* ---- rows that V connects ---- */

static void linked_variances(const mv_blocks *blocks, ptrdiff_t s, ptrdiff_t n,
                             double *v) {
  const mv_pairs *pairs = &blocks->problem->pairs;
  const mv_linked *linked = &blocks->linked;
  memset(v, 0, sizeof *v * (size_t)(n * n));
  for (ptrdiff_t i = 0; i < n; i++) {
    v[i * n + i] = blocks->problem->v[linked->row[linked->start[s] + i]];
  }
  for (int at = linked->pair_start[s]; at < linked->pair_start[s + 1]; at++) {
    const int pair = linked->by_block[at];
    const ptrdiff_t i = linked->position[pairs->first[pair]];
    const ptrdiff_t j = linked->position[pairs->second[pair]];
    v[i * n + j] = v[j * n + i] = pairs->value[pair];
  }
}

static void sort_ints(ptrdiff_t n, int *x) {
  for (ptrdiff_t i = 1; i < n; i++) {
    const int moved = x[i];
    ptrdiff_t j = i;
    for (; j > 0 && x[j - 1] > moved; j--) x[j] = x[j - 1];
    x[j] = moved;
  }
}

/* The columns that any row of the set has, listed in set_column; gives their number. */
static ptrdiff_t set_columns(mv_blocks *blocks, ptrdiff_t b, ptrdiff_t at, ptrdiff_t n) {
  ptrdiff_t count = 0;
  int *column = blocks->entry + blocks->entry_start[at];
  double *value = row_at(blocks, at);
  for (ptrdiff_t i = 0; i < n; i++) {
    const ptrdiff_t here = row_entries(blocks, b, blocks->order[at + i], column, value);
    for (ptrdiff_t e = 0; e < here; e++) {
      if (blocks->set_stamp[column[e]] >= 0) continue;
      blocks->set_stamp[column[e]] = 0;
      blocks->set_column[count++] = column[e];
    }
  }
  sort_ints(count, blocks->set_column);
  for (ptrdiff_t e = 0; e < count; e++) {
    blocks->set_stamp[blocks->set_column[e]] = (int)e;
  }
  return count;
}

/* The rows of the set as they are: n rows of y, x and the columns in set_column. */
static void set_rows(mv_blocks *blocks, ptrdiff_t b, ptrdiff_t at, ptrdiff_t n,
                     ptrdiff_t count) {
  const mv_problem *problem = blocks->problem;
  const ptrdiff_t p = problem->p, wide = 1 + p + count;
  int *column = blocks->entry + blocks->entry_start[at];
  double *value = row_at(blocks, at);
  memset(blocks->set_values, 0, sizeof(double) * (size_t)(n * wide));
  for (ptrdiff_t i = 0; i < n; i++) {
    const ptrdiff_t row = blocks->order[at + i];
    double *to = blocks->set_values + i * wide;
    to[0] = problem->y[row];
    memcpy(to + 1, problem->x + row * p, sizeof *to * (size_t)p);
    const ptrdiff_t here = row_entries(blocks, b, row, column, value);
    for (ptrdiff_t e = 0; e < here; e++) {
      to[1 + p + blocks->set_stamp[column[e]]] += value[e];
    }
  }
}

/* Row i of the turned set is the i-th eigenvector times its rows. */
static void turn_row(mv_blocks *blocks, ptrdiff_t at, ptrdiff_t n, ptrdiff_t i,
                     ptrdiff_t count, const double *vector) {
  const ptrdiff_t wide = 1 + blocks->problem->p + count;
  const ptrdiff_t place = at + i, from = blocks->entry_start[place];
  blocks->entry_start[place + 1] = from + count;
  memcpy(blocks->entry + from, blocks->set_column, sizeof(int) * (size_t)count);
  mv_multiply(1, n, wide, vector, blocks->set_values, row_at(blocks, place));
}

static int recall_set(const mv_blocks *blocks, ptrdiff_t s, ptrdiff_t n, double *vectors,
                      double *lambda) {
  const mv_known_turn *known = blocks->known;
  if (!known) return 0;
  const mv_blocks *of = known->of;
  const int row = known->row[blocks->linked.row[blocks->linked.start[s]]];
  const int set = of->linked.block[row];
  if (of->linked.start[set + 1] - of->linked.start[set] != n) return 0;
  memcpy(vectors, of->vectors + of->vector_start[set], sizeof *vectors * (size_t)(n * n));
  memcpy(lambda, of->lambda + known->place[set], sizeof *lambda * (size_t)n);
  return 1;
}

static mv_status fill_set(mv_blocks *blocks, ptrdiff_t b, ptrdiff_t at, ptrdiff_t s) {
  const ptrdiff_t n = blocks->linked.start[s + 1] - blocks->linked.start[s];
  double *vectors = blocks->vectors + blocks->vector_start[s];
  double *lambda = blocks->lambda + at;
  if (!recall_set(blocks, s, n, vectors, lambda)) {
    linked_variances(blocks, s, n, vectors);
    const mv_status status = mv_eigen(n, vectors, lambda, blocks->set_work);
    if (status != MV_OK) return status;
  }
  if (!(lambda[0] > (double)n * DBL_EPSILON * lambda[n - 1])) return MV_NOT_POSITIVE;
  const ptrdiff_t count = set_columns(blocks, b, at, n);
  set_rows(blocks, b, at, n, count);
  for (ptrdiff_t e = 0; e < count; e++) blocks->set_stamp[blocks->set_column[e]] = -1;
  for (ptrdiff_t i = 0; i < n; i++) {
    turn_row(blocks, at, n, i, count, vectors + i * n);
  }
  return MV_OK;
}

/* ---- all ---- */

mv_status mv_blocks_fill(mv_blocks *blocks) {
  const mv_linked *linked = &blocks->linked;
  list_clumps(blocks);
  memset(blocks->stamp, 0, sizeof(int) * (size_t)blocks->q);
  const ptrdiff_t stamps = blocks->most_top + blocks->most_inner;
  for (ptrdiff_t i = 0; i < stamps; i++) blocks->set_stamp[i] = -1;
  blocks->vector_start[0] = 0;
  for (ptrdiff_t s = 0; s < linked->blocks; s++) {
    const ptrdiff_t n = linked->start[s + 1] - linked->start[s];
    blocks->vector_start[s + 1] = blocks->vector_start[s] + n * n;
  }
  blocks->top_start[0] = 0;
  blocks->entry_start[0] = 0;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    list_tops(blocks, b);
    ptrdiff_t at = blocks->row_start[b];
    while (at < blocks->row_start[b + 1]) {
      const int s = linked->block[blocks->order[at]];
      if (s < 0) {
        fill_alone(blocks, b, at++);
        continue;
      }
      const mv_status status = fill_set(blocks, b, at, s);
      if (status != MV_OK) return status;
      at += linked->start[s + 1] - linked->start[s];
    }
  }
  return MV_OK;
}
