# Where a profile has fallen by half a quantile of chi-squared: Newton steps on the signed
# root z of twice the drop, which is nearly a line, kept inside a bracket. z' follows from
# the score, so a step costs one refit.

profile_intervals <- function(fit, at, level) {
  free <- fit$parameters$free[at]
  once <- at[!duplicated(free)]
  ends <- vapply(once, \(one) profile_interval(fit, one, level), c(0, 0))
  t(ends)[match(free, fit$parameters$free[once]), , drop = FALSE]
}

profile_interval <- function(fit, at, level) {
  problem <- hold_parameter(fit, at)
  top <- profile_top(problem)
  goal <- sqrt(stats::qchisq(level, 1))
  c(profile_end(problem, top, -1, goal), profile_end(problem, top, 1, goal))
}

# ---- scales ----------------------------------------------------------------------------

# z is nearer to a line in the log of a variance and its sampling error than in the
# variance.
to_scale <- function(problem, value) {
  if (problem$variance) log(value + problem$unit) else value
}

from_scale <- function(problem, x) {
  if (problem$variance) pmax(0, exp(x) - problem$unit) else x
}

# Adds to a point its place on the scale and z; `rise` is the derivative of z.
on_scale <- function(problem, top, point) {
  point$x <- to_scale(problem, point$value)
  check_higher(problem, point)
  point$z <- sqrt(2 * max(0, problem$maximum - point$log_lik))
  by_x <- if (problem$variance) point$value + problem$unit else 1
  point$rise <- abs(point$slope * by_x) / point$z
  point
}

# By how much a profile must be above the maximum before it is more than rounding.
higher <- 1e-5

check_higher <- function(problem, point) {
  gain <- point$log_lik - problem$maximum
  if (gain < higher) return(invisible())
  warn_user(c(
    "The profile of {.val {problem$name}} found a log-likelihood higher by
     {signif(gain, 3)} than the fit's.",
    "x" = "It is at {signif(point$value, 4)}: the fit is at a lower of two maxima.",
    "i" = "{.code fix} that parameter there, to see the other one."
  ), "higher_maximum")
}

# ---- the search ------------------------------------------------------------------------

# The maximum, as a point. `curve`: the curvature of the profile there, from the expected
# information of all that is free; 0 where the maximum is on a bound.
profile_top <- function(problem) {
  top <- profile_at(problem, problem$estimate, problem$theta)
  top$x <- to_scale(problem, problem$estimate)
  check_higher(problem, top)
  top$z <- 0
  top$rise <- sqrt(profile_information(problem, top))
  top
}

profile_information <- function(problem, top) {
  count <- max(problem$free) + 1
  free <- replace(problem$free, problem$working, count)
  pick <- outer(seq_len(count), free, `==`) + 0
  information <- pick %*% matrix(top$information, length(free)) %*% t(pick)
  # a factor or correlation without any information is left out
  keep <- c(diag(information)[-count] > 0, TRUE)
  inverse <- tryCatch(solve(information[keep, keep]), error = \(e) NULL)
  if (is.null(inverse)) return(0)
  by_x <- if (problem$variance) problem$estimate + problem$unit else 1
  if (problem$rooted) by_x <- by_x / (2 * sqrt(problem$estimate))
  found <- by_x^2 / inverse[sum(keep), sum(keep)]
  if (is.finite(found) && found > 0) found else 0
}

# z within this of the goal: the last step is then good to its square.
near_goal <- 1e-4

# A step to an upper end of a variance is no longer, in its log.
longest_rise <- 3

most_steps <- 100

# side: -1 for the lower end, 1 for the upper. A bound that the data do not exclude is the
# end, also where a value on the way to it is excluded.
profile_end <- function(problem, top, side, goal) {
  bound <- if (side < 0) problem$lower else problem$upper
  if (side * (bound - problem$estimate) <= 0) return(bound)
  point_at <- \(value, from) {
    on_scale(problem, top, profile_at(problem, value, from$theta))
  }
  bracket <- list(
    problem = problem, side = side, goal = goal, inside = top, outside = NULL,
    bound = to_scale(problem, bound), at = top
  )
  endless <- side > 0 && problem$variance
  if (!endless) {
    bracket$outside <- best_point(problem, top, point_at(bound, top), goal)
    if (bracket$outside$z <= goal) return(bound)
  }
  far <- bracket$outside
  for (step in seq_len(most_steps)) {
    x <- next_place(bracket)
    if (endless && x >= bracket$bound) return(Inf)
    # from the inside: beyond the goal the others may be at a lower maximum
    point <- point_at(from_scale(problem, x), bracket$inside)
    bracket <- narrow(bracket, point)
    if (!is_near(bracket, point)) next
    best <- best_point(problem, top, beyond(bracket, point), goal)
    if (best$z >= goal - near_goal) return(last_step(bracket, point))
    bracket[c("inside", "at")] <- list(best, best)
    bracket["outside"] <- list(far)
  }
  stop_profile(problem, point$value, "not_converged")
}

