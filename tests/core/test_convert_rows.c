#include <math.h>
#include <string.h>

#include "check.h"
#include "convert_rows.h"

/* One rounding or two; quantiles have 13 digits. */
static const double tolerance = 1e-13;

static mv_flaw row(const char *name, const double *in, double *out) {
  const mv_conversion *conversion = mv_find_conversion(name);
  mv_column columns[MV_MOST_INPUTS];
  double *places[MV_MOST_OUTPUTS];
  int flaw;
  for (int k = 0; k < conversion->inputs; k++) columns[k] = (mv_column){in + k, 0};
  for (int k = 0; k < conversion->outputs; k++) places[k] = out + k;
  mv_convert_rows(conversion, columns, 1, places, &flaw);
  return (mv_flaw)flaw;
}

/* Every name once, within the widest row there may be. */
static void registry(void) {
  for (int i = 0; mv_conversion_at(i); i++) {
    const mv_conversion *conversion = mv_conversion_at(i);
    CHECK(mv_find_conversion(conversion->name) == conversion);
    CHECK(conversion->inputs <= MV_MOST_INPUTS && conversion->outputs <= MV_MOST_OUTPUTS);
  }
  CHECK(mv_conversion_at(-1) == NULL);
  CHECK(mv_find_conversion("none") == NULL);
  for (int i = 0; i < MV_FLAW_COUNT; i++) CHECK(strlen(mv_flaw_name((mv_flaw)i)) > 0);
}

/* Rows and single numbers side by side; a flawed row does not touch the next. */
static void columns(void) {
  const double mean[] = {1, -1, 4}, sd[] = {0};
  double out_mean[3], out_sd[3];
  double *const out[] = {out_mean, out_sd};
  const mv_column in[] = {{mean, 1}, {sd, 0}};
  int flaw[3];
  mv_convert_rows(mv_find_conversion("raw_to_log"), in, 3, out, flaw);
  CHECK(flaw[0] == MV_SOUND && flaw[1] == MV_FLAW_NOT_ABOVE_ZERO && flaw[2] == MV_SOUND);
  CHECK(isnan(out_mean[1]) && isnan(out_sd[1]));
  CHECK_NEAR(out_mean[2], log(4), tolerance);
  CHECK(out_sd[2] == 0);
}

static void medians(void) {
  double out[MV_MOST_OUTPUTS];
  /* three animals 5, 7, 12: mean 8, SD sqrt(13) */
  const double three[] = {3, 7, NAN, NAN, 5, 12, 0};
  CHECK(row("five_numbers", three, out) == MV_SOUND && out[6] == 4);
  CHECK_NEAR(out[0], 8, tolerance);
  CHECK_NEAR(out[1], sqrt(13), tolerance);
  CHECK(out[2] == 3 && out[3] == 3);
  /* n = 6: quartiles at Phi^-1(.7), Luo's weight .765 */
  const double quartiles[] = {6, 9, 8, 11, NAN, NAN, 0};
  CHECK(row("five_numbers", quartiles, out) == MV_SOUND && out[6] == 2);
  CHECK_NEAR(out[0], 0.765 * 9.5 + 0.235 * 9, tolerance);
  CHECK_NEAR(out[1], 3 / (2 * 0.52440051270804078), tolerance);
  /* exclusive: at .75 * 7 = 5.25 of 6, Phi^-1(.78) */
  const double exclusive[] = {6, 9, 8, 11, NAN, NAN, 1};
  CHECK(row("five_numbers", exclusive, out) == MV_SOUND);
  CHECK_NEAR(out[1], 3 / (2 * 0.77219321418868502), 1e-12);
  /* exclusive quartiles of three animals are the other two */
  const double ends[] = {3, 7, 5, 12, NAN, NAN, 1};
  CHECK(row("five_numbers", ends, out) == MV_SOUND && out[6] == 4);
  CHECK_NEAR(out[1], sqrt(13), tolerance);
  const double turned[] = {6, 9, 10, 11, NAN, NAN, 0};
  CHECK(row("five_numbers", turned, out) == MV_FLAW_ORDER);
  const double one[] = {1, 9, 9, 9, 9, 9, 0};
  CHECK(row("five_numbers", one, out) == MV_FLAW_TOO_SMALL_N);
  const double alone[] = {6, 9, 8, NAN, NAN, NAN, 0};
  CHECK(row("five_numbers", alone, out) == MV_FLAW_NUMBER_MISSING);
}

static void tests(void) {
  double out[MV_MOST_OUTPUTS];
  /* d = 2 sqrt(2/8) = 1, J(14) by its product form, gamma(7) / (sqrt(7) gamma(6.5)) */
  const double smd[] = {8, 8, -2, NAN, NAN, NAN, NAN, 1, 0};
  CHECK(row("smd_of_test", smd, out) == MV_SOUND);
  const double j = 720 / (sqrt(7) * 287.88527781504433);
  CHECK_NEAR(out[0], -j, 1e-12);
  CHECK_NEAR(out[1], 0.25 + j * j / 32, 1e-12);
  CHECK_NEAR(out[2], -1, tolerance);
  const double no_sign[] = {8, 8, NAN, 4, NAN, NAN, NAN, 1, 0};
  CHECK(row("smd_of_test", no_sign, out) == MV_FLAW_NO_DIRECTION);
  const double p_zero[] = {8, 8, NAN, NAN, 0, NAN, 1, 1, 0};
  CHECK(row("smd_of_test", p_zero, out) == MV_FLAW_P_EXTREME);
  const double p_above[] = {8, 8, NAN, NAN, 1.2, NAN, 1, 1, 0};
  CHECK(row("smd_of_test", p_above, out) == MV_FLAW_P_OUTSIDE);
  /* t(.975) with 14 df is 2.1447866879 */
  const double sd[] = {-3, 8, 8, NAN, NAN, 0.05, NAN, NAN, NAN, 0.95};
  CHECK(row("pooled_sd", sd, out) == MV_SOUND);
  CHECK_NEAR(out[0], 3 / 2.1447866879169273 / 0.5, 1e-12);
  const double ci[] = {NAN, NAN, NAN, -1, 1, 1, 0.95};
  CHECK(row("se_of_test", ci, out) == MV_SOUND);
  CHECK_NEAR(out[0], 1 / 12.706204736174694, 1e-12);
  const double off[] = {2, NAN, NAN, -1, 1, NAN, 0.95};
  CHECK(row("se_of_test", off, out) == MV_FLAW_OFF_INTERVAL);
  const double turned[] = {0, NAN, NAN, 1, -1, NAN, 0.95};
  CHECK(row("se_of_test", turned, out) == MV_FLAW_TURNED);
}

