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

test_that("a whole number is one, between its ends", {
  expect_identical(check_whole(20, 2L, 1000L), 20L)
  expect_identical(check_whole(-3, -5L, 5L), -3L)
  draws <- 2.5
  expect_error(check_whole(draws, 2L, 1000L),
    "`draws` must be one whole number, 2 to 1000",
    class = "mv_error_number"
  )
  expect_error(check_whole("2", 2L, 3L), "It is a string", class = "mv_error_number")
})
