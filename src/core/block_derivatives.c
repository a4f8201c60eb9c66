/* The second pass over a block: what derivatives of the likelihood need of it. With K of
 * P = H - HA K A'H (A without y) the sums of tr P D_i P D_j over all rows are
 *
 *   tr H D_i H D_j - 2 tr K A'H D_i H D_j HA + tr K Q_i K Q_j,   Q_i = A'H D_i HA,
 *
 * of which the first two are sums over blocks, and Q_i too. D of an inner part's
 * parameter is Z dG Z', with dG only in the clumps of that part; D of the identity is I.
 */
#include <string.h>

#include "block_items.h"
#include "linalg.h"
#include "matrix.h"

/* ---- work space ---- */

static ptrdiff_t count_items(const mv_blocks *blocks, ptrdiff_t block, ptrdiff_t *rows,
                             ptrdiff_t *cells) {
  ptrdiff_t items = 0;
  *rows = *cells = 0;
  for (ptrdiff_t c = blocks->clump_start[block]; c < blocks->clump_start[block + 1];
       c++) {
    const mv_clump *of = &blocks->clump[c];
    const ptrdiff_t m =
        mv_clump_parameters(blocks->problem->parts, blocks->columns, of->part);
    items += m;
    *rows += m * of->size;
    *cells += m * of->size * of->size;
  }
  return items;
}

typedef struct {
  ptrdiff_t items, rows, slopes, turned;
} most_counts;

/* The most parameters that the clumps of one block have, from the plan alone. */
static void most_items(const mv_blocks *blocks, most_counts *most) {
  *most = (most_counts){0};
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    ptrdiff_t rows, cells;
    most->items = mv_larger(most->items, count_items(blocks, b, &rows, &cells));
    most->rows = mv_larger(most->rows, rows);
    most->slopes = mv_larger(most->slopes, cells);
    most->turned = mv_larger(most->turned, rows * blocks->inner_columns[b]);
  }
}

void mv_block_sums_layout(mv_arena *arena, const mv_blocks *blocks, mv_block_work *work) {
  const ptrdiff_t a = 1 + blocks->problem->p + blocks->most_top, r = blocks->most_inner;
  most_counts most;
  most_items(blocks, &most);
  mv_elimination_layout(arena, a, r, blocks->most_clump, &work->of);
  work->s2 = mv_arena_doubles(arena, (a + r) * (a + r));
  work->s3 = mv_arena_doubles(arena, (a + r) * (a + r));
  double **of_r[] = {&work->n_matrix, &work->zhz, &work->zhhz, &work->spread,
                     &work->spread2,  &work->rr1, &work->keep};
  for (int i = 0; i < 7; i++) *of_r[i] = mv_arena_doubles(arena, r * r);
  double **of_ra[] = {&work->zha, &work->zha2, &work->zhha, &work->ra1};
  for (int i = 0; i < 4; i++) *of_ra[i] = mv_arena_doubles(arena, r * a);
  double **of_a[] = {&work->ahha, &work->ahhha, &work->k_local};
  for (int i = 0; i < 3; i++) *of_a[i] = mv_arena_doubles(arena, a * a);
  work->coefficient = mv_arena_doubles(arena, a);
  work->residual = mv_arena_doubles(arena, r);
  work->residual2 = mv_arena_doubles(arena, r);
  work->row = mv_arena_doubles(arena, a);
  work->slope = mv_arena_doubles(arena, most.slopes);
  work->turned = mv_arena_doubles(arena, most.turned);
  work->turned2 = mv_arena_doubles(arena, most.turned);
  work->moved = mv_arena_doubles(arena, most.rows);
  work->items = mv_arena_bytes(arena, sizeof(mv_item) * (size_t)(most.items + 1));
}

/* ---- what all parameters need ---- */

/* K of the block's columns, and (1, -kappa). */
static void take_local(const mv_blocks *blocks, const double *k, const double *kappa,
                       mv_block_work *work) {
  const ptrdiff_t m = work->of.a - 1, all = blocks->problem->p + blocks->q;
  work->coefficient[0] = 1;
  for (ptrdiff_t i = 0; i < m; i++) {
    const ptrdiff_t row = mv_block_column(blocks, work->block, i + 1);
    work->coefficient[i + 1] = -kappa[row];
    for (ptrdiff_t j = 0; j < m; j++) {
      work->k_local[i * m + j] =
          k[row * all + mv_block_column(blocks, work->block, j + 1)];
    }
  }
}

