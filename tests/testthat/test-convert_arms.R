test_that("groups combine to the n, mean and SD of all their animals", {
  set.seed(2)
  group <- rep(1:7, times = c(1, 2, 3, 8, 5, 1, 4))
  arm <- c("b", "a", "a", "b", "c", "c", "a")
  x <- rnorm(24, 1e6 + group, group)
  of_group <- \(f) as.vector(tapply(x, group, f))
  found <- convert_arms(arm, tabulate(group), of_group(mean), of_group(sd))
  of_arm <- split(x, factor(arm[group], c("b", "a", "c")))
  expect_identical(found$by, c("b", "a", "c"))
  expect_identical(found$groups, c(2L, 3L, 2L))
  expect_equal(found$n, as.double(lengths(of_arm)), ignore_attr = TRUE)
  expect_equal(found$mean, vapply(of_arm, mean, 0), ignore_attr = TRUE, tolerance = 1e-15)
  expect_equal(found$sd, vapply(of_arm, sd, 0), ignore_attr = TRUE, tolerance = 1e-9)
})

test_that("the Handbook's formula for two groups gives the same", {
  found <- convert_arms(c(1, 1), n = c(6, 9), mean = c(10, 14), sd = c(3, 5))
  ss <- 5 * 9 + 8 * 25 + 54 / 15 * (100 + 196 - 280)
  expect_equal(found$mean, (60 + 126) / 15)
  expect_equal(found$sd, sqrt(ss / 14), tolerance = 1e-14)
})

test_that("events add up, and several columns may name the groups", {
  by <- data.frame(study = c("A", "A", "B", "A"), role = c("t", "t", "t", "c"))
  found <- convert_arms(by, n = c(5, 6, 7, 8), events = c(1, 2, 3, 4))
  expect_identical(found[c("study", "role")], by[c(1, 3, 4), ], ignore_attr = TRUE)
  expect_identical(found$events, c(3, 3, 4))
  expect_identical(found$n, c(11, 7, 8))
  expect_named(found, c("study", "role", "groups", "n", "events", "problem"))
})

test_that("a set with a bad group is NA and says why", {
  expect_snapshot({
    bad <- convert_arms(c("a", "a", "b", "c", "d", "e"), n = c(5, 0, 6, 7, 8, 1),
      mean = c(1, 2, 3, NA, 5, 6), sd = c(1, 1, -1, 1, 1, NA)
    )
    bad
  })
  expect_warning(convert_arms(1, n = 5, events = 6), "do not fit")
  expect_snapshot(error = TRUE, {
    convert_arms(c("a", "b"), n = c(1, 2, 3))
    convert_arms(list(1:3), n = c(1, 2, 3))
  })
})

test_that("numbers that are not finite give no group", {
  bad <- quietly(convert_arms(c("a", "b", "c", "c"),
    n = c(5, 6, 7, 8), mean = c(Inf, 1, 2, 3), sd = c(1, 1, 1e200, 1)
  ))
  expect_identical(bad$problem, c(flaw_words[["infinite"]], NA, flaw_words[["infinite"]]))
  expect_identical(bad$mean, c(NA, 1, NA))
})

test_that("groups named by a list without names are an error that says so", {
  expect_error(convert_arms(list("a", "b"), n = 5), "length is 1, 1",
    class = "mv_error_length"
  )
})

test_that("groups named by no vector are an error", {
  for (by in list(mean, quote(a), globalenv(), list(a = mean), list(a = list(1)))) {
    expect_error(convert_arms(by, n = 5), "`by` must be a vector",
      class = "mv_error_length"
    )
  }
})
