# Two experiments of one study; the first has a sham and two treated groups.
groups <- function() {
  data.frame(
    study = "Chen 2011", experiment = c("a", "a", "a", "a", "b", "b"),
    role = c("sham", "control", "treated", "treated", "treated", "control"),
    treatment = c("none", "vehicle", "MSC", "exosomes", "MSC", "vehicle"),
    n = c(8, 8, 9, 7, 6, 5), mean = c(5, 40, 24, 28, 33, 51),
    error = c(1, 9, 8, 7, 5, 4), error_type = c(rep("sd", 4), "sem", "sem"),
    dose = c(0, 0, 1, 2, 3, 0), lab = "Oslo"
  )
}

# Random studies with a sham in some cells, several treated groups in some.
many_groups <- function(cells = 60, seed = 3) {
  set.seed(seed)
  cell <- data.frame(
    study = sample(letters[1:9], cells, TRUE), experiment = sample(1:3, cells, TRUE),
    outcome = sample(c("area", "score"), cells, TRUE), time = sample(c(1, 7), cells, TRUE)
  )
  cell <- unique(cell)
  arms <- c("sham", "control", "treated", "treated", "treated")
  names <- c("none", "vehicle", "MSC", "EV", "drug")
  x <- cell[rep(seq_len(nrow(cell)), each = 5), ]
  x$role <- arms
  x$treatment <- names
  x <- x[!(x$role != "control" & runif(nrow(x)) < 0.3), ]
  x$n <- sample(4:12, nrow(x), TRUE)
  x$mean <- round(rnorm(nrow(x), 50, 9), 2)
  x$error <- round(rexp(nrow(x)) + 0.1, 2)
  x$error_type <- sample(c("sd", "sem"), nrow(x), TRUE)
  x$dose <- seq_len(nrow(x))
  x
}

test_that("each treated group meets the control and sham of its cell", {
  x <- comparisons(cohorts(groups()))
  expect_s3_class(x, c("mv_comparisons", "data.frame"), exact = TRUE)
  expect_identical(names(x)[1:5], comparison_columns[1:5])
  expect_true(all(comparison_columns %in% names(x)))
  expect_identical(x$comparison, 1:3)
  expect_identical(x$cohort_t, c("treated: MSC", "treated: exosomes", "treated: MSC"))
  expect_identical(x$cohort_c, rep("control: vehicle", 3))
  expect_identical(x$cohort_s, c("sham: none", "sham: none", NA))
  expect_identical(x$row_t, 3:5)
  expect_identical(x$row_c, c(2L, 2L, 6L))
  expect_identical(x$row_s, c(1L, 1L, NA))
  expect_identical(x$mean_t, c(24, 28, 33))
  expect_identical(x$mean_c, c(40, 40, 51))
  expect_identical(x$mean_s, c(5, 5, NA))
  expect_identical(x$n_c, c(8, 8, 5))
  expect_equal(x$sd_c, c(9, 9, 4 * sqrt(5)))
  expect_identical(x$shared_c, c(2L, 2L, 1L))
  expect_identical(x$shared_s, c(2L, 2L, NA))
  expect_identical(x$reason, rep(NA_character_, 3))
  expect_identical(x$dose, c(1, 2, 3))
  expect_identical(x$dose_c, c(0, 0, 0))
  expect_false("lab_c" %in% names(x))
})

# The slow, obvious way.
pair_slowly <- function(x) {
  same <- \(i, role) {
    which(
      x$study == x$study[i] & x$experiment == x$experiment[i] &
        x$outcome == x$outcome[i] & x$time == x$time[i] & x$role == role
    )
  }
  one <- \(rows) if (length(rows)) rows else NA_integer_
  treated <- which(x$role == "treated")
  data.frame(
    row_t = treated,
    row_c = vapply(treated, \(i) one(same(i, "control")), 1L),
    row_s = vapply(treated, \(i) one(same(i, "sham")), 1L),
    shared_c = vapply(treated, \(i) length(same(i, "treated")), 1L)
  )
}

test_that("pairs agree with a slow search on random tables", {
  for (seed in 1:10) {
    x <- cohorts(many_groups(seed = seed))
    pairs <- suppressMessages(comparisons(x))
    slow <- pair_slowly(x)
    expect_identical(pairs$row_t, slow$row_t)
    expect_identical(pairs$row_c, slow$row_c)
    expect_identical(pairs$row_s, slow$row_s)
    expect_identical(pairs$shared_c, slow$shared_c)
  }
})

