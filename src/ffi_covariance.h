/* What the borders of covariances and nesting share. */
#ifndef MV_FFI_COVARIANCE_H
#define MV_FFI_COVARIANCE_H

#include "core/covariance.h"
#include "ffi.h"

void view_covariance(SEXP arms, SEXP keys, SEXP rho, mv_covariance_table *table);

#endif
