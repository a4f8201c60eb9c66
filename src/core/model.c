#include "model.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

static const double log_2pi = 1.8378770664093454835606594728112;

void mv_model_layout(mv_arena *arena, ptrdiff_t p, mv_model_work *work) {
  work->chol = mv_arena_doubles(arena, p * p);
  work->gwg = mv_arena_doubles(arena, p * p);
  work->gw2g = mv_arena_doubles(arena, p * p);
  work->gw3g = mv_arena_doubles(arena, p * p);
  work->coef = mv_arena_doubles(arena, p);
  work->weight = mv_arena_doubles(arena, p);
  work->z = mv_arena_doubles(arena, p);
  work->column = mv_arena_doubles(arena, p);
}

mv_model mv_model_of(ptrdiff_t k, ptrdiff_t p, const double *y, const double *v,
                     const mv_design *design) {
  ptrdiff_t pivot = 0;
  for (ptrdiff_t i = 1; i < k; i++) {
    if (v[i] < v[pivot]) pivot = i;
  }
  return (mv_model){k, p, y, v, design, pivot};
}

/* ---- one column of ones ------------------------------------------------------------
 *
 * With S = sum w and m the row of the largest weight,
 *   tr P   = sum w_i (S - w_i) / S,
 *   tr P^2 = sum w^2 - 2 sum w^3 / S + (sum w^2)^2 / S^2.
 * Where one weight is nearly all of S (a variance ratio of 10^8, say) these differences
 * lose every digit. So row m is kept apart: S - w_m is the sum R of the others, and
 * the sums below run over the others only, where w_i <= S/2. Likewise y is taken from
 * y_m, and z = W r from z_m for y'P^3 y = z'Pz. All terms then have one sign or cancel
 * by a bounded factor. It is the form of model.h, with G a column of ones. */

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

static inline double lane_sum(const lanes *x) {
  return ((*x)[0] + (*x)[1]) + ((*x)[2] + (*x)[3]);
}

typedef struct {
  double w, ww, www, wd; /* sums of w, w^2, w^3, w (y - y_m) */
} weight_sums;

typedef struct {
  double zz, zr, wd, wdd; /* z = w r, d = z - z_m: sums of z^2, z r, w d, w d^2 */
} residual_sums;

/* Four rows a turn, in vectors that every gcc and clang turns into machine vectors at
 * plain -O2; the order of summation is fixed. */
static void add_weights(const double *y, const double *v, ptrdiff_t rows, double from,
                        double tau2, weight_sums *sums) {
  lanes w1 = {0}, w2 = {0}, w3 = {0}, wd = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= rows; i += LANES) {
    lanes yi, vi;
    memcpy(&yi, y + i, sizeof yi);
    memcpy(&vi, v + i, sizeof vi);
    const lanes w = 1 / (vi + tau2), ww = w * w;
    w1 += w;
    w2 += ww;
    w3 += ww * w;
    wd += w * (yi - from);
  }
  sums->w += lane_sum(&w1);
  sums->ww += lane_sum(&w2);
  sums->www += lane_sum(&w3);
  sums->wd += lane_sum(&wd);
  for (; i < rows; i++) {
    const double w = 1 / (v[i] + tau2);
    sums->w += w;
    sums->ww += w * w;
    sums->www += w * w * w;
    sums->wd += w * (y[i] - from);
  }
}

