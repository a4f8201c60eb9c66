test_that("rows that are all missing have a name", {
  expect_identical(name_rows(NA_integer_), "row NA")
})

test_that("errors, warnings and messages have two classes and interpolate", {
  what <- "dose"
  expect_error(stop_user("{.arg {what}} is odd.", "kind"), "`dose` is odd",
    class = "mv_error_kind"
  )
  expect_error(stop_user("no"), class = "mv_error")
  expect_warning(warn_user("look at {what}"), "look at dose", class = "mv_warning")
  expect_message(tell_user("see {what}"), "see dose", class = "mv_message_note")
})

test_that("rows are named with their studies, and the rest counted", {
  study <- c("Chen", "Li", "Li", NA, "Wu", "Ito", "Roy")
  expect_identical(name_rows(2, study), "row 2 (Li)")
  expect_identical(name_rows(c(3, 1, 3)), "rows 1 and 3")
  expect_identical(name_rows(c(3, 2, 1), study), "rows 1, 2 and 3 (Chen, Li)")
  expect_identical(
    name_rows(1:7, study, most = 3), "rows 1, 2, 3 and 4 more (Chen, Li, Wu, ...)"
  )
  expect_identical(name_rows(4, study, label = "input row"), "input row 4")
})

test_that("the nearest word is near, of like length, and never of none", {
  expect_identical(nearest("RMEL", c("ML", "REML")), "REML")
  expect_identical(nearest("Adhoc", c("z", "adhoc")), "adhoc")
  expect_null(nearest("hk", c("z", "t")))
  expect_null(nearest("x", character()))
  expect_null(did_you_mean("something", "else"))
})

test_that("of words equally near, that with the same letters is meant", {
  expect_identical(nearest("SDM", c("MD", "ROM", "SMD")), "SMD")
})

test_that("a word without meaning is near nothing", {
  expect_null(nearest(NA_character_, c("z", "t")))
  expect_null(nearest("\xe9t\xe9", c("z", "t")))
  expect_error(effect_sizes(random_pairs(2), "\xe9"), class = "mv_error_choice")
})
