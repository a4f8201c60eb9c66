lesions <- function() {
  data.frame(
    study = c("Chen 2011", "Chen 2011", "Chen 2011", "Li 2015", "Li 2015"),
    role = c("sham", "control", "treated", "control", "treated"),
    n = c(8, 8, 9, 6, 6),
    mean = c(5, 40, 24, 51, 33),
    error = c(1, 9, 8, 4, 5),
    error_type = c("SD", "SD", "SD", "SEM", "SEM")
  )
}

with_value <- function(column, value, row = 3) {
  x <- lesions()
  x[[column]][row] <- value
  x
}

test_that("a table becomes cohorts, row by row", {
  x <- cohorts(lesions())
  expect_s3_class(x, c("mv_cohorts", "data.frame"), exact = TRUE)
  expect_named(x, cohort_columns)
  expect_identical(x$row, 1:5)
  expect_identical(x$error_type, c("sd", "sd", "sd", "sem", "sem"))
  expect_equal(x$sd, c(1, 9, 8, 4 * sqrt(6), 5 * sqrt(6)), tolerance = 1e-14)
  expect_identical(x$experiment, rep("1", 5))
  expect_identical(x$cohort, lesions()$role)
  expect_identical(x$outcome, rep(NA_character_, 5))
  expect_identical(x$greater_is_worse, rep(NA, 5))
})

test_that("columns are found under other names, and one word serves all rows", {
  x <- setNames(lesions(), c("paper", "group", "animals", "m", "spread", "kind"))
  x$kind <- NULL
  y <- cohorts(x, paper, group, animals, m, spread, "sem", greater_is_worse = TRUE)
  expect_equal(y$sd, x$spread * sqrt(x$animals), tolerance = 1e-14)
  expect_true(all(y$greater_is_worse))
  expect_identical(attr(y, "columns")[["n"]], "animals")
  expect_identical(names(y), cohort_columns)
})

test_that("`error_type = \"sd\"` is a word where the table has a column sd", {
  x <- lesions()
  names(x)[5] <- "sd"
  x$error_type <- NULL
  expect_identical(cohorts(x, error = sd, error_type = "sd")$sd, lesions()$error)
})

test_that("an expression may use a column of the argument's own name", {
  x <- lesions()
  x$role <- toupper(x$role)
  x$study <- paste0(x$study, "!")
  y <- cohorts(x, role = tolower(role), study = sub("!", "", .data[["study"]]))
  expect_identical(y, cohorts(lesions()), ignore_attr = "columns")
})

test_that("tibbles, grouped tibbles and factors give what a data frame gives", {
  plain <- cohorts(lesions())
  factors <- lesions()
  factors[c(1, 2, 6)] <- lapply(factors[c(1, 2, 6)], factor)
  expect_identical(cohorts(factors), plain)
  text <- lesions()
  text[3:5] <- lapply(text[3:5], as.character)
  expect_identical(cohorts(text), plain)
  text[3:5] <- lapply(text[3:5], factor)
  expect_identical(cohorts(text), plain)
  skip_if_not_installed("dplyr")
  expect_identical(cohorts(dplyr::as_tibble(lesions())), plain)
  expect_identical(cohorts(dplyr::group_by(lesions(), study)), plain)
})

test_that("further columns travel along, treatment and unit where given", {
  x <- cbind(lesions(), dose = 1:5, treatment = c(NA, "vehicle", "MSC", "vehicle", "MSC"))
  y <- cohorts(x)
  expect_identical(y$dose, 1:5)
  expect_identical(y$cohort[2:3], c("control: vehicle", "treated: MSC"))
  expect_identical(names(y)[length(y)], "dose")
  expect_identical(cohorts(x, unit = "mm")$unit, rep("mm", 5))
})

test_that("named cohorts keep their names; nameless ones get one", {
  x <- cbind(lesions(), cohort = c("A", "B", "C", NA, 7))
  expect_identical(cohorts(x)$cohort, c("A", "B", "C", "control", "7"))
})

test_that("a row with a missing number is kept", {
  x <- lesions()
  x$n[1] <- NA
  x$mean[2] <- NA
  x$error[4] <- NA
  x$error_type[4] <- NA
  y <- cohorts(x)
  expect_identical(nrow(y), 5L)
  expect_identical(is.na(y$sd), c(FALSE, FALSE, FALSE, TRUE, FALSE))
})

test_that("n need not be whole, an error may be 0, one animal has an SD", {
  x <- lesions()
  x$n[3:5] <- c(4.5, 1, 6)
  x$error[2] <- 0
  x$error_type[4] <- "sd"
  expect_equal(cohorts(x)$sd, c(1, 0, 8, 4, 5 * sqrt(6)))
})

