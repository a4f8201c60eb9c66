#ifndef MV_FFI_POOL_H
#define MV_FFI_POOL_H

#include <Rinternals.h>

SEXP mv_pool(SEXP yi, SEXP vi, SEXP x, SEXP intercept, SEXP method, SEXP test,
             SEXP level);
SEXP mv_tau2_q_profile(SEXP yi, SEXP vi, SEXP x, SEXP level);
SEXP mv_estimators(void);

#endif
