# Several imputations of the missing SDs: the table once, and the draws of the missing
# SDs only. effect_sizes() makes of it a table of effects with the draws' yi and vi.

# Draws of the SDs of the groups `filled`, from a regression in each set. The order of
# the draws is that of the groups' names and numbers, so that it does not hang on the
# order of the rows.
draw_sds <- function(groups, filled, m, seed) {
  if (is.null(seed)) seed <- sample.int(.Machine$integer.max, 1)
  by_name <- lapply(groups[c("study", "experiment", "time", "mean", "n")], `[`, filled)
  sorted <- filled[do.call(order, c(unname(by_name), method = "radix"))]
  sets <- unique(groups$set[filled])
  first <- match(sets, groups$set)
  sets <- sets[order(groups$outcome[first], groups$arm[first], method = "radix")]
  sd <- matrix(NA_real_, length(filled), m)
  place <- replace(integer(length(groups$n)), filled, seq_along(filled))
  known_of <- in_sets(which(groups$known), groups$set, sets)
  wanted_of <- in_sets(sorted, groups$set, sets)
  with_own_seed(seed, for (set in seq_along(sets)) {
    known <- known_of[[set]]
    known <- known[order(groups$mean[known], groups$sd[known], method = "radix")]
    at <- wanted_of[[set]]
    sd[place[at], ] <- exp(draw_log_sd(
      log(groups$mean[known]), log(groups$sd[known]), log(groups$mean[at]), m
    ))
  })
  list(sd = sd, seed = seed)
}

in_sets <- \(rows, set, sets) unname(split(rows, factor(set[rows], sets)))

# A slope from fewer groups is a guess, and the SD of most outcomes goes with the mean.
least_for_slope <- 10L

# Draws from the posterior predictive distribution of y = a + b (x - mean(x)) + e under
# the prior 1/sigma^2 (Rubin 1987, p 167): sigma^2 = RSS / chi-square, then a and b,
# which are independent in centred x, then the residual. One column a draw.
draw_log_sd <- function(x, y, at, m) {
  centre <- mean(x)
  spread <- sum((x - centre)^2)
  free <- length(x) >= least_for_slope && spread > 1e-6
  slope <- if (free) sum((x - centre) * y) / spread else 1
  rss <- sum((y - mean(y) - slope * (x - centre))^2)
  sigma <- sqrt(rss / stats::rchisq(m, length(x) - 1 - free))
  a <- mean(y) + sigma * stats::rnorm(m) / sqrt(length(x))
  b <- slope + if (free) sigma * stats::rnorm(m) / sqrt(spread) else numeric(m)
  noise <- matrix(stats::rnorm(length(at) * m), ncol = m)
  each <- \(value) rep(value, each = length(at))
  each(a) + outer(at - centre, b) + noise * each(sigma)
}

new_imputed <- function(comparisons, cells, draws, m) {
  structure(
    list(
      comparisons = comparisons, sd = draws$sd, cells = cells, m = m, seed = draws$seed
    ),
    class = "mv_imputed"
  )
}

#' @export
print.mv_imputed <- function(x, n = 6L, ...) {
  cat("<mv_imputed> ", describe_draws(x), "\n", sep = "")
  cat("Below: the geometric mean of the draws of each SD\n")
  print(x$comparisons, n, ...)
  invisible(x)
}

describe_draws <- function(x) {
  paste0(
    x$m, " imputations", if (!is.null(x$sd)) paste(" of", count_text(nrow(x$sd), "SD")),
    ", seed ", x$seed
  )
}

#' One of several imputations
#'
#' The completed table of one imputation: of comparisons, or of effects computed from
#' them. It serves what works on a single table, such as [vcov()][vcov.mv_effects].
#'
#' @param x What [impute_sd()] returns with `method = "multiple"`, or what
#'   [effect_sizes()] makes of it.
#' @param number Which imputation, 1 to m.
#' @return An `mv_comparisons` or `mv_effects`. Whether a row of effects is pooled is
#'   decided at the geometric mean of its draws, the same in all; its Fieller interval is
#'   NA where its SD was imputed.
#' @examples
#' groups <- data.frame(
#'   study = paste("Study", 1:6), n_t = 8, n_c = 8, mean_t = c(62, 48, 71, 55, 60, 66),
#'   sd_t = c(12, 10, NA, 9, 15, 11), mean_c = 100, sd_c = 15
#' )
#' pairs <- as_comparisons(groups, error_t = sd_t, error_c = sd_c, error_type = "sd")
#' drawn <- impute_sd(pairs, "multiple", m = 5, seed = 1)
#' imputation(drawn, 2)
#' imputation(effect_sizes(drawn, "ROM"), 2)
#' @export
imputation <- function(x, number) {
  if (!inherits(x, "mv_effects_imputed")) check_class(x, "mv_imputed", "impute_sd")
  number <- check_whole(number, 1L, x$m)
  if (inherits(x, "mv_imputed")) return(complete_comparisons(x, number))
  complete_effects(x, number)
}

complete_comparisons <- function(x, number) {
  fill_sds(x$comparisons, x$cells, x$sd[, number])
}

complete_effects <- function(x, number) {
  out <- x$effects
  if (!is.null(x$sd)) out <- fill_sds(out, x$cells, x$sd[, number])
  columns <- unclass(out)
  columns$yi[x$rows] <- x$yi[, number]
  columns$vi[x$rows] <- x$vi[, number]
  class(columns) <- class(out)
  columns
}

