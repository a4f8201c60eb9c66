/* The border between R and the core: helpers that every ffi_*.c uses. A wrong type or
 * length here is a bug of the package, not the user's: R has checked already. */
#ifndef MV_FFI_H
#define MV_FFI_H

#ifndef R_NO_REMAP
#define R_NO_REMAP
#endif
#ifndef STRICT_R_HEADERS
#define STRICT_R_HEADERS
#endif
#include <R.h>
#include <Rinternals.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/status.h"

/* The list itself, if it is one of `count` slots. */
SEXP view_list(SEXP x, int count, const char *what);

/* Read-only views; `length` -1 takes any length. `what` names the argument. */
const double *view_doubles(SEXP x, ptrdiff_t length, const char *what);
const int *view_ints(SEXP x, ptrdiff_t length, const char *what);
const int *view_logicals(SEXP x, ptrdiff_t length, const char *what);
double take_double(SEXP x, const char *what);
int take_int(SEXP x, const char *what);
const char *take_word(SEXP x, const char *what);

/* R holds a matrix column by column, the core row by row. */
void copy_by_rows(const double *x, ptrdiff_t rows, ptrdiff_t columns, double *to);

/* Words 0 to `count` - 1 of a table of the core, protected by the caller. */
SEXP words_of(int count, const char *(*word)(int));

/* A named list of `count` empty slots, protected by the caller. */
SEXP named_list(int count, const char *const *names);

/* Makes a double or int vector the list's slot and returns its data. */
double *put_doubles(SEXP list, int slot, ptrdiff_t length);
int *put_ints(SEXP list, int slot, ptrdiff_t length);
void put_word(SEXP list, int slot, const char *word);

/* Memory of an arena that was measured: R's, freed when the .Call returns. */
mv_arena carve(mv_arena measured);

#endif
