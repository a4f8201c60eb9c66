test_that("FE and CE are other names of the equal-effects model", {
  expect_identical(check_method("FE"), "EE")
  expect_identical(check_method("CE"), "EE")
})

test_that("the test defaults to ad hoc Knapp-Hartung, for equal effects to z", {
  expect_identical(check_test(NULL, "REML", 5, 2), "adhoc")
  expect_identical(check_test(NULL, "EE", 5, 2), "z")
  expect_identical(check_test("knha", "EE", 5, 2), "knha")
})
