/* Derivatives of the likelihood of a multilevel model: the sums over blocks
 * (block_derivatives.c), and what the top parts add (multilevel_top.c). Over all rows,
 * with A = [X Z_top],
 *
 *   P = H - HA K A'H,  K = [0 0; 0 N] + E F E',  E = [I; -N Z'HX],  F = (X'M^-1X)^-1,
 *
 * for ML's traces K without its second term. */
#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"
#include "multilevel_top.h"

/* ---- layout ---- */

/* One parameter more than the model's: the trace of P is that of an identity. */
static void sums_layout(mv_arena *arena, ptrdiff_t all, ptrdiff_t parameters,
                        mv_derivative_sums *sums) {
  sums->parameters = parameters;
  sums->trace = mv_arena_doubles(arena, parameters);
  sums->quadratic = mv_arena_doubles(arena, parameters);
  sums->product = mv_arena_doubles(arena, parameters * all * all);
  sums->working = mv_arena_doubles(arena, parameters * all);
  sums->paired = mv_arena_doubles(arena, parameters * parameters);
  sums->expected = mv_arena_doubles(arena, parameters * parameters);
}

static void entries_layout(mv_arena *arena, const mv_problem *problem,
                           mv_derivative_sums *sums) {
  const size_t parts = (size_t)problem->part_count;
  sums->entries = mv_arena_bytes(arena, sizeof *sums->entries * parts);
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_shape *shape = &problem->parts[j].shape;
    double *own = NULL;
    if (shape->structure->bend) {
      own = mv_arena_doubles(arena, shape->levels * shape->levels);
    }
    if (arena->base) sums->entries[j] = own;
  }
}

static ptrdiff_t count_top_clumps(const mv_blocks *blocks) {
  ptrdiff_t count = 0;
  for (ptrdiff_t j = 0; j < blocks->problem->part_count; j++) {
    if (!mv_is_top(blocks, j)) continue;
    count += blocks->problem->parts[j].groups;
  }
  return count;
}

/* How many items, rows and cells the derivatives of the top parts' G have. */
static void top_sizes(const mv_blocks *blocks, ptrdiff_t *items, ptrdiff_t *rows,
                      ptrdiff_t *cells) {
  *items = *rows = *cells = 0;
  for (ptrdiff_t j = 0; j < blocks->problem->part_count; j++) {
    const mv_part *part = &blocks->problem->parts[j];
    const ptrdiff_t m = mv_clump_parameters(blocks->problem->parts, blocks->columns, j);
    if (!mv_is_top(blocks, j)) continue;
    *items += m * part->groups;
    for (ptrdiff_t g = 0; g < part->groups; g++) {
      const ptrdiff_t size = mv_clump_size(part, &blocks->columns[j], g);
      *rows += m * size;
      *cells += m * size * size;
    }
  }
}

void mv_multilevel_layout(mv_arena *arena, const mv_blocks *blocks,
                          mv_multilevel_work *work, mv_clump **top_clump) {
  const ptrdiff_t p = blocks->problem->p, q = blocks->q, all = p + q;
  ptrdiff_t items, rows, cells;
  top_sizes(blocks, &items, &rows, &cells);
  const size_t clumps = (size_t)count_top_clumps(blocks);
  *top_clump = mv_arena_bytes(arena, sizeof(mv_clump) * clumps);
  mv_block_sums_layout(arena, blocks, &work->block);
  mv_elimination_layout(arena, 1 + p, q, blocks->most_clump, &work->top);
  sums_layout(arena, all, mv_problem_parameters(blocks->problem) + 1, &work->sums);
  entries_layout(arena, blocks->problem, &work->sums);
  work->chol = mv_arena_doubles(arena, p * p);
  work->spread = mv_arena_doubles(arena, all * p);
  double **squares[] = {&work->k, &work->k_ml, &work->space, &work->space2};
  for (int i = 0; i < 4; i++) *squares[i] = mv_arena_doubles(arena, all * all);
  work->kappa = mv_arena_doubles(arena, all);
  work->column = mv_arena_doubles(arena, all);
  work->poo = mv_arena_doubles(arena, q * q);
  work->n_matrix = mv_arena_doubles(arena, q * q);
  work->residual = mv_arena_doubles(arena, q);
  work->bar = mv_arena_doubles(arena, all * q);
  work->zhx = mv_arena_doubles(arena, q * p);
  work->turned = mv_arena_doubles(arena, rows * q);
  work->moved = mv_arena_doubles(arena, rows);
  work->slope = mv_arena_doubles(arena, cells);
  work->items = mv_arena_bytes(arena, sizeof(mv_top_item) * (size_t)(items + 1));
}

