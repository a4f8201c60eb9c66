#include "multilevel_rows.h"

#include <math.h>
#include <string.h>

#include "matrix.h"

void mv_rows_layout(mv_arena *arena, const mv_blocks *blocks, mv_rows_work *work) {
  const ptrdiff_t a = 1 + blocks->problem->p + blocks->most_top;
  const ptrdiff_t r = blocks->most_inner, wide = blocks->most_clump;
  const ptrdiff_t set = mv_larger(blocks->most_linked, 1);
  work->ha = mv_arena_doubles(arena, set * a);
  work->wz = mv_arena_doubles(arena, set * r);
  work->back = mv_arena_doubles(arena, a + r);
  work->g = mv_arena_doubles(arena, wide * wide);
  work->gp = mv_arena_doubles(arena, wide * wide);
  work->variance = mv_arena_doubles(arena, wide);
}

/* ---- random effects ---- */

/* Of part j in a clump: what its effects are times Z'Py (m x m), G as a rule, and their
 * variances; those of turned slopes in the user's own. */
static void effect_matrices(const mv_blocks *blocks, const mv_clump *of, ptrdiff_t j,
                            const double *working, mv_rows_work *space) {
  const ptrdiff_t m = of->size;
  const double *turn = blocks->problem->parts[j].shape.turn;
  double *g = turn ? space->gp : space->g;
  mv_clump_covariance(blocks->problem->parts, blocks->columns, of, j, working, g);
  if (turn) mv_multiply(m, m, m, turn, g, space->g);
  for (ptrdiff_t i = 0; i < m; i++) {
    const double *row = space->g + i * m;
    space->variance[i] = turn ? mv_dot(m, row, turn + i * m) : row[i];
  }
}

/* One group of a part, or of a guest of it, j; `projected` is Z'PZ in rows of `stride`,
 * at its place. */
static void predict_group(const mv_blocks *blocks, const mv_clump *of, ptrdiff_t j,
                          const double *working, const double *residual,
                          const double *projected, ptrdiff_t stride, mv_rows_work *space,
                          mv_effect_values *out) {
  const mv_columns *columns = blocks->columns;
  const mv_part *parts = blocks->problem->parts;
  const ptrdiff_t m = of->size;
  const ptrdiff_t first = mv_clump_start(&parts[of->part], &columns[of->part], of->group);
  effect_matrices(blocks, of, j, working, space);
  memset(space->gp, 0, sizeof(double) * (size_t)(m * m));
  for (ptrdiff_t i = 0; i < m; i++) { /* gp = G Z'PZ */
    for (ptrdiff_t h = 0; h < m; h++) {
      const double by = space->g[i * m + h];
      if (by != 0) mv_add_row(m, by, projected + h * stride, space->gp + i * m);
    }
  }
  for (ptrdiff_t i = 0; i < m; i++) {
    const double *g = space->g + i * m;
    const double taken = mv_dot(m, space->gp + i * m, g);
    const ptrdiff_t at = j == of->part ? first + i : columns[j].guest_column[first + i];
    out[j].effect[at] = mv_dot(m, g, residual);
    out[j].se[at] = sqrt(fmax(0, space->variance[i] - taken));
  }
}

static void predict_clump(const mv_blocks *blocks, const mv_clump *of,
                          const double *working, const double *residual,
                          const double *projected, ptrdiff_t stride, mv_rows_work *space,
                          mv_effect_values *out) {
  for (ptrdiff_t j = of->part; j >= 0; j = blocks->columns[j].guest) {
    predict_group(blocks, of, j, working, residual + of->place,
                  projected + of->place * stride + of->place, stride, space, out);
  }
}

static void predict_block(const mv_blocks *blocks, const double *working,
                          mv_block_work *work, mv_rows_work *space,
                          mv_effect_values *effects) {
  const ptrdiff_t r = work->of.r;
  for (ptrdiff_t i = 0; i < r * r; i++) work->rr1[i] = work->zhz[i] - work->spread[i];
  for (ptrdiff_t c = 0; c < work->of.clumps; c++) {
    predict_clump(blocks, &work->of.clump[c], working, work->residual, work->rr1, r,
                  space, effects);
  }
}

