#include "ffi_effects.h"

#include <string.h>

#include "calls.h"
#include "core/effects.h"
#include "ffi.h"

/* A column of the table, or NULL where R gives NULL. */
static const double *column(SEXP list, int slot, ptrdiff_t rows, const char *what) {
  SEXP x = VECTOR_ELT(list, slot);
  return Rf_isNull(x) ? NULL : view_doubles(x, rows, what);
}

/* `arms`: n, mean and sd of treated, control and sham, nine columns in that order. */
void view_arms(SEXP arms, ptrdiff_t rows, mv_arm_table *table) {
  memset(table, 0, sizeof *table);
  view_list(arms, 3 * MV_ARMS, "arms");
  table->rows = rows;
  for (int a = 0; a < MV_ARMS; a++) {
    table->n[a] = column(arms, 3 * a, rows, "n");
    table->mean[a] = column(arms, 3 * a + 1, rows, "mean");
    table->sd[a] = column(arms, 3 * a + 2, rows, "sd");
  }
}

/* `by`: shared_c, shared_s, sign (doubles), worse (logical), set (integer from 0). */
static void view_modifiers(SEXP by, int sets, mv_arm_table *table) {
  view_list(by, 5, "by");
  table->shared[MV_C] = column(by, 0, table->rows, "shared_c");
  table->shared[MV_S] = column(by, 1, table->rows, "shared_s");
  table->sign = column(by, 2, table->rows, "sign");
  SEXP worse = VECTOR_ELT(by, 3), set = VECTOR_ELT(by, 4);
  if (!Rf_isNull(worse)) table->worse = view_logicals(worse, table->rows, "worse");
  if (!Rf_isNull(set)) table->set = view_ints(set, table->rows, "set");
  table->sets = sets;
}

SEXP mv_effect_sizes(SEXP arms, SEXP by, SEXP sets, SEXP measure, SEXP form, SEXP correct,
                     SEXP level) {
  mv_arm_table table;
  view_arms(arms, XLENGTH(VECTOR_ELT(view_list(arms, 3 * MV_ARMS, "arms"), 0)), &table);
  view_modifiers(by, take_int(sets, "sets"), &table);
  const mv_effect_rule rule = {
      mv_find_measure(take_word(measure, "measure")),
      mv_find_form(take_word(measure, "measure"), take_word(form, "form")),
      view_logicals(correct, 1, "correct")[0],
      take_double(level, "level"),
  };
  if (!rule.measure || !rule.form) Rf_error("internal: unknown measure or form");
  mv_arena arena = {NULL, 0};
  mv_effects_layout(&arena, rule.form, table.sets);
  arena = carve(arena);
  static const char *const names[] = {"yi", "vi", "reason", "named", "lower", "upper"};
  SEXP found = PROTECT(named_list(rule.measure->interval ? 6 : 4, names));
  mv_effect_columns out = {put_doubles(found, 0, table.rows),
                           put_doubles(found, 1, table.rows),
                           put_ints(found, 2, table.rows),
                           NULL,
                           NULL,
                           NA_REAL};
  if (rule.measure->interval) {
    out.lower = put_doubles(found, 4, table.rows);
    out.upper = put_doubles(found, 5, table.rows);
  }
  const ptrdiff_t named = mv_effects_compute(
      &table, &rule, mv_effects_layout(&arena, rule.form, table.sets), out);
  put_doubles(found, 3, 1)[0] = (double)named;
  UNPROTECT(1);
  return found;
}

/* ---- the registry, as R reads it ---- */

static void put_words(SEXP list, int slot, ptrdiff_t length) {
  SET_VECTOR_ELT(list, slot, Rf_allocVector(STRSXP, (R_xlen_t)length));
}

static void word_at(SEXP list, int slot, int at, const char *word) {
  SET_STRING_ELT(VECTOR_ELT(list, slot), at, Rf_mkChar(word));
}

static SEXP measure_rows(void) {
  static const char *const names[] = {"name", "scale", "arms"};
  int count = 0;
  while (mv_measure_at(count)) count++;
  SEXP list = PROTECT(named_list(3, names));
  put_words(list, 0, count);
  put_words(list, 1, count);
  int *arms = put_ints(list, 2, count);
  for (int i = 0; i < count; i++) {
    word_at(list, 0, i, mv_measure_at(i)->name);
    word_at(list, 1, i, mv_measure_at(i)->scale);
    arms[i] = mv_measure_at(i)->arms;
  }
  UNPROTECT(1);
  return list;
}

static SEXP form_rows(void) {
  static const char *const names[] = {"measure", "name", "needs_set"};
  int count = 0;
  while (mv_form_at(count)) count++;
  SEXP list = PROTECT(named_list(3, names));
  put_words(list, 0, count);
  put_words(list, 1, count);
  int *needs_set = put_ints(list, 2, count);
  for (int i = 0; i < count; i++) {
    word_at(list, 0, i, mv_form_at(i)->measure);
    word_at(list, 1, i, mv_form_at(i)->name);
    needs_set[i] = mv_form_at(i)->gather != NULL;
  }
  UNPROTECT(1);
  return list;
}

/* Row i is reason i, from 1; reason 0 is none. */
static SEXP reason_rows(void) {
  static const char *const names[] = {"name", "has_effect", "pooled"};
  SEXP list = PROTECT(named_list(3, names));
  put_words(list, 0, MV_REASON_COUNT - 1);
  int *has_effect = put_ints(list, 1, MV_REASON_COUNT - 1);
  int *pooled = put_ints(list, 2, MV_REASON_COUNT - 1);
  for (int i = 1; i < MV_REASON_COUNT; i++) {
    word_at(list, 0, i - 1, mv_reason_name((mv_reason)i));
    has_effect[i - 1] = mv_has_effect((mv_reason)i);
    pooled[i - 1] = mv_is_pooled((mv_reason)i);
  }
  UNPROTECT(1);
  return list;
}

SEXP mv_registry(void) {
  static const char *const names[] = {"measures", "forms", "reasons"};
  SEXP list = PROTECT(named_list(3, names));
  SET_VECTOR_ELT(list, 0, measure_rows());
  SET_VECTOR_ELT(list, 1, form_rows());
  SET_VECTOR_ELT(list, 2, reason_rows());
  UNPROTECT(1);
  return list;
}
