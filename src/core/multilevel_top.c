#include "multilevel_top.h"

#include <string.h>

#include "matrix.h"

int mv_is_top_parameter(const mv_multilevel *model, ptrdiff_t i) {
  return model->blocks->is_top[mv_part_of(model->blocks->problem, i)];
}

/* Row i of Z'HA, without y. */
static const double *top_row(const mv_multilevel *model, const mv_multilevel_work *work,
                             ptrdiff_t i) {
  return work->top.s + (1 + model->blocks->problem->p + i) * work->top.d + 1;
}

/* Z'Py, Z'PZ = Z'HA bar and M^-1X = HA spread. Z'HA has zeros where levels never met, and
 * stands on the left of each product, where zeros are passed over. */
void mv_top_project(const mv_multilevel *model, const double *k,
                    mv_multilevel_work *work) {
  const ptrdiff_t p = model->blocks->problem->p, q = model->blocks->q, all = p + q;
  for (ptrdiff_t j = 0; j < q; j++) {
    const double *zha = top_row(model, work, j);
    work->residual[j] = zha[-1] - mv_dot(all, zha, work->kappa);
    mv_multiply(1, all, all, zha, k, work->column);
    for (ptrdiff_t i = 0; i < all; i++) {
      work->bar[i * q + j] = (double)(i == p + j) - work->column[i];
    }
  }
  for (ptrdiff_t i = 0; i < q; i++) {
    mv_multiply(1, all, q, top_row(model, work, i), work->bar, work->poo + i * q);
    mv_multiply(1, all, p, top_row(model, work, i), work->spread, work->zhx + i * p);
  }
}

static void add_top_item(const mv_multilevel *model, const mv_top_item *item,
                         mv_multilevel_work *work) {
  const ptrdiff_t q = model->blocks->q, all = model->blocks->problem->p + q;
  const ptrdiff_t m = item->size;
  mv_derivative_sums *sums = &work->sums;
  mv_multiply(m, m, q, item->slope, work->poo + item->place * q, item->turned);
  mv_multiply(m, m, 1, item->slope, work->residual + item->place, item->moved);
  for (ptrdiff_t s = 0; s < m; s++) {
    const ptrdiff_t at = item->place + s;
    sums->trace[item->parameter] += item->turned[s * q + at];
    sums->quadratic[item->parameter] += work->residual[at] * item->moved[s];
    mv_add_row(all, item->moved[s], top_row(model, work, at),
               sums->working + item->parameter * all);
  }
}

/* Two parameters of top parts. */
static void add_top_pair(const mv_multilevel *model, const mv_top_item *one,
                         const mv_top_item *other, mv_multilevel_work *work) {
  const ptrdiff_t p = model->blocks->problem->p, q = model->blocks->q;
  const mv_elimination *top = &work->top;
  double trace = 0, paired = 0;
  for (ptrdiff_t s = 0; s < one->size; s++) {
    const double *u = one->turned + s * q + other->place;
    const double *hoo = top->s + (1 + p + one->place + s) * top->d + 1 + p + other->place;
    for (ptrdiff_t t = 0; t < other->size; t++) {
      trace += u[t] * other->turned[t * q + one->place + s];
      paired += one->moved[s] * hoo[t] * other->moved[t];
    }
  }
  const ptrdiff_t at = one->parameter * work->sums.parameters + other->parameter;
  work->sums.expected[at] += trace;
  work->sums.paired[at] += paired;
}

/* The next items: the parameters of part j in one clump. Gives how many. */
static ptrdiff_t list_clump(const mv_multilevel *model, const mv_clump *of, ptrdiff_t j,
                            const double *working, mv_top_item *item) {
  const mv_blocks *blocks = model->blocks;
  const mv_part *parts = blocks->problem->parts;
  const ptrdiff_t count = mv_shape_parameters(&parts[j].shape), m = of->size;
  for (ptrdiff_t i = 0; i < count; i++, item++) {
    item->parameter = parts[j].first + i;
    item->place = of->place;
    item->size = m;
    mv_clump_slope(parts, blocks->columns, of, j, working, i, item->slope);
    item[1] = (mv_top_item){.slope = item->slope + m * m,
                            .turned = item->turned + m * blocks->q,
                            .moved = item->moved + m};
  }
  return count;
}