/* 2 of 10 against 5 of 8: OR .15, RR .32, RD -.425, phi and chi2 from them. */
static void tables(void) {
  const double phi = (2.0 * 3 - 8 * 5) / sqrt(10.0 * 8 * 7 * 11);
  const double statistic[] = {0.15, 0.32, -0.425, phi, -18 * phi * phi};
  for (int k = 0; k < 5; k++) {
    double in[] = {10, 8, 7, NAN, NAN, NAN, NAN, NAN, NAN, 0}, out[3];
    in[4 + k] = statistic[k];
    CHECK(row("table", in, out) == MV_SOUND);
    CHECK(out[0] == 2 && out[1] == 5);
    CHECK_NEAR(out[2], 2, 1e-12);
    if (k > 2) continue;
    in[2] = NAN;
    in[3] = 5;
    CHECK(row("table", in, out) == MV_SOUND && out[0] == 2 && out[1] == 5);
  }
  double out[3];
  const double yates[] = {
      10, 8, 7, NAN, NAN, NAN, NAN, NAN, -18 * 25.0 * 25 / (10.0 * 8 * 7 * 11), 1};
  CHECK(row("table", yates, out) == MV_SOUND && out[0] == 2);
  const double none[] = {9, 75, 21, NAN, NAN, NAN, NAN, NAN, 0, 1};
  CHECK(row("table", none, out) == MV_SOUND && out[0] == 2 && out[2] == 2.25);
  const double half[] = {9, 9, 9, NAN, NAN, NAN, NAN, NAN, 0, 1};
  CHECK(row("table", half, out) == MV_FLAW_NO_DIRECTION);
  const double even[] = {10, 8, 9, NAN, 1, NAN, NAN, NAN, NAN, 0};
  CHECK(row("table", even, out) == MV_SOUND && out[0] == 5 && out[1] == 4);
  const double many[] = {10, 8, 19, NAN, 1, NAN, NAN, NAN, NAN, 0};
  CHECK(row("table", many, out) == MV_FLAW_MARGINS);
  const double far[] = {10, 8, 5, NAN, NAN, NAN, 0.99, NAN, NAN, 0};
  CHECK(row("table", far, out) == MV_FLAW_NO_TABLE);
}

/* There and back is the same number, through every pair of scales. */
static void there_and_back(void) {
  static const char *const pairs[][2] = {
      {"d_to_r", "r_to_d"},        {"r_to_z", "z_to_r"},           {"d_to_or", "or_to_d"},
      {"z_to_r", "r_to_z"},        {"d_to_or_cox", "or_to_d_cox"}, {"r_to_d", "d_to_r"},
      {"raw_to_log", "log_to_raw"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    const double in[] = {0.6, 0.2, 7, 12};
    double between[4] = {0, 0, 7, 12}, back[2];
    CHECK(row(pairs[i][0], in, between) == MV_SOUND);
    CHECK(row(pairs[i][1], between, back) == MV_SOUND);
    CHECK_NEAR(back[0], in[0], tolerance);
    CHECK_NEAR(back[1], in[1], tolerance);
  }
}

/* Derivatives by name against central differences of the function, at order 1 and 2: the
 * variance is f'^2 v, the bias f'' v / 2. */
static void derivatives(void) {
  for (int i = 0; mv_conversion_at(i); i++) {
    const char *name = mv_conversion_at(i)->name;
    if (strncmp(name, "delta_", 6) != 0) continue;
    const double x = 0.3, h = 1e-4, v = 0.01;
    double at[2], high[2], low[2], second[2];
    const double in[] = {x, v, 1}, above[] = {x + h, v, 1}, below[] = {x - h, v, 1};
    const double in2[] = {x, v, 2};
    CHECK(row(name, in, at) == MV_SOUND && row(name, above, high) == MV_SOUND);
    CHECK(row(name, below, low) == MV_SOUND && row(name, in2, second) == MV_SOUND);
    const double slope = (high[0] - low[0]) / (2 * h);
    const double bend = (high[0] - 2 * at[0] + low[0]) / (h * h);
    CHECK_NEAR(at[1], slope * slope * v, 1e-5);
    CHECK_NEAR(second[0] - at[0], bend * v / 2, 1e-5);
    CHECK_NEAR(second[1] - at[1], bend * v * bend * v / 2, 1e-5);
  }
  double out[2];
  const double zero[] = {0, 1, 1};
  CHECK(row("delta_log", zero, out) == MV_FLAW_OUTSIDE_DOMAIN);
}

void test_convert_rows(void) {
  registry();
  columns();
  medians();
  tests();
  tables();
  there_and_back();
  derivatives();
}
