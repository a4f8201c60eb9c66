#ifndef MV_FFI_NEST_H
#define MV_FFI_NEST_H

#include <Rinternals.h>

SEXP mv_nest(SEXP groups, SEXP rule, SEXP rho);

#endif
