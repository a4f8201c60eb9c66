/* tests.inc is written by run.sh: one TEST(stem) for each test_<stem>.c. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

#define TEST(stem) void test_##stem(void);
#include "tests.inc"
#undef TEST

typedef struct {
  const char *name;
  void (*run)(void);
} test;

#define TEST(stem) {#stem, test_##stem},
static const test tests[] = {
#include "tests.inc"
};

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) tests[i].run();
  return check_report() ? EXIT_FAILURE : EXIT_SUCCESS;
}
