#' The covariance matrix of effects that share animals
#'
#' Effects of one study may share their control group, their control and sham, or all
#' their animals (two outcomes, two times). `vcov()` derives their covariance from the
#' rows as they stand, with the table's `vi` on the diagonal; so rows may be sorted,
#' filtered, bound and joined before. `vcov_blocks()` gives the block of each study.
#'
#' @details
#' One rule serves all measures, the delta method over the shared groups a:
#' `sum_a [dy_i/dm_a dy_j/dm_a rho s_ai s_aj / n_a + dy_i/dlog(s_a) dy_j/dlog(s_a) rho^2
#' / (2 (n_a - 1))]`. rho is 1 for a group shared in the same outcome at the same time,
#' and the argument `rho` where the same animals were read twice. For two treated groups
#' on one control it gives `v_c` (MD), `1/n_c + g_i g_j (n_c - 1) / (2 (N_i - 2) (N_j -
#' 2))` (SMD), `CV_c^2/n_c` (ROM), and for NMD `100^2 ((1 - r_i)(1 - r_j) v_c + r_i r_j
#' v_s) / b^2`.
#'
#' In simulations with n = 10 and |g| up to 2 the derived covariance of MD, SMD and ROM
#' is within 5 % of the truth, and that of NMD within 10 % at a disease effect of 4 SD.
#' At n = 6 and g = 2 SMD is 3 to 5 % low; NMD at a disease effect of 2 SD is between 4 %
#' low and a fifth too high, and 12 to 17 % low at the true means.
#'
#' Rows that follow from others have a covariance matrix that is singular (MD) or very
#' nearly (SMD, where an eigenvalue may be a little below zero): two treated groups, each
#' compared with the same two controls.
#'
#' With `shared_control = "split"` or `"ignore"` in [effect_sizes()], effects of
#' different treated groups have no covariance. Brought estimates have the covariance of
#' the matrix they came with, else none. A row without `vi` has NA for its variance and
#' its covariances. Effects nested by [nest_outcomes()] have none with other studies; two
#' of one study are an error, since what they share is no longer in the table.
#'
#' @param object,effects An `mv_effects`.
#' @param rho The correlation of two readings of the same animals, between -1 and 1. Only
#'   where a study has such readings is it needed: NULL is an error there.
#' @param form `"dense"` for a matrix (up to 5,000 rows), `"sparse"` for a symmetric
#'   sparse matrix of the package Matrix.
#' @param ... Unused.
#' @return `vcov()`: a matrix in the order of the rows. `vcov_blocks()`: a list with a
#'   matrix for each study, in order of appearance, its dimnames the numbers of the rows.
#' @section Errors: `mv_error_rho` where the same animals are read twice and `rho` is
#'   NULL; `mv_error_column` where a row has lost a column that its covariance needs;
#'   `mv_error_changed` where `yi` is no longer what the means give; `mv_error_matrix`
#'   where the key of a brought matrix is unknown or repeated.
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
#' @name vcov.mv_effects
#' @export
vcov.mv_effects <- function(object, rho = NULL, form = c("dense", "sparse"), ...) {
  form <- first_choice(form, c("dense", "sparse"))
  rows <- nrow(object)
  if (form == "dense" && rows > dense_limit) {
    stop_user(c(
      "The matrix would have {rows} rows and as many columns.",
      "i" = "Take {.code form = \"sparse\"} or {.fn vcov_blocks}: effects of different
       studies have no covariance."
    ), "too_large")
  }
  pairs <- covariance_pairs(object, rho)
  if (form == "sparse") return(sparse_matrix(object$vi, pairs))
  V <- diag(as.double(object$vi), rows)
  V[cbind(pairs$i, pairs$j)] <- pairs$value
  V[cbind(pairs$j, pairs$i)] <- pairs$value
  V
}

