/* From what a paper reports beside a mean to the standard deviation. */
#ifndef MV_CONVERT_H
#define MV_CONVERT_H

#include <stddef.h>

/* SD = error * factor(n). A factor that n does not define is NaN. */
typedef struct {
  const char *name;
  double (*factor)(double n);
} mv_error_type;

/* The record of a name ("sd", "sem", "ci", "iqr"), or NULL. */
const mv_error_type *mv_error_type_find(const char *name);

/* sd[i] from error[i] and n[i]; `kind[i]` counts from 1 in `types`, anything else gives
 * NaN. Missing numbers stay NaN. */
void mv_convert(const double *error, const double *n, const int *kind, ptrdiff_t rows,
                const mv_error_type *const *types, int type_count, double *sd);

#endif
