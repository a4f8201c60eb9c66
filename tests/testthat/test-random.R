# ---- formulas ------------------------------------------------------------------------

test_that("nested intercepts are numbered as they first appear", {
  parts <- parts_of(~ 1 | study / experiment)
  expect_length(parts, 2)
  study <- c(1L, 1L, 2L, 2L, 3L, 3L, 1L, 1L, 2L, 2L, 3L, 3L)
  # B2, A1, C1, B1, A2, C2
  experiment <- c(1L, 1L, 2L, 2L, 3L, 3L, 4L, 4L, 2L, 5L, 3L, 6L)
  expect_identical(parts[[1]]$outer, study)
  expect_identical(parts[[1]]$groups, 3L)
  expect_identical(parts[[2]]$outer, experiment)
  expect_identical(parts[[2]]$groups, 6L)
  expect_identical(vapply(parts, `[[`, "", "name"), c("study", "study/experiment"))
})

test_that("a part has the fields of the border in their order", {
  fields <- c("structure", "outer", "groups", "inner", "levels", "slope", "position",
              "known", "name", "labels")
  all <- c(
    parts_of(list(~ 1 | study / .row)), parts_of(~ time | study, "CAR"),
    parts_of(~ dose | study, "GEN")
  )
  for (part in all) expect_named(part, fields)
  one <- all[[1]]
  expect_identical(one$structure, "INTERCEPT")
  expect_identical(one$levels, 1L)
  expect_null(one$inner)
  expect_null(one$slope)
  expect_null(one$position)
  expect_null(one$known)
})

test_that(".row gives each row a level, alone and in others", {
  alone <- parts_of(~ 1 | .row)[[1]]
  expect_identical(alone$outer, 1:12)
  expect_identical(alone$name, ".row")
  parts <- parts_of(~ 1 | study / experiment / .row)
  expect_identical(parts[[3]]$outer, 1:12)
  expect_identical(parts[[3]]$groups, 12L)
  expect_identical(parts[[3]]$name, "study/experiment/.row")
  own <- twelve()
  own$.row <- 1
  expect_identical(parts_of(~ 1 | .row, effects = own)[[1]]$outer, 1:12)
})

test_that("a list gives crossed parts in its order", {
  parts <- parts_of(list(~ 1 | strain, ~ 1 | study / .row))
  expect_identical(vapply(parts, `[[`, "", "name"), c("strain", "study", "study/.row"))
  # y, x, z
  expect_identical(parts[[1]]$outer, c(1L, 2L, 3L, 1L, 2L, 3L, 3L, 1L, 1L, 2L, 2L, 3L))
})

test_that("brackets, white space and a formula's environment change nothing", {
  expect_identical(
    parts_of(~ (1 | (study / experiment))), parts_of(~ 1 | study / experiment)
  )
  expect_identical(parts_of(list(a = ~ 1 | study)), parts_of(~ 1 | study))
  study <- 1:12
  expect_identical(parts_of(~ 1 | study)[[1]]$groups, 3L)
})

test_that("only the rows used are numbered, and are handed back", {
  used <- c(3L, 4L, 7L, 8L, 9L)
  found <- random_of(~ 1 | study / .row, used = used)
  expect_identical(found$used, used)
  expect_identical(found$parts[[1]]$outer, c(1L, 1L, 2L, 2L, 1L))
  expect_identical(found$parts[[2]]$outer, 1:5)
  expect_null(random_of(~ 1 | study)$used)
  expect_error(random_of(~ 1 | study, used = integer()), class = "mv_error_too_few")
})

test_that("columns with names that are no R names are read", {
  effects <- twelve()
  effects[["my lab"]] <- effects$study
  part <- parts_of(~ 1 | `my lab`, effects = effects)[[1]]
  expect_identical(part$name, "my lab")
  expect_identical(part$groups, 3L)
})

test_that("what is no formula with a bar is an error that shows how one looks", {
  expect_snapshot(error = TRUE, {
    random_of(~study)
    random_of(y ~ 1 | study)
    random_of("~ 1 | study")
    random_of(list())
    random_of(list(~ 1 | study, "strain"))
    random_of(~ 1 | study + strain)
    random_of(~ (1 | study) + (1 | strain))
    random_of(~ 1 | study:experiment)
    random_of(~ 1 | factor(study))
    random_of(~ 1 | study | strain)
    random_of(~ 0 | study)
    random_of(~ dose || study)
    random_of(~ .row | study)
    random_of(~ outcome | study / experiment)
  })
  for (bad in list(~study, y ~ 1 | study, 1, list(), ~ 1 | study + strain, ~ 0 | study,
                   ~ outcome | study / experiment, mean, NA)) {
    expect_error(random_of(bad), class = "mv_error_formula")
  }
})

test_that("a column that is not there is named, with the nearest", {
  expect_error(random_of(~ 1 | stduy), "Did you mean \"study\"",
    class = "mv_error_column"
  )
  expect_error(random_of(~ 1 | study / .rows), "Did you mean \".row\"",
    class = "mv_error_column"
  )
  expect_error(random_of(~ outcom | study), "Did you mean \"outcome\"",
    class = "mv_error_column"
  )
  expect_error(random_of(~ 1 + dosis | study, "GEN"), "\"dosis\"",
    class = "mv_error_column"
  )
  expect_error(random_of(~ 1 | .), class = "mv_error_column")
})

# ---- struct --------------------------------------------------------------------------

test_that("struct is one word for all, or one for each column before a bar", {
  two <- list(~ outcome | study, ~ 1 | .row, ~ strain | experiment)
  expect_structures <- function(struct, want) {
    parts <- suppressWarnings(parts_of(two, struct))
    expect_identical(vapply(parts, `[[`, "", "structure"), want)
  }
  expect_structures("HCS", c("HCS", "INTERCEPT", "HCS"))
  expect_structures(c("CS", "ID"), c("CS", "INTERCEPT", "ID"))
})

test_that("a struct that is wrong is told", {
  expect_snapshot(error = TRUE, {
    random_of(~ outcome | study, "cs")
    random_of(~ outcome | study, "ARR")
    random_of(~ outcome | study, "SPEXP")
    random_of(~ outcome | study, c("CS", "UN"))
    random_of(~ outcome | study, character())
    random_of(~ outcome | study, 1)
    random_of(~ 1 | study, "UN")
    random_of(~ 1 + dose | study, "CS")
    random_of(~ log(dose) | study, "UN")
  })
  for (bad in list("cs", "INTERCEPT", "KNOWN", NA, NA_character_, c("CS", "UN"), NULL)) {
    expect_error(random_of(~ outcome | study, bad), class = "mv_error_struct")
  }
  expect_error(random_of(~ 1 | study, "UN"), class = "mv_error_struct")
  expect_error(random_of(~ 1 | study, c("CS", "CS")), class = "mv_error_struct")
})

# ---- size ----------------------------------------------------------------------------

test_that("a million rows are read in linear time", {
  skip_on_cran()
  few <- data.frame(yi = 0, vi = 1, study = sprintf("s%05d", rep(1:2e4, each = 5)))
  many <- data.frame(yi = 0, vi = 1, study = sprintf("s%06d", rep(1:2e5, each = 5)))
  seconds <- function(effects) {
    min(replicate(3, system.time(random_of(~ 1 | study / .row, effects = effects))[[1]]))
  }
  small <- seconds(few)
  # ten times the rows; the rest is for caches and a busy machine
  expect_lt(seconds(many), 40 * max(small, 0.005))
})
