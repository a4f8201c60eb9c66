test_that("parameters have the names of their structure, in order", {
  expect_identical(
    names_of(~ 1 | study / experiment), c("var(study)", "var(study/experiment)")
  )
  of_three <- paste0("var(strain=", c("x", "y", "z"), " | study)")
  whole <- "var(strain | study)"
  correlation <- "cor(strain | study)"
  pairs <- c("cor(strain=x, strain=y | study)", "cor(strain=x, strain=z | study)",
             "cor(strain=y, strain=z | study)")
  want <- list(
    CS = c(whole, correlation), HCS = c(of_three, correlation), UN = c(of_three, pairs),
    ID = whole, DIAG = of_three
  )
  for (word in names(want)) {
    expect_identical(names_of(~ strain | study, word), want[[word]])
  }
  of_times <- paste0("var(time=", c(1, 2, 4), " | study)")
  expect_identical(names_of(~ time | study, "CAR"),
                   c("var(time | study)", "cor(time | study)"))
  suppressWarnings({
    expect_identical(names_of(~ time | study, "AR"),
                     c("var(time | study)", "cor(time | study)"))
    expect_identical(names_of(~ time | study, "HAR"), c(of_times, "cor(time | study)"))
  })
})

test_that("slopes are named by their columns", {
  variances <- c("var((Intercept) | study)", "var(dose | study)")
  expect_identical(
    names_of(~ 1 + dose | study, "GEN"), c(variances, "cor((Intercept), dose | study)")
  )
  expect_identical(names_of(~ 1 + dose | study, "GDIAG"), variances)
  expect_identical(names_of(~ 0 + dose | study, "GEN"), "var(dose | study)")
  expect_identical(
    names_of(~ dose + I(dose^2) | study, "GEN", effects = twelve()[c(1:12, 1:12), ])[4:6],
    c("cor((Intercept), dose | study)", "cor((Intercept), I(dose^2) | study)",
      "cor(dose, I(dose^2) | study)")
  )
})

test_that("pairs go by column of the lower triangle", {
  expect_identical(unname(level_pairs(1)), matrix(integer(), 0, 2))
  four <- unname(level_pairs(4))
  lower <- which(lower.tri(diag(4)), arr.ind = TRUE)
  expect_identical(four[, 2:1], unname(lower))
})

test_that("parts of the same columns say their structure", {
  names <- names_of(list(~ time | study, ~ time | study), c("CS", "CAR"))
  expect_identical(names, c(
    "var(time | study, CS)", "cor(time | study, CS)", "var(time | study, CAR)",
    "cor(time | study, CAR)"
  ))
  parts <- parts_of(list(~ time | study, ~ time | study), c("CS", "CAR"))
  expect_identical(random_text(parts), "time | study (CS), time | study (CAR)")
})

test_that("the parts are told in one line", {
  text <- function(...) random_text(suppressWarnings(parts_of(...)))
  expect_identical(text(~ 1 | study / .row), "study / .row")
  expect_identical(text(~ 1 | study / experiment / .row), "study / experiment / .row")
  expect_identical(text(~ outcome | study), "outcome | study (CS)")
  expect_identical(
    text(list(~ 1 | study / .row, ~ 1 | strain, ~ strain | experiment), "UN"),
    "study / .row, strain, strain | experiment (UN)"
  )
  expect_identical(text(~ 1 + dose | study, "GEN"), "1 + dose | study (GEN)")
  A <- diag(3) * 0.5 + 0.5
  dimnames(A) <- list(c("x", "y", "z"), c("x", "y", "z"))
  expect_identical(
    text(list(~ 1 | strain / .row, ~ 1 | study), R = list(strain = A)),
    "strain (R) / .row, study"
  )
})

test_that("groups have labels when asked, in the order of their integers", {
  parts <- parts_of(~ 1 | study / experiment / .row)
  effects <- twelve()
  expect_identical(random_labels(parts[[1]], effects), c("B", "A", "C"))
  expect_identical(
    random_labels(parts[[2]], effects), c("B/2", "A/1", "C/1", "B/1", "A/2", "C/2")
  )
  expect_identical(random_labels(parts[[3]], effects)[c(1, 12)], c("B/2/1", "C/2/12"))
  used <- c(5L, 9L)
  fix <- c("var(study/.row)" = 0.1, "var(study)" = 0.1)
  parts <- parts_of(~ 1 | study / .row, used = used, fix = fix)
  expect_identical(random_labels(parts[[2]], effects, used), c("C/5", "A/9"))
  effects$study <- as.Date("2020-03-01") + match(effects$study, c("A", "B", "C"))
  part <- parts_of(~ outcome | study, effects = effects)[[1]]
  expect_identical(random_labels(part, effects)[1:2], c("2020-03-03", "2020-03-02"))
})
