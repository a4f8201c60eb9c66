#include <float.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "linalg.h"
#include "random_sets.h"

/* l = (2 0; 1 2), so that a = l l' = (4 2; 2 5) and |a| = 16. */
static void cholesky_by_hand(void) {
  const double a[4] = {4, -99, 2, 5}; /* the upper triangle is not read */
  double l[4] = {0, 77, 0, 0}, inverse[4], b[2] = {8, 14};
  CHECK_STATUS(mv_cholesky(2, a, l), MV_OK);
  CHECK(l[0] == 2 && l[1] == 77 && l[2] == 1 && l[3] == 2);
  CHECK_NEAR(mv_cholesky_log_det(2, l), log(16), 1e-15);
  mv_cholesky_inverse(2, l, inverse);
  CHECK_NEAR(inverse[0], 5 / 16., 1e-15);
  CHECK_NEAR(inverse[1], -2 / 16., 1e-15);
  CHECK_NEAR(inverse[2], -2 / 16., 1e-15);
  CHECK_NEAR(inverse[3], 4 / 16., 1e-15);
  mv_forward(2, l, b); /* (8, 14) = l (4, 5) */
  CHECK(b[0] == 4 && b[1] == 5);
  mv_backward(2, l, b); /* (4, 5) = l' (0.75, 2.5) */
  CHECK(b[0] == 0.75 && b[1] == 2.5);
}

static void not_positive(void) {
  const double singular[4] = {1, 0, 1, 1}, negative[4] = {1, 0, 2, 1};
  const double missing[4] = {1, 0, (double)NAN, 1}, zero[1] = {0};
  const double infinite[1] = {(double)INFINITY};
  double l[4];
  CHECK_STATUS(mv_cholesky(2, singular, l), MV_NOT_POSITIVE);
  CHECK_STATUS(mv_cholesky(2, negative, l), MV_NOT_POSITIVE);
  CHECK_STATUS(mv_cholesky(2, missing, l), MV_NOT_POSITIVE);
  CHECK_STATUS(mv_cholesky(1, zero, l), MV_NOT_POSITIVE);
  CHECK_STATUS(mv_cholesky(1, infinite, l), MV_NOT_POSITIVE);
}

/* The unit of a matrix does not decide whether it is positive. */
static void scale_of_a_matrix(void) {
  for (double unit = 1e-300; unit < 1e301; unit *= 1e100) {
    const double a[4] = {4 * unit, 0, 2 * unit, 5 * unit};
    double l[4];
    CHECK_STATUS(mv_cholesky(2, a, l), MV_OK);
    CHECK_NEAR(l[3], 2 * sqrt(unit), 1e-14);
  }
}

/* l l' = a, in place too, and the inverse inverts. */
static void random_matrices(void) {
  random_source from = {1};
  for (int run = 0; run < 200; run++) {
    const int p = random_int(&from, 1, 8);
    double b[64], a[64], l[64], inverse[64];
    for (int i = 0; i < p * p; i++) b[i] = random_normal(&from);
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        a[i * p + j] = i == j;
        for (int m = 0; m < p; m++) a[i * p + j] += b[i * p + m] * b[j * p + m];
      }
    }
    CHECK_STATUS(mv_cholesky(p, a, l), MV_OK);
    mv_cholesky_inverse(p, l, inverse);
    double worst = 0;
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        double product = 0;
        for (int m = 0; m < p; m++) product += a[i * p + m] * inverse[m * p + j];
        worst = fmax(worst, fabs(product - (i == j)));
      }
    }
    CHECK(worst < 1e-12);
    CHECK_STATUS(mv_cholesky(p, a, a), MV_OK);
    CHECK(a[p * p - 1] == l[p * p - 1]);
  }
}

/* (1 1 1)' and (1 2 3)': q = 1/sqrt(3) and (-1 0 1)'/sqrt(2), r by hand. */
static void orthonormal_by_hand(void) {
  double x[6] = {1, 1, 1, 2, 1, 3}, r[4];
  int aliased[2];
  CHECK_STATUS(mv_orthonormalise(3, 2, x, r, aliased), MV_OK);
  CHECK(!aliased[0] && !aliased[1]);
  CHECK_NEAR(r[0], sqrt(3), 1e-15);
  CHECK_NEAR(r[1], 2 * sqrt(3), 1e-15);
  CHECK(r[2] == 0);
  CHECK_NEAR(r[3], sqrt(2), 1e-15);
  CHECK_NEAR(x[1], -sqrt(0.5), 1e-15);
  CHECK_NEAR(x[3], 0, 1e-15);
  CHECK_NEAR(x[5], sqrt(0.5), 1e-15);
  double c[2] = {sqrt(3) * 5, sqrt(2) * 2}; /* r b = c: b = (1, 2) */
  mv_solve_upper(2, r, c);
  CHECK_NEAR(c[0], 1, 1e-14);
  CHECK_NEAR(c[1], 2, 1e-14);
}

