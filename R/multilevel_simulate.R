# Data sets drawn from a multilevel fit: simulate(), which bootstrap() reads too.

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

# A root of a covariance that may be singular: root' root = x.
psd_root <- function(x) {
  found <- eigen(x, symmetric = TRUE)
  sqrt(pmax(found$values, 0)) * t(found$vectors)
}
