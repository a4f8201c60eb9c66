#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

#include "ffi.h"

SEXP mv_effect_sizes(SEXP arms, SEXP by, SEXP sets, SEXP measure, SEXP form, SEXP correct,
                     SEXP level);
SEXP mv_registry(void);

static const R_CallMethodDef calls[] = {
    {"mv_effect_sizes", (DL_FUNC)&mv_effect_sizes, 7},
    {"mv_registry", (DL_FUNC)&mv_registry, 0},
    {NULL, NULL, 0},
};

void attribute_visible R_init_metavivo(DllInfo *dll) {
  R_registerRoutines(dll, NULL, calls, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
