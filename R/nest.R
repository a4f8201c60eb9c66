#' Several effects of one study or cohort into one
#'
#' Combines the effects of each group of rows, for outcomes of one construct that were
#' read in the same animals, into one effect with one variance.
#'
#' @section Rules:
#' * `"camarades"`: the mean weighted by `w = 1/vi`, with standard error
#'   `sqrt(k / sum(w))`: as uncertain as one typical effect. Conservative: never below
#'   the standard error that follows from a correlation of 1.
#' * `"cs"`: the same mean, with the variance it has where all effects correlate by `rho`
#'   (compound symmetry).
#' * `"V"`: generalised least squares with the covariance that [vcov()][vcov.mv_effects]
#'   derives from the shared animals (`rho`: the correlation of two readings).
#'
#' @param effects An `mv_effects`, or several imputations of one.
#' @param by The columns that say which rows belong together: `study`,
#'   `c(study, cohort_t)`, `~ study + cohort_t`, or their names as text.
#' @param rule `"camarades"`, `"cs"` or `"V"`, see below.
#' @param rho The correlation that `"cs"` needs, and that `"V"` needs where the same
#'   animals were read twice; between -1 and 1.
#' @return An `mv_effects` with one row a group, in order of appearance: `yi` and `vi` of
#'   the group, `k_nested` (how many effects it holds), `measure`, `direction`, and every
#'   column that is the same within all groups; `n_t`, `n_c` and `n_s` are NA where they
#'   differ. `variance` names the rule, `computed_from` is `"nested"`. Rows without an
#'   effect, or that stay out of the pool, take no part: a message counts them, and a
#'   group of none but such has NA and its `reason`.
#' @section Errors: A group that mixes measures or directions; a variance of zero; `"cs"`
#'   without `rho`; a covariance matrix that is not positive definite.
#' @source Vesterinen and others 2014, J Neurosci Methods 221:92. Borenstein and others
#'   2009, Introduction to Meta-Analysis, chapter 24.
#' @examples
#' effects <- as_effects(
#'   yi = c(0.4, 0.9, 0.6), vi = c(0.1, 0.2, 0.1), study = c("A", "A", "B")
#' )
#' nest_outcomes(effects, by = study)
#' nest_outcomes(effects, by = study, rule = "cs", rho = 0.5)
#' @export
nest_outcomes <- function(effects, by, rule = c("camarades", "cs", "V"), rho = NULL) {
  if (inherits(effects, "mv_effects_imputed")) {
    return(nest_imputed(effects, rlang::enquo(by), rule, rho))
  }
  check_class(effects, "mv_effects", "effect_sizes")
  by <- columns_named(rlang::enquo(by), names(effects))
  effects <- settle_effects(effects)
  check_labels(
    effects, rlang::current_env(), c("greater_is_worse", "row_t", "row_c")
  )
  check_rows_of(effects)
  rule <- first_choice(rule, c("camarades", "cs", "V"))
  if (!is.null(rho)) rho <- check_number(rho, -1, 1)
  if (rule == "cs" && is.null(rho)) stop_no_rho()
  key <- do.call(group_ids, unname(unclass(effects)[by]))
  group <- match(key, unique(key))
  used <- rows_to_nest(effects)
  check_single(effects, group, used)
  if ("study" %in% by) check_study_named(effects, used)
  check_alike(effects, group, used)
  found <- nest_groups(effects, group, used, rule, rho)
  new_nested(effects, group, used, found, rule)
}

check_rows_of <- function(effects, call = rlang::caller_env()) {
  if (nrow(effects) > 0) return(invisible())
  stop_user("{.arg effects} has no rows.", "empty", call = call)
}

stop_no_rho <- function(call = rlang::caller_env()) {
  stop_user(c(
    "{.code rule = \"cs\"} needs {.arg rho}, the correlation of the effects of a group.",
    "i" = "Give e.g. {.code rho = 0.5}, and try other values."
  ), "rho", call = call)
}

