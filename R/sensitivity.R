#' Sensitivity to the assumed correlation
#'
#' Fits a multilevel model again for each of several assumed correlations `rho`, and puts
#' the estimates, their intervals and the variance components side by side. A correlation
#' that nobody reported is a guess, and a conclusion should not hang on it.
#'
#' @details
#' What `rho` is depends on the effects:
#' * computed here from groups of animals ([effect_sizes()]): the correlation of two
#'   readings of the same animals, as in [vcov()][vcov.mv_effects]. Only rows that share
#'   animals by several outcomes or times depend on it.
#' * brought as estimates with variances ([as_effects()], or any table): with `within`,
#'   the correlation of the sampling errors of any two effects that have the same value of
#'   that column, whose covariance is then `rho sqrt(v_i v_j)`, as by [vcov_shortcut()].
#' * brought with a covariance matrix: there is no `rho`.
#'
#' Each search starts from the parameters at the neighbouring `rho`; up to 5,000 rows also
#' from the starts of [pool_effects()], and the higher maximum counts. What was fixed or
#' tied stays so. Where V is not positive definite, or the search finds no maximum, the
#' row says so in `status` and has no numbers.
#'
#' @param fit A fit by [pool_effects()] with `random`, or what [robust()] made of one,
#'   whose clusters and type are then taken.
#' @param rho Several numbers between -1 and 1; or, for effects computed here, a list with
#'   one of any kind that [vcov()][vcov.mv_effects] takes in each place; its names are the
#'   labels where not all are numbers.
#' @param within For effects that were brought as estimates: the column of the effects
#'   table within which sampling errors correlate, as a bare name, such as `study`.
#' @param cluster,type As of [robust()], for the robust interval beside the model's: the
#'   column `study` and `"CR2"` by default.
#' @param x What `rho_sensitivity()` gave.
#' @param digits Decimals.
#' @param ... Unused.
#' @return A data frame of class `mv_sensitivity`, a row for each value of `rho` and
#'   coefficient: `rho` (a number, or the label), `term`, `estimate`, `se`, `ci_lower`,
#'   `ci_upper`, `df`, `p_value` by the test of the fit; `robust_se`, `robust_df`,
#'   `robust_lower`, `robust_upper` (NA where the clusters allow none); a column for each
#'   variance component and correlation, by its name; `loglik` (restricted for REML);
#'   `status`, `"ok"` or what was wrong. `plot()` draws it, see [plot.mv_sensitivity()].
#' @section Errors: `mv_error_multilevel` for a fit without `random`; `mv_error_rho` where
#'   nothing depends on a `rho`, and for values that are none; `mv_error_matrix` for
#'   effects with a brought matrix; `mv_error_column`, `mv_error_missing`,
#'   `mv_error_too_large` for a column `within` that is not there, has missing values, or
#'   groups of more than 5,000 rows; the errors of [robust()] where `cluster` was named.
#' @references
#' Hedges LV, Tipton E, Johnson MC (2010). Robust variance estimation in meta-regression
#' with dependent effect size estimates. *Res Synth Methods* 1:39-65.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = rep(1:8, each = 3), yi = c(
#'     .2, .5, .4, .9, 1.1, .8, -.1, .2, .1, .6, .3, .5, .7, .6, .9, .2, .1, .3, .4, .8,
#'     .5, 1, .9, 1.2
#'   ), vi = 0.05
#' ))
#' fit <- pool_effects(effects, random = ~ 1 | study / .row)
#' rho_sensitivity(fit, rho = c(0, 0.4, 0.8), within = study)
#' @export
rho_sensitivity <- function(fit, rho = c(0, 0.2, 0.4, 0.6, 0.8), within, cluster,
                            type = "CR2") {
  check_class(fit, "mv_fit", "pool_effects")
  check_multilevel_fit(fit)
  grid <- check_grid(rho)
  quo <- rlang::enquo(cluster)
  if (missing(type) && !is.null(fit$robust)) type <- fit$robust$type
  type <- check_choice(type, robust_types)
  clusters <- sensitivity_clusters(fit, quo)
  fit <- without_robust(fit)
  pairs_of <- pairs_by_rho(fit, rlang::enquo(within), grid)
  rows <- sweep_grid(fit, grid, pairs_of, \(found) {
    sensitivity_rows(found, robust_beside(found, clusters, type))
  })
  new_sensitivity(rows, fit, grid, clusters, type)
}

