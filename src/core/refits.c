#include "refits.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

/* ---- which rows ---- */

void mv_split_layout(mv_arena *arena, ptrdiff_t k, mv_split *split) {
  split->place = mv_arena_ints(arena, k);
  split->left = mv_arena_ints(arena, k);
  split->row = mv_arena_ints(arena, k);
}

void mv_split_at(ptrdiff_t k, const int *cluster, mv_rule rule, int at, mv_split *split) {
  split->kept = split->out = 0;
  for (ptrdiff_t i = 0; i < k; i++) {
    const int stays = rule == MV_UP_TO ? cluster[i] <= at : cluster[i] != at;
    if (stays) {
      split->row[split->kept] = (int)i;
      split->place[i] = (int)split->kept++;
    } else {
      split->left[split->out] = (int)i;
      split->place[i] = -1 - (int)split->out++;
    }
  }
}

void mv_split_rows(ptrdiff_t k, ptrdiff_t width, const double *from,
                   const mv_split *split, double *to) {
  for (ptrdiff_t i = 0; i < k; i++) {
    if (split->place[i] < 0) continue;
    memcpy(to + split->place[i] * width, from + i * width, sizeof *to * (size_t)width);
  }
}

/* ---- a multilevel problem on some of its rows ---- */

void mv_subset_layout(mv_arena *arena, const mv_problem *whole, mv_subset *subset) {
  const ptrdiff_t k = whole->k, parts = whole->part_count, pairs = whole->pairs.pairs;
  ptrdiff_t most = 1;
  subset->y = mv_arena_doubles(arena, k);
  subset->x = mv_arena_doubles(arena, k * whole->p);
  subset->v = mv_arena_doubles(arena, k);
  subset->value = mv_arena_doubles(arena, pairs);
  subset->first = mv_arena_ints(arena, pairs);
  subset->second = mv_arena_ints(arena, pairs);
  subset->parts = mv_arena_bytes(arena, sizeof(mv_part) * (size_t)parts);
  subset->outer = mv_arena_bytes(arena, sizeof(int *) * (size_t)parts);
  subset->inner = mv_arena_bytes(arena, sizeof(int *) * (size_t)parts);
  subset->slope = mv_arena_bytes(arena, sizeof(double *) * (size_t)parts);
  for (ptrdiff_t j = 0; j < parts; j++) {
    const mv_part *part = &whole->parts[j];
    int *outer = mv_arena_ints(arena, k),
        *inner = part->inner ? mv_arena_ints(arena, k) : NULL;
    double *slope = NULL;
    if (part->slope) slope = mv_arena_doubles(arena, k * part->shape.levels);
    most = mv_larger(most, part->groups);
    if (!arena->base) continue;
    subset->outer[j] = outer;
    subset->inner[j] = inner;
    subset->slope[j] = slope;
  }
  subset->group = mv_arena_ints(arena, most);
}

static void take_part(ptrdiff_t k, const mv_part *whole, const mv_split *split,
                      int *group, int *outer, int *inner, double *slope, mv_part *part) {
  *part = *whole;
  part->groups = 0;
  memset(group, 0, sizeof *group * (size_t)whole->groups);
  for (ptrdiff_t i = 0; i < k; i++) {
    const int to = split->place[i];
    if (to < 0) continue;
    int *number = &group[whole->outer[i] - 1];
    if (*number == 0) *number = (int)++part->groups;
    outer[to] = *number;
    if (inner) inner[to] = whole->inner[i];
  }
  if (slope) mv_split_rows(k, whole->shape.levels, whole->slope, split, slope);
  part->outer = outer;
  part->inner = inner;
  part->slope = slope;
}

static void take_pairs(const mv_pairs *whole, const mv_split *split, mv_subset *subset) {
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < whole->pairs; i++) {
    const int first = split->place[whole->first[i]];
    const int second = split->place[whole->second[i]];
    if (first < 0 || second < 0) continue;
    subset->first[count] = first;
    subset->second[count] = second;
    subset->value[count++] = whole->value[i];
  }
  subset->problem.pairs = (mv_pairs){split->kept,   count,          subset->v,
                                     subset->first, subset->second, subset->value};
}

void mv_subset_take(const mv_problem *whole, const mv_split *split, mv_subset *subset) {
  const ptrdiff_t k = whole->k;
  mv_split_rows(k, 1, whole->y, split, subset->y);
  mv_split_rows(k, 1, whole->v, split, subset->v);
  mv_split_rows(k, whole->p, whole->x, split, subset->x);
  take_pairs(&whole->pairs, split, subset);
  for (ptrdiff_t j = 0; j < whole->part_count; j++) {
    take_part(k, &whole->parts[j], split, subset->group, subset->outer[j],
              subset->inner[j], subset->slope[j], &subset->parts[j]);
  }
  mv_problem *to = &subset->problem;
  to->k = split->kept;
  to->p = whole->p;
  to->y = subset->y;
  to->v = subset->v;
  to->x = subset->x;
  to->part_count = whole->part_count;
  to->parts = subset->parts;
}

void mv_linked_places(const mv_blocks *blocks, int *place) {
  const mv_linked *linked = &blocks->linked;
  for (ptrdiff_t at = 0; at < blocks->problem->k; at++) {
    const int row = blocks->order[at];
    if (linked->block[row] < 0 || linked->position[row] > 0) continue;
    place[linked->block[row]] = (int)at;
  }
}

