#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int passed, failed;

static int count(int held) {
  if (held) {
    passed++;
  } else {
    failed++;
  }
  return held;
}

int check_true(int held, const char *text, const char *file, int line) {
  if (!held) printf("%s:%d: not true: %s\n", file, line, text);
  return count(held);
}

static int is_near(double got, double want, double tolerance) {
  if (isnan(got) || isnan(want)) return 0;
  if (isinf(got) || isinf(want)) return !(got < want) && !(got > want);
  const double size = fabs(want);
  return fabs(got - want) <= tolerance * (size > 0 ? size : 1);
}

int check_near(double got, double want, double tolerance, const char *text,
               const char *file, int line) {
  const int held = is_near(got, want, tolerance);
  if (!held) {
    printf("%s:%d: %s is %.17g, not %.17g (within %g)\n", file, line, text, got, want,
           tolerance);
  }
  return count(held);
}

int check_status(mv_status got, mv_status want, const char *text, const char *file,
                 int line) {
  if (got != want) {
    printf("%s:%d: %s is %s, not %s\n", file, line, text, mv_status_name(got),
           mv_status_name(want));
  }
  return count(got == want);
}

int check_report(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed;
}

mv_arena check_carve(mv_arena measured) {
  mv_arena arena = {malloc(measured.used ? measured.used : 1), 0};
  if (!arena.base) {
    printf("no memory for an arena of %zu bytes\n", measured.used);
    exit(EXIT_FAILURE);
  }
  return arena;
}

void check_free(mv_arena *arena) {
  free(arena->base);
  arena->base = NULL;
  arena->used = 0;
}
