test_that("every measure and form of the core has words, and no words are without one", {
  known <- registry()
  expect_setequal(names(measure_words), c(known$measures$name, "GEN", "logHR"))
  forms <- paste(known$forms$measure, known$forms$name, sep = ".")
  expect_setequal(names(form_words), forms)
  expect_setequal(names(reason_words), known$reasons$name)
})
