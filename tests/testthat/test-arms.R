# Readers that cohorts() and as_comparisons() share.

call_of <- function() rlang::caller_env()

test_that("numbers of an arm are read by their suffix, absent ones as missing", {
  values <- list(n_t = c(6, 8), mean_t = c("1.5", "2"), events_t = c(1, 2))
  found <- suppressWarnings(read_arm(values, "_t", c("a", "b"), call_of()))
  expect_identical(found$n, c(6, 8))
  expect_identical(found$mean, c(1.5, 2))
  expect_identical(found$error, c(NA_real_, NA_real_))
})

test_that("numbers that no group can have stop, with row and study", {
  arm <- \(...) read_arm(list(...), "_c", c("Aster", "Birch"), call_of())
  expect_error(arm(n_c = c(6, 0)), class = "mv_error_number")
  expect_error(arm(n_c = c(6, 0)), "Birch", fixed = TRUE)
  expect_error(arm(n_c = c(Inf, 6)), "positive and finite", fixed = TRUE)
  expect_error(arm(error_c = c(-1, 2)), "zero or more", fixed = TRUE)
  expect_error(arm(mean_c = c(1, -Inf)), class = "mv_error_number")
  expect_identical(arm(error_c = c(0, NA))$error, c(0, NA))
})

test_that("a study without names of experiments is one experiment", {
  study <- c("a", "a", "b", "b")
  read <- \(x) read_experiment(x, study, 4, call_of())
  expect_identical(read(NULL), rep("1", 4))
  expect_identical(read(c("x", "y", NA, NA)), c("x", "y", "1", "1"))
  expect_error(read(c("x", NA, "y", "z")), class = "mv_error_experiment")
  expect_error(read(c("x", NA, "y", "z")), "row 2", fixed = TRUE)
})

test_that("times are numbers where they are, else labels", {
  read <- \(x) read_time(x, 2, call_of())
  expect_identical(read(c(1L, 7L)), c(1, 7))
  expect_identical(read(c("day 1", "day 7")), c("day 1", "day 7"))
  expect_identical(read(c(NaN, 3)), c(NA, 3))
  expect_identical(read(NULL), c(NA_real_, NA_real_))
  expect_identical(read(c(NA, NA)), c(NA_real_, NA_real_))
  expect_type(read(as.Date(c("2020-01-01", "2020-02-01"))), "character")
})

test_that("a study must be named in every row", {
  expect_identical(read_study(factor(c("a", "b")), call_of()), c("a", "b"))
  expect_error(read_study(c("a", NA), call_of()), class = "mv_error_study")
})

test_that("a word for the error type is told from a column of that name", {
  expect_identical(error_word(rlang::quo("sem")), "sem")
  expect_identical(error_word(rlang::quo(" SD ")), " SD ")
  expect_null(error_word(rlang::quo(sd)))
  expect_null(error_word(rlang::quo("kind of error")))
  data <- data.frame(study = "a", n = 5, mean = 1, error = 2, sd = "sem")
  quos <- rlang::quos(
    study = study, n = n, mean = mean, error = error, error_type = "sd"
  )
  found <- read_columns(data, quos, "study", call_of())
  expect_identical(found$values$error_type, "sd")
})

test_that("a column that is likely meant is named in the error", {
  hint <- error_hint("error_t", c("study", "SEM_t"))
  expect_identical(hint, list(arg = "error_t", column = "SEM_t", type = error_words[[
    match("sem_t", paste0(names(error_words), "_t"))
  ]]))
  expect_null(error_hint("error", c("study", "spread")))
  expect_null(error_hint("n", "sd"))
  expect_error(
    cohorts(data.frame(study = "a", group = "x", role = "control", n = 5, mean = 1,
      sem = 2
    )),
    "error = sem, error_type = \"sem\"", fixed = TRUE
  )
  expect_error(read_columns(data.frame(study = character()), list(), "n", call_of()),
    class = "mv_error_empty"
  )
})
