#include "nest.h"

#include <math.h>

#include "linalg.h"

const char *mv_nest_name(mv_nest_rule rule) {
  static const char *const names[MV_NEST_COUNT] = {
      [MV_NEST_CAMARADES] = "camarades", [MV_NEST_CS] = "cs", [MV_NEST_V] = "V"};
  return names[rule];
}

ptrdiff_t mv_nest_largest(const mv_nest_table *table, mv_nest_rule rule) {
  int largest = 0;
  if (rule != MV_NEST_V) return 0;
  for (ptrdiff_t g = 0; g < table->groups; g++) {
    const int size = table->start[g + 1] - table->start[g];
    if (size > largest) largest = size;
  }
  return largest;
}

mv_nest_work mv_nest_layout(mv_arena *arena, ptrdiff_t rows, ptrdiff_t largest) {
  mv_nest_work work;
  work.v = mv_arena_doubles(arena, largest * largest);
  work.one = mv_arena_doubles(arena, largest);
  work.y = mv_arena_doubles(arena, largest);
  work.place = mv_arena_ints(arena, rows);
  return work;
}

typedef struct {
  double y, v;
  mv_status status;
} nested;

/* Weights 1/v for both. CAMARADES (Vesterinen et al. 2014, section 5): SE = sqrt(k/sum
 * w), the variance of one typical effect. Compound symmetry: the variance of that
 * weighted mean with V_ij = rho sqrt(v_i v_j) (Borenstein et al. 2009, Introduction to
 * Meta-Analysis, ch. 24, there with equal weights), at w = 1/v
 *   sum_ij w_i w_j V_ij / (sum w)^2 = ((1 - rho) sum w + rho (sum sqrt w)^2) / (sum w)^2.
 * Generalised least squares with that V is not used: where v differ it weighs the least
 * precise effect below zero from rho = sqrt(v_small / v_large) on. */
static nested weighted(const mv_nest_table *table, ptrdiff_t group, mv_nest_rule rule) {
  const int from = table->start[group], to = table->start[group + 1];
  double sum = 0, roots = 0, products = 0;
  for (int at = from; at < to; at++) {
    const double w = 1 / table->vi[table->row[at]];
    sum += w;
    roots += sqrt(w);
    products += w * table->yi[table->row[at]];
  }
  const double k = to - from, share = roots / sum;
  const double by_cs = (1 - table->rho) / sum + table->rho * share * share;
  const double v = rule == MV_NEST_CAMARADES ? k / sum : by_cs;
  const nested out = {products / sum, v, v > 0 ? MV_OK : MV_NOT_POSITIVE};
  return out;
}

static void fill_group(const mv_nest_table *table, ptrdiff_t group, mv_nest_work work) {
  const int from = table->start[group];
  const ptrdiff_t k = table->start[group + 1] - from;
  for (ptrdiff_t at = 0; at < k * k; at++) work.v[at] = 0;
  for (ptrdiff_t at = 0; at < k; at++) {
    const int row = table->row[from + at];
    work.v[at * k + at] = table->vi[row];
    work.one[at] = 1;
    work.y[at] = table->yi[row];
    work.place[row] = (int)at;
  }
  for (int pair = table->pair_start[group]; pair < table->pair_start[group + 1]; pair++) {
    const ptrdiff_t i = work.place[table->pair_i[pair]];
    const ptrdiff_t j = work.place[table->pair_j[pair]];
    work.v[i * k + j] = work.v[j * k + i] = table->pair_value[pair];
  }
}

/* Generalised least squares of one mean: with L z = 1 and L u = y, z'u/z'z and 1/z'z. */
static nested least_squares(const mv_nest_table *table, ptrdiff_t group,
                            mv_nest_work work) {
  const ptrdiff_t k = table->start[group + 1] - table->start[group];
  fill_group(table, group, work);
  nested out = {NAN, NAN, mv_cholesky(k, work.v, work.v)};
  if (out.status != MV_OK) return out;
  mv_forward(k, work.v, work.one);
  mv_forward(k, work.v, work.y);
  double zz = 0, zu = 0;
  for (ptrdiff_t at = 0; at < k; at++) {
    zz += work.one[at] * work.one[at];
    zu += work.one[at] * work.y[at];
  }
  out.y = zu / zz;
  out.v = 1 / zz;
  return out;
}

/* One effect is itself, to the last bit. */
static nested nest_group(const mv_nest_table *table, ptrdiff_t group, mv_nest_rule rule,
                         mv_nest_work work) {
  const int from = table->start[group], k = table->start[group + 1] - from;
  if (k == 0) return (nested){NAN, NAN, MV_OK};
  const int row = table->row[from];
  if (k == 1) return (nested){table->yi[row], table->vi[row], MV_OK};
  return rule == MV_NEST_V ? least_squares(table, group, work)
                           : weighted(table, group, rule);
}

void mv_nest_compute(const mv_nest_table *table, mv_nest_rule rule, mv_nest_work work,
                     double *yi, double *vi, int *status) {
  for (ptrdiff_t group = 0; group < table->groups; group++) {
    const nested found = nest_group(table, group, rule, work);
    yi[group] = found.y;
    vi[group] = found.v;
    status[group] = (int)found.status;
  }
}
