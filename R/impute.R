#' Impute missing standard deviations
#'
#' Fills in the SDs that papers do not report, from the groups of the same outcome and
#' arm (treated, control, sham) that do: by their mean coefficient of variation (CV), by
#' their pooled SD, or by several random draws for Rubin's rules. Every imputed SD is
#' marked, and every print says how many there are.
#'
#' @section Methods:
#' A group of animals counts once, however many comparisons it serves, and has one SD in
#' all of them. (In a wide table name such groups, by `control = ` of [as_comparisons()]:
#' without an SD they cannot be known by their numbers.)
#' * `"cv"`: SD = CV * mean, CV the mean over the groups with an SD, weighted by n (the
#'   mean of the CVs, not of their squares). For outcomes with a true zero and means
#'   above zero.
#' * `"sd"`: the pooled SD, `sqrt(sum((n - 1) SD^2) / sum(n - 1))`, of the groups of one
#'   outcome (and unit, where the table has a column `unit`). For outcomes that all
#'   studies measured on one scale; means may have any sign.
#' * `"multiple"`: `m` draws of each missing SD from a normal linear regression of log SD
#'   on log mean, each with parameters drawn from their posterior (Rubin 1987, p 167), so
#'   that not knowing the regression counts too. Below 10 groups with an SD the slope is
#'   1 and the intercept the mean log CV. For means above zero.
#'
#' `"cv"` and `"sd"` take the imputed SD for known: the fit does not know that it was
#' imputed. `"multiple"` does: pass its result to [effect_sizes()] and [pool_effects()].
#'
#' An SD stays missing, with a warning and a word in the column `not_imputed`, where the
#' mean is not above zero or the outcome has no true zero (`"cv"`, `"multiple"`), or where
#' fewer than 3 groups (`"multiple"`: 5) of the outcome and arm have an SD. Groups with an
#' SD of 0, with n below 2 or with an SD imputed before tell nothing about the spread and
#' are not counted.
#'
#' Measures of the SDs themselves (VR, CVR, SDLN, CVLN) have no use for an imputed one:
#' [effect_sizes()] keeps those rows out of the pooled value.
#'
#' @section The mean CV in all rows:
#' Nakagawa and others (2023) found that the log response ratio does best with the mean
#' CV in the variance of all rows, not only of those without an SD. [effect_sizes()]
#' leaves a row without an SD out also for `variance = "AV"`, so impute first:
#' `impute_sd(x, "cv") |> effect_sizes("ROM", variance = "AV")`. The imputed groups have
#' the mean CV, so they leave it as it is (exactly so where no control is shared, for AV
#' counts a control once a row). `variance = "AVHO"` takes one CV for both arms.
#'
#' @section How well it works:
#' Simulated: 20 studies, 6 to 12 animals an arm, both SDs missing in 3 of 10, at random.
#' Leaving those rows out is as right as knowing all SDs, with an interval 1.2 times as
#' wide. For the log response ratio each method gives the bias, coverage (.95) and width
#' of the whole table. For a standardised difference of 1, `"cv"` and `"sd"` cover .92
#' where the whole table covers .94, and `"multiple"` .95, for the SD is the unit of the
#' effect there: prefer `"multiple"`. Monte Carlo errors are .005; the script is
#' `validation/missing_sd.R` of the source. Where an SD is missing because of what it
#' would show, no method is right.
#'
#' @param comparisons What [comparisons()] or [as_comparisons()] returns.
#' @param method `"cv"`, `"sd"` or `"multiple"`, see below.
#' @param m How many draws `"multiple"` takes, 2 to 1000.
#' @param seed A whole number that makes the draws repeatable, the same for any order of
#'   the rows; R's own random numbers go on as if nothing had been drawn. NULL takes a
#'   seed from R's random numbers, which `print()` shows.
#' @return `comparisons` itself, with a message, where no SD is missing. Else a table of
#'   the same class and rows (`"multiple"`: only where none of the SDs can be imputed),
#'   with the SDs filled in and the columns `imputed_t`, `imputed_c`, `imputed_s` (TRUE
#'   where that group's SD was imputed), `imputed_by` (the method, NA in rows without an
#'   imputed SD) and, where an SD stays missing, `not_imputed` (why).
#'
#'   `"multiple"`: an `mv_imputed`, a list of that table (its SDs the geometric means of
#'   the draws), `sd` (the draws, a row for each missing SD and `m` columns), `cells`
#'   (where they belong), `m` and `seed`. [imputation()] gives a completed table.
#' @section Errors: `mv_error_too_few` where no group has an SD to go by,
#'   `mv_error_number` for an `m` or `seed` that is no whole number.
#' @source Nakagawa and others 2023, Ecol Lett 26:232. Rubin 1987, Multiple Imputation for
#'   Nonresponse in Surveys.
#' @examples
#' groups <- data.frame(
#'   study = paste("Study", 1:6), n_t = 8, n_c = c(8, 8, 6, 10, 9, 8),
#'   mean_t = c(62, 48, 71, 55, 60, 66), sd_t = c(12, 10, NA, 9, 15, 11),
#'   mean_c = c(100, 96, 104, 90, 99, 93), sd_c = c(15, 14, NA, 16, 19, 12)
#' )
#' pairs <- as_comparisons(groups, error_t = sd_t, error_c = sd_c, error_type = "sd")
#' filled <- impute_sd(pairs)
#' filled
#' pool_effects(effect_sizes(filled, "ROM", variance = "AV"))
#'
#' drawn <- impute_sd(pairs, "multiple", m = 20, seed = 1)
#' pool_effects(effect_sizes(drawn, "ROM"))
#' @export
impute_sd <- function(comparisons, method = c("cv", "sd", "multiple"), m = 20,
                      seed = NULL) {
  check_class(comparisons, "mv_comparisons", "comparisons")
  method <- first_choice(method, c("cv", "sd", "multiple"))
  m <- check_whole(m, 2L, 1000L)
  largest <- .Machine$integer.max
  if (!is.null(seed)) seed <- check_whole(seed, -largest, largest)
  check_labels(comparisons, rlang::current_env(), c(
    "unit", scale_columns, "imputed_by", "imputed_t", "imputed_c", "imputed_s"
  ))
  groups <- list_groups(comparisons, method)
  if (!any(groups$wanted)) {
    tell_user("No SD is missing, so there is nothing to impute.", "imputed")
    return(comparisons)
  }
  sets <- gather_spreads(groups, method)
  check_spread_known(sets)
  groups$why <- why_not(groups, sets, method)
  filled <- which(groups$wanted & is.na(groups$why))
  draws <- if (method == "multiple") draw_sds(groups, filled, m, seed)
  value <- if (is.null(draws)) {
    single_sds(groups, filled, sets, method)
  } else {
    exp(rowMeans(log(draws$sd)))
  }
  cells <- cells_of(groups, filled)
  out <- mark_imputed(fill_sds(comparisons, cells, value), cells, method)
  out <- note_not_imputed(out, groups)
  tell_imputed(out, groups, filled, sets, method, draws$seed)
  warn_not_imputed(comparisons, groups, sets, method)
  if (is.null(draws) || length(filled) == 0) return(out)
  new_imputed(out, cells, draws, m)
}

