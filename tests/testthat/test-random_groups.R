# ---- integers of each structure, by hand ---------------------------------------------

outer_of_study <- c(1L, 1L, 2L, 2L, 3L, 3L, 1L, 1L, 2L, 2L, 3L, 3L)

test_that("levels are in the order of the alphabet; groups as they come", {
  for (word in c("CS", "HCS", "UN", "ID", "DIAG")) {
    part <- parts_of(~ outcome | study, word)[[1]]
    expect_identical(part$structure, word)
    expect_identical(part$outer, outer_of_study)
    expect_identical(part$groups, 3L)
    # pain 1, plaque 2
    expect_identical(part$inner, c(2L, 1L, 1L, 2L, 2L, 1L, 1L, 2L, 2L, 1L, 1L, 2L))
    expect_identical(part$levels, 2L)
    expect_null(part$position)
    expect_identical(part$name, "outcome | study")
    expect_identical(part$labels$levels, c("pain", "plaque"))
  }
})

test_that("AR and HAR stand in order, CAR at its times", {
  inner <- c(1L, 2L, 3L, 1L, 2L, 3L, 2L, 1L, 2L, 3L, 1L, 3L)
  for (word in c("AR", "HAR")) {
    expect_warning(part <- parts_of(~ time | study, word)[[1]], "uneven steps",
      class = "mv_warning_random_steps"
    )
    expect_identical(part$inner, inner)
    expect_identical(part$position, c(1, 2, 3))
  }
  expect_silent(part <- parts_of(~ time | study, "CAR")[[1]])
  expect_identical(part$inner, inner)
  expect_identical(part$position, c(1, 2, 4))
  expect_identical(part$labels$levels, c("1", "2", "4"))
})

test_that("even steps, whole or not, and factors pass without a word", {
  effects <- twelve()
  effects$time <- match(effects$time, c(1, 2, 4)) / 10
  expect_silent(parts_of(~ time | study, "AR", effects = effects))
  effects$time <- factor(effects$time, levels = c("0.3", "0.1", "0.2"))
  expect_silent(part <- parts_of(~ time | study, "AR", effects = effects)[[1]])
  expect_identical(part$inner[1:3], c(2L, 3L, 1L))
})

test_that("uncorrelated slopes over a column far from 0 are told", {
  effects <- twelve()
  effects$year <- 2000 + effects$dose
  effects$centred <- effects$dose - mean(effects$dose)
  told <- \(...) parts_of(..., effects = effects)
  expect_warning(told(~ year | study, "GDIAG"), "year", class = "mv_warning_random_far")
  expect_silent(told(~ year | study, "GEN"))
  expect_silent(told(~ 0 + year | study, "GDIAG"))
  expect_silent(told(~ centred + I(dose^2) | study, "GDIAG"))
})

test_that("slopes are a matrix, with an intercept unless it is taken out", {
  for (word in c("GEN", "GDIAG")) {
    part <- parts_of(~ 1 + dose | study, word)[[1]]
    expect_identical(part$structure, word)
    expect_identical(part$slope, cbind(rep(1, 12), twelve()$dose))
    expect_identical(part$levels, 2L)
    expect_identical(part$outer, outer_of_study)
    expect_null(part$inner)
    expect_identical(part$labels$levels, c("(Intercept)", "dose"))
    expect_identical(part$name, "1 + dose | study")
    expect_identical(parts_of(~ dose | study, word)[[1]]$slope, part$slope)
  }
  part <- parts_of(~ 0 + dose | study, "GEN")[[1]]
  expect_identical(part$slope, cbind(twelve()$dose))
  part <- parts_of(~ log(dose) + I(dose^2) | study, "GDIAG")[[1]]
  expect_identical(part$slope[, 2:3], cbind(log(twelve()$dose), twelve()$dose^2))
  part <- parts_of(~ 1 + dose | study, "GDIAG", used = 3:9)[[1]]
  expect_identical(part$slope[, 2], twelve()$dose[3:9])
})

test_that("an inner level may come again in a group", {
  part <- parts_of(~ strain | study, "CS")[[1]]
  # in A: z, y, y, x
  expect_identical(part$inner[part$outer == 2], c(3L, 2L, 2L, 1L))
})

# ---- kinds of columns ----------------------------------------------------------------

test_that("numbers, dates, TRUE and FALSE, and factors with unused levels are levels", {
  effects <- twelve()
  code <- match(effects$strain, c("x", "y", "z"))
  first <- match(effects$strain, c("y", "x", "z"))
  columns <- list(
    code, code + 0.5, as.Date("2020-01-01") + code, factor(letters[code], rev(letters)),
    as.POSIXct("2020-01-01", tz = "UTC") + code, as.difftime(code, units = "days")
  )
  for (column in columns) {
    effects$strain <- column
    expect_identical(parts_of(~ 1 | strain, effects = effects)[[1]]$outer, first)
  }
  effects$strain <- code == 1
  expect_identical(parts_of(~ 1 | strain, effects = effects)[[1]]$groups, 2L)
})

