#' Mean and SD from medians, quartiles and ranges
#'
#' Estimates the mean and SD of a group from its median with the quartiles, with minimum
#' and maximum, or with all four, and says how much less precise they are.
#'
#' The mean is that of Luo (2018), the SD that of Wan (2014), or of Shi (2020) where
#' quartiles and range are given. All take the data for about normal. Shi's test of
#' skewness (2023) marks groups whose numbers speak against that at the 5 % level; for
#' those the logs may be normal: convert the logs of the five numbers, and use
#' [convert_log()] on the result.
#'
#' **Small groups.** The methods were published for 5 animals or more. Below that:
#'
#' * with minimum, median and maximum, 2 or 3 animals are all there is, and mean and SD
#'   are exact; of 4 animals the mean is exact;
#' * with quartiles alone the published formulas are used; they say little about so few
#'   animals, and `small` marks the rows;
#' * `n_mean` and `n_sd` say what the numbers are worth.
#'
#' `n_mean` is the number of animals whose own mean would be as precise as the estimated
#' one, `n_sd` the number whose own SD would be, from a simulation with normal data
#' (`validation/convert_median.md` in the sources), on the low side below 5 animals: 3.6
#' and 2.5 of 4 animals with quartiles alone. Published practice takes `n` itself, and so
#' gives such groups too much weight. To widen the variance give `n_mean` as `n` to
#' [cohorts()] or [as_comparisons()], as in the example. That makes the variance of MD
#' right, and of SMD where the effect is small. At a true SMD of 2 from quartiles alone,
#' 6 to 12 animals a group, intervals hold .91 to .92 (with `n` itself .89 to .90; with
#' `n_sd`, on the safe side, .98 to .99).
#'
#' **Which quartiles.** Programs disagree, and in small groups by a lot. Wan's formula is
#' for the quartiles of R, Excel's `QUARTILE.INC` and numpy, at 1 + p(n - 1)
#' (`"inclusive"`). Prism, SPSS and Minitab have them at p(n + 1), further out
#' (`"exclusive"`): taken for the others they make the SD 52 % too large at n = 6 and
#' 13 % at n = 20. SAS lies between.
#'
#' @param n Number of animals, 2 or more.
#' @param median Median.
#' @param q1,q3 Lower and upper quartile, or NULL.
#' @param min,max Minimum and maximum, or NULL. Each argument is one value a row, or one
#'   for all rows, NA where a paper does not give it.
#' @param quartiles `"inclusive"` or `"exclusive"`, for all rows or one a row: see below.
#' @return A data frame with a row for each row given: `mean`, `sd`, `n_mean`, `n_sd`;
#'   `from`, what they come from (`"range"`, `"quartiles"`, `"quartiles and range"`,
#'   `"every animal"`); `small`, TRUE for fewer than 5 animals; `skewed`, NA for fewer
#'   than 5; `problem`, why there is no result, NA where all is well.
#' @section Errors: A row whose numbers are not in order, with fewer than 2 animals, or
#'   with too few numbers, is NA with its `problem`; one warning names such rows, another
#'   those that are skewed.
#' @references Luo D, Wan X, Liu J, Tong T (2018). *Statistical Methods in Medical
#'   Research* 27:1785. Wan X, Wang W, Liu J, Tong T (2014). *BMC Medical Research
#'   Methodology* 14:135. Shi J, Luo D, Weng H, and others (2020). *Research Synthesis
#'   Methods* 11:641. Shi J, Luo D, Wan X, and others (2023). *Statistical Methods in
#'   Medical Research* 32:1338.
#' @family conversions
#' @examples
#' convert_median(n = c(12, 6, 3),
#'   median = c(14, 9, 7), q1 = c(11, 8, NA), q3 = c(18, 11, NA),
#'   min = c(6, NA, 5), max = c(25, NA, 12)
#' )
#'
#' # a table in which some groups have mean and SEM, others median and quartiles
#' scores <- data.frame(
#'   study = rep(c("Chen 2011", "Li 2015"), each = 2),
#'   role = c("control", "treated", "control", "treated"),
#'   animals = c(8, 9, 10, 10),
#'   average = c(40, 24, NA, NA), sem = c(3.2, 2.6, NA, NA),
#'   median = c(NA, NA, 38, 27), q1 = c(NA, NA, 31, 20), q3 = c(NA, NA, 46, 33)
#' )
#' found <- with(scores, convert_median(animals, median, q1, q3))
#' given <- with(scores, convert_sd(animals, sem = sem))
#' by_median <- is.na(scores$average)
#' scores$mean <- ifelse(by_median, found$mean, scores$average)
#' scores$error <- ifelse(by_median, found$sd, given$sd)
#' scores$n <- ifelse(by_median, found$n_mean, scores$animals)
#' scores$source <- ifelse(by_median, found$from, given$from)
#' cohorts(scores, error_type = "sd")
#' @export
convert_median <- function(n, median, q1 = NULL, q3 = NULL, min = NULL, max = NULL,
                           quartiles = "inclusive") {
  given <- read_vectors(n = n, median = median, q1 = q1, q3 = q3, min = min, max = max,
    one_of = c("q1", "min")
  )
  n <- given$values$n
  given$values$exclusive <- is_exclusive(quartiles, given$rows)
  found <- convert_rows("five_numbers", given, c(
    "mean", "sd", "n_mean", "n_sd", "statistic", "critical", "way"
  ))
  small <- rep_len(n < smallest_published, given$rows)
  skewed <- found$statistic >= found$critical
  skewed[small] <- NA
  tell_skewed(which(skewed))
  new_frame(list(
    mean = found$mean, sd = found$sd, n_mean = found$n_mean, n_sd = found$n_sd,
    from = ways_of_medians[found$way], small = small, skewed = skewed,
    problem = found$problem
  ))
}

smallest_published <- 5

# 1 where quartiles are exclusive, else 0; one number or one a row.
is_exclusive <- function(quartiles, rows, call = rlang::caller_env()) {
  words <- if (is.character(quartiles)) unique(quartiles) else list(quartiles)
  for (word in words) {
    check_choice(word, c("inclusive", "exclusive"), "quartiles", call)
  }
  if (!length(quartiles) %in% c(1L, rows)) {
    stop_lengths(c(quartiles = length(quartiles), n = rows), call)
  }
  as.double(quartiles == "exclusive")
}

# In the order of the core's `way`.
ways_of_medians <- c("range", "quartiles", "quartiles and range", "every animal")

tell_skewed <- function(rows) {
  if (length(rows) == 0) return(invisible())
  warn_user(c(
    "{capital(name_rows(rows))}: the median is far from the middle, as in skewed data.",
    "i" = "Mean and SD are computed as if the data were normal. Where all values are
     positive, convert their logs and use {.fn convert_log}."
  ), "skewed")
}
