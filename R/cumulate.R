#' Cumulative meta-analysis
#'
#' Fits the model to the first study, the first two, and so on, in an order such as the
#' year of publication.
#'
#' @param fit An `mv_fit` from [pool_effects()].
#' @param order The order in which clusters are added: a column of the effects table, or
#'   values for all its rows, of numbers, dates or text. A cluster is added at its
#'   smallest value; ties are in the order of the rows. NULL: the order of the rows.
#' @param cluster What is added together, as in [leave_one_out()]; by default the studies,
#'   or each row where the table has none.
#' @param decreasing TRUE: the largest value first.
#' @param reestimate FALSE keeps tau2, or the variance parameters, of the whole fit.
#' @return A data frame as of [leave_one_out()], with `added` for `left_out`: the cluster
#'   that a row adds to those above it. As long as there are too few effects for the
#'   model, or one study for two levels, `status` says so and the numbers are NA; with an
#'   equal-effects fit the first row is the first effect.
#' @section Errors: Those of [leave_one_out()], and `mv_error_order` for an order with
#'   missing values.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = paste("Simulated", 1:6), year = c(2003, 1999, 2011, 2008, 2001, 2015),
#'   yi = c(-0.4, -1.1, -0.2, -0.5, -0.8, -0.1), vi = c(0.09, 0.2, 0.05, 0.06, 0.15, 0.04)
#' ))
#' cumulate(pool_effects(effects), order = year)
#' @export
cumulate <- function(fit, order = NULL, cluster, decreasing = FALSE, reestimate = TRUE) {
  call <- rlang::current_env()
  check_refits(fit, "cumulate", call)
  decreasing <- check_flag(decreasing)
  reestimate <- check_flag(reestimate)
  by <- refit_clusters(fit, cluster_or_study(fit, rlang::enquo(cluster)), call)
  by <- order_clusters(fit, by, rlang::enquo(order), decreasing, call)
  plan <- refit_plan(by, c("homogeneous", "slopes"), up_to = TRUE)
  found <- run_refits(fit, by, plan, reestimate)
  refit_table(fit, by, found, "added", up_to = TRUE)
}

cluster_or_study <- function(fit, quo) {
  if (!rlang::quo_is_missing(quo)) return(quo)
  has <- "study" %in% names(fit$effects) && !anyNA(fit_column(fit, "study"))
  rlang::new_quosure(if (has) quote(study), rlang::empty_env())
}

order_clusters <- function(fit, by, quo, decreasing, call) {
  value <- column_of_fit(fit, quo, "order", call)
  if (is.null(value)) value <- seq_len(fit$k)
  check_order_known(fit, value, call)
  # xtfrm() has no ties that are none, and text sorts the same everywhere
  rank <- if (is.character(value)) {
    match(value, sort(unique(value), method = "radix"))
  } else {
    xtfrm(value)
  }
  if (decreasing) rank <- -rank
  first <- order(rank, method = "radix")
  added <- unique(by$code[first])
  by$code <- match(by$code, added)
  by$label <- by$label[added]
  by
}

check_order_known <- function(fit, value, call) {
  bad <- which(is.na(value))
  if (length(bad) == 0) return(invisible())
  rows <- if (is.null(fit$used)) bad else fit$used[bad]
  stop_user("{.arg order} is missing in {name_rows(rows, fit$effects[['study']])}.",
    "order", call = call
  )
}
