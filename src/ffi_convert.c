#include "calls.h"
#include "core/convert.h"
#include "core/convert_arms.h"
#include "core/convert_rows.h"

static const char *error_type(int i) { return mv_error_type_at(i)->name; }

SEXP mv_error_types(void) { return words_of(MV_ERROR_TYPES, error_type); }

/* `kind`: the number of each row's type in mv_error_types(), from 1, or NA. */
SEXP mv_to_sd(SEXP error, SEXP n, SEXP kind, SEXP level) {
  const ptrdiff_t rows = (ptrdiff_t)XLENGTH(error);
  const double *errors = view_doubles(error, rows, "error");
  const double *sizes = view_doubles(n, rows, "n");
  const int *kinds = view_ints(kind, rows, "kind");
  SEXP sd = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)rows));
  mv_convert(errors, sizes, kinds, take_double(level, "level"), rows, REAL(sd));
  UNPROTECT(1);
  return sd;
}

static const char *flaw(int i) { return mv_flaw_name((mv_flaw)i); }

SEXP mv_flaws(void) { return words_of(MV_FLAW_COUNT, flaw); }

static const char *conversion(int i) { return mv_conversion_at(i)->name; }

SEXP mv_conversion_names(void) {
  int count = 0;
  while (mv_conversion_at(count)) count++;
  return words_of(count, conversion);
}

static mv_column view_column(SEXP x, ptrdiff_t rows) {
  const int one = XLENGTH(x) == 1;
  const mv_column column = {view_doubles(x, one ? 1 : rows, "columns"), one ? 0 : 1};
  return column;
}

/* `columns`: the inputs of the conversion, each of `rows` doubles or of one. Gives the
 * outputs and, last, the flaw of each row. */
SEXP mv_convert_columns(SEXP name, SEXP columns, SEXP rows) {
  const mv_conversion *found = mv_find_conversion(take_word(name, "name"));
  if (!found) Rf_error("internal: unknown conversion; please report this");
  const ptrdiff_t length = (ptrdiff_t)take_double(rows, "rows");
  view_list(columns, found->inputs, "columns");
  mv_column in[MV_MOST_INPUTS];
  for (int k = 0; k < found->inputs; k++)
    in[k] = view_column(VECTOR_ELT(columns, k), length);
  double *out[MV_MOST_OUTPUTS];
  SEXP list = PROTECT(Rf_allocVector(VECSXP, found->outputs + 1));
  for (int k = 0; k < found->outputs; k++) out[k] = put_doubles(list, k, length);
  mv_convert_rows(found, in, length, out, put_ints(list, found->outputs, length));
  UNPROTECT(1);
  return list;
}

/* `group`: the set of each row, from 1 to `groups`. */
SEXP mv_combine(SEXP group, SEXP groups, SEXP n, SEXP mean, SEXP sd) {
  static const char *const names[] = {"n", "mean", "sd"};
  const ptrdiff_t rows = (ptrdiff_t)XLENGTH(group);
  const mv_groups from = {view_ints(group, rows, "group"), view_doubles(n, rows, "n"),
                          view_doubles(mean, rows, "mean"), view_doubles(sd, rows, "sd"),
                          rows};
  const ptrdiff_t sets = take_int(groups, "groups");
  for (ptrdiff_t i = 0; i < rows; i++)
    if (from.set[i] < 1 || from.set[i] > sets) Rf_error("internal: wrong groups");
  SEXP list = PROTECT(named_list(3, names));
  double *const total = put_doubles(list, 0, sets);
  double *const means = put_doubles(list, 1, sets);
  const mv_combined to = {total, means, put_doubles(list, 2, sets), sets};
  mv_combine_groups(&from, to);
  UNPROTECT(1);
  return list;
}
