/* The unstructured G, by its Cholesky factor: UN of levels, GEN of slopes, and PAIR,
 * which is UN with the SDs and the correlation of its first two levels as parameters.
 * Rows of the table in structure.c; `a`, `b`, `i` and `j` as there. */
#ifndef MV_STRUCTURE_FACTOR_H
#define MV_STRUCTURE_FACTOR_H

#include "structure.h"

ptrdiff_t mv_factor_parameters(ptrdiff_t m);

mv_parameter_kind mv_factor_kind(ptrdiff_t m, ptrdiff_t parameter);
double mv_factor_entry(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b);
double mv_factor_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                       ptrdiff_t a, ptrdiff_t b);
double mv_factor_bend(const mv_shape *shape, const double *w, ptrdiff_t i, ptrdiff_t j,
                      ptrdiff_t a, ptrdiff_t b);

mv_parameter_kind mv_pair_kind(ptrdiff_t m, ptrdiff_t parameter);
double mv_pair_entry(const mv_shape *shape, const double *w, ptrdiff_t a, ptrdiff_t b);
double mv_pair_slope(const mv_shape *shape, const double *w, ptrdiff_t parameter,
                     ptrdiff_t a, ptrdiff_t b);
double mv_pair_bend(const mv_shape *shape, const double *w, ptrdiff_t i, ptrdiff_t j,
                    ptrdiff_t a, ptrdiff_t b);

/* As mv_shape_natural(), mv_shape_working() and mv_shape_start(), with the correlation
 * `rho` of all levels. */
void mv_factor_natural(const mv_shape *shape, const double *working, double *natural);
mv_status mv_factor_working(const mv_shape *shape, const double *natural,
                            double *working);
void mv_factor_start(const mv_shape *shape, double size, double rho, double *working);

#endif