/* One item for each parameter of each top group. */
static ptrdiff_t list_top_items(const mv_multilevel *model, const double *working,
                                mv_multilevel_work *work) {
  ptrdiff_t count = 0;
  work->items[0] =
      (mv_top_item){.slope = work->slope, .turned = work->turned, .moved = work->moved};
  for (ptrdiff_t c = 0; c < model->top_clumps; c++) {
    const mv_clump *of = &model->top_clump[c];
    for (ptrdiff_t j = of->part; j >= 0; j = model->blocks->columns[j].guest) {
      count += list_clump(model, of, j, working, work->items + count);
    }
  }
  return count;
}

/* Of bar'Q bar the square that belongs to one clump; `turned` is Q bar. */
static void clump_square(const mv_multilevel *model, const mv_clump *of,
                         const double *turned, mv_multilevel_work *work, double *square) {
  const ptrdiff_t q = model->blocks->q, all = model->blocks->problem->p + q;
  const ptrdiff_t m = of->size;
  memset(square, 0, sizeof *square * (size_t)(m * m));
  for (ptrdiff_t h = 0; h < all; h++) {
    const double *bar = work->bar + h * q + of->place;
    const double *other = turned + h * q + of->place;
    for (ptrdiff_t s = 0; s < m; s++) mv_add_row(s + 1, bar[s], other, square + s * m);
  }
  mv_symmetrise(m, square);
}

/* What one block parameter i shares with the top parameters: bar'Q_i bar through dG, and
 * Z'Hw_i with D P y. */
static void add_mixed(const mv_multilevel *model, ptrdiff_t i, ptrdiff_t items,
                      mv_multilevel_work *work) {
  const ptrdiff_t p = model->blocks->problem->p, q = model->blocks->q, all = p + q;
  mv_derivative_sums *sums = &work->sums;
  const mv_clump *of = model->top_clump;
  mv_multiply(all, all, q, sums->product + i * all * all, work->bar, work->space2);
  clump_square(model, of, work->space2, work, work->space);
  for (ptrdiff_t at = 0; at < items; at++) {
    const mv_top_item *item = &work->items[at];
    if (item->place != of->place)
      clump_square(model, ++of, work->space2, work, work->space);
    const double *working = sums->working + i * all + p + item->place;
    const ptrdiff_t to = i * sums->parameters + item->parameter, m = item->size;
    sums->expected[to] += mv_dot(m * m, item->slope, work->space);
    sums->paired[to] += mv_dot(m, working, item->moved);
  }
}

static void add_top_entries(const mv_multilevel *model, mv_multilevel_work *work) {
  const mv_blocks *blocks = model->blocks;
  const ptrdiff_t q = blocks->q;
  for (ptrdiff_t c = 0; c < model->top_clumps; c++) {
    const mv_clump *of = &model->top_clump[c];
    if (!work->sums.entries[of->part]) continue;
    mv_add_entries(&blocks->problem->parts[of->part], &blocks->columns[of->part], of,
                   work->residual + of->place, work->poo + of->place * q + of->place, q,
                   work->sums.entries[of->part]);
  }
}

ptrdiff_t mv_add_top(const mv_multilevel *model, const double *working,
                     mv_multilevel_work *work) {
  if (model->top_clumps == 0) return 0;
  mv_top_project(model, model->restricted ? work->k : work->k_ml, work);
  add_top_entries(model, work);
  const ptrdiff_t items = list_top_items(model, working, work);
  for (ptrdiff_t i = 0; i < items; i++) add_top_item(model, &work->items[i], work);
  for (ptrdiff_t i = 0; i < model->parameters; i++) {
    if (!mv_is_top_parameter(model, i)) add_mixed(model, i, items, work);
  }
  for (ptrdiff_t i = 0; i < items; i++) {
    for (ptrdiff_t j = 0; j < items; j++) {
      const mv_top_item *one = &work->items[i], *other = &work->items[j];
      if (other->parameter <= one->parameter) add_top_pair(model, one, other, work);
    }
  }
  return items;
}

void mv_top_bend(const mv_multilevel *model, ptrdiff_t items, mv_multilevel_work *work,
                 mv_point *point) {
  const ptrdiff_t p = model->blocks->problem->p;
  for (ptrdiff_t at = 0; at < items; at++) {
    const mv_top_item *item = &work->items[at];
    const double *zhx = work->zhx + item->place * p;
    mv_multiply(item->size, item->size, p, item->slope, zhx, work->space);
    mv_add_cross(p, item->size, p, 1, zhx, work->space,
                 point->bend + item->parameter * p * p);
  }
}
