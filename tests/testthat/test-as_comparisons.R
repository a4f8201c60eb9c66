wide_table <- function() {
  data.frame(
    study = c("Chen 2011", "Chen 2011", "Chen 2011", "Li 2015"),
    n_t = c(9, 7, 9, 6), mean_t = c(24, 28, 3, 33), error_t = c(8, 7, 1, 5),
    n_c = c(8, 8, 8, 5), mean_c = c(40, 40, 7, 51), error_c = c(9, 9, 2, 4),
    n_s = c(8, 8, NA, NA), mean_s = c(5, 5, NA, NA), error_s = c(1, 1, NA, NA),
    error_type = c("SD", "SD", "SD", "SEM"), outcome = c("area", "area", "score", "area"),
    dose = 1:4
  )
}

quietly <- function(x) suppressMessages(as_comparisons(x))

with_cell <- function(column, value, row = 1) {
  x <- wide_table()
  x[[column]][row] <- value
  quietly(x)
}

named <- function(control = c("A", "A", "A", "B"), ...) {
  cbind(wide_table(), control = control, ...)
}

test_that("a wide table becomes comparisons, row by row", {
  x <- quietly(wide_table())
  expect_s3_class(x, c("mv_comparisons", "data.frame"), exact = TRUE)
  expect_true(all(comparison_columns %in% names(x)))
  expect_equal(x$sd_t, c(8, 7, 1, 5 * sqrt(6)))
  expect_equal(x$sd_c, c(9, 9, 2, 4 * sqrt(5)))
  expect_identical(x$sd_s, c(1, 1, NA, NA))
  expect_identical(x$cohort_t, paste("treated", c(1, 2, 3, 1)))
  expect_identical(x$cohort_c, paste("control", c(1, 1, 2, 1)))
  expect_identical(x$cohort_s, c("sham 1", "sham 1", NA, NA))
  expect_identical(x$shared_c, c(2L, 2L, 1L, 1L))
  expect_identical(x$shared_s, c(2L, 2L, NA, NA))
  expect_identical(x$row_c, 1:4)
  expect_identical(x$row_s, c(1L, 2L, NA, NA))
  expect_identical(x$dose, 1:4)
})

test_that("long and wide give the same comparisons", {
  long <- data.frame(
    study = c("Chen 2011", "Chen 2011", "Chen 2011", "Chen 2011", "Li 2015", "Li 2015"),
    role = c("sham", "control", "treated", "treated", "treated", "control"),
    cohort = c("S", "C", "T1", "T2", "T1", "C"),
    n = c(8, 8, 9, 7, 6, 5), mean = c(5, 40, 24, 28, 33, 51),
    error = c(1, 9, 8, 7, 5, 4), error_type = c(rep("sd", 4), "sem", "sem"),
    outcome = "area", time = 7, greater_is_worse = TRUE, unit = "mm"
  )
  wide <- cbind(wide_table()[c(1, 2, 4), 1:12],
    time = 7, greater_is_worse = TRUE, unit = "mm", treated = c("T1", "T2", "T1"),
    control = "C", sham = c("S", "S", NA)
  )
  from_long <- comparisons(cohorts(long))
  from_wide <- as_comparisons(wide)
  same <- setdiff(names(from_long), c("row_t", "row_c", "row_s"))
  expect_identical(from_wide[same], from_long[same], ignore_attr = TRUE)
  ids <- c("cohort_t", "cohort_c", "cohort_s")
  wide[c("treated", "control", "sham")] <- NULL
  expect_identical(
    quietly(wide)[setdiff(same, ids)], from_long[setdiff(same, ids)],
    ignore_attr = TRUE
  )
})

test_that("a shuffled table gives the shuffled comparisons", {
  x <- wide_table()[c(1:4, 1:4), ]
  x$study <- paste(x$study, rep(1:2, each = 4))
  order <- c(5, 3, 8, 1, 6, 2, 4, 7)
  whole <- quietly(x)
  shuffled <- quietly(x[order, ])
  same <- setdiff(names(whole), c(
    "comparison", "row_t", "row_c", "row_s", "cohort_t", "cohort_c", "cohort_s"
  ))
  expect_identical(
    shuffled[same], whole[order, same],
    ignore_attr = c("row.names", "columns")
  )
})

test_that("shared groups found from equal numbers are told once", {
  expect_snapshot(x <- as_comparisons(wide_table()))
  expect_message(as_comparisons(wide_table()), class = "mv_message_shared")
  expect_silent(as_comparisons(wide_table()[3:4, ]))
  expect_snapshot(x <- as_comparisons(named()))
})

test_that("equal is exact, within one cell, and never with a missing number", {
  x <- wide_table()
  x$mean_c[2] <- 40 + 1e-12
  expect_identical(quietly(x)$shared_c, rep(1L, 4))
  x <- wide_table()
  x$error_c[1:2] <- NA
  expect_identical(quietly(x)$shared_c, rep(1L, 4))
  x <- wide_table()
  x$outcome[2] <- "score"
  expect_identical(quietly(x)$shared_c, rep(1L, 4))
  expect_identical(quietly(x)$shared_s, c(1L, 1L, NA, NA))
})

test_that("named groups are the same animals in all outcomes", {
  x <- suppressMessages(as_comparisons(named(treated = c("T1", "T2", "T1", "T1"))))
  expect_identical(x$cohort_c, c("A", "A", "A", "B"))
  expect_identical(x$cohort_t, c("T1", "T2", "T1", "T1"))
  expect_identical(x$shared_c, c(2L, 2L, 1L, 1L))
})

