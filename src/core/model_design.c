/* The sums of a model of any number of columns, by the blocks of P in model.h. */
#include <math.h>
#include <string.h>

#include "linalg.h"
#include "model_sums.h"

/* Weights all 1 in place of an infinite tau2: the least squares fit. */
static double weight_at(const mv_model *model, ptrdiff_t row, double tau2) {
  return tau2 < INFINITY ? 1 / (model->v[row] + tau2) : 1;
}

/* The effect of a row less what the pivot rows' effects make of it. */
static double contrast(const mv_model *model, ptrdiff_t row) {
  const ptrdiff_t p = model->p, *rows = model->design->rows;
  const double *g = model->design->x + row * p;
  double sum = model->y[row];
  for (ptrdiff_t a = 0; a < p; a++) sum -= g[a] * model->y[rows[a]];
  return sum;
}

/* 1 if `row` is the next pivot row, which is then passed. */
static int pass_pivot(const mv_model *model, ptrdiff_t row, ptrdiff_t *next) {
  const int is_pivot = *next < model->p && model->design->rows[*next] == row;
  *next += is_pivot;
  return is_pivot;
}

/* One row's part in the lower triangles of G'WG, G'W^2G, G'W^3G, and in G'Wc (coef). */
static void add_products(ptrdiff_t p, const double *g, double w, double c,
                         mv_model_work *work) {
  for (ptrdiff_t a = 0; a < p; a++) {
    const double wg = w * g[a];
    work->coef[a] += wg * c;
    for (ptrdiff_t b = 0; b <= a; b++) {
      const double wgg = wg * g[b];
      work->gwg[a * p + b] += wgg;
      work->gw2g[a * p + b] += w * wgg;
      work->gw3g[a * p + b] += w * w * wgg;
    }
  }
}

/* Those sums over the rows N, with tr W_N and tr W_N^2. */
static void cross_products(const mv_model *model, double tau2, mv_model_work *work,
                           mv_sums *sums) {
  const ptrdiff_t p = model->p;
  const size_t square = (size_t)(p * p) * sizeof(double);
  memset(work->gwg, 0, square);
  memset(work->gw2g, 0, square);
  memset(work->gw3g, 0, square);
  memset(work->coef, 0, (size_t)p * sizeof(double));
  sums->tr_w = sums->tr_ww = 0;
  for (ptrdiff_t i = 0, next = 0; i < model->k; i++) {
    if (pass_pivot(model, i, &next)) continue;
    const double w = weight_at(model, i, tau2);
    sums->tr_w += w;
    sums->tr_ww += w * w;
    add_products(p, model->design->x + i * p, w, contrast(model, i), work);
  }
}

/* M = W_B + G'WG, its factor, and the coefficients M^-1 G'Wc of the contrasts. */
static mv_status solve_coefficients(const mv_model *model, double tau2,
                                    mv_model_work *work) {
  const ptrdiff_t p = model->p;
  memcpy(work->chol, work->gwg, (size_t)(p * p) * sizeof(double));
  for (ptrdiff_t a = 0; a < p; a++) {
    work->weight[a] = weight_at(model, model->design->rows[a], tau2);
    work->chol[a * p + a] += work->weight[a];
  }
  const mv_status status = mv_cholesky(p, work->chol, work->chol);
  if (status != MV_OK) return status;
  mv_forward(p, work->chol, work->coef);
  mv_backward(p, work->chol, work->coef);
  return MV_OK;
}

/* The sums of z = W r. With d = z_N - G z_B, y'P^3 y = z'Pz is d'W_N d - a'M^-1 a,
 * a = G'W_N d. */
