#' The covariance matrix of effects that share animals
#'
#' Effects of one study may share their control group, their control and sham, or all
#' their animals (two outcomes, two times). `vcov()` derives their covariance from the
#' rows as they stand, with the table's `vi` on the diagonal; so rows may be sorted,
#' filtered, bound and joined before. `vcov_blocks()` gives the block of each study,
#' `vcov_grid()` the matrix for each of several values of `rho`.
#'
#' @details
#' One rule serves all measures, the delta method over the shared groups a of animals:
#' `sum_a [dy_i/dm_a dy_j/dm_a rho s_ai s_aj / n_a + dy_i/dlog(s_a) dy_j/dlog(s_a) rho^2
#' / (2 (n_a - 1))]`, for counts, rates and median survival with the SD of an event, of a
#' count and of a lifetime. rho is 1 for a group shared in the same outcome at the same
#' time, and the argument `rho` where the same animals were read twice. Rows of two
#' measures follow the same rule; means and counts of one outcome are two readings.
#' Changes of the same animals (MC, SMCC, ...) and correlations (COR, ZCOR) have `rho
#' sqrt(v_i v_j)` with every effect of the same animals.
#'
#' For two treated groups on one control c the rule gives
#'
#' | measure | covariance |
#' |---|---|
#' | MD | `v_c` (the squared standard error of its mean) |
#' | SMD | `1/n_c + g_i g_j (n_c - 1) / (2 (N_i - 2) (N_j - 2))` |
#' | SMD1, SMD1H | `1/n_c + g_i g_j / (2 (n_c - 1))` |
#' | ROM, VR | `CV_c^2/n_c`, `1/(2 (n_c - 1))`; CVR their sum |
#' | NMD | `1e4 ((1 - r_i)(1 - r_j) v_c + r_i r_j v_s) / b^2` |
#' | RR, OR | `1/e - 1/n_c`, `1/e + 1/(n_c - e)`, e animals with the event |
#' | RD, AS | `p (1 - p)/n_c`, `1/(4 n_c)` |
#' | IRR, IRD, IRSD | `1/e`, `e/T^2`, `1/(4 T)`, e events in the time T |
#' | MSR | `1/(d shape^2 log(2)^2)`, d deaths |
#'
#' (NMD: r is the effect over 100, b the control's mean less the sham's.)
#'
#' @section How near it is to the truth:
#' By simulation at n = 10 with a common control, MD, SMD, SMDH, ROM, MPE, IRD, IRSD, PETO
#' (at risks near 0.5) and the factorial measures are within 5 % of the covariance that
#' the estimates have; for two outcomes of the same animals MD, SMD, SMDH, SMD1, VR, CVR,
#' NMD, rates and factorials are within 6 %, ROM and SMD1H within 8 %. The rest share the
#' error of their own variance in small groups:
#' * VR and CVR with a common control: 9 to 10 % low (n = 6: 15 to 20 %).
#' * SMD1 and SMD1H: 8 to 9 % low at an effect of 1 (n = 6: 20 %); SMD at n = 6 and g = 2:
#'   4 %.
#' * NMD: within 3 % at a disease effect of 4 SD; at 2 SD between 3 % low and 18 % high,
#'   and 11 to 17 % low at the true means.
#' * RR 6 to 8 %, OR, RD and AS (and PR, PLN, PLO, PAS) 7 to 13 % low; at n = 20 2 to
#'   7 %. AS of two outcomes with unequal risks up to 19 % low, PETO as much too high. IRR
#'   8 % low at 10 events.
#' * MSR: 13 % high where n is even, exact where it is odd.
#'
#' `rho sqrt(v_i v_j)` for all (see [vcov_shortcut()]) is further off for two outcomes of
#' the same animals: VR 3 times too large at rho = 0.3 and twice at 0.5, CVR alike, ROM
#' 60 % too large where the CVs of the groups differ; SMD 7 to 26 % too large. For OR, RD,
#' AS and PETO the two agree within 3 %. RR where the treated and the controls have other
#' risks in the two outcomes: the shortcut is 17 to 24 % too large, the rule 3 to 6 % low.
#'
#' @section A matrix that cannot be: V is checked for each group of rows that share
#'   animals. It is singular where a row follows from others, and below that where the
#'   variances, which are approximations, leave a combination of effects with a variance
#'   below zero: two treated groups, each compared with the same two controls, are
#'   singular with MD and not positive definite with SMD. Values of `rho` that contradict
#'   one another are found in the same way. `check` says what is done then.
#'
#' @section Other rows: With `shared_control = "split"` or `"ignore"` in
#'   [effect_sizes()], effects of different treated groups have no covariance. Brought
#'   estimates have the covariance of the matrix they came with, else none. A row without
#'   `vi` has NA for its variance and its covariances. Effects nested by
#'   [nest_outcomes()] have none with other studies; two of one study are an error, since
#'   what they share is no longer in the table.
#'
#' @param object,effects An `mv_effects`.
#' @param rho The correlation of two readings of the same animals: one number between -1
#'   and 1; a matrix or list by outcome; or what [rho_between()] gives, by outcome and
#'   time. Only where a study has such readings is it needed: NULL is an error there. For
#'   `vcov_grid()` several numbers, or a list with one of any kind in each place.
#' @param form `"dense"` for a matrix (up to 5,000 rows), `"sparse"` for a symmetric
#'   sparse matrix of the package Matrix.
#' @param check What to do where V is not positive definite: `"warn"`, `"stop"` with an
#'   error, or `"none"`.
#' @param ... Unused.
#' @return `vcov()`: a matrix in the order of the rows. `vcov_blocks()`: a list with a
#'   matrix for each study, in order of appearance, its dimnames the numbers of the rows.
#'   `vcov_grid()`: a list with a matrix for each value of `rho`, named by it.
#' @section Errors: `mv_error_rho` where the same animals are read twice and `rho` is
#'   NULL or says nothing of them, and where it names an outcome that is not there;
#'   `mv_error_column` where a row has lost a column that its covariance needs;
#'   `mv_error_changed` where `yi` is no longer what the groups give; `mv_error_shared`
#'   where a group has two sets of numbers; `mv_error_matrix` where the key of a brought
#'   matrix is unknown or repeated; `mv_error_definite` (or a warning
#'   `mv_warning_definite`) where V is not positive definite.
#' @source Gleser and Olkin 2009, in The Handbook of Research Synthesis, 2nd ed, ch 19.
#'   Lajeunesse 2011, Ecology 92:2049.
#' @examples
#' arms <- data.frame(
#'   study = "Chen 2011", treatment = c("MSC", "exosomes"),
#'   n_t = 8, mean_t = c(62, 70), sd_t = 12, n_c = 8, mean_c = 100, sd_c = 15,
#'   control = "saline"
#' )
#' pairs <- as_comparisons(arms, error_t = sd_t, error_c = sd_c, error_type = "sd")
#' vcov(effect_sizes(pairs, "SMD"))
#'
#' # Two outcomes of the same animals, for several correlations of their readings
#' twice <- transform(arms, outcome = c("infarct", "score"), treated = "MSC") |>
#'   as_comparisons(error_t = sd_t, error_c = sd_c, error_type = "sd")
#' vcov_grid(effect_sizes(twice, "SMD"), rho = c(0.2, 0.5, 0.8))
#' @name vcov.mv_effects
#' @export
vcov.mv_effects <- function(object, rho = NULL, form = c("dense", "sparse"),
                            check = c("warn", "stop", "none"), ...) {
  form <- first_choice(form, c("dense", "sparse"))
  check <- first_choice(check, c("warn", "stop", "none"))
  check_dense(nrow(object), form)
  pairs <- covariance_pairs(object, rho)
  check_definite(object, pairs, check)
  as_matrix(object$vi, pairs, form)
}