check_multilevel_fit <- function(fit, call = rlang::caller_env()) {
  if (!is.null(fit$imputed)) stop_several_tables("rho_sensitivity", call)
  if (is_multilevel(fit)) return(invisible())
  stop_user(c(
    "{.arg fit} takes its effects as independent, so no correlation is assumed.",
    "i" = "Fit {.code pool_effects(effects, random = ~ 1 | study / .row)}."
  ), "multilevel", call = call)
}

# ---- V at each rho -------------------------------------------------------------------

# A function of one rho: the covariances of the pooled rows.
pairs_by_rho <- function(fit, within, grid, call = rlang::caller_env()) {
  force(call)
  if (!rlang::quo_is_missing(within)) return(pairs_within_column(fit, within, grid, call))
  source <- read_covariances(fit$effects, call)
  pairs_of <- \(rho) place_pairs(pairs_at(source, rho, call), fit)
  if (identical(pairs_of(0.1)$value, pairs_of(0.2)$value)) stop_without_rho(fit, call)
  pairs_of
}

place_pairs <- function(pairs, fit) {
  if (is.null(fit$used)) return(pairs)
  place <- match(seq_along(fit$effects$yi), fit$used)
  pairs$i <- place[pairs$i]
  pairs$j <- place[pairs$j]
  lapply(pairs, `[`, !is.na(pairs$i) & !is.na(pairs$j))
}

stop_without_rho <- function(fit, call) {
  from <- fit_column(fit, "computed_from")
  if ("matrix" %in% from) stop_brought_matrix(call)
  told <- if (all(from %in% "estimate")) {
    c(
      "x" = "These are estimates of which it is not known which animals they share.",
      "i" = "Say in which column sampling errors correlate: {.code within = study}."
    )
  } else {
    c("x" = "None of these rows reads the same animals as another a second time.")
  }
  stop_user(c("No covariance of these effects depends on {.arg rho}.", told), "rho",
    call = call
  )
}

stop_brought_matrix <- function(call) {
  stop_user(c(
    "These effects came with their covariance matrix, so there is no {.arg rho} to vary.",
    "i" = "Bring them without it and say {.arg within}, or pool them with one matrix after
     another, e.g. by {.fn vcov_shortcut}."
  ), "matrix", call = call)
}

# rho sqrt(v_i v_j) for rows with one value of a column.
pairs_within_column <- function(fit, within, grid, call) {
  check_plain_estimates(fit, call)
  check_numeric_grid(grid, call)
  value <- take_columns(fit$effects, list(within = within), call)$values$within
  if (!is.null(fit$used)) value <- value[fit$used]
  check_within(value, fit, call)
  pairs <- cluster_pairs(match(value, unique(value)))
  size <- sqrt(fit$vi[pairs$i] * fit$vi[pairs$j])
  function(rho) {
    if (as_rho(rho, call) == 0) pairs <- lapply(pairs, `[`, 0L)
    list(i = pairs$i, j = pairs$j, value = rho * size[seq_along(pairs$i)])
  }
}

check_plain_estimates <- function(fit, call) {
  from <- fit_column(fit, "computed_from")
  if ("matrix" %in% from) stop_brought_matrix(call)
  bad <- which(!from %in% "estimate")
  if (length(bad) == 0) return(invisible())
  if (!is.null(fit$used)) bad <- fit$used[bad]
  stop_user(c(
    "{.arg within} is for effects that were brought as estimates.",
    "x" = "The covariance of {name_effects(fit$effects, bad)} is derived from the
     animals.",
    "i" = "Leave {.arg within} out."
  ), "rho", call = call)
}

check_numeric_grid <- function(grid, call) {
  lapply(grid, \(rho) {
    rho <- as_rho(rho, call)
    if (is.numeric(rho)) return(rho)
    stop_user("With {.arg within}, {.arg rho} must be numbers.", "rho", call = call)
  })
}