test_that("numbers that cannot be are named with their row and study", {
  expect_snapshot(error = TRUE, {
    cohorts(with_value("n", 0))
    cohorts(with_value("n", -6))
    cohorts(with_value("n", Inf))
    cohorts(with_value("n", "6-8"))
    cohorts(with_value("n", "1,200"))
    cohorts(with_value("mean", Inf))
    cohorts(with_value("mean", "high"))
    cohorts(with_value("error", -1, c(2, 4)))
    cohorts(with_value("error", Inf))
    cohorts(with_value("error", "8*"))
    cohorts(cbind(lesions(), events = 9))
  })
})

test_that("words that cannot be are named, with the nearest that can", {
  expect_snapshot(error = TRUE, {
    cohorts(with_value("role", "contrl", 2))
    cohorts(with_value("role", "placebo", 2))
    cohorts(with_value("role", NA, 2))
    cohorts(with_value("error_type", "SEMs"))
    cohorts(with_value("error_type", NA, 3:5))
    cohorts(with_value("study", ""))
    cohorts(lesions(), greater_is_worse = "yes")
    cohorts(lesions(), greater_is_worse = 1)
  })
})

test_that("tables that cannot be are refused", {
  expect_snapshot(error = TRUE, {
    cohorts(lesions()[0, ])
    cohorts(as.list(lesions()))
    cohorts(lesions()[-6])
    cohorts(lesions()[-(2:3)])
    cohorts(setNames(lesions(), c("study", "role", "n", "mean", "SEM", "kind")))
    cohorts(lesions(), n = animals)
    cohorts(lesions(), n = c(1, 2))
    cohorts(lesions(), error_type = "error")
  })
})

test_that("the same animals twice in one outcome and time are refused", {
  x <- rbind(lesions(), lesions()[3, ])
  expect_snapshot(error = TRUE, {
    cohorts(x)
    cohorts(rbind(x, lesions()[3:4, ]))
  })
  expect_error(cohorts(x), class = "mv_error_duplicate")
  x$outcome <- c(rep("area", 5), "volume")
  expect_identical(nrow(cohorts(x)), 6L)
  x$outcome <- NULL
  x$time <- c(0, 0, 0, 0, 0, 7)
  expect_identical(nrow(cohorts(x)), 6L)
  x$time <- NULL
  expect_identical(nrow(cohorts(x, cohort = 1:6)), 6L)
})

test_that("a cohort has one role", {
  x <- cbind(lesions(), cohort = c("A", "A", "B", "A", "B"))
  expect_snapshot(cohorts(x), error = TRUE)
})

test_that("one outcome of an experiment has one direction", {
  x <- cbind(lesions(), greater_is_worse = c("TRUE", "true", "FALSE", "", NA))
  expect_snapshot(cohorts(x), error = TRUE)
  x$experiment <- c("a", "a", "b", "a", "a")
  expect_identical(cohorts(x)$greater_is_worse, c(TRUE, TRUE, FALSE, NA, NA))
})

test_that("a study names all its experiments or none", {
  x <- cbind(lesions(), experiment = c("a", "a", NA, NA, ""))
  expect_snapshot(cohorts(x), error = TRUE)
  x$experiment[3] <- "a"
  expect_identical(cohorts(x)$experiment, c("a", "a", "a", "1", "1"))
})

test_that("times are numbers or text", {
  expect_identical(cohorts(lesions(), time = 7L)$time, rep(7, 5))
  expect_identical(cohorts(lesions(), time = "4 weeks ")$time, rep("4 weeks", 5))
  expect_identical(cohorts(lesions(), time = NA)$time, rep(NA_real_, 5))
})

test_that("dates, large integers and matrices are not taken for numbers", {
  x <- lesions()
  x$n <- as.Date("2020-08-06") + 1:5
  expect_error(cohorts(x), "\"6-8\" into a date", class = "mv_error_type")
  x$n <- structure(1:5 * 4.94e-324, class = "integer64")
  expect_error(cohorts(x), "as.numeric", class = "mv_error_type")
  x$n <- matrix(8, 5, 2)
  expect_error(cohorts(x), "one column", class = "mv_error_type")
  x$n <- matrix(8, 5, 1)
  expect_identical(cohorts(x)$n, rep(8, 5))
  expect_error(cohorts(x, n = .env$mean), "one column", class = "mv_error_type")
})

test_that("of two columns of one name none is guessed", {
  x <- cbind(lesions(), n = 1:5)
  expect_error(cohorts(x), "two columns named \"n\"", class = "mv_error_reserved")
  expect_error(cohorts(x, n = n + 1), "two columns", class = "mv_error_reserved")
})

test_that("a column's name in another encoding is an error", {
  x <- cbind(lesions(), 1)
  names(x)[7] <- "M\xfcller"
  expect_error(cohorts(x), "name of column 7", class = "mv_error_encoding")
})
