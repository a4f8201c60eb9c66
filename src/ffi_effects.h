/* What the borders of effects and covariances share. */
#ifndef MV_FFI_EFFECTS_H
#define MV_FFI_EFFECTS_H

#include "core/effects.h"
#include "ffi.h"

SEXP mv_effect_sizes(SEXP arms, SEXP by, SEXP sets, SEXP measure, SEXP form, SEXP correct,
                     SEXP level);
SEXP mv_registry(void);

void view_arms(SEXP arms, ptrdiff_t rows, mv_arm_table *table);

#endif
