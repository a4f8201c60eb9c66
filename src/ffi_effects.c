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

/* `arms`: the slots of MV_SLOTS. */
void view_arms(SEXP arms, ptrdiff_t rows, mv_arm_table *table) {
  view_list(arms, MV_SLOTS, "arms");
  table->rows = rows;
  int slot = 0;
  for (int a = 0; a < MV_ARMS; a++) {
    for (int f = 0; f < MV_FIELDS; f++) {
      table->field[a][f] = column(arms, slot++, rows, mv_field_name(f));
    }
  }
  for (int e = 0; e < MV_EXTRAS; e++) {
    table->extra[e] = column(arms, slot++, rows, mv_extra_name(e));
  }
}

/* `by`: shares of the four arms, sign (doubles), worse (logical), set (integer from 0).
 */
static void view_modifiers(SEXP by, int sets, mv_effect_table *table) {
  enum { SIGN = MV_ARMS, WORSE, SET, MODIFIERS };
  const ptrdiff_t rows = table->arms.rows;
  view_list(by, MODIFIERS, "by");
  for (int a = 0; a < MV_ARMS; a++) table->shared[a] = column(by, a, rows, "shared");
  table->sign = column(by, SIGN, rows, "sign");
  SEXP worse = VECTOR_ELT(by, WORSE), set = VECTOR_ELT(by, SET);
  if (!Rf_isNull(worse)) table->worse = view_logicals(worse, rows, "worse");
  if (!Rf_isNull(set)) table->set = view_ints(set, rows, "set");
  table->sets = sets;
}

SEXP mv_effect_sizes(SEXP arms, SEXP rows, SEXP by, SEXP sets, SEXP measure, SEXP form,
                     SEXP correct, SEXP level) {
  mv_effect_table table = {.sets = 1};
  view_arms(arms, take_int(rows, "rows"), &table.arms);
  view_modifiers(by, take_int(sets, "sets"), &table);
  const mv_effect_rule rule = {
      mv_find_measure(take_word(measure, "measure")),
      mv_find_form(take_word(measure, "measure"), take_word(form, "form")),
      (mv_correct)take_int(correct, "correct"),
      take_double(level, "level"),
  };
  if (!rule.measure || !rule.form || rule.correct >= MV_CORRECTIONS)
    Rf_error("internal: unknown measure or form");
  mv_arena arena = {NULL, 0};
  mv_effects_layout(&arena, rule.form, table.sets);
  arena = carve(arena);
  static const char *const names[] = {"yi", "vi", "reason", "named", "lower", "upper"};
  SEXP found = PROTECT(named_list(rule.measure->interval ? 6 : 4, names));
  mv_effect_columns out = {put_doubles(found, 0, table.arms.rows),
                           put_doubles(found, 1, table.arms.rows),
                           put_ints(found, 2, table.arms.rows),
                           NULL,
                           NULL,
                           NA_REAL};
  if (rule.measure->interval) {
    out.lower = put_doubles(found, 4, table.arms.rows);
    out.upper = put_doubles(found, 5, table.arms.rows);
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

/* The names of the fields or extras whose bits are set. */
static void put_bits(SEXP list, int slot, unsigned bits, int count,
                     const char *(*name)(int)) {
  int found = 0;
  for (int i = 0; i < count; i++) found += (bits >> i) & 1u;
  SEXP names = Rf_allocVector(STRSXP, found);
  SET_VECTOR_ELT(list, slot, names);
  for (int i = 0, at = 0; i < count; i++) {
    if ((bits >> i) & 1u) SET_STRING_ELT(names, at++, Rf_mkChar(name(i)));
  }
}

static SEXP measure_rows(void) {
  enum { NAME, SCALE, KIND, ARMS, FLAGS, NEEDS, MAY, EXTRAS, COLUMNS };
  static const char *const names[] = {"name",  "scale", "kind", "arms",
                                      "flags", "needs", "may",  "extras"};
  int count = 0;
  while (mv_measure_at(count)) count++;
  SEXP list = PROTECT(named_list(COLUMNS, names));
  for (int slot = NAME; slot <= KIND; slot++) put_words(list, slot, count);
  for (int slot = FLAGS; slot < COLUMNS; slot++) {
    SET_VECTOR_ELT(list, slot, Rf_allocVector(VECSXP, count));
  }
  int *arms = put_ints(list, ARMS, count);
  for (int i = 0; i < count; i++) {
    const mv_measure *measure = mv_measure_at(i);
    word_at(list, NAME, i, measure->name);
    word_at(list, SCALE, i, measure->scale);
    word_at(list, KIND, i, measure->kind->name);
    arms[i] = measure->arms;
    const mv_kind *kind = measure->kind;
    const unsigned extras = kind->extras | measure->extras;
    put_bits(VECTOR_ELT(list, FLAGS), i, measure->flags, MV_FLAGS, mv_flag_name);
    put_bits(VECTOR_ELT(list, NEEDS), i, kind->needs, MV_FIELDS, mv_field_name);
    put_bits(VECTOR_ELT(list, MAY), i, kind->may, MV_FIELDS, mv_field_name);
    put_bits(VECTOR_ELT(list, EXTRAS), i, extras, MV_EXTRAS, mv_extra_name);
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

/* Names of the fields and extras, in the order of the slots. */
static SEXP slot_names(int count, const char *(*name)(int)) {
  SEXP names = PROTECT(Rf_allocVector(STRSXP, count));
  for (int i = 0; i < count; i++) SET_STRING_ELT(names, i, Rf_mkChar(name(i)));
  UNPROTECT(1);
  return names;
}

SEXP mv_registry(void) {
  static const char *const names[] = {"measures", "forms", "reasons", "fields", "extras"};
  SEXP list = PROTECT(named_list(5, names));
  SET_VECTOR_ELT(list, 0, measure_rows());
  SET_VECTOR_ELT(list, 1, form_rows());
  SET_VECTOR_ELT(list, 2, reason_rows());
  SET_VECTOR_ELT(list, 3, slot_names(MV_FIELDS, mv_field_name));
  SET_VECTOR_ELT(list, 4, slot_names(MV_EXTRAS, mv_extra_name));
  UNPROTECT(1);
  return list;
}
