#include <math.h>
#include <string.h>

#include "check.h"
#include "convert.h"

/* One rounding more or less than the formula by hand; quantiles have 13 digits. */
static const double tolerance = 1e-13;

static int type_of(const char *name) {
  int type = 0;
  while (strcmp(mv_error_type_at(type)->name, name) != 0) type++;
  return type;
}

static double sd_of(const char *name, double error, double n) {
  return error * mv_error_type_at(type_of(name))->factor(n, 0.95);
}

static void ends_of_table(void) {
  CHECK(mv_error_type_at(-1) == NULL);
  CHECK(mv_error_type_at(MV_ERROR_TYPES) == NULL);
}

/* t(.95) with 1 degree of freedom is tan(.45 pi). */
static void other_level(void) {
  const mv_error_type *type = mv_error_type_at(type_of("ci"));
  CHECK_NEAR(type->factor(2, 0.9), sqrt(2) / 6.3137515146750411, 1e-12);
}

/* t(.975) is 12.7062047361747 with 1 degree of freedom (tan(.475 pi)), and
 * 2.570581835636315 with 5. */
static void by_hand(void) {
  CHECK_NEAR(sd_of("sd", 1.25, 7), 1.25, tolerance);
  CHECK_NEAR(sd_of("sem", 2, 9), 6, tolerance);
  CHECK_NEAR(sd_of("ci", 3, 6), 3 * sqrt(6) / 2.570581835636315, tolerance);
  CHECK_NEAR(sd_of("ci", 1, 2), sqrt(2) / 12.706204736174694, 1e-12);
}

/* At n = 6 the quartiles are at Phi^-1(4.375 / 6.25) = Phi^-1(.7); for ever greater n
 * the divisor is that of a normal population, 1.3489795. */
static void quartiles(void) {
  CHECK_NEAR(sd_of("iqr", 1, 6), 1 / (2 * 0.52440051270804078), tolerance);
  CHECK_NEAR(sd_of("iqr", 1, 1e12), 1 / 1.3489795003921634, 1e-11);
}

static void undefined(void) {
  CHECK(isnan(sd_of("ci", 1, 1)));
  CHECK(isnan(sd_of("iqr", 1, 1)));
  CHECK(isnan(sd_of("sem", 1, (double)NAN)));
  CHECK_NEAR(sd_of("sd", 1, (double)NAN), 1, 0);
  CHECK(isnan(sd_of("ci", 1, 1.999)));
  CHECK(isnan(sd_of("iqr", 1, 1.999)));
}

/* The table agrees with its rows one by one: whole and broken n, the remembered factors
 * and those beyond. */
static void table(void) {
  enum { ROWS = 800 };
  double error[ROWS], n[ROWS], sd[ROWS];
  int kind[ROWS];
  for (int i = 0; i < ROWS; i++) {
    error[i] = 0.5 + i % 7;
    n[i] = 2 + (i % 100) + (i % 3 == 0 ? 0.5 : 0);
    kind[i] = 1 + i % MV_ERROR_TYPES;
  }
  kind[5] = 0;
  kind[6] = MV_ERROR_TYPES + 1;
  kind[7] = -2147483647 - 1; /* R's NA */
  mv_convert(error, n, kind, 0.95, ROWS, sd);
  CHECK(isnan(sd[5]) && isnan(sd[6]) && isnan(sd[7]));
  for (int i = 8; i < ROWS; i++) {
    const mv_error_type *type = mv_error_type_at(i % MV_ERROR_TYPES);
    CHECK_NEAR(sd[i], error[i] * type->factor(n[i], 0.95), 0);
  }
}

void test_convert(void) {
  ends_of_table();
  other_level();
  by_hand();
  quartiles();
  undefined();
  table();
}
