#include "elimination.h"

#include <math.h>
#include <string.h>

#include "linalg.h"
#include "matrix.h"

void mv_elimination_layout(mv_arena *arena, ptrdiff_t a, ptrdiff_t r, ptrdiff_t widest,
                           mv_elimination *out) {
  const ptrdiff_t d = a + r;
  out->widest = widest;
  out->s = mv_arena_doubles(arena, d * d);
  out->g = mv_arena_doubles(arena, r * widest);
  out->l = mv_arena_doubles(arena, r * widest);
  out->sl = mv_arena_doubles(arena, d * r);
  out->t = mv_arena_doubles(arena, r * r);
  out->f = mv_arena_doubles(arena, r * a);
  out->reduce = mv_arena_doubles(arena, r * a);
  out->h = mv_arena_doubles(arena, a * a);
}

mv_status mv_semi_cholesky(ptrdiff_t m, const double *g, double *l) {
  /* what of a variance is rounding, and what is a variance below zero */
  static const double rounding = 1e-13, wrong = 1e-9;
  for (ptrdiff_t i = 0; i < m; i++) {
    const double size = g[i * m + i];
    if (!(size >= 0 && size < INFINITY)) return MV_NOT_POSITIVE;
    double rest = size;
    for (ptrdiff_t j = 0; j < i; j++) {
      const double pivot = l[j * m + j];
      const double sum = g[i * m + j] - mv_dot(j, l + i * m, l + j * m);
      l[i * m + j] = pivot > 0 ? sum / pivot : 0;
      rest -= l[i * m + j] * l[i * m + j];
    }
    if (rest < -wrong * size) return MV_NOT_POSITIVE;
    l[i * m + i] = rest > rounding * size ? sqrt(rest) : 0;
    for (ptrdiff_t j = i + 1; j < m; j++) l[i * m + j] = 0;
  }
  return MV_OK;
}

static const double *factor_of(const mv_elimination *out, const mv_clump *of) {
  return out->l + of->place * out->widest;
}

static mv_status factor_clumps(const double *working, mv_elimination *out) {
  for (ptrdiff_t c = 0; c < out->clumps; c++) {
    const mv_clump *of = &out->clump[c];
    double *g = out->g + of->place * out->widest, *l = out->l + of->place * out->widest;
    mv_clump_covariance(out->parts, out->columns, of, of->part, working, g);
    for (int j = out->columns[of->part].guest; j >= 0; j = out->columns[j].guest) {
      mv_clump_covariance(out->parts, out->columns, of, j, working, l);
      mv_add_row(of->size * of->size, 1, l, g);
    }
    const mv_status status = mv_semi_cholesky(of->size, g, l);
    if (status != MV_OK) return status;
  }
  return MV_OK;
}

/* Columns of S times L. */
static void times_factor(mv_elimination *out) {
  const ptrdiff_t d = out->d, r = out->r;
  for (ptrdiff_t c = 0; c < out->clumps; c++) {
    const mv_clump *of = &out->clump[c];
    const double *l = factor_of(out, of);
    for (ptrdiff_t i = 0; i < d; i++) {
      const double *from = out->s + i * d + out->a + of->place;
      double *to = out->sl + i * r + of->place;
      memset(to, 0, sizeof *to * (size_t)of->size);
      for (ptrdiff_t h = 0; h < of->size; h++) {
        if (from[h] != 0) mv_add_row(h + 1, from[h], l + h * of->size, to);
      }
    }
  }
}

/* `to` (r x m) is L' or L times `from`. */
static void factor_times(const mv_elimination *out, int transposed, ptrdiff_t m,
                         const double *from, double *to) {
  for (ptrdiff_t c = 0; c < out->clumps; c++) {
    const mv_clump *of = &out->clump[c];
    const double *l = factor_of(out, of);
    for (ptrdiff_t i = 0; i < of->size; i++) {
      double *row = to + (of->place + i) * m;
      memset(row, 0, sizeof *row * (size_t)m);
      for (ptrdiff_t h = 0; h < of->size; h++) {
        const double by = transposed ? l[h * of->size + i] : l[i * of->size + h];
        if (by != 0) mv_add_row(m, by, from + (of->place + h) * m, row);
      }
    }
  }
}

/* A'HA = A'WA - F'F with F = T's factor^-1 L'Z'WA. */
mv_status mv_eliminate(const double *working, mv_elimination *out) {
  const ptrdiff_t a = out->a, r = out->r, d = out->d;
  mv_status status = factor_clumps(working, out);
  if (status != MV_OK) return status;
  times_factor(out);
  factor_times(out, 1, r, out->sl + a * r, out->t);
  for (ptrdiff_t i = 0; i < r; i++) out->t[i * r + i] += 1;
  status = mv_cholesky(r, out->t, out->t);
  if (status != MV_OK) return status;
  out->log_det = mv_cholesky_log_det(r, out->t);
  for (ptrdiff_t i = 0; i < r; i++) {
    for (ptrdiff_t j = 0; j < a; j++) out->f[i * a + j] = out->sl[j * r + i];
  }
  mv_forward_all(r, a, out->t, out->f);
  for (ptrdiff_t i = 0; i < a; i++) {
    memcpy(out->h + i * a, out->s + i * d, sizeof(double) * (size_t)a);
  }
  mv_add_square(a, r, -1, out->f, out->h);
  mv_backward_all(r, a, out->t, out->f);
  factor_times(out, 0, a, out->f, out->reduce);
  return MV_OK;
}

/* (T's factor^-1 L')' times itself. */
void mv_elimination_n(const mv_elimination *out, double *space, double *n) {
  const ptrdiff_t r = out->r;
  memset(space, 0, sizeof *space * (size_t)(r * r));
  for (ptrdiff_t c = 0; c < out->clumps; c++) {
    const mv_clump *of = &out->clump[c];
    const double *l = factor_of(out, of);
    for (ptrdiff_t i = 0; i < of->size; i++) {
      for (ptrdiff_t j = 0; j <= i; j++) {
        space[(of->place + j) * r + of->place + i] = l[i * of->size + j];
      }
    }
  }
  mv_forward_all(r, r, out->t, space);
  memset(n, 0, sizeof *n * (size_t)(r * r));
  mv_add_square(r, r, 1, space, n);
}
