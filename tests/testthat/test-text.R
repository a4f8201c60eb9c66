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

test_that("a decimal comma of the session does not change texts", {
  withr::local_options(OutDec = ",", warn = 2)
  expect_identical(count_text(1e6, "row"), "1,000,000 rows")
  fit <- pool_effects(as_effects(yi = c(0.25, 0.5, 1), vi = 0.1, measure = "ROM"))
  expect_output(print(fit), "3 effects")
  expect_no_match(forest(fit, band = c(-12.5, 12.5))$data$label, "[0-9],[0-9]{1,2}[^0-9]")
})
