test_that("checks give their argument back, or a sentence that names it", {
  expect_identical(check_choice("b", c("a", "b")), "b")
  expect_identical(check_level(0.9), 0.9)
  expect_identical(check_number(3L, 0, 5), 3)
  expect_true(check_flag(TRUE))
  word <- c("a", "b")
  share <- 2
  expect_snapshot(error = TRUE, {
    check_choice(word, c("a", "b"))
    check_choice(NA_character_, "a")
    check_level(NA)
    check_number(share, 0, 1)
    check_number(Inf, upper = 5)
    check_flag(NA)
    check_class(1, "mv_fit", "pool_effects")
  })
})
