#' @export
print.mv_comparisons <- function(x, n = 6L, ...) {
  if (!all(comparison_columns %in% names(x)) || nrow(x) == 0) return(NextMethod())
  n <- check_number(n, 0)
  print_or_plain(x, \(x) show_comparisons(x, n))
}

show_comparisons <- function(x, n) {
  cat("<mv_comparisons> ", describe_comparisons(x), "\n", describe_columns(x),
    describe_kinds(x, "_t"), describe_sharing(x), describe_attrition(x),
    describe_imputed(x), describe_reasons(x), describe_direction(x), "\n",
    sep = ""
  )
  shown <- c(
    "study", if (any(x$experiment != "1", na.rm = TRUE)) "experiment",
    if (!all(is.na(x$outcome))) "outcome", if (!all(is.na(x$time))) "time",
    "cohort_t", "cohort_c", shown_numbers(x, c("_t", "_a", "_b", "_c"))
  )
  print_head(x, shown, comparison_columns, n)
}

describe_comparisons <- function(x) {
  with_sham <- sum(!is.na(x$cohort_s))
  what <- if (!is.null(x[["cohort_a"]])) {
    "both treatments, each alone, and neither"
  } else if (all((x$cohort_t == x$cohort_c) %in% TRUE)) {
    "two readings of the same animals"
  } else {
    count_text(with_sham, "with a sham group", "with a sham group")
  }
  paste0(
    count_text(nrow(x), "comparison"), " of ",
    count_text(count_unique(x$study), "study", "studies"), ", ",
    what
  )
}

describe_sharing <- function(x) {
  several <- sum(x$shared_c > 1, na.rm = TRUE)
  if (several == 0) return("Shared controls: none\n")
  paste0("Shared controls: ", count_text(several, "comparison"), "\n")
}

describe_reasons <- function(x) {
  why <- table(x$reason)
  if (length(why) == 0) return("")
  wrap_line("No effect: ", paste0(why, " (", names(why), ")", collapse = ", "))
}

#' @export
`[.mv_comparisons` <- function(x, ...) {
  keep_class(NextMethod(), x, "mv_comparisons", comparison_columns)
}

#' @export
`[[<-.mv_comparisons` <- function(x, ..., value) {
  keep_class(NextMethod(), x, "mv_comparisons", comparison_columns)
}

#' @export
`$<-.mv_comparisons` <- function(x, name, value) {
  keep_class(NextMethod(), x, "mv_comparisons", comparison_columns)
}

#' @export
`names<-.mv_comparisons` <- function(x, value) {
  keep_class(NextMethod(), x, "mv_comparisons", comparison_columns)
}

#' @exportS3Method dplyr::dplyr_reconstruct
dplyr_reconstruct.mv_comparisons <- function(data, template) {
  keep_class(data, template, "mv_comparisons", comparison_columns)
}
