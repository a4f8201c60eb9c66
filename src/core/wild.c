#include "wild.h"

#include <math.h>

#include "linalg.h"
#include "matrix.h"

mv_wild mv_wild_layout(mv_arena *arena, ptrdiff_t m, ptrdiff_t p,
                       const mv_contrasts *set) {
  const ptrdiff_t q = set->q;
  mv_wild wild = {.m = m, .p = p, .q = q, .set = set};
  wild.toward = mv_arena_doubles(arena, p);
  wild.pull = mv_arena_doubles(arena, m * p);
  wild.score = mv_arena_doubles(arena, m * q);
  wild.reach = mv_arena_doubles(arena, m * q * p);
  wild.eta = mv_arena_doubles(arena, m);
  wild.move = mv_arena_doubles(arena, p);
  wild.c = mv_arena_doubles(arena, q);
  wild.v = mv_arena_doubles(arena, q * q);
  wild.row = mv_arena_doubles(arena, q);
  return wild;
}

/* The bread is the identity and so is C C': the nearest coefficients with C beta = 0 lie
 * C'C beta away. */
void mv_wild_start(mv_wild *wild) {
  const ptrdiff_t p = wild->p;
  for (ptrdiff_t a = 0; a < p; a++) {
    wild->toward[a] = 0;
    for (ptrdiff_t s = 0; s < wild->q; s++) {
      wild->toward[a] += wild->set->contrast[s * p + a] * wild->set->value[s];
    }
  }
}

/* Under the null residuals are larger by X toward, so the scores by E' toward. */
void mv_wild_add(ptrdiff_t j, const mv_robust_piece *piece, mv_wild *wild) {
  const ptrdiff_t p = wild->p, q = wild->q;
  for (ptrdiff_t a = 0; a < p; a++) {
    wild->pull[j * p + a] =
        piece->plain[a] + mv_dot(p, piece->gram + a * p, wild->toward);
  }
  for (ptrdiff_t s = 0; s < q; s++) {
    const double *c = wild->set->contrast + s * p;
    double *reach = wild->reach + (j * q + s) * p;
    for (ptrdiff_t a = 0; a < p; a++) reach[a] = mv_dot(p, piece->reach + a * p, c);
    wild->score[j * q + s] = mv_dot(p, piece->score, c) + mv_dot(p, reach, wild->toward);
  }
}

/* splitmix64's finaliser (Steele, Lea & Flood 2014), a bijection that mixes a counter. */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static const uint64_t golden = 0x9e3779b97f4a7c15u;

double mv_wild_number(mv_wild_weight weight, uint64_t seed, uint64_t replicate,
                      ptrdiff_t j) {
  static const double six[] = {-1.2247448713915890, -1, -0.70710678118654752,
                               0.70710678118654752, 1,  1.2247448713915890};
  const uint64_t key = mix(mix(seed + golden) + golden * (replicate + 1));
  const uint64_t bits = mix(key + golden * ((uint64_t)j + 1));
  if (weight == MV_RADEMACHER) return bits >> 63 ? 1 : -1;
  return six[((bits >> 32) * 6) >> 32];
}

/* Coefficients move by sum eta_j pull_j; the score of cluster j is eta_j score_j less
 * what that move takes. */
static double statistic(mv_wild *wild) {
  const ptrdiff_t p = wild->p, q = wild->q;
  for (ptrdiff_t a = 0; a < p; a++) wild->move[a] = 0;
  for (ptrdiff_t j = 0; j < wild->m; j++) {
    const double eta = wild->eta[j], *pull = wild->pull + j * p;
    for (ptrdiff_t a = 0; a < p; a++) wild->move[a] += eta * pull[a];
  }
  for (ptrdiff_t i = 0; i < q * q; i++) wild->v[i] = 0;
  for (ptrdiff_t j = 0; j < wild->m; j++) {
    for (ptrdiff_t s = 0; s < q; s++) {
      const double taken = mv_dot(p, wild->reach + (j * q + s) * p, wild->move);
      wild->row[s] = wild->eta[j] * wild->score[j * q + s] - taken;
      for (ptrdiff_t t = 0; t <= s; t++) {
        wild->v[s * q + t] += wild->row[s] * wild->row[t];
      }
    }
  }
  for (ptrdiff_t s = 0; s < q; s++) {
    wild->c[s] = mv_dot(p, wild->set->contrast + s * p, wild->move);
  }
  if (mv_cholesky(q, wild->v, wild->v) != MV_OK) return (double)INFINITY;
  mv_forward(q, wild->v, wild->c);
  return mv_dot(q, wild->c, wild->c);
}

double mv_wild_replicate(mv_wild *wild, mv_wild_weight weight, uint64_t seed,
                         uint64_t replicate) {
  for (ptrdiff_t j = 0; j < wild->m; j++) {
    wild->eta[j] = mv_wild_number(weight, seed, replicate, j);
  }
  return statistic(wild);
}

double mv_wild_observed(mv_wild *wild) {
  for (ptrdiff_t j = 0; j < wild->m; j++) wild->eta[j] = 1;
  return statistic(wild);
}
