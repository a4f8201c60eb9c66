#include "multilevel.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

static const double log_2pi = 1.8378770664093454835606594728112;

/* ---- layout ---- */

void mv_point_layout(mv_arena *arena, ptrdiff_t p, ptrdiff_t parameters,
                     mv_point *point) {
  point->working = mv_arena_doubles(arena, parameters);
  point->beta = mv_arena_doubles(arena, p);
  point->vcov = mv_arena_doubles(arena, p * p);
  point->score = mv_arena_doubles(arena, parameters);
  point->average = mv_arena_doubles(arena, parameters * parameters);
  point->expected = mv_arena_doubles(arena, parameters * parameters);
  point->curve = mv_arena_doubles(arena, parameters * parameters);
  point->bend = mv_arena_doubles(arena, parameters * p * p);
}

void mv_point_copy(ptrdiff_t p, ptrdiff_t parameters, const mv_point *from,
                   mv_point *to) {
  const ptrdiff_t n = parameters,
                  lengths[] = {n, p, p * p, n, n * n, n * n, n * n, n * p * p};
  const double *source[] = {from->working, from->beta,     from->vcov,  from->score,
                            from->average, from->expected, from->curve, from->bend};
  double *target[] = {to->working, to->beta,     to->vcov,  to->score,
                      to->average, to->expected, to->curve, to->bend};
  for (int i = 0; i < 8; i++) {
    memcpy(target[i], source[i], sizeof(double) * (size_t)lengths[i]);
  }
  to->log_lik_ml = from->log_lik_ml;
  to->log_lik_reml = from->log_lik_reml;
  to->rss = from->rss;
  to->trace = from->trace;
}

mv_multilevel mv_multilevel_of(const mv_blocks *blocks, int restricted,
                               mv_clump *top_clump) {
  ptrdiff_t count = 0;
  for (ptrdiff_t j = 0; j < blocks->problem->part_count; j++) {
    const mv_part *part = &blocks->problem->parts[j];
    if (!mv_is_top(blocks, j)) continue;
    for (ptrdiff_t g = 0; g < part->groups; g++) {
      const ptrdiff_t first = mv_clump_start(part, &blocks->columns[j], g);
      top_clump[count++] = (mv_clump){(int)j, (int)g, blocks->top_first[j] + (int)first,
                                      (int)mv_clump_size(part, &blocks->columns[j], g)};
    }
  }
  return (mv_multilevel){blocks, restricted, mv_problem_parameters(blocks->problem),
                         top_clump, count};
}

/* ---- the likelihood ---- */

double mv_identity_variance(const mv_multilevel *model, const double *working) {
  const mv_blocks *blocks = model->blocks;
  if (blocks->identity < 0) return 0;
  return working[blocks->problem->parts[blocks->identity].first];
}

static void open_top(const mv_multilevel *model, mv_multilevel_work *work) {
  const mv_blocks *blocks = model->blocks;
  mv_elimination *top = &work->top;
  top->parts = blocks->problem->parts;
  top->columns = blocks->columns;
  top->clump = model->top_clump;
  top->clumps = model->top_clumps;
  top->a = 1 + blocks->problem->p;
  top->r = blocks->q;
  top->d = top->a + top->r;
}

/* Adds a block's A'HA to that of all rows. */
static void add_block(const mv_blocks *blocks, const mv_block_work *block,
                      mv_elimination *top) {
  const ptrdiff_t a = block->of.a;
  for (ptrdiff_t i = 0; i < a; i++) {
    const ptrdiff_t row = i ? 1 + mv_block_column(blocks, block->block, i) : 0;
    for (ptrdiff_t j = 0; j < a; j++) {
      const ptrdiff_t column = j ? 1 + mv_block_column(blocks, block->block, j) : 0;
      top->s[row * top->d + column] += block->of.h[i * a + j];
    }
  }
}

/* X'M^-1X from the eliminated [y X]'M^-1[y X], and what follows from it. */
static mv_status solve_coefficients(const mv_multilevel *model, double log_det,
                                    mv_multilevel_work *work, mv_point *point) {
  const ptrdiff_t p = model->blocks->problem->p, k = model->blocks->problem->k;
  const double *h = work->top.h;
  for (ptrdiff_t i = 0; i < p; i++) {
    point->beta[i] = h[i + 1];
    memcpy(work->chol + i * p, h + (i + 1) * (p + 1) + 1, sizeof *h * (size_t)p);
  }
  const mv_status status = mv_cholesky(p, work->chol, work->chol);
  if (status != MV_OK) return status;
  mv_cholesky_inverse(p, work->chol, point->vcov);
  mv_forward(p, work->chol, point->beta);
  point->rss = h[0] - mv_dot(p, point->beta, point->beta);
  mv_backward(p, work->chol, point->beta);
  const double log_xmx = mv_cholesky_log_det(p, work->chol);
  point->log_lik_ml = -0.5 * ((double)k * log_2pi + log_det + point->rss);
  point->log_lik_reml =
      -0.5 * ((double)(k - p) * log_2pi + log_det + log_xmx + point->rss);
  return isfinite(point->log_lik_ml) ? MV_OK : MV_NOT_FINITE;
}

mv_status mv_multilevel_likelihood(const mv_multilevel *model, mv_multilevel_work *work,
                                   mv_point *point) {
  const mv_blocks *blocks = model->blocks;
  mv_elimination *top = &work->top;
  const double sigma2 = mv_identity_variance(model, point->working);
  if (!(sigma2 >= 0)) return MV_NOT_POSITIVE;
  open_top(model, work);
  memset(top->s, 0, sizeof *top->s * (size_t)(top->d * top->d));
  double log_det = 0;
  for (ptrdiff_t b = 0; b < blocks->blocks; b++) {
    const mv_status status =
        mv_block_eliminate(blocks, b, sigma2, point->working, 1, &work->block);
    if (status != MV_OK) return status;
    log_det += work->block.log_det;
    add_block(blocks, &work->block, top);
  }
  const mv_status status = mv_eliminate(point->working, top);
  if (status != MV_OK) return status;
  return solve_coefficients(model, log_det + top->log_det, work, point);
}

double mv_point_log_lik(const mv_multilevel *model, const mv_point *point) {
  return model->restricted ? point->log_lik_reml : point->log_lik_ml;
}
