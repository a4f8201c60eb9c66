/* Correlations in one group of animals: COR, the correlation itself, and ZCOR, Fisher's
 * z. Effects of the same animals correlate in a way that the rows do not say, so there is
 * no gradient (MV_NO_GRADIENT). */
#include <math.h>

#include "effect.h"
#include "square.h"

static mv_reason cor(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  e->y = e->crude = row->extra[MV_R];
  return MV_FINE;
}

/* Fisher 1921, Metron 1:3. At -1 and 1 it is infinite. */
static mv_reason zcor(const mv_row *row, mv_context *context, mv_effect *e) {
  (void)context;
  const double r = row->extra[MV_R];
  if (!(fabs(r) < 1)) return MV_R_NOT_USABLE;
  e->y = e->crude = atanh(r);
  return MV_FINE;
}

/* (1 - r)(1 + r): 1 - r^2 cancels near 1. */
static double unexplained(double r) { return (1 - r) * (1 + r); }

/* From four animals, as Fisher's z. */
static double of_cor(double r, double n) {
  return n > 3 ? mv_square(unexplained(r)) / (n - 1) : NAN;
}

/* Borenstein 2009, in The Handbook of Research Synthesis, 2nd ed, eq. 12.27. */
static double cor_ls(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)set;
  return of_cor(e->y, n[MV_T]);
}

/* What the t test of a correlation of zero takes. */
static double cor_h0(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)set;
  return n[MV_T] > 3 ? unexplained(e->y) / (n[MV_T] - 2) : NAN;
}

static void cor_gather(const mv_row *row, const mv_effect *e, mv_set *set) {
  set->sum[0] += row->arm[MV_T].n * e->y;
  set->sum[1] += row->arm[MV_T].n;
}

static double cor_av(const mv_row *row, const double *n, const mv_effect *e,
                     const mv_set *set) {
  (void)row, (void)e;
  return of_cor(set->sum[0] / set->sum[1], n[MV_T]);
}

static double zcor_ls(const mv_row *row, const double *n, const mv_effect *e,
                      const mv_set *set) {
  (void)row, (void)e, (void)set;
  return n[MV_T] > 3 ? 1 / (n[MV_T] - 3) : NAN;
}

static const mv_measure measures[] = {
    {"COR", &mv_kind_correlation, 1, "correlation", cor, NULL, NULL, MV_NO_GRADIENT, 0},
    {"ZCOR", &mv_kind_correlation, 1, "z", zcor, NULL, NULL, MV_NO_GRADIENT, 0},
};

static const mv_form forms[] = {
    {"COR", "LS", 1, cor_ls, NULL},
    {"COR", "H0", 1, cor_h0, NULL},
    {"COR", "AV", 1, cor_av, cor_gather},
    {"ZCOR", "LS", 1, zcor_ls, NULL},
};

const mv_family mv_correlations = {measures, sizeof measures / sizeof *measures, forms,
                                   sizeof forms / sizeof *forms};
