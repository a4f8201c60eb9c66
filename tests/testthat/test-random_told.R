# ---- levels --------------------------------------------------------------------------

test_that("one level has no variance that could be told, unless it is fixed", {
  effects <- twelve(one = "a")
  for (random in list(~ 1 | one, ~ 1 | one / study, ~ one | study, ~ outcome | one)) {
    expect_error(random_of(random, effects = effects), "only one level",
      class = "mv_error_random_levels"
    )
  }
  A <- matrix(1, dimnames = list("a", "a"))
  expect_error(random_of(~ 1 | one, R = list(one = A), effects = effects),
    class = "mv_error_random_levels"
  )
  expect_error(random_of(~ 1 + dose | one, "GEN", effects = effects),
    class = "mv_error_random_levels"
  )
  expect_no_error(random_of(~ 1 | one, effects = effects, fix = c("var(one)" = 0.1)))
  # one series in time has many pairs of one distance
  expect_no_error(random_of(~ time | one, "CAR", effects = effects))
  expect_snapshot(error = TRUE, {
    random_of(~ 1 | one, effects = effects)
    random_of(~ one | study, effects = effects)
    random_of(~ outcome | one, effects = effects)
  })
})

test_that("a structure with more parameters than levels is told", {
  effects <- twelve(lab = rep(1:2, 6), cage = rep(1:6, each = 2))
  # 6 variances and 15 correlations; 12 pairs of lab and cage
  expect_error(random_of(~ cage | lab, "UN", effects = effects),
    "21 parameters to estimate, and only 12 levels", class = "mv_error_random_levels"
  )
  # three slopes have 6 parameters, and 3 groups 9 slopes
  expect_no_error(random_of(~ dose + I(dose^2) | study, "GEN"))
  # four slopes have 10 parameters, and 2 groups 8 slopes
  slopes <- ~ dose + I(dose^2) + I(dose^3) | study
  two <- subset(twelve(), study != "C")
  expect_error(random_of(slopes, "GEN", effects = two), "10 parameters",
    class = "mv_error_random_levels"
  )
  fixed <- paste0("cor((Intercept), ", c("dose", "I(dose^2)"), " | study)")
  fixed <- stats::setNames(c(0, 0), fixed)
  expect_error(random_of(slopes, "GEN", effects = two, fix = fixed), "only 8 effects",
    class = "mv_error_random_levels"
  )
})

test_that("more parameters than effects are told", {
  effects <- twelve()[1:4, ]
  expect_error(
    random_of(list(~ 1 | study, ~ strain | experiment), "DIAG", effects = effects),
    "4 parameters to estimate, and there are\\s+only 4 effects",
    class = "mv_error_random_levels"
  )
})

test_that("a structure of a thousand parameters is refused before it fills the memory", {
  effects <- data.frame(yi = 0, vi = 1, study = rep(1:4e4, 2), row = 1:8e4)
  expect_error(random_of(~ row | study, "UN", effects = effects), "1000 are the most",
    class = "mv_error_random_levels"
  )
})

# ---- correlations --------------------------------------------------------------------

test_that("a correlation that no group tells is an error, unless fixed or tied", {
  effects <- twelve()
  effects$outcome <- c(A = "pain", B = "plaque", C = "pain")[effects$study]
  for (word in c("CS", "HCS")) {
    expect_error(random_of(~ outcome | study, word, effects = effects), "cannot be told",
      class = "mv_error_random_levels"
    )
  }
  expect_snapshot(error = TRUE, random_of(~ outcome | study, effects = effects))
  expect_no_error(random_of(~ outcome | study, "DIAG", effects = effects))
  expect_no_error(random_of(~ outcome | study, "CS", effects = effects,
    fix = c("cor(outcome | study)" = 0)
  ))
})

test_that("of an unstructured matrix each pair is looked at", {
  effects <- twelve()
  # A has x, y; B has y, z; C has y, z: never x with z
  effects$strain <- ifelse(effects$study == "A", c("y", "x"), c("y", "z"))
  un <- function(...) random_of(~ strain | study, "UN", effects = effects, ...)
  expect_error(un(), "cor\\(strain=x, strain=z", class = "mv_error_random_levels")
  expect_no_error(un(fix = c("cor(strain=x, strain=z | study)" = 0)))
  tied <- c("cor(strain=x, strain=z | study)", "cor(strain=x, strain=y | study)")
  expect_no_error(un(tie = tied))
  expect_snapshot(error = TRUE, un())
})

test_that("a correlation with what is fixed at 0 cannot be told", {
  expect_flat <- function(random, struct, zero) {
    fix <- stats::setNames(rep(0, length(zero)), zero)
    expect_error(random_of(random, struct, fix = fix), "fixed at 0",
      class = "mv_error_random_levels"
    )
  }
  of_two <- paste0("var(strain=", c("x", "y"), " | study)")
  expect_flat(~ strain | study, "CS", "var(strain | study)")
  expect_flat(~ strain | study, "HCS", of_two)
  expect_flat(~ strain | study, "UN", of_two[1])
  expect_flat(~ 1 + dose | study, "GEN", "var(dose | study)")
  one <- c("var(strain=x | study)" = 0)
  expect_no_error(random_of(~ strain | study, "HCS", fix = one))
  both <- c("var(dose | study)" = 0, "cor((Intercept), dose | study)" = 0)
  expect_no_error(random_of(~ 1 + dose | study, "GEN", fix = both))
  one <- c("var(strain | study)" = 0)
  expect_no_error(random_of(list(~ strain | study, ~ time | study), c("CS", "CAR"),
    fix = one, tie = c("cor(strain | study)", "cor(time | study)")
  ))
})

