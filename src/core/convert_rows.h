/* Conversions that go row by row: numbers of one row in, numbers out, or a flaw that says
 * why there is none. Each is a row of the table of its family, one family a file; R finds
 * them by name. */
#ifndef MV_CONVERT_ROWS_H
#define MV_CONVERT_ROWS_H

#include <stddef.h>

/* Why a row cannot be converted. R/convert_rows.R has the sentence for each. */
typedef enum {
  MV_SOUND = 0,
  MV_FLAW_NUMBER_MISSING,
  MV_FLAW_TOO_SMALL_N,
  MV_FLAW_NEGATIVE,
  MV_FLAW_NOT_ABOVE_ZERO,
  MV_FLAW_P_OUTSIDE,
  MV_FLAW_P_EXTREME,
  MV_FLAW_R_OUTSIDE,
  MV_FLAW_LEVEL_OUTSIDE,
  MV_FLAW_ORDER,          /* minimum, quartiles, median, maximum */
  MV_FLAW_TURNED,         /* an interval's lower end above its upper */
  MV_FLAW_OFF_INTERVAL,   /* an estimate outside its interval */
  MV_FLAW_NO_DIRECTION,   /* F, p and chi-squared have no sign */
  MV_FLAW_NO_INFORMATION, /* an effect or a statistic of 0 leaves nothing to divide by */
  MV_FLAW_MARGINS,        /* events and group sizes that no table has */
  MV_FLAW_NO_TABLE,       /* no table with these margins has the statistic */
  MV_FLAW_OUTSIDE_DOMAIN, /* of the function to transform by */
  MV_FLAW_INFINITE,       /* the result is not a finite number */
  MV_FLAW_COUNT
} mv_flaw;

const char *mv_flaw_name(mv_flaw flaw);

/* Missing inputs are NaN. A sound row has finite outputs, all of them: mv_convert_rows()
 * sees to it, so a kernel need not. */
enum { MV_MOST_INPUTS = 10, MV_MOST_OUTPUTS = 7 };
typedef struct {
  const char *name;
  int inputs, outputs;
  mv_flaw (*compute)(const double *in, double *out);
} mv_conversion;

typedef struct {
  const mv_conversion *conversion;
  int count;
} mv_conversions;

extern const mv_conversions mv_of_medians, mv_of_tests, mv_of_tables, mv_of_scales,
    mv_of_functions;

/* All conversions by number from 0, or by name; NULL where there is none. */
const mv_conversion *mv_conversion_at(int index);
const mv_conversion *mv_find_conversion(const char *name);

/* A column of numbers; `step` 0 is one number for all rows. */
typedef struct {
  const double *values;
  ptrdiff_t step;
} mv_column;

/* Outputs of a row with a flaw are NaN. */
void mv_convert_rows(const mv_conversion *conversion, const mv_column *in, ptrdiff_t rows,
                     double *const *out, int *flaw);

/* n animals: at least so many. */
mv_flaw mv_check_n(double n, double least);

/* Animals in two groups of at least one each, so many in all that `least` degrees of
 * freedom are left. */
mv_flaw mv_check_groups(double n_t, double n_c, double least);

#endif
