#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

#include "ffi.h"

SEXP mv_to_sd(SEXP error, SEXP n, SEXP kind, SEXP names);

static const R_CallMethodDef calls[] = {
    {"mv_to_sd", (DL_FUNC)&mv_to_sd, 4},
    {NULL, NULL, 0},
};

void attribute_visible R_init_metavivo(DllInfo *dll) {
  R_registerRoutines(dll, NULL, calls, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