# ---- effects -------------------------------------------------------------------------

# `args`: the arguments of effect_sizes(), with an mv_imputed for `comparisons`. Whether
# a row is pooled is decided at the geometric mean of its draws, the same in all fits.
imputed_effects <- function(args) {
  x <- args$comparisons
  run <- \(table) call_with("effect_sizes", replace(args, "comparisons", list(table)))
  centre <- run(x$comparisons)
  of_draw <- \(i) unclass(quietly(run(complete_comparisons(x, i))))[c("yi", "vi")]
  first <- of_draw(1)
  rows <- union(
    imputed_rows(centre), which(first$yi != centre$yi | first$vi != centre$vi)
  ) |> sort()
  draws <- lapply(seq_len(x$m), \(i) lapply(if (i == 1) first else of_draw(i), `[`, rows))
  new_effects_imputed(centre, rows, draws, x[c("m", "seed", "cells", "sd")])
}

# `draws`: a list for each imputation of the yi and vi of the rows that vary.
new_effects_imputed <- function(centre, rows, draws, from) {
  column <- \(name) matrix(unlist(lapply(draws, `[[`, name)), ncol = length(draws))
  x <- c(list(effects = centre, rows = rows, yi = column("yi"), vi = column("vi")), from)
  x$effects <- average_effects(centre, rows, x$yi, x$vi, from$m)
  structure(x, class = "mv_effects_imputed")
}

# Rubin's rules for each row: the mean of yi, and the mean of vi plus the variance of yi
# between imputations. A row that a draw leaves without an effect is not pooled.
average_effects <- function(centre, rows, yi, vi, m) {
  columns <- unclass(centre)
  columns$yi[rows] <- rowMeans(yi)
  between <- rowSums((yi - rowMeans(yi))^2) / (m - 1)
  columns$vi[rows] <- rubin(rowMeans(vi), between, m)$total
  # an interval at the geometric mean of the draws is that of none of them
  for (end in intersect(c("fieller_lower", "fieller_upper"), names(columns))) {
    columns[[end]][rows] <- NA_real_
  }
  lost <- rows[is.na(columns$yi[rows] + columns$vi[rows]) & !is.na(centre$yi[rows])]
  columns$pooled[lost] <- FALSE
  columns$reason[lost[is.na(columns$reason[lost])]] <- "no effect in some imputations"
  class(columns) <- class(centre)
  columns
}

#' @export
print.mv_effects_imputed <- function(x, n = 6L, ...) {
  cat("<mv_effects_imputed> ", describe_draws(x), "\n", sep = "")
  cat("Below: the means of yi; vi with the variance between imputations\n")
  print(x$effects, n, ...)
  invisible(x)
}

#' @export
as.data.frame.mv_effects_imputed <- function(x, ...) as.data.frame(x$effects)

#' @export
vcov.mv_effects_imputed <- function(object, ...) {
  stop_user(c(
    "Each imputation has a covariance matrix of its own.",
    "i" = "Take one: {.code vcov(imputation(effects, 1))}."
  ), "imputed")
}

#' @export
forest.mv_effects_imputed <- function(x, ...) forest.mv_effects(x$effects, ...)

# Rows by a condition on the columns of the effects: each outcome is pooled by itself.
#' @export
subset.mv_effects_imputed <- function(x, subset, ...) {
  keep <- rlang::eval_tidy(rlang::enquo(subset), as.data.frame(x$effects))
  if (!is.logical(keep) || length(keep) != nrow(x$effects)) {
    stop_user("{.arg subset} must be TRUE or FALSE for each effect.", "flag")
  }
  keep <- which(keep)
  varying <- x$rows %in% keep
  x$effects <- x$effects[keep, ]
  x$rows <- match(x$rows[varying], keep)
  x$yi <- x$yi[varying, , drop = FALSE]
  x$vi <- x$vi[varying, , drop = FALSE]
  if (!is.null(x$cells)) {
    x$cells <- x$cells[x$cells$row %in% keep, ]
    x$cells$row <- match(x$cells$row, keep)
  }
  x
}

# nest_outcomes() in each imputation. The covariance of effects that share animals is
# that of each draw, so a nested row varies as a whole.
nest_imputed <- function(effects, by, rule, rho) {
  run <- \(i) nest_outcomes(complete_effects(effects, i), !!by, rule = rule, rho = rho)
  first <- run(1)
  draws <- lapply(seq_len(effects$m), \(i) {
    unclass(if (i == 1) first else quietly(run(i)))[c("yi", "vi")]
  })
  new_effects_imputed(first, seq_len(nrow(first)), draws, effects[c("m", "seed")])
}

# ---- calls ---------------------------------------------------------------------------

# Calls a function of this package by name, its arguments as symbols, so that a message
# does not write out a whole table.
call_with <- function(name, args) {
  words <- stats::setNames(rlang::syms(names(args)), names(args))
  env <- list2env(args, parent = environment(call_with))
  rlang::eval_bare(rlang::call2(name, !!!words), env)
}

# What was told of the first table is not told of each.
quietly <- function(run) {
  withCallingHandlers(run,
    mv_warning = \(w) tryInvokeRestart("muffleWarning"),
    mv_message = \(m) tryInvokeRestart("muffleMessage")
  )
}
