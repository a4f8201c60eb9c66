# Tables of effects one below the other: what only some measures have is filled up, and
# brought matrices are joined.

# Tables of different measures bind: what only one of them has (a Fieller interval,
# counts, what was added to the cells, a sham) is missing in the other.
#' @export
rbind.mv_effects <- function(..., deparse.level = 1, make.row.names = FALSE,
                             stringsAsFactors = FALSE) {
  tables <- Filter(\(x) length(x) > 0, list(...))
  check_tables(tables)
  known <- join_known(tables)
  tables <- fill_extras(known$tables)
  check_same_columns(tables)
  tables <- missing_of_type(factors_as_text(tables))
  plain <- lapply(tables, \(x) {
    attr(x, "V") <- NULL
    class(x) <- "data.frame"
    x
  })
  out <- do.call(rbind, c(plain, list(
    make.row.names = make.row.names, stringsAsFactors = stringsAsFactors
  )))
  attr(out, "V") <- known$V
  restore_effects(out, out)
}

fill_extras <- function(tables) {
  extras <- intersect(unlist(lapply(tables, names)), setdiff(reserved_columns, needed_by))
  lapply(tables, function(x) {
    absent <- setdiff(extras, names(x))
    x[absent] <- lapply(absent, \(name) rep(absent_value(name), nrow(x)))
    x
  })
}

# A row without a mark was not imputed.
absent_value <- function(name) {
  if (name %in% paste0("imputed_", names(arm_words))) FALSE else NA
}

# What every effect has: a table without one of these is not filled up.
needed_by <- c(
  "study", "measure", "variance", "direction", "shared_control", "sign", "computed_from",
  "yi", "vi", "reason", "pooled", "effect_id"
)

# One matrix for the brought matrices of several tables. Parts of one table keep their
# keys; where the keys of different tables clash, the later are written anew.
join_known <- function(tables) {
  joined <- NULL
  for (i in seq_along(tables)) {
    V <- attr(tables[[i]], "V", exact = TRUE)
    if (is.null(V) || is_part(V, joined)) next
    if (any(rownames(V) %in% rownames(joined))) {
      new <- make.unique(c(rownames(joined), rownames(V)))
      new <- new[nrow(joined) + seq_len(nrow(V))]
      at <- match(tables[[i]]$effect_id, rownames(V))
      tables[[i]]$effect_id <- new[at]
      dimnames(V) <- list(new, new)
    }
    joined <- join_blocks(joined, V)
  }
  list(tables = tables, V = joined)
}

# Is `V` a block of `joined`, by its keys?
is_part <- function(V, joined) {
  at <- match(rownames(V), rownames(joined))
  !anyNA(at) && identical(joined[at, at, drop = FALSE], V)
}

join_blocks <- function(a, b) {
  if (is.null(a)) return(b)
  first <- seq_len(nrow(a))
  ids <- c(rownames(a), rownames(b))
  out <- matrix(0, length(ids), length(ids), dimnames = list(ids, ids))
  out[first, first] <- a
  out[-first, -first] <- b
  out
}

# ---- tables that do not go together --------------------------------------------------

check_tables <- function(tables, call = rlang::caller_env()) {
  bad <- which(!vapply(tables, is.data.frame, NA))
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.fn rbind} binds effects with tables of effects.",
    "x" = "Table {bad[1]} is
     {.obj_type_friendly {tables[[bad[1]]]}}."
  ), "class", call = call)
}

check_same_columns <- function(tables, call = rlang::caller_env()) {
  columns <- lapply(tables, names)
  check_twice(unlist(lapply(columns, \(x) x[duplicated(x)])), call)
  some <- setdiff(unlist(columns), Reduce(intersect, columns))
  if (length(some)) {
    stop_user(c(
      "The tables must have the same columns.",
      "x" = "Only some have {.val {list_some(some)}}.",
      "i" = "Add what is lacking (NA will do for a column of your own), or leave it out."
    ), "column", call = call)
  }
  types <- lapply(tables, \(x) vapply(unclass(x)[columns[[1]]], bound_type, ""))
  for (i in seq_along(types)) {
    odd <- which(types[[i]] != types[[1]] & types[[i]] != "" & types[[1]] != "")
    if (length(odd)) stop_types(tables[c(1, i)], columns[[1]][odd[1]], call)
  }
}

# Numbers and text bind as text; a date and a number would give neither. "": all missing.
bound_type <- function(x) {
  plain <- is.atomic(x) && (is.factor(x) || !is.object(x)) && is.null(dim(x))
  if (!plain) class(x)[1] else if (all(is.na(x))) "" else "plain"
}

stop_types <- function(tables, column, call) {
  stop_user(c(
    "The column {.field {column}} has types that cannot be bound.",
    "x" = "It is {.obj_type_friendly {tables[[1]][[column]]}} and
     {.obj_type_friendly {tables[[2]][[column]]}}."
  ), "type", call = call)
}

# A factor takes only text that is among its levels, and loses all other.
factors_as_text <- function(tables) {
  is_factor <- lapply(tables, \(x) names(x)[vapply(unclass(x), is.factor, NA)])
  mixed <- setdiff(unlist(is_factor), Reduce(intersect, is_factor))
  Map(\(x, factors) {
    factors <- intersect(factors, mixed)
    x[factors] <- lapply(unclass(x)[factors], as.character)
    x
  }, tables, is_factor)
}

# Missing values above a date would make it a number.
missing_of_type <- function(tables) {
  for (name in names(tables[[1]])) {
    type <- vapply(tables, \(x) bound_type(x[[name]]), "")
    given <- match(FALSE, type %in% c("", "plain"))
    if (is.na(given)) next
    like <- tables[[given]][[name]]
    if (length(dim(like)) > 0) next
    for (i in which(type == "")) {
      tables[[i]][[name]] <- like[rep(NA_integer_, nrow(tables[[i]]))]
    }
  }
  tables
}
