# Columns of the input that serve as no argument travel along to the fit under their
# names. A name that a later table gives to a column of its own is refused here, where
# the user can still rename it: afterwards two columns of one name would be confused.

reserved_columns <- c(
  "row", "study", "experiment", "cohort", "role", "treatment", "outcome", "time", "n",
  "mean", "error", "error_type", "sd", "greater_is_worse", "events", "unit",
  "comparison", "cohort_t", "cohort_c", "cohort_s", "n_t", "mean_t", "sd_t", "n_c",
  "mean_c", "sd_c", "n_s", "mean_s", "sd_s", "shared_c", "shared_s", "events_t",
  "events_c", "events_s", "row_t", "row_c", "row_s", "error_type_c", "error_type_s",
  "treatment_c", "reason", "effect_id", "measure", "variance", "direction",
  "shared_control", "convention", "sign", "computed_from", "yi", "vi", "fieller_lower",
  "fieller_upper", "pooled", "k_nested", "n_start", "exposure", "median", "median_lower",
  "median_upper", "log_se", "exposure_t", "exposure_c", "median_t", "median_c",
  "median_lower_t", "median_lower_c", "median_upper_t", "median_upper_c", "log_se_t",
  "log_se_c", "n_start_t", "n_start_c", "n_start_s", "ratio_scale", "log_scale",
  "maximum", "r", "sd_change", "cohort_a", "n_a", "mean_a", "sd_a", "cohort_b", "n_b",
  "mean_b", "sd_b", "added", "shape"
)

# `quos` and `from`: the arguments, and which column serves as what.
further_columns <- function(data, quos, from, call) {
  used <- c(unlist(lapply(quos, used_names)), intersect(names(from), from))
  serves <- names(data) %in% from |
    (names(data) %in% used & names(data) %in% reserved_columns)
  further <- names(data)[!serves]
  check_reserved(intersect(further, reserved_columns), call)
  check_twice(further[duplicated(further)], call)
  as.list(data)[!serves]
}

# The columns that an expression reads, `.data$x` and `.data[["x"]]` too: after
# `role = tolower(role)` the table's own `role` has served.
used_names <- function(expr) {
  if (rlang::is_quosure(expr)) {
    return(if (!rlang::quo_is_missing(expr)) used_names(rlang::quo_get_expr(expr)))
  }
  if (is.symbol(expr)) return(as.character(expr))
  if (!is.call(expr)) return(NULL)
  if (rlang::is_call(expr, c("$", "[["), n = 2)) {
    if (identical(expr[[2]], quote(.env))) return(NULL)
    if (identical(expr[[2]], quote(.data)) && rlang::is_string(expr[[3]])) {
      return(expr[[3]])
    }
  }
  unlist(lapply(as.list(expr)[-1], used_names))
}

check_reserved <- function(names, call) {
  if (length(names) == 0) return(invisible())
  new <- paste0(names, "_given")
  stop_user(c(
    "The table's column{?s} {.val {names}} {?has a name/have names} that metavivo gives
     to {?a column/columns} of its own.",
    "i" = "Rename {cli::qty(names)}{?it/them} (say {.val {new}}), or leave
     {cli::qty(names)}{?it/them} out of {.arg data}."
  ), "reserved", call = call)
}

check_twice <- function(names, call) {
  if (length(names) == 0) return(invisible())
  stop_user(c(
    "The table has two columns named {.val {names[1]}}.",
    "i" = "Rename one."
  ), "reserved", call = call)
}

# The further columns of the treated cohorts, and of their controls where any differs.
pair_columns <- function(columns, row_t, row_c) {
  paired <- lapply(columns, pair_column, row_t, row_c)
  out <- list()
  for (name in names(columns)) {
    out[[name]] <- paired[[name]]$treated
    out[[paste0(name, "_c")]] <- paired[[name]]$control
  }
  out
}

pair_column <- function(x, row_t, row_c) {
  treated <- slice_rows(x, row_t)
  paired <- which(!is.na(row_c))
  same <- is_same(slice_rows(x, row_t[paired]), slice_rows(x, row_c[paired]))
  list(treated = treated, control = if (!same) slice_rows(x, row_c))
}

slice_rows <- function(x, rows) {
  if (length(dim(x)) == 2) x[rows, , drop = FALSE] else x[rows]
}

is_same <- function(x, y) {
  if (!is.atomic(x) || is.object(x) && !is.factor(x)) return(identical(x, y))
  identical(as.vector(x), as.vector(y))
}

# Columns of equal length to a data frame of our class, without checks that would copy.
new_table <- function(columns, class, from) {
  columns <- columns[!vapply(columns, is.null, NA)]
  structure(columns,
    names = names(columns), row.names = .set_row_names(length(columns[[1]])),
    columns = from, class = c(class, "data.frame")
  )
}

# After `[`, `$<-` and the like: the class stays while the columns that make it do.
keep_class <- function(out, template, class, needed) {
  if (!is.data.frame(out)) return(out)
  keeps <- all(needed %in% names(out))
  attr(out, "columns") <- if (keeps) attr(template, "columns")
  class(out) <- c(if (keeps) class, setdiff(class(out), class))
  out
}
