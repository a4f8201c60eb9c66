#include "multilevel_slopes.h"

#include <float.h>
#include <math.h>
#include <string.h>

double mv_slope_square(const mv_part *part, ptrdiff_t k, ptrdiff_t level) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < k; i++) {
    const double x = part->slope[i * part->shape.levels + level];
    sum += x * x;
  }
  return sum > 0 ? sum / (double)k : 1;
}

/* How far from its zero a column is: its mean square over its variance; 1 if constant. */
static double column_distance(const mv_part *part, ptrdiff_t k, ptrdiff_t level) {
  const double square = mv_slope_square(part, k, level);
  double mean = 0, variance = 0;
  for (ptrdiff_t i = 0; i < k; i++) {
    mean += part->slope[i * part->shape.levels + level] / (double)k;
  }
  for (ptrdiff_t i = 0; i < k; i++) {
    const double x = part->slope[i * part->shape.levels + level] - mean;
    variance += x * x / (double)k;
  }
  return variance > DBL_EPSILON * square ? square / variance : 1;
}

double mv_slope_distance(const mv_part *part, ptrdiff_t k) {
  double most = 1;
  if (!part->slope || (part->shape.structure->bend && part->shape.levels > 1)) return 1;
  for (ptrdiff_t level = 0; level < part->shape.levels; level++) {
    most = fmax(most, column_distance(part, k, level));
  }
  return most;
}

double mv_group_distance(const mv_problem *problem, const mv_part *part) {
  double most = 1;
  for (ptrdiff_t j = 0; j < problem->part_count; j++) {
    const mv_part *other = &problem->parts[j];
    if (memcmp(part->outer, other->outer, sizeof *part->outer * (size_t)problem->k) ==
        0) {
      most = fmax(most, mv_slope_distance(other, problem->k));
    }
  }
  return most;
}
