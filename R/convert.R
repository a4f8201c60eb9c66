# From the error that a paper reports beside a mean (SD, SEM, interval, IQR) to the SD.
# The arithmetic is core/convert.c, which owns the list of types (mv_error_types); the
# words and labels that a user meets are here.

error_types <- data.frame(
  name = c("sd", "sem", "ci", "iqr"),
  label = c("SD", "SEM", "95 % interval", "IQR"),
  note = c("", "", "", ", an approximation (Wan 2014)")
)

# What may be written for each, in lower case.
error_words <- c(sd = "sd", sem = "sem", se = "sem", ci = "ci", iqr = "iqr")

# SD of each row. `type` is one of error_types$name, for all rows or for each, or NA; what
# n or error does not define (an interval of one animal, a missing n) is NA. `level` is
# that of a "ci".
to_sd <- function(error, n, type, level = 0.95) {
  kind <- rep_len(match(type, .Call(mv_error_types)), length(error))
  sd <- .Call(mv_to_sd, error, n, kind, level)
  sd[is.na(sd)] <- NA_real_
  sd
}

# The words of `error_type` as error_types$name. `has_error` marks the rows whose error
# means nothing without it; there is no default, because a wrong one stays unseen.
read_error_type <- function(x, has_error, study, call = rlang::caller_env()) {
  label <- as_labels(x, "error_type", call)
  type <- look_up(label, error_words)
  bad <- which(is.na(type) & !is.na(label))
  if (length(bad)) stop_error_word(some_of(label[bad]), is.numeric(x), bad, study, call)
  missing <- which(is.na(type) & has_error)
  if (length(missing)) {
    stop_user(c(
      "{.arg error_type} is missing for {length(missing)} of {length(x)} row{?s}:
       {name_rows(missing, study)}.",
      "i" = "A standard error used as an SD inflates effects: say \"sd\", \"sem\",
       \"ci\" or \"iqr\" for each."
    ), "error_type", call = call)
  }
  type
}

stop_error_word <- function(words, is_number, bad, study, call) {
  hint <- if (is_number) {
    "For one type in all rows write {.code error_type = \"sd\"}, with quotes."
  } else if (length(did_you_mean(words[1], names(error_words)))) {
    "{did_you_mean(words[1], names(error_words))}"
  }
  stop_user(c(
    "{.arg error_type} must be {.or {.val {error_types$name}}} in each row.",
    "x" = "It is {.val {words}} in {name_rows(bad, study)}.",
    "i" = hint
  ), "error_type", call = call)
}
