/* The functions of Rmath that the core uses, under names that Rmath's own macros do
 * not touch. mathlib.c is the only file that sees Rmath.h. `lower` is 1 for the lower
 * tail, 0 for the upper. */
#ifndef MV_MATHLIB_H
#define MV_MATHLIB_H

double mv_pnorm(double x, int lower);
double mv_qnorm(double p);
double mv_pt(double t, double nu, int lower); /* nu may be infinite: the normal */
double mv_qt(double p, double nu);
double mv_pchisq(double x, double nu, int lower);
double mv_qchisq(double p, double nu);
double mv_pf(double f, double nu1, double nu2, int lower);

#endif