check_dense <- function(rows, form, call = rlang::caller_env()) {
  if (form == "sparse" || rows <= dense_limit) return(invisible())
  stop_user(c(
    "The matrix would have {rows} rows and as many columns.",
    "i" = "Take {.code form = \"sparse\"} or {.fn vcov_blocks}: effects of different
     studies have no covariance."
  ), "too_large", call = call)
}

as_matrix <- function(vi, pairs, form) {
  if (form == "sparse") return(sparse_matrix(vi, pairs))
  V <- diag(as.double(vi), length(vi))
  V[cbind(pairs$i, pairs$j)] <- pairs$value
  V[cbind(pairs$j, pairs$i)] <- pairs$value
  V
}

sparse_matrix <- function(vi, pairs) {
  rlang::check_installed("Matrix", "for a sparse covariance matrix.")
  all_rows <- seq_along(vi)
  Matrix::sparseMatrix(
    i = c(all_rows, pmax(pairs$i, pairs$j)), j = c(all_rows, pmin(pairs$i, pairs$j)),
    x = c(vi, pairs$value), dims = c(length(vi), length(vi)), symmetric = TRUE
  )
}

#' @rdname vcov.mv_effects
#' @export
vcov_blocks <- function(effects, rho = NULL, check = c("warn", "stop", "none")) {
  check_class(effects, "mv_effects", "effect_sizes")
  check <- first_choice(check, c("warn", "stop", "none"))
  pairs <- covariance_pairs(effects, rho)
  check_definite(effects, pairs, check)
  study <- effects[["study"]]
  if (is.null(study)) study <- paste("row", seq_len(nrow(effects)))
  group <- match(study, unique(study))
  check_blocks(pairs, group)
  rows <- split(seq_along(group), group)
  of_block <- split(seq_along(pairs$i), factor(group[pairs$i], seq_along(rows)))
  blocks <- Map(one_block, rows, of_block, MoreArgs = list(pairs, effects$vi))
  names(blocks) <- as.character(unique(study))
  blocks
}

