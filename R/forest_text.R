# Words and numbers of a forest plot, and the room they take.

# Advance widths of the characters 32 to 126 in Arial and Helvetica, in thousandths of
# the font size. A hyphen counts as the minus it is printed as. Widths come from this
# table and not from a device, because asking grid opens one (and leaves Rplots.pdf).
glyph_widths <- c(
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 584, 278, 278,
  556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
  1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
  333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
  556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584
)
mm_per_point <- 25.4 / 72.27

# Width in mm of each text (the widest line, where it has several) at `size` points.
text_width <- function(text, size, bold = FALSE) {
  lines <- strsplit(enc2utf8(as.character(text)), "\n", fixed = TRUE)
  widest <- vapply(lines, function(x) max(0, vapply(x, line_width, 0)), 0)
  widest / 1000 * size * mm_per_point * if (bold) 1.08 else 1.02
}

line_width <- function(line) {
  if (is.na(line) || !nzchar(line)) return(0)
  code <- utf8ToInt(line)
  plain <- !is.na(code) & code >= 32 & code <= 126
  if (all(plain)) return(sum(glyph_widths[code - 31]))
  wide <- nchar(strsplit(line, "")[[1]][!plain], type = "width", allowNA = TRUE) > 1
  sum(glyph_widths[code[plain] - 31], ifelse(wide %in% TRUE, 1000, 600))
}

# Cuts what is wider than `width` mm. Where cutting the end makes two labels alike, the
# middle goes instead, so that "..., day 7" and "..., day 14" stay apart.
shorten <- function(text, width, size) {
  long <- which(text_width(text, size) > width)
  if (length(long) == 0) return(text)
  short <- replace(text, long, vapply(text[long], cut_end, "", width, size))
  clash <- (duplicated(short) | duplicated(short, fromLast = TRUE)) &
    !(duplicated(text) | duplicated(text, fromLast = TRUE))
  clash <- intersect(which(clash), long)
  replace(short, clash, vapply(text[clash], cut_middle, "", width, size))
}

cut_end <- function(text, width, size) {
  fits <- cut_to(text, width - text_width("...", size), size)
  paste0(sub("[ ,;]+$", "", fits), "...")
}

cut_middle <- function(text, width, size) {
  room <- (width - text_width("...", size)) / 2
  back <- function(x) paste(rev(strsplit(x, "")[[1]]), collapse = "")
  paste0(cut_to(text, room, size), "...", back(cut_to(back(text), room, size)))
}

cut_to <- function(text, width, size) {
  letters <- strsplit(text, "")[[1]]
  room <- cumsum(text_width(letters, size)) <= width
  paste(letters[room], collapse = "")
}

# Breaks texts into lines of at most `width` mm: at spaces, or at commas (`at = ", "`)
# and at spaces only where a part is too long; never inside brackets.
fold_text <- function(text, width, size, at = " ") {
  vapply(text, fold_one, "", width, size, at, USE.NAMES = FALSE)
}

fold_one <- function(text, width, size, at) {
  parts <- strsplit(text, paste0(at, "(?![^\\[(]*[\\])])"), perl = TRUE)[[1]]
  if (at != " ") parts <- fold_text(parts, width, size)
  lines <- parts[1]
  for (part in parts[-1]) {
    longer <- paste(lines[length(lines)], part, sep = at)
    if (text_width(longer, size) <= width) {
      lines[length(lines)] <- longer
    } else {
      lines <- c(lines, part)
    }
  }
  paste(lines, collapse = paste0(trimws(at), "\n"))
}

count_lines <- function(text) {
  if (length(text) == 0) return(0L)
  sum(lengths(strsplit(text, "\n", fixed = TRUE)))
}

# One number of decimals for a whole column: an interval of this width is told to two
# digits, and an SMD to 0.01 as papers print it. NA asks for significant digits.
choose_decimals <- function(width, at_least = 0L) {
  if (!is.finite(width)) return(max(2L, at_least))
  decimals <- max(as.integer(1 - floor(log10(width))), at_least, 0L)
  if (decimals > 6) NA_integer_ else decimals
}

print_number <- function(x, decimals) {
  plain <- if (is.na(decimals)) sprintf("%.2e", x) else sprintf("%.*f", decimals, x)
  huge <- is.finite(x) & abs(x) >= 1e5
  plain[huge] <- sprintf("%.1e", x[huge])
  zero <- !is.na(x) & grepl("^-[0.]+$", plain)
  plain[zero] <- substring(plain[zero], 2)
  plain[is.na(x)] <- ""
  plain
}

print_interval <- function(lower, upper) {
  ifelse(nzchar(lower) & nzchar(upper), paste0("[", lower, ", ", upper, "]"), "")
}

# Plain text to print: minus signs, tau and squares, where the device can draw them.
# pdf() and postscript() cannot; they get the ASCII text, whose hyphen they draw as a
# minus. A plot that is built with no device open may end on one of those.
typeset <- function(text, unicode = draws_unicode()) {
  if (!unicode || length(text) == 0) return(text)
  text <- gsub("(^|[^[:alnum:]])-([0-9.])", "\\1\u2212\\2", text)
  text <- gsub("\\btau2\\b", "\u03c4\u00b2", text)
  # A study may be called s2.
  text <- gsub("\\b([Is])2(?= [=<])", "\\1\u00b2", text, perl = TRUE)
  gsub("...", "\u2026", text, fixed = TRUE)
}

draws_unicode <- function() {
  device <- names(grDevices::dev.cur())
  l10n_info()[["UTF-8"]] && !device %in% c("null device", "pdf", "postscript", "xfig")
}
