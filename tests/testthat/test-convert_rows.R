test_that("every flaw of the core has its sentence", {
  flaws <- .Call(mv_flaws)
  expect_identical(setdiff(flaws, names(flaw_words)), "sound")
  expect_identical(setdiff(names(flaw_words), flaws), "disagree")
})

test_that("one value serves all rows, and NA gives NA without a word", {
  expect_silent(found <- convert_se(c(1, NA, 3), p = 0.04))
  expect_identical(is.na(found$se), c(FALSE, TRUE, FALSE))
  expect_identical(found$problem[2], flaw_words[["number_missing"]])
  expect_identical(found$se[3], convert_se(3, p = 0.04)$se)
})

test_that("nothing to convert from is an error, not a row of NA", {
  expect_snapshot(error = TRUE, {
    convert_test(8, 8, direction = 1)
    convert_median(8, 3)
  })
})

test_that("many bad rows are counted, not listed", {
  expect_snapshot(found <- convert_se(1, p = c(rep(0, 40), 0.5)))
})
