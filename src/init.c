#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

#include "ffi.h"

static const R_CallMethodDef calls[] = {
    {NULL, NULL, 0},
};

void attribute_visible R_init_metavivo(DllInfo *dll) {
  R_registerRoutines(dll, NULL, calls, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
