#include <math.h>

#include "check.h"
#include "covariance.h"
#include "one_row.h"

/* Two rows of one study, treated groups of their own, the control (and sham) shared. */
typedef struct {
  few_rows rows;
  int measure[2], experiment[2], cohort[MV_ARMS][2], reading[2], outcome[2], apart[2],
      block[2], start[2];
  double time[2], sign[2], yi[2], vi[2];
  mv_covariance_table table;
} pair;

static int number_of(const char *measure) {
  int i = 0;
  while (mv_measure_at(i) != mv_find_measure(measure)) i++;
  return i;
}

static void set_pair(pair *p, const char *measure) {
  for (int i = 0; i < 2; i++) {
    put_arm(&p->rows, MV_T, i, 8 + 2 * i, 12 - 3 * i, 2 + i);
    put_arm(&p->rows, MV_C, i, 6, 8, 2.5);
    put_arm(&p->rows, MV_S, i, 7, 30, 2);
    p->measure[i] = number_of(measure);
    p->experiment[i] = 1;
    p->cohort[MV_T][i] = 1 + i;
    p->cohort[MV_C][i] = 3;
    p->cohort[MV_S][i] = 4;
    p->cohort[MV_B][i] = 0;
    p->reading[i] = 1;
    p->outcome[i] = i;
    p->time[i] = 7 * i;
    p->apart[i] = 0;
    p->block[i] = i;
    p->start[i] = 2 * i;
    p->sign[i] = 1;
    p->vi[i] = 1;
    mv_context context = {.correct = 1};
    mv_effect e = {.factor = 1};
    mv_row row;
    const mv_arm_table arms = arms_of(&p->rows, 2);
    mv_row_effect(&arms, i, mv_find_measure(measure), MV_S, &context, &row, &e);
    p->yi[i] = e.y;
  }
}

static mv_covariance_table view(pair *p) {
  return (mv_covariance_table){
      .arms = arms_of(&p->rows, 2),
      .measure = p->measure,
      .experiment = p->experiment,
      .cohort = {p->cohort[MV_T], p->cohort[MV_C], p->cohort[MV_S], p->cohort[MV_B]},
      .reading = p->reading,
      .outcome = p->outcome,
      .time = p->time,
      .apart = p->apart,
      .sign = p->sign,
      .yi = p->yi,
      .vi = p->vi,
      .rho = {.within = NAN, .between = NAN, .by_time = 1},
      .block = p->block,
      .start = p->start,
      .blocks = 1,
  };
}

static double covariance_by(pair *p, const mv_rho *rho, int *asks, int *changed) {
  mv_covariance_table table = view(p);
  table.rho = *rho;
  mv_arena arena = {NULL, 0};
  mv_covariance_layout(&arena, &table);
  arena = check_carve(arena);
  const mv_covariance_work work = mv_covariance_layout(&arena, &table);
  int marks[2], ask[2], first[1], second[1];
  double value[1] = {0};
  mv_covariances_found found = {first, second, value, marks, ask};
  mv_covariance_start(&work);
  const ptrdiff_t count = mv_covariance_pairs(&table, &work, &found);
  CHECK((ask[0] == 2 && ask[1] == 1) || (ask[0] == 0 && ask[1] == 0));
  *asks = ask[0];
  *changed = marks[0] + marks[1];
  check_free(&arena);
  return count ? value[0] : 0;
}

static double covariance(pair *p, double rho, int *asks, int *changed) {
  const mv_rho one = {.within = rho, .between = rho, .by_time = 1};
  return covariance_by(p, &one, asks, changed);
}

static ptrdiff_t sharing(pair *p, mv_two_sets *found) {
  const mv_covariance_table table = view(p);
  mv_covariance_row rows[2];
  const mv_covariance_work work = {NULL, rows};
  return mv_covariance_sharing(&table, &work, found);
}

static void closed_forms(void) {
  pair p;
  int asks, changed;
  set_pair(&p, "MD");
  CHECK_NEAR(covariance(&p, NAN, &asks, &changed), 2.5 * 2.5 / 6, 1e-14);
  set_pair(&p, "ROM");
  CHECK_NEAR(covariance(&p, NAN, &asks, &changed), 2.5 * 2.5 / 64 / 6, 1e-14);
  set_pair(&p, "SMD");
  const double smd = 1.0 / 6 + p.yi[0] * p.yi[1] * 5 / (2 * 12 * 14.0);
  CHECK_NEAR(covariance(&p, NAN, &asks, &changed), smd, 1e-14);
  p.sign[1] = -1;
  p.yi[1] = -p.yi[1];
  CHECK_NEAR(covariance(&p, NAN, &asks, &changed), -smd, 1e-14);
  CHECK(asks == 0 && changed == 0);
  set_pair(&p, "NMD");
  const double r = p.yi[0] / 100, s = p.yi[1] / 100;
  const double nmd = 1e4 * ((1 - r) * (1 - s) * 6.25 / 6 + r * s * 4.0 / 7) / (22 * 22);
  CHECK_NEAR(covariance(&p, NAN, &asks, &changed), nmd, 1e-13);
}