one_block <- function(rows, which, pairs, vi) {
  V <- diag(vi[rows], length(rows))
  dimnames(V) <- list(rows, rows)
  if (length(which)) {
    i <- match(pairs$i[which], rows)
    j <- match(pairs$j[which], rows)
    V[cbind(i, j)] <- V[cbind(j, i)] <- pairs$value[which]
  }
  V
}

check_blocks <- function(pairs, group, call = rlang::caller_env()) {
  across <- which(group[pairs$i] != group[pairs$j])
  if (length(across) == 0) return(invisible())
  stop_user(c(
    "The brought matrix has a covariance between studies, so it has no blocks by study.",
    "x" = "See {name_rows(c(pairs$i[across[1]], pairs$j[across[1]]))}."
  ), "matrix", call = call)
}

#' @rdname vcov.mv_effects
#' @export
vcov_grid <- function(effects, rho, form = c("dense", "sparse"),
                      check = c("warn", "stop", "none")) {
  check_class(effects, "mv_effects", "effect_sizes")
  form <- first_choice(form, c("dense", "sparse"))
  check <- first_choice(check, c("warn", "stop", "none"))
  check_dense(nrow(effects), form)
  rho <- check_grid(rho)
  call <- rlang::current_env()
  source <- read_covariances(settle_effects(effects, call), call)
  lapply(rho, function(one) {
    pairs <- pairs_at(source, one)
    check_definite(effects, pairs, check)
    as_matrix(effects$vi, pairs, form)
  })
}

# Several values in a vector, or in a list with one of any kind in each place.
check_grid <- function(rho, call = rlang::caller_env()) {
  one <- is.matrix(rho) || inherits(rho, "mv_rho") || length(rho) == 0
  if (one || !(is.list(rho) || is.numeric(rho))) {
    stop_user(c(
      "{.arg rho} must be several values, such as {.code c(0.2, 0.5, 0.8)}, or a list of
       what {.fn vcov} takes as {.arg rho}.",
      "x" = "It is {.obj_type_friendly {rho}}."
    ), "rho", call = call)
  }
  if (is.null(names(rho))) {
    names(rho) <- ifelse(lengths(rho) == 1 & is.numeric(rho), rho, seq_along(rho))
  }
  as.list(rho)
}
