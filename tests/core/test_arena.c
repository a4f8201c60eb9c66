#include <stdint.h>
#include <stdlib.h>

#include "arena.h"
#include "check.h"

#ifdef __SANITIZE_ADDRESS__
int __asan_address_is_poisoned(void const volatile *address);
#endif

static int is_aligned(const void *at) { return (uintptr_t)at % MV_ARENA_ALIGN == 0; }

static void measuring_gives_no_memory(void) {
  mv_arena arena = {NULL, 0};
  CHECK(mv_arena_doubles(&arena, 3) == NULL);
  CHECK(mv_arena_indices(&arena, 0) == NULL);
  CHECK(arena.used >= 3 * sizeof(double));
}

static void carving_uses_what_was_measured(void) {
  mv_arena measured = {NULL, 0};
  mv_arena_doubles(&measured, 3);
  mv_arena_indices(&measured, 5);
  mv_arena_bytes(&measured, 7);
  mv_arena arena = check_carve(measured);
  double *x = mv_arena_doubles(&arena, 3);
  ptrdiff_t *i = mv_arena_indices(&arena, 5);
  char *b = mv_arena_bytes(&arena, 7);
  CHECK(arena.used == measured.used);
  CHECK(is_aligned(x) && is_aligned(i) && is_aligned(b));
  CHECK((char *)x >= arena.base);
  CHECK((char *)(x + 3) + MV_ARENA_GAP <= (char *)i);
  CHECK((char *)(i + 5) + MV_ARENA_GAP <= b);
  CHECK(b + 7 <= arena.base + measured.used);
  check_free(&arena);
}

/* Whatever the alignment of the caller's memory, slices are aligned and inside it. */
static void base_needs_no_alignment(void) {
  mv_arena measured = {NULL, 0};
  mv_arena_doubles(&measured, 9);
  for (size_t shift = 0; shift < MV_ARENA_ALIGN; shift++) {
    char *memory = malloc(measured.used + shift);
    if (!memory) abort();
    mv_arena arena = {memory + shift, 0};
    double *x = mv_arena_doubles(&arena, 9);
    CHECK(is_aligned(x));
    CHECK((char *)x >= arena.base);
    CHECK((char *)(x + 9) <= arena.base + measured.used);
    for (int i = 0; i < 9; i++) x[i] = i;
    free(memory);
  }
}

static void gaps_are_poisoned(void) {
#ifdef __SANITIZE_ADDRESS__
  mv_arena arena = {NULL, 0};
  mv_arena_doubles(&arena, 3);
  mv_arena_doubles(&arena, 1);
  arena = check_carve(arena);
  double *x = mv_arena_doubles(&arena, 3);
  double *y = mv_arena_doubles(&arena, 1);
  CHECK(!__asan_address_is_poisoned(x + 2));
  CHECK(__asan_address_is_poisoned(x + 3));
  CHECK(!__asan_address_is_poisoned(y));
  CHECK(__asan_address_is_poisoned(y - 1));
  CHECK(__asan_address_is_poisoned(y + 1));
  check_free(&arena);
#endif
}

void test_arena(void) {
  measuring_gives_no_memory();
  carving_uses_what_was_measured();
  base_needs_no_alignment();
  gaps_are_poisoned();
}