# ---- groups of animals ---------------------------------------------------------------

# The groups of animals in the table, each once, as a list of equally long vectors: `row`
# (the first it stands in), `arm` (1 treated, 2 control, 3 sham), n, mean, sd, `wanted`
# (its SD is to be imputed), `known` (its SD tells of the spread), `set` (outcome and
# arm); besides, `cell_group`: the group of every cell of the table, arm after arm.
list_groups <- function(comparisons, method, call = rlang::caller_env()) {
  columns <- unclass(comparisons)
  rows <- length(columns$study)
  arms <- names(arm_words)
  if (all(is.na(columns$mean_s))) arms <- arms[-3]
  stack <- \(what) unlist(lapply(paste0(what, arms), \(name) {
    number_column(comparisons, name, call)
  }))
  sd <- stack("sd_")
  mean <- stack("mean_")
  n <- stack("n_")
  if (!any(is.na(sd) & !is.na(mean) & !is.na(n))) return(list(wanted = FALSE))
  key <- group_keys(columns, arms)
  first <- which(!duplicated(key))
  row <- (first - 1L) %% rows + 1L
  arm <- (first - 1L) %/% rows + 1L
  groups <- list(
    row = row, arm = arm, n = n[first], mean = mean[first], sd = sd[first],
    cell_group = match(key, key[first]), rows = rows
  )
  before <- unlist(lapply(arms, \(arm) was_imputed(columns, arm)))[first]
  groups$wanted <- is.na(groups$sd) & !is.na(groups$mean) & !is.na(groups$n)
  if (method != "sd") groups$no_cv <- why_no_cv(groups$mean, columns, row)
  groups$known <- tells_spread(groups) & !before
  if (method != "sd") groups$known <- groups$known & is.na(groups$no_cv)
  groups$zero <- (groups$sd == 0 & groups$n > 1) %in% TRUE
  c(groups, list_sets(columns, groups, method), lapply(
    columns[c("study", "experiment", "time")], `[`, row
  ))
}

