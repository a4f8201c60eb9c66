/* The sums of a model of one column of ones.
 *
 * With S = sum w and m the row of the largest weight,
 *   tr P   = sum w_i (S - w_i) / S,
 *   tr P^2 = sum w^2 - 2 sum w^3 / S + (sum w^2)^2 / S^2.
 * Where one weight is nearly all of S (a variance ratio of 10^8, say) these differences
 * lose every digit. So row m is kept apart: S - w_m is the sum R of the others, and
 * the sums below run over the others only, where w_i <= S/2. Likewise y is taken from
 * y_m, and z = W r from z_m for y'P^3 y = z'Pz. All terms then have one sign or cancel
 * by a bounded factor. It is the form of model.h, with G a column of ones. */
#include <math.h>
#include <string.h>

#include "model_sums.h"

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

mv_status mv_sums_of_mean(const mv_model *model, double tau2, mv_model_work *work,
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

double mv_rss_of_mean(const mv_model *model) {
  double sum = 0, rss = 0;
  for (ptrdiff_t i = 0; i < model->k; i++) sum += model->y[i] - model->y[0];
  const double mean = sum / (double)model->k;
  for (ptrdiff_t i = 0; i < model->k; i++) {
    const double r = (model->y[i] - model->y[0]) - mean;
    rss += r * r;
  }
  return rss;
}
