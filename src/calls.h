/* Every routine that R reaches by .Call, once: init.c registers them, and each ffi_*.c
 * includes this so that its definitions are checked against it. */
#ifndef MV_CALLS_H
#define MV_CALLS_H

#include "ffi.h"

SEXP mv_error_types(void);
SEXP mv_to_sd(SEXP error, SEXP n, SEXP kind, SEXP level);
SEXP mv_flaws(void);
SEXP mv_conversion_names(void);
SEXP mv_convert_columns(SEXP name, SEXP columns, SEXP rows);
SEXP mv_combine(SEXP group, SEXP groups, SEXP n, SEXP mean, SEXP sd);

SEXP mv_rows_alike(SEXP columns, SEXP marked, SEXP one_encoding);
SEXP mv_group_rows(SEXP columns, SEXP one_encoding);
SEXP mv_effect_sizes(SEXP arms, SEXP rows, SEXP by, SEXP sets, SEXP measure, SEXP form,
                     SEXP correct, SEXP level);
SEXP mv_registry(void);
SEXP mv_covariances(SEXP arms, SEXP keys, SEXP rho);
SEXP mv_check_definite(SEXP vi, SEXP i, SEXP j, SEXP value, SEXP limit);
SEXP mv_nest(SEXP groups, SEXP rule, SEXP rho);

SEXP mv_pool(SEXP yi, SEXP vi, SEXP x, SEXP intercept, SEXP method, SEXP test,
             SEXP level);
SEXP mv_tau2_q_profile(SEXP yi, SEXP vi, SEXP x, SEXP level);
SEXP mv_estimators(void);

SEXP mv_refits_pool(SEXP yi, SEXP vi, SEXP x, SEXP intercept, SEXP method, SEXP test,
                    SEXP level, SEXP tau2, SEXP plan);
SEXP mv_refits_multilevel(SEXP problem, SEXP target, SEXP theta, SEXP warm,
                          SEXP restricted, SEXP plan);

SEXP mv_robust_vcov(SEXP problem, SEXP type, SEXP contrasts);
SEXP mv_robust_test(SEXP problem, SEXP type, SEXP contrasts, SEXP value);
SEXP mv_wild_bootstrap(SEXP problem, SEXP type, SEXP contrasts, SEXP value,
                       SEXP replicates, SEXP seed, SEXP weights);
SEXP mv_multilevel_fit(SEXP problem, SEXP target, SEXP start, SEXP warm, SEXP restricted,
                       SEXP homogeneous);
SEXP mv_multilevel_values(SEXP problem, SEXP theta);
SEXP mv_multilevel_errors(SEXP problem, SEXP z);
SEXP mv_multilevel_blocks(SEXP problem, SEXP theta, SEXP cluster, SEXP count);

#endif