static ptrdiff_t columns_of(const mv_multilevel *model) {
  return model->blocks->problem->p + model->blocks->q;
}

/* ---- K ---- */

void mv_multilevel_project(const mv_multilevel *model, mv_multilevel_work *work,
                           const mv_point *point) {
  const ptrdiff_t p = model->blocks->problem->p, q = model->blocks->q, all = p + q;
  const mv_elimination *top = &work->top;
  memset(work->k_ml, 0, sizeof(double) * (size_t)(all * all));
  mv_elimination_n(top, work->poo, work->n_matrix);
  for (ptrdiff_t i = 0; i < q; i++) {
    memcpy(work->k_ml + (p + i) * all + p, work->n_matrix + i * q,
           sizeof(double) * (size_t)q);
  }
  for (ptrdiff_t i = 0; i < all; i++) {
    for (ptrdiff_t j = 0; j < p; j++) {
      work->spread[i * p + j] =
          i < p ? (double)(i == j) : -top->reduce[(i - p) * (p + 1) + 1 + j];
    }
  }
  memcpy(work->k, work->k_ml, sizeof(double) * (size_t)(all * all));
  for (ptrdiff_t i = 0; i < all; i++) {
    mv_multiply(1, p, p, work->spread + i * p, point->vcov, work->column);
    for (ptrdiff_t j = 0; j < all; j++) {
      work->k[i * all + j] += mv_dot(p, work->column, work->spread + j * p);
    }
  }
  for (ptrdiff_t i = 0; i < all; i++) work->column[i] = top->s[(i + 1) * top->d];
  mv_multiply(all, all, 1, work->k, work->column, work->kappa);
}

/* ---- blocks ---- */

static void clear_sums(const mv_problem *problem, ptrdiff_t all,
                       mv_derivative_sums *sums) {
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const ptrdiff_t m = problem->parts[j].shape.levels;
    if (!sums->entries[j]) continue;
    memset(sums->entries[j], 0, sizeof(double) * (size_t)(m * m));
  }
  const size_t n = (size_t)sums->parameters, wide = (size_t)all;
  memset(sums->trace, 0, sizeof(double) * n);
  memset(sums->quadratic, 0, sizeof(double) * n);
  memset(sums->product, 0, sizeof(double) * n * wide * wide);
  memset(sums->working, 0, sizeof(double) * n * wide);
  memset(sums->paired, 0, sizeof(double) * n * n);
  memset(sums->expected, 0, sizeof(double) * n * n);
}

static mv_status sum_blocks(const mv_multilevel *model, int want_trace,
                            mv_multilevel_work *work, const mv_point *point) {
  const mv_blocks *blocks = model->blocks;
  const int has_identity = blocks->identity >= 0;
  const ptrdiff_t own =
      has_identity ? blocks->problem->parts[blocks->identity].first : model->parameters;
  const ptrdiff_t identity = has_identity || want_trace ? own : -1;
  const double sigma2 = has_identity ? point->working[own] : 0;
  const double *k = model->restricted ? work->k : work->k_ml;
  clear_sums(blocks->problem, columns_of(model), &work->sums);
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    const mv_status status = mv_block_eliminate(blocks, b, sigma2, point->working,
                                                identity < 0 ? 1 : 3, &work->block);
    if (status != MV_OK) return status;
    mv_block_derivatives(blocks, point->working, identity, k, work->kappa, &work->block,
                         &work->sums);
  }
  return MV_OK;
}

/* ---- together ---- */

