# What a multilevel fit says of its rows: leverages, standardised residuals and weights;
# and the covariance of its random effects. The numbers come from the core in one call.

multilevel_values <- function(fit) {
  found <- .Call(mv_multilevel_values, multilevel_problem(as_model(fit)), fit$theta)
  if (found$status != "ok") {
    stop_user(status_sentences[[found$status]], status_classes[[found$status]])
  }
  found$wx <- matrix(found$wx, fit$k)
  found
}

# The model that run_multilevel() fits.
as_model <- function(fit) {
  list(
    yi = fit$yi, vi = fit$vi, x = fit$X, parts = fit$parts,
    parameters = fit$parameters, pairs = fit$pairs
  )
}

#' @rdname mv_fit-methods
#' @export
hatvalues.mv_fit_multilevel <- function(model, ...) {
  leverages(model, multilevel_values(model))
}

# x_i' (X'M^-1X)^-1 (M^-1X)_i
leverages <- function(fit, values) {
  x <- model.matrix.mv_fit(fit)
  unname(rowSums((x %*% fit$vcov) * values$wx))
}

# The covariance of the residuals is M - X (X'M^-1X)^-1 X'.
#' @rdname mv_fit-methods
#' @export
rstandard.mv_fit_multilevel <- function(model, ...) {
  values <- multilevel_values(model)
  x <- model.matrix.mv_fit(model)
  resid <- residuals.mv_fit(model)
  taken <- unname(rowSums((x %*% model$vcov) * x))
  free <- values$variance - taken
  se <- sqrt(ifelse(decides_alone(taken / values$variance), 0, free))
  data.frame(resid = resid, se = se, z = ifelse(se > 0, resid / se, NA_real_))
}

#' @rdname mv_fit-methods
#' @param type For the weights of a multilevel fit: `"diagonal"` of the inverse of the
#'   covariance of the effects, or `"rowsum"`, the weights of the pooled effect (without
#'   moderators), which sum over the row; both in percent of their sum.
#' @export
weights.mv_fit_multilevel <- function(object, type = c("diagonal", "rowsum"), ...) {
  type <- first_choice(type, c("diagonal", "rowsum"))
  values <- multilevel_values(object)
  if (type == "rowsum" && !is_intercept_only(object)) {
    stop_user(c(
      "{.code type = \"rowsum\"} has a meaning only without moderators.",
      "i" = "See {.fn hatvalues}."
    ), "choice")
  }
  weight <- if (type == "diagonal") values$inverse else drop(values$wx)
  100 * weight / sum(weight)
}

# G of a part over all its levels, from the natural parameters.
part_covariance <- function(fit, index) {
  part <- fit$parts[[index]]
  theta <- unname(fit$theta[fit$parameters$part == index])
  row <- structure_row(part$structure)
  m <- part$levels
  variances <- theta[seq_len(if (row$variances == "part") 1 else m)]
  correlations <- theta[-seq_along(variances)]
  if (part$structure == "KNOWN") return(variances * part$known)
  r <- diag(m)
  if (row$correlations == "part") {
    apart <- \(x) abs(outer(x, x, `-`))
    lag <- if (is.null(part$position)) 1 - diag(m) else apart(part$position)
    r <- correlations^lag
  }
  if (row$correlations == "pair") {
    pair <- level_pairs(m)
    r[pair] <- correlations
    r[pair[, 2:1, drop = FALSE]] <- correlations
  }
  sd <- sqrt(rep_len(variances, m))
  r * outer(sd, sd)
}