# study, c(study, cohort_t), ~ study + cohort_t, or text.
columns_named <- function(quo, columns, arg = "by", call = rlang::caller_env()) {
  expr <- rlang::quo_get_expr(quo)
  named <- if (rlang::quo_is_missing(quo)) {
    character()
  } else if (is.character(expr)) {
    expr
  } else if (rlang::is_call(expr, c("c", "list"))) {
    vapply(as.list(expr)[-1], word_of, "")
  } else {
    all.vars(expr)
  }
  if (length(named) == 0 || any(named == "")) {
    stop_user("{.arg {arg}} must name columns, e.g. {.code {arg} = study}.", "column",
      call = call
    )
  }
  unknown <- setdiff(named, columns)
  if (length(unknown) == 0) return(unique(named))
  hint <- did_you_mean(unknown[1], columns)
  stop_user(c(
    "{.arg {arg}} names {.val {unknown[1]}}, which is not a column of {.arg effects}.",
    "i" = if (length(hint)) "{hint}"
  ), "column", call = call)
}

word_of <- function(x) if (is.symbol(x) || is.character(x)) as.character(x) else ""

# ---- which rows, and are they alike --------------------------------------------------

rows_to_nest <- function(effects, call = rlang::caller_env()) {
  keep <- !is.na(effects$yi) & !is.na(effects$vi)
  if (!is.null(effects[["pooled"]])) keep <- keep & !(effects[["pooled"]] %in% FALSE)
  zero <- which(keep & effects$vi <= 0)
  if (length(zero)) {
    stop_user(c(
      "The variance is zero or less in {name_effects(effects, zero)}.",
      "i" = "Such an effect would outweigh all others. Mend it, or leave it out."
    ), "variance", call = call)
  }
  out <- which(!keep)
  if (length(out)) {
    tell_user(c(
      "{length(out)} row{?s} take{?s/} no part in the nesting: no effect, or one that
       stays out of the pooled value.",
      "i" = "{name_effects(effects, out)}."
    ), "rows")
  }
  which(keep)
}

# A join that repeats rows would weigh a comparison twice.
check_single <- function(effects, group, used, call = rlang::caller_env()) {
  same <- c("study", "row_t", "row_c", "measure", "variance", "yi", "vi")
  if (!all(same %in% names(effects))) return(invisible())
  used <- used[!is.na(effects$row_t[used])]
  rows <- group_ids(group[used], effects$row_t[used], effects$row_c[used])
  if (!anyDuplicated(rows)) return(invisible())
  key <- lapply(unclass(effects)[same], `[`, used)
  again <- used[duplicated(do.call(group_ids, c(list(group[used]), unname(key))))]
  if (length(again) == 0) return(invisible())
  stop_user(c(
    "The same comparison stands more than once in a group: {length(again)} row{?s}
     repeat{?s/} {name_effects(effects, again)}.",
    "i" = "Was the table joined with one that has several rows a study? Remove the
     repeated rows."
  ), "duplicate", call = call)
}

# Rows without a study are not rows of one study.
check_study_named <- function(effects, used, call = rlang::caller_env()) {
  bad <- used[is.na(effects[["study"]][used])]
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.field study} is missing in {name_effects(effects, bad)}.",
    "i" = "Which rows belong with them is not known. Name the study, or leave them out."
  ), "study", call = call)
}

check_alike <- function(effects, group, used, call = rlang::caller_env()) {
  stop_mixed(effects, "measure", group, used, call)
  stop_mixed(effects, "direction", group, used, call)
  measure <- effects[["measure"]]
  turned <- effects[["direction"]] %in% "benefit"
  ratio <- used[turned[used] & measure[used] %in% "ROM"]
  stop_mixed(effects, "sign", group, ratio, call)
  raw <- used[!turned[used] & !measure[used] %in% "NMD"]
  stop_mixed(effects, "greater_is_worse", group, raw, call)
}

