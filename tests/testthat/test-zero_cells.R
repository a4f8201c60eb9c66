test_that("the addition is to the cells, by hand", {
  pairs <- table_of(events_t = 0, n_t = 8, events_c = 3, n_c = 9)
  rr <- effect_sizes(pairs, "RR")
  expect_equal(rr$yi, log((0.5 / 9) / (3.5 / 10)))
  expect_equal(rr$vi, 1 / 0.5 - 1 / 9 + 1 / 3.5 - 1 / 10)
  expect_identical(rr$added, 0.5)
  rd <- effect_sizes(pairs, "RD")
  expect_equal(rd$yi, -1 / 3)
  expect_equal(rd$vi, (0.5 / 9) * (8.5 / 9) / 9 + 0.35 * 0.65 / 10)
  for (measure in c("AS", "PETO")) {
    kept <- effect_sizes(pairs, measure, cells = zero_cells(to = "all"))
    expect_identical(kept$added, 0)
  }
})

test_that("a shared control has one set of cells", {
  pairs <- table_of(
    events_t = c(0, 2, 3), n_t = 8, events_c = c(4, 4, 5), n_c = 9,
    study = c("A", "A", "B"), cohort_c = c("c", "c", "c")
  )
  or <- effect_sizes(pairs, "OR")
  expect_identical(or$added, c(0.5, 0.5, 0))
  expect_equal(or$yi[2], log((2.5 / 6.5) / (4.5 / 5.5)))
  pairs$cohort_c <- c("c", "d", "c")
  expect_identical(effect_sizes(pairs, "OR")$added, c(0.5, 0, 0))
  pairs$cohort_c <- NA_character_
  expect_identical(effect_sizes(pairs, "OR")$added, c(0.5, 0, 0))
})

# The rule in words: a row shares its control with a row of zero if study, experiment,
# outcome, time and the control's name are the same.
shares_with_zero <- function(pairs) {
  zero <- pairs$events_t == 0 | pairs$events_t == pairs$n_t |
    pairs$events_c == 0 | pairs$events_c == pairs$n_c
  zero <- zero %in% TRUE
  where <- c("study", "experiment", "outcome", "time", "cohort_c")
  set <- do.call(paste, c(pairs[where], sep = "|"))
  zero | (!is.na(pairs$cohort_c) & set %in% set[zero])
}

test_that("the addition goes to the sets with a zero, on random tables", {
  rows <- 200
  some <- function(...) sample(c(...), rows, TRUE)
  withr::with_seed(1, for (i in 1:40) {
    pairs <- table_of(
      events_t = some(0:9, NA), n_t = 9, events_c = some(rep(1:8, 4), 0, 9), n_c = 9,
      study = paste("Study", sample(30, rows, TRUE)), outcome = some("a", "b"),
      cohort_c = some("c", "d", NA)
    )
    pairs$experiment <- some("1", "2", NA)
    pairs$time <- some(1, 2, NA)
    # in runs, as tables come, and in no order
    if (i %% 2) pairs <- pairs[order(pairs$study), ]
    found <- suppressWarnings(effect_sizes(pairs, "OR"))$added
    expect_identical(found, ifelse(shares_with_zero(pairs), 0.5, 0))
  })
})

test_that("in a set the shared control's variance is the covariance of its effects", {
  pairs <- table_of(
    events_t = c(0, 2), n_t = 8, events_c = 4, n_c = 9, study = "A", cohort_c = "c"
  )
  covariance <- function(measure, ...) vcov(effect_sizes(pairs, measure, ...))[2, 1]
  expect_equal(covariance("OR"), 1 / 4.5 + 1 / 5.5)
  expect_equal(covariance("RR"), 1 / 4.5 - 1 / 10)
  expect_equal(covariance("RD"), 0.45 * 0.55 / 10)
  expect_equal(covariance("AS"), 1 / 36)
  expect_equal(covariance("OR", cells = zero_cells(0.25)), 1 / 4.25 + 1 / 5.25)
})

test_that("rows are left out where the groups tell nothing apart", {
  pairs <- table_of(events_t = c(0, 8, 0), n_t = 8, events_c = c(0, 9, 1), n_c = 9)
  kept <- effect_sizes(pairs, "OR")
  expect_false(anyNA(kept$yi))
  out <- suppressWarnings(effect_sizes(pairs, "OR", cells = zero_cells(drop00 = TRUE)))
  expect_identical(is.na(out$yi), c(TRUE, TRUE, FALSE))
  expect_identical(out$reason, rep(
    c("no animal, or every animal, has the event in all groups", NA), c(2, 1)
  ))
  expect_identical(out$added, c(NA, NA, 0.5))
})

test_that("without an addition a ratio with a zero has no effect, and says so", {
  pairs <- table_of(events_t = c(0, 2), n_t = 8, events_c = 3, n_c = 9)
  expect_snapshot(out <- effect_sizes(pairs, "RR", cells = zero_cells(to = "none")))
  expect_identical(is.na(out$yi), c(TRUE, FALSE))
  same <- suppressWarnings(effect_sizes(pairs, "RR", cells = zero_cells(0)))
  expect_identical(same$reason, out$reason)
})

test_that("a row that is left out adds nothing to the others", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- table_of(events_t = c(0, 3, 4), n_t = 10, events_c = c(0, 5, 2), n_c = 12)
  for (zero in c(FALSE, TRUE)) {
    # a second zero, of one group alone, stays
    if (zero) pairs$events_t[2] <- 0
    cells <- zero_cells(0.5, "if0all", drop00 = TRUE)
    found <- suppressWarnings(effect_sizes(pairs, "OR", cells = cells))
    expect_identical(found$added, c(NA, zero / 2, zero / 2))
    expect_escalc(pairs, "OR", cells = cells, add = 0.5, to = "if0all", drop00 = TRUE)
  }
})

test_that("a print says what was added to how many rows", {
  pairs <- table_of(events_t = c(0, 2, 3), n_t = 8, events_c = 3, n_c = 9)
  expect_output(
    print(effect_sizes(pairs, "RR")),
    "Cells: 0.5 added to each in 1 row, by zero_cells()", fixed = TRUE
  )
  none <- utils::capture.output(print(effect_sizes(pairs[2:3, ], "RR")))
  expect_false(any(grepl("Cells", none, fixed = TRUE)))
})

test_that("columns of the user's named added and shape are kept", {
  pairs <- table_of(events_t = 1, n_t = 8, events_c = 3, n_c = 9)
  pairs$added <- "salt"
  pairs$shape <- "round"
  expect_message(out <- effect_sizes(pairs, "RR"), "added_input")
  expect_identical(out$added_input, "salt")
  expect_identical(out$shape, "round")
})

test_that("tables of counts bind with others", {
  pairs <- table_of(events_t = 1, n_t = 8, events_c = 3, n_c = 9)
  both <- rbind(effect_sizes(pairs, "RR"), effect_sizes(pairs, "AS"))
  expect_identical(both$added, c(0, 0))
})

test_that("a rule that is none stops, and a rule prints", {
  pairs <- table_of(events_t = 1, n_t = 8, events_c = 3, n_c = 9)
  expect_snapshot(error = TRUE, {
    zero_cells(-1)
    zero_cells(to = "only")
    zero_cells(drop00 = NA)
    effect_sizes(pairs, "RR", cells = 0.5)
  })
  expect_snapshot({
    zero_cells()
    zero_cells(0.1, "if0all", drop00 = TRUE)
    zero_cells(to = "none")
  })
})