/* The score of each entry of G times the second derivatives of the entry. */
static void curve(const mv_multilevel *model, const mv_multilevel_work *work,
                  mv_point *point) {
  const mv_problem *problem = model->blocks->problem;
  const ptrdiff_t n = model->parameters;
  memset(point->curve, 0, sizeof(double) * (size_t)(n * n));
  for (ptrdiff_t part = 0; part < problem->part_count; part++) {
    const mv_shape *shape = &problem->parts[part].shape;
    const double *entries = work->sums.entries[part];
    const ptrdiff_t first = problem->parts[part].first, m = shape->levels;
    const double *working = point->working + first;
    if (!entries) continue;
    for (ptrdiff_t i = 0; i < mv_shape_parameters(shape); i++) {
      for (ptrdiff_t j = 0; j <= i; j++) {
        double sum = 0;
        for (ptrdiff_t at = 0; at < m * m; at++) {
          sum +=
              entries[at] * shape->structure->bend(shape, working, i, j, at / m, at % m);
        }
        point->curve[(first + i) * n + first + j] = sum;
        point->curve[(first + j) * n + first + i] = sum;
      }
    }
  }
}

/* X'M^-1 D_i M^-1 X = E'Q_i E. */
static void bend(const mv_multilevel *model, ptrdiff_t items, mv_multilevel_work *work,
                 mv_point *point) {
  const ptrdiff_t p = model->blocks->problem->p, all = columns_of(model);
  memset(point->bend, 0, sizeof(double) * (size_t)(model->parameters * p * p));
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (mv_is_top_parameter(model, i)) continue;
    mv_multiply(all, all, p, work->sums.product + i * all * all, work->spread,
                work->space);
    mv_add_cross(p, all, p, 1, work->spread, work->space, point->bend + i * p * p);
  }
  mv_top_bend(model, items, work, point);
}

/* tr Q_i K Q_j K of two block parameters; Q, with its zeros, on the left. */
static void add_block_traces(const mv_multilevel *model, mv_multilevel_work *work) {
  const ptrdiff_t all = columns_of(model), n = work->sums.parameters;
  const double *k = model->restricted ? work->k : work->k_ml;
  double *product = work->sums.product;
  const size_t bytes = sizeof *product * (size_t)(all * all);
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (mv_is_top_parameter(model, i)) continue;
    mv_multiply(all, all, all, product + i * all * all, k, work->space);
    memcpy(product + i * all * all, work->space, bytes);
    for (ptrdiff_t j = 0; j <= i; j++) {
      if (mv_is_top_parameter(model, j)) continue;
      work->sums.expected[i * n + j] +=
          mv_trace_product(all, all, product + i * all * all, product + j * all * all);
    }
  }
}

/* Each pair of parameters was added in one of its two places. */
static double both(const double *a, ptrdiff_t n, ptrdiff_t i, ptrdiff_t j) {
  return i == j ? a[i * n + i] : a[i * n + j] + a[j * n + i];
}

static void tell(const mv_multilevel *model, mv_multilevel_work *work, mv_point *point) {
  const ptrdiff_t all = columns_of(model), m = model->parameters;
  const mv_derivative_sums *sums = &work->sums;
  for (ptrdiff_t i = 0; i < m; i++) {
    point->score[i] = 0.5 * (sums->quadratic[i] - sums->trace[i]);
    for (ptrdiff_t j = 0; j < m; j++) {
      const double through =
          mv_bilinear(all, sums->working + i * all, work->k, sums->working + j * all);
      point->average[i * m + j] =
          0.5 * (both(sums->paired, sums->parameters, i, j) - through);
      point->expected[i * m + j] = 0.5 * both(sums->expected, sums->parameters, i, j);
    }
  }
}

mv_status mv_multilevel_derivatives(const mv_multilevel *model, mv_multilevel_work *work,
                                    int want_trace, mv_point *point) {
  mv_multilevel_project(model, work, point);
  const mv_status status = sum_blocks(model, want_trace, work, point);
  if (status != MV_OK) return status;
  const ptrdiff_t items = mv_add_top(model, point->working, work);
  const ptrdiff_t identity = model->blocks->identity;
  const ptrdiff_t own =
      identity < 0 ? model->parameters : model->blocks->problem->parts[identity].first;
  point->trace = identity < 0 && !want_trace ? NAN : work->sums.trace[own];
  bend(model, items, work, point);
  add_block_traces(model, work);
  tell(model, work, point);
  curve(model, work, point);
  return MV_OK;
}
