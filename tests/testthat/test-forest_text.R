test_that("labels take the fewest columns that tell rows apart", {
  effects <- drawn_ten(
    study = rep(c("Chen 2011", "Li 2015"), each = 5), experiment = "1",
    outcome = rep(c("size", "count"), 5), time = rep(1:5, 2)
  )
  expect_identical(label_rows(effects)[1:2], c("Chen 2011, time 1", "Chen 2011, time 2"))
  effects$study <- sprintf("Study %d", 1:10)
  expect_identical(label_rows(effects), effects$study)
  effects$study <- rep("Chen 2011", 10)
  expect_identical(label_rows(effects)[2], "Chen 2011, count, time 2")
  expect_identical(anyDuplicated(label_rows(effects)), 0L)
})

test_that("a group's heading counts as telling rows apart", {
  effects <- drawn_ten(
    study = rep(paste("Study", 1:5), 2), outcome = rep(c("size", "count"), each = 5)
  )
  expect_match(label_rows(effects)[1], "Study 1, size")
  expect_identical(label_rows(effects, group = effects$outcome), effects$study)
})

test_that("tables without studies have row numbers; missing values leave no commas", {
  effects <- drawn_ten()
  effects$study <- NULL
  expect_identical(label_rows(effects)[10], "Row 10")
  effects <- drawn_ten(study = "Li 2015", treatment = c(NA, letters[1:9]))
  expect_identical(label_rows(effects)[1:2], c("Li 2015", "Li 2015, a"))
})

test_that("numbers share their decimals, which the intervals choose", {
  expect_identical(print_number(c(-0.001, 1.005, NA), 2L), c("0.00", "1.00", ""))
  expect_identical(print_number(c(12.3, 123456), 1L), c("12.3", "1.2e+05"))
  expect_identical(choose_decimals(42), 0L)
  expect_identical(choose_decimals(0.42), 2L)
  expect_identical(choose_decimals(42, 2L), 2L)
  expect_identical(choose_decimals(1e-9), NA_integer_)
  expect_identical(print_number(1.5e-9, NA), "1.50e-09")
})

test_that("widths follow the font's own table", {
  # Arial: a digit 556, a space 278 thousandths; 72.27 points an inch
  expect_equal(text_width("10 0", 10), (3 * 556 + 278) / 1000 * 10 * 25.4 / 72.27 * 1.02)
  expect_identical(text_width("a\nwww", 9), text_width("www", 9))
  expect_gt(text_width("bold", 9, bold = TRUE), text_width("bold", 9))
  expect_gt(text_width("\u6f22\u5b57", 9), text_width("ab", 9))
  expect_identical(text_width(c("", NA)[1], 9), 0)
})

test_that("long labels are cut, and stay apart", {
  long <- paste("A very long title of a study on mice,", c("day 7", "day 14"))
  short <- shorten(long, 40, 9)
  expect_true(all(text_width(short, 9) <= 40))
  expect_match(short, "...", fixed = TRUE)
  expect_identical(sub(".*, ", "", short), c("day 7", "day 14"))
  expect_match(shorten(long[1], 40, 9), "[.]{3}$")
  expect_identical(shorten("short", 40, 9), "short")
})

test_that("sentences break at commas, brackets stay whole", {
  text <- "tau2 = 0.12 [0.01, 0.40], I2 = 63 % [41, 80], Q(9) = 24.3, p = 0.004"
  lines <- strsplit(fold_text(text, 60, 9, ", "), "\n")[[1]]
  expect_identical(lines[1], "tau2 = 0.12 [0.01, 0.40],")
  expect_true(all(text_width(lines, 9) <= 60 + text_width(",", 9)))
  expect_identical(gsub("\n", " ", fold_text(text, 60, 9, ", ")), text)
  expect_identical(fold_text("one two", 200, 9), "one two")
})

test_that("signs are printed as type where the device can", {
  plain <- "tau2 = 0.1, I2 = 3 %, -0.5 [-1.0, -0.1], Knapp-Hartung, 40-60..."
  expect_identical(typeset(plain, unicode = FALSE), plain)
  expect_identical(
    typeset(plain, unicode = TRUE),
    paste0(
      "\u03c4\u00b2 = 0.1, I\u00b2 = 3 %, \u22120.5 [\u22121.0, \u22120.1], ",
      "Knapp-Hartung, 40-60\u2026"
    )
  )
})

test_that("a study called s2 keeps its name, and a label stays on its line", {
  expect_identical(typeset(c("s2", "I2, day 3"), unicode = TRUE), c("s2", "I2, day 3"))
  effects <- as_effects(yi = 1:2, vi = 1, study = c("A\nB\tC", "D"))
  expect_true("A B C" %in% forest(effects)$data$label)
})

test_that("pdf() gets ASCII text, without warnings", {
  file <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(file)
  withr::defer(grDevices::dev.off())
  expect_false(draws_unicode())
  expect_no_warning(print(forest(fit_of(drawn_ten()))))
})