/* C = I - N Z'WZ, Z'HZ = Z'WZ C. */
static void inner_matrices(mv_block_work *work) {
  const ptrdiff_t r = work->of.r, a = work->of.a, d = work->of.d;
  double *szz = work->rr1;
  mv_elimination_n(&work->of, work->rr1, work->n_matrix);
  for (ptrdiff_t i = 0; i < r; i++) {
    memcpy(szz + i * r, work->of.s + (a + i) * d + a, sizeof *szz * (size_t)r);
  }
  memset(work->keep, 0, sizeof(double) * (size_t)(r * r));
  for (ptrdiff_t i = 0; i < r; i++) work->keep[i * r + i] = 1;
  mv_add_product(r, r, r, -1, work->n_matrix, szz, work->keep);
  mv_multiply(r, r, r, szz, work->keep, work->zhz);
}

void mv_reduced_rows(const mv_block_work *work, const double *s, double *to) {
  const ptrdiff_t r = work->of.r, a = work->of.a, d = work->of.d;
  for (ptrdiff_t i = 0; i < r; i++) {
    const double *row = s + (a + i) * d;
    memcpy(to + i * a, row, sizeof *to * (size_t)a);
    mv_add_product(1, r, a, -1, row + a, work->of.reduce, to + i * a);
  }
}

void mv_through_k(const mv_block_work *work, const double *x, const double *y,
                  double *space, double *to) {
  const ptrdiff_t r = work->of.r, m = work->of.a - 1;
  for (ptrdiff_t i = 0; i < r; i++) {
    mv_multiply(1, m, m, x + i * (m + 1) + 1, work->k_local, space);
    for (ptrdiff_t j = 0; j < r; j++) {
      to[i * r + j] = mv_dot(m, space, y + j * (m + 1) + 1);
    }
  }
}

void mv_times_coefficient(const mv_block_work *work, const double *rows, double *to) {
  for (ptrdiff_t i = 0; i < work->of.r; i++) {
    to[i] = mv_dot(work->of.a, rows + i * work->of.a, work->coefficient);
  }
}

/* ---- items: parameters of clumps ---- */

/* The next items: the parameters of part j in one clump. Gives how many. */
static ptrdiff_t fill_clump(const mv_blocks *blocks, const mv_clump *of, ptrdiff_t j,
                            const double *working, mv_block_work *work, mv_item *item) {
  const mv_part *parts = blocks->problem->parts;
  const ptrdiff_t r = work->of.r, m = of->size, at = of->place;
  const ptrdiff_t count = mv_shape_parameters(&parts[j].shape);
  for (ptrdiff_t i = 0; i < count; i++, item++) {
    item->parameter = parts[j].first + i;
    item->place = at;
    item->size = m;
    mv_clump_slope(parts, blocks->columns, of, j, working, i, item->slope);
    mv_multiply(m, m, r, item->slope, work->zhz + at * r, item->turned);
    mv_multiply(m, m, r, item->slope, work->spread + at * r, item->turned2);
    mv_multiply(m, m, 1, item->slope, work->residual + at, item->moved);
    item[1] = (mv_item){.slope = item->slope + m * m,
                        .turned = item->turned + m * r,
                        .turned2 = item->turned2 + m * r,
                        .moved = item->moved + m};
  }
  return count;
}

static ptrdiff_t fill_items(const mv_blocks *blocks, const double *working,
                            mv_block_work *work) {
  ptrdiff_t count = 0;
  work->items[0] = (mv_item){.slope = work->slope,
                             .turned = work->turned,
                             .turned2 = work->turned2,
                             .moved = work->moved};
  for (ptrdiff_t c = 0; c < work->of.clumps; c++) {
    const mv_clump *of = &work->of.clump[c];
    for (ptrdiff_t j = of->part; j >= 0; j = blocks->columns[j].guest) {
      count += fill_clump(blocks, of, j, working, work, work->items + count);
    }
  }
  return count;
}

/* Adds x'y to the matrix Q, x and y rows of the block's A without its y. */
static void add_outer(const mv_blocks *blocks, const mv_block_work *work, const double *x,
                      const double *y, double *q) {
  const ptrdiff_t all = blocks->problem->p + blocks->q;
  for (ptrdiff_t i = 1; i < work->of.a; i++) {
    if (x[i] == 0) continue;
    double *row = q + mv_block_column(blocks, work->block, i) * all;
    for (ptrdiff_t j = 1; j < work->of.a; j++) {
      row[mv_block_column(blocks, work->block, j)] += x[i] * y[j];
    }
  }
}

/* Q of an item: rows of Z'HA through dG. */
static void add_product(const mv_blocks *blocks, const mv_item *item, mv_block_work *work,
                        mv_derivative_sums *sums) {
  const ptrdiff_t all = blocks->problem->p + blocks->q, a = work->of.a, m = item->size;
  const double *zha = work->zha + item->place * a;
  double *through = work->ra1;
  mv_multiply(m, m, a, item->slope, zha, through);
  for (ptrdiff_t s = 0; s < m; s++) {
    add_outer(blocks, work, zha + s * a, through + s * a,
              sums->product + item->parameter * all * all);
  }
}

