# Steps to the end of a profile. Whole intervals: test-profile.R.

# A problem of a variance, as the steps read it.
variance_problem <- function() list(variance = TRUE, unit = 0.1, estimate = 0.3)

bracket_of <- function(x, z, rise, goal = 2, side = 1, outside = NULL) {
  point <- list(x = x, z = z, rise = rise, value = x)
  list(
    problem = list(variance = FALSE), side = side, goal = goal, inside = point,
    outside = outside, at = point
  )
}

test_that("the scale of a variance is a log that reaches 0, and goes back", {
  problem <- variance_problem()
  value <- c(0, 1e-8, 0.3, 50)
  expect_equal(from_scale(problem, to_scale(problem, value)), value)
  expect_identical(to_scale(problem, 0), log(0.1))
  # rounding leads to no variance below 0
  expect_identical(from_scale(problem, log(0.1) - 1e-9), 0)
  expect_identical(to_scale(list(variance = FALSE), -0.4), -0.4)
})

test_that("a Newton step of a line ends at its goal", {
  expect_equal(newton_place(bracket_of(1, 0.5, 3)), 1 + 1.5 / 3)
  expect_equal(newton_place(bracket_of(1, 0.5, 3, side = -1)), 1 - 1.5 / 3)
  # beyond the goal it comes back
  expect_equal(newton_place(bracket_of(1, 3, 2)), 1 - 1 / 2)
})

test_that("a step that leaves the bracket is its middle", {
  far <- list(x = 2, z = 9, rise = 1)
  expect_equal(next_place(bracket_of(1, 0.5, 3, outside = far)), 1.5)
  bracket <- bracket_of(1, 0.5, 0.01, outside = far)
  expect_gt(newton_place(bracket), 2)
  expect_equal(next_place(bracket), 1.5)
  # the slope is not known: the middle too
  expect_equal(next_place(bracket_of(1, 0.5, NaN, outside = far)), 1.5)
})

test_that("without a far side a step is neither endless nor none", {
  expect_equal(next_place(bracket_of(1, 0.5, 1e-9)), 1 + longest_rise)
  expect_equal(next_place(bracket_of(1, 1.9999, 1e9)), 1.1)
  expect_equal(next_place(bracket_of(1, 0.5, NaN)), 1 + longest_rise)
})

test_that("from a maximum on a bound the drop begins as a line", {
  bracket <- bracket_of(0, 0, 0)
  bracket$at$slope <- -4
  # 2 * 4 * move is the square of the goal
  expect_equal(start_place(bracket), 2^2 / (2 * 4))
  bracket$problem <- variance_problem()
  expect_equal(start_place(bracket), log(2^2 / (2 * 4) + 0.1))
  bracket$at$slope <- 0
  expect_identical(start_place(bracket), NA_real_)
})

test_that("the bracket closes on the goal from both sides", {
  bracket <- bracket_of(1, 0.5, 3)
  inside <- narrow(bracket, list(x = 1.2, z = 1.5))
  expect_identical(c(inside$inside$x, inside$at$x), c(1.2, 1.2))
  expect_null(inside$outside)
  both <- narrow(inside, list(x = 1.6, z = 2.5))
  expect_identical(c(both$inside$x, both$outside$x), c(1.2, 1.6))
  expect_false(is_near(both, list(x = 1.6, z = 2.5, rise = 1)))
  expect_true(is_near(both, list(x = 1.5, z = 2 + near_goal / 2, rise = 1)))
  # a jump of the profile: the bracket is as narrow as numbers are
  both$inside$x <- 1.6 - 1e-13
  expect_true(is_near(both, list(x = 1.6, z = 9, rise = NaN)))
})

test_that("an end is where the profile has fallen by the quantile, from both sides", {
  fit <- three_levels()
  problem <- hold_parameter(fit, 1)
  top <- profile_top(problem)
  expect_identical(top$z, 0)
  for (goal in c(0.5, 2)) {
    for (side in c(-1, 1)) {
      end <- profile_end(problem, top, side, goal)
      drop <- drop_at(fit, "var(study)", end)
      if (end > 0) expect_equal(drop, goal^2, tolerance = 1e-6)
      expect_gt(side * (end - problem$estimate), 0)
    }
  }
})

test_that("z rises from the maximum as the information says", {
  problem <- hold_parameter(three_levels(), 1)
  top <- profile_top(problem)
  h <- 1e-3
  near <- on_scale(problem, top, profile_at(problem, from_scale(problem, top$x + h),
    top$theta
  ))
  expect_equal(near$z / h, top$rise, tolerance = 0.05)
  # and its own slope is that of its neighbours
  more <- on_scale(problem, top, profile_at(problem, from_scale(problem, top$x + 2 * h),
    top$theta
  ))
  expect_equal((more$z - near$z) / h, near$rise, tolerance = 0.02)
})

test_that("an end is not where the others fell to a lower maximum", {
  effects <- rare_slopes()
  run <- \(...) pool_effects(effects, random = ~ 1 + rare | study, struct = "GEN", ...)
  fit <- run()
  ends <- confint(fit, type = "components")
  # the best correlation is -1 all the way; the other variance has a maximum on each side
  # of that where the two cancel
  expect_identical(fit$theta[[3]], -1)
  beside <- list(c(4, 6), c(6, 10))
  for (at in 1:2) {
    name <- names(fit$theta)[c(at, 3 - at)]
    end <- ends[name[1], 2]
    log_lik <- \(other) run(fix = stats::setNames(c(end, other, -1),
      c(name, names(fit$theta)[3])
    ))$loglik[["reml"]]
    best <- stats::optimise(log_lik, beside[[at]], maximum = TRUE)$objective
    drop <- 2 * (fit$loglik[["reml"]] - best)
    expect_equal(drop, stats::qchisq(0.95, 1), tolerance = 1e-6)
    expect_gt(end, 4 * fit$theta[[at]])
  }
})
