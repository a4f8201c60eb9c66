/* The harness of the C tests. A file test_<stem>.c has one function, void
 * test_<stem>(void); run.sh finds it by its name. A check that fails is printed and
 * counted, and the test goes on. */
#ifndef CHECK_H
#define CHECK_H

#include "arena.h"
#include "status.h"

/* Each gives whether it held, so that a test can stop: if (!CHECK(x)) return; */
#define CHECK(condition) check_true((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

/* |got - want| <= tolerance * |want|, or <= tolerance where want is 0. Equal
 * infinities are near; NaN is near to nothing. */
#define CHECK_NEAR(got, want, tolerance) \
  check_near(got, want, tolerance, #got, __FILE__, __LINE__)

#define CHECK_STATUS(got, want) check_status(got, want, #got, __FILE__, __LINE__)

int check_true(int held, const char *text, const char *file, int line);
int check_near(double got, double want, double tolerance, const char *text,
               const char *file, int line);
int check_status(mv_status got, mv_status want, const char *text, const char *file,
                 int line);

/* Prints "N passed, N failed"; gives how many failed. */
int check_report(void);

/* An arena on the heap of exactly the size that a layout measured, so that ASan sees
 * one byte too many. Use:
 *   mv_arena arena = {NULL, 0};
 *   mv_x_layout(&arena, dims);
 *   arena = check_carve(arena);
 *   ... mv_x_layout(&arena, dims) ...
 *   check_free(&arena); */
mv_arena check_carve(mv_arena measured);
void check_free(mv_arena *arena);

#endif
