# The sentences of reported_range() and their print.

# One text a row: what is claimed, what was found, why the verdict follows, and what a
# new study may show.
range_sentence <- function(table) {
  text <- paste0(
    ifelse(table$simulated, "Simulated data, no evidence. ", ""),
    capital(as.character(table$verdict)), ": ", claim_text(table),
    found_text(table), verdict_text(table), ".", ahead_text(table), share_text(table)
  )
  gsub(" +", " ", text)
}

# ---- the claim -----------------------------------------------------------------------

claim_text <- function(table) {
  none <- is.na(table$lower)
  words <- ifelse(is.na(table$change), "no figure is given",
    sprintf("the claim is \"%s\"", table$change)
  )
  figure <- sprintf(
    "the claim is %s %s of %s", ifelse(table$change %in% "increase", "an", "a"),
    table$change, size_text(table)
  )
  ifelse(none, words, figure)
}

# "40 to 60 %", or "30 %, taken as 25 to 35 % (margin 5 points)". Sizes have no sign.
size_text <- function(table) {
  turn <- ifelse(table$change %in% "reduction", -1, 1)
  from <- pmin(turn * table$lower, turn * table$upper)
  to <- pmax(turn * table$lower, turn * table$upper)
  range <- sprintf("%s to %s %%", short_number(from), short_number(to))
  ifelse(is.na(table$margin), range, sprintf(
    "%s %%, taken as %s (margin %s points)", short_number((from + to) / 2), range,
    short_number(table$margin)
  ))
}

# As few digits as say it, each by itself.
short_number <- function(x) sprintf("%.6g", x)

# ---- the finding ---------------------------------------------------------------------

# An interval of two studies may reach to any number; its size then says nothing more.
span_text <- function(lower, upper) {
  to <- ifelse(upper > 1e4, "more than 10,000", number_text(upper, 1))
  sprintf("%s to %s %%", number_text(lower, 1), to)
}

found_text <- function(table) {
  noun <- ifelse(table$change %in% range_changes[1:2], "mean change", "mean effect")
  noun[table$change %in% "recovery"] <- "mean recovery"
  found <- sprintf(
    "; the %s is %s %%, %s %% interval %s", noun, number_text(table$estimate, 1),
    short_number(100 * table$level), span_text(table$ci_lower, table$ci_upper)
  )
  ifelse(is.na(table$estimate), "", found)
}

verdict_text <- function(table) {
  signed <- sprintf("%s to %s %%", short_number(table$lower), short_number(table$upper))
  verdict <- as.character(table$verdict)
  text <- character(nrow(table))
  is <- \(word) verdict == word
  text[is("supported")] <- paste(", all inside", signed[is("supported")])
  text[is("compatible")] <- paste(", partly inside", signed[is("compatible")])
  text[is("contradicted")] <- paste0(
    ", all outside ", signed, ", on the side of ", side_text(table)
  )[is("contradicted")]
  text[is("undecided")] <- paste0("; ", table$reason)[is("undecided")]
  text
}

# Which way a contradicted claim is missed.
side_text <- function(table) {
  turn <- ifelse(table$change %in% "reduction", -1, 1)
  less <- turn * table$estimate < turn * (table$lower + table$upper) / 2
  other <- c(
    reduction = "an increase", increase = "a reduction", recovery = "more damage"
  )
  against <- pmax(turn * table$ci_lower, turn * table$ci_upper) < 0
  ifelse(against, other[table$change],
    paste(ifelse(less, "a smaller", "a larger"), table$change)
  )
}

# ---- new studies and observed ones ---------------------------------------------------

ahead_text <- function(table) {
  chance <- ifelse(is.na(table$probability_inside), "", sprintf(
    "; the chance that it is inside the claim is %s",
    chance_text(table$probability_inside)
  ))
  wide <- ifelse(is.na(table$pi_lower_wide), "", sprintf(
    "; at the upper limit of tau2 %s", span_text(table$pi_lower_wide, table$pi_upper_wide)
  ))
  doubt <- ifelse(table$pi_reliable, "", sprintf(
    " (unreliable: %s%s)", table$doubt, wide
  ))
  ifelse(is.na(table$pi_lower), "", sprintf(
    " A new study's true effect: 95 %% prediction interval %s%s%s.",
    span_text(table$pi_lower, table$pi_upper), doubt, chance
  ))
}

chance_text <- function(p) {
  ifelse(p < 0.01, "below 0.01", ifelse(p > 0.99, "above 0.99", sprintf("%.2f", p)))
}

share_text <- function(table) {
  ifelse(is.na(table$share_inside), "", sprintf(
    " Inside the claim: %d of %d observed effects.",
    as.integer(round(table$share_inside * table$k)), as.integer(table$k)
  ))
}

# ---- print ---------------------------------------------------------------------------

#' @rdname reported_range
#' @param x What `reported_range()` returned.
#' @param ... Unused.
#' @export
print.mv_range <- function(x, ...) {
  if (!all(c("claim", "sentence") %in% names(x))) {
    print(as.data.frame(x), ...)
    return(invisible(x))
  }
  alone <- nrow(x) == 1 && identical(x$claim, "claim 1")
  lines <- Map(\(claim, sentence) {
    c("", if (!alone) claim, wrap_sentence(sentence))
  }, x$claim, x$sentence)
  cat(range_title(x), unlist(lines), sep = "\n")
  invisible(x)
}

# A number and its percent sign stay on one line.
wrap_sentence <- function(text) {
  joined <- gsub(" %", "~%", text, fixed = TRUE)
  lines <- strwrap(joined, min(getOption("width"), 90), indent = 2, exdent = 2)
  gsub("~%", " %", lines, fixed = TRUE)
}

range_title <- function(table) {
  count <- nrow(table)
  title <- if (count == 1) {
    "Reported range"
  } else {
    sprintf("Reported ranges: %d claims, not adjusted for multiplicity", count)
  }
  if (any(table$simulated)) title <- c(title, "Simulated data: no evidence of anything.")
  title
}