/* The largest of |q'q - I|, and of |q r - x| over the length of its column. */
static double worst_of(int k, int p, const double *x, const double *q, const double *r) {
  double worst = 0;
  for (int a = 0; a < p; a++) {
    double size = 0;
    for (int i = 0; i < k; i++) size = fmax(size, fabs(x[i * p + a]));
    for (int b = 0; b < p; b++) {
      double dot = -(double)(a == b);
      for (int i = 0; i < k; i++) dot += q[i * p + a] * q[i * p + b];
      worst = fmax(worst, fabs(dot));
    }
    for (int i = 0; i < k; i++) {
      double sum = 0;
      for (int b = 0; b <= a; b++) sum += q[i * p + b] * (r[b * p + a] / size);
      worst = fmax(worst, fabs(sum - x[i * p + a] / size));
    }
  }
  return worst;
}

/* Powers 0 to 4 of years 2001 to 2020 from 2000, and designs at random, their columns in
 * any unit. */
static void orthonormal_in_any_unit(void) {
  random_source from = {2};
  static const double units[] = {1, 1e-6, 1e6, 1e-200, 1e200, 1e-300, 1e305};
  for (int run = 0; run < 200; run++) {
    const int k = random_int(&from, 6, 30), p = random_int(&from, 1, 5);
    double x[150], q[150], r[25];
    int aliased[5];
    for (int j = 0; j < p; j++) {
      const double unit = units[random_int(&from, 0, 6)];
      for (int i = 0; i < k; i++) {
        const double value = run % 2 ? pow(1 + i / 10., j) : random_normal(&from);
        x[i * p + j] = unit * value;
      }
    }
    memcpy(q, x, sizeof x);
    if (!CHECK_STATUS(mv_orthonormalise(k, p, q, r, aliased), MV_OK)) continue;
    CHECK(worst_of(k, p, x, q, r) < 1e-14);
    for (int j = 0; j < p; j++) CHECK(r[j * p + j] > 0 && !aliased[j]);
  }
}

/* Columns 1, a, 1 + a, a again, 0, b: the third, fourth and fifth are aliased, and the
 * sixth is not. */
static void aliased_columns(void) {
  double x[8 * 6], r[36];
  int aliased[6];
  for (int i = 0; i < 8; i++) {
    const double a = i % 3, b = i * i, row[6] = {1, a, 1 + a, 7 * a, 0, b};
    memcpy(x + i * 6, row, sizeof row);
  }
  static const int wanted[6] = {0, 0, 1, 1, 1, 0};
  CHECK_STATUS(mv_orthonormalise(8, 6, x, r, aliased), MV_RANK_DEFICIENT);
  CHECK(memcmp(aliased, wanted, sizeof wanted) == 0);
}

/* As lm() has it: a column is aliased when less than 1e-7 of its length is new. */
static void nearly_aliased(void) {
  for (int i = 0; i < 2; i++) {
    const double new = i ? 1e-6 : 1e-9;
    double x[8] = {1, 1, 1, 1, 1, 1, 1, 1 + new}, r[4];
    int aliased[2];
    const mv_status wanted = i ? MV_OK : MV_RANK_DEFICIENT;
    CHECK_STATUS(mv_orthonormalise(4, 2, x, r, aliased), wanted);
    CHECK(aliased[1] == !i);
  }
}

/* More columns than rows, and numbers that are none. */
static void impossible_designs(void) {
  double wide[6] = {1, 2, 3, 1, 5, 7}, r[9];
  int aliased[3];
  CHECK_STATUS(mv_orthonormalise(2, 3, wide, r, aliased), MV_RANK_DEFICIENT);
  CHECK(!aliased[0] && !aliased[1] && aliased[2]);
  double missing[3] = {1, (double)NAN, 2}, infinite[3] = {1, (double)INFINITY, 2};
  CHECK_STATUS(mv_orthonormalise(3, 1, missing, r, aliased), MV_RANK_DEFICIENT);
  CHECK_STATUS(mv_orthonormalise(3, 1, infinite, r, aliased), MV_RANK_DEFICIENT);
}

void test_linalg(void) {
  cholesky_by_hand();
  not_positive();
  scale_of_a_matrix();
  random_matrices();
  orthonormal_by_hand();
  orthonormal_in_any_unit();
  aliased_columns();
  nearly_aliased();
  impossible_designs();
}
