#' @export
print.mv_cohorts <- function(x, n = 6L, ...) {
  if (!all(cohort_columns %in% names(x)) || nrow(x) == 0) return(NextMethod())
  n <- check_number(n, 0)
  print_or_plain(x, \(x) show_cohorts(x, n))
}

# A table edited so that it cannot be described is printed as any other.
print_or_plain <- function(x, show) {
  odd <- \(condition) NULL
  lines <- tryCatch(utils::capture.output(show(x)), error = odd, warning = odd)
  if (is.null(lines)) print(structure(x, class = "data.frame")) else writeLines(lines)
  invisible(x)
}

show_cohorts <- function(x, n) {
  cat("<mv_cohorts> ", count_text(nrow(x), "row"), ": ", describe_cohorts(x), "\n",
    describe_columns(x), describe_kinds(x, ""), describe_sd(x), describe_missing(x),
    describe_direction(x), "\n",
    sep = ""
  )
  shown <- c(
    "row", "study", if (any(x$experiment != "1", na.rm = TRUE)) "experiment", "cohort",
    if (!all(is.na(x$role))) "role",
    if (!all(is.na(x$outcome))) "outcome", if (!all(is.na(x$time))) "time",
    shown_numbers(x, "")
  )
  print_head(x, shown, cohort_columns, n)
}

describe_cohorts <- function(x) {
  animals <- group_ids(x$study, x$experiment, x$cohort)
  role <- table(factor(x$role[!duplicated(animals)], roles))
  role <- role[role > 0]
  by_role <- paste0(" (", paste(role, names(role), collapse = ", "), ")")
  paste0(
    count_text(count_unique(x$study), "study", "studies"), ", ",
    count_text(count_unique(group_ids(x$study, x$experiment)), "experiment"), ", ",
    count_text(count_unique(animals), "cohort"), if (sum(role) > 0) by_role, ", ",
    count_text(count_unique(x$outcome), "outcome"), ", ",
    count_text(count_unique(x$time), "time")
  )
}

# Only what the names do not say themselves.
describe_columns <- function(x) {
  from <- attr(x, "columns")
  from <- from[from != names(from)]
  if (length(from) == 0) return("")
  wrap_line("Columns: ", paste(names(from), "=", from, collapse = ", "))
}

describe_sd <- function(x) {
  if (all(is.na(x$mean)) && length(count_kinds(x, ""))) return("")
  count <- table(factor(x$error_type[!is.na(x$sd)], error_types$name))
  given <- count > 0
  if (!any(given)) return("SD: none\n")
  from <- paste0(" from ", error_types$label)
  how <- ifelse(error_types$name == "sd", " as given", from)
  wrap_line("SD: ", paste0(count, how, error_types$note)[given] |> paste(collapse = ", "))
}

describe_missing <- function(x) {
  bad <- which(!is.na(x$row) & !has_whole_kind(unclass(x)))
  if (length(bad) == 0) return("")
  what <- if (any(names(count_kinds(x, "")) != "means")) "numbers" else "n, mean or SD"
  rows <- x$row[bad]
  where <- if (anyNA(rows)) name_rows(bad, x$study) else name_rows(rows, by_row(x))
  wrap_line("Missing: ", what, " in ", where)
}

describe_direction <- function(x) {
  if (!is.null(x[["role"]]) && all(is.na(x$role))) return("") # correlations
  unknown <- sum(is.na(x$greater_is_worse))
  if (unknown == 0) return("Direction: declared\n")
  if (unknown == nrow(x)) return("Direction: not declared (greater_is_worse)\n")
  paste0("Direction: not declared for ", count_text(unknown, "row"), "\n")
}

# The first rows of some columns, then what is not shown.
print_head <- function(x, shown, standard, n) {
  first <- lapply(unclass(x)[shown], \(column) cut_names(utils::head(column, n)))
  print(as.data.frame(first), row.names = FALSE, digits = 4)
  if (nrow(x) > n) cat("... and ", count_text(nrow(x) - n, "more row"), "\n", sep = "")
  further <- setdiff(names(x), c(standard, shown, reserved_columns))
  if (length(further)) cat(wrap_line("Further columns: ", list_some(further)))
}

# Long names (a whole citation as the study) would push all else off the screen.
cut_names <- function(x, width = 24L) {
  if (!is.character(x)) return(x)
  x[!validEnc(x)] <- iconv(x[!validEnc(x)], "latin1", "UTF-8", sub = "?")
  long <- !is.na(x) & nchar(x) > width
  x[long] <- paste0(substr(x[long], 1, width - 3L), "...")
  x
}

list_some <- function(names, most = 12L) {
  if (length(names) <= most) return(toString(names))
  paste0(toString(names[seq_len(most)]), " and ", length(names) - most, " more")
}

count_unique <- function(x) length(unique(x))

wrap_line <- function(...) {
  lines <- strwrap(paste0(...), width = min(getOption("width"), 100), exdent = 2)
  paste0(paste(lines, collapse = "\n"), "\n")
}

#' @export
`[.mv_cohorts` <- function(x, ...) {
  keep_class(NextMethod(), x, "mv_cohorts", cohort_columns)
}

#' @export
`[[<-.mv_cohorts` <- function(x, ..., value) {
  keep_class(NextMethod(), x, "mv_cohorts", cohort_columns)
}

#' @export
`$<-.mv_cohorts` <- function(x, name, value) {
  keep_class(NextMethod(), x, "mv_cohorts", cohort_columns)
}

#' @export
`names<-.mv_cohorts` <- function(x, value) {
  keep_class(NextMethod(), x, "mv_cohorts", cohort_columns)
}

#' @exportS3Method dplyr::dplyr_reconstruct
dplyr_reconstruct.mv_cohorts <- function(data, template) {
  keep_class(data, template, "mv_cohorts", cohort_columns)
}
