/* From what a paper reports beside a mean to the standard deviation. */
#ifndef MV_CONVERT_H
#define MV_CONVERT_H

#include <stddef.h>

/* SD = error * factor(n, level). `level` is that of an interval; the others do not look
 * at it. A factor that n does not define is NaN. */
typedef struct {
  const char *name;
  double (*factor)(double n, double level);
} mv_error_type;

/* The types by number, from 0: "sd", "sem", "ci", "iqr". NULL where there is none. */
enum { MV_ERROR_TYPES = 4 };
const mv_error_type *mv_error_type_at(int index);

/* sd[i] from error[i] and n[i]; `kind[i]` is the number of its type counted from 1,
 * anything else gives NaN. Missing numbers stay NaN. */
void mv_convert(const double *error, const double *n, const int *kind, double level,
                ptrdiff_t rows, double *sd);

#endif
