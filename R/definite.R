# Is V positive definite? Rows that covariances connect form a block of V, and each block
# is decomposed alone, in the core. A V that is not must not go unnoticed: weights by its
# inverse are meaningless where a combination of effects has a variance below zero.

# A larger block would need more memory than a dense matrix is allowed here.
definite_limit <- dense_limit <- 5000L

check_definite <- function(effects, pairs, check, cause = NULL,
                           call = rlang::caller_env()) {
  if (check == "none" || length(pairs$i) == 0) return(invisible())
  if (anyNA(pairs$value)) pairs <- lapply(pairs, `[`, !is.na(pairs$value))
  found <- definite_blocks(as.double(effects$vi), pairs)
  bad <- which(found$state != "definite")
  if (length(bad) == 0) return(invisible())
  # The gravest first.
  bad <- bad[order(match(found$state[bad], c("indefinite", "singular", "unknown")))]
  message <- describe_definite(effects, found, bad, cause)
  if (check == "stop") stop_user(message, "definite", call = call)
  warn_user(message, "definite")
}

# `block` of each row, `state` of each block, `weight` of the rows that show it.
definite_blocks <- function(vi, pairs, limit = definite_limit) {
  found <- .Call(mv_check_definite, vi, pairs$i, pairs$j, pairs$value, limit)
  found$state <- definite_states[found$state + 1L]
  found
}

# In the order of mv_definite in src/core/definite.h.
definite_states <- c("definite", "singular", "indefinite", "unknown")

describe_definite <- function(effects, found, bad, cause) {
  state <- found$state[bad[1]]
  rows <- which(found$block == bad[1])
  shown <- if (state == "unknown") rows else rows[abs(found$weight[rows]) > 1e-6]
  told <- c(
    definite_words(state, name_effects(effects, shown)),
    "i" = if (state == "unknown") NULL else if (is.null(cause)) {
      definite_cause(effects, shown)
    } else {
      cause
    }
  )
  others <- match(bad[-1], found$block)
  if (length(others)) {
    others <- name_effects(effects, others)
    more <- length(bad) - 1L
    told <- c(told, "i" = escape_braces(paste0(
      "The same is found in ", more, " more group", if (more > 1) "s",
      " of rows that share animals, that of ", others, "."
    )))
  }
  told
}

definite_words <- function(state, where) {
  where <- escape_braces(where)
  if (state == "indefinite") {
    return(c(
      paste0("The covariance matrix V is not positive definite in ", where, "."),
      "x" = "A combination of these effects would have a variance below zero."
    ))
  }
  if (state == "singular") {
    return(c(
      paste0("The covariance matrix V is singular in ", where, "."),
      "x" = "One of these effects follows from the others."
    ))
  }
  c(
    paste0("It is not known whether the covariance matrix V is positive definite in ",
           where, "."),
    "x" = paste0("More than ", definite_limit, " effects are connected, or a variance is
      zero.")
  )
}

definite_cause <- function(effects, rows) {
  derived <- effects[["computed_from"]][rows] %in% "cohorts"
  if (!all(derived)) {
    return("It is so in the matrix that was brought: look at how it was made.")
  }
  part <- lapply(unclass(effects)[c("outcome", "time", "measure")], `[`, rows)
  one <- \(name) length(unique(part[[name]])) == 1
  if (!one("outcome") || !one("time")) {
    return("Values of {.arg rho} contradict one another or are too near 1: try smaller
      ones, see {.fn rho_between}.")
  }
  if (!one("measure")) {
    return("Several measures of the same animals say nearly the same: pool them apart.")
  }
  id <- c("cohort_t", "cohort_c", "row_t", "row_c")
  id <- unclass(effects)[intersect(id, names(effects))]
  if (anyDuplicated(do.call(group_ids, unname(lapply(id, `[`, rows))))) {
    return("The same comparison stands in several rows: was the table joined with one
      that has several rows a study?")
  }
  "Several treated groups are each compared with the same controls: keep one control for
   each, or combine the controls into one group."
}