static void predict_top(const mv_multilevel *model, const double *working,
                        mv_multilevel_work *work, mv_rows_work *space,
                        mv_effect_values *effects) {
  const mv_blocks *blocks = model->blocks;
  const ptrdiff_t q = blocks->q;
  mv_top_project(model, work->k, work);
  for (ptrdiff_t c = 0; c < model->top_clumps; c++) {
    predict_clump(blocks, &model->top_clump[c], working, work->residual, work->poo, q,
                  space, effects);
  }
}

/* ---- rows ---- */

/* (HA)_i = w (A_i - Z_i N Z'WA), and w Z_i, at a place. */
static void row_of_h(const mv_blocks *blocks, ptrdiff_t at, double w,
                     const mv_block_work *work, double *ha, double *wz) {
  const ptrdiff_t a = work->of.a, r = work->of.r, dense = 1 + blocks->problem->p;
  const double *value = mv_block_row(blocks, at);
  for (ptrdiff_t j = 0; j < a; j++) ha[j] = j < dense ? w * value[j] : 0;
  for (ptrdiff_t j = 0; j < r; j++) wz[j] = 0;
  value += dense;
  const ptrdiff_t from = blocks->entry_start[at];
  for (ptrdiff_t e = from; e < blocks->entry_start[at + 1]; e++) {
    const ptrdiff_t column = dense + blocks->entry[e];
    const double by = w * value[e - from];
    if (column < a) {
      ha[column] += by;
    } else {
      wz[column - a] = by;
      mv_add_row(a, -by, work->of.reduce + (column - a) * a, ha);
    }
  }
}

/* What is told of a row, from its rows of HA and WZ and its own part of W's diagonal. */
static void tell_row(const mv_multilevel *model, ptrdiff_t row, double w,
                     const double *ha, const double *wz, mv_multilevel_work *work,
                     mv_row_values *rows) {
  const mv_blocks *blocks = model->blocks;
  const mv_block_work *block = &work->block;
  const ptrdiff_t p = blocks->problem->p, all = p + blocks->q, a = block->of.a;
  double *wx = rows->wx + row * p;
  for (ptrdiff_t j = 0; j < p; j++) wx[j] = 0;
  double by_k = 0, by_ml = 0;
  for (ptrdiff_t i = 1; i < a; i++) {
    const ptrdiff_t at = mv_block_column(blocks, block->block, i);
    mv_add_row(p, ha[i], work->spread + at * p, wx);
    for (ptrdiff_t j = 1; j < a; j++) {
      const ptrdiff_t other = mv_block_column(blocks, block->block, j);
      by_k += ha[i] * work->k[at * all + other] * ha[j];
      by_ml += ha[i] * work->k_ml[at * all + other] * ha[j];
    }
  }
  const double h = w - mv_bilinear(block->of.r, wz, block->n_matrix, wz);
  rows->py[row] = mv_dot(a, ha, block->coefficient);
  rows->inverse[row] = h - by_ml;
  rows->projected[row] = h - by_k;
}

static void tell_alone(const mv_multilevel *model, ptrdiff_t at, double sigma2,
                       mv_multilevel_work *work, mv_rows_work *space,
                       mv_row_values *rows) {
  const mv_blocks *blocks = model->blocks;
  const double w = 1 / (blocks->lambda[at] + sigma2);
  row_of_h(blocks, at, w, &work->block, space->ha, space->wz);
  tell_row(model, blocks->order[at], w, space->ha, space->wz, work, rows);
}

/* Rows that V links, turned back. */
static void tell_set(const mv_multilevel *model, ptrdiff_t at, ptrdiff_t set,
                     double sigma2, mv_multilevel_work *work, mv_rows_work *space,
                     mv_row_values *rows) {
  const mv_blocks *blocks = model->blocks;
  const ptrdiff_t n = blocks->linked.start[set + 1] - blocks->linked.start[set];
  const ptrdiff_t a = work->block.of.a, r = work->block.of.r;
  const double *vectors = blocks->vectors + blocks->vector_start[set];
  for (ptrdiff_t i = 0; i < n; i++) {
    row_of_h(blocks, at + i, 1 / (blocks->lambda[at + i] + sigma2), &work->block,
             space->ha + i * a, space->wz + i * r);
  }
  for (ptrdiff_t row = 0; row < n; row++) {
    double w = 0, *ha = space->back, *wz = space->back + a;
    for (ptrdiff_t j = 0; j < a + r; j++) space->back[j] = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
      const double by = vectors[i * n + row];
      w += by * by / (blocks->lambda[at + i] + sigma2);
      mv_add_row(a, by, space->ha + i * a, ha);
      mv_add_row(r, by, space->wz + i * r, wz);
    }
    tell_row(model, blocks->order[at + row], w, ha, wz, work, rows);
  }
}