# A pooled SD is one of numbers in one unit, and not of numbers and their logs.
list_sets <- function(columns, groups, method) {
  outcome <- columns$outcome[groups$row]
  if (method != "sd") {
    return(list(set = group_ids(outcome, groups$arm), outcome = outcome))
  }
  unit <- or_missing(columns[["unit"]], groups$rows, NA)[groups$row]
  logs <- is_log_scale(columns, groups$row)
  list(
    set = group_ids(outcome, groups$arm, unit, logs), outcome = outcome, unit = unit
  )
}

# One integer a cell of the table, equal for the same animals at one outcome and time.
group_keys <- function(columns, arms) {
  where <- c("study", "experiment", "outcome", "time")
  cell <- do.call(group_ids, unname(columns[where]))
  cohort <- unlist(columns[paste0("cohort_", arms)], use.names = FALSE)
  key <- group_ids(rep(cell, length(arms)), cohort)
  nameless <- which(is.na(cohort))
  key[nameless] <- max(key) + seq_along(nameless)
  key
}

was_imputed <- function(columns, arm) {
  mark <- columns[[paste0("imputed_", arm)]]
  if (is.null(mark)) rep_len(FALSE, length(columns$study)) else mark %in% TRUE
}

tells_spread <- function(groups) {
  known <- groups$sd > 0 & is.finite(groups$sd) & groups$n >= 2 & is.finite(groups$n)
  known %in% TRUE
}

# Why the mean of a group has no CV; NA where it has one.
why_no_cv <- function(mean, columns, row) {
  why <- rep_len(NA_character_, length(mean))
  why[!(mean > 0 & is.finite(mean))] <- "the mean is not above zero"
  why[columns[["ratio_scale"]][row] %in% 0] <- "the outcome has no true zero"
  why[is_log_scale(columns, row)] <- "the mean is one of logs"
  why
}

is_log_scale <- function(columns, row) {
  or_missing(columns[["log_scale"]][row], length(row), FALSE) %in% 1
}

# ---- what the known groups say -------------------------------------------------------

# One row a set: how many groups have an SD, and the value that `method` takes of them.
gather_spreads <- function(groups, method) {
  known <- which(groups$known)
  count <- max(groups$set)
  n <- groups$n[known]
  sum_of <- \(x) sum_by(x, groups$set[known], count)
  first <- match(seq_len(count), groups$set)
  value <- switch(method,
    cv = sum_of(n * groups$sd[known] / groups$mean[known]) / sum_of(n),
    sd = sqrt(sum_of((n - 1) * groups$sd[known]^2) / sum_of(n - 1)),
    multiple = rep(NA_real_, count)
  )
  data.frame(
    outcome = as.character(groups$outcome[first]),
    arm = unname(arm_words)[groups$arm[first]],
    unit = if (is.null(groups$unit)) NA else as.character(groups$unit[first]),
    known = tabulate(groups$set[known], count), value = value
  )
}

