test_that("every measure of the core is listed, with words for all of it", {
  x <- effect_measures()
  known <- registry()
  computed <- x$kind != "estimate"
  expect_identical(x$name[computed], known$measures$name)
  expect_setequal(x$name, names(measure_words))
  expect_false(anyNA(x[names(x) != "groups"]))
  expect_false(anyNA(x$groups[computed]))
  expect_true(all(known$measures$scale %in% names(back_words)))
  expect_identical(
    unlist(strsplit(x$variance[computed], ", ")),
    unlist(lapply(x$name, \(name) known$forms$name[known$forms$measure == name]))
  )
})

test_that("measures that point one way have the words for it", {
  known <- registry()$measures
  one_way <- vapply(known$flags, \(flags) "one_way" %in% flags, NA)
  expect_true(all(known$name[one_way] %in% names(one_way_words)))
})

test_that("it prints within the width, a part of it too", {
  withr::local_options(width = 80)
  lines <- capture.output(print(effect_measures()))
  expect_lte(max(nchar(lines)), 80)
  part <- effect_measures()
  part <- part[part$name %in% c("SMD", "NMD", "PR", "MSR", "GEN"), ]
  expect_snapshot(print(part))
  expect_identical(class(part[c("name", "scale")]), "data.frame")
})

test_that("the help page of effect_sizes() names every measure that it computes", {
  page <- tools::Rd_db("metavivo")[["effect_sizes.Rd"]]
  skip_if(is.null(page), "the help pages are not installed")
  text <- paste(unlist(page), collapse = " ")
  x <- effect_measures()
  names <- x$name[x$kind != "estimate" & !grepl("_", x$name, fixed = TRUE)]
  for (name in names) expect_match(text, paste0("\\b", name, "\\b"))
})

test_that("what a scale says of the way back is the inverse of the measure", {
  p <- 0.3
  n <- 12
  events <- 4
  expect_equal(plogis(log(p / (1 - p))), p)
  expect_equal(sin(asin(sqrt(p)))^2, p)
  expect_equal(tanh(atanh(p)), p)
  y <- (asin(sqrt(events / (n + 1))) + asin(sqrt((events + 1) / (n + 1)))) / 2
  back <- str2lang(gsub("2y", "2*y", back_words[["freeman_tukey"]], fixed = TRUE) |>
    gsub(pattern = ") sqrt", replacement = ") * sqrt", fixed = TRUE))
  expect_equal(eval(back), events / n)
  t <- 30
  y <- (sqrt(events / t) + sqrt((events + 1) / t)) / 2
  back <- back_words[["freeman_tukey_rate"]] |>
    gsub(pattern = "8y", replacement = "8*y", fixed = TRUE) |>
    gsub(pattern = "16ty", replacement = "16*t*y", fixed = TRUE)
  expect_equal(eval(str2lang(back)), events / t)
})

test_that("measures are selected by name", {
  all <- effect_measures()
  expect_output(print(all["SMD", ]), "Standardised mean difference")
  expect_output(print(all["HEDGES", ]), "NA")
})
