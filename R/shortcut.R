#' The shortcut for the covariance of dependent effects
#'
#' Gives any two effects of one cluster the covariance `rho sqrt(v1 v2)`, rho a
#' correlation that is assumed, as `metafor::vcalc()` does. For effects that were computed
#' here, [vcov()][vcov.mv_effects] derives the covariance from the animals that they
#' share: the shortcut is then for comparison, and for effects that were brought.
#'
#' @details
#' The correlation of two rows of one cluster and subgroup is a product:
#' * by `obs` (several readings of one construct) or `type` (several constructs): 1 where
#'   they are equal, else `rho`. With both: `rho` has two values, the first within a type,
#'   the second between types.
#' * by `time1`: `phi^|t1 - t2|`.
#' * by `grp1` and `grp2`, the two groups of a comparison: what a group in common brings
#'   where the sampling variance of a group is `1/w1` or `1/w2` (its size; equal where not
#'   given), 0.5 for two treated groups of the size of their control. `time2` is the time
#'   of the second group, for changes within a group.
#'
#' These are the arguments of `metafor::vcalc()` by their names there, and the numbers
#' agree to 1e-14. Its `rvars` and `nearpd` are not offered. Covariances assumed in this
#' way are right for MD of outcomes whose groups have one variance; for VR at rho = 0.3
#' they are 3 times too large, since log SDs correlate by rho^2 (see
#' [vcov()][vcov.mv_effects]).
#'
#' @param effects An `mv_effects`, or any data frame with the sampling variances in a
#'   column `vi`.
#' @param cluster Effects of different clusters are independent. Left out: the column
#'   `study`. This and the following are columns of `effects`, as bare names.
#' @param subgroup Effects of different subgroups of a cluster are independent too.
#' @param obs,type,time1,time2,grp1,grp2,w1,w2 What tells the effects of a cluster apart,
#'   see below.
#' @param rho A number; a matrix by the values of `obs` or `type`, which are its row and
#'   column names; or, with `obs` and `type`, a vector or list of two.
#' @param phi The correlation of two readings one unit of time apart, from -1 to 1.
#' @inheritParams vcov.mv_effects
#' @return A matrix in the order of the rows, or with `form = "sparse"` a symmetric sparse
#'   matrix.
#' @section Errors: `mv_error_rho` where `obs` or `type` comes without `rho`, or a time
#'   without `phi`; `mv_error_missing` for a missing value in a column that is used.
#' @source Viechtbauer 2010, J Stat Softw 36(3), and the help page of `vcalc()` in
#'   metafor.
#' @examples
#' effects <- data.frame(
#'   study = c("A", "A", "B"), outcome = c("x", "y", "x"), vi = c(0.2, 0.3, 0.1)
#' )
#' vcov_shortcut(effects, obs = outcome, rho = 0.5)
#' @export
vcov_shortcut <- function(effects, cluster, subgroup, obs, type, time1, time2, grp1, grp2,
                          w1, w2, rho = NULL, phi = NULL, form = c("dense", "sparse"),
                          check = c("warn", "stop", "none")) {
  form <- first_choice(form, c("dense", "sparse"))
  check <- first_choice(check, c("warn", "stop", "none"))
  quos <- rlang::enquos(
    cluster = cluster, subgroup = subgroup, obs = obs, type = type, time1 = time1,
    time2 = time2, grp1 = grp1, grp2 = grp2, w1 = w1, w2 = w2, .ignore_empty = "none"
  )
  columns <- shortcut_columns(effects, quos, rlang::current_env())
  check_dense(nrow(effects), form)
  pairs <- cluster_pairs(group_ids(columns$cluster, columns$subgroup))
  r <- rho_of_pairs(columns, pairs, rho) * time_and_group(columns, pairs, phi)
  pairs$value <- r * sqrt(columns$vi[pairs$i] * columns$vi[pairs$j])
  pairs <- lapply(pairs, `[`, is.na(pairs$value) | pairs$value != 0)
  check_definite(effects, pairs, check, cause = "The correlations that were assumed
    contradict one another, or rows that they take for one stand more than once.")
  as_matrix(columns$vi, pairs, form)
}

# Only what was named: a table's column `type` is not meant because it is there.
shortcut_columns <- function(effects, quos, call) {
  given <- quos[!vapply(quos, rlang::quo_is_missing, NA)]
  check_table(effects, call)
  study <- "cluster" %in% names(given) || "study" %in% names(effects)
  absent <- c(if (!"vi" %in% names(effects)) "vi", if (!study) "study")
  if (length(absent)) {
    stop_user(c(
      "The table has no column {.val {absent}}.",
      "i" = if (!study) "Say which column is the {.arg cluster}."
    ), "column", call = call)
  }
  columns <- take_columns(effects, given, call)$values
  if (is.null(columns$cluster)) columns$cluster <- effects[["study"]]
  if (is.null(columns$subgroup)) columns$subgroup <- rep_len(1L, nrow(effects))
  for (name in intersect(c("time1", "time2", "w1", "w2"), names(columns))) {
    columns[[name]] <- as_numbers(columns[[name]], name, effects[["study"]], call)
  }
  check_shortcut(columns, effects, call)
  columns$vi <- as_numbers(effects[["vi"]], "vi", effects[["study"]], call)
  columns
}

check_shortcut <- function(columns, effects, call) {
  for (name in names(columns)) {
    bad <- which(is.na(columns[[name]]))
    if (length(bad) == 0) next
    stop_user("{.arg {name}} is missing in {name_effects(effects, bad)}.", "missing",
      call = call
    )
  }
  alone <- c(grp1 = "grp2", grp2 = "grp1", w1 = "w2", w2 = "w1", time2 = "grp1",
             w1 = "grp1")
  bad <- which(names(alone) %in% names(columns) & !alone %in% names(columns))
  if (length(bad)) {
    stop_user("{.arg {names(alone)[bad[1]]}} needs {.arg {alone[[bad[1]]]}} too.",
      "absent",
      call = call
    )
  }
  if (!is.null(columns$time2) && is.null(columns$time1)) {
    stop_user("{.arg time2} needs {.arg time1} too.", "absent", call = call)
  }
  for (name in intersect(c("w1", "w2"), names(columns))) {
    check_values(columns[[name]], \(x) x <= 0, "above zero", name, effects[["study"]],
                 call)
  }
}

# All pairs of rows of one group, i > j in the order of the groups.
cluster_pairs <- function(group) {
  by_group <- order(group, method = "radix")
  before <- count_within(group[by_group]) - 1L
  first <- seq_along(by_group) - before
  list(
    i = by_group[rep.int(seq_along(by_group), before)],
    j = by_group[sequence(before, from = first)]
  )
}

# ---- what obs and type say ----

rho_of_pairs <- function(columns, pairs, rho, call = rlang::caller_env()) {
  has <- c(obs = !is.null(columns$obs), type = !is.null(columns$type))
  if (!any(has)) return(1)
  if (is.null(rho)) {
    stop_user("{.arg {names(has)[has][1]}} needs {.arg rho}, the correlation that is
      assumed.", "rho", call = call)
  }
  if (!all(has)) return(by_value(columns[[names(has)[has]]], pairs, rho, call))
  if (is.matrix(rho) || length(rho) != 2) {
    stop_user("With {.arg obs} and {.arg type}, {.arg rho} has two values: within a type,
      and between types.", "rho", call = call)
  }
  same <- columns$type[pairs$i] == columns$type[pairs$j]
  within <- by_value(columns$obs, pairs, rho[[1]], call)
  between <- by_value(columns$type, pairs, rho[[2]], call)
  ifelse(same, within, between)
}

by_value <- function(value, pairs, rho, call) {
  value <- as.character(value)
  one <- value[pairs$i]
  other <- value[pairs$j]
  if (!is.matrix(rho)) {
    rho <- check_number(rho, -1, 1, call = call)
    return(ifelse(one == other, 1, rho))
  }
  rho <- check_outcome_matrix(rho, call)
  unknown <- setdiff(value, rownames(rho))
  if (length(unknown)) {
    stop_user("{.arg rho} has no row for {.val {utils::head(unknown, 5)}}.", "rho",
      call = call
    )
  }
  ifelse(one == other, 1, rho[cbind(match(one, rownames(rho)),
                                    match(other, rownames(rho)))])
}

# ---- what times and groups say ----

time_and_group <- function(columns, pairs, phi, call = rlang::caller_env()) {
  if (!is.null(columns$time1)) {
    if (is.null(phi)) {
      stop_user("{.arg time1} needs {.arg phi}, the correlation of two readings one unit
        of time apart.", "rho", call = call)
    }
    phi <- check_number(phi, -1, 1, call = call)
  }
  apart <- function(one, other) {
    if (is.null(one)) 1 else phi^abs(one - other)
  }
  if (is.null(columns$grp1)) {
    return(apart(columns$time1[pairs$i], columns$time1[pairs$j]))
  }
  by_contrast(contrast_parts(columns), pairs, apart, call)
}

# The two groups of each effect: what it is, when it was read, its standard error.
contrast_parts <- function(columns) {
  rows <- length(columns$grp1)
  id <- match(as.character(c(columns$grp1, columns$grp2)),
              as.character(c(columns$grp1, columns$grp2)))
  one <- list(group = id[seq_len(rows)], time = columns$time1, sign = 1,
              se = 1 / sqrt(if (is.null(columns$w1)) rep_len(1, rows) else columns$w1))
  time2 <- if (is.null(columns$time2)) columns$time1 else columns$time2
  other <- list(group = id[rows + seq_len(rows)], time = time2, sign = -1,
                se = 1 / sqrt(if (is.null(columns$w2)) rep_len(1, rows) else columns$w2))
  list(one, other)
}

# The correlation of two differences of group means, each group by itself correlated
# over time.
by_contrast <- function(parts, pairs, apart, call) {
  covariance <- function(i, j) {
    sum <- 0
    for (a in parts) {
      for (b in parts) {
        shared <- a$group[i] == b$group[j]
        together <- apart(a$time[i], b$time[j]) * a$se[i] * b$se[j]
        sum <- sum + shared * a$sign * b$sign * together
      }
    }
    sum
  }
  all_rows <- seq_along(parts[[1]]$group)
  se <- sqrt(covariance(all_rows, all_rows))
  bad <- which(!se > 0)
  if (length(bad)) {
    stop_user("A group is compared with itself in {name_rows(bad)}.", "shared",
      call = call
    )
  }
  covariance(pairs$i, pairs$j) / (se[pairs$i] * se[pairs$j])
}