test_that("a shuffled table gives the shuffled comparisons", {
  x <- many_groups()
  x$key <- seq_len(nrow(x))
  whole <- suppressMessages(comparisons(cohorts(x)))
  order <- sample(nrow(x))
  shuffled <- suppressMessages(comparisons(cohorts(x[order, ])))
  back <- shuffled[match(whole$key, shuffled$key), ]
  own <- c("comparison", "row_t", "row_c", "row_s")
  expect_equal(
    back[setdiff(names(back), own)], whole[setdiff(names(whole), own)],
    ignore_attr = TRUE
  )
  expect_identical(order[back$row_c], whole$row_c)
})

test_that("any rows in any order of a cohorts table can be compared", {
  x <- cohorts(groups())
  y <- comparisons(x[c(5, 6), ])
  expect_identical(y$row_t, 5L)
  expect_identical(y$row_c, 6L)
})

test_that("a treated group without control stays, with a reason and a warning", {
  x <- groups()
  x$experiment[6] <- "c"
  expect_snapshot(y <- comparisons(cohorts(x)))
  expect_identical(y$reason, c(NA, NA, no_control))
  expect_identical(y$mean_t[3], 33)
  expect_identical(y$mean_c[3], NA_real_)
  expect_identical(y$shared_c[3], NA_integer_)
  expect_warning(suppressMessages(comparisons(cohorts(x))),
    class = "mv_warning_no_control"
  )
})

test_that("a control that serves nothing is told", {
  x <- groups()[c(1:4, 6), ]
  expect_snapshot(y <- comparisons(cohorts(x)))
  expect_identical(nrow(y), 2L)
  expect_message(comparisons(cohorts(x)), class = "mv_message_unused")
})

test_that("two controls or shams for a treated group are refused", {
  x <- rbind(groups(), groups()[c(1, 2), ])
  x$treatment[7:8] <- "saline"
  expect_snapshot(error = TRUE, {
    comparisons(cohorts(x[-7, ]))
    comparisons(cohorts(x[-8, ]))
    comparisons(cohorts(rbind(x, transform(x, study = "Li 2015"))))
  })
  expect_error(comparisons(cohorts(x[-7, ])), class = "mv_error_two_controls")
  expect_error(comparisons(cohorts(x[-8, ])), class = "mv_error_two_shams")
})

test_that("what is no table of cohorts with a treated group is refused", {
  expect_snapshot(error = TRUE, {
    comparisons(groups())
    comparisons(cohorts(groups()[c(1, 2, 6), ]))
    comparisons(rbind(cohorts(groups()), cohorts(groups())))
  })
})

test_that("a treated group and its control have one unit", {
  x <- cbind(groups(), unit = c(rep("mm", 5), "cm"))
  expect_snapshot(comparisons(cohorts(x)), error = TRUE)
  expect_identical(comparisons(cohorts(groups(), unit = "mm"))$unit, rep("mm", 3))
})

test_that("the direction may be declared in any row of the pair", {
  x <- cbind(groups(), greater_is_worse = c(NA, TRUE, NA, TRUE, NA, NA))
  expect_identical(comparisons(cohorts(x))$greater_is_worse, c(TRUE, TRUE, NA))
})

test_that("the mark of a converted error travels, and events", {
  x <- groups()
  x$error_type <- c("iqr", "sd", "sd", "sem", "sem", "sd")
  y <- comparisons(cohorts(cbind(x, events = 0:5)))
  expect_identical(y$error_type, c("sd", "sem", "sem"))
  expect_identical(y$error_type_c, c("sd", "sd", "sd"))
  expect_identical(y$error_type_s, c("iqr", "iqr", NA))
  expect_identical(y$events_t, c(2, 3, 4))
  expect_identical(y$events_c, c(1, 1, 5))
  expect_identical(y$events_s, c(0, 0, NA))
})

test_that("groups without outcome or time meet those without", {
  x <- cbind(groups(), outcome = c(NA, NA, NA, "area", "area", "area"), time = NA)
  y <- suppressWarnings(comparisons(cohorts(x)))
  expect_identical(y$row_c, c(2L, NA, 6L))
})

test_that("a table of cohorts that was edited is checked again", {
  groups <- data.frame(
    study = "A", role = c("control", "treated"), n = 5, mean = 1:2, error = 1
  ) |> cohorts(error_type = "sd")
  wrong <- groups
  wrong$role[1] <- "controll"
  expect_error(comparisons(wrong), "row 1", class = "mv_error_changed")
  expect_error(comparisons(groups[c(1, 2, NA), ]), "row 3", class = "mv_error_changed")
  expect_output(print(groups[c(1, 2, NA), ]), "3 rows")
  expect_output(print(comparisons(groups)[c(1, NA), ]), "2 comparisons")
})