static void residual_products(const mv_model *model, double tau2, mv_model_work *work,
                              mv_sums *sums) {
  const ptrdiff_t p = model->p;
  double rss = 0, zz = 0, wdd = 0;
  for (ptrdiff_t a = 0; a < p; a++) {
    work->z[a] = -work->weight[a] * work->coef[a];
    work->column[a] = 0;
    rss -= work->z[a] * work->coef[a];
    zz += work->z[a] * work->z[a];
  }
  for (ptrdiff_t i = 0, next = 0; i < model->k; i++) {
    if (pass_pivot(model, i, &next)) continue;
    const double *g = model->design->x + i * p, w = weight_at(model, i, tau2);
    double r = contrast(model, i), inner = 0;
    for (ptrdiff_t a = 0; a < p; a++) {
      r -= g[a] * work->coef[a];
      inner += g[a] * work->z[a];
    }
    const double z = w * r, d = z - inner;
    rss += z * r;
    zz += z * z;
    wdd += w * d * d;
    for (ptrdiff_t a = 0; a < p; a++) work->column[a] += w * d * g[a];
  }
  mv_forward(p, work->chol, work->column);
  for (ptrdiff_t a = 0; a < p; a++) wdd -= work->column[a] * work->column[a];
  sums->rss = rss;
  sums->ypp = zz;
  sums->yppp = wdd;
}

/* A, symmetric, its lower triangle given, becomes M^-1 A: entry (a, b) at b * p + a. */
static void solve_matrix(ptrdiff_t p, const double *l, double *a) {
  for (ptrdiff_t i = 0; i < p; i++) {
    for (ptrdiff_t j = i + 1; j < p; j++) a[i * p + j] = a[j * p + i];
  }
  for (ptrdiff_t i = 0; i < p; i++) {
    mv_forward(p, l, a + i * p);
    mv_backward(p, l, a + i * p);
  }
}

static double trace(ptrdiff_t p, const double *a) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < p; i++) sum += a[i * p + i];
  return sum;
}

/* tr P_BN P_NB = tr W_B M^-1 G'W^2G M^-1 W_B; M^-1 G'W^2G is in gw2g. */
static double cross_trace(ptrdiff_t p, mv_model_work *work) {
  double sum = 0;
  for (ptrdiff_t a = 0; a < p; a++) {
    for (ptrdiff_t b = 0; b < p; b++) work->column[b] = work->gw2g[b * p + a];
    mv_forward(p, work->chol, work->column);
    mv_backward(p, work->chol, work->column);
    sum += work->weight[a] * work->column[a] * work->weight[a];
  }
  return sum;
}

/* tr P and tr P^2 from the blocks of P in model.h; W_N's traces are in tr_w, tr_ww. */
static void traces(ptrdiff_t p, mv_model_work *work, mv_sums *sums) {
  solve_matrix(p, work->chol, work->gwg);
  solve_matrix(p, work->chol, work->gw2g);
  solve_matrix(p, work->chol, work->gw3g);
  double tr_b = 0, tr_bb = 0, tr_nn = sums->tr_ww - 2 * trace(p, work->gw3g);
  for (ptrdiff_t a = 0; a < p; a++) {
    tr_b += work->weight[a] * work->gwg[a * p + a];
    for (ptrdiff_t b = 0; b < p; b++) {
      const double p_ab = work->weight[a] * work->gwg[b * p + a];
      tr_bb += p_ab * p_ab;
      tr_nn += work->gw2g[a * p + b] * work->gw2g[b * p + a];
    }
  }
  sums->tr_p = sums->tr_w - trace(p, work->gw2g) + tr_b;
  sums->tr_pp = tr_nn + 2 * cross_trace(p, work) + tr_bb;
}

mv_status mv_sums_of_design(const mv_model *model, double tau2, mv_model_work *work,
                            mv_sums *sums) {
  const ptrdiff_t p = model->p;
  cross_products(model, tau2, work, sums);
  const mv_status status = solve_coefficients(model, tau2, work);
  if (status != MV_OK) return status;
  residual_products(model, tau2, work, sums);
  traces(p, work, sums);
  sums->log_det = mv_cholesky_log_det(p, work->chol) - model->design->log_det;
  for (ptrdiff_t a = 0; a < p; a++) {
    sums->tr_w += work->weight[a];
    sums->tr_ww += work->weight[a] * work->weight[a];
    work->coef[a] += model->y[model->design->rows[a]];
  }
  return MV_OK;
}
