one <- function(measure = "MD", ...) {
  pairs <- pairs_of(8, c(12, 9), 2, 6, 8, 2.5, study = c("A", "B"), ...)
  effect_sizes(pairs, measure)
}
with_matrix <- function(rows, scale = 1) {
  V <- scale * (diag(rows) + 0.25)
  as_effects(data.frame(yi = seq_len(rows), study = letters[seq_len(rows)]), V = V)
}

test_that("parts of a table with a matrix keep their covariances", {
  a <- with_matrix(3)
  b <- with_matrix(2, 2)
  apart <- rbind(a[1:2, ], b, a[3, ])
  expect_equal(vcov(apart)[c(1, 2, 5), c(1, 2, 5)], vcov(a))
  expect_equal(vcov(apart)[3:4, 3:4], vcov(b))
  expect_equal(unname(vcov(apart)[c(1, 2, 5), 3:4]), matrix(0, 3, 2))
  later <- rbind(rbind(a[1:2, ], b), a[3, ])
  expect_equal(vcov(later), vcov(apart))
})

test_that("a row that took another table's place in its matrix is an error", {
  skip_if_not_installed("dplyr")
  mixed <- dplyr::bind_rows(with_matrix(3)[1:2, ], with_matrix(3, 2)[3, ])
  expect_error(vcov(mixed), "not the variance in the brought matrix in row 3",
    class = "mv_error_matrix"
  )
})

test_that("tables of different columns or types are errors that name them", {
  x <- one()
  expect_error(rbind(x, transform(x, dose = 1)), "Only some have \"dose\"",
    class = "mv_error_column"
  )
  expect_error(rbind(x, x[setdiff(names(x), "study")]), "Only some have \"study\"",
    class = "mv_error_column"
  )
  expect_error(rbind(x, 1:3), "Table 2 is an integer", class = "mv_error_class")
  expect_error(rbind(x, list(yi = 1)), "is a list", class = "mv_error_class")
  dated <- transform(x, time = as.Date("2020-01-01"))
  timed <- transform(x, time = 3)
  expect_error(rbind(dated, timed), "time has types", class = "mv_error_type")
  expect_error(rbind(timed, dated), "time has types", class = "mv_error_type")
  expect_identical(rbind(dated, x)$time, as.Date(c("2020-01-01", NA))[c(1, 1, 2, 2)])
  expect_identical(rbind(x, dated)$time, as.Date(c("2020-01-01", NA))[c(2, 2, 1, 1)])
})

test_that("text that is a factor in one table loses none of its values", {
  x <- transform(one(), dose = factor("low"))
  y <- transform(one(), dose = "high")
  z <- transform(one(), dose = 3)
  expect_silent(all <- rbind(x, y, z))
  expect_identical(all$dose, rep(c("low", "high", "3"), each = 2))
  expect_s3_class(rbind(x, x)$dose, "factor")
})
