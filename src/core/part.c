#include "part.h"

void mv_columns_layout(mv_arena *arena, ptrdiff_t k, const mv_part *part,
                       mv_columns *columns) {
  *columns = (mv_columns){0};
  if (!part->inner) return;
  const ptrdiff_t most = mv_larger(part->groups, part->shape.levels);
  columns->of_row = mv_arena_ints(arena, k);
  columns->start = mv_arena_ints(arena, part->groups + 1);
  columns->level = mv_arena_ints(arena, k);
  columns->space = mv_arena_ints(arena, 2 * k + most + 1);
}

/* Rows in the order of a key from 1 to `keys`, kept in the order of `from` where it is
 * equal (NULL: as they stand). */
static void sort_rows(ptrdiff_t k, const int *key, ptrdiff_t keys, const int *from,
                      int *to, int *count) {
  for (ptrdiff_t i = 0; i <= keys; i++) count[i] = 0;
  for (ptrdiff_t i = 0; i < k; i++) count[key[i]]++;
  for (ptrdiff_t i = 0; i < keys; i++) count[i + 1] += count[i];
  for (ptrdiff_t i = 0; i < k; i++) {
    const int row = from ? from[i] : (int)i;
    to[count[key[row] - 1]++] = row;
  }
}

static void find_inner(ptrdiff_t k, const mv_part *part, mv_columns *columns) {
  int *by_inner = columns->space, *by_outer = by_inner + k, *count = by_outer + k;
  sort_rows(k, part->inner, part->shape.levels, NULL, by_inner, count);
  sort_rows(k, part->outer, part->groups, by_inner, by_outer, count);
  int column = -1, group = 0, level = 0;
  for (ptrdiff_t i = 0; i < k; i++) {
    const int row = by_outer[i];
    if (part->outer[row] != group || part->inner[row] != level) {
      column++;
      while (group < part->outer[row]) columns->start[group++] = column;
      level = part->inner[row];
      columns->level[column] = level - 1;
    }
    columns->of_row[row] = column;
  }
  while (group <= part->groups) columns->start[group++] = column + 1;
  columns->count = column + 1;
}

void mv_columns_find(ptrdiff_t k, const mv_part *part, mv_columns *columns) {
  if (part->inner) {
    find_inner(k, part, columns);
  } else {
    columns->count = part->groups * part->shape.levels;
  }
}

ptrdiff_t mv_clump_start(const mv_part *part, const mv_columns *columns,
                         ptrdiff_t group) {
  return columns->start ? columns->start[group] : group * part->shape.levels;
}

ptrdiff_t mv_clump_size(const mv_part *part, const mv_columns *columns, ptrdiff_t group) {
  if (!columns->start) return part->shape.levels;
  return columns->start[group + 1] - columns->start[group];
}

ptrdiff_t mv_column_of(const mv_part *part, const mv_columns *columns, ptrdiff_t row) {
  if (columns->of_row) return columns->of_row[row];
  return (part->outer[row] - 1) * part->shape.levels;
}

typedef struct {
  ptrdiff_t size;
  const int *level; /* NULL: 0, 1, ... */
} clump;

static clump view(const mv_part *part, const mv_columns *columns, ptrdiff_t group) {
  return (clump){mv_clump_size(part, columns, group),
                 columns->level ? columns->level + columns->start[group] : NULL};
}

static ptrdiff_t level_of(const clump *of, ptrdiff_t i) {
  return of->level ? of->level[i] : i;
}

void mv_clump_covariance(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                         const double *working, double *g) {
  const clump of = view(part, columns, group);
  for (ptrdiff_t i = 0; i < of.size; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      g[i * of.size + j] = g[j * of.size + i] = part->shape.structure->entry(
          &part->shape, working, level_of(&of, i), level_of(&of, j));
    }
  }
}

void mv_clump_slope(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                    const double *working, ptrdiff_t parameter, double *g) {
  const clump of = view(part, columns, group);
  for (ptrdiff_t i = 0; i < of.size; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      g[i * of.size + j] = g[j * of.size + i] = part->shape.structure->slope(
          &part->shape, working, parameter, level_of(&of, i), level_of(&of, j));
    }
  }
}

double mv_part_covariance(const mv_part *part, const double *working, ptrdiff_t i,
                          ptrdiff_t j) {
  const mv_shape *shape = &part->shape;
  const double *own = working + part->first;
  if (part->outer[i] != part->outer[j]) return 0;
  if (!part->slope) {
    const ptrdiff_t a = part->inner ? part->inner[i] - 1 : 0;
    const ptrdiff_t b = part->inner ? part->inner[j] - 1 : 0;
    return shape->structure->entry(shape, own, a, b);
  }
  const ptrdiff_t m = shape->levels;
  double sum = 0;
  for (ptrdiff_t a = 0; a < m; a++) {
    for (ptrdiff_t b = 0; b < m; b++) {
      sum += part->slope[i * m + a] * part->slope[j * m + b] *
             shape->structure->entry(shape, own, a, b);
    }
  }
  return sum;
}