# ---- parts that are the same ---------------------------------------------------------

expect_same <- function(random, struct = "CS", effects = twelve(), ...) {
  expect_error(suppressWarnings(random_of(random, struct, effects = effects, ...)),
    "cannot be told apart",
    class = "mv_error_random_same"
  )
}

expect_apart <- function(random, struct = "CS", effects = twelve(), ...) {
  expect_no_error(suppressWarnings(random_of(random, struct, effects = effects, ...)))
}

test_that("groupings are compared as partitions, whatever their labels", {
  effects <- twelve(id = 112:101)
  effects$lab <- c(A = 3, B = 1, C = 2)[effects$study]
  effects$row <- seq_len(12)
  expect_same(list(~ 1 | study, ~ 1 | lab), effects = effects)
  expect_same(~ 1 | study / lab, effects = effects)
  expect_same(~ 1 | lab / study, effects = effects)
  expect_same(~ 1 | study / id / .row, effects = effects)
  expect_same(list(~ 1 | .row, ~ 1 | id), effects = effects)
  expect_same(list(~ 1 | study / .row, ~ 1 | row), effects = effects)
  effects$lab[1] <- 4
  expect_apart(list(~ 1 | study, ~ 1 | lab), effects = effects)
})

test_that("groupings that are the same in the rows used only are the same", {
  effects <- twelve()
  effects$lab <- effects$study
  effects$lab[1] <- "D"
  expect_apart(~ 1 | study / lab, effects = effects)
  expect_same(~ 1 | study / lab, effects = effects, used = 2:12)
})

test_that("one row in each group is no fault by itself", {
  effects <- twelve()
  effects$study <- letters[1:12]
  expect_apart(~ 1 | study, effects = effects)
  expect_same(~ 1 | study / .row, effects = effects)
})

test_that("a part that is inside another is the same", {
  expect_same(list(~ 1 | study, ~ strain | study), "CS")
  expect_same(list(~ strain | study, ~ 1 | study / strain), "UN")
  expect_same(list(~ 1 | study / strain, ~ strain | study), "ID")
  expect_same(list(~ 1 | study / strain, ~ strain | study), "DIAG")
  expect_same(list(~ strain | study, ~ strain | study), c("CS", "UN"))
  expect_same(list(~ strain | study, ~ strain | study), c("HCS", "DIAG"))
  expect_same(list(~ time | study, ~ time | study), c("CAR", "CAR"))
  # two levels: HCS is UN
  expect_same(list(~ 1 | study, ~ outcome | study), "HCS")
  expect_same(list(~ 1 | study, ~ 1 + dose | study), "GEN")
  expect_same(list(~ dose | study, ~ 1 + dose | study), c("GEN", "GDIAG"))
  expect_apart(list(~ 1 | study, ~ 0 + dose | study), "GEN")
  expect_apart(list(~ 1 | study, ~ strain | study), "DIAG")
  expect_apart(list(~ 1 | study, ~ time | study), "CAR")
  expect_apart(list(~ time | study, ~ time | study), c("CS", "CAR"))
})

test_that("a known matrix tells a factor from the same without one", {
  A <- matrix(0.5, 3, 3, dimnames = list(c("x", "y", "z"), c("x", "y", "z")))
  diag(A) <- 1
  effects <- twelve()
  effects$line <- effects$strain
  both <- list(~ 1 | strain, ~ 1 | line)
  expect_apart(both, R = list(strain = A), effects = effects)
  expect_same(both, R = list(strain = A, line = A), effects = effects)
  A[] <- diag(3)
  expect_same(both, R = list(strain = A), effects = effects)
})

test_that("what is fixed or tied can be told", {
  effects <- twelve(lab = twelve()$study)
  both <- list(~ 1 | study, ~ 1 | lab)
  expect_apart(both, effects = effects, fix = c("var(lab)" = 0.1))
  expect_apart(both, effects = effects, tie = c("var(lab)", "var(study)"))
  expect_apart(list(~ 1 | study, ~ strain | study), fix = c("cor(strain | study)" = 0))
})

test_that("the messages say what is the same", {
  effects <- twelve(id = 1:12, lab = twelve()$study)
  expect_snapshot(error = TRUE, {
    random_of(~ 1 | study / lab, effects = effects)
    random_of(list(~ 1 | study / .row, ~ 1 | id), effects = effects)
    random_of(list(~ 1 | study, ~ outcome | study))
  })
})

# ---- names that two studies share ----------------------------------------------------

test_that("an experiment of its own with a name in two studies is a warning", {
  both <- list(~ 1 | study, ~ 1 | experiment)
  expect_warning(found <- random_of(both), class = "mv_warning_random_shared")
  expect_identical(found$parts[[2]]$groups, 2L)
  expect_warning(random_of(~ 1 | experiment / .row), class = "mv_warning_random_shared")
  expect_warning(random_of(~ strain | experiment), class = "mv_warning_random_shared")
  expect_snapshot({
    found <- random_of(both)
    found <- random_of(~ strain | experiment)
  })
  expect_silent(random_of(~ 1 | study / experiment))
  expect_silent(random_of(list(~ 1 | study, ~ 1 | strain)))
  expect_silent(random_of(both, effects = apart()))
  expect_silent(random_of(~ 1 | experiment, effects = subset(twelve(), select = -study)))
})

test_that("only the rows used are looked at", {
  effects <- apart()
  effects$experiment[1] <- effects$experiment[3]
  expect_warning(random_of(~ 1 | experiment, effects = effects),
    class = "mv_warning_random_shared"
  )
  expect_silent(random_of(~ 1 | experiment, effects = effects, used = 2:12))
})
