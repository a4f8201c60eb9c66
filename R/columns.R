# Column arguments. With `data`, a name must be a column of it, first and only; other
# values come by `.env$x` or `!!x`. A column argument left out means the column of its
# own name where the table has one. A literal of length one is recycled.
# (A data-masked call that falls back to the caller pools a stray global in silence.)

# `quos`: a named list of quosures, one an argument. Returns a list of `values` (full
# length vectors, NULL where absent), `from` (which column or literal serves as what).
take_columns <- function(data, quos, call = rlang::caller_env()) {
  check_table(data, call)
  check_one_of_a_name(data, quos, call)
  taken <- lapply(names(quos), function(arg) take_column(data, quos[[arg]], arg, call))
  names(taken) <- names(quos)
  from <- vapply(taken, function(x) x$from, "")
  list(values = lapply(taken, function(x) x$value), from = from[!is.na(from)])
}

check_table <- function(data, call) {
  if (!is.data.frame(data)) {
    stop_user(c(
      "{.arg data} must be a data frame.",
      "x" = "It is {.obj_type_friendly {data}}."
    ), "class", call = call)
  }
  bad <- which(!validEnc(names(data)))
  if (length(bad) == 0) return(invisible(data))
  stop_user(c(
    "The name of column {bad[1]} has text in another encoding than it says.",
    "i" = "Read the file with its encoding, e.g.
      {.code read.csv(file, fileEncoding = \"latin1\")}."
  ), "encoding", call = call)
}

# Of two columns of one name `data[[name]]` takes the first, whatever was meant.
check_one_of_a_name <- function(data, quos, call) {
  twice <- unique(names(data)[duplicated(names(data))])
  if (length(twice) == 0) return(invisible())
  read <- lapply(names(quos), \(arg) {
    if (rlang::quo_is_missing(quos[[arg]])) arg else used_names(quos[[arg]])
  })
  check_twice(intersect(twice, unlist(read)), call)
}

take_column <- function(data, quo, arg, call) {
  if (rlang::quo_is_missing(quo)) {
    if (!arg %in% names(data)) return(list(value = NULL, from = NA_character_))
    return(list(value = one_column(data[[arg]], arg, call), from = arg))
  }
  if (rlang::quo_is_null(quo)) return(list(value = NULL, from = NA_character_))
  check_words(rlang::quo_get_expr(quo), names(data), arg, call)
  value <- rlang::eval_tidy(quo, data)
  expr <- rlang::quo_get_expr(quo)
  literal <- rlang::is_syntactic_literal(expr)
  if (literal && is.character(value) && value %in% names(data)) {
    stop_user(c(
      "{.arg {arg}} is the text {.val {value}}, the same for every row.",
      "i" = "For the column of that name write {.code {arg} = {value}}, without quotes."
    ), "column", call = call)
  }
  list(
    value = fit_length(one_column(value, arg, call), nrow(data), arg, call),
    from = if (rlang::is_symbol(expr)) as.character(expr) else rlang::as_label(expr)
  )
}

# Every bare name in an expression must be a column; `.env$x` and `.data$x` are free, and
# what follows a `$` is the name of a part.
check_words <- function(expr, columns, arg, call) {
  unknown <- setdiff(free_names(expr), columns)
  if (length(unknown) == 0) return(invisible())
  hint <- did_you_mean(unknown[1], columns)
  stop_user(c(
    "{.arg {arg}} names {.val {unknown[1]}}, which is not a column of {.arg data}.",
    "i" = if (length(hint)) "{hint}",
    "i" = "For a value from outside the table write {.code .env${unknown[1]}}."
  ), "column", call = call)
}

free_names <- function(expr) {
  if (rlang::is_quosure(expr)) return(free_names(rlang::quo_get_expr(expr)))
  if (is.symbol(expr)) return(setdiff(as.character(expr), c("", "T", "F", "pi")))
  if (!is.call(expr)) return(character())
  is_pronoun <- rlang::is_call(expr, c("$", "[["), n = 2) &&
    (identical(expr[[2]], quote(.env)) || identical(expr[[2]], quote(.data)))
  if (is_pronoun) return(character())
  if (rlang::is_call(expr, "$")) return(free_names(expr[[2]]))
  unlist(lapply(as.list(expr)[-1], free_names))
}

# A matrix of one column (as scale() makes) is a column; one of several, a function and
# the like is none.
one_column <- function(value, arg, call) {
  if (is.null(value)) return(NULL)
  if (is.matrix(value) && ncol(value) == 1) return(value[, 1])
  is_column <- is.atomic(value) || is.list(value)
  if (is_column && length(dim(value)) < 2) return(value)
  stop_user(c(
    "{.arg {arg}} must be one column.",
    "x" = "It is {.obj_type_friendly {value}}."
  ), "type", call = call)
}

fit_length <- function(value, rows, arg, call) {
  if (length(value) == rows) return(value)
  if (length(value) == 1) return(rep(value, rows))
  stop_user(c(
    "{.arg {arg}} must have one value a row, or one for all rows.",
    "x" = "It has {length(value)} value{?s}; the table has {rows} row{?s}."
  ), "length", call = call)
}

# Numbers as papers give them. Text that is wholly a number is taken as one; "6-8" or
# "1,200" stop with their rows: a guess at what was meant would be silent.
as_numbers <- function(x, arg, study = NULL, call = rlang::caller_env()) {
  check_plain(x, arg, call)
  if (is.null(x) || is.double(x)) return(as.vector(x))
  if (is.integer(x) && !is.factor(x)) return(as.double(x))
  if (is.logical(x) && all(is.na(x))) return(as.double(x))
  if (!is.character(x) && !is.factor(x)) {
    stop_user(c(
      "{.arg {arg}} must be numbers.",
      "x" = "It is {.obj_type_friendly {x}}."
    ), "type", call = call)
  }
  text <- clean_labels(as.character(x), arg, call)
  text[text %in% "NaN"] <- NA
  number <- decimal_numbers(text)
  bad <- which(is.na(number) & !is.na(text))
  if (length(bad) == 0) return(number)
  stop_user(c(
    "{.arg {arg}} must be numbers.",
    "x" = "{.val {text[bad[1]]}} is none, in {name_rows(bad, study)}.",
    "i" = "Write one number in each cell, with a point for decimals and no other mark."
  ), "number", call = call)
}

# R reads "12e" (a footnote's e) as 12, "0x1A" as 26, "1e-400" as 0: here they are none.
decimal_numbers <- function(text) {
  decimal <- "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?$"
  words <- c("inf", "-inf", "+inf", "infinity", "-infinity", "+infinity")
  word <- tolower(text) %in% words
  number <- rep_len(NA_real_, length(text))
  read <- which(word | grepl(decimal, text, ignore.case = TRUE))
  number[read] <- as.double(text[read])
  lost <- number == 0 & grepl("^[^e]*[1-9]", text, ignore.case = TRUE)
  number[which(lost | is.infinite(number) & !word)] <- NA_real_
  number
}

# Numbers that stand for something else: the bits of an integer64 are no double, a date is
# no mean.
check_plain <- function(x, arg, call) {
  plain <- !inherits(x, c("integer64", "Date", "POSIXt", "difftime", "complex"))
  if (plain && length(dim(x)) < 2) return(invisible())
  stop_user(c(
    "{.arg {arg}} must be plain numbers, one a row.",
    "x" = "It is {.obj_type_friendly {x}}.",
    "i" = if (inherits(x, "integer64")) "Convert it, e.g. by {.fn as.numeric}.",
    "i" = if (inherits(x, c("Date", "POSIXt"))) {
      "A spreadsheet turns an entry such as \"6-8\" into a date: mend it there, or read
       the column as text."
    }
  ), "type", call = call)
}
