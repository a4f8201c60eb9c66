#include "arena.h"

#include <stdint.h>

/* Only where the harness owns the memory: R would hand poisoned memory out again. */
#ifdef MV_STANDALONE
#if defined(__SANITIZE_ADDRESS__)
#define MV_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MV_POISON 1
#endif
#endif
#endif
#ifdef MV_POISON
void __asan_poison_memory_region(void const volatile *address, size_t size);
#endif

/* The first bytes up to an aligned address are given up, so that the caller's memory
 * needs no alignment of its own: a layout measures MV_ARENA_ALIGN bytes more. */
static size_t align_up(size_t at) {
  const size_t mask = (size_t)MV_ARENA_ALIGN - 1;
  return (at + mask) & ~mask;
}

void *mv_arena_bytes(mv_arena *arena, size_t bytes) {
  if (arena->used == 0) arena->used = MV_ARENA_ALIGN;
  const size_t start = arena->used;
  const size_t end = align_up(start + bytes);
  arena->used = end + MV_ARENA_GAP;
  if (!arena->base) return NULL;
  const size_t shift = align_up((size_t)(uintptr_t)arena->base) - (uintptr_t)arena->base;
  char *slice = arena->base + shift + start - MV_ARENA_ALIGN;
#ifdef MV_POISON
  __asan_poison_memory_region(slice + bytes, end + MV_ARENA_GAP - start - bytes);
#endif
  return slice;
}

double *mv_arena_doubles(mv_arena *arena, ptrdiff_t count) {
  return mv_arena_bytes(arena, (size_t)count * sizeof(double));
}

ptrdiff_t *mv_arena_indices(mv_arena *arena, ptrdiff_t count) {
  return mv_arena_bytes(arena, (size_t)count * sizeof(ptrdiff_t));
}

int *mv_arena_ints(mv_arena *arena, ptrdiff_t count) {
  return mv_arena_bytes(arena, (size_t)count * sizeof(int));
}
