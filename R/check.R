# Argument checks: each returns its argument in the type the code below expects,
# or stops with a sentence that names the argument.

check_class <- function(x, class, made_by, arg = rlang::caller_arg(x),
                        call = rlang::caller_env()) {
  if (inherits(x, class)) return(invisible(x))
  stop_user(c(
    "{.arg {arg}} must be {.cls {class}}, made by {.fn {made_by}}.",
    "x" = "It is {.obj_type_friendly {x}}."
  ), "class", call = call)
}

# One of a set of words; a wrong word is answered with the nearest right one.
check_choice <- function(x, choices, arg = rlang::caller_arg(x),
                         call = rlang::caller_env()) {
  if (is.character(x) && length(x) == 1 && x %in% choices) return(x)
  is_word <- is.character(x) && length(x) == 1 && !is.na(x)
  found <- if (is_word) paste0("It is \"", x, "\".") else "It is not a single string."
  hint <- if (is_word) did_you_mean(x, choices)
  stop_user(c(
    "{.arg {arg}} must be one of {.val {choices}}.",
    "x" = "{found}",
    "i" = if (length(hint)) "{hint}"
  ), "choice", call = call)
}

check_flag <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (is.logical(x) && length(x) == 1 && !is.na(x)) return(x)
  stop_user("{.arg {arg}} must be TRUE or FALSE.", "flag", call = call)
}

check_level <- function(level, arg = rlang::caller_arg(level),
                        call = rlang::caller_env()) {
  if (is.numeric(level) && length(level) == 1 && !is.na(level) && level > 0 &&
        level < 1) {
    return(as.double(level))
  }
  hint <- if (is.numeric(level) && length(level) == 1 && isTRUE(level > 1)) {
    c("i" = "For 95 % write {.code {arg} = 0.95}.")
  }
  stop_user(c("{.arg {arg}} must be one number between 0 and 1.", hint), "level",
    call = call
  )
}

check_number <- function(x, lower = -Inf, upper = Inf, arg = rlang::caller_arg(x),
                         call = rlang::caller_env()) {
  if (is.numeric(x) && length(x) == 1 && !is.na(x) && x >= lower && x <= upper) {
    return(as.double(x))
  }
  range <- if (is.finite(lower) || is.finite(upper)) {
    paste0(" between ", lower, " and ", upper)
  }
  stop_user("{.arg {arg}} must be one number{range}.", "number", call = call)
}

check_whole <- function(x, lower, upper, arg = rlang::caller_arg(x),
                        call = rlang::caller_env()) {
  whole <- is.numeric(x) && !is.object(x) && length(x) == 1 && !is.na(x) &&
    x == round(x) && x >= lower && x <= upper
  if (whole) return(as.integer(x))
  stop_user(c(
    "{.arg {arg}} must be one whole number, {lower} to {upper}.",
    "x" = if (is.numeric(x) && length(x) == 1) "It is {x}." else
      "It is {.obj_type_friendly {x}}."
  ), "number", call = call)
}
