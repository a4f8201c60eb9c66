#include "model.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

static const double log_2pi = 1.8378770664093454835606594728112;

void mv_model_layout(mv_arena *arena, ptrdiff_t p, mv_model_work *work) {
  work->chol = mv_arena_doubles(arena, p * p);
  work->xw2x = mv_arena_doubles(arena, p * p);
  work->xw3x = mv_arena_doubles(arena, p * p);
  work->coef = mv_arena_doubles(arena, p);
  work->column = mv_arena_doubles(arena, p);
  work->other = mv_arena_doubles(arena, p);
}

mv_model mv_model_of(ptrdiff_t k, ptrdiff_t p, const double *y, const double *v,
                     const double *x) {
  ptrdiff_t pivot = 0;
  for (ptrdiff_t i = 1; i < k; i++) {
    if (v[i] < v[pivot]) pivot = i;
  }
  return (mv_model){k, p, y, v, x, pivot};
}

/* ---- one column of ones ------------------------------------------------------------
 *
 * With S = sum w and m the row of the largest weight,
 *   tr P   = sum w_i (S - w_i) / S,
 *   tr P^2 = sum w^2 - 2 sum w^3 / S + (sum w^2)^2 / S^2.
 * Where one weight is nearly all of S (a variance ratio of 10^8, say) these differences
 * lose every digit. So row m is kept apart: S - w_m is the sum R of the others, and
 * the sums below run over the others only, where w_i <= S/2. Likewise y is taken from
 * y_m, and z_m = w_m r_m is -sum z_i, because sum w r = 0. All terms then have one sign
 * or cancel by a bounded factor. */

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

static inline double lane_sum(const lanes *x) {
  return ((*x)[0] + (*x)[1]) + ((*x)[2] + (*x)[3]);
}

typedef struct {
  double w, ww, www, wd; /* sums of w, w^2, w^3, w (y - y_m) */
} weight_sums;

typedef struct {
  double z, zz, wz, wzz, zr; /* z = w r: sums of z, z^2, w z, w z^2, z r */
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
                          double shift, double tau2, residual_sums *sums) {
  lanes z1 = {0}, zz = {0}, wz = {0}, wzz = {0}, zr = {0};
  ptrdiff_t i = 0;
  for (; i + LANES <= rows; i += LANES) {
    lanes yi, vi;
    memcpy(&yi, y + i, sizeof yi);
    memcpy(&vi, v + i, sizeof vi);
    const lanes w = 1 / (vi + tau2), r = (yi - from) - shift, z = w * r, u = w * z;
    z1 += z;
    zz += z * z;
    wz += u;
    wzz += u * z;
    zr += z * r;
  }
  sums->z += lane_sum(&z1);
  sums->zz += lane_sum(&zz);
  sums->wz += lane_sum(&wz);
  sums->wzz += lane_sum(&wzz);
  sums->zr += lane_sum(&zr);
  for (; i < rows; i++) {
    const double w = 1 / (v[i] + tau2), r = (y[i] - from) - shift, z = w * r;
    sums->z += z;
    sums->zz += z * z;
    sums->wz += w * z;
    sums->wzz += w * z * z;
    sums->zr += z * r;
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
  residual_sums b = {0};
  add_residuals(y, v, m, from, shift, tau2, &b);
  add_residuals(y + m + 1, v + m + 1, rest, from, shift, tau2, &b);
  const double z_m = -b.z;
  const double share = w_m / s, q = a.ww / s; /* share * a.w is P_mm */
  sums->tr_w = s;
  sums->tr_ww = w_m * w_m + a.ww;
  sums->tr_p = 2 * share * a.w + (a.w * (a.w / s) - q);
  sums->tr_pp = share * a.w * share * a.w + 2 * share * share * a.ww +
                (a.ww - 2 * a.www / s) + q * q;
  sums->rss = b.zr + z_m * z_m / w_m;
  sums->ypp = b.zz + z_m * z_m;
  const double wz = b.wz - z_m * a.w; /* sum w (z - z_m) */
  sums->yppp = b.wzz - 2 * z_m * b.wz + z_m * z_m * a.w - wz * wz / s;
  sums->log_det = log(s) - log((double)model->k);
  work->coef[0] = from + shift;
  work->chol[0] = sqrt(s);
  return isfinite(s) ? MV_OK : MV_NOT_FINITE;
}

/* ---- any number of columns -------------------------------------------------------- */

/* The lower triangles of X'WX, X'W^2X and X'W^3X, X'Wy in coef, tr W and tr W^2. */
static void cross_products(const mv_model *model, double tau2, mv_model_work *work,
                           mv_sums *sums) {
  const ptrdiff_t p = model->p;
  const size_t square = (size_t)(p * p) * sizeof(double);
  memset(work->chol, 0, square);
  memset(work->xw2x, 0, square);
  memset(work->xw3x, 0, square);
  memset(work->coef, 0, (size_t)p * sizeof(double));
  sums->tr_w = sums->tr_ww = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) {
    const double *x = model->x + i * p, w = 1 / (model->v[i] + tau2);
    sums->tr_w += w;
    sums->tr_ww += w * w;
    for (ptrdiff_t a = 0; a < p; a++) {
      const double wx = w * x[a];
      work->coef[a] += wx * model->y[i];
      for (ptrdiff_t b = 0; b <= a; b++) {
        const double wxx = wx * x[b];
        work->chol[a * p + b] += wxx;
        work->xw2x[a * p + b] += w * wxx;
        work->xw3x[a * p + b] += w * w * wxx;
      }
    }
  }
}