/* ---- the rows left out ---- */

void mv_outside_layout(mv_arena *arena, ptrdiff_t most, ptrdiff_t p,
                       mv_outside *outside) {
  outside->residual = mv_arena_doubles(arena, most);
  outside->se = mv_arena_doubles(arena, most);
  outside->covariance = mv_arena_doubles(arena, most * most);
  outside->chol = mv_arena_doubles(arena, most * most);
  outside->solved = mv_arena_doubles(arena, most);
  outside->xf = mv_arena_doubles(arena, p);
}

static void add_part(const mv_part *part, const double *working, const mv_split *split,
                     double *m) {
  const ptrdiff_t n = split->out;
  for (ptrdiff_t i = 0; i < n; i++) {
    for (ptrdiff_t j = 0; j <= i; j++) {
      m[i * n + j] += mv_part_covariance(part, working, split->left[i], split->left[j]);
    }
  }
}

void mv_outside_multilevel(const mv_problem *whole, const double *working,
                           const mv_split *split, mv_outside *outside) {
  const ptrdiff_t n = split->out;
  const mv_pairs *pairs = &whole->pairs;
  double *m = outside->covariance;
  memset(m, 0, sizeof *m * (size_t)(n * n));
  for (ptrdiff_t i = 0; i < n; i++) m[i * n + i] = whole->v[split->left[i]];
  for (ptrdiff_t i = 0; n > 1 && i < pairs->pairs; i++) {
    const ptrdiff_t a = -1 - split->place[pairs->first[i]];
    const ptrdiff_t b = -1 - split->place[pairs->second[i]];
    if (a < 0 || b < 0) continue;
    m[a > b ? a * n + b : b * n + a] += pairs->value[i];
  }
  for (ptrdiff_t j = 0; j < whole->part_count; j++) {
    add_part(&whole->parts[j], working, split, m);
  }
}

void mv_outside_independent(const double *v, double tau2, double scale,
                            const mv_split *split, mv_outside *outside) {
  const ptrdiff_t n = split->out;
  memset(outside->covariance, 0, sizeof(double) * (size_t)(n * n));
  for (ptrdiff_t i = 0; i < n; i++) {
    outside->covariance[i * n + i] = scale * (v[split->left[i]] + tau2);
  }
}

void mv_outside_finish(ptrdiff_t p, const double *y, const double *x, const double *beta,
                       const double *vcov, const mv_split *split, mv_outside *outside) {
  const ptrdiff_t n = split->out;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *row = x + split->left[i] * p;
    outside->residual[i] = y[split->left[i]];
    for (ptrdiff_t a = 0; a < p; a++) {
      outside->residual[i] -= row[a] * beta[a];
      outside->xf[a] = 0;
      for (ptrdiff_t b = 0; b < p; b++) outside->xf[a] += row[b] * vcov[b * p + a];
    }
    for (ptrdiff_t j = 0; j <= i; j++) {
      const double *other = x + split->left[j] * p;
      double *to = &outside->covariance[i * n + j];
      for (ptrdiff_t a = 0; a < p; a++) *to += outside->xf[a] * other[a];
    }
    outside->se[i] = sqrt(outside->covariance[i * n + i]);
  }
  outside->x2 = NAN;
  if (mv_cholesky(n, outside->covariance, outside->chol) != MV_OK) return;
  outside->x2 = mv_cook(n, outside->chol, outside->residual, outside->solved);
}

double mv_cook(ptrdiff_t p, const double *l, const double *d, double *space) {
  double sum = 0;
  memcpy(space, d, sizeof *space * (size_t)p);
  mv_forward(p, l, space);
  for (ptrdiff_t i = 0; i < p; i++) sum += space[i] * space[i];
  return sum;
}

/* ---- beside the fit to all rows ---- */

void mv_whole_layout(mv_arena *arena, ptrdiff_t p, mv_whole *whole) {
  whole->beta = mv_arena_doubles(arena, p);
  whole->chol = mv_arena_doubles(arena, p * p);
  whole->space = mv_arena_doubles(arena, p * p);
}

mv_status mv_whole_set(ptrdiff_t p, const double *beta, const double *vcov,
                       mv_whole *whole) {
  memcpy(whole->beta, beta, sizeof *beta * (size_t)p);
  return mv_cholesky(p, vcov, whole->chol);
}

double mv_whole_change(ptrdiff_t p, const mv_whole *whole, const double *beta,
                       const double *vcov, double *own, double *shift, double *own_vcov) {
  for (ptrdiff_t i = 0; i < p; i++) {
    own[i] = beta[i] + whole->turn.offset[i];
    shift[i] = whole->beta[i] - beta[i];
  }
  const double cook = mv_cook(p, whole->chol, shift, whole->space);
  memcpy(own_vcov, vcov, sizeof *vcov * (size_t)(p * p));
  mv_solve_upper(p, whole->turn.r, own);
  mv_solve_upper(p, whole->turn.r, shift);
  mv_solve_upper_both(p, whole->turn.r, own_vcov);
  return cook;
}

void mv_whole_se(ptrdiff_t p, const mv_whole *whole, const double *vcov, double scale,
                 double *se) {
  memcpy(whole->space, vcov, sizeof *vcov * (size_t)(p * p));
  mv_solve_upper_both(p, whole->turn.r, whole->space);
  for (ptrdiff_t i = 0; i < p; i++) se[i] = sqrt(scale * whole->space[i * p + i]);
}
