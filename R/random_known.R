# Known correlations of the levels of a factor: kinship of strains, phylogeny of species.

# A random intercept with a matrix in `R` becomes one of correlated levels.
add_known <- function(parts, R, keys, call) {
  if (length(R) == 0) return(parts)
  check_known_list(R, call)
  for (column in names(R)) {
    at <- known_parts(column, parts, call)
    levels <- known_labels(keys[[column]])
    known <- known_matrix(R[[column]], column, levels, call)
    parts[at] <- lapply(parts[at], known_part, known, levels)
  }
  parts
}

known_labels <- function(key) {
  if (is.null(key$value)) as.character(seq_len(key$count)) else key_labels(key)
}

known_part <- function(part, known, levels) {
  labels <- part$labels
  labels$levels <- levels
  new_part("KNOWN", rep.int(1L, length(part$outer)), 1L,
    inner = part$outer, levels = part$groups, known = known, name = part$name,
    labels = labels
  )
}

check_known_list <- function(R, call) {
  named <- is.list(R) && !is.data.frame(R) && !inherits(R, "phylo") &&
    !is.null(names(R)) && !anyNA(names(R)) && all(names(R) != "")
  if (!named) {
    stop_user(c(
      "{.arg R} must be a list of correlation matrices by column, such as
       {.code list(species = A)}.",
      "x" = if (is.list(R) && !is.object(R)) {
        "It has no names, or not for each matrix."
      } else {
        "It is {.obj_type_friendly {R}}."
      }
    ), "R", call = call)
  }
  check_once(names(R), "R", call)
}

known_parts <- function(column, parts, call) {
  single <- vapply(parts, \(part) {
    part$structure == "INTERCEPT" && identical(part$labels$columns, column)
  }, NA)
  if (any(single)) return(which(single))
  intercepts <- vapply(parts, \(part) part$name, "")[vapply(parts, \(part) {
    part$structure == "INTERCEPT" && length(part$labels$columns) == 1
  }, NA)]
  hint <- did_you_mean(column, intercepts)
  stop_user(c(
    "{.arg R} has a matrix for {.val {column}}, which is no random intercept of its own.",
    "i" = if (length(hint)) "{hint}" else
      "Add {.code ~ 1 | {column}} to the list {.arg random}."
  ), "R", call = call)
}

# The rows and columns of the levels that are pooled, in their order, as correlations.
known_matrix <- function(x, column, levels, call) {
  x <- as_known_matrix(x, column, call)
  lacking <- setdiff(levels, rownames(x))
  if (length(lacking)) {
    shown <- utils::head(lacking, 5)
    dots <- if (length(lacking) > 5) ", ..." else ""
    hint <- did_you_mean(lacking[1], rownames(x))
    stop_user(c(
      "The matrix in {.arg R} for {.val {column}} lacks {length(lacking)} of its levels:
       {.val {shown}}{dots}.",
      "i" = if (length(hint)) "{hint}"
    ), "R", call = call)
  }
  at <- match(levels, rownames(x))
  x <- unname(x[at, at, drop = FALSE])
  check_known_values(x, column, levels, call)
  x <- stats::cov2cor(x)
  check_known_definite(x, column, call)
  # rounding of a matrix that was symmetric but for the last digits
  (x + t(x)) / 2
}

as_known_matrix <- function(x, column, call) {
  if (inherits(x, "Matrix") || is.data.frame(x)) x <- as.matrix(x)
  if (!is.matrix(x) || !is.numeric(x) || nrow(x) != ncol(x)) {
    stop_user(c(
      "{.arg R} must have a square matrix of numbers for {.val {column}}.",
      "x" = if (is.matrix(x)) "It is {nrow(x)} x {ncol(x)}, of {typeof(x)}." else
        "It is {.obj_type_friendly {x}}.",
      "i" = if (inherits(x, "phylo")) "See {.code ape::vcv(tree, corr = TRUE)}."
    ), "R", call = call)
  }
  rows <- rownames(x)
  columns <- colnames(x)
  if (is.null(rows)) rows <- columns
  if (is.null(columns)) columns <- rows
  if (is.null(rows) || !identical(rows, columns) || anyDuplicated(rows)) {
    stop_user(c(
      "The matrix in {.arg R} for {.val {column}} must have the names of the levels on its
       rows and on its columns.",
      "x" = if (is.null(rows)) "It has no names." else if (anyDuplicated(rows))
        "{.val {rows[anyDuplicated(rows)]}} stands twice." else
        "Those of its rows and of its columns differ."
    ), "R", call = call)
  }
  dimnames(x) <- list(rows, rows)
  storage.mode(x) <- "double"
  x
}

# Correlations differ by rounding only up to this, also where they were written to a file.
rounding_of_known <- 1e-8

check_known_values <- function(x, column, levels, call) {
  bad <- which(!is.finite(x), arr.ind = TRUE)
  right <- nrow(bad) == 0 && all(diag(x) > 0) && isSymmetric(x, tol = rounding_of_known)
  if (right) return(invisible())
  found <- if (nrow(bad)) {
    at <- levels[bad[1, ]]
    "It has {x[bad[1, 1], bad[1, 2]]} for {.val {at[1]}} and {.val {at[2]}}."
  } else if (any(diag(x) <= 0)) {
    at <- levels[which(diag(x) <= 0)[1]]
    "It has a variance of 0 or less for {.val {at}}."
  } else {
    "It is not symmetric."
  }
  stop_user(c(
    "The matrix in {.arg R} for {.val {column}} is no matrix of correlations.",
    "x" = found
  ), "R", call = call)
}

# A matrix that is singular but for rounding is one of correlations still: two levels may
# be the same.
check_known_definite <- function(x, column, call) {
  if (!is.null(tryCatch(chol(x), error = \(e) NULL))) return(invisible())
  values <- eigen(x, symmetric = TRUE, only.values = TRUE)$values
  lowest <- min(values)
  if (lowest >= -rounding_of_known * max(values)) return(invisible())
  stop_user(c(
    "The matrix in {.arg R} for {.val {column}} is no matrix of correlations: it is not
     positive semi-definite.",
    "x" = "Its lowest eigenvalue is {signif(lowest, 2)}.",
    "i" = "Some of its values contradict one another."
  ), "R", call = call)
}