test_that("one group has one set of numbers in one outcome and time", {
  divided <- named()
  divided$n_c[1:2] <- c(4, 3)
  other <- named()
  other$mean_c[2] <- 41
  treated <- named(treated = c("T", "T", "U", "T"))
  sham <- named(sham = c("S", "S", NA, NA))
  sham$mean_s[2] <- 6
  expect_snapshot(error = TRUE, {
    as_comparisons(divided)
    as_comparisons(other)
    as_comparisons(treated)
    as_comparisons(sham)
  })
  expect_error(as_comparisons(divided), class = "mv_error_shared")
  other$mean_c[2] <- 40 * (1 + 1e-10)
  expect_identical(quietly(other)$shared_c[1:2], c(2L, 2L))
})

test_that("names of groups are complete and keep their role", {
  expect_snapshot(error = TRUE, {
    as_comparisons(named(c("A", NA, "A", "B")))
    as_comparisons(named(sham = c("S", NA, NA, NA)))
    as_comparisons(named(sham = c("A", "A", NA, NA)))
    as_comparisons(named(treated = c("T1", "T1", "T1", "T1"))[c(1, 1), ])
  })
})

test_that("a row that is there twice is named in a warning", {
  x <- wide_table()[c(1, 2, 3, 4, 1), ]
  expect_snapshot(y <- as_comparisons(x))
  expect_identical(nrow(y), 5L)
})

test_that("rows with missing numbers, or without control, are kept", {
  x <- wide_table()
  x$error_t[1] <- NA
  x$mean_c[3] <- NA
  x[4, c("n_c", "mean_c", "error_c")] <- NA
  expect_snapshot(y <- as_comparisons(x))
  expect_identical(y$sd_t[1], NA_real_)
  expect_identical(y$cohort_c, c("control 1", "control 1", "control 2", NA))
  expect_identical(y$reason, c(NA, NA, NA, no_control))
  expect_identical(y$row_c, c(1:3, NA))
})

test_that("numbers that cannot be are named with argument, row and study", {
  expect_snapshot(error = TRUE, {
    with_cell("n_t", 0)
    with_cell("n_c", -2)
    with_cell("n_s", Inf)
    with_cell("n_t", "6-8")
    with_cell("n_c", "1,200", 4)
    with_cell("mean_s", -Inf)
    with_cell("error_t", -1)
    with_cell("error_s", "n.s.")
    with_cell("error_type", NA, 4)
    with_cell("error_type", "se m")
    with_cell("study", NA)
  })
})

test_that("tables that cannot be are refused", {
  with_sd <- setNames(wide_table(), sub("error_(.)", "sd_\\1", names(wide_table())))
  expect_snapshot(error = TRUE, {
    as_comparisons(wide_table()[0, ])
    as_comparisons(wide_table()[-1])
    as_comparisons(wide_table()[-11])
    as_comparisons(wide_table()[-10])
    as_comparisons(with_sd)
    as_comparisons(cbind(wide_table(), vi = 1, reason = "a"))
    as_comparisons("table.csv")
  })
})

test_that("one row is a table, and a tibble is one", {
  expect_identical(nrow(as_comparisons(wide_table()[1, ])), 1L)
  skip_if_not_installed("tibble")
  expect_identical(quietly(tibble::as_tibble(wide_table())), quietly(wide_table()))
})

test_that("a control of one animal with an SD is accepted", {
  x <- wide_table()
  x$n_c[3] <- 1
  expect_identical(quietly(x)$sd_c[3], 2)
})

test_that("the SDs of a living review are those that its authors computed", {
  path <- shared_file("taar1_psychosis.csv")
  x <- utils::read.csv(path)
  y <- suppressMessages(as_comparisons(x,
    study = StudyId, experiment = ExperimentID_I, outcome = OutcomeLabel_I,
    time = TimeInMinute_I, n_t = F_T_n, mean_t = F_T_m, error_t = F_T_v, n_c = F_C_n,
    mean_c = F_C_m, error_c = F_C_v, n_s = F_S_n, mean_s = F_S_m, error_s = F_S_v,
    error_type = ErrorType, greater_is_worse = GreaterIsWorse
  ))
  expect_identical(nrow(y), 216L)
  expect_identical(sum(!is.na(y$cohort_s)), 158L)
  expect_equal(y$sd_t, x$F_T_v.SD, tolerance = 1e-12)
  expect_equal(y$sd_c, x$F_C_v.SD, tolerance = 1e-12)
  expect_equal(y$sd_s, x$F_S_v.SD, tolerance = 1e-12)
})

test_that("the forced swim table is read with its divided n", {
  x <- utils::read.csv(shared_file("forced_swim.csv"))
  y <- suppressMessages(as_comparisons(x,
    study = study_reference, n_t = atd_n_round, mean_t = atd_mean, error_t = atd_sd,
    n_c = ctr_n_corr, mean_c = ctr_mean, error_c = ctr_sd, error_type = "sd",
    outcome = outcome, treatment = atd_type
  ))
  expect_identical(nrow(y), 561L)
  expect_identical(sum(y$n_c == 1), 78L)
  expect_identical(y$sd_c, x$ctr_sd)
})
