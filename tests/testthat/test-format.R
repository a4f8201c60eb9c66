test_that("a halving is 50 %, whichever way the effect was turned", {
  expect_equal(percent_of(log(0.5), "ROM"), -50)
  expect_equal(percent_of(-log(0.5), "ROM", -1), 50)
  expect_equal(percent_of(log(2), "ROM"), 100)
  expect_equal(percent_of(42, "NMD"), 42)
  expect_equal(percent_of(c(log(0.5), 42), c("ROM", "NMD")), c(-50, 42))
})

test_that("percent keeps the order of interval ends", {
  y <- seq(-2, 2, 0.1)
  expect_false(is.unsorted(percent_of(y, "ROM", -1)))
})

test_that("other measures have no percent", {
  expect_error(percent_of(1, "SMD"), "ROM", class = "mv_error_percent")
})

test_that("every measure and form of the core has its words", {
  known <- registry()
  expect_true(all(known$measures$name %in% names(measure_words)))
  expect_true(all(paste(known$forms$measure, known$forms$name, sep = ".") %in%
    names(form_words)))
  expect_true(all(known$reasons$name %in% names(reason_words)))
  expect_equal(measure_label(c("MD", "XYZ")), c("Mean difference", "XYZ"))
})

test_that("an effect is told in percent and found again", {
  y <- c(-2, -0.1, 0, 0.3)
  for (sign in c(1, -1)) {
    expect_equal(of_percent(percent_of(y, "ROM", sign), "ROM", sign), y)
    expect_identical(of_percent(percent_of(y, "NMD", sign), "NMD", sign), y)
  }
})
