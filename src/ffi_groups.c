/* Groups of rows that are equal in every column. */
#include "calls.h"
#include "ffi_cells.h"

/* The first row of each group, in order, and an open-addressed table of groups. */
typedef struct {
  const columns_view *view;
  int count;
  int *first;
  int *slot;          /* a group from 0, or -1 */
  uint64_t last_slot; /* a power of 2, less 1 */
} group_set;

static void clear_slots(group_set *set, uint64_t last_slot) {
  set->last_slot = last_slot;
  set->slot = (int *)R_alloc((size_t)last_slot + 1, sizeof(int));
  memset(set->slot, -1, ((size_t)last_slot + 1) * sizeof(int));
}

/* The slot of the group with these words, or the empty one where it would be. */
static int *slot_of(const group_set *set, const uint64_t *words) {
  const int width = set->view->count;
  uint64_t at = hash_of(words, width) & set->last_slot;
  for (; set->slot[at] >= 0; at = (at + 1) & set->last_slot) {
    uint64_t other[MOST_COLUMNS];
    read_row(set->view, set->first[set->slot[at]], other);
    if (same_words(other, words, width)) break;
  }
  return set->slot + at;
}

/* Four times as many slots: no more than half of them may be taken. */
static void grow(group_set *set) {
  clear_slots(set, 4 * set->last_slot + 3);
  for (int g = 0; g < set->count; g++) {
    uint64_t words[MOST_COLUMNS];
    read_row(set->view, set->first[g], words);
    *slot_of(set, words) = g;
  }
}

static int add_group(group_set *set, int *slot, int row) {
  const int group = set->count++;
  *slot = group;
  set->first[group] = row;
  if (2 * (uint64_t)set->count > set->last_slot) grow(set);
  return group;
}

/* Rows of a group often follow each other: those need no look into the table. False where
 * a text is not ASCII, unless all are in `one_encoding`. */
static bool number_rows(group_set *set, int rows, bool one_encoding, int *id) {
  uint64_t both[2][MOST_COLUMNS];
  for (int i = 0; i < rows; i++) {
    uint64_t *words = both[i % 2], *before = i ? both[1 - i % 2] : NULL;
    read_row(set->view, i, words);
    if (before && same_words(before, words, set->view->count)) {
      id[i] = id[i - 1];
      continue;
    }
    int *slot = slot_of(set, words);
    int group = *slot;
    if (group < 0) {
      if (!one_encoding && !ascii_row(set->view, i, words, before)) return false;
      group = add_group(set, slot, i);
    }
    id[i] = group + 1;
  }
  return true;
}

/* `id`: the group of each row, numbered from 1 as they first appear; `first`: the first
 * row of each. NULL where a text is not ASCII, unless all are in `one_encoding`. */
SEXP mv_group_rows(SEXP columns, SEXP one_encoding) {
  static const char *const names[] = {"id", "first"};
  const R_xlen_t rows = XLENGTH(VECTOR_ELT(view_list(columns, -1, "columns"), 0));
  const columns_view view = view_columns(columns, rows);
  group_set set = {.view = &view};
  set.first = (int *)R_alloc((size_t)rows + 1, sizeof(int));
  clear_slots(&set, 255);
  SEXP found = PROTECT(named_list(2, names));
  int *id = put_ints(found, 0, rows);
  const bool sure = *view_logicals(one_encoding, 1, "one_encoding");
  const bool told = number_rows(&set, (int)rows, sure, id);
  int *first = put_ints(found, 1, told ? set.count : 0);
  for (int g = 0; g < set.count && told; g++) first[g] = set.first[g] + 1;
  UNPROTECT(1);
  return told ? found : R_NilValue;
}
