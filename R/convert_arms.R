#' Several groups of animals as one
#'
#' Combines the groups that `by` names alike: n, mean and SD as if all animals had been
#' one group from the start, events added up.
#'
#' Exact, whatever the groups' means (Cochrane Handbook 6.5.2.10). The SD of one animal
#' may be missing. Combine groups that answer one question, such as two doses that the
#' review does not tell apart; groups that share nothing but the study are better left
#' apart, with their shared control ([effect_sizes()]).
#'
#' @param by What groups have in common: a vector, or a data frame or list of vectors.
#' @param n Number of animals of each group.
#' @param mean,sd Mean and SD of each group, or NULL.
#' @param events Number of animals with an event of each group, or NULL.
#' @return A data frame with a row for each different `by`, in the order of first
#'   appearance: `by` (or the columns of it), `groups`, how many were combined, `n`,
#'   `mean`, `sd`, `events` (those given) and `problem`.
#' @section Errors: If a number of one of its groups is missing or impossible, the
#'   combined row is NA with its `problem`, and one warning names such rows of the result.
#' @family conversions
#' @examples
#' convert_arms(by = c("low", "high", "high"),
#'   n = c(8, 6, 7), mean = c(24, 18, 15), sd = c(6, 5, 7)
#' )
#' @export
convert_arms <- function(by, n, mean = NULL, sd = NULL, events = NULL) {
  labels <- if (is.data.frame(by) || is.list(by)) as.list(by) else list(by = by)
  given <- read_vectors(n = n, mean = mean, sd = sd, events = events)
  check_by(labels, given$rows)
  rows <- length(labels[[1]])
  x <- lapply(given$values, rep_len, rows)
  set <- do.call(group_ids, labels)
  first <- which(!duplicated(set))
  set <- match(set, set[first])
  found <- .Call(mv_combine, set, length(first), x$n, x$mean, x$sd)
  problem <- arms_problem(x, set, length(first), has_means = !is.null(mean))
  out <- c(list(groups = tabulate(set, length(first)), n = found$n), if (!is.null(mean)) {
    list(mean = found$mean, sd = found$sd)
  }, if (!is.null(events)) list(events = sums_by(x$events, set)))
  vast <- Reduce(`|`, lapply(out, is.infinite)) & is.na(problem)
  problem[vast] <- flaw_words[["infinite"]]
  tell_problems(problem)
  out <- c(out[1], lapply(out[-1], \(x) na_of_nan(replace(x, !is.na(problem), NA))))
  new_frame(c(lapply(labels, `[`, first), out, list(problem = problem)))
}

check_by <- function(labels, rows, call = rlang::caller_env()) {
  size <- lengths(labels)
  named <- length(labels) > 0 && !is.null(names(labels)) && all(names(labels) != "")
  plain <- all(vapply(labels, \(x) is.atomic(x) && length(dim(x)) < 2, NA))
  if (named && plain && all(size == size[1]) && rows %in% c(1L, size[1])) {
    return(invisible())
  }
  stop_user(c(
    "{.arg by} must be a vector, or a list of named vectors, with one value a group.",
    "x" = "Its length is {toString(size)}; there {cli::qty(rows)}{?is/are} {rows}
     group{?s}."
  ), "length", call = call)
}

sums_by <- function(x, set) as.vector(rowsum(x, set, reorder = TRUE))

# The first flaw of any group of a set.
arms_problem <- function(x, set, sets, has_means) {
  flaw <- rep(NA_character_, length(set))
  if (has_means) {
    lacks <- is.na(x$mean) | is.na(x$sd) & !x$n %in% 1
    flaw[lacks] <- "number_missing"
    flaw[which(x$sd < 0)] <- "negative"
  }
  flaw[which(x$events < 0)] <- "negative"
  flaw[which(is.infinite(x$mean) | is.infinite(x$sd))] <- "infinite"
  flaw[which(x$events > x$n)] <- "margins"
  flaw[is.na(x$n)] <- "number_missing"
  flaw[which(x$n < 1 | is.infinite(x$n))] <- "too_small_n"
  bad <- which(!is.na(flaw))
  bad <- bad[!duplicated(set[bad])]
  problem <- rep(NA_character_, sets)
  problem[set[bad]] <- flaw_words[flaw[bad]]
  problem
}
