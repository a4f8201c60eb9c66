/* Random effects and designs, the same on every machine and with every compiler. */
#ifndef RANDOM_SETS_H
#define RANDOM_SETS_H

#include <math.h>
#include <stdint.h>

enum { SET_ROWS = 64, SET_COLUMNS = 12 };

typedef struct {
  uint64_t state;
} random_source;

/* splitmix64 (Steele, Lea & Flood 2014). */
static inline uint64_t random_bits(random_source *from) {
  uint64_t x = from->state += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* Strictly between 0 and 1. */
static inline double random_uniform(random_source *from) {
  return ((double)(random_bits(from) >> 12) + 0.5) / 4503599627370496.0;
}

static inline int random_int(random_source *from, int low, int high) {
  return low + (int)(random_bits(from) % (uint64_t)(high - low + 1));
}

static inline double random_log_uniform(random_source *from, double low, double high) {
  return exp(log(low) + (log(high) - log(low)) * random_uniform(from));
}

static inline double random_normal(random_source *from) {
  const double size = sqrt(-2 * log(random_uniform(from)));
  return size * cos(6.283185307179586 * random_uniform(from));
}

/* Effects with their variances and a design whose first column is 1, row by row. */
typedef struct {
  int k, p;
  double y[SET_ROWS], v[SET_ROWS], x[SET_ROWS * SET_COLUMNS];
} random_set;

/* A column of a group, of a dose, or of a normal covariate. */
static inline double random_moderator(random_source *from, int kind) {
  if (kind == 0) return random_uniform(from) < 0.5;
  if (kind == 1) return random_int(from, 1, 20);
  return random_normal(from);
}

/* Variances log-uniform over `ratio`; y from N(x'beta, v + tau2), tau2 0 in a third of
 * the sets, and in a third one effect in five is five times as far off. */
static inline void random_set_draw(random_source *from, int k, int p, double ratio,
                                   random_set *set) {
  const int kind = random_int(from, 0, 2), tails = random_int(from, 0, 2) == 0;
  const double top = random_log_uniform(from, 1, ratio);
  double tau2 = random_log_uniform(from, 1 / ratio, 10);
  if (random_int(from, 0, 2) == 0) tau2 = 0;
  set->k = k;
  set->p = p;
  for (int i = 0; i < k; i++) {
    set->v[i] = random_log_uniform(from, 1 / top, 1);
    double spread = sqrt(set->v[i] + tau2);
    if (tails && random_uniform(from) < 0.2) spread *= 5;
    set->y[i] = spread * random_normal(from);
    for (int j = 0; j < p; j++) {
      set->x[i * p + j] = j == 0 ? 1 : random_moderator(from, j == 1 ? kind : 2);
      set->y[i] += 0.3 * j * set->x[i * p + j];
    }
  }
}

#endif