dense_limit <- 5000L

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
vcov_blocks <- function(effects, rho = NULL) {
  check_class(effects, "mv_effects", "effect_sizes")
  pairs <- covariance_pairs(effects, rho)
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

# ---- pairs with a covariance ---------------------------------------------------------

# A list i, j, value: each pair of rows once, i != j.
covariance_pairs <- function(effects, rho, call = rlang::caller_env()) {
  if (!is.null(rho)) rho <- check_number(rho, -1, 1, call = call)
  effects <- settle_effects(effects, call)
  from <- covariance_source(effects, call)
  check_nested(effects, from, call)
  derived <- which(from == "cohorts")
  brought <- which(from == "matrix")
  pairs <- list(i = integer(), j = integer(), value = double())
  if (length(derived)) pairs <- derived_pairs(effects, derived, rho, call)
  if (length(brought) == 0) return(pairs)
  Map(c, pairs, brought_pairs(effects, brought, call))
}

covariance_source <- function(effects, call) {
  need_columns(effects, c("computed_from", "yi", "vi"), call)
  from <- effects$computed_from
  known <- c("cohorts", "estimate", "matrix", "nested")
  bad <- which(!from %in% known)
  if (length(bad) == 0) return(from)
  stop_user(c(
    "It is not known how {name_effects(effects, bad)} came about.",
    "x" = "{.field computed_from} is {.val {from[bad[1]]}}, none of {.val {known}}.",
    "i" = "Make the table by {.fn effect_sizes} or {.fn as_effects} before binding it."
  ), "column", call = call)
}

need_columns <- function(effects, columns, call) {
  lost <- setdiff(columns, names(effects))
  if (length(lost) == 0) return(invisible())
  stop_user(c(
    "The effects have lost the {cli::qty(length(lost))}column{?s} {.val {lost}}.",
    "i" = "The covariance of effects that share animals needs
     {cli::qty(length(lost))}{?it/them}."
  ), "column", call = call)
}

# ---- derived from the rows -----------------------------------------------------------

covariance_columns <- c(
  "study", "experiment", "outcome", "time", "cohort_t", "cohort_c", "measure", "sign",
  "shared_control", "n_t", "mean_t", "sd_t", "n_c", "mean_c", "sd_c"
)
sham_columns <- c("cohort_s", "n_s", "mean_s", "sd_s")

derived_pairs <- function(effects, rows, rho, call) {
  need_columns(effects, covariance_columns, call)
  part <- unclass(effects)
  if (length(rows) < nrow(effects)) part <- lapply(part, \(column) column[rows])
  known <- registry()$measures
  measure <- match(part$measure, known$name)
  check_measures(effects, rows, measure, call)
  present <- lapply(sort(unique(measure)), \(at) measure_row(registry(), at))
  arms <- max(2L, known$arms[measure])
  if (arms > 2) need_columns(effects, sham_columns, call)
  keys <- covariance_keys(part, measure, arms)
  found <- .Call(
    mv_covariances, core_slots(part, present, call), keys, if (is.null(rho)) NaN else rho
  )
  check_unchanged(effects, rows[found$changed == 1L], call)
  check_same_animals(effects, rows, part, keys, arms, call)
  check_rho(effects, rows[found$asks == 1L], call)
  found$value[is.nan(found$value)] <- NA_real_
  list(i = rows[found$i], j = rows[found$j], value = found$value)
}

# In the order of view_covariance() in src/ffi_covariance.c.
covariance_keys <- function(part, measure, arms) {
  rows <- length(part$yi)
  cohort <- c(part$cohort_t, part$cohort_c, if (arms > 2) part$cohort_s)
  times <- length(cohort) / rows
  group <- group_ids(rep(part$study, times), rep(part$experiment, times), cohort)
  group[is.na(cohort)] <- 0L
  group <- c(group, integer(length(arm_suffixes) * rows - length(group)))
  study <- group_ids(part$study)
  order <- order(study, method = "radix")
  list(
    measure - 1L, group[seq_len(rows)], group[rows + seq_len(rows)],
    group[2 * rows + seq_len(rows)], group[3 * rows + seq_len(rows)],
    group_ids(part$outcome, part$time),
    !part$shared_control %in% "covariance", as.double(part$sign), as.double(part$yi),
    as.double(part$vi), order - 1L, c(0L, cumsum(tabulate(study)))
  )
}

check_measures <- function(effects, rows, measure, call) {
  bad <- rows[is.na(measure)]
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "The measure {.val {effects$measure[bad[1]]}} is not one that is computed from groups
     of animals, in {name_effects(effects, bad)}.",
    "i" = "Was {.field measure} or {.field computed_from} changed?"
  ), "changed", call = call)
}

