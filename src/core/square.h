/* x squared, which <math.h> has not. */
#ifndef MV_SQUARE_H
#define MV_SQUARE_H

static inline double mv_square(double x) { return x * x; }

#endif
