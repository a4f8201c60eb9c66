#include "block_sums.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

/* ---- one row after the other ---- */

/* Adds w, w^2 and w^3 times the products of a row with itself; `index` of its numbers
 * after the first `dense`, which are the first columns. Ascending, so that only the lower
 * triangle is met. */
static void add_row(ptrdiff_t dense, ptrdiff_t count, const double *value,
                    const int *index, double w, int powers, mv_block_work *work) {
  const ptrdiff_t d = work->of.d;
  for (ptrdiff_t i = 0; i < dense + count; i++) {
    const ptrdiff_t row = i < dense ? i : dense + index[i - dense];
    const double by = w * value[i], by2 = w * by, by3 = w * by2;
    double *s1 = work->of.s + row * d;
    for (ptrdiff_t j = 0; j <= i && j < dense; j++) s1[j] += by * value[j];
    for (ptrdiff_t j = dense; j <= i; j++) s1[dense + index[j - dense]] += by * value[j];
    if (powers == 1) continue;
    double *s2 = work->s2 + row * d, *s3 = work->s3 + row * d;
    for (ptrdiff_t j = 0; j <= i && j < dense; j++) {
      s2[j] += by2 * value[j];
      s3[j] += by3 * value[j];
    }
    for (ptrdiff_t j = dense; j <= i; j++) {
      s2[dense + index[j - dense]] += by2 * value[j];
      s3[dense + index[j - dense]] += by3 * value[j];
    }
  }
}

static void clear_products(int powers, mv_block_work *work) {
  const size_t bytes = sizeof(double) * (size_t)(work->of.d * work->of.d);
  memset(work->of.s, 0, bytes);
  if (powers == 1) return;
  memset(work->s2, 0, bytes);
  memset(work->s3, 0, bytes);
}

static void cross_products(const mv_blocks *blocks, double sigma2, int powers,
                           mv_block_work *work) {
  const ptrdiff_t from = blocks->row_start[work->block], dense = 1 + blocks->problem->p;
  clear_products(powers, work);
  work->log_det = work->tr_w = work->tr_ww = 0;
  double product = 1; /* of variances, so that logarithms are few */
  for (ptrdiff_t at = from; at < from + work->n; at++) {
    const double m = blocks->lambda[at] + sigma2, w = 1 / m;
    const ptrdiff_t entries = blocks->entry_start[at];
    product *= m;
    if (!(product > 1e-200 && product < 1e200)) {
      work->log_det += log(product);
      product = 1;
    }
    work->tr_w += w;
    work->tr_ww += w * w;
    add_row(dense, blocks->entry_start[at + 1] - entries, mv_block_row(blocks, at),
            blocks->entry + entries, w, powers, work);
  }
  work->log_det += log(product);
  mv_symmetrise(work->of.d, work->of.s);
  if (powers > 1) {
    mv_symmetrise(work->of.d, work->s2);
    mv_symmetrise(work->of.d, work->s3);
  }
}

static void open_block(const mv_blocks *blocks, ptrdiff_t block, mv_block_work *work) {
  mv_elimination *of = &work->of;
  const ptrdiff_t clumps = blocks->clump_start[block];
  work->block = block;
  work->n = blocks->row_start[block + 1] - blocks->row_start[block];
  of->parts = blocks->problem->parts;
  of->columns = blocks->columns;
  of->clump = blocks->clump + clumps;
  of->clumps = blocks->clump_start[block + 1] - clumps;
  of->a =
      1 + blocks->problem->p + blocks->top_start[block + 1] - blocks->top_start[block];
  of->r = blocks->inner_columns[block];
  of->d = of->a + of->r;
}

mv_status mv_block_eliminate(const mv_blocks *blocks, ptrdiff_t block, double sigma2,
                             const double *working, int powers, mv_block_work *work) {
  open_block(blocks, block, work);
  cross_products(blocks, sigma2, powers, work);
  const mv_status status = mv_eliminate(working, &work->of);
  work->log_det += work->of.log_det;
  return status;
}

ptrdiff_t mv_block_column(const mv_blocks *blocks, ptrdiff_t block, ptrdiff_t i) {
  const ptrdiff_t p = blocks->problem->p;
  return i <= p ? i - 1 : p + blocks->top[blocks->top_start[block] + i - 1 - p];
}
