few <- function(...) {
  data.frame(
    study = "Chen 2011", role = c("sham", "control", "treated", "treated"),
    treatment = c(NA, "vehicle", "MSC", "exosomes"), n = 8,
    mean = c(5, 40, 24, 28), error = c(1, 9, 8, 8), error_type = "sd", ...
  )
}

test_that("print says what is there and what the next step will use", {
  expect_snapshot({
    cohorts(few())
    comparisons(cohorts(few()))
  })
  x <- few(outcome = "area", time = c(1, 1, 1, 7), dose = 1:4, experiment = "a")
  x$study <- strrep("A long name of a study ", 3)
  x$error_type <- c("sd", "sem", "ci", "iqr")
  x$mean[3] <- NA
  x$m2 <- x$mean
  x$mean <- NULL
  names(x)[2] <- "group"
  expect_snapshot({
    y <- cohorts(x, role = group, mean = m2, greater_is_worse = c(TRUE, TRUE, TRUE, NA))
    print(y, n = 2)
    suppressMessages(comparisons(y))
  })
})

test_that("many further columns are counted", {
  x <- cohorts(cbind(few(), as.data.frame(matrix(1, 4, 20))))
  expect_output(print(x), "and 8 more", fixed = TRUE)
})

test_that("the class stays while the columns that make it do", {
  for (x in list(cohorts(few()), comparisons(cohorts(few())))) {
    class <- class(x)
    expect_s3_class(x[2:1, ], class, exact = TRUE)
    expect_s3_class(x[x$study == "none", ], class, exact = TRUE)
    expect_s3_class(x[rev(names(x))], class, exact = TRUE)
    expect_s3_class(x["study"], "data.frame", exact = TRUE)
    expect_type(x[, "study"], "character")
    expect_s3_class(x[, c("study", "outcome")], "data.frame", exact = TRUE)
    expect_s3_class(subset(x, select = -study), "data.frame", exact = TRUE)
    expect_s3_class(x[order(-seq_len(nrow(x))), ], class, exact = TRUE)
    y <- x
    y$study <- NULL
    expect_s3_class(y, "data.frame", exact = TRUE)
    y <- x
    y[["dose"]] <- 1
    expect_s3_class(y, class, exact = TRUE)
    names(y)[2] <- "paper"
    expect_s3_class(y, "data.frame", exact = TRUE)
    expect_null(attr(y, "columns"))
    expect_identical(attr(x[1, ], "columns"), attr(x, "columns"))
  }
})

test_that("dplyr's verbs keep the class too", {
  skip_if_not_installed("dplyr")
  for (x in list(cohorts(few()), comparisons(cohorts(few())))) {
    class <- class(x)
    expect_s3_class(dplyr::filter(x, study == "Chen 2011"), class, exact = TRUE)
    expect_s3_class(dplyr::arrange(x, dplyr::desc(outcome)), class, exact = TRUE)
    expect_s3_class(dplyr::mutate(x, dose = 1), class, exact = TRUE)
    expect_s3_class(dplyr::bind_rows(x, x), class, exact = TRUE)
    more <- data.frame(study = "Chen 2011", year = 2011)
    expect_s3_class(dplyr::left_join(x, more, by = "study"), class, exact = TRUE)
    expect_s3_class(dplyr::select(x, study), "data.frame", exact = TRUE)
    expect_s3_class(dplyr::rename(x, paper = study), "data.frame", exact = TRUE)
  }
})

test_that("a table that lost columns or rows still prints", {
  x <- cohorts(few())
  expect_output(print(x[0, ]), "0 rows")
  expect_output(print(comparisons(x)[0, ]), "0 rows")
  class(x) <- "data.frame"
  x$n <- NULL
  class(x) <- c("mv_cohorts", "data.frame")
  expect_output(print(x), "Chen 2011")
})

test_that("rows that a subset left empty do not stop the print", {
  groups <- cohorts(msc_simulated)
  pairs <- comparisons(groups)
  expect_output(print(groups[c(1:5, NA), ]), "6 rows: 2 studies")
  expect_output(print(pairs[c(1, NA), ]), "mv_comparisons")
  with_gap <- groups[c(1:6, NA), ]
  expect_error(comparisons(with_gap), "row 7", class = "mv_error_changed")
})

test_that("a table whose numbers became text prints", {
  table <- data.frame(
    study = "A", role = c("treated", "control"), n = 6, mean = 1:2, error = 1, n_start = 8
  )
  out <- effect_sizes(cohorts(table, error_type = "sd"), "MN")
  out$n_t <- as.character(out$n_t)
  expect_output(print(out), "2 effects")
  out$n_start_t <- factor(out$n_start_t)
  expect_output(print(out), "2 effects")
})

test_that("a column of groups that became a table is an error", {
  table <- data.frame(
    study = "A", role = c("treated", "control"), n = 6, mean = 1:2, error = 1, unit = "g"
  )
  out <- cohorts(table, error_type = "sd")
  for (name in c("n", "unit", "study", "greater_is_worse")) {
    odd <- out
    odd[[name]] <- data.frame(z = 1:2)
    expect_error(comparisons(odd), name, class = "mv_error_type")
  }
})

test_that("a table edited beyond description prints as any other", {
  groups <- cohorts(few())
  pairs <- comparisons(groups)
  odd <- list(groups, pairs, suppressWarnings(effect_sizes(pairs, "MD")))
  odd[[1]]$n <- "eight"
  odd[[2]]$experiment <- as.Date("2020-01-01")
  odd[[3]]$shared_c <- 1i
  for (x in odd) {
    expect_output(shown <- withVisible(print(x)), "Chen 2011")
    expect_identical(shown, list(value = x, visible = FALSE))
    expect_error(print(x, n = "all"), class = "mv_error_number")
  }
  pairs$cohort_t <- NA
  expect_output(print(pairs), "mv_comparisons")
})
