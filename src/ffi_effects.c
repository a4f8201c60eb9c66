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

static mv_effect_rule view_rule(SEXP measure, SEXP form, SEXP correct, SEXP level) {
  const char *name = take_word(measure, "measure");
  const mv_effect_rule rule = {
      mv_find_measure(name),
      mv_find_form(name, take_word(form, "form")),
      (mv_correct)take_int(correct, "correct"),
      take_double(level, "level"),
  };
  if (!rule.measure || !rule.form || rule.correct >= MV_CORRECTIONS)
    Rf_error("internal: unknown measure, form or correction; please report this");
  return rule;
}

static mv_effects_work carve_effects(const mv_form *form, int sets) {
  mv_arena arena = {NULL, 0};
  mv_effects_layout(&arena, form, sets);
  arena = carve(arena);
  return mv_effects_layout(&arena, form, sets);
}

enum { YI, VI, REASON, WITH_REASON, LOWER, UPPER, SLOTS };

static mv_effect_columns put_columns(SEXP list, ptrdiff_t rows, int has_interval) {
  mv_effect_columns out = {.y = put_doubles(list, YI, rows),
                           .v = put_doubles(list, VI, rows),
                           .reason = put_ints(list, REASON, rows),
                           .missing = NA_REAL};
  if (has_interval) {
    out.lower = put_doubles(list, LOWER, rows);
    out.upper = put_doubles(list, UPPER, rows);
  }
  return out;
}

/* `named`: how many rows have a reason. The ends of an interval stand last, and only
 * where the measure has one. */
SEXP mv_effect_sizes(SEXP arms, SEXP rows, SEXP by, SEXP sets, SEXP measure, SEXP form,
                     SEXP correct, SEXP level) {
  static const char *const names[SLOTS] = {"yi",    "vi",    "reason",
                                           "named", "lower", "upper"};
  mv_effect_table table = {0};
  view_arms(arms, take_int(rows, "rows"), &table.arms);
  view_modifiers(by, take_int(sets, "sets"), &table);
  const mv_effect_rule rule = view_rule(measure, form, correct, level);
  const mv_effects_work work = carve_effects(rule.form, table.sets);
  const int has_interval = rule.measure->interval != NULL;
  SEXP found = PROTECT(named_list(has_interval ? SLOTS : LOWER, names));
  const mv_effect_columns out = put_columns(found, table.arms.rows, has_interval);
  const ptrdiff_t named = mv_effects_compute(&table, &rule, work, out);
  put_doubles(found, WITH_REASON, 1)[0] = (double)named;
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

/* Fields and extras are in the order of the slots of view_arms(). */
SEXP mv_registry(void) {
  static const char *const names[] = {"measures", "forms", "reasons", "fields", "extras"};
  SEXP list = PROTECT(named_list(5, names));
  SET_VECTOR_ELT(list, 0, measure_rows());
  SET_VECTOR_ELT(list, 1, form_rows());
  SET_VECTOR_ELT(list, 2, reason_rows());
  SET_VECTOR_ELT(list, 3, words_of(MV_FIELDS, mv_field_name));
  SET_VECTOR_ELT(list, 4, words_of(MV_EXTRAS, mv_extra_name));
  UNPROTECT(1);
  return list;
}