static void tell_block(const mv_multilevel *model, double sigma2,
                       mv_multilevel_work *work, mv_rows_work *space,
                       mv_row_values *rows) {
  const mv_blocks *blocks = model->blocks;
  const ptrdiff_t b = work->block.block;
  for (ptrdiff_t at = blocks->row_start[b]; at < blocks->row_start[b + 1];) {
    const int set = blocks->linked.block[blocks->order[at]];
    if (set < 0) {
      tell_alone(model, at++, sigma2, work, space, rows);
    } else {
      tell_set(model, at, set, sigma2, work, space, rows);
      at += blocks->linked.start[set + 1] - blocks->linked.start[set];
    }
  }
}

/* ---- variances of rows ---- */

static void tell_variances(const mv_problem *problem, const double *working,
                           double *variance) {
  for (ptrdiff_t i = 0; i < problem->k; i++) {
    variance[i] = problem->v[i];
    for (ptrdiff_t j = 0; j < problem->part_count; j++) {
      variance[i] += mv_part_covariance(&problem->parts[j], working, i, i);
    }
  }
}

/* The identity's effects are its variance times Py. */
static void predict_identity(const mv_multilevel *model, double sigma2,
                             const mv_row_values *rows, mv_effect_values *effects) {
  const mv_blocks *blocks = model->blocks;
  if (blocks->identity < 0) return;
  const mv_part *part = &blocks->problem->parts[blocks->identity];
  mv_effect_values *to = &effects[blocks->identity];
  for (ptrdiff_t i = 0; i < blocks->problem->k; i++) {
    const ptrdiff_t at = part->outer[i] - 1;
    to->effect[at] = sigma2 * rows->py[i];
    to->se[at] = sqrt(fmax(0, sigma2 - sigma2 * sigma2 * rows->projected[i]));
  }
}

/* ---- all ---- */

mv_status mv_multilevel_rows(const mv_multilevel *model, mv_multilevel_work *work,
                             const mv_point *point, mv_rows_work *space,
                             mv_row_values *rows, mv_effect_values *effects) {
  const mv_blocks *blocks = model->blocks;
  const double sigma2 = mv_identity_variance(model, point->working);
  mv_multilevel_project(model, work, point);
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    const mv_status status =
        mv_block_eliminate(blocks, b, sigma2, point->working, 1, &work->block);
    if (status != MV_OK) return status;
    mv_block_project(blocks, work->k, work->kappa, &work->block);
    tell_block(model, sigma2, work, space, rows);
    predict_block(blocks, point->working, &work->block, space, effects);
  }
  predict_top(model, point->working, work, space, effects);
  tell_variances(blocks->problem, point->working, rows->variance);
  predict_identity(model, sigma2, rows, effects);
  return MV_OK;
}

void mv_blocks_errors(const mv_blocks *blocks, const double *z, double *errors) {
  const mv_linked *linked = &blocks->linked;
  for (ptrdiff_t at = 0; at < blocks->problem->k;) {
    const int set = linked->block[blocks->order[at]];
    if (set < 0) {
      errors[blocks->order[at]] = sqrt(blocks->lambda[at]) * z[at];
      at++;
      continue;
    }
    const ptrdiff_t n = linked->start[set + 1] - linked->start[set];
    const double *vectors = blocks->vectors + blocks->vector_start[set];
    for (ptrdiff_t row = 0; row < n; row++) {
      double sum = 0;
      for (ptrdiff_t i = 0; i < n; i++) {
        sum += vectors[i * n + row] * sqrt(blocks->lambda[at + i]) * z[at + i];
      }
      errors[blocks->order[at + row]] = sum;
    }
    at += n;
  }
}
