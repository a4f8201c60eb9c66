#include "definite.h"

#include <math.h>

#include "joined.h"
#include "matrix.h"

/* ---- blocks ---- */

mv_linked mv_linked_layout(mv_arena *arena, ptrdiff_t rows, ptrdiff_t pairs) {
  mv_linked linked = {0};
  linked.row = mv_arena_ints(arena, rows);
  linked.start = mv_arena_ints(arena, rows + 1);
  linked.block = mv_arena_ints(arena, rows);
  linked.position = mv_arena_ints(arena, rows);
  linked.by_block = mv_arena_ints(arena, pairs);
  linked.pair_start = mv_arena_ints(arena, rows + 1);
  return linked;
}

void mv_join_pairs(const mv_pairs *pairs, int *parent) {
  for (ptrdiff_t at = 0; at < pairs->rows; at++) parent[at] = (int)at;
  for (ptrdiff_t pair = 0; pair < pairs->pairs; pair++) {
    mv_join(parent, pairs->first[pair], pairs->second[pair]);
  }
}

/* Items by block, `count` of them: `start` gets where each block starts. */
static void count_items(int *start, ptrdiff_t blocks, const int *block_of,
                        ptrdiff_t count, const int *item) {
  for (ptrdiff_t b = 0; b <= blocks; b++) start[b] = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    const int b = block_of[item ? item[i] : i];
    if (b >= 0) start[b + 1]++;
  }
  for (ptrdiff_t b = 0; b < blocks; b++) start[b + 1] += start[b];
}

/* Places each item by its block; `start` moves on and is moved back. */
static void place_items(int *place, int *start, ptrdiff_t blocks, const int *block_of,
                        ptrdiff_t count, const int *item) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const int b = block_of[item ? item[i] : i];
    if (b >= 0) place[start[b]++] = (int)i;
  }
  for (ptrdiff_t b = blocks; b > 0; b--) start[b] = start[b - 1];
  start[0] = 0;
}

/* Roots with rows of their own are numbered in order; `row` is space. */
static void number_blocks(const mv_pairs *pairs, mv_linked *linked) {
  int *parent = linked->block, *size = linked->row;
  mv_join_pairs(pairs, parent);
  for (ptrdiff_t at = 0; at < pairs->rows; at++) size[at] = 0;
  for (ptrdiff_t at = 0; at < pairs->rows; at++) {
    parent[at] = mv_root_of(parent, (int)at);
    size[parent[at]]++;
  }
  linked->blocks = linked->largest = 0;
  for (ptrdiff_t at = 0; at < pairs->rows; at++) {
    if (parent[at] != at) {
      parent[at] = parent[parent[at]];
      continue;
    }
    if (size[at] > 1 && size[at] > linked->largest) linked->largest = size[at];
    parent[at] = size[at] > 1 ? (int)linked->blocks++ : -1;
  }
}

void mv_linked_find(const mv_pairs *pairs, mv_linked *linked) {
  number_blocks(pairs, linked);
  const int *block = linked->block;
  count_items(linked->start, linked->blocks, block, pairs->rows, NULL);
  place_items(linked->row, linked->start, linked->blocks, block, pairs->rows, NULL);
  for (ptrdiff_t at = 0; at < linked->start[linked->blocks]; at++) {
    linked->position[linked->row[at]] = (int)at - linked->start[block[linked->row[at]]];
  }
  count_items(linked->pair_start, linked->blocks, block, pairs->pairs, pairs->first);
  place_items(linked->by_block, linked->pair_start, linked->blocks, block, pairs->pairs,
              pairs->first);
}

/* ---- one block ---- */

/* A share of a row's own variance that is no more than rounding. */
static const double nothing = 1e-10;

mv_definite_work mv_definite_layout(mv_arena *arena, ptrdiff_t largest) {
  mv_definite_work work;
  work.matrix = mv_arena_doubles(arena, largest * largest);
  work.rest = mv_arena_doubles(arena, largest);
  work.solved = mv_arena_doubles(arena, largest);
  work.place = mv_arena_indices(arena, largest);
  return work;
}

/* The block in units of its rows' standard errors. 0 where that cannot be. */
static int fill(const mv_pairs *pairs, const mv_linked *linked, ptrdiff_t block,
                ptrdiff_t m, mv_definite_work *work) {
  const int *row = linked->row + linked->start[block];
  double *a = work->matrix;
  for (ptrdiff_t i = 0; i < m * m; i++) a[i] = 0;
  for (ptrdiff_t i = 0; i < m; i++) {
    a[i * m + i] = work->rest[i] = 1;
    work->place[i] = i;
    if (!(pairs->vi[row[i]] > 0 && pairs->vi[row[i]] < INFINITY)) return 0;
  }
  for (int p = linked->pair_start[block]; p < linked->pair_start[block + 1]; p++) {
    const int pair = linked->by_block[p];
    const int first = pairs->first[pair], second = pairs->second[pair];
    const ptrdiff_t i = linked->position[first], j = linked->position[second];
    const double r =
        pairs->value[pair] / sqrt(pairs->vi[first]) / sqrt(pairs->vi[second]);
    if (!isfinite(r)) return 0;
    a[i * m + j] = a[j * m + i] = r;
  }
  return 1;
}

