/* Any sequence of slices, on memory of any alignment, is aligned, in order, apart, and
 * inside what was measured. */
#include "arena.h"
#include "fuzz_bytes.h"

enum { MAX_SLICES = 32 };

static char *take(mv_arena *arena, int kind, ptrdiff_t count, size_t *bytes) {
  if (kind == 0) {
    *bytes = (size_t)count * sizeof(double);
    return (char *)mv_arena_doubles(arena, count);
  }
  if (kind == 1) {
    *bytes = (size_t)count * sizeof(ptrdiff_t);
    return (char *)mv_arena_indices(arena, count);
  }
  *bytes = (size_t)count;
  return mv_arena_bytes(arena, (size_t)count);
}

static void check_slices(mv_arena arena, const char *end, const int *kind,
                         const int *count, int slices) {
  const char *before = arena.base;
  for (int i = 0; i < slices; i++) {
    size_t bytes;
    char *slice = take(&arena, kind[i], count[i], &bytes);
    FUZZ_ASSERT((uintptr_t)slice % MV_ARENA_ALIGN == 0);
    FUZZ_ASSERT(slice >= before && slice + bytes <= end);
    memset(slice, i, bytes);
    before = slice + bytes + MV_ARENA_GAP;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_bytes in = {data, size};
  int kind[MAX_SLICES], count[MAX_SLICES];
  const int slices = fuzz_int(&in, 1, MAX_SLICES);
  const size_t shift = (size_t)fuzz_int(&in, 0, 2 * MV_ARENA_ALIGN);
  mv_arena measured = {NULL, 0};
  for (int i = 0; i < slices; i++) {
    size_t bytes;
    kind[i] = fuzz_int(&in, 0, 2);
    count[i] = fuzz_int(&in, 0, 300);
    FUZZ_ASSERT(take(&measured, kind[i], count[i], &bytes) == NULL);
  }
  char *memory = malloc(measured.used + shift);
  if (!memory) abort();
  const mv_arena arena = {memory + shift, 0};
  check_slices(arena, memory + shift + measured.used, kind, count, slices);
  free(memory);
  return 0;
}
