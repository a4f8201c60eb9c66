# What a multilevel fit says of its rows: leverages, standardised residuals, weights, and
# data simulated from it. The numbers come from the core in one call.

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

#' Simulate from a multilevel fit
#'
#' Draws new effects from the fitted model: new random effects at every level, and new
#' sampling errors with the covariance V.
#'
#' @param object A fit by [pool_effects()] with `random`.
#' @param nsim How many sets.
#' @param seed A whole number for the sets, or NULL for the session's own stream. The
#'   stream is left as it was found when a seed is given.
#' @param ... Unused.
#' @return A data frame with `nsim` columns `sim_1`, ..., one row a pooled effect.
#' @examples
#' effects <- as_effects(data.frame(
#'   study = rep(1:8, each = 3), yi = c(
#'     .2, .5, .4, .9, 1.1, .8, -.1, .2, .1, .6, .3, .5, .7, .6, .9, .2, .1, .3, .4, .8,
#'     .5, 1, .9, 1.2
#'   ), vi = 0.05
#' ))
#' fit <- pool_effects(effects, random = ~ 1 | study / .row)
#' head(simulate(fit, 2, seed = 1))
#' @importFrom stats simulate
#' @export
simulate.mv_fit_multilevel <- function(object, nsim = 1, seed = NULL, ...) {
  if (!is.null(object$imputed)) stop_several_tables("simulate")
  nsim <- check_whole(nsim, 1, 1e6)
  check_stream(seed)
  with_own_seed(seed, {
    z <- stats::rnorm(object$k * nsim)
    drawn <- .Call(mv_multilevel_errors, multilevel_problem(as_model(object)), z)
    drawn <- matrix(drawn + fitted.mv_fit(object), object$k)
    for (part in seq_along(object$parts)) {
      drawn <- drawn + draw_part(object, part, nsim)
    }
    colnames(drawn) <- paste0("sim_", seq_len(nsim))
    as.data.frame(drawn)
  })
}

# New random effects of one part in all rows: k x nsim.
draw_part <- function(fit, index, nsim) {
  part <- fit$parts[[index]]
  root <- t(psd_root(part_covariance(fit, index)))
  m <- nrow(root)
  z <- array(stats::rnorm(part$groups * m * nsim), c(m, part$groups * nsim))
  u <- array(root %*% z, c(m, part$groups, nsim))
  if (!is.null(part$slope)) {
    return(vapply(seq_len(nsim), \(s) {
      rowSums(part$slope * t(matrix(u[, , s], m))[part$outer, , drop = FALSE])
    }, numeric(fit$k)))
  }
  inner <- if (is.null(part$inner)) rep(1L, fit$k) else part$inner
  place <- (part$outer - 1L) * m + inner
  matrix(u, ncol = nsim)[place, , drop = FALSE]
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

# A root of a covariance that may be singular: root' root = x.
psd_root <- function(x) {
  found <- eigen(x, symmetric = TRUE)
  sqrt(pmax(found$values, 0)) * t(found$vectors)
}
