test_that("groups are rows that are equal in all vectors, NA being a value", {
  a <- c("x", "y", "x", NA, NA, "x")
  b <- c(1, 1, 1, NA, NA, 2)
  id <- group_ids(a, b)
  expect_identical(id, c(1L, 2L, 1L, 3L, 3L, 4L))
  expect_identical(group_rows(list(a, b)), list(id = id, first = c(1L, 2L, 4L, 6L)))
})

test_that("doubles that differ in the last digit are different, -0 and 0 are not", {
  expect_length(unique(group_ids(c(1, 1 + .Machine$double.eps))), 2)
  expect_length(unique(group_ids(c(0, -0))), 1)
  expect_length(unique(group_ids(c(TRUE, FALSE, NA))), 3)
})

test_that("groups agree with pasted text on random tables", {
  set.seed(1)
  for (rows in c(60, 60, 60, 5000)) {
    a <- sample(c(letters[1:4], NA), rows, TRUE)
    b <- sample(c(seq_len(rows) + 0.5, NA), rows, TRUE)
    text <- paste(a, b)
    expect_identical(group_ids(a, b), match(text, unique(text)))
  }
})

test_that("groups are of any number of columns, of text in any encoding, of any class", {
  set.seed(2)
  columns <- replicate(19, sample(2, 40, TRUE), simplify = FALSE)
  columns[[20]] <- rep(1:2, 20)
  text <- do.call(paste, columns)
  expect_identical(do.call(group_ids, columns), match(text, unique(text)))
  name <- c("M\u00fcller", iconv("M\u00fcller", "UTF-8", "latin1"), "Muller", NA, "NA")
  expect_identical(group_ids(name), c(1L, 1L, 2L, 3L, 4L))
  expect_identical(group_ids(name, rep(1, 5)), c(1L, 1L, 2L, 3L, 4L))
  day <- as.Date("2020-01-31") + c(0, 1, 0, NA)
  expect_identical(group_ids(day), c(1L, 2L, 1L, 3L))
  expect_identical(group_ids(factor(c("b", "a", "b"))), c(1L, 2L, 1L))
  expect_identical(group_ids(list(1:2, "a", 1:2)), c(1L, 2L, 1L))
  expect_identical(group_ids(integer()), integer())
})

test_that("rows are alike to marked ones as their pasted text is", {
  withr::with_seed(1, for (i in 1:40) {
    rows <- sample(c(1, 20, 500), 1)
    columns <- list(
      sample(c(letters, NA), rows, TRUE), sample(c(1.5, 0, -2, NA), rows, TRUE),
      sample(c(3L, NA), rows, TRUE), factor(sample(c("u", "v", NA), rows, TRUE)),
      sample(c(TRUE, FALSE, NA), rows, TRUE)
    )
    marked <- sample(rows, sample(0:min(rows, 60), 1))
    text <- do.call(paste, columns)
    expect_identical(rows_alike(columns, marked), text %in% text[marked])
  })
})

test_that("alike is as match() has it: 0 and -0, not NA and NaN, text in any encoding", {
  expect_identical(rows_alike(list(c(0, -0, NA, NaN)), 2L), c(TRUE, TRUE, FALSE, FALSE))
  expect_identical(rows_alike(list(c(NA, -NA_real_, NaN, -NaN, 1)), c(1L, 5L)),
    c(TRUE, TRUE, FALSE, FALSE, TRUE)
  )
  expect_identical(rows_alike(list(c(NaN, -NaN, NA)), 2L), c(TRUE, TRUE, FALSE))
  name <- c("M\u00fcller", iconv("M\u00fcller", "UTF-8", "latin1"), "Muller")
  expect_identical(rows_alike(list(name), 1L), c(TRUE, TRUE, FALSE))
  expect_identical(rows_alike(list(name), 2L), c(TRUE, TRUE, FALSE))
  expect_identical(rows_alike(list(name), 3L), c(FALSE, FALSE, TRUE))
})

test_that("rows are numbered within their group in the order of the table", {
  expect_identical(count_within(c(2L, 1L, 2L, 2L, 1L)), c(1L, 1L, 2L, 3L, 2L))
  expect_identical(count_within(integer()), integer())
})

test_that("shared groups are counted, and none where there is none", {
  cell <- c(1, 1, 1, 2, 2)
  cohort <- c("a", "a", "b", "a", NA)
  expect_identical(count_shared(cell, cohort), c(2L, 2L, 1L, 1L, NA))
})

test_that("labels lose white space at the ends and keep numbers whole", {
  expect_identical(as_labels(c(" a", "a\u00a0", "", NA), "x"), c("a", "a", NA, NA))
  expect_identical(as_labels(factor(c("b ", "a")), "x"), c("b", "a"))
  expect_identical(as_labels(c(100000, 1.5, NA), "x"), c("100000", "1.5", NA))
  expect_identical(as_labels(100000L, "x"), "100000")
  expect_identical(as_labels(as.Date("2020-01-31"), "x"), "2020-01-31")
  expect_null(as_labels(NULL, "x"))
})

test_that("labels of the same name in two encodings are one", {
  latin <- iconv("M\u00fcller", "UTF-8", "latin1")
  expect_length(unique(as_labels(c("M\u00fcller", latin), "study")), 1)
})

test_that("what is no label is refused", {
  broken <- "M\xfcller"
  Encoding(broken) <- "UTF-8"
  expect_error(as_labels(list(1, 2), "study"), "`study` must be text or numbers")
  expect_error(
    as_labels(broken, "study"), "another encoding",
    class = "mv_error_encoding"
  )
})

test_that("text marked as bytes is told apart, and is no name of a random part", {
  bytes <- rep(c("M\u00fcller", "caf\u00e9", "x"), 4)
  Encoding(bytes) <- "bytes"
  expect_identical(group_ids(bytes), rep(1:3, 4))
  expect_identical(group_ids(c("M\u00fcller", bytes[1])), 1:2)
  data <- data.frame(study = 1:12, yi = 1:12 / 10, vi = 0.1, lab = bytes)
  expect_error(pool_effects(as_effects(data), random = ~ 1 | lab), "another encoding",
    class = "mv_error_encoding"
  )
})
