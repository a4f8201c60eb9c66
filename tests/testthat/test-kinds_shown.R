# Which kinds of numbers a table has, and what its print shows of them.

test_that("kinds are counted row by row, and empty ones left out", {
  deaths <- table_of(events_t = c(1, 2, NA), n_t = 8, events_c = 3, n_c = 9)
  expect_equal(count_kinds(deaths, "_t"), c(counts = 2))
  mixed <- deaths
  mixed$mean_t <- c(NA, NA, 4)
  expect_equal(count_kinds(mixed, "_t"), c(means = 1, counts = 2))
  expect_identical(names(count_kinds(deaths[0, ], "_t")), character())
})

test_that("events with a time at risk are rates, those with a median survival", {
  x <- data.frame(events = 1:3, exposure = c(10, NA, NA), median = c(NA, NA, 7))
  expect_equal(count_kinds(x, ""), c(counts = 1, rates = 1, survival = 1))
  expect_equal(count_kinds(data.frame(r = c(0.1, NA, 0.3)), ""), c(correlation = 2))
  # a correlation belongs to the row, not to an arm
  expect_identical(names(count_kinds(data.frame(r = 0.1), "_t")), character())
})

test_that("means alone go without saying", {
  expect_identical(describe_kinds(random_pairs(3), "_t"), "")
  mixed <- table_of(events_t = c(1, NA), n_t = 8, events_c = 3, n_c = 9)
  mixed$mean_t[2] <- 4
  expect_match(describe_kinds(mixed, "_t"), "in 1 row,.* in 1 row")
  one <- table_of(events_t = c(1, 2), n_t = 8, events_c = 3, n_c = 9)
  expect_no_match(describe_kinds(one, "_t"), "row")
})

test_that("a print has the columns of numbers that are filled", {
  deaths <- table_of(events_t = 1:2, n_t = 8, events_c = 3, n_c = 9)
  found <- shown_numbers(deaths, c("_t", "_c"))
  expect_setequal(found, c("n_t", "events_t", "n_c", "events_c"))
  # means are shown with their SD, also where that is missing in every row
  pairs <- random_pairs(3)
  pairs$sd_t <- NA_real_
  expect_true(all(c("n_t", "mean_t", "sd_t", "sd_c") %in%
    shown_numbers(pairs, c("_t", "_c"))))
  expect_false("events_t" %in% shown_numbers(pairs, c("_t", "_c")))
})

test_that("lost animals are counted once a group, at its greatest loss", {
  pairs <- pairs_of(c(8, 7, 9), 1, 1, 10, 2, 1,
    study = c("a", "a", "b"), cohort_t = c("t", "t", "t"),
    cohort_c = c("c", "c", "c"), n_start_t = c(10, 10, 9), n_start_c = 12
  )
  # group t of a: 10 at the start, 7 at worst; of b none of 9; controls 2 of 12, twice
  expect_equal(animals_lost(pairs, "t"), c(lost = 3, start = 19))
  expect_equal(animals_lost(pairs, "c"), c(lost = 4, start = 24))
  expect_identical(gsub("\\s+", " ", describe_attrition(pairs)), paste(
    "Attrition: 3 of 19 treated animals and 4 of 24 controls were lost before the",
    "reading\n"
  ) |> gsub(pattern = "\\s+", replacement = " "))
  pairs$n_start_t <- c(8, 7, 9)
  pairs$n_start_c <- 10
  expect_identical(describe_attrition(pairs), "")
  pairs$cohort_t <- NULL
  expect_identical(describe_attrition(pairs), "")
})

test_that("a start that is no number is not counted, and does not stop a print", {
  pairs <- pairs_of(8, 1, 1, 10, 2, 1)
  pairs$n_start_t <- "ten"
  expect_equal(animals_lost(pairs, "t"), c(lost = 0, start = 0))
  expect_no_error(utils::capture.output(print(pairs)))
})

test_that("words are joined by commas and an and", {
  expect_identical(and_list("a"), "a")
  expect_identical(and_list(c("a", "b")), "a and b")
  expect_identical(and_list(c("a", "b", "c")), "a, b and c")
})
