#include "ffi_cells.h"

columns_view view_columns(SEXP columns, R_xlen_t rows) {
  columns_view view = {.count = (int)XLENGTH(columns)};
  if (view.count > MOST_COLUMNS) Rf_error("internal: too many columns");
  for (int i = 0; i < view.count; i++) {
    SEXP column = VECTOR_ELT(columns, i);
    view.type[i] = TYPEOF(column);
    if (XLENGTH(column) != rows) Rf_error("internal: columns of different length");
    if (TYPEOF(column) == STRSXP) {
      view.cells[i] = STRING_PTR_RO(column);
    } else if (TYPEOF(column) == REALSXP) {
      view.cells[i] = REAL_RO(column);
    } else if (TYPEOF(column) == LGLSXP) {
      view.cells[i] = LOGICAL_RO(column);
    } else {
      view.cells[i] = view_ints(column, rows, "column");
    }
  }
  return view;
}

static bool is_ascii(SEXP text) {
  for (const char *c = CHAR(text); *c; c++) {
    if ((unsigned char)*c > 127) return false;
  }
  return true;
}

bool ascii_row(const columns_view *view, ptrdiff_t row, const uint64_t *words,
               const uint64_t *before) {
  for (int i = 0; i < view->count; i++) {
    if (view->type[i] != STRSXP || (before && words[i] == before[i])) continue;
    if (!is_ascii(((const SEXP *)view->cells[i])[row])) return false;
  }
  return true;
}
