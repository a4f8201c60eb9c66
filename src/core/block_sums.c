#include "block_sums.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

/* ---- one row after the other ---- */

/* The values of a row of [A Z] that are not 0; gives their number. */
static ptrdiff_t gather(const mv_blocks *blocks, ptrdiff_t at, mv_block_work *work) {
  const ptrdiff_t p = blocks->problem->p;
  double *value = work->row;
  int *index = work->index;
  value[0] = blocks->y[at];
  index[0] = 0;
  for (ptrdiff_t j = 0; j < p; j++) {
    value[1 + j] = blocks->x[at * p + j];
    index[1 + j] = (int)(1 + j);
  }
  ptrdiff_t count = 1 + p;
  for (ptrdiff_t e = blocks->entry_start[at]; e < blocks->entry_start[at + 1]; e++) {
    value[count] = blocks->value[e];
    index[count++] = blocks->entry[e] + (int)(1 + p);
  }
  return count;
}

static void add_row(ptrdiff_t count, double w, int powers, mv_block_work *work) {
  const double *value = work->row;
  const int *index = work->index;
  for (ptrdiff_t i = 0; i < count; i++) {
    const double by = w * value[i];
    for (ptrdiff_t j = 0; j <= i; j++) {
      const int high = index[i] > index[j] ? index[i] : index[j];
      const ptrdiff_t at = high * work->of.d + (index[i] + index[j] - high);
      const double product = by * value[j];
      work->of.s[at] += product;
      if (powers == 1) continue;
      work->s2[at] += w * product;
      work->s3[at] += w * w * product;
    }
  }
}

static void cross_products(const mv_blocks *blocks, double sigma2, int powers,
                           mv_block_work *work) {
  const ptrdiff_t from = blocks->row_start[work->block];
  const size_t bytes = sizeof(double) * (size_t)(work->of.d * work->of.d);
  memset(work->of.s, 0, bytes);
  if (powers > 1) {
    memset(work->s2, 0, bytes);
    memset(work->s3, 0, bytes);
  }
  work->log_det = work->tr_w = work->tr_ww = 0;
  double product = 1; /* of variances, so that logarithms are few */
  for (ptrdiff_t at = from; at < from + work->n; at++) {
    const double m = blocks->lambda[at] + sigma2, w = 1 / m;
    product *= m;
    if (!(product > 1e-200 && product < 1e200)) {
      work->log_det += log(product);
      product = 1;
    }
    work->tr_w += w;
    work->tr_ww += w * w;
    add_row(gather(blocks, at, work), w, powers, work);
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
