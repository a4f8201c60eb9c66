# What the random parts and their parameters are called, for users.

# "var(study)", "var(outcome=pain | study)", "var(dose | study)".
variance_names <- function(part) {
  if (structure_row(part$structure)$variances == "part") {
    return(paste0("var(", part$name, ")"))
  }
  paste0("var(", level_names(part), " | ", part$labels$outer, ")")
}

# Pairs by column of the lower triangle: (2, 1), (3, 1), ..., (3, 2), ...
correlation_names <- function(part) {
  kind <- structure_row(part$structure)$correlations
  if (kind == "none") return(character())
  if (kind == "part") return(paste0("cor(", part$name, ")"))
  pair <- level_pairs(part$levels)
  if (nrow(pair) == 0) return(character())
  name <- level_names(part)
  paste0("cor(", name[pair[, 1]], ", ", name[pair[, 2]], " | ", part$labels$outer, ")")
}

# The two levels of each pair, the lower number first.
level_pairs <- function(m) {
  first <- rep.int(seq_len(m), m - seq_len(m))
  cbind(first, sequence(m - seq_len(m), seq_len(m) + 1L))
}

level_names <- function(part) {
  column <- part$labels$inner
  if (is.null(column)) part$labels$levels else paste0(column, "=", part$labels$levels)
}

# Two parts of the same columns and another structure say which is which in their names.
name_apart <- function(parts) {
  names <- vapply(parts, \(part) part$name, "")
  for (i in which(names %in% names[duplicated(names)])) {
    structure <- parts[[i]]$structure
    if (structure == "INTERCEPT") next
    parts[[i]]$name <- paste0(parts[[i]]$name, ", ", structure)
    parts[[i]]$labels$outer <- paste0(parts[[i]]$labels$outer, ", ", structure)
  }
  parts
}

# The names of the groups of a part, or of the levels of a known matrix, in the order of
# their integers. Made when asked: a large table has as many as rows.
random_labels <- function(part, effects, used = NULL) {
  if (part$structure == "KNOWN") return(part$labels$levels)
  first <- match(seq_len(part$groups), part$outer)
  rows <- if (is.null(used)) first else used[first]
  words <- lapply(part$labels$columns, \(column) {
    if (column == ".row") return(as.character(rows))
    x <- effects[[column]][rows]
    as_labels(x, column)
  })
  do.call(paste, c(words, sep = "/"))
}

# How many levels a part has for the user: groups, or those of a known matrix.
random_level_count <- function(part) {
  if (part$structure == "KNOWN") part$levels else part$groups
}

# The random parts in one line: "study / .row, outcome | study (CS), species (R)".
random_text <- function(parts) {
  columns <- lapply(parts, \(part) part$labels$columns)
  intercept <- vapply(parts, is_plain_part, NA)
  words <- vapply(parts, part_text, "")
  out <- character()
  for (i in seq_along(parts)) {
    above <- columns[[i]][-length(columns[[i]])]
    inside <- i > 1 && intercept[i] && intercept[i - 1] && length(above) > 0 &&
      identical(columns[[i - 1]], above)
    if (inside) {
      out[length(out)] <- paste(out[length(out)], "/", words[i])
    } else {
      out <- c(out, words[i])
    }
  }
  paste(out, collapse = ", ")
}

is_plain_part <- function(part) part$structure %in% c("INTERCEPT", "KNOWN")

part_text <- function(part) {
  column <- part$labels$columns[length(part$labels$columns)]
  if (part$structure == "INTERCEPT") return(column)
  if (part$structure == "KNOWN") return(paste(column, "(R)"))
  name <- sub(paste0(", ", part$structure, "$"), "", part$name)
  paste0(name, " (", part$structure, ")")
}
