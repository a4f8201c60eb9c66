/* Work space that the caller owns. A module lays its arrays out once, in one function
 * mv_x_layout(arena, dims): run on an arena without memory it measures, run again on
 * memory of that size it carves. The core itself never allocates.
 *
 * Between two arrays lies a gap, so that the test harness can poison it and a write
 * past one array's end is seen instead of landing in the next. */
#ifndef MV_ARENA_H
#define MV_ARENA_H

#include <stddef.h>

typedef struct {
  char *base;  /* NULL: measure only */
  size_t used; /* bytes handed out so far, gaps included */
} mv_arena;

enum { MV_ARENA_ALIGN = 64, MV_ARENA_GAP = 64 };

/* `count` doubles, indices or ints, aligned; NULL while measuring. `count` must not be
 * negative. The contents are not set. */
double *mv_arena_doubles(mv_arena *arena, ptrdiff_t count);
ptrdiff_t *mv_arena_indices(mv_arena *arena, ptrdiff_t count);
int *mv_arena_ints(mv_arena *arena, ptrdiff_t count);
void *mv_arena_bytes(mv_arena *arena, size_t bytes);

/* For sizes that serve the larger of two. */
static inline ptrdiff_t mv_larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#endif