test_that("inner levels keep the order of numbers, dates and factors", {
  effects <- twelve()
  code <- match(effects$strain, c("x", "y", "z"))
  inner <- function(column, used = NULL) {
    effects$strain <- column
    part <- parts_of(~ strain | study, "DIAG", effects = effects, used = used)[[1]]
    list(part$inner, part$labels$levels)
  }
  # as text "10" comes before "9"
  expect_identical(inner(code + 8), list(code, c("9", "10", "11")))
  days <- as.Date("2020-01-30") + code
  expect_identical(inner(days), list(code, c("2020-01-31", "2020-02-01", "2020-02-02")))
  turned <- factor(c("x", "y", "z")[code], c("z", "unused", "y", "x"))
  expect_identical(inner(turned), list(4L - code, c("z", "y", "x")))
  expect_identical(inner(code > 1), list(1L + (code > 1), c("FALSE", "TRUE")))
  # rows 3, 6 and 7 are all of z
  expect_identical(inner(turned, used = c(1:3, 6:7))[[2]], c("z", "y", "x"))
})

test_that("white space at the ends is no part of a name", {
  effects <- twelve()
  effects$strain[c(1, 6)] <- c("y ", "\u00a0z")
  expect_identical(
    parts_of(~ 1 | strain, effects = effects), parts_of(~ 1 | strain)
  )
  effects$strain <- factor(effects$strain)
  expect_identical(parts_of(~ 1 | strain, effects = effects)[[1]]$groups, 3L)
})

test_that("columns of other kinds are refused", {
  effects <- twelve()
  effects$bad <- as.list(1:12)
  expect_error(random_of(~ 1 | bad, effects = effects), "is a list",
    class = "mv_error_type"
  )
  effects$bad <- matrix(1:24, 12)
  expect_error(random_of(~ 1 | bad, effects = effects), class = "mv_error_type")
  effects$bad <- complex(12, 1:12)
  expect_error(random_of(~ 1 | bad, effects = effects), class = "mv_error_type")
  effects$bad <- structure(as.double(1:12), class = "integer64")
  expect_error(random_of(~ 1 | bad, effects = effects), "as.numeric",
    class = "mv_error_type"
  )
  expect_error(random_of(~ bad | study, effects = effects), class = "mv_error_type")
})

test_that("a row without a level is an error that names it, unless it is not used", {
  expect_missing <- function(column, random, struct = "CS") {
    effects <- twelve()
    is.na(effects[[column]]) <- c(3, 12)
    error <- expect_error(random_of(random, struct, effects = effects),
      "rows 3 and 12", class = "mv_error_random_missing"
    )
    expect_identical(error$rows, c(3L, 12L))
    expect_no_error(random_of(random, struct, effects = effects, used = c(1:2, 4:11)))
    expect_error(random_of(random, struct, effects = effects, used = 2:11),
      "in row 3", class = "mv_error_random_missing"
    )
  }
  expect_missing("strain", ~ 1 | strain)
  expect_missing("strain", ~ 1 | study / strain)
  expect_missing("outcome", ~ outcome | study)
  expect_missing("study", ~ outcome | study)
  expect_missing("time", ~ time | study, "CAR")
  expect_missing("dose", ~ 1 | dose)
  expect_missing("dose", ~ 1 + dose | study, "GEN")
})

test_that("an empty cell and a missing level of a factor are missing", {
  for (empty in c("", " ", "NA", NA)) {
    effects <- twelve()
    effects$strain[5] <- empty
    expect_error(random_of(~ 1 | strain, effects = effects), "row 5 \\(C\\)",
      class = "mv_error_random_missing"
    )
    effects$strain <- factor(effects$strain, exclude = NULL)
    expect_error(random_of(~ 1 | strain, effects = effects), "row 5",
      class = "mv_error_random_missing"
    )
  }
})

test_that("times and slopes that are no numbers are told", {
  effects <- twelve()
  effects$day <- paste("day", effects$time)
  effects$date <- as.Date("2020-01-01") + effects$time
  effects$endless <- replace(effects$time, 3, Inf)
  effects$constant <- 2
  expect_snapshot(error = TRUE, {
    random_of(~ day | study, "CAR", effects = effects)
    random_of(~ date | study, "CAR", effects = effects)
    random_of(~ endless | study, "CAR", effects = effects)
    random_of(~ day | study, "HAR", effects = effects)
    random_of(~ 1 + strain | study, "GEN", effects = effects)
    random_of(~ 1 + date | study, "GDIAG", effects = effects)
    random_of(~ 1 + endless | study, "GEN", effects = effects)
    random_of(~ log(dose - 1) | study, "GEN", effects = effects)
    random_of(~ missing_function(dose) | study, "GEN", effects = effects)
    random_of(~ 1 + constant | study, "GEN", effects = effects)
  })
  for (bad in list(~ day | study, ~ date | study, ~ endless | study)) {
    expect_error(random_of(bad, "CAR", effects = effects), class = "mv_error_type")
  }
  expect_error(random_of(~ 1 + strain | study, "GEN"), class = "mv_error_type")
  expect_error(random_of(~ dose + I(2 * dose) | study, "GEN"),
    class = "mv_error_random_same"
  )
})
