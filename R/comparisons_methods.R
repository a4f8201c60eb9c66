#' @export
print.mv_comparisons <- function(x, n = 6L, ...) {
  if (!all(comparison_columns %in% names(x)) || nrow(x) == 0) return(NextMethod())
  cat("<mv_comparisons> ", describe_comparisons(x), "\n", describe_columns(x),
    describe_sharing(x), describe_imputed(x), describe_reasons(x), describe_direction(x),
    "\n",
    sep = ""
  )
  shown <- c(
    "study", if (any(x$experiment != "1", na.rm = TRUE)) "experiment",
    if (!all(is.na(x$outcome))) "outcome", if (!all(is.na(x$time))) "time",
    "cohort_t", "cohort_c", "n_t", "mean_t", "sd_t", "n_c", "mean_c", "sd_c"
  )
  print_head(x, shown, comparison_columns, n)
  invisible(x)
}

describe_comparisons <- function(x) {
  with_sham <- sum(!is.na(x$cohort_s))
  paste0(
    count_text(nrow(x), "comparison"), " of ",
    count_text(count_unique(x$study), "study", "studies"), ", ",
    count_text(with_sham, "with a sham group", "with a sham group")
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
