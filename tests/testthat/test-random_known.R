kinship <- function(values = c(0.5, 0.2, 0.3), names = c("z", "y", "x", "other")) {
  A <- diag(4)
  A[lower.tri(A)] <- c(values, 0.1, 0.1, 0.1)[c(1, 2, 4, 3, 5, 6)]
  A[upper.tri(A)] <- t(A)[upper.tri(A)]
  dimnames(A) <- list(names, names)
  A
}

test_that("a known matrix is that of the pooled levels, in the order of their integers", {
  part <- parts_of(~ 1 | strain, R = list(strain = kinship()))[[1]]
  expect_identical(part$structure, "KNOWN")
  expect_identical(part$outer, rep(1L, 12))
  expect_identical(part$groups, 1L)
  # y, x, z
  expect_identical(part$inner, c(1L, 2L, 3L, 1L, 2L, 3L, 3L, 1L, 1L, 2L, 2L, 3L))
  expect_identical(part$levels, 3L)
  # z-y 0.5, z-x 0.2, y-x 0.3
  expect_equal(part$known, matrix(c(1, 0.3, 0.5, 0.3, 1, 0.2, 0.5, 0.2, 1), 3),
    tolerance = 1e-15
  )
  expect_identical(part$labels$levels, c("y", "x", "z"))
  expect_identical(random_labels(part, twelve()), c("y", "x", "z"))
  expect_identical(random_level_count(part), 3L)
  expect_identical(part$name, "strain")
  parameters <- random_of(~ 1 | strain, R = list(strain = kinship()))$parameters
  expect_identical(parameters$parameter, "var(strain)")
})

test_that("a covariance is scaled to a correlation", {
  scale <- diag(c(2, 3, 4, 5))
  known <- kinship()
  scaled <- scale %*% known %*% scale
  dimnames(scaled) <- dimnames(known)
  part <- \(A) parts_of(~ 1 | strain, R = list(strain = A))[[1]]$known
  expect_equal(part(scaled), part(known), tolerance = 1e-15)
})

test_that("only a factor's own intercept takes the matrix, first of a nest or crossed", {
  parts <- parts_of(list(~ 1 | study, ~ 1 | strain / .row), R = list(strain = kinship()))
  expect_identical(vapply(parts, `[[`, "", "structure"),
                   c("INTERCEPT", "KNOWN", "INTERCEPT"))
  expect_identical(random_of(~ 1 | study, R = NULL), random_of(~ 1 | study, R = list()))
})

test_that("names on one side serve both; Matrix and numbers as levels are read", {
  one <- kinship()
  colnames(one) <- NULL
  want <- parts_of(~ 1 | strain, R = list(strain = kinship()))
  expect_identical(parts_of(~ 1 | strain, R = list(strain = one)), want)
  effects <- twelve()
  effects$strain <- match(effects$strain, c("x", "y", "z"))
  numbered <- kinship(names = c("3", "2", "1", "4"))
  part <- parts_of(~ 1 | strain, R = list(strain = numbered), effects = effects)[[1]]
  expect_identical(part$known, want[[1]]$known)
  skip_if_not_installed("Matrix")
  sparse <- Matrix::Matrix(kinship(), sparse = TRUE)
  expect_equal(parts_of(~ 1 | strain, R = list(strain = sparse)), want)
})

test_that("a singular matrix is a correlation matrix, and rounding is no asymmetry", {
  same <- kinship(c(1, 0.2, 0.2))
  expect_no_error(parts_of(~ 1 | strain, R = list(strain = same)))
  rounded <- kinship()
  rounded[1, 2] <- rounded[1, 2] * (1 + 1e-12)
  known <- parts_of(~ 1 | strain, R = list(strain = rounded))[[1]]$known
  expect_identical(known, t(known))
})

test_that("what is wrong with R is told", {
  known <- kinship()
  twice <- known
  dimnames(twice) <- list(c("x", "x", "y", "z"), c("x", "x", "y", "z"))
  differ <- known
  colnames(differ) <- rev(colnames(differ))
  expect_R <- function(R, random = ~ 1 | strain) {
    expect_error(random_of(random, R = R), class = "mv_error_R")
  }
  bad <- list(
    known, list(known), list(strain = known, strain = known),
    list(strain = unname(known)), list(strain = twice), list(strain = differ),
    list(strain = known[1:3, ]),
    list(strain = known[c(1, 2, 4), c(1, 2, 4)]), list(strain = "A"),
    list(strain = replace(known, 2, 0.9)), list(strain = replace(known, c(2, 5), NA)),
    list(strain = replace(known, 1, 0)), list(strain = kinship(c(0.9, 0.9, -0.9))),
    list(stran = known), list(study = known)
  )
  for (R in bad) expect_R(R)
  expect_R(list(outcome = known), ~ outcome | study)
  expect_snapshot(error = TRUE, {
    random_of(~ 1 | strain, R = known)
    random_of(~ 1 | strain, R = list(known))
    random_of(~ 1 | strain, R = list(strain = known, strain = known))
    random_of(~ 1 | strain, R = list(strain = unname(known)))
    random_of(~ 1 | strain, R = list(strain = twice))
    random_of(~ 1 | strain, R = list(strain = differ))
    random_of(~ 1 | strain, R = list(strain = known[1:3, ]))
    random_of(~ 1 | strain, R = list(strain = known[c(1, 2, 4), c(1, 2, 4)]))
    random_of(~ 1 | strain, R = list(strain = replace(known, 2, 0.9)))
    random_of(~ 1 | strain, R = list(strain = replace(known, c(2, 5), NA)))
    random_of(~ 1 | strain, R = list(strain = replace(known, 1, 0)))
    random_of(~ 1 | strain, R = list(strain = kinship(c(0.9, 0.9, -0.9))))
    random_of(~ 1 | strain, R = list(stran = known))
    random_of(~ 1 | study / strain, R = list(strain = known))
    random_of(~ strain | study, R = list(strain = known))
  })
})
