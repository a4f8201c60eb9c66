/* Models of independent effects on R's vectors: what ffi_pool.c and its neighbours share.
 */
#ifndef MV_FFI_POOL_H
#define MV_FFI_POOL_H

#include "core/pool.h"
#include "ffi.h"

/* Memory of R's. */
mv_design *mv_carve_design(ptrdiff_t k, ptrdiff_t p);
mv_pool_work mv_carve_pool(ptrdiff_t p);

/* Run to their ends; the user may interrupt. */
mv_status mv_prepare_design(ptrdiff_t k, ptrdiff_t p, const double *v, mv_design *design);
mv_status mv_run_tau2(const mv_model *model, mv_pool_work *work, mv_search *search);

mv_pool_options mv_view_pool_options(SEXP intercept, SEXP test, SEXP level);

#endif