# Of a bracket that is closed, the point to look at again.
beyond <- function(bracket, point) {
  at_goal <- abs(point$z - bracket$goal) < near_goal
  if (at_goal || is.null(bracket$outside)) point else bracket$outside
}

# A point beyond the goal, or one that is higher by the core's own starts: at one value
# the others may have several maxima.
best_point <- function(problem, top, point, goal) {
  if (point$z <= goal - near_goal || !problem$several) return(point)
  other <- profile_at(problem, point$value, NULL)
  if (other$log_lik < point$log_lik + higher) return(point)
  on_scale(problem, top, other)
}

narrow <- function(bracket, point) {
  if (point$z < bracket$goal) bracket$inside <- point else bracket$outside <- point
  bracket$at <- point
  bracket
}

# A Newton step from the last point; the middle of the bracket where that leaves it.
next_place <- function(bracket) {
  inside <- bracket$inside$x
  side <- bracket$side
  x <- newton_place(bracket)
  if (is.null(bracket$outside)) {
    if (is.na(x)) x <- Inf
    return(min(max(x, inside + 0.1), inside + longest_rise))
  }
  outside <- bracket$outside$x
  if (!is.na(x) && side * (x - inside) > 0 && side * (outside - x) > 0) return(x)
  (inside + outside) / 2
}

newton_place <- function(bracket) {
  at <- bracket$at
  if (!is.finite(at$rise) || at$rise <= 0) return(start_place(bracket))
  at$x + bracket$side * (bracket$goal - at$z) / at$rise
}

# From a maximum on a bound: twice the drop, not its root, begins as a line.
start_place <- function(bracket) {
  at <- bracket$at
  if (at$z > 0) return(NA_real_)
  slope <- abs(at$slope)
  if (!is.finite(slope) || slope <= 0) return(NA_real_)
  move <- bracket$goal^2 / (2 * slope)
  value <- at$value + bracket$side * move
  if (bracket$problem$variance) value <- max(0, value)
  to_scale(bracket$problem, value)
}

is_near <- function(bracket, point) {
  narrow <- !is.null(bracket$outside) &&
    abs(bracket$outside$x - bracket$inside$x) < 1e-12 * (1 + abs(point$x))
  narrow || (abs(point$z - bracket$goal) < near_goal && is.finite(point$rise) &&
               point$rise > 0)
}

# Where the profile jumps a slope says nothing: no step leaves the bracket.
last_step <- function(bracket, point) {
  x <- newton_place(bracket)
  if (is.na(x)) return(point$value)
  if (!is.null(bracket$outside)) {
    held <- sort(c(bracket$inside$x, bracket$outside$x))
    x <- min(max(x, held[1]), held[2])
  }
  from_scale(bracket$problem, x)
}

# ---- the curve -------------------------------------------------------------------------

# Values from end to end, even on the scale, with the estimate among them; each starts
# where its neighbour ended.
profile_curve <- function(fit, at, level, points) {
  problem <- hold_parameter(fit, at)
  top <- profile_top(problem)
  goal <- sqrt(stats::qchisq(level, 1))
  ends <- c(profile_end(problem, top, -1, goal), profile_end(problem, top, 1, goal))
  # where there is no upper end, as far as is worth a picture
  if (ends[2] == Inf) ends[2] <- 100 * (problem$estimate + problem$unit)
  x <- seq(to_scale(problem, ends[1]), to_scale(problem, ends[2]), length.out = points)
  value <- unique(c(ends[1], from_scale(problem, x[-c(1, points)]), ends[2]))
  below <- sort(value[value < problem$estimate], decreasing = TRUE)
  above <- sort(value[value > problem$estimate])
  found <- c(
    rev(walk(problem, top, below)), list(top), walk(problem, top, above)
  )
  curve_table(problem, at, fit, found)
}

walk <- function(problem, top, values) {
  if (length(values) == 0) return(list())
  Reduce(\(from, value) {
    on_scale(problem, top, profile_at(problem, value, from$theta))
  }, values, top, accumulate = TRUE)[-1]
}

curve_table <- function(problem, at, fit, found) {
  value <- vapply(found, `[[`, 0, "value")
  data.frame(
    parameter = problem$name, kind = fit$parameters$kind[at], value = value,
    log_lik = vapply(found, `[[`, 0, "log_lik"),
    z = sign(value - problem$estimate) * vapply(found, `[[`, 0, "z"),
    estimate = problem$estimate, maximum = problem$maximum
  )
}
