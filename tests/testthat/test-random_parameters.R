test_that("the table has a row a parameter, all free", {
  table <- random_of(list(~ 1 | study / .row, ~ strain | experiment), "HCS",
    effects = apart()
  )$parameters
  expect_identical(names(table),
                   c("parameter", "part", "kind", "value", "free", "lower", "upper"))
  expect_identical(table$part, c(1L, 2L, 3L, 3L, 3L, 3L))
  expect_identical(table$kind, c(rep("variance", 5), "correlation"))
  expect_identical(table$value, rep(NA_real_, 6))
  expect_identical(table$free, 1:6)
})

test_that("correlations have the range in which the matrix of all levels can be", {
  lowest <- function(struct, random = ~ strain | study) {
    table <- random_of(random, struct)$parameters
    unique(table$lower[table$kind == "correlation"])
  }
  # three levels: the lowest eigenvalue 1 + 2 rho is 0 at -1/2
  expect_identical(lowest("CS"), -0.5)
  expect_identical(lowest("HCS"), -0.5)
  expect_identical(lowest("UN"), -1)
  expect_identical(lowest("CAR", ~ time | study), 0)
  expect_identical(suppressWarnings(lowest("AR", ~ time | study)), -1)
  expect_identical(lowest("GEN", ~ 1 + dose | study), -1)
})

# ---- fix -----------------------------------------------------------------------------

test_that("fixed parameters have a value, and the free ones are numbered on", {
  table <- random_of(~ strain | study, "UN",
    fix = c("var(strain=y | study)" = 0.1, "cor(strain=x, strain=z | study)" = -0.2)
  )$parameters
  expect_identical(table$value, c(NA, 0.1, NA, NA, -0.2, NA))
  expect_identical(table$free, c(1L, 0L, 2L, 3L, 0L, 4L))
  as_list <- random_of(~ 1 | study, fix = list("var(study)" = 1L))$parameters
  expect_identical(as_list$value, 1)
  expect_identical(as_list$free, 0L)
})

test_that("the ends of a range can be fixed", {
  fixed <- function(value, struct = "CS") {
    random_of(~ strain | study, struct, fix = c("cor(strain | study)" = value))$parameters
  }
  expect_identical(fixed(-0.5)$value[2], -0.5)
  expect_identical(fixed(1)$value[2], 1)
  expect_identical(random_of(~ 1 | study, fix = c("var(study)" = 0))$parameters$value, 0)
})

test_that("a fix that is wrong is told", {
  cs <- function(fix) random_of(list(~ strain | study, ~ 1 | .row), fix = fix)
  bad <- list(
    c("var(.rwo)" = 0.1), 0.1, c("var(.row)" = -0.1), c("var(.row)" = Inf),
    c("var(.row)" = NA), c("cor(strain | study)" = 1.1), c("cor(strain | study)" = -0.6),
    c("var(.row)" = 1, "var(.row)" = 1), c("var(.row)" = "a"), list(a = 1:2), TRUE,
    c("var(.row)" = 1, 2)
  )
  for (fix in bad) expect_error(cs(fix), class = "mv_error_fix")
  expect_error(
    random_of(~ time | study, "CAR", fix = c("cor(time | study)" = -0.1)), "from 0 to 1",
    class = "mv_error_fix"
  )
  expect_snapshot(error = TRUE, {
    cs(c("var(.rwo)" = 0.1))
    cs(c("tau" = 0.1))
    cs(0.1)
    cs("var(.row)")
    cs(c("var(.row)" = -0.1))
    cs(c("var(.row)" = NA_real_))
    cs(c("cor(strain | study)" = -0.6))
    cs(c("var(.row)" = 1, "var(.row)" = 1))
  })
})

test_that("fixed correlations that contradict one another are told", {
  names <- c("cor(strain=x, strain=y | study)", "cor(strain=x, strain=z | study)",
             "cor(strain=y, strain=z | study)")
  un <- \(...) random_of(~ strain | study, "UN", fix = stats::setNames(c(...), names))
  expect_error(un(0.9, 0.9, -0.9), "contradict", class = "mv_error_fix")
  # of three equal ones -1/2 is the lowest
  expect_error(un(-0.51, -0.51, -0.51), "contradict", class = "mv_error_fix")
  expect_identical(un(-0.5, -0.5, -0.5)$parameters$free, c(1:3, 0L, 0L, 0L))
  # the determinant is 1 - 0.36 - 0.64
  expect_no_error(un(0.6, 0.8, 0))
  expect_error(un(0.6, 0.81, 0), class = "mv_error_fix")
  expect_error(un(0, 0.6, 0.81), class = "mv_error_fix")
})

# ---- tie -----------------------------------------------------------------------------

test_that("tied parameters share a number", {
  variances <- paste0("var(strain=", c("x", "y", "z"), " | study)")
  table <- random_of(list(~ 1 | study, ~ strain | study), "DIAG",
    tie = list(variances[c(1, 3)])
  )$parameters
  expect_identical(table$free, c(1L, 2L, 3L, 2L))
  expect_identical(table$value, rep(NA_real_, 4))
  words <- random_of(~ strain | study, "DIAG", tie = variances)$parameters
  expect_identical(words$free, c(1L, 1L, 1L))
  with_fix <- random_of(~ strain | study, "UN", tie = list(variances[2:3]),
    fix = c("var(strain=x | study)" = 1)
  )$parameters
  expect_identical(with_fix$free, c(0L, 1L, 1L, 2L, 3L, 4L))
})

test_that("tied correlations have the range of both", {
  table <- random_of(list(~ strain | study, ~ time | study), c("CS", "CAR"),
    tie = c("cor(strain | study)", "cor(time | study)")
  )$parameters
  expect_identical(table$free, c(1L, 2L, 3L, 2L))
  expect_identical(table$lower, c(0, 0, 0, 0))
})

test_that("a tie that is wrong is told", {
  cs <- function(tie, fix = NULL) {
    random_of(list(~ strain | study, ~ 1 | .row), fix = fix, tie = tie)
  }
  both <- c("var(strain | study)", "var(.row)")
  expect_tie <- function(...) expect_error(cs(...), class = "mv_error_tie")
  expect_tie(c("var(strain | study)", "var(row)"))
  expect_tie(c("var(strain | study)", "cor(strain | study)"))
  expect_tie(both, fix = c("var(.row)" = 1))
  expect_tie("var(.row)")
  expect_tie(list(both, both))
  expect_tie(c(both, "var(.row)"))
  expect_tie(1)
  expect_tie(list(1:2))
  expect_snapshot(error = TRUE, {
    cs(c("var(strain | study)", "var(row)"))
    cs(c("var(strain | study)", "cor(strain | study)"))
    cs(both, fix = c("var(.row)" = 1))
    cs("var(.row)")
    cs(list(both, both))
  })
})
