#ifndef MV_FFI_CONVERT_H
#define MV_FFI_CONVERT_H

#include "ffi.h"

SEXP mv_to_sd(SEXP error, SEXP n, SEXP kind, SEXP names);

#endif
