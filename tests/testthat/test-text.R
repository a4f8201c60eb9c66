test_that("numbers keep two decimals, and enough of them to be seen", {
  expect_identical(number_text(c(1.234, 0.0012, 0, -0.001, 12345.6, NA, Inf)), c(
    "1.23", "0.0012", "0.00", "-0.0010", "12346", "NA", "Inf"
  ))
  expect_identical(number_text(-0.4, 0), "-0.4")
  expect_identical(number_text(c(3.14e-12, -2.7e30)), c("3.1e-12", "-2.7e+30"))
  expect_identical(interval_text(1, 2.345), "[1.00, 2.35]")
  expect_identical(p_text(c(0.5, 1e-9, NA)), c("p = 0.500", "p < 0.001", "p = NA"))
  expect_identical(count_text(1, "study", "studies"), "1 study")
  expect_identical(count_text(1234, "row"), "1,234 rows")
})