check_unchanged <- function(effects, bad, call) {
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.field yi} is not what the means give in {name_effects(effects, bad)}.",
    "x" = "It, a mean, an SD or an n was changed after {.fn effect_sizes}, so the
     covariance of these rows is not known.",
    "i" = "Change the comparisons and compute anew, or bring the estimates with their
     matrix by {.code as_effects(V = )}."
  ), "changed", call = call)
}

# One group at one outcome and time has one n, mean and SD. Tables that were read apart
# and bound can have two groups of one name, whose effects then share no animals.
check_same_animals <- function(effects, rows, part, keys, arms, call) {
  arm <- c("t", "c", "s")[seq_len(arms)]
  animals <- unlist(keys[1 + seq_len(arms)])
  reading <- group_ids(animals, rep(keys[[6]], arms))
  first <- first_of(reading)
  unlike <- lapply(c("n_", "mean_", "sd_"), \(what) {
    value <- as.double(unlist(part[paste0(what, arm)]))
    gap <- abs(value - value[first])
    is.na(value) != is.na(value[first]) | gap > same_reading * abs(value[first])
  })
  bad <- which(Reduce(`|`, unlike) & animals > 0)
  if (length(bad) == 0) return(invisible())
  cohort <- unlist(part[paste0("cohort_", arm)])[bad[1]]
  at <- (c(first[bad[1]], bad[1]) - 1L) %% length(rows) + 1L
  stop_user(c(
    "The group {.val {cohort}} has two sets of numbers in one outcome and time, in
     {name_rows(rows[at], effects$study)}.",
    "x" = "So it is not known whether the effects share animals.",
    "i" = "Were tables bound that had been read apart? Bind the input before
     {.fn cohorts} or {.fn as_comparisons}, or give different groups different names."
  ), "shared", call = call)
}

check_rho <- function(effects, bad, call) {
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "The same animals are read more than once in {name_effects(effects, bad)}.",
    "i" = "Say how two readings of one animal correlate, e.g. {.code rho = 0.5}, and try
     other values; or take one number a study by {.fn nest_outcomes}."
  ), "rho", call = call)
}

# ---- brought, or lost by nesting -----------------------------------------------------

brought_pairs <- function(effects, rows, call) {
  need_columns(effects, "effect_id", call)
  V <- attr(effects, "V", exact = TRUE)
  id <- as.character(effects$effect_id[rows])
  at <- match(id, rownames(V))
  bad <- rows[is.na(at) | duplicated(id)]
  if (length(bad)) {
    stop_user(c(
      "{.field effect_id} does not say which row of the brought matrix belongs to
       {name_effects(effects, bad)}.",
      "x" = if (is.null(V)) {
        "The table has lost its matrix."
      } else {
        "It is {.val {effects$effect_id[bad[1]]}}, repeated or unknown."
      },
      "i" = "Bind tables with a matrix by {.fn rbind}, or bring one matrix for all."
    ), "matrix", call = call)
  }
  V <- V[at, at, drop = FALSE]
  V[!lower.tri(V)] <- 0
  pairs <- which(V != 0 | is.na(V), arr.ind = TRUE)
  list(i = rows[pairs[, 1]], j = rows[pairs[, 2]], value = V[pairs])
}

check_nested <- function(effects, from, call) {
  nested <- which(from == "nested")
  if (length(nested) == 0) return(invisible())
  study <- effects[["study"]]
  bad <- if (is.null(study)) {
    if (length(from) > 1) nested
  } else {
    nested[study[nested] %in% study[duplicated(study)]]
  }
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "After nesting, the animals that {name_effects(effects, bad)} share are not known.",
    "i" = "Nest by study, {.code nest_outcomes(effects, by = study)}, so that no two rows
     share one."
  ), "nested", call = call)
}
