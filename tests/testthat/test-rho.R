# Four readings of the same two groups: outcomes a and b at times 1 and 3.
four <- function(time = c(1, 1, 3, 3)) {
  pairs <- pairs_of(8, c(12, 9, 11, 10), 2, 6, c(8, 7, 9, 6), 2,
    study = "A", cohort_t = "t", cohort_c = "c", outcome = c("a", "b", "a", "b"),
    time = time
  )
  effect_sizes(pairs, "MD")
}
unit <- 4 / 8 + 4 / 6

correlations <- function(effects, rho) unname(stats::cov2cor(vcov(effects, rho)))

test_that("rho by outcome and time gives each pair its own", {
  r <- correlations(four(), rho_between(outcomes = 0.5, times = 0.8))
  want <- outer(c(1, 1, 3, 3), c(1, 1, 3, 3), \(s, t) 0.8^abs(s - t)) *
    matrix(c(1, 0.5, 0.5, 1)[c(1, 2, 1, 2, 2, 1, 2, 1)], 4, 4)
  expect_equal(r, want)
  constant <- rho_between(outcomes = 0.5, times = 0.8, how = "constant")
  r <- correlations(four(c("early", "early", "late", "late")), constant)
  expect_equal(r[1, ], c(1, 0.5, 0.8, 0.4))
  expect_equal(
    correlations(four(c("1", "1", "3", "3")), rho_between(0.5, 0.8)), want
  )
})

test_that("a matrix or list by outcome; its diagonal is one outcome at two times", {
  R <- matrix(c(0.9, 0.3, 0.3, 0.7), 2, dimnames = list(c("b", "a"), c("b", "a")))
  want <- c(1, 0.3, 0.7, 0.3)
  expect_equal(correlations(four(), R)[1, ], want)
  expect_equal(correlations(four(), R)[2, 4], 0.9)
  as_list <- list(a = c(b = 0.3, a = 0.7), b = 0.9)
  expect_equal(correlations(four(), as_list), correlations(four(), R))
  with_time <- rho_between(list(a = c(b = 0.3)), times = 0.5)
  expect_equal(correlations(four(), with_time)[1, ], c(1, 0.3, 0.25, 0.075))
})

test_that("one number serves all pairs, as a matrix of it does", {
  R <- matrix(0.4, 2, 2, dimnames = list(c("a", "b"), c("a", "b")))
  expect_equal(vcov(four(), rho = 0.4), vcov(four(), rho = R))
})

test_that("a grid gives a matrix for each value", {
  grid <- vcov_grid(four(), rho = c(0.2, 0.5))
  expect_named(grid, c("0.2", "0.5"))
  expect_equal(grid[["0.5"]], vcov(four(), rho = 0.5))
  mixed <- vcov_grid(four(), list(low = 0.2, ar = rho_between(0.5, 0.8)))
  expect_named(mixed, c("low", "ar"))
  expect_equal(mixed$ar, vcov(four(), rho_between(0.5, 0.8)))
  expect_error(vcov_grid(four(), "high"), "several values", class = "mv_error_rho")
})

test_that("rho for what is not there, or none for what is, is an error that names it", {
  R <- function(value, name) matrix(value, 2, dimnames = list(name, name))
  expect_snapshot(error = TRUE, {
    vcov(four(), rho = c(0.2, 0.5))
    vcov(four(), rho = list(a = c(weigth = 0.5)))
    vcov(four(), rho = list(a = c(b = 0.5)))
    vcov(four(), rho = rho_between(times = 0.5))
    vcov(four(), rho = rho_between(outcomes = 0.5))
    vcov(four(c("d1", "d1", "d3", "d3")), rho = rho_between(0.5, 0.5))
    vcov(four(c(1, 1, NA, NA)), rho = rho_between(0.5, 0.5))
    vcov(four(), rho = R(c(1, 0.2, 0.3, 1), c("a", "b")))
    vcov(four(), rho = matrix(0.5, 2, 2))
    vcov(four(), rho = R(c(1, 2, 2, 1), c("a", "b")))
    vcov(four(), rho = R(c(0.1, 0.9, 0.9, 0.1), c("a", "b")))
    vcov(four(), rho = list(a = c(b = 0.5), b = c(a = 0.6)))
    vcov(four(), rho = list(0.5))
    vcov(four(), rho = "high")
    rho_between()
    rho_between(times = 2)
  })
})

test_that("rho prints what it says", {
  expect_snapshot({
    rho_between(0.5, 0.8)
    rho_between(list(a = c(b = 0.3)), times = 0.9, how = "constant")
  })
})
