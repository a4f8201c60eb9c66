/* Which rows of a table are alike to marked ones: equal in every column. */
#include "calls.h"
#include "ffi_cells.h"

/* The marked rows' words, and an open-addressed table of places among them. Before it
 * stands a filter of the first column, one bit for each hash modulo its size: most rows
 * are like no marked one, and of nearly all of them it says so by one cell. */
typedef struct {
  int width;
  uint64_t *words;
  int *slot;
  uint64_t last_slot; /* a power of 2, less 1; so is last_bit */
  uint64_t *filter;
  uint64_t last_bit;
} key_set;

/* The slot of the words, or the empty one where they would be. */
static int *slot_of(const key_set *set, const uint64_t *words) {
  uint64_t at = hash_of(words, set->width) & set->last_slot;
  while (set->slot[at] >= 0 &&
         !same_words(set->words + (ptrdiff_t)set->slot[at] * set->width, words,
                     set->width)) {
    at = (at + 1) & set->last_slot;
  }
  return set->slot + at;
}

static bool filter_has(const key_set *set, uint64_t first) {
  const uint64_t bit = hash_of(&first, 1) & set->last_bit;
  return set->filter[bit / 64] >> bit % 64 & 1;
}

static bool has_row(const key_set *set, const columns_view *view, ptrdiff_t row) {
  uint64_t words[MOST_COLUMNS];
  read_row(view, row, words);
  return *slot_of(set, words) >= 0;
}

static void add(key_set *set, int place) {
  const uint64_t *words = set->words + (ptrdiff_t)place * set->width;
  const uint64_t bit = hash_of(words, 1) & set->last_bit;
  set->filter[bit / 64] |= UINT64_C(1) << bit % 64;
  *slot_of(set, words) = place;
}

static key_set empty_set(int width, int most) {
  key_set set = {.width = width, .last_slot = 63};
  while (set.last_slot < 2 * (uint64_t)most) set.last_slot = 2 * set.last_slot + 1;
  set.last_bit = 8 * set.last_slot + 7;
  const size_t slots = (size_t)set.last_slot + 1;
  set.slot = (int *)R_alloc(slots, sizeof(int));
  memset(set.slot, -1, slots * sizeof(int));
  set.filter = (uint64_t *)R_alloc(slots / 8, sizeof(uint64_t));
  memset(set.filter, 0, slots);
  set.words = (uint64_t *)R_alloc((size_t)most * (size_t)width, sizeof(uint64_t));
  return set;
}

/* Rows that are alike often follow each other: those are added once. FALSE where a text
 * is not ASCII, unless all are in `one_encoding`. */
static bool add_rows(key_set *set, const columns_view *view, const int *marked, int count,
                     bool one_encoding) {
  int place = 0;
  for (int i = 0; i < count; i++) {
    uint64_t *words = set->words + (ptrdiff_t)place * set->width;
    const uint64_t *before = place > 0 ? words - set->width : NULL;
    read_row(view, marked[i] - 1, words);
    if (before && same_words(before, words, set->width)) continue;
    if (!one_encoding && !ascii_row(view, marked[i] - 1, words, before)) return false;
    add(set, place++);
  }
  return true;
}

/* TRUE for each row that is alike to one of `marked`. NULL where a marked row has a text
 * that is not ASCII, unless all texts are in `one_encoding`. */
SEXP mv_rows_alike(SEXP columns, SEXP marked, SEXP one_encoding) {
  const R_xlen_t rows = XLENGTH(VECTOR_ELT(view_list(columns, -1, "columns"), 0));
  const columns_view view = view_columns(columns, rows);
  const int *mark = view_ints(marked, -1, "marked");
  const int count = (int)XLENGTH(marked);
  const bool sure = *view_logicals(one_encoding, 1, "one_encoding");
  key_set set = empty_set(view.count, count);
  if (!add_rows(&set, &view, mark, count, sure)) return R_NilValue;
  SEXP alike = PROTECT(Rf_allocVector(LGLSXP, rows));
  int *out = LOGICAL(alike);
  memset(out, 0, (size_t)rows * sizeof *out);
  for (int i = 0; i < count; i++) out[mark[i] - 1] = 1;
  uint64_t first = 0;
  bool near = false;
  for (ptrdiff_t i = 0; i < rows; i++) {
    const uint64_t before = first;
    first = word_at(&view, 0, i);
    if (i == 0 || first != before) near = filter_has(&set, first);
    out[i] = near && (out[i] || has_row(&set, &view, i));
  }
  UNPROTECT(1);
  return alike;
}
