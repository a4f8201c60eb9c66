#include "calls.h"
#include "core/convert.h"

enum { MAX_NAMES = 16 };

static int view_error_types(SEXP names, const mv_error_type **types) {
  const int count = Rf_isString(names) ? Rf_length(names) : -1;
  if (count < 0 || count > MAX_NAMES) Rf_error("internal: wrong error types");
  for (int i = 0; i < count; i++) {
    types[i] = mv_error_type_find(CHAR(STRING_ELT(names, i)));
    if (!types[i]) Rf_error("internal: unknown error type; please report this");
  }
  return count;
}

/* `names`: the error types; `kind`: which of them each row has, from 1, or NA. */
SEXP mv_to_sd(SEXP error, SEXP n, SEXP kind, SEXP names) {
  const ptrdiff_t rows = (ptrdiff_t)XLENGTH(error);
  const double *errors = view_doubles(error, rows, "error");
  const double *sizes = view_doubles(n, rows, "n");
  const int *kinds = view_ints(kind, rows, "kind");
  const mv_error_type *types[MAX_NAMES];
  const int count = view_error_types(names, types);
  SEXP sd = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)rows));
  mv_convert(errors, sizes, kinds, rows, types, count, REAL(sd));
  UNPROTECT(1);
  return sd;
}
