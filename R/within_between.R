#' The within and between parts of a moderator
#'
#' A moderator that varies inside studies, such as a dose, can go with the effects in two
#' ways: inside studies, where animals, laboratory and method are the same, and between
#' studies, where everything else differs too (the ecological association). One
#' coefficient for both is a mixture of the two, with a meaning only where they are equal.
#' `within_between()` adds the study's mean of the moderator and each row's difference
#' from it, to be taken as two moderators.
#'
#' @details
#' The mean is the simple one of the rows that [pool_effects()] would pool and whose
#' moderator is known. Compute the parts after rows have been chosen: they do not follow
#' when rows are left out later. Whether the two coefficients differ is a test of
#' `dose_between - dose_within`: of the coefficient of `dose_between` in `mods = ~ dose +
#' dose_between`.
#'
#' @param effects Effects, or any data frame that [pool_effects()] takes.
#' @param moderator A column of numbers, or TRUE and FALSE, as a bare name.
#' @param by The column of the groups, as a bare name.
#' @return `effects` with two more columns, `<moderator>_between` and
#'   `<moderator>_within`. They are NA where the moderator is, and in rows whose group has
#'   none to be pooled.
#' @section Warnings and errors: A warning (`mv_warning_missing_moderator`) for a missing
#'   moderator; `mv_warning_constant_moderator` where it does not vary inside any group,
#'   or its means are all equal, and there is nothing to separate. Errors:
#'   `mv_error_column` for a column that is not there or an expression in its place;
#'   `mv_error_moderator` for text and factors; `mv_error_not_finite` for a value that is
#'   infinite; `mv_error_missing` where a pooled row has no group; `mv_error_reserved`
#'   where the table has a column of a new name.
#' @references
#' Curran PJ, Bauer DJ (2011). The disaggregation of within-person and between-person
#' effects in longitudinal models of change. *Annu Rev Psychol* 62:583-619.
#'
#' Antonakis J, Bastardoz N, Rönkkö M (2021). On ignoring the random effects assumption in
#' multilevel models: review, critique, and recommendations. *Organ Res Methods*
#' 24:443-483.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = rep(1:6, each = 3), dose = c(1:3, 2:4, 3:5, 1:3, 4:6, 2:4), vi = 0.05,
#'   yi = c(.2, .5, .7, .1, .3, .4, .3, .2, .6, .4, .5, .9, .1, .2, .3, .3, .5, .4)
#' ))
#' effects <- within_between(effects, dose)
#' pool_effects(effects, ~ dose_within + dose_between, random = ~ 1 | study / .row)
#' @export
within_between <- function(effects, moderator, by) {
  check_splittable(effects)
  moderator <- bare_column(effects, rlang::enquo(moderator), "moderator")
  by <- if (missing(by)) rlang::new_quosure(quote(study)) else rlang::enquo(by)
  by <- bare_column(effects, by, "by")
  new <- paste0(moderator, c("_between", "_within"))
  check_new_columns(effects, new)
  value <- moderator_numbers(effects, moderator)
  used <- pooled_flags(effects)
  group <- moderator_groups(effects, by, used)
  parts <- split_moderator(value, group, used)
  tell_split(effects, moderator, by, value, parts, used)
  effects[[new[1]]] <- parts$between
  effects[[new[2]]] <- parts$within
  effects
}

check_splittable <- function(effects, call = rlang::caller_env()) {
  if (inherits(effects, "mv_effects_imputed")) {
    stop_user(c(
      "{.arg effects} has several imputations.",
      "i" = "Take one of them by {.fn imputation}."
    ), "imputed", call = call)
  }
  if (!is.data.frame(effects)) {
    stop_user(c(
      "{.arg effects} must be a table of effects.",
      "x" = "It is {.obj_type_friendly {effects}}."
    ), "class", call = call)
  }
  lost <- setdiff(c("yi", "vi"), names(effects))
  if (length(lost) == 0) return(invisible())
  stop_user("{.arg effects} has no {cli::qty(length(lost))}column{?s} {.val {lost}}.",
    "column",
    call = call
  )
}

