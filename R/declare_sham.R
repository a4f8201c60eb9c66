#' A healthy value where no sham was measured
#'
#' Gives the comparisons that have no sham group a sham mean that is known without one:
#' the floor of a scale (0 lesions in a healthy animal), or a mean taken from other
#' animals. The source of each sham mean is kept in the column `sham_source`.
#'
#' A declared value is exact: its SD is 0, it needs no animals, and it adds nothing to the
#' variance of an NMD. A mean that was inferred from other animals has their SD and n.
#'
#' @param comparisons What [comparisons()] or [as_comparisons()] returns. Rows that have a
#'   sham keep it.
#' @param mean The mean of healthy animals, in the unit of the outcome: one number, or a
#'   column. Where it is NA the row stays without a sham.
#' @param sd,n SD and number of the animals that the mean was inferred from; by default 0
#'   and none, a declared value. One number each, or columns.
#' @param source `"declared"` (known, such as the floor of a scale) or `"inferred"` (taken
#'   from animals that are not in the table).
#' @return The comparisons with `mean_s`, `sd_s`, `n_s`, `cohort_s` and `shared_s` filled
#'   in, and a column `sham_source`: `"measured"`, `"declared"`, `"inferred"`, or NA.
#' @section Errors: `mv_error_sham` for an SD below zero, for an SD above zero without n,
#'   and for `source = "declared"` with an SD.
#' @source Vesterinen and others 2014, J Neurosci Methods 221:92, section 3.
#' @seealso [effect_sizes()], measure `"NMD"`.
#' @examples
#' lesions <- data.frame(
#'   study = c("Chen 2011", "Li 2015"), n_t = 8, mean_t = c(24, 30), sd_t = 8,
#'   n_c = 8, mean_c = c(40, 51), sd_c = 9
#' )
#' pairs <- as_comparisons(lesions, error_t = sd_t, error_c = sd_c, error_type = "sd")
#' effect_sizes(declare_sham(pairs, mean = 0), "NMD")
#' @export
declare_sham <- function(comparisons, mean, sd = 0, n = NA,
                         source = c("declared", "inferred")) {
  check_class(comparisons, "mv_comparisons", "comparisons")
  source <- first_choice(source, c("declared", "inferred"))
  quos <- rlang::enquos(mean = mean, sd = sd, n = n, .ignore_empty = "none")
  sham <- read_sham(comparisons, quos, source)
  fill <- which(is.na(comparisons$mean_s) & !is.na(sham$mean))
  out <- unclass(comparisons)
  out$sham_source <- sham_sources(comparisons)
  out$sham_source[fill] <- source
  for (what in names(sham)) {
    column <- paste0(what, "_s")
    out[[column]][fill] <- sham[[what]][fill]
  }
  out$cohort_s[fill] <- paste0("sham (", source, ")")
  cell <- do.call(group_ids, unname(out[c("study", "experiment", "outcome", "time")]))
  out$shared_s <- count_shared(cell, out$cohort_s)
  class(out) <- class(comparisons)
  out
}

read_sham <- function(comparisons, quos, source, call = rlang::caller_env()) {
  values <- take_columns(comparisons, quos, call)$values
  study <- comparisons$study
  if (is.null(values$mean)) {
    stop_user("{.arg mean} is not given: the mean of healthy animals.", "absent",
      call = call
    )
  }
  sham <- lapply(names(quos), \(arg) as_numbers(values[[arg]], arg, study, call))
  names(sham) <- names(quos)
  stop_sham(is.infinite(sham$mean), "{.arg mean} must be finite", study, call)
  stop_sham(
    is.na(sham$sd) | sham$sd < 0 | is.infinite(sham$sd),
    "{.arg sd} must be zero or more, and finite", study, call
  )
  stop_sham(
    sham$sd > 0 & !(sham$n >= 1 & is.finite(sham$n)),
    "An {.arg sd} above zero needs the {.arg n} it comes from", study, call
  )
  if (source == "declared") {
    stop_sham(sham$sd > 0, "A declared mean is exact: with an {.arg sd} it is
      {.val inferred}. Say so by {.arg source}", study, call)
  }
  sham
}

stop_sham <- function(bad, must, study, call) {
  bad <- which(is.na(bad) | bad)
  if (length(bad) == 0) return(invisible())
  where <- name_rows(bad, study)
  stop_user(paste0(must, ", in {where}."), "sham", call = call)
}

sham_sources <- function(comparisons) {
  told <- comparisons[["sham_source"]]
  if (!is.null(told)) return(as.character(told))
  ifelse(is.na(comparisons$mean_s), NA_character_, "measured")
}
