#' Means and SDs of logs, geometric means
#'
#' Turns the mean and SD of logs, or a geometric mean and SD, into the mean and SD of the
#' values themselves, and back.
#'
#' Exact for log-normal values (Higgins, White and Anzures-Cabrera 2008). Logs are
#' natural; multiply means and SDs of base 10 logs by `log(10)` first. Papers give a
#' geometric mean with its interval more often than with its SD: the SD of the logs is
#' then `convert_sd(n, lower = log(lower), upper = log(upper))$sd`.
#'
#' A difference of two means of logs is a log ratio of geometric means, without any
#' conversion.
#'
#' @param mean,sd Mean and SD: of logs, the geometric ones, or of values. A geometric SD
#'   is a factor, 1 or more.
#' @param from `"log"`: mean and SD of logs, to those of values; `"geometric"`: geometric
#'   mean and SD, to those of values; `"raw"`: mean and SD of values, to those of logs.
#' @return A data frame with `mean`, `sd` and `problem`, a row for each row given.
#' @section Errors: A row with a negative SD, or with a mean that must be positive and is
#'   not, is NA with its `problem`, and one warning names such rows.
#' @references Higgins JPT, White IR, Anzures-Cabrera J (2008). *Statistics in Medicine*
#'   27:6072.
#' @family conversions
#' @examples
#' convert_log(mean = c(2.1, 2.4), sd = c(0.3, 0.5), from = "log")
#' convert_log(mean = 12, sd = 1.4, from = "geometric")
#' @export
convert_log <- function(mean, sd, from) {
  names <- c(log = "log_to_raw", geometric = "geometric_to_raw", raw = "raw_to_log")
  if (missing(from)) stop_from(names(names))
  from <- check_choice(from, names(names))
  given <- read_vectors(mean = mean, sd = sd)
  new_frame(convert_rows(names[[from]], given, c("mean", "sd")))
}

stop_from <- function(choices, call = rlang::caller_env()) {
  stop_user(c(
    "{.arg from} is missing: one of {.val {choices}}.",
    "i" = "Nothing in the numbers tells logs from values."
  ), "absent", call = call)
}