# The name of a column, since the new ones are called after it.
bare_column <- function(effects, quo, arg, call = rlang::caller_env()) {
  if (rlang::quo_is_missing(quo)) {
    stop_user("{.arg {arg}} must name a column.", "column", call = call)
  }
  expr <- rlang::quo_get_expr(quo)
  if (!rlang::is_symbol(expr)) {
    stop_user(c(
      "{.arg {arg}} must be one column's bare name.",
      "x" = "It is {.code {rlang::as_label(expr)}}.",
      "i" = "Make it a column of the table first."
    ), "column", call = call)
  }
  name <- as.character(expr)
  if (sum(names(effects) == name) == 1) return(name)
  check_twice(names(effects)[names(effects) == name], call)
  hint <- did_you_mean(name, names(effects))
  stop_user(c(
    "{.arg {arg}} names {.val {name}}, which is not a column of {.arg effects}.",
    "i" = if (length(hint)) "{hint}"
  ), "column", call = call)
}

check_new_columns <- function(effects, new, call = rlang::caller_env()) {
  taken <- intersect(new, names(effects))
  if (length(taken) == 0) return(invisible())
  stop_user(c(
    "The table has {cli::qty(length(taken))}{?a column/columns} {.val {taken}} already.",
    "i" = "Rename or remove {cli::qty(length(taken))}{?it/them}."
  ), "reserved", call = call)
}

moderator_numbers <- function(effects, name, call = rlang::caller_env()) {
  x <- one_column(effects[[name]], "moderator", call)
  if (is.logical(x)) return(as.double(x))
  if (is.factor(x) || is.character(x)) {
    level <- if (is.factor(x)) levels(x) else sort(unique(x))
    shown <- escape_braces(paste0(name, " == \"", level[length(level)], "\""))
    stop_user(c(
      "{.arg moderator} must be numbers; {.field {name}} has words.",
      "i" = paste0("Make a column for each level but one, such as {.code ", shown, "}:
        its mean is the share of the rows of a study.")
    ), "moderator", call = call)
  }
  value <- as_numbers(x, name, effects[["study"]], call)
  bad <- which(is.infinite(value))
  if (length(bad) == 0) return(value)
  stop_user("{.arg moderator} is not finite in {name_rows(bad, effects[['study']])}.",
    "not_finite",
    call = call
  )
}

pooled_flags <- function(effects) {
  rows <- rows_to_pool(effects)
  if (is.null(rows)) rep(TRUE, nrow(effects)) else seq_len(nrow(effects)) %in% rows
}

moderator_groups <- function(effects, by, used, call = rlang::caller_env()) {
  value <- one_column(effects[[by]], "by", call)
  bad <- which(is.na(value) & used)
  if (length(bad) == 0) return(match(value, unique(value)))
  stop_user("{.arg by} is missing in {name_rows(bad, effects[['study']])}.", "missing",
    call = call
  )
}

# x_ij = mean_j + (x_ij - mean_j). A group in which x does not vary has 0 exactly, not
# what rounding leaves.
split_moderator <- function(value, group, used) {
  counted <- used & !is.na(value)
  size <- tabulate(group[counted], max(group, 0L))
  sums <- double(length(size))
  present <- which(size > 0)
  sums[present] <- rowsum(value[counted], group[counted])[, 1]
  mean <- sums / size
  mean[size == 0] <- NA_real_
  constant <- constant_groups(value, group, counted, length(size))
  mean[constant$group] <- constant$value
  between <- mean[group]
  between[is.na(value)] <- NA_real_
  list(between = between, within = value - between)
}

constant_groups <- function(value, group, counted, groups) {
  rows <- which(counted)
  first <- rows[match(seq_len(groups), group[rows])]
  differs <- unique(group[rows][value[rows] != value[first[group[rows]]]])
  same <- setdiff(which(!is.na(first)), differs)
  list(group = same, value = value[first[same]])
}

tell_split <- function(effects, moderator, by, value, parts, used) {
  missing <- which(is.na(value) & used)
  if (length(missing)) {
    warn_user(c(
      "{.field {moderator}} is missing in {name_rows(missing, effects[['study']])}.",
      "i" = "{cli::qty(length(missing))}{?This row is/These rows are} in no mean."
    ), "missing_moderator")
  }
  counted <- which(used & !is.na(value))
  if (length(counted) == 0) return(invisible())
  within <- any(parts$within[counted] != 0)
  # means of the same numbers in another order differ by rounding
  means <- range(parts$between[counted])
  between <- diff(means) > 1e-12 * max(abs(means))
  if (within && between) return(invisible())
  what <- if (!within) {
    "does not vary inside any {.field {by}}: its within part is 0 in every row"
  } else {
    "has the same mean in every {.field {by}}: its between part does not vary"
  }
  warn_user(c(
    paste0("{.field {moderator}} ", what, "."),
    "i" = "There is nothing to separate: take {.field {moderator}} as it is."
  ), "constant_moderator")
}
