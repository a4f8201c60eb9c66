#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

#include "calls.h"

#define CALL(name, arguments) \
  { #name, (DL_FUNC)&name, arguments }

/* clang-format off */
static const R_CallMethodDef calls[] = {
    CALL(mv_error_types, 0),
    CALL(mv_to_sd, 4),
    CALL(mv_flaws, 0),
    CALL(mv_conversion_names, 0),
    CALL(mv_convert_columns, 3),
    CALL(mv_combine, 5),
    CALL(mv_covariances, 3),
    CALL(mv_check_definite, 5),
    CALL(mv_rows_alike, 3),
    CALL(mv_group_rows, 2),
    CALL(mv_effect_sizes, 8),
    CALL(mv_registry, 0),
    CALL(mv_nest, 3),
    CALL(mv_pool, 7),
    CALL(mv_tau2_q_profile, 4),
    CALL(mv_estimators, 0),
    CALL(mv_robust_vcov, 3),
    CALL(mv_robust_test, 4),
    CALL(mv_wild_bootstrap, 7),
    CALL(mv_multilevel_fit, 6),
    CALL(mv_refits_multilevel, 6),
    CALL(mv_refits_pool, 9),
    CALL(mv_multilevel_values, 2),
    CALL(mv_multilevel_errors, 2),
    CALL(mv_multilevel_blocks, 4),
    {NULL, NULL, 0},
};
/* clang-format on */

void attribute_visible R_init_metavivo(DllInfo *dll) {
  R_registerRoutines(dll, NULL, calls, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
