# Labels and integer keys. Groups of rows are told apart by integers, found by radix
# sorting: a pasted text key of a million rows costs seconds and can collide.

# One integer a row, equal where all of the vectors are equal; NA is a value like any
# other. The integers are 1 to the number of groups, in no order that means anything.
# grouping() rounds doubles and sorts text by its bytes; match() compares both exactly.
group_ids <- function(...) {
  keys <- lapply(list(...), \(x) if (is.integer(x)) x else match(x, unique(x)))
  sorted <- do.call(grouping, unname(keys))
  ends <- attr(sorted, "ends")
  id <- integer(length(sorted))
  id[sorted] <- rep.int(seq_along(ends), diff(c(0L, ends)))
  id
}

# For each row, whether it is equal in all of the columns to one of the rows `marked`;
# NA is a value like any other. The first column should tell most rows apart.
rows_alike <- function(columns, marked) {
  columns <- lapply(columns, \(x) {
    if (typeof(x) %in% c("character", "double", "integer")) x else match(x, unique(x))
  })
  alike <- .Call(mv_rows_alike, columns, marked, FALSE)
  if (!is.null(alike)) return(alike)
  columns <- lapply(columns, \(x) if (is.character(x)) enc2utf8(x) else x)
  .Call(mv_rows_alike, columns, marked, TRUE)
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

# The same of group_ids(), without a hash: of all rows that write to a place the first is
# the last to do so.
first_of_ids <- function(id) {
  at <- rev(seq_along(id))
  first <- integer(max(0L, id))
  first[id[at]] <- at
  first[id]
}

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
