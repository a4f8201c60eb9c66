take <- function(data, ...) take_columns(data, rlang::enquos(..., .ignore_empty = "none"))

test_that("a column is named, computed, brought, or found by the argument's name", {
  data <- data.frame(n = 1:2, dose = c(3, 4))
  outside <- 10
  taken <- take(data, n = , size = dose * 2, all = .env$outside, kind = "sd")
  expect_identical(taken$values$n, 1:2)
  expect_identical(taken$values$size, c(6, 8))
  expect_identical(taken$values$all, c(10, 10))
  expect_identical(taken$values$kind, c("sd", "sd"))
  expect_identical(taken$from[["n"]], "n")
  expect_identical(taken$from[["kind"]], "\"sd\"")
})

test_that("a part of something outside is no column", {
  data <- data.frame(n = 1:2)
  found <- list(sd = c(5, 6), dose = list(low = 1:2))
  expect_identical(take(data, size = .env$found$sd)$values$size, c(5, 6))
  expect_identical(take(data, size = .env$found$dose$low)$values$size, 1:2)
  expect_error(take(data, size = found$sd), "[.]env[$]found", class = "mv_error_column")
})

test_that("what is not there is NULL, and NULL says not to look", {
  data <- data.frame(n = 1:2)
  taken <- take(data, dose = , n = NULL)
  expect_null(taken$values$dose)
  expect_null(taken$values$n)
  expect_length(taken$from, 0)
})

test_that("a stray global is never picked up", {
  data <- data.frame(n = 1:2)
  weight <- c(5, 6)
  expect_snapshot(error = TRUE, {
    take(data, size = weight)
    take(data, size = sqrt(nn))
    take(data, size = "n")
    take(data, size = 1:3)
    take(1:3, size = n)
  })
  expect_identical(take(data, size = !!weight)$values$size, weight)
})

test_that("text that is wholly a number is taken as one, and nothing else", {
  expect_identical(as_numbers(c(" 12", "", "NA", "1e2"), "n"), c(12, NA, NA, 100))
  expect_identical(as_numbers(factor(c("8", "6")), "n"), c(8, 6))
  expect_identical(as_numbers(c(NA, NA), "n"), c(NA_real_, NA_real_))
  expect_null(as_numbers(NULL, "n"))
  expect_snapshot(error = TRUE, {
    as_numbers(c("8", "6-8"), "n", study = c("Chen", "Li"))
    as_numbers("1,200", "n")
    as_numbers(TRUE, "n")
  })
})

test_that("text that R would read as another number is none", {
  for (text in c("12e", "12E+", "0x1A", "1e-400", "1e400", "-0x2p3", "1_0", "e5", ".")) {
    expect_error(as_numbers(text, "n"), "is none", class = "mv_error_number")
  }
  expect_identical(
    as_numbers(c("5.", ".5", "+5", "-1.5E-2", "0e5", "0.00", "Inf", "-inf"), "n"),
    c(5, 0.5, 5, -0.015, 0, 0, Inf, -Inf)
  )
})

test_that("numbers that stand for something else are not read as numbers", {
  for (class in c("integer64", "Date", "POSIXct", "difftime")) {
    x <- structure(c(1, 2), class = c(class, if (class == "POSIXct") "POSIXt"))
    expect_error(as_numbers(x, "n"), "plain numbers", class = "mv_error_type")
  }
  expect_error(as_numbers(matrix(1, 2, 2), "n"), class = "mv_error_type")
})

test_that("text in another encoding is no number, and is not read as one", {
  expect_error(as_numbers("8\xb5", "n"), "another encoding", class = "mv_error_encoding")
  expect_identical(as_numbers("8\u00a0", "n"), 8)
})
