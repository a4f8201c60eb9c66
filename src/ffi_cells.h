/* Rows of a table as words of 64 bits: equal cells are equal words. R keeps each text
 * once, so that its address serves; R's own match() looks into each text for its
 * encoding, which takes most of its time. All this is about R's cells, so that the core
 * has no part in it. Inline, for it is done a million times. */
#ifndef MV_FFI_CELLS_H
#define MV_FFI_CELLS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ffi.h"

enum { MOST_COLUMNS = 8 };

typedef struct {
  int count;
  int type[MOST_COLUMNS];
  const void *cells[MOST_COLUMNS];
} columns_view;

/* Columns of text, doubles, integers or logicals. */
columns_view view_columns(SEXP columns, R_xlen_t rows);

/* Whether the texts of a row are ASCII: that has one address, other texts one in each
 * encoding. `before` is the words of a row whose texts are, or NULL. */
bool ascii_row(const columns_view *view, ptrdiff_t row, const uint64_t *words,
               const uint64_t *before);

/* 0 and -0 are equal; so are all NA, and all NaN, of whatever bits. */
static inline uint64_t word_of_double(double x) {
  uint64_t word;
  if (x == 0) x = 0;
  if (ISNAN(x)) x = R_IsNA(x) ? NA_REAL : R_NaN;
  memcpy(&word, &x, sizeof word);
  return word;
}

static inline uint64_t word_at(const columns_view *view, int column, ptrdiff_t row) {
  const void *cells = view->cells[column];
  switch (view->type[column]) {
    case STRSXP:
      return (uint64_t)(uintptr_t)((const SEXP *)cells)[row];
    case REALSXP:
      return word_of_double(((const double *)cells)[row]);
    default:
      return (uint64_t)((const int *)cells)[row];
  }
}

static inline void read_row(const columns_view *view, ptrdiff_t row, uint64_t *words) {
  for (int i = 0; i < view->count; i++) words[i] = word_at(view, i, row);
}

static inline bool same_words(const uint64_t *a, const uint64_t *b, int width) {
  for (int i = 0; i < width; i++) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

/* Multiplying by 2^64 over the golden ratio spreads addresses (Knuth, The Art of Computer
 * Programming 3, 6.4); the high bits come down to where the size cuts. */
static inline uint64_t hash_of(const uint64_t *words, int width) {
  uint64_t hash = 0;
  for (int i = 0; i < width; i++) {
    hash = (hash ^ words[i]) * UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 32;
  }
  return hash;
}

#endif
