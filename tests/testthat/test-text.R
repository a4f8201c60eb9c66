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

test_that("a column has one number of decimals", {
  expect_identical(column_text(c(-0.62, 0.03, 1.5)), c("-0.62", "0.03", "1.50"))
  expect_identical(
    column_text(c(-0.6238, -0.0044, 12.5, NA)), c("-0.6238", "-0.0044", "12.5000", "NA")
  )
  # no more than two more than asked for; what would read 0 is written by its power
  expect_identical(column_text(c(0.29, 0.00042)), c("0.2900", "0.0004"))
  expect_identical(column_text(c(0.29, 3.36e-6, 0)), c("0.2900", "3.4e-06", "0.0000"))
  expect_identical(column_text(c(1500, 2500.4)), c("1500", "2500"))
  expect_identical(column_text(c(1500, 0.25)), c("1500.00", "0.25"))
  expect_identical(column_text(-1e-9, 1), "-1.0e-09")
  expect_identical(column_text(c(Inf, -Inf, 2)), c("Inf", "-Inf", "2.00"))
  expect_identical(column_text(double()), character())
})
