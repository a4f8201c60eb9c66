# Measures in words, and effects in percent.

measure_label <- function(measure) {
  known <- vapply(measure_words, function(words) words[["label"]], "")
  label <- unname(known[as.character(measure)])
  ifelse(is.na(label), measure, label)
}

has_percent <- function(measure) measure %in% c("ROM", "NMD")

# Effects in percent. ROM: always from log(m_t/m_c), and the sign of a turned direction is
# put on afterwards, so that a halving is 50 %, never 100 %. NMD is percent as it is.
# Increasing in `y`, so that it turns interval ends into interval ends.
percent_of <- function(y, measure, sign = 1) {
  if (!all(has_percent(measure))) {
    stop_user(c(
      "Only effects measured as {.val ROM} or {.val NMD} have a percent scale.",
      "x" = "These are {.val {unique(measure[!has_percent(measure)])}}."
    ), "percent")
  }
  # one measure for many values: ifelse() has the length of its test
  linear <- rep_len(measure == "NMD", length(y))
  ifelse(linear, y, 100 * sign * expm1(sign * y))
}

# The inverse, for one measure; -Inf or NaN where a ratio would fall to 0 or below it.
of_percent <- function(percent, measure, sign = 1) {
  if (measure == "NMD") percent else sign * log1p(sign * percent / 100)
}
