# Numbers as text, for prints, tables and plots.

# Two decimals as a rule; more where a number would read 0.00, fewer for large ones.
number_text <- function(x, digits = 2) {
  size <- abs(x)
  extreme <- is.finite(size) & (size >= 1e8 | (size > 0 & size < 1e-5))
  decimal_text(x, number_places(x, digits), extreme)
}

number_places <- function(x, digits) {
  size <- abs(x)
  places <- ifelse(
    !is.finite(size) | size == 0 | size >= 10^-digits, digits,
    pmin(max(digits, 1) - 1 - floor(log10(size)), 10)
  )
  places[is.finite(size) & size >= 1000] <- 0
  as.integer(places)
}

# The numbers of a column, all with as many decimals as one of them needs, but no more
# than two beyond `digits`.
column_text <- function(x, digits = 2) {
  if (length(x) == 0) return(character())
  places <- min(max(number_places(x, digits)), digits + 2L)
  size <- abs(x)
  extreme <- is.finite(size) & (size >= 1e8 | (size > 0 & round(size, places) == 0))
  decimal_text(x, places, extreme)
}

decimal_text <- function(x, places, extreme) {
  text <- sprintf("%.*f", as.integer(places), x)
  text[extreme] <- sprintf("%.1e", x[extreme])
  text[is.na(x)] <- "NA"
  text[which(is.infinite(x))] <- ifelse(x[which(is.infinite(x))] > 0, "Inf", "-Inf")
  sub("^-(0\\.?0*)$", "\\1", text)
}

interval_text <- function(lower, upper, digits = 2, unit = "") {
  paste0("[", number_text(lower, digits), ", ", number_text(upper, digits), "]", unit)
}

p_text <- function(p, name = "p") {
  ifelse(
    is.na(p), paste(name, "= NA"),
    ifelse(p < 0.001, paste(name, "< 0.001"), paste(name, "=", sprintf("%.3f", p)))
  )
}

percent_text <- function(x, digits = 0) paste0(number_text(x, digits), " %")

count_text <- function(n, one, many = paste0(one, "s")) {
  number <- format(n, big.mark = ",", decimal.mark = ".", trim = TRUE, scientific = FALSE)
  paste(number, if (n == 1) one else many)
}

capital <- function(text) paste0(toupper(substr(text, 1, 1)), substring(text, 2))
