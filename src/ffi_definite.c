#include <string.h>

#include "calls.h"
#include "core/definite.h"
#include "ffi.h"

/* Copies the rows, from 1 in R and from 0 in the core, into `first` and `second`. */
static mv_pairs view_pairs(SEXP vi, SEXP i, SEXP j, SEXP value, int *first, int *second) {
  mv_pairs pairs = {XLENGTH(vi), XLENGTH(i), view_doubles(vi, -1, "vi"),
                    first,       second,     NULL};
  const int *from_i = view_ints(i, -1, "i"), *from_j = view_ints(j, pairs.pairs, "j");
  pairs.value = view_doubles(value, pairs.pairs, "value");
  for (ptrdiff_t pair = 0; pair < pairs.pairs; pair++) {
    first[pair] = from_i[pair] - 1;
    second[pair] = from_j[pair] - 1;
    if (first[pair] < 0 || second[pair] < 0 || first[pair] >= pairs.rows ||
        second[pair] >= pairs.rows) {
      Rf_error("internal: a pair outside the table; please report this");
    }
  }
  return pairs;
}

static mv_linked find_linked(const mv_pairs *pairs) {
  mv_arena arena = {NULL, 0};
  mv_linked_layout(&arena, pairs->rows, pairs->pairs);
  arena = carve(arena);
  mv_linked linked = mv_linked_layout(&arena, pairs->rows, pairs->pairs);
  mv_linked_find(pairs, &linked);
  return linked;
}

static mv_definite_work carve_blocks(ptrdiff_t largest) {
  mv_arena arena = {NULL, 0};
  mv_definite_layout(&arena, largest);
  arena = carve(arena);
  return mv_definite_layout(&arena, largest);
}

/* Each pair of rows once. Gives the `block` of each row, from 1 (0: it is alone); the
 * `state` of each block, an mv_definite; and in `weight`, of the rows of a block that is
 * not definite, the combination that shows it. Blocks above `limit` rows are not looked
 * at: their state is unknown. */
SEXP mv_check_definite(SEXP vi, SEXP i, SEXP j, SEXP value, SEXP limit) {
  static const char *const names[] = {"block", "state", "weight"};
  const ptrdiff_t rows = XLENGTH(vi);
  int *first = (int *)R_alloc((size_t)XLENGTH(i) + 1, sizeof(int));
  int *second = (int *)R_alloc((size_t)XLENGTH(i) + 1, sizeof(int));
  const mv_pairs pairs = view_pairs(vi, i, j, value, first, second);
  const mv_linked linked = find_linked(&pairs);
  const int most = take_int(limit, "limit");
  const mv_definite_work work =
      carve_blocks(linked.largest < most ? linked.largest : most);
  SEXP found = PROTECT(named_list(3, names));
  int *block = put_ints(found, 0, rows);
  int *state = put_ints(found, 1, linked.blocks);
  double *weight = put_doubles(found, 2, rows);
  memset(weight, 0, sizeof *weight * (size_t)rows);
  for (ptrdiff_t at = 0; at < rows; at++) block[at] = linked.block[at] + 1;
  for (ptrdiff_t b = 0; b < linked.blocks; b++) {
    const int size = linked.start[b + 1] - linked.start[b];
    if (size > 100) R_CheckUserInterrupt(); /* smaller ones take no time */
    state[b] = size > most ? (int)MV_UNKNOWN
                           : (int)mv_definite_block(&pairs, &linked, b, work, weight);
  }
  UNPROTECT(1);
  return found;
}
