# Columns of the table as integers: each is read once, however many formulas name it.

# `code` of each row, 1 to `count` as they first appear; `value` and `text` of each.
random_keys <- function(terms, effects, used, rows, call) {
  columns <- unlist(lapply(terms, \(term) {
    c(term$outer, if (is.symbol(term$inner) && !is_slopes(term$structure)) {
      as.character(term$inner)
    })
  }))
  columns <- unique(columns)
  keys <- lapply(columns, \(column) {
    if (column == ".row") return(list(code = seq_len(rows), count = rows))
    random_key(column, effects, used, call)
  })
  names(keys) <- columns
  keys
}

random_key <- function(column, effects, used, call) {
  x <- effects[[column]]
  check_grouping(x, column, call)
  if (!is.null(used)) x <- x[used]
  # match() would make text of dates
  plain <- if (is.factor(x)) as.integer(x) else as.vector(unclass(x))
  rows <- group_rows(list(plain))
  value <- plain[rows$first]
  key <- list(code = rows$id, count = length(value), value = value)
  key$text <- if (is.factor(x)) levels(x)[value] else if (is.character(x)) value
  if (is.object(x) && !is.factor(x)) key$shown <- x[rows$first]
  key <- tidy_key(key, column, call)
  gone <- is.na(if (is.null(key$text)) key$value else key$text)
  if (any(gone)) stop_missing_level(gone[key$code], column, effects, used, call)
  key
}

check_grouping <- function(x, column, call) {
  usable <- is.atomic(x) && !is.complex(x) && !is.raw(x) && is.null(dim(x)) &&
    !inherits(x, "integer64")
  if (usable) return(invisible())
  stop_user(c(
    "{.arg random} needs a column of numbers, text, dates or TRUE and FALSE.",
    "x" = "{.val {column}} is {.obj_type_friendly {x}}.",
    "i" = if (inherits(x, "integer64")) "Convert it by {.fn as.numeric}."
  ), "type", call = call)
}

# Text as as_labels() reads it: "A " is "A", an empty cell is missing. Done only where it
# changes something.
tidy_key <- function(key, column, call) {
  text <- key$text
  if (is.null(text) || !is_untidy(text)) return(key)
  text <- clean_labels(text, column, call)
  first <- which(!duplicated(text))
  key$code <- match(text, text[first])[key$code]
  key$count <- length(first)
  key$text <- text[first]
  key$value <- if (is.character(key$value)) text[first] else key$value[first]
  key
}

is_untidy <- function(text) {
  if (!all(validEnc(text)) || any(Encoding(text) == "bytes")) return(TRUE)
  if (any(text %in% c("", "NA"))) return(TRUE)
  for (end in c(" ", "\t", "\r", "\n", "\u00a0")) {
    if (any(startsWith(text, end) | endsWith(text, end), na.rm = TRUE)) return(TRUE)
  }
  FALSE
}

stop_missing_level <- function(gone, column, effects, used, call) {
  bad <- which(gone)
  if (length(bad) == 0) return(invisible())
  rows <- if (is.null(used)) bad else used[bad]
  where <- name_rows(rows, effects[["study"]])
  stop_user(c(
    "{.arg random} needs {.val {column}}, which is missing in {where}.",
    "i" = "Fill it in, or leave {cli::qty(length(rows))}{?this row/these rows} out of the
     table: {.code subset(effects, !is.na({column}))}."
  ), "random_missing", call = call, rows = rows)
}

key_labels <- function(key) {
  if (!is.null(key$text)) return(key$text)
  label_text(if (is.null(key$shown)) key$value else key$shown)
}