static void two_readings_ask_for_rho(void) {
  pair p;
  int asks, changed;
  set_pair(&p, "MD");
  p.reading[1] = 2;
  CHECK(isnan(covariance(&p, NAN, &asks, &changed)) && asks);
  CHECK_NEAR(covariance(&p, 0.5, &asks, &changed), 0.5 * 6.25 / 6, 1e-14);
  p.cohort[MV_C][1] = 9;
  CHECK(covariance(&p, NAN, &asks, &changed) == 0 && !asks);
}

/* Outcomes 0 and 1 at times 0 and 7. */
static void by_outcome_and_time(void) {
  pair p;
  int asks, changed;
  set_pair(&p, "MD");
  p.reading[1] = 2;
  const double whole = 6.25 / 6, matrix[] = {0.9, 0.3, 0.3, NAN};
  const mv_rho times = {NULL, 2, 1, 0.5, 0.8, 1};
  CHECK_NEAR(covariance_by(&p, &times, &asks, &changed), 0.5 * pow(0.8, 7) * whole,
             1e-15);
  const mv_rho constant = {NULL, 2, 1, 0.5, 0.8, 0};
  CHECK_NEAR(covariance_by(&p, &constant, &asks, &changed), 0.5 * 0.8 * whole, 1e-15);
  const mv_rho pairs = {matrix, 2, NAN, NAN, 1, 0};
  CHECK_NEAR(covariance_by(&p, &pairs, &asks, &changed), 0.3 * whole, 1e-15);
  p.outcome[1] = 0;
  CHECK_NEAR(covariance_by(&p, &pairs, &asks, &changed), 0.9 * whole, 1e-15);
  CHECK_NEAR(covariance_by(&p, &times, &asks, &changed), pow(0.8, 7) * whole, 1e-15);
  p.outcome[0] = p.outcome[1] = 1;
  CHECK(isnan(covariance_by(&p, &pairs, &asks, &changed)) && asks);
  p.outcome[0] = 0;
  p.time[1] = NAN;
  CHECK(isnan(covariance_by(&p, &times, &asks, &changed)) && asks);
  p.time[0] = NAN;
  CHECK_NEAR(covariance_by(&p, &times, &asks, &changed), 0.5 * whole, 1e-15);
}

static void other_rows(void) {
  pair p;
  int asks, changed;
  set_pair(&p, "MD");
  p.apart[0] = 1;
  CHECK(covariance(&p, NAN, &asks, &changed) == 0);
  set_pair(&p, "MD");
  p.vi[0] = NAN;
  CHECK(isnan(covariance(&p, NAN, &asks, &changed)) && !asks);
  set_pair(&p, "MD");
  p.yi[0] += 1;
  covariance(&p, NAN, &asks, &changed);
  CHECK(changed == 1);
  set_pair(&p, "MD");
  p.measure[0] = -1;
  CHECK(covariance(&p, NAN, &asks, &changed) == 0 && changed == 0);
}

/* The control of both rows; then that of the second, whose SD was never known. */
static void two_sets_of_numbers(void) {
  pair p;
  int asks, changed;
  mv_two_sets found;
  set_pair(&p, "MD");
  CHECK(sharing(&p, &found) == 1 && found.other < 0);
  p.rows.n[MV_C][1] = 7;
  CHECK(sharing(&p, &found) == 1);
  CHECK(found.one == 0 && found.other == 1 && found.arm == MV_C);
  p.reading[1] = 2;
  CHECK(sharing(&p, &found) == 1 && found.other < 0);
  set_pair(&p, "MD");
  p.rows.sd[MV_C][1] = NAN;
  CHECK(sharing(&p, &found) == 1 && found.other == 1);
  set_pair(&p, "MD");
  p.rows.mean[MV_C][1] *= 1 + 1e-12;
  CHECK(sharing(&p, &found) == 1 && found.other < 0);
  p.cohort[MV_C][1] = 9;
  p.cohort[MV_S][1] = 0;
  CHECK(sharing(&p, &found) == 0 && covariance(&p, NAN, &asks, &changed) == 0);
  p.vi[0] = NAN;
  CHECK(sharing(&p, &found) == 1 && isnan(covariance(&p, NAN, &asks, &changed)));
  p.cohort[MV_C][1] = 2; /* a row compared with itself */
  CHECK(sharing(&p, &found) == 1 && found.one == 1 && found.other == 1);
  set_pair(&p, "MD");
  p.rows.n[MV_C][1] = 7;
  p.experiment[1] = 2;
  CHECK(sharing(&p, &found) == 0 && found.other < 0);
  CHECK(covariance(&p, NAN, &asks, &changed) == 0);
}

void test_covariance(void) {
  two_sets_of_numbers();
  closed_forms();
  two_readings_ask_for_rho();
  by_outcome_and_time();
  other_rows();
}