static void add_residuals(const double *y, const double *v, ptrdiff_t rows, double from,
                          double shift, double z_m, double tau2, residual_sums *sums) {
  lanes zz = {0}, zr = {0}, wd = {0}, wdd = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= rows; i += LANES) {
    lanes yi, vi;
    memcpy(&yi, y + i, sizeof yi);
    memcpy(&vi, v + i, sizeof vi);
    const lanes w = 1 / (vi + tau2), r = (yi - from) - shift, z = w * r, d = z - z_m;
    zz += z * z;
    zr += z * r;
    wd += w * d;
    wdd += w * d * d;
  }
  sums->zz += lane_sum(&zz);
  sums->zr += lane_sum(&zr);
  sums->wd += lane_sum(&wd);
  sums->wdd += lane_sum(&wdd);
  for (; i < rows; i++) {
    const double w = 1 / (v[i] + tau2), r = (y[i] - from) - shift, z = w * r, d = z - z_m;
    sums->zz += z * z;
    sums->zr += z * r;
    sums->wd += w * d;
    sums->wdd += w * d * d;
  }
}

static mv_status sums_of_mean(const mv_model *model, double tau2, mv_model_work *work,
                              mv_sums *sums) {
  const ptrdiff_t m = model->pivot, rest = model->k - m - 1;
  const double *y = model->y, *v = model->v, from = y[m];
  weight_sums a = {0};
  add_weights(y, v, m, from, tau2, &a);
  add_weights(y + m + 1, v + m + 1, rest, from, tau2, &a);
  const double w_m = 1 / (v[m] + tau2), s = w_m + a.w, shift = a.wd / s;
  const double z_m = -w_m * shift;
  residual_sums b = {0};
  add_residuals(y, v, m, from, shift, z_m, tau2, &b);
  add_residuals(y + m + 1, v + m + 1, rest, from, shift, z_m, tau2, &b);
  const double share = w_m / s, q = a.ww / s; /* share * a.w is P_mm */
  sums->tr_w = s;
  sums->tr_ww = w_m * w_m + a.ww;
  sums->tr_p = 2 * share * a.w + (a.w * (a.w / s) - q);
  sums->tr_pp = share * a.w * share * a.w + 2 * share * share * a.ww +
                (a.ww - 2 * a.www / s) + q * q;
  sums->rss = b.zr - z_m * shift;
  sums->ypp = b.zz + z_m * z_m;
  sums->yppp = b.wdd - b.wd * (b.wd / s);
  sums->log_det = log(s) - log((double)model->k);
  work->coef[0] = from + shift;
  work->chol[0] = sqrt(s);
  return isfinite(s) ? MV_OK : MV_NOT_FINITE;
}

/* ---- any number of columns -------------------------------------------------------- */

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

static mv_status sums_of_design(const mv_model *model, double tau2, mv_model_work *work,
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

/* ---- doors ------------------------------------------------------------------------- */

mv_status mv_sums_at(const mv_model *model, double tau2, mv_model_work *work,
                     mv_sums *sums) {
  sums->tau2 = tau2;
  return model->design ? sums_of_design(model, tau2, work, sums)
                       : sums_of_mean(model, tau2, work, sums);
}

static double mean_rss(const mv_model *model) {
  double sum = 0, rss = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) sum += model->y[i] - model->y[0];
  const double mean = sum / (double)model->k;
  for (ptrdiff_t i = 0; i < model->k; i++) {
    const double r = (model->y[i] - model->y[0]) - mean;
    rss += r * r;
  }
  return rss;
}

double mv_least_squares_rss(const mv_model *model, mv_model_work *work) {
  if (!model->design) return mean_rss(model);
  mv_sums flat;
  const mv_status status = sums_of_design(model, INFINITY, work, &flat);
  return status == MV_OK ? flat.rss : NAN;
}

static double log_variances(const mv_model *model, double tau2) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) sum += log(model->v[i] + tau2);
  return sum;
}

double mv_log_lik_ml(const mv_model *model, const mv_sums *sums) {
  const double k = (double)model->k;
  return -0.5 * (k * log_2pi + log_variances(model, sums->tau2) + sums->rss);
}

double mv_log_lik_reml(const mv_model *model, const mv_sums *sums) {
  const double df = (double)(model->k - model->p);
  return -0.5 *
         (df * log_2pi + log_variances(model, sums->tau2) + sums->log_det + sums->rss);
}
