#ifdef MV_STANDALONE
#define MATHLIB_STANDALONE
#endif
#include "mathlib.h"

#include <Rmath.h>

double mv_pnorm(double x, int lower) { return pnorm(x, 0, 1, lower, 0); }
double mv_qnorm(double p) { return qnorm(p, 0, 1, 1, 0); }
double mv_pt(double t, double nu, int lower) { return pt(t, nu, lower, 0); }
double mv_qt(double p, double nu) { return qt(p, nu, 1, 0); }
double mv_pchisq(double x, double nu, int lower) { return pchisq(x, nu, lower, 0); }
double mv_qchisq(double p, double nu) { return qchisq(p, nu, 1, 0); }
double mv_pf(double f, double nu1, double nu2, int lower) {
  return pf(f, nu1, nu2, lower, 0);
}