/* The sums of z = W r, and X'Wz in work->column. */
static void residual_products(const mv_model *model, double tau2, mv_model_work *work,
                              mv_sums *sums, double *zwz) {
  const ptrdiff_t p = model->p;
  memset(work->column, 0, (size_t)p * sizeof(double));
  sums->rss = sums->ypp = *zwz = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) {
    const double *x = model->x + i * p, w = 1 / (model->v[i] + tau2);
    double r = model->y[i];
    for (ptrdiff_t a = 0; a < p; a++) r -= x[a] * work->coef[a];
    const double z = w * r;
    sums->rss += z * r;
    sums->ypp += z * z;
    *zwz += w * z * z;
    for (ptrdiff_t a = 0; a < p; a++) work->column[a] += w * z * x[a];
  }
}

static void mirror(ptrdiff_t p, double *a) {
  for (ptrdiff_t i = 0; i < p; i++) {
    for (ptrdiff_t j = i + 1; j < p; j++) a[i * p + j] = a[j * p + i];
  }
}

/* tr(M^-1 A), M = l l'; A, symmetric, becomes M^-1 A (column by column, as rows). */
static double solve_trace(ptrdiff_t p, const double *l, double *a) {
  double trace = 0;
  mirror(p, a);
  for (ptrdiff_t i = 0; i < p; i++) {
    mv_forward(p, l, a + i * p);
    mv_backward(p, l, a + i * p);
    trace += a[i * p + i];
  }
  return trace;
}

/* tr(B B) for B held either by rows or by columns. */
static double square_trace(ptrdiff_t p, const double *b) {
  double trace = 0;
  for (ptrdiff_t i = 0; i < p; i++) {
    for (ptrdiff_t j = 0; j < p; j++) trace += b[i * p + j] * b[j * p + i];
  }
  return trace;
}

static mv_status sums_of_design(const mv_model *model, double tau2, mv_model_work *work,
                                mv_sums *sums) {
  const ptrdiff_t p = model->p;
  cross_products(model, tau2, work, sums);
  const mv_status status = mv_cholesky(p, work->chol, work->chol);
  if (status != MV_OK) return status;
  mv_forward(p, work->chol, work->coef);
  mv_backward(p, work->chol, work->coef);
  double zwz;
  residual_products(model, tau2, work, sums, &zwz);
  mv_forward(p, work->chol, work->column);
  for (ptrdiff_t a = 0; a < p; a++) zwz -= work->column[a] * work->column[a];
  sums->yppp = zwz;
  sums->tr_p = sums->tr_w - solve_trace(p, work->chol, work->xw2x);
  sums->tr_pp = sums->tr_ww - 2 * solve_trace(p, work->chol, work->xw3x) +
                square_trace(p, work->xw2x);
  sums->log_det = mv_cholesky_log_det(p, work->chol);
  return MV_OK;
}

/* ---- doors ------------------------------------------------------------------------- */

mv_status mv_sums_at(const mv_model *model, double tau2, mv_model_work *work,
                     mv_sums *sums) {
  sums->tau2 = tau2;
  return model->x ? sums_of_design(model, tau2, work, sums)
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
  if (!model->x) return mean_rss(model);
  const ptrdiff_t p = model->p;
  memset(work->column, 0, (size_t)p * sizeof(double));
  for (ptrdiff_t i = 0; i < model->k; i++) {
    for (ptrdiff_t a = 0; a < p; a++) {
      work->column[a] += model->x[i * p + a] * model->y[i];
    }
  }
  double rss = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) {
    double r = model->y[i];
    for (ptrdiff_t a = 0; a < p; a++) r -= model->x[i * p + a] * work->column[a];
    rss += r * r;
  }
  return rss;
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
