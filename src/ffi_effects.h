/* What the borders of effects and covariances share. */
#ifndef MV_FFI_EFFECTS_H
#define MV_FFI_EFFECTS_H

#include "core/effects.h"
#include "ffi.h"

void view_arms(SEXP arms, ptrdiff_t rows, mv_arm_table *table);

#endif
