#include <string.h>

#include "calls.h"
#include "core/covariance.h"
#include "ffi.h"
#include "ffi_effects.h"

/* How readings correlate: matrix (or NULL), within, between, by_time, decays. */
static mv_rho view_rho(SEXP rho, int outcomes) {
  enum { MATRIX, WITHIN, BETWEEN, BY_TIME, DECAYS, PARTS };
  view_list(rho, PARTS, "rho");
  SEXP matrix = VECTOR_ELT(rho, MATRIX);
  mv_rho view = {NULL,
                 outcomes,
                 take_double(VECTOR_ELT(rho, WITHIN), "within"),
                 take_double(VECTOR_ELT(rho, BETWEEN), "between"),
                 take_double(VECTOR_ELT(rho, BY_TIME), "by_time"),
                 view_logicals(VECTOR_ELT(rho, DECAYS), 1, "decays")[0]};
  const ptrdiff_t cells = (ptrdiff_t)outcomes * outcomes;
  if (!Rf_isNull(matrix)) view.matrix = view_doubles(matrix, cells, "matrix");
  return view;
}

/* `keys`, as R/covariance_rows.R makes them: measure, experiment, cohorts of the four
 * arms, reading, outcome, time, apart, sign, yi, vi, block, start, and how many outcomes
 * there are. */
static void view_covariance(SEXP arms, SEXP keys, SEXP rho, mv_covariance_table *table) {
  enum {
    MEASURE,
    EXPERIMENT,
    COHORT,
    READING = COHORT + MV_ARMS,
    OUTCOME,
    TIME,
    APART,
    SIGN
  };
  enum { YI = SIGN + 1, VI, BLOCK, START, OUTCOMES, KEYS };
  view_list(keys, KEYS, "keys");
  memset(table, 0, sizeof *table);
  const ptrdiff_t rows = XLENGTH(VECTOR_ELT(keys, YI));
  view_arms(arms, rows, &table->arms);
  table->measure = view_ints(VECTOR_ELT(keys, MEASURE), rows, "measure");
  table->experiment = view_ints(VECTOR_ELT(keys, EXPERIMENT), rows, "experiment");
  for (int a = 0; a < MV_ARMS; a++) {
    table->cohort[a] = view_ints(VECTOR_ELT(keys, COHORT + a), rows, "cohort");
  }
  table->reading = view_ints(VECTOR_ELT(keys, READING), rows, "reading");
  table->outcome = view_ints(VECTOR_ELT(keys, OUTCOME), rows, "outcome");
  table->time = view_doubles(VECTOR_ELT(keys, TIME), rows, "time");
  table->apart = view_logicals(VECTOR_ELT(keys, APART), rows, "apart");
  table->sign = view_doubles(VECTOR_ELT(keys, SIGN), rows, "sign");
  table->yi = view_doubles(VECTOR_ELT(keys, YI), rows, "yi");
  table->vi = view_doubles(VECTOR_ELT(keys, VI), rows, "vi");
  table->block = view_ints(VECTOR_ELT(keys, BLOCK), rows, "block");
  table->start = view_ints(VECTOR_ELT(keys, START), -1, "start");
  table->blocks = XLENGTH(VECTOR_ELT(keys, START)) - 1;
  table->rho = view_rho(rho, take_int(VECTOR_ELT(keys, OUTCOMES), "outcomes"));
}

enum { I, J, VALUE, CHANGED, ASKS, TWO_SETS, COVARIANCE_SLOTS };

/* A row with such a group, another, and its arm there, all from 1; or nothing. */
static void put_two_sets(SEXP list, const mv_two_sets *twice) {
  int *to = put_ints(list, TWO_SETS, twice->other < 0 ? 0 : 3);
  if (twice->other < 0) return;
  to[0] = (int)twice->one + 1;
  to[1] = (int)twice->other + 1;
  to[2] = twice->arm + 1;
}

static void shorten(SEXP list, int slot, ptrdiff_t length) {
  SEXP whole = VECTOR_ELT(list, slot);
  if (XLENGTH(whole) == length) return;
  SET_VECTOR_ELT(list, slot, Rf_xlengthgets(whole, (R_xlen_t)length));
}

/* The pairs i > j (rows from 1) with a covariance other than zero; what else is found of
 * the rows. */
SEXP mv_covariances(SEXP arms, SEXP keys, SEXP rho) {
  static const char *const names[] = {"i", "j", "value", "changed", "asks", "two_sets"};
  mv_covariance_table table;
  view_covariance(arms, keys, rho, &table);
  mv_arena arena = {NULL, 0};
  mv_covariance_layout(&arena, &table);
  arena = carve(arena);
  const mv_covariance_work work = mv_covariance_layout(&arena, &table);
  mv_two_sets twice;
  const ptrdiff_t most = mv_covariance_sharing(&table, &work, &twice);
  SEXP found = PROTECT(named_list(COVARIANCE_SLOTS, names));
  put_two_sets(found, &twice);
  mv_covariances_found to = {
      put_ints(found, I, most), put_ints(found, J, most), put_doubles(found, VALUE, most),
      put_ints(found, CHANGED, table.arms.rows), put_ints(found, ASKS, table.arms.rows)};
  mv_covariance_start(&work);
  const ptrdiff_t count = mv_covariance_pairs(&table, &work, &to);
  for (ptrdiff_t pair = 0; pair < count; pair++) {
    to.first[pair]++;
    to.second[pair]++;
  }
  for (int slot = I; slot <= VALUE; slot++) shorten(found, slot, count);
  UNPROTECT(1);
  return found;
}
