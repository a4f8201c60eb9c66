# Numbers and measures in words.

measure_label <- function(measure) {
  known <- vapply(measure_words, function(words) words[["label"]], "")
  label <- unname(known[measure])
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
      "x" = "These are {.val {setdiff(measure, c('ROM', 'NMD'))}}."
    ), "percent")
  }
  ifelse(measure == "NMD", y, 100 * sign * expm1(sign * y))
}

format_number <- function(x, digits = 2L) {
  text <- formatC(x, digits = digits, format = "f")
  text <- sub("^-(0[.]?0*)$", "\\1", text)
  ifelse(is.na(x), "NA", text)
}

format_interval <- function(lower, upper, digits = 2L) {
  paste0("[", format_number(lower, digits), ", ", format_number(upper, digits), "]")
}

format_p <- function(p) {
  ifelse(is.na(p), "NA", ifelse(p < 0.001, "< 0.001", formatC(p, digits = 3, format = "f")))
}

# "3 rows", "1 row"
count_of <- function(count, word, plural = paste0(word, "s")) {
  paste(format(count, big.mark = ",", trim = TRUE), if (count == 1) word else plural)
}
