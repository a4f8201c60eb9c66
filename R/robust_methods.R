# How a fit with cluster-robust standard errors is shown and asked.

robust_test_text <- function(fit) {
  by <- fit$robust
  known <- fit$df[!is.na(fit$df)]
  df <- if (length(known)) unique(number_text(range(known), 1)) else "NA"
  sprintf(
    "robust %s, %s of %s, t(%s)", by$type, count_text(by$clusters, "cluster"), by$cluster,
    paste(df, collapse = " to ")
  )
}

model_interval_line <- function(fit, digits) {
  model <- fit$robust$model
  sprintf(
    "  model's own interval %s for comparison",
    interval_text(model$ci_lower, model$ci_upper, digits)
  )
}

# Satterthwaite's approximation fails below (Tipton 2015, Psychol Methods 20:375).
least_robust_df <- 4

exact_words <-
  "effects are as fitted; clusters that do not differ give no robust standard error"

robust_lines <- function(fit) {
  by <- fit$robust
  if (is.null(by)) return(NULL)
  lost <- names(fit$se)[is.na(fit$se)]
  low <- names(fit$df)[which(fit$df < least_robust_df)]
  biased <- setdiff(names(by$share)[by$type == "CR2" & by$share < 0.99], lost)
  told <- \(names, text) if (length(names) > 0) {
    if (fit$p == 1) paste("!", text) else sprintf("! %s: %s", toString(names), text)
  }
  c(
    if (isTRUE(by$exact)) paste("!", exact_words) else
      told(lost, "decided by one cluster alone, so without a robust standard error"),
    told(biased, "partly decided by one cluster alone, the standard error is too small"),
    told(low, paste(
      "fewer than 4 degrees of freedom, p and interval unreliable:",
      "see wild_bootstrap()"
    ))
  )
}

dependence_line <- function(fit) {
  studies <- count_text(fit$dependent, "study", "studies")
  if (is.null(fit$robust) || fit$robust$studies_apart) {
    return(paste(
      "!", studies, "with several effects, pooled as if they were independent"
    ))
  }
  sprintf(
    "! %s with several effects: standard errors allow for it, weights and tau2 do not",
    studies
  )
}

#' @rdname robust
#' @param conf.int,conf.level As of [tidy()][tidy.mv_fit].
#' @export
tidy.mv_fit_robust <- function(x, conf.int = TRUE, conf.level = x$level, ...) {
  found <- tidy.mv_fit(x, conf.int, conf.level)
  found$df <- unname(x$df)
  found
}

#' @rdname robust
#' @export
glance.mv_fit_robust <- function(x, ...) {
  cbind(NextMethod(), clusters = x$robust$clusters, type = x$robust$type)
}

#' @rdname robust
#' @param object A fit made by `robust()`.
#' @param object2 Not for such fits: a ratio of likelihoods is not robust.
#' @param terms Names or numbers of the coefficients to test together; NULL for all but
#'   the intercept.
#' @export
anova.mv_fit_robust <- function(object, object2 = NULL, terms = NULL, ...) {
  if (!is.null(object2)) {
    stop_user(c(
      "A likelihood-ratio test takes the model at its word, so it is not robust.",
      "i" = "Test coefficients together by {.arg terms}."
    ), "nested")
  }
  hotelling_test(object, tested_coefficients(object, terms))
}

#' @rdname robust
#' @export
update.mv_fit_robust <- function(object, ...) {
  by <- object$robust
  fit <- stats::update(without_robust(object), ...)
  new_robust(fit, take_clusters(fit, by$quo), by$type)
}
