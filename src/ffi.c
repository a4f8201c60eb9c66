#include "ffi.h"

/* A failure here is a bug of the package, never the user's: R has checked already. */
static void expect(int ok, const char *what) {
  if (!ok) Rf_error("internal: wrong type or length of '%s'; please report this", what);
}

static int fits(SEXP x, ptrdiff_t length) {
  return length < 0 || XLENGTH(x) == (R_xlen_t)length;
}

SEXP view_list(SEXP x, int count, const char *what) {
  expect(TYPEOF(x) == VECSXP && fits(x, count), what);
  return x;
}

const double *view_doubles(SEXP x, ptrdiff_t length, const char *what) {
  expect(TYPEOF(x) == REALSXP && fits(x, length), what);
  return REAL_RO(x);
}

const int *view_ints(SEXP x, ptrdiff_t length, const char *what) {
  expect(TYPEOF(x) == INTSXP && fits(x, length), what);
  return INTEGER_RO(x);
}

const int *view_logicals(SEXP x, ptrdiff_t length, const char *what) {
  expect(TYPEOF(x) == LGLSXP && fits(x, length), what);
  return LOGICAL_RO(x);
}

double take_double(SEXP x, const char *what) { return view_doubles(x, 1, what)[0]; }

int take_int(SEXP x, const char *what) { return view_ints(x, 1, what)[0]; }

const char *take_word(SEXP x, const char *what) {
  expect(TYPEOF(x) == STRSXP && XLENGTH(x) == 1 && STRING_ELT(x, 0) != NA_STRING, what);
  return CHAR(STRING_ELT(x, 0));
}

void copy_by_rows(const double *x, ptrdiff_t rows, ptrdiff_t columns, double *to) {
  for (ptrdiff_t j = 0; j < columns; j++) {
    for (ptrdiff_t i = 0; i < rows; i++) to[i * columns + j] = x[j * rows + i];
  }
}

SEXP words_of(int count, const char *(*word)(int)) {
  SEXP words = PROTECT(Rf_allocVector(STRSXP, count));
  for (int i = 0; i < count; i++) SET_STRING_ELT(words, i, Rf_mkChar(word(i)));
  UNPROTECT(1);
  return words;
}

SEXP named_list(int count, const char *const *names) {
  SEXP list = PROTECT(Rf_allocVector(VECSXP, count));
  SEXP labels = PROTECT(Rf_allocVector(STRSXP, count));
  for (int i = 0; i < count; i++) SET_STRING_ELT(labels, i, Rf_mkChar(names[i]));
  Rf_setAttrib(list, R_NamesSymbol, labels);
  UNPROTECT(2);
  return list;
}

double *put_doubles(SEXP list, int slot, ptrdiff_t length) {
  SET_VECTOR_ELT(list, slot, Rf_allocVector(REALSXP, (R_xlen_t)length));
  return REAL(VECTOR_ELT(list, slot));
}

int *put_ints(SEXP list, int slot, ptrdiff_t length) {
  SET_VECTOR_ELT(list, slot, Rf_allocVector(INTSXP, (R_xlen_t)length));
  return INTEGER(VECTOR_ELT(list, slot));
}

void put_word(SEXP list, int slot, const char *word) {
  SET_VECTOR_ELT(list, slot, Rf_mkString(word));
}

mv_arena carve(mv_arena measured) {
  mv_arena arena = {R_alloc(measured.used, 1), 0};
  return arena;
}
