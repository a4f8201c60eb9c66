/* What derivatives need of a block for the identity, whose D is I: squares of H. */
#include <string.h>

#include "block_items.h"
#include "linalg.h"
#include "matrix.h"

/* A~'W^mA~ = S_AA - reduce'S_zA - (Z'W^mA~)'reduce. */
static void reduced_square(const mv_block_work *work, const double *s, const double *rows,
                           double *space, double *to) {
  const ptrdiff_t r = work->of.r, a = work->of.a, d = work->of.d;
  for (ptrdiff_t i = 0; i < a; i++) {
    memcpy(to + i * a, s + i * d, sizeof *to * (size_t)a);
  }
  for (ptrdiff_t i = 0; i < r; i++) {
    memcpy(space + i * a, s + (a + i) * d, sizeof *to * (size_t)a);
  }
  mv_add_cross(a, r, a, -1, work->of.reduce, space, to);
  mv_add_cross(a, r, a, -1, rows, work->of.reduce, to);
}

/* tr of K and the block's a x a matrix without its y. */
static double trace_with_k(const mv_block_work *work, const double *x) {
  const ptrdiff_t m = work->of.a - 1;
  double sum = 0;
  for (ptrdiff_t i = 0; i < m; i++) {
    sum += mv_dot(m, work->k_local + i * m, x + (i + 1) * work->of.a + 1);
  }
  return sum;
}

/* A'HHA, A'HHHA, Z'HHA and Z'HHZ. */
static void higher_powers(mv_block_work *work) {
  const ptrdiff_t r = work->of.r, a = work->of.a, d = work->of.d;
  double *rows3 = work->of.f; /* no longer needed */
  mv_reduced_rows(work, work->s2, work->zha2);
  reduced_square(work, work->s2, work->zha2, work->ra1, work->ahha);
  mv_reduced_rows(work, work->s3, rows3);
  reduced_square(work, work->s3, rows3, work->ra1, work->ahhha);
  mv_multiply(r, r, a, work->n_matrix, work->zha2, work->ra1);
  mv_add_cross(a, r, a, -1, work->zha2, work->ra1, work->ahhha);
  memset(work->zhha, 0, sizeof(double) * (size_t)(r * a));
  mv_add_cross(r, r, a, 1, work->keep, work->zha2, work->zhha);
  for (ptrdiff_t i = 0; i < r; i++) { /* rr1 = S_2 C of Z */
    mv_multiply(1, r, r, work->s2 + (a + i) * d + a, work->keep, work->rr1 + i * r);
  }
  memset(work->zhhz, 0, sizeof(double) * (size_t)(r * r));
  mv_add_cross(r, r, r, 1, work->keep, work->rr1, work->zhhz);
}

/* tr H and tr HH of the block. */
static double trace_h(const mv_block_work *work) {
  double sum = work->tr_w;
  for (ptrdiff_t i = 0; i < work->of.r; i++) {
    sum -= mv_dot(work->of.r, work->n_matrix + i * work->of.r,
                  work->s2 + (work->of.a + i) * work->of.d + work->of.a);
  }
  return sum;
}

static double trace_hh(mv_block_work *work) {
  const ptrdiff_t r = work->of.r, a = work->of.a, d = work->of.d;
  double sum = work->tr_ww;
  for (ptrdiff_t i = 0; i < r; i++) {
    sum -= 2 * mv_dot(r, work->n_matrix + i * r, work->s3 + (a + i) * d + a);
    memset(work->rr1 + i * r, 0, sizeof(double) * (size_t)r);
    for (ptrdiff_t h = 0; h < r; h++) {
      mv_add_product(1, 1, r, 1, work->n_matrix + i * r + h, work->s2 + (a + h) * d + a,
                     work->rr1 + i * r);
    }
  }
  return sum + mv_trace_product(r, r, work->rr1, work->rr1);
}

/* tr H D H - 2 tr K A'HH D HA, and y'PPHDPy, of an item. */
static void add_identity_pair(const mv_item *item, ptrdiff_t row,
                              const mv_block_work *work, mv_derivative_sums *sums) {
  const ptrdiff_t r = work->of.r;
  double trace = 0, both = 0;
  for (ptrdiff_t s = 0; s < item->size; s++) {
    both += item->moved[s] * work->residual2[item->place + s];
    for (ptrdiff_t t = 0; t < item->size; t++) {
      const ptrdiff_t at = (item->place + t) * r + item->place + s;
      trace += item->slope[s * item->size + t] * (work->zhhz[at] - 2 * work->spread2[at]);
    }
  }
  sums->expected[row + item->parameter] += trace;
  sums->paired[row + item->parameter] += both;
}

/* y'HHHy of the residual, and the identity's products with the other parameters. */
void mv_add_identity(const mv_blocks *blocks, ptrdiff_t identity, ptrdiff_t items,
                     ptrdiff_t parameters, mv_block_work *work,
                     mv_derivative_sums *sums) {
  const ptrdiff_t a = work->of.a, all = blocks->problem->p + blocks->q;
  const double *c = work->coefficient;
  higher_powers(work);
  sums->trace[identity] += trace_h(work) - trace_with_k(work, work->ahha);
  sums->quadratic[identity] += mv_bilinear(a, c, work->ahha, c);
  const ptrdiff_t itself = identity * parameters + identity;
  sums->expected[itself] += trace_hh(work) - 2 * trace_with_k(work, work->ahhha);
  sums->paired[itself] += mv_bilinear(a, c, work->ahhha, c);
  double *q = sums->product + identity * all * all, *w = sums->working + identity * all;
  for (ptrdiff_t i = 1; i < a; i++) {
    const ptrdiff_t row = mv_block_column(blocks, work->block, i);
    w[row] += mv_dot(a, work->ahha + i * a, c);
    for (ptrdiff_t j = 1; j < a; j++) {
      q[row * all + mv_block_column(blocks, work->block, j)] += work->ahha[i * a + j];
    }
  }
  mv_times_coefficient(work, work->zhha, work->residual2);
  mv_through_k(work, work->zha, work->zhha, work->row, work->spread2);
  for (ptrdiff_t i = 0; i < items; i++) {
    add_identity_pair(&work->items[i], identity * parameters, work, sums);
  }
}