check_within <- function(value, fit, call) {
  if (is.null(value)) stop_user("{.arg within} is NULL.", "column", call = call)
  rows <- if (is.null(fit$used)) seq_along(value) else fit$used
  bad <- rows[is.na(value)]
  if (length(bad)) {
    stop_user("{.arg within} is missing in {name_effects(fit$effects, bad)}.", "missing",
      call = call
    )
  }
  size <- tabulate(match(value, unique(value)))
  if (max(size) == 1) {
    stop_user("No two effects have the same value of {.arg within}.", "rho", call = call)
  }
  if (max(size) <= definite_limit) return(invisible())
  stop_user("{.arg within} has a group of {max(size)} effects; {definite_limit} are the
    most.", "too_large", call = call)
}

# ---- the fits ------------------------------------------------------------------------

# Neighbours by value where all are numbers, else as given. `tell` makes rows of each fit,
# so that no two fits are kept.
sweep_grid <- function(fit, grid, pairs_of, tell) {
  place <- if (is_numbers(grid)) order(unlist(grid)) else seq_along(grid)
  rows <- vector("list", length(grid))
  start <- unname(fit$theta)
  for (at in place) {
    found <- fit_at(fit, pairs_of(grid[[at]]), start, grid[[at]])
    if (found$status == "ok") start <- unname(found$fit$theta)
    rows[[at]] <- if (found$status == "ok") {
      tell(found$fit)
    } else {
      failed_rows(fit, found$status)
    }
  }
  rows
}

is_numbers <- function(grid) all(lengths(grid) == 1 & vapply(grid, is.numeric, NA))

# Up to here a search from all starts takes well below a second.
most_rows_again <- 5000

fit_at <- function(fit, pairs, start, rho) {
  status <- definite_status(fit$vi, pairs)
  if (status != "ok") return(list(status = status))
  model <- as_model(fit)
  model$pairs <- pairs
  found <- run_multilevel(model, fit$method, lift_parameters(start, fit))
  if (fit$k <= most_rows_again || found$status != "ok") {
    found <- higher_of(found, run_multilevel(model, fit$method), fit$method)
  }
  if (found$status != "ok") return(list(status = found$status))
  if (found$numbers[["flat"]] != 0) return(list(status = "flat"))
  list(status = "ok", fit = refitted(fit, model, found, rho))
}

definite_status <- function(vi, pairs) {
  if (length(pairs$i) == 0) return("ok")
  state <- unique(definite_blocks(as.double(vi), pairs)$state)
  bad <- intersect(c("indefinite", "singular", "unknown"), state)
  if (length(bad)) bad[1] else "ok"
}

higher_of <- function(a, b, method) {
  if (a$status != "ok") return(b)
  if (b$status != "ok") return(a)
  of <- if (method == "REML") "loglik_reml" else "loglik_ml"
  if (b$numbers[[of]] > a$numbers[[of]]) b else a
}

# A climb that starts on a boundary may not leave it: an SD or a factor of 0 has a slope
# of 0 in the likelihood. So it starts a little inside.
lift_parameters <- function(theta, fit) {
  parameters <- fit$parameters
  variance <- parameters$kind == "variance"
  least <- 0.02 * (fit$typical_variance + mean(theta[variance]))
  theta[variance] <- pmax(theta[variance], least)
  correlation <- 0.98 * theta[!variance]
  low <- correlation <= parameters$lower[!variance] # CAR's is 0
  theta[!variance] <- ifelse(low, 0.02, correlation)
  theta
}

# The fit of another V or other effects with the same design and parts.
refitted <- function(fit, model, found, rho = fit$rho) {
  design <- fit[c("used", "mods", "terms", "xlevels", "contrasts", "intercept")]
  design <- c(list(x = fit$X), design)
  args <- fit[c("random", "struct", "R", "fix", "tie", "method", "level")]
  new_multilevel(found, design, model, fit$effects, c(args, list(rho = rho)), fit$test)
}

# ---- robust intervals beside ---------------------------------------------------------

# NULL with a reason where nobody asked for these clusters and there are none.
sensitivity_clusters <- function(fit, quo, call = rlang::caller_env()) {
  asked <- !rlang::quo_is_missing(quo) || !is.null(fit$robust)
  if (rlang::quo_is_missing(quo) && !is.null(fit$robust)) quo <- fit$robust$quo
  if (asked) return(c(take_clusters(fit, quo, call), asked = TRUE))
  tryCatch(
    c(take_clusters(fit, quo, call), asked = FALSE),
    mv_error = \(e) list(reason = rlang::cnd_header(e))
  )
}

robust_beside <- function(fit, clusters, type, call = rlang::caller_env(2)) {
  if (is.null(clusters$group)) return(NULL)
  if (clusters$asked) return(new_robust(fit, clusters, type, call))
  tryCatch(new_robust(fit, clusters, type, call), mv_error = \(e) NULL)
}
