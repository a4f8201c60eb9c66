#include "status.h"

const char *mv_status_name(mv_status status) {
  static const char *const names[MV_STATUS_COUNT] = {
      [MV_OK] = "ok",
      [MV_MORE] = "more",
      [MV_TOO_FEW] = "too_few",
      [MV_RANK_DEFICIENT] = "rank_deficient",
      [MV_NOT_CONVERGED] = "not_converged",
      [MV_DEGENERATE] = "degenerate",
      [MV_NOT_FINITE] = "not_finite",
      [MV_NOT_POSITIVE] = "not_positive",
      [MV_TOO_MANY_LEVELS] = "too_many_levels",
  };
  return names[status];
}
