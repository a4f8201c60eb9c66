/* What refits without some rows tell R: the list that the borders of multilevel and of
 * independent models both fill. Values are NA where a refit failed or was not asked. */
#ifndef MV_FFI_REFITS_H
#define MV_FFI_REFITS_H

#include "core/refits.h"
#include "ffi.h"

/* Which clusters are left out of which refit, and what is wanted of each. */
typedef struct {
  const int *cluster; /* of each row, from 1 */
  int count;          /* of clusters, each a refit */
  mv_rule rule;
  int outside;     /* residuals of the rows left out */
  int whole;       /* standard errors on all rows with the refit's variance parameters */
  int homogeneous; /* Q, tr P */
  int slopes;      /* the derivatives of the coefficients' covariance */
} mv_refit_plan;

/* list(cluster, count, up_to, outside, whole, homogeneous, slopes) */
mv_refit_plan mv_view_refits(SEXP plan, ptrdiff_t k);

/* Rows of the largest cluster. */
ptrdiff_t mv_largest_cluster(const mv_refit_plan *plan, ptrdiff_t k);

/* The list, and where its numbers are: one column a refit. */
typedef struct {
  SEXP list;
  ptrdiff_t k, p, m, count;
  double *numbers, *beta, *vcov, *theta, *shift, *cook, *se_whole;
  double *residual, *se, *x2, *information, *dvcov;
  int *aliased;
} mv_refits_told;

/* Protected by the caller, as told.list. `m` variance parameters, `n` numbers. */
mv_refits_told mv_refits_open(ptrdiff_t k, ptrdiff_t p, ptrdiff_t m, ptrdiff_t n,
                              const mv_refit_plan *plan);

/* Coefficients of a refit, in the turned columns, with their change. */
void mv_tell_coefficients(mv_refits_told *told, ptrdiff_t at, const mv_whole *whole,
                          const double *beta, const double *vcov);
void mv_tell_outside(mv_refits_told *told, ptrdiff_t at, const mv_split *split,
                     const mv_outside *outside);
void mv_tell_status(mv_refits_told *told, ptrdiff_t at, mv_status status);

#endif
