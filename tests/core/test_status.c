#include <string.h>

#include "check.h"
#include "status.h"

/* R looks its sentence up by the name: each status has one, and no two share it. */
void test_status(void) {
  for (int i = 0; i < MV_STATUS_COUNT; i++) {
    const char *name = mv_status_name((mv_status)i);
    if (!CHECK(name && name[0])) continue;
    for (int j = 0; j < i; j++) CHECK(strcmp(name, mv_status_name((mv_status)j)) != 0);
  }
  CHECK(strcmp(mv_status_name(MV_OK), "ok") == 0);
  CHECK(MV_OK == 0);
}