/* tr P D, y'P D P y and A'H D P y of one item. */
static void add_item(const mv_blocks *blocks, const mv_item *item, mv_block_work *work,
                     mv_derivative_sums *sums) {
  const ptrdiff_t r = work->of.r, all = blocks->problem->p + blocks->q;
  double *working = sums->working + item->parameter * all;
  for (ptrdiff_t s = 0; s < item->size; s++) {
    const ptrdiff_t at = item->place + s;
    sums->trace[item->parameter] += item->turned[s * r + at] - item->turned2[s * r + at];
    sums->quadratic[item->parameter] += work->residual[at] * item->moved[s];
    for (ptrdiff_t i = 1; i < work->of.a; i++) {
      working[mv_block_column(blocks, work->block, i)] +=
          work->zha[at * work->of.a + i] * item->moved[s];
    }
  }
}

/* The sums over pairs of items. */
static void add_pair(const mv_item *one, const mv_item *other, ptrdiff_t parameters,
                     const mv_block_work *work, mv_derivative_sums *sums) {
  const ptrdiff_t r = work->of.r;
  double trace = 0, paired = 0;
  for (ptrdiff_t s = 0; s < one->size; s++) {
    const double *u = one->turned + s * r + other->place;
    const double *v = one->turned2 + s * r + other->place;
    const double *zhz = work->zhz + (one->place + s) * r + other->place;
    for (ptrdiff_t t = 0; t < other->size; t++) {
      const double u2 = other->turned[t * r + one->place + s];
      const double v2 = other->turned2[t * r + one->place + s];
      trace += u[t] * (u2 - v2) - v[t] * u2;
      paired += one->moved[s] * zhz[t] * other->moved[t];
    }
  }
  const ptrdiff_t at = one->parameter * parameters + other->parameter;
  sums->expected[at] += trace;
  sums->paired[at] += paired;
}

void mv_add_entries(const mv_part *part, const mv_columns *columns, const mv_clump *of,
                    const double *residual, const double *projected, ptrdiff_t stride,
                    double *entries) {
  const int *level =
      columns->level ? columns->level + mv_clump_start(part, columns, of->group) : NULL;
  for (ptrdiff_t s = 0; s < of->size; s++) {
    for (ptrdiff_t t = 0; t < of->size; t++) {
      const ptrdiff_t a = level ? level[s] : s, b = level ? level[t] : t;
      entries[a * part->shape.levels + b] +=
          0.5 * (residual[s] * residual[t] - projected[s * stride + t]);
    }
  }
}

static void add_entries(const mv_blocks *blocks, mv_block_work *work,
                        mv_derivative_sums *sums) {
  const ptrdiff_t r = work->of.r;
  for (ptrdiff_t i = 0; i < r * r; i++) work->rr1[i] = work->zhz[i] - work->spread[i];
  for (ptrdiff_t c = 0; c < work->of.clumps; c++) {
    const mv_clump *of = &work->of.clump[c];
    if (!sums->entries[of->part]) continue;
    mv_add_entries(&blocks->problem->parts[of->part], &blocks->columns[of->part], of,
                   work->residual + of->place, work->rr1 + of->place * r + of->place, r,
                   sums->entries[of->part]);
  }
}

/* ---- all ---- */

void mv_block_project(const mv_blocks *blocks, const double *k, const double *kappa,
                      mv_block_work *work) {
  take_local(blocks, k, kappa, work);
  inner_matrices(work);
  mv_reduced_rows(work, work->of.s, work->zha);
  mv_through_k(work, work->zha, work->zha, work->row, work->spread);
  mv_times_coefficient(work, work->zha, work->residual);
}

void mv_block_derivatives(const mv_blocks *blocks, const double *working,
                          ptrdiff_t identity, const double *k, const double *kappa,
                          mv_block_work *work, mv_derivative_sums *sums) {
  const ptrdiff_t parameters = sums->parameters;
  mv_block_project(blocks, k, kappa, work);
  const ptrdiff_t items = fill_items(blocks, working, work);
  for (ptrdiff_t i = 0; i < items; i++) {
    add_product(blocks, &work->items[i], work, sums);
    add_item(blocks, &work->items[i], work, sums);
    for (ptrdiff_t j = 0; j < items; j++) {
      const mv_item *one = &work->items[i], *other = &work->items[j];
      if (other->parameter > one->parameter) continue;
      add_pair(one, other, parameters, work, sums);
    }
  }
  add_entries(blocks, work, sums);
  if (identity < 0) return;
  mv_add_identity(blocks, identity, items, parameters, work, sums);
}
