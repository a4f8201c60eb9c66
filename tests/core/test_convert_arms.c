#include <math.h>

#include "check.h"
#include "convert_arms.h"

/* 1 2 3 | 5 7 | 9 is one group of six with mean 4.5, sum of squares 47.5. */
static void by_hand(void) {
  const int set[] = {2, 2, 2, 1};
  const double n[] = {3, 2, 1, 4}, mean[] = {2, 6, 9, 7}, sd[] = {1, sqrt(2), NAN, 3};
  double total[2], means[2], sds[2];
  const mv_groups groups = {set, n, mean, sd, 4};
  mv_combine_groups(&groups, (mv_combined){total, means, sds, 2});
  CHECK(total[0] == 4 && means[0] == 7 && sds[0] == 3);
  CHECK(total[1] == 6);
  CHECK_NEAR(means[1], 4.5, 1e-15);
  CHECK_NEAR(sds[1], sqrt(47.5 / 5), 1e-15);
}

/* Large means do not cost the digits of small SDs. */
static void far_from_zero(void) {
  const int set[] = {1, 1};
  const double n[] = {2, 2}, mean[] = {1e8, 1e8 + 1}, sd[] = {0, 0};
  double total, means, sds;
  const mv_groups groups = {set, n, mean, sd, 2};
  mv_combine_groups(&groups, (mv_combined){&total, &means, &sds, 1});
  CHECK_NEAR(sds, sqrt(1.0 / 3), 1e-15);
}

void test_convert_arms(void) {
  by_hand();
  far_from_zero();
}
