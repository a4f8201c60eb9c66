# What cohorts() and as_comparisons() read alike: the columns that say which study,
# outcome and time a row belongs to, and the numbers of a group of animals. Each reader
# returns its column in its final type, or stops naming the rows.

# The columns of `quos`, as take_columns() gives them, after a check that the `required`
# ones are there, and those that a kind of numbers needs for the groups of `suffixes`.
read_columns <- function(data, quos, required, call, suffixes = NULL) {
  if (is.data.frame(data)) check_rows(data, call)
  word <- error_word(quos$error_type)
  # "sd" is a word also where the table has a column `sd`.
  if (!is.null(word)) quos$error_type <- NULL
  taken <- take_columns(data, quos, call)
  if (!is.null(word)) {
    taken$values$error_type <- rep(word, nrow(data))
    taken$from["error_type"] <- dQuote(word, FALSE)
  }
  if (length(suffixes)) required <- c(required, kind_columns(taken$values, suffixes))
  absent <- required[vapply(taken$values[required], is.null, NA)]
  if (length(absent)) {
    stop_absent(absent, names(data), call, has_other_kind(taken$values, suffixes))
  }
  taken
}

check_rows <- function(data, call) {
  if (nrow(data) > 0) return(invisible())
  stop_user("{.arg data} has no rows.", "empty", call = call)
}

error_word <- function(quo) {
  if (is.null(quo) || rlang::quo_is_missing(quo)) return(NULL)
  expr <- rlang::quo_get_expr(quo)
  if (rlang::is_string(expr) && tolower(trimws(expr)) %in% names(error_words)) expr
}

# `without`: other numbers are there, so that the means need not be.
stop_absent <- function(absent, columns, call, without = FALSE) {
  if ("error_type" %in% absent && length(absent) == 1) {
    stop_user(c(
      "{.arg error_type} is not given, and the table has no column of that name.",
      "i" = "A standard error used as an SD inflates effects: name the column that says
       \"sd\", \"sem\", \"ci\" or \"iqr\" for each row, or give one word for all."
    ), "error_type", call = call)
  }
  hint <- error_hint(absent, columns)
  mean_word <- intersect(columns, c("mean", "mean_t", "mean_c"))[1]
  without <- without && !is.na(mean_word)
  stop_user(c(
    "{.arg {absent}} {?is/are} not given, and the table has no column{?s} of
     {?that name/these names}.",
    "i" = if (is.null(hint)) {
      "Say which columns serve, e.g. {.code {absent[1]} = name_of_the_column}."
    } else {
      "The table has {.val {hint$column}}: write
       {.code {hint$arg} = {hint$column}, error_type = \"{hint$type}\"}."
    },
    "i" = if (without) {
      "If {.val {mean_word}} is no mean of the outcome, rename it or leave it out of
       {.arg data}."
    }
  ), "absent", call = call)
}

# A column "sd_t" where `error_t` is not given.
error_hint <- function(absent, columns) {
  for (arg in grep("^error(_|$)", setdiff(absent, "error_type"), value = TRUE)) {
    likely <- paste0(names(error_words), sub("error", "", arg, fixed = TRUE))
    found <- match(likely, tolower(columns))
    if (all(is.na(found))) next
    at <- which(!is.na(found))[1]
    return(list(arg = arg, column = columns[found[at]], type = error_words[[at]]))
  }
}

# The columns that say where a row belongs. `treatment` and `unit` are NULL if absent.
read_design <- function(values, rows, call) {
  design <- list(study = read_study(values$study, call))
  design$experiment <- read_experiment(values$experiment, design$study, rows, call)
  label <- \(arg) as_labels(values[[arg]], arg, call)
  design$treatment <- label("treatment")
  design$outcome <- label("outcome") |> or_missing(rows, NA_character_)
  design$time <- read_time(values$time, rows, call)
  design$unit <- label("unit")
  design$greater_is_worse <- read_direction(values$greater_is_worse, design, rows, call)
  design$scales <- read_scales(values, design, rows, call)
  design
}

read_direction <- function(x, design, rows, call) {
  if (is.null(x)) return(rep(NA, rows))
  read_flag(x, "greater_is_worse", "direction", design, rows, call) |>
    check_one_value("greater_is_worse", "direction", design, call)
}

read_study <- function(x, call) {
  study <- as_labels(x, "study", call)
  bad <- which(is.na(study))
  if (length(bad) == 0) return(study)
  stop_user(c(
    "{.arg study} is missing in {name_rows(bad)}.",
    "i" = "Effects are pooled by study: name it in every row."
  ), "study", call = call)
}

# Without names of experiments a study is one experiment, "1". A study that names some
# of its experiments must name all: the nameless rows could belong to any.
read_experiment <- function(x, study, rows, call) {
  if (is.null(x)) return(rep("1", rows))
  experiment <- as_labels(x, "experiment", call)
  nameless <- is.na(experiment)
  bad <- which(nameless & study %in% study[!nameless])
  if (length(bad)) {
    stop_user(c(
      "{.arg experiment} is missing in {name_rows(bad, study)}, while other rows of the
       same study have one.",
      "i" = "Name it in every row of a study, or in none."
    ), "experiment", call = call)
  }
  experiment[nameless] <- "1"
  experiment
}

read_time <- function(x, rows, call) {
  if (is.null(x)) return(rep(NA_real_, rows))
  if (is.logical(x) && all(is.na(x))) return(as.double(x))
  if (!is.numeric(x) || is.object(x)) return(as_labels(x, "time", call))
  time <- as.double(x)
  time[is.nan(time)] <- NA_real_
  time
}

# The numbers of one arm; `suffix` is "", or "_t", "_c", "_s" of a wide table. n, mean
# and error are always there, the other fields where they were given.
read_arm <- function(values, suffix, study, call) {
  number <- function(what, bad, must) {
    arg <- paste0(what, suffix)
    x <- as_numbers(values[[arg]], arg, study, call) |>
      or_missing(length(study), NA_real_)
    check_values(x, bad, must, arg, study, call)
  }
  arm <- list(
    n = number("n", \(x) x <= 0 | is.infinite(x), "positive and finite"),
    mean = number("mean", is.infinite, "finite"),
    error = number("error", \(x) x < 0 | is.infinite(x), "zero or more, and finite")
  )
  c(arm, read_fields(values, suffix, arm$n, study, call))
}

# A table without means needs no error type.
read_arm_type <- function(x, error, study, call) {
  if (is.null(x)) return(rep(NA_character_, length(study)))
  read_error_type(x, !is.na(error), study, call)
}

check_values <- function(x, is_bad, must, arg, study, call) {
  bad <- which(is_bad(x))
  if (length(bad) == 0) return(x)
  found <- vapply(some_of(x[bad]), format, "")
  stop_user(c(
    "{.arg {arg}} must be {must}.",
    "x" = "It is {found} in {name_rows(bad, study)}.",
    "i" = "Leave the cell empty where the number is not known."
  ), "number", call = call)
}

# Different values for a message.
some_of <- function(x) utils::head(unique(x), 3)

or_missing <- function(x, rows, missing) if (is.null(x)) rep(missing, rows) else x
