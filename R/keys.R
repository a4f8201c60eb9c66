# Labels and integer keys. Groups of rows are told apart by integers, which the border
# finds by a hash of cells: a pasted text key of a million rows costs seconds and can
# collide.

# One integer a row, equal where all of the vectors are equal; NA is a value like any
# other. The integers are 1 to the number of groups, as they first appear.
group_ids <- function(...) group_rows(list(...))$id

# The same of a list of columns, and the `first` row of each group.
group_rows <- function(columns) {
  many <- length(columns) - most_columns
  if (many > 0) {
    rest <- seq_len(many + 1L)
    columns <- c(list(group_rows(columns[rest])$id), columns[-rest])
  }
  by_cells(columns, \(columns, sure) .Call(mv_group_rows, columns, sure))
}

# For each row, whether it is equal in all of the columns to one of the rows `marked`;
# NA is a value like any other. The first column should tell most rows apart.
rows_alike <- function(columns, marked) {
  by_cells(columns, \(columns, sure) .Call(mv_rows_alike, columns, marked, sure))
}

# As many as MOST_COLUMNS in src/ffi_cells.h.
most_columns <- 8L

# `ask` gives NULL where texts may be equal in two encodings: then they are made one.
by_cells <- function(columns, ask) {
  columns <- lapply(columns, plain_cells)
  found <- ask(columns, FALSE)
  if (!is.null(found)) return(found)
  columns <- lapply(columns, \(x) if (is.character(x)) in_one_encoding(x) else x)
  ask(columns, TRUE)
}

# Text that is marked as bytes has no characters to write in another encoding.
in_one_encoding <- function(x) {
  text <- Encoding(x) != "bytes"
  x[text] <- enc2utf8(x[text])
  x
}

# What is more than its bits, such as a list or an integer64, is compared by match().
plain_cells <- function(x) {
  if (is.factor(x)) return(x)
  plain <- !is.object(x) && typeof(x) %in% c("character", "double", "integer", "logical")
  if (plain) x else match(x, unique(x))
}

# Numbers the rows of each group 1, 2, ... in the order of the table.
count_within <- function(group) {
  by_group <- order(group, method = "radix")
  start <- which(!duplicated(group[by_group]))
  size <- diff(c(start, length(group) + 1L))
  number <- integer(length(group))
  number[by_group] <- seq_along(group) - rep.int(start, size) + 1L
  number
}

# For each row, the first row of its group.
first_of <- function(group) match(group, group)

# How many comparisons the control (or sham) of each row serves in its study,
# experiment, outcome and time; NA for a row without one.
count_shared <- function(cell, cohort) {
  group <- group_ids(cell, cohort)
  served <- tabulate(group)[group]
  served[is.na(cohort)] <- NA_integer_
  served
}

# Names as text: without white space at the ends (and no-break spaces, which
# spreadsheets leave behind), "" as missing, numbers in full ("100000", not "1e+05").
# The work is done once for each different value.
as_labels <- function(x, arg, call = rlang::caller_env()) {
  if (is.null(x)) return(NULL)
  if (is.factor(x)) return(clean_labels(levels(x), arg, call)[as.integer(x)])
  if (!is.atomic(x) || length(dim(x)) > 1) {
    stop_user(c(
      "{.arg {arg}} must be text or numbers.",
      "x" = "It is {.obj_type_friendly {x}}."
    ), "type", call = call)
  }
  values <- unique(x)
  clean_labels(label_text(values), arg, call)[match(x, values)]
}

# What each label means in `table`, whose names are in lower case; NA if nothing.
look_up <- function(label, table) {
  words <- unique(label)
  unname(table[tolower(words)])[match(label, words)]
}

label_text <- function(values) {
  if (!is.numeric(values) || is.object(values)) return(as.character(values))
  text <- as.character(values)
  whole <- is.finite(values) & abs(values) < 1e15 & values == round(values)
  text[whole] <- sprintf("%.0f", as.double(values[whole]))
  text
}

clean_labels <- function(text, arg, call) {
  bad <- which(!validEnc(text) | Encoding(text) == "bytes")
  if (length(bad)) {
    shown <- iconv(text[bad[1]], "latin1", "UTF-8", sub = "?")
    stop_user(c(
      "{.arg {arg}} has text in another encoding than it says, such as {.val {shown}}.",
      "i" = "Read the file with its encoding, e.g.
        {.code read.csv(file, fileEncoding = \"latin1\")}."
    ), "encoding", call = call)
  }
  text <- trimws(enc2utf8(text), whitespace = "[ \t\r\n\u00a0]")
  text[text %in% c("", "NA")] <- NA_character_
  text
}