static void swap_doubles(double *x, double *y) {
  const double kept = *x;
  *x = *y;
  *y = kept;
}

/* Exchanges rows and columns k and p; the columns before k are of the factor. */
static void exchange(ptrdiff_t m, ptrdiff_t k, ptrdiff_t p, mv_definite_work *work) {
  double *a = work->matrix;
  const ptrdiff_t place = work->place[k];
  if (p == k) return;
  work->place[k] = work->place[p];
  work->place[p] = place;
  swap_doubles(&work->rest[k], &work->rest[p]);
  for (ptrdiff_t j = 0; j < m; j++) swap_doubles(&a[k * m + j], &a[p * m + j]);
  for (ptrdiff_t i = k; i < m; i++) swap_doubles(&a[i * m + k], &a[i * m + p]);
}

static ptrdiff_t extreme(const double *x, ptrdiff_t from, ptrdiff_t to, int sign) {
  ptrdiff_t best = from;
  for (ptrdiff_t i = from + 1; i < to; i++) {
    if (sign * x[i] > sign * x[best]) best = i;
  }
  return best;
}

/* Cholesky with the largest remaining variance as the next pivot (Higham 1990, in
 * Reliable Numerical Computation, p 161): what remains of each row is its variance given
 * the rows before. Stops where nothing remains of any, or less than nothing of one, and
 * returns how many rows are done. */
static ptrdiff_t decompose(ptrdiff_t m, mv_definite_work *work) {
  double *a = work->matrix;
  for (ptrdiff_t k = 0; k < m; k++) {
    if (work->rest[extreme(work->rest, k, m, -1)] < -nothing) return k;
    const ptrdiff_t p = extreme(work->rest, k, m, 1);
    if (work->rest[p] <= nothing) return k;
    exchange(m, k, p, work);
    const double pivot = sqrt(work->rest[k]);
    for (ptrdiff_t i = k + 1; i < m; i++) {
      a[i * m + k] = (a[i * m + k] - mv_dot(k, a + i * m, a + k * m)) / pivot;
      work->rest[i] -= a[i * m + k] * a[i * m + k];
    }
    a[k * m + k] = pivot;
  }
  return m;
}

/* Adds `times` row q less its projection on the first `rank` rows to the weights. */
static void add_residual(ptrdiff_t m, ptrdiff_t rank, ptrdiff_t q, double times,
                         mv_definite_work *work, const int *row, double *weight) {
  const double *a = work->matrix;
  double *x = work->solved;
  for (ptrdiff_t i = rank - 1; i >= 0; i--) {
    double sum = a[q * m + i];
    for (ptrdiff_t j = i + 1; j < rank; j++) sum -= a[j * m + i] * x[j];
    x[i] = sum / a[i * m + i];
    weight[row[work->place[i]]] -= times * x[i];
  }
  weight[row[work->place[q]]] += times;
}

/* The rows that remain have no variance left: a covariance left between two of them is
 * one that cannot be. The largest is found; 0 where there is none. */
static double left_between(ptrdiff_t m, ptrdiff_t rank, const mv_definite_work *work,
                           ptrdiff_t *first, ptrdiff_t *second) {
  const double *a = work->matrix;
  double largest = 0;
  for (ptrdiff_t i = rank + 1; i < m; i++) {
    for (ptrdiff_t j = rank; j < i; j++) {
      const double left = a[i * m + j] - mv_dot(rank, a + i * m, a + j * m);
      if (fabs(left) <= fabs(largest)) continue;
      largest = left;
      *first = i;
      *second = j;
    }
  }
  return largest;
}

mv_definite mv_definite_block(const mv_pairs *pairs, const mv_linked *linked,
                              ptrdiff_t block, mv_definite_work work, double *weight) {
  const int *row = linked->row + linked->start[block];
  const ptrdiff_t m = linked->start[block + 1] - linked->start[block];
  if (!fill(pairs, linked, block, m, &work)) return MV_UNKNOWN;
  const ptrdiff_t rank = decompose(m, &work);
  if (rank == m) return MV_DEFINITE;
  for (ptrdiff_t i = 0; i < m; i++) weight[row[i]] = 0;
  const ptrdiff_t least = extreme(work.rest, rank, m, -1);
  if (work.rest[least] < -nothing) {
    add_residual(m, rank, least, 1, &work, row, weight);
    return MV_INDEFINITE;
  }
  ptrdiff_t first = rank, second = rank;
  const double left = left_between(m, rank, &work, &first, &second);
  add_residual(m, rank, first, 1, &work, row, weight);
  if (fabs(left) <= 10 * nothing) return MV_SINGULAR;
  add_residual(m, rank, second, left > 0 ? -1 : 1, &work, row, weight);
  return MV_INDEFINITE;
}
