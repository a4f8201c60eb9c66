# The class mv_comparisons: its print, and what it survives.

doses <- function() {
  pairs_of(6, c(5, 6, 7), 1, 8, 10, 2,
    study = "Aster", cohort_t = c("low", "mid", "high"), cohort_c = "saline",
    cohort_s = NA, shared_c = 3L
  )
}

printed <- function(x, ...) utils::capture.output(print(x, ...))

test_that("a subset of rows and further columns keep the class", {
  pairs <- doses()
  expect_s3_class(pairs[2:3, ], "mv_comparisons")
  pairs$dose <- 1:3
  pairs[["lab"]] <- "x"
  expect_s3_class(pairs, c("mv_comparisons", "data.frame"), exact = TRUE)
  expect_identical(effect_sizes(pairs[3:2, ], "MD")$yi, c(-3, -4))
})

test_that("without a column that it needs a table is a plain data frame", {
  pairs <- doses()
  for (name in c("study", "cohort_t", "n_c", "mean_t")) {
    part <- pairs[setdiff(names(pairs), name)]
    expect_identical(class(part), "data.frame")
  }
  renamed <- pairs
  names(renamed)[names(renamed) == "study"] <- "paper"
  expect_identical(class(renamed), "data.frame")
  lost <- pairs
  lost$mean_c <- NULL
  expect_false(inherits(lost, "mv_comparisons"))
  expect_type(pairs[["n_t"]], "double")
  expect_type(pairs[, "n_t"], "double")
})

test_that("the head says how many, of how many studies, and what they are", {
  expect_identical(describe_comparisons(doses()),
    "3 comparisons of 1 study, 0 with a sham group"
  )
  sham <- random_pairs(5, sham = TRUE)
  expect_identical(describe_comparisons(sham),
    "5 comparisons of 5 studies, 5 with a sham group"
  )
  same <- doses()
  same$cohort_c <- same$cohort_t
  expect_match(describe_comparisons(same), "two readings of the same animals")
  same$cohort_a <- "a"
  expect_match(describe_comparisons(same), "both treatments, each alone, and neither")
})

test_that("shared controls and rows without an effect are counted", {
  pairs <- doses()
  expect_identical(describe_sharing(pairs), "Shared controls: 3 comparisons\n")
  pairs$shared_c <- c(1L, NA, 1L)
  expect_identical(describe_sharing(pairs), "Shared controls: none\n")
  expect_identical(describe_reasons(pairs), "")
  pairs$reason <- c("no control group", NA, "no control group")
  expect_identical(describe_reasons(pairs), "No effect: 2 (no control group)\n")
})

test_that("a print shows the columns that differ, and as many rows as asked for", {
  pairs <- doses()
  text <- printed(pairs, n = 2)
  expect_match(text[1], "<mv_comparisons> 3 comparisons of 1 study", fixed = TRUE)
  head <- grep("cohort_t", text, value = TRUE)
  expect_match(head, "outcome")
  expect_no_match(head, "experiment|time")
  expect_true("... and 1 more row" %in% text)
  pairs$experiment <- c("1", "2", "2")
  pairs$time <- c(1, 7, 7)
  pairs$outcome <- NA
  head <- grep("cohort_t", printed(pairs), value = TRUE)
  expect_match(head, "experiment")
  expect_match(head, "time")
  expect_no_match(head, "outcome")
  expect_error(print(pairs, n = -1), class = "mv_error")
})

test_that("a table that was edited beyond its print is shown as a data frame", {
  pairs <- doses()
  empty <- printed(pairs[0, ])
  expect_no_match(empty, "mv_comparisons")
  odd <- pairs
  odd$shared_c <- c("one", "two", "three")
  odd$cohort_s <- I(list(1, 2, 3))
  expect_no_error(text <- printed(odd))
  expect_true(any(grepl("Aster", text)))
})