sum_by <- function(x, group, groups) {
  sums <- rowsum(x, group)
  out <- numeric(groups)
  out[as.integer(rownames(sums))] <- sums
  out
}

check_spread_known <- function(sets, call = rlang::caller_env()) {
  if (any(sets$known > 0)) return(invisible())
  stop_user(c(
    "No group has an SD above zero to go by, so none can be imputed.",
    "i" = "Take the SDs from other studies of these outcomes, or leave the rows out."
  ), "too_few", call = call)
}

# With fewer groups a mean CV says little; and a draw with 4 degrees of freedom is
# already 8 times too large or too small once in 500 (at a spread of log SD of 0.3).
least_known <- c(cv = 3L, sd = 3L, multiple = 5L)

# Why an SD that is wanted stays missing; NA where it is imputed.
why_not <- function(groups, sets, method) {
  why <- rep_len(NA_character_, length(groups$wanted))
  few <- sets$known[groups$set] < least_known[[method]]
  why[groups$wanted & few] <- paste(
    "fewer than", least_known[[method]], "groups of the outcome and arm have an SD"
  )
  if (method == "sd") return(why)
  no_cv <- groups$wanted & !is.na(groups$no_cv)
  replace(why, no_cv, groups$no_cv[no_cv])
}

single_sds <- function(groups, filled, sets, method) {
  value <- sets$value[groups$set[filled]]
  if (method == "cv") value * groups$mean[filled] else value
}

# ---- into the table ------------------------------------------------------------------

# The cells of the groups `filled`: arm, row, and which of the groups is in it.
cells_of <- function(groups, filled) {
  group <- match(groups$cell_group, filled)
  cell <- which(!is.na(group))
  data.frame(
    arm = names(arm_words)[(cell - 1L) %/% groups$rows + 1L],
    row = (cell - 1L) %% groups$rows + 1L, group = group[cell]
  )
}

# Columns are set on the bare list: a data frame's own `$<-` copies the table.
fill_sds <- function(table, cells, sd) {
  columns <- unclass(table)
  for (arm in unique(cells$arm)) {
    at <- cells$arm == arm
    name <- paste0("sd_", arm)
    columns[[name]] <- replace(
      number_column(table, name), cells$row[at], sd[cells$group[at]]
    )
  }
  class(columns) <- class(table)
  columns
}

mark_imputed <- function(table, cells, method) {
  columns <- unclass(table)
  for (arm in names(arm_words)) {
    columns[[paste0("imputed_", arm)]] <- replace(
      was_imputed(columns, arm), cells$row[cells$arm == arm], TRUE
    )
  }
  by <- columns[["imputed_by"]]
  if (is.null(by)) by <- rep_len(NA, length(columns$study))
  by <- as.character(by)
  at <- unique(cells$row)
  other <- at[!is.na(by[at]) & by[at] != method]
  columns$imputed_by <- replace(by, at, method)
  columns$imputed_by[other] <- paste(by[other], "and", method)
  class(columns) <- class(table)
  columns
}

note_not_imputed <- function(table, groups) {
  left <- which(!is.na(groups$why))
  columns <- unclass(table)
  columns$not_imputed <- NULL
  if (length(left)) {
    group <- match(groups$cell_group, left)
    cell <- rev(which(!is.na(group)))
    columns$not_imputed <- rep_len(NA_character_, groups$rows)
    columns$not_imputed[(cell - 1L) %% groups$rows + 1L] <- groups$why[left][group[cell]]
  }
  class(columns) <- class(table)
  columns
}
