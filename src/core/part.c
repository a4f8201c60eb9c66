#include "part.h"

#include <string.h>

void mv_columns_layout(mv_arena *arena, ptrdiff_t k, const mv_part *part,
                       mv_columns *columns) {
  *columns = (mv_columns){.host = -1, .guest = -1};
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

int mv_part_is_plain(const mv_part *part) {
  return !part->inner && !part->slope && !part->shape.structure->bend &&
         part->shape.levels == 1;
}

/* Are the groups of a plain part the columns of another? Its group of each column is
 * noted; `column` is space, of each group. */
static int is_guest(ptrdiff_t k, const mv_part *part, const mv_columns *host, int *column,
                    int *group) {
  for (ptrdiff_t g = 0; g < part->groups; g++) column[g] = group[g] = -1;
  for (ptrdiff_t i = 0; i < k; i++) {
    const int g = part->outer[i] - 1, c = host->of_row[i];
    if (group[c] < 0 && column[g] < 0) {
      group[c] = g;
      column[g] = c;
    }
    if (group[c] != g || column[g] != c) return 0;
  }
  return 1;
}

static void find_host(ptrdiff_t k, ptrdiff_t count, const mv_part *parts, ptrdiff_t j,
                      mv_columns *columns, int *space) {
  for (ptrdiff_t h = 0; h < count; h++) {
    mv_columns *host = &columns[h];
    if (!host->of_row || host->count != parts[j].groups) continue;
    if (!is_guest(k, &parts[j], host, space + parts[j].groups, space)) continue;
    columns[j].host = (int)h;
    columns[j].guest_column = space;
    columns[j].guest = host->guest;
    host->guest = (int)j;
    return;
  }
}

void mv_columns_share(ptrdiff_t k, ptrdiff_t count, const mv_part *parts,
                      ptrdiff_t identity, mv_columns *columns, int *space) {
  for (ptrdiff_t j = 0; j < count; j++) columns[j].host = columns[j].guest = -1;
  for (ptrdiff_t j = 0; j < count; j++) {
    if (j == identity || !mv_part_is_plain(&parts[j])) continue;
    find_host(k, count, parts, j, columns, space);
    space += columns[j].host < 0 ? 0 : parts[j].groups;
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

static void clump_entries(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                          const double *working, double *g) {
  const clump of = view(part, columns, group);
  for (ptrdiff_t i = 0; i < of.size; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      g[i * of.size + j] = g[j * of.size + i] = part->shape.structure->entry(
          &part->shape, working, level_of(&of, i), level_of(&of, j));
    }
  }
}

static void clump_slopes(const mv_part *part, const mv_columns *columns, ptrdiff_t group,
                         const double *working, ptrdiff_t parameter, double *g) {
  const clump of = view(part, columns, group);
  for (ptrdiff_t i = 0; i < of.size; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      g[i * of.size + j] = g[j * of.size + i] = part->shape.structure->slope(
          &part->shape, working, parameter, level_of(&of, i), level_of(&of, j));
    }
  }
}

/* A guest is an intercept: `value` on the diagonal. */
static void fill_diagonal(ptrdiff_t m, double value, double *g) {
  memset(g, 0, sizeof *g * (size_t)(m * m));
  for (ptrdiff_t i = 0; i < m; i++) g[i * m + i] = value;
}

void mv_clump_covariance(const mv_part *parts, const mv_columns *columns,
                         const mv_clump *of, ptrdiff_t j, const double *working,
                         double *g) {
  const mv_shape *shape = &parts[j].shape;
  working += parts[j].first;
  if (j == of->part) {
    clump_entries(&parts[j], &columns[j], of->group, working, g);
  } else {
    fill_diagonal(of->size, shape->structure->entry(shape, working, 0, 0), g);
  }
}

void mv_clump_slope(const mv_part *parts, const mv_columns *columns, const mv_clump *of,
                    ptrdiff_t j, const double *working, ptrdiff_t parameter, double *g) {
  const mv_shape *shape = &parts[j].shape;
  working += parts[j].first;
  if (j == of->part) {
    clump_slopes(&parts[j], &columns[j], of->group, working, parameter, g);
  } else {
    fill_diagonal(of->size, shape->structure->slope(shape, working, parameter, 0, 0), g);
  }
}

ptrdiff_t mv_clump_parameters(const mv_part *parts, const mv_columns *columns,
                              ptrdiff_t part) {
  ptrdiff_t count = 0;
  for (ptrdiff_t j = part; j >= 0; j = columns[j].guest) {
    count += mv_shape_parameters(&parts[j].shape);
  }
  return count;
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
