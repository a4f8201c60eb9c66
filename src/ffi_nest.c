#include <string.h>

#include "calls.h"
#include "core/nest.h"
#include "ffi.h"

static mv_nest_rule rule_of(const char *word) {
  int rule = 0;
  while (rule < MV_NEST_COUNT && strcmp(mv_nest_name((mv_nest_rule)rule), word)) rule++;
  if (rule == MV_NEST_COUNT) Rf_error("internal: unknown rule '%s'", word);
  return (mv_nest_rule)rule;
}

/* `groups`: yi, vi, row, start, pair_i, pair_j, pair_start, pair_value. */
static mv_nest_table view_groups(SEXP groups, double rho) {
  mv_nest_table table;
  view_list(groups, 8, "groups");
  const ptrdiff_t rows = XLENGTH(VECTOR_ELT(groups, 0));
  table.yi = view_doubles(VECTOR_ELT(groups, 0), rows, "yi");
  table.vi = view_doubles(VECTOR_ELT(groups, 1), rows, "vi");
  table.row = view_ints(VECTOR_ELT(groups, 2), -1, "row");
  table.start = view_ints(VECTOR_ELT(groups, 3), -1, "start");
  table.groups = XLENGTH(VECTOR_ELT(groups, 3)) - 1;
  table.pair_i = view_ints(VECTOR_ELT(groups, 4), -1, "pair_i");
  table.pair_j = view_ints(VECTOR_ELT(groups, 5), -1, "pair_j");
  table.pair_start = view_ints(VECTOR_ELT(groups, 6), table.groups + 1, "pair_start");
  table.pair_value = view_doubles(VECTOR_ELT(groups, 7), -1, "pair_value");
  table.rho = rho;
  return table;
}

SEXP mv_nest(SEXP groups, SEXP rule, SEXP rho) {
  static const char *const names[] = {"yi", "vi", "status"};
  const mv_nest_table table = view_groups(groups, take_double(rho, "rho"));
  const mv_nest_rule by = rule_of(take_word(rule, "rule"));
  const ptrdiff_t rows = XLENGTH(VECTOR_ELT(groups, 0));
  const ptrdiff_t largest = mv_nest_largest(&table, by);
  mv_arena arena = {NULL, 0};
  mv_nest_layout(&arena, rows, largest);
  arena = carve(arena);
  SEXP found = PROTECT(named_list(3, names));
  double *yi = put_doubles(found, 0, table.groups);
  double *vi = put_doubles(found, 1, table.groups);
  int *status = put_ints(found, 2, table.groups);
  mv_nest_compute(&table, by, mv_nest_layout(&arena, rows, largest), yi, vi, status);
  UNPROTECT(1);
  return found;
}
