# Every error and warning a user can read is raised here, so that each has a
# class: `mv_error_<what>` below `mv_error`, `mv_warning_<what>` below
# `mv_warning`. Messages are cli bullets; braces are cli's.

stop_user <- function(message, class = "input", ..., call = rlang::caller_env(),
                      env = parent.frame()) {
  cli::cli_abort(
    message,
    class = c(paste0("mv_error_", class), "mv_error"),
    ..., call = call, .envir = env
  )
}

warn_user <- function(message, class = "input", ..., call = NULL,
                      env = parent.frame()) {
  cli::cli_warn(
    message,
    class = c(paste0("mv_warning_", class), "mv_warning"),
    ..., call = call, .envir = env
  )
}

tell_user <- function(message, class = "note", ..., env = parent.frame()) {
  cli::cli_inform(
    message,
    class = c(paste0("mv_message_", class), "mv_message"),
    ..., .envir = env
  )
}

# Text of the user's, such as a study's name, in a bullet: its braces are not cli's.
escape_braces <- function(text) gsub("([{}])", "\\1\\1", text)

# Names rows for a message: "rows 3, 4 and 7 (Chen 2011, Li 2015)". At most `most`
# are written out; the rest are counted.
name_rows <- function(rows, study = NULL, most = 5L, label = "row") {
  rows <- sort(unique(rows))
  if (length(rows) == 0) return(paste(label, "NA"))
  shown <- utils::head(rows, most)
  text <- if (length(rows) > most) {
    paste0(toString(shown), " and ", length(rows) - most, " more")
  } else if (length(shown) > 1) {
    paste(toString(shown[-length(shown)]), "and", shown[length(shown)])
  } else {
    as.character(shown)
  }
  if (length(rows) != 1) label <- paste0(label, "s")
  paste0(label, " ", text, name_studies(study[rows], most))
}

name_studies <- function(study, most) {
  study <- unique(as.character(study[!is.na(study)]))
  if (length(study) == 0) return("")
  more <- if (length(study) > most) ", ..." else ""
  paste0(" (", toString(utils::head(study, most)), more, ")")
}

# The value in `choices` nearest to what the user wrote, or NULL when none is near.
nearest <- function(word, choices) {
  if (length(choices) == 0 || is.na(word) || !validEnc(word)) return(NULL)
  distance <- drop(utils::adist(tolower(word), tolower(choices)))
  longest <- pmax(nchar(word), nchar(choices))
  near <- distance <= pmax(2, longest / 3) & distance < longest
  # of those equally near, that with the same letters: "SDM" is SMD, not ROM
  letters <- drop(utils::adist(in_order(word), in_order(choices)))
  best <- order(distance, abs(nchar(choices) - nchar(word)), letters)[1]
  if (near[best]) choices[best] else NULL
}

in_order <- function(words) {
  vapply(strsplit(tolower(words), ""), \(x) paste(sort(x), collapse = ""), "")
}

did_you_mean <- function(word, choices) {
  near <- nearest(word, choices)
  if (is.null(near)) NULL else paste0("Did you mean \"", near, "\"?")
}
