# A multilevel model with one parameter held at a value and the others at their best.

# What holding the parameter `at` needs: `model`, with its part turned so that the core
# can hold it; `theta`, natural parameters at the maximum; `held`, their numbers;
# `working`, the numbers of the working parameters that are held; `free`, as run by the
# core; `unit`, a variance as large as the sampling error.
hold_parameter <- function(fit, at) {
  parameters <- fit$parameters
  problem <- list(
    model = as_model(fit), theta = unname(fit$theta), method = fit$method,
    name = parameters$parameter[at], maximum = fit$loglik[[tolower(fit$method)]],
    variance = parameters$kind[at] == "variance", lower = parameters$lower[at],
    upper = parameters$upper[at], unit = sampling_unit(fit, at)
  )
  problem$held <- problem$working <- which(parameters$free == parameters$free[at])
  part <- parameters$part[at]
  if (is_unstructured(fit$parts[[part]])) problem <- turn_part(problem, part, at)
  problem$lower <- max(parameters$lower[problem$held])
  problem$rooted <- problem$variance &&
    problem$model$parts[[part]]$structure %in% rooted_structures
  problem$several <- has_several_maxima(fit)
  problem$free <- hold_free(parameters$free, problem$working)
  problem$estimate <- problem$theta[problem$held[1]]
  if (problem$variance) problem$upper <- far * (problem$estimate + problem$unit)
  problem
}

# Whether the others may have several maxima: they have where there were several before,
# and beside correlations.
has_several_maxima <- function(fit) {
  fit$n_maxima > 1 || any(fit$parameters$kind == "correlation" & fit$parameters$free > 0L)
}

# Beyond this many times the estimate and the sampling variance a variance is infinite.
far <- 1e6

sampling_unit <- function(fit, at) {
  part <- fit$parts[[fit$parameters$part[at]]]
  typical <- fit$typical_variance
  if (!is.finite(typical) || typical <= 0) typical <- stats::median(fit$vi)
  if (is.null(part$slope)) return(typical)
  column <- at - which(fit$parameters$part == fit$parameters$part[at])[1] + 1
  if (column > part$levels) return(typical)
  typical / mean(part$slope[, column]^2)
}

hold_free <- function(free, held) {
  free[held] <- 0L
  match(free, setdiff(sort(unique(free)), 0L), nomatch = 0L)
}

# ---- unstructured matrices -------------------------------------------------------------

# The levels are put in an order in which the wanted variance is that of the first, the
# square of the first entry of the Cholesky factor; or the wanted correlation that of the
# first two, which structure PAIR has as a parameter.
turn_part <- function(problem, part, at) {
  own <- which(problem$model$parameters$part == part)
  m <- problem$model$parts[[part]]$levels
  place <- match(at, own)
  first <- if (place <= m) place else level_pairs(m)[place - m, ]
  order <- c(sort(first), setdiff(seq_len(m), first))
  problem$model$parts[[part]] <- turn_levels(problem$model$parts[[part]], order)
  problem$theta[own] <- turn_natural(problem$theta[own], order)
  problem$held <- own[if (place <= m) 1 else m + 1]
  problem$working <- own[if (place <= m) 1 else 2]
  if (place <= m) return(problem)
  problem$model$parts[[part]]$structure <- "PAIR"
  problem$pair <- own
  problem
}

turn_levels <- function(part, order) {
  if (!is.null(part$inner)) part$inner <- match(part$inner, order)
  if (!is.null(part$slope)) part$slope <- part$slope[, order, drop = FALSE]
  part
}

turn_natural <- function(natural, order) {
  m <- length(order)
  x <- diag(m)
  pairs <- level_pairs(m)
  x[pairs] <- x[pairs[, 2:1, drop = FALSE]] <- natural[-seq_len(m)]
  c(natural[order], x[order, order][pairs])
}

# ---- one value -------------------------------------------------------------------------

# The best of the others at `value`, from `start` (natural parameters). `slope`: the
# derivative of the profile by the parameter, which is the score, since that of the
# others is 0.
profile_at <- function(problem, value, start) {
  found <- run_held(problem, value, start)
  if (found$status != "ok") return(stop_profile(problem, value, found$status))
  names(found$numbers) <- multilevel_numbers
  slope <- sum(found$score[problem$working])
  if (problem$rooted) slope <- slope / (2 * sqrt(value))
  list(
    value = value, theta = found$theta, slope = slope, information = found$information,
    log_lik = found$numbers[[paste0("loglik_", tolower(problem$method))]]
  )
}

# What correlations are multiplied with at the start of a search: at a bound, where the
# last one may have ended, a search does not move. Each is tried where that before fails.
shrink_a_little <- 0.999
shrink_more <- 0.9
shrink_half <- 0.5

# Where a search from `start` does not end, others are tried: with correlations nearer to
# 0, from the maximum, and the core's own starts. NULL: by these alone.
run_held <- function(problem, value, start) {
  run <- \(start, shrink = shrink_a_little, warm = TRUE) {
    .Call(mv_multilevel_fit, multilevel_problem(problem$model), problem$free,
      as.double(hold_value(problem, start, value, shrink)), warm,
      problem$method == "REML", FALSE
    )
  }
  if (is.null(start)) return(run(problem$theta, warm = FALSE))
  found <- run(start)
  if (found$status != "ok") found <- run(start, shrink_more)
  if (found$status != "ok") found <- run(problem$theta, shrink_half)
  if (found$status != "ok") found <- run(start, warm = FALSE)
  found
}

stop_profile <- function(problem, value, status) {
  words <- c(multilevel_sentences, status_sentences)[[status]]
  stop_user(c(
    "The profile of {.val {problem$name}} cannot be computed at {signif(value, 4)}.",
    "x" = words
  ), "not_converged", status = status, call = quote(profile()))
}

hold_value <- function(problem, start, value, shrink) {
  start <- lift_start(problem, start, shrink)
  if (!is.null(problem$pair)) start[problem$pair] <- bend_pair(start[problem$pair], value)
  start[problem$held] <- value
  start
}

# A singular matrix of correlations has a Cholesky factor only this step from it.
off_singular <- 1e-8

# Correlations that go with another one of the first two levels: the rows of the others
# in the Cholesky factor stay.
bend_pair <- function(natural, correlation) {
  m <- (sqrt(8 * length(natural) + 1) - 1) / 2
  pairs <- level_pairs(m)
  x <- diag(m)
  x[pairs] <- natural[-seq_len(m)] * (1 - off_singular)
  factor <- chol(x)
  factor[1:2, 2] <- c(correlation, sqrt(max(0, 1 - correlation^2)))
  c(natural[seq_len(m)], crossprod(factor)[pairs])
}

# The least variance at a start, as a multiple of the sampling variance.
lifted <- 1e-4

# Where the core moves roots or factors, none can leave 0: the likelihood is level there.
lift_start <- function(problem, start, shrink) {
  parameters <- problem$model$parameters
  structure <- vapply(problem$model$parts, `[[`, "", "structure")[parameters$part]
  variance <- parameters$kind == "variance"
  free <- parameters$free > 0L
  free[problem$held] <- FALSE
  low <- free & variance & structure %in% rooted_structures
  start[low] <- pmax(start[low], lifted * problem$unit)
  tight <- free & !variance & structure %in% c("UN", "GEN", "PAIR")
  start[tight] <- shrink * start[tight]
  start
}