stop_mixed <- function(effects, column, group, used, call) {
  values <- effects[[column]]
  if (is.null(values) || length(used) == 0) return(invisible())
  bad <- used[differs(values[used], group[used])]
  if (length(bad) == 0) return(invisible())
  bad <- used[group[used] == group[bad[1]]]
  found <- unique(values[bad])
  stop_user(c(
    "Effects that are nested into one must be alike, but {.field {column}} is
     {.val {found}} in {name_effects(effects, bad)}.",
    "i" = if (column %in% c("greater_is_worse", "sign")) {
      "An improvement would cancel an improvement. Nest outcomes of one direction, or
       standardised differences with {.code direction = \"benefit\"}."
    } else {
      "Add {.field {column}} to {.arg by}, or nest them apart."
    }
  ), "mixed", call = call)
}

# Rows whose value is not that of the first row of their group; NA is a value.
differs <- function(values, group) {
  if (length(dim(values)) == 2) {
    columns <- lapply(seq_len(ncol(values)), \(i) values[, i, drop = TRUE])
    return(sort(unique(unlist(lapply(columns, differs, group)))))
  }
  if (is.list(values)) values <- match(as.list(values), unique(as.list(values)))
  first <- values[first_of(group)]
  same <- values == first
  same[is.na(same)] <- (is.na(values) & is.na(first))[is.na(same)]
  which(!same)
}

# ---- the numbers ---------------------------------------------------------------------

nest_groups <- function(effects, group, used, rule, rho, call = rlang::caller_env()) {
  groups <- max(group)
  by_group <- used[order(group[used], method = "radix")]
  pairs <- list(i = integer(), j = integer(), value = double())
  if (rule == "V") pairs <- pairs_within(effects, group, used, rho, call)
  found <- .Call(mv_nest, list(
    as.double(effects$yi), as.double(effects$vi), by_group - 1L,
    starts_of(group[used], groups), pairs$i - 1L, pairs$j - 1L,
    starts_of(group[pairs$i], groups), as.double(pairs$value)
  ), rule, if (is.null(rho)) 0 else rho)
  bad <- which(found$status != 0L)
  if (length(bad)) {
    rows <- used[group[used] %in% bad[1]]
    stop_user(c(
      "The covariance matrix of {name_effects(effects, rows)} is not positive definite.",
      "x" = if (length(bad) > 1) "So it is in {length(bad) - 1} other group{?s}.",
      "i" = "Is a row there twice, does one comparison follow from others (two treated
       groups, each against two controls), or is {.arg rho} too near 1 or -1?"
    ), "matrix", call = call)
  }
  found
}

starts_of <- function(group, groups) c(0L, cumsum(tabulate(group, groups)))

pairs_within <- function(effects, group, used, rho, call) {
  pairs <- covariance_pairs(effects, rho, call)
  taken <- logical(nrow(effects))
  taken[used] <- TRUE
  keep <- which(group[pairs$i] == group[pairs$j] & taken[pairs$i] & taken[pairs$j])
  keep <- keep[order(group[pairs$i[keep]], method = "radix")]
  lapply(pairs, \(x) x[keep])
}

# ---- the table -----------------------------------------------------------------------

new_nested <- function(effects, group, used, found, rule) {
  rows <- c(used, setdiff(seq_along(group), used))
  first <- rows[match(seq_along(found$yi), group[rows])]
  empty <- !seq_along(first) %in% group[used]
  columns <- nested_columns(effects, group, used, first)
  reason <- effects[["reason"]][first]
  reason[!empty] <- NA
  marks <- nested_marks(effects, group, used, length(first))
  out <- c(columns, marks, list(
    variance = rep_len(rule, length(first)),
    computed_from = rep_len("nested", length(first)),
    yi = found$yi, vi = found$vi, k_nested = tabulate(group[used], length(first)),
    reason = as.character(reason), pooled = !empty
  ))
  out$yi[empty] <- out$vi[empty] <- NA_real_
  structure(out,
    row.names = .set_row_names(length(first)), columns = attr(effects, "columns"),
    class = c("mv_effects", "data.frame")
  )
}

# Columns that are the same within every group, n_* with NA where they are not.
nested_columns <- function(effects, group, used, first) {
  own <- c(
    "variance", "computed_from", "yi", "vi", "k_nested", "reason", "pooled",
    "fieller_lower", "fieller_upper", "effect_id", "comparison", imputed_columns
  )
  columns <- unclass(effects)[setdiff(names(effects), own)]
  rows <- c(used, first[!first %in% used])
  gaps <- c("n_t", "n_c", "n_s", "sign")
  lost <- character()
  for (name in names(columns)) {
    column <- columns[[name]]
    bad <- differs(slice_rows(column, rows), group[rows])
    columns[[name]] <- slice_rows(column, first)
    if (length(bad) == 0) next
    if (name %in% gaps) columns[[name]][group[rows[bad]]] <- NA
    else lost <- c(lost, name)
  }
  told <- setdiff(lost, reserved_columns)
  if (length(told)) {
    tell_user(c("i" = "Columns that differ within a group are dropped: {.val {told}}."))
  }
  columns[setdiff(names(columns), lost)]
}
