# A multilevel fit as data frames.

#' @rdname mv_fit_multilevel
#' @export
tidy.mv_fit_multilevel <- function(x, effects = c("coefficients", "components"),
                                   conf.int = TRUE, conf.level = x$level, ...) {
  effects <- check_choice(effects[1], c("coefficients", "components"), "effects")
  if (effects == "components") return(tidy_components(x))
  found <- tidy.mv_fit(x, conf.int, conf.level)
  found$df <- unname(x$df)
  found
}

tidy_components <- function(fit) {
  found <- fit$components
  table <- data.frame(
    term = found$parameter, part = found$part, kind = found$kind,
    estimate = found$estimate,
    sd = ifelse(found$kind == "variance", sqrt(pmax(0, found$estimate)), NA_real_),
    levels = found$levels, fixed = found$fixed, tied = found$tied,
    boundary = found$boundary, row.names = NULL
  )
  cbind(table, found[intersect(c("lowest", "highest"), names(found))])
}

#' @rdname mv_fit_multilevel
#' @export
glance.mv_fit_multilevel <- function(x, ...) {
  cbind(
    glance.mv_fit(x), n_components = nrow(x$components), groups = cluster_count(x)
  )
}

#' @rdname mv_fit_multilevel
#' @export
augment.mv_fit_multilevel <- function(x, ...) {
  rows <- as.data.frame(fit_rows(x))
  standard <- stats::rstandard(x)
  rows$.fitted <- fitted.mv_fit(x)
  rows$.resid <- standard$resid
  rows$.std.resid <- standard$z
  rows$.hat <- stats::hatvalues(x)
  rows$.weight <- stats::weights(x)
  rows
}
