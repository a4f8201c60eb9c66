test_that("the layout has a curve below its maximum, the line and the ends", {
  fit <- three_levels()
  x <- profile_layout(fit)
  ends <- confint(fit, type = "components")
  expect_identical(levels(x$parameter), fit$components$parameter)
  one <- x[x$parameter == "var(study)", ]
  row <- \(kind) one[one$kind == kind, ]
  expect_equal(row("cut")$y, -qchisq(0.95, 1) / 2)
  expect_equal(c(row("lower")$x, row("upper")$x), unname(ends["var(study)", ]),
    tolerance = 1e-3
  )
  expect_equal(row("upper")$y, -qchisq(0.95, 1) / 2)
  expect_identical(row("upper")$label, number_text(row("upper")$x, 3))
  expect_identical(row("estimate")$x, fit$theta[["var(study)"]])
  expect_true(all(row("curve")$y <= 1e-9))
  expect_identical(max(row("curve")$y), row("curve")$y[row("curve")$x == fit$theta[[1]]])
})

test_that("an end on a bound is above the line, an infinite one is not drawn", {
  effects <- data.frame(
    study = rep(1:2, each = 5), vi = 0.1, yi = c(1:5 / 10, 3 + 1:5 / 10)
  )
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  x <- profile_layout(fit, level = 0.9999)
  one <- x[x$parameter == "var(study)", ]
  expect_false("upper" %in% one$kind)
  row <- x[x$parameter == "var(study/.row)" & x$kind == "lower", ]
  expect_identical(row$x, 0)
  expect_gt(row$y, -qchisq(0.9999, 1) / 2)
})

test_that("a profile is drawn as a fit is, and some of it by name", {
  fit <- three_levels()
  x <- profile(fit)
  expect_identical(profile_layout(x), profile_layout(fit))
  some <- profile_layout(x, "var(study/.row)")
  expect_identical(levels(some$parameter), "var(study/.row)")
  expect_identical(profile_layout(x, 2), some)
  expect_error(profile_layout(x, "var(studdy)"), "Did you mean", class = "mv_error_parm")
  expect_error(profile_layout(x, 7), "There are", class = "mv_error_parm")
})

test_that("what is no fit is refused, and a level that the curve does not reach", {
  expect_error(profile_plot(1), class = "mv_error_class")
  expect_error(profile_layout(three_levels(), level = 2), class = "mv_error_level")
  x <- profile(three_levels(), level = 0.8)
  expect_error(profile_layout(x, level = 0.95), "reaches only", class = "mv_error_level")
})

test_that("the picture is a ggplot that can be built, with a panel a parameter", {
  plot <- profile_plot(three_levels(), title = "Levels")
  expect_s3_class(plot, "ggplot")
  built <- ggplot2::ggplot_build(plot)
  expect_identical(nrow(built$layout$layout), 2L)
})

test_that("pictures of profiles", {
  skip_unless_snapshot_versions()
  vdiffr::expect_doppelganger("profiles of three levels", profile_plot(three_levels()))
})
