some_sensitivity <- function(rho = c(-0.5, 0, 0.4, 0.8), ...) {
  effects <- as_effects(multilevel_table(), yi = yi, vi = vi, study = study)
  fit <- pool_effects(effects, ~dose, random = ~ 1 | study / .row)
  rho_sensitivity(fit, rho, within = study, ...)
}

# The same with labels in place of numbers.
labelled <- function(label) {
  found <- some_sensitivity(seq(0, 0.8, length.out = length(label)))
  found$rho <- rep(label, each = 2)
  found
}

test_that("the layout has a row for each interval, component and failure", {
  found <- some_sensitivity()
  layout <- sensitivity_layout(found)
  expect_identical(
    levels(layout$panel), c("(Intercept)", "dose", "var(study)", "var(study/.row)")
  )
  dose <- layout[layout$panel == "dose", ]
  fine <- found[found$term == "dose" & found$status == "ok", ]
  model <- dose[dose$kind == "model", ]
  expect_identical(model$x, c(0, 0.4, 0.8))
  expect_identical(model$estimate, fine$estimate)
  expect_identical(model$lower, fine$ci_lower)
  robust <- dose[dose$kind == "robust", ]
  expect_identical(robust$upper, fine$robust_upper)
  expect_identical(dose$x[dose$kind == "failed"], -0.5)
  expect_identical(dose$label[dose$kind == "failed"], "indefinite")
  part <- layout[layout$panel == "var(study)" & layout$kind == "component", ]
  expect_identical(part$estimate, fine$`var(study)`)
  expect_false(any(grepl("var", sensitivity_layout(found, FALSE)$panel)))
})

test_that("zero is drawn where it is near, and always below variances", {
  found <- some_sensitivity()
  has_zero <- \(x, panel) {
    layout <- sensitivity_layout(x)
    any(layout$kind == "zero" & layout$panel == panel)
  }
  ends <- c("estimate", "ci_lower", "ci_upper", "robust_lower", "robust_upper")
  far <- found
  far[ends] <- far[ends] + 100
  near <- found
  near[ends] <- near[ends] - mean(found$estimate, na.rm = TRUE)
  expect_false(has_zero(far, "dose"))
  expect_true(has_zero(near, "dose"))
  expect_true(has_zero(far, "var(study)"))
})

test_that("the value of the fit is marked where it is in the picture", {
  found <- some_sensitivity()
  attr(found, "own") <- 0.5
  layout <- sensitivity_layout(found)
  expect_identical(unique(layout$x[layout$kind == "own"]), 0.5)
  expect_match(attr(layout, "page")$words$caption[1], "Dotted")
  attr(found, "own") <- 0.9
  expect_false("own" %in% sensitivity_layout(found)$kind)
})

test_that("labels find room in lines, or are turned and cut", {
  axis <- attr(sensitivity_layout(labelled(c("low", "middling", "high"))), "page")$axis
  expect_identical(axis$at, 1:3)
  expect_identical(axis$label, c("low", "middling", "high"))
  expect_false(axis$turned)
  long <- paste("a guess of a colleague in a far country, number", 1:11)
  axis <- attr(sensitivity_layout(labelled(long)), "page")$axis
  expect_true(axis$turned)
  expect_lte(max(text_width(axis$label, 8)), longest_turned + 3)
  expect_identical(anyDuplicated(axis$label), 0L)
})

test_that("long names of coefficients stand in two lines", {
  found <- some_sensitivity()
  long <- "a moderator with the name of a whole question of a questionnaire on housing"
  found$term[found$term == "dose"] <- long
  panel <- levels(sensitivity_layout(found)$panel)[2]
  expect_match(panel, "\n")
  expect_identical(gsub("\n", " ", panel), long)
})

test_that("the plot is built with few and many values, with rows left out", {
  built <- \(x, ...) ggplot2::ggplot_build(plot(x, ...))
  expect_no_warning(built(some_sensitivity()))
  expect_no_warning(built(some_sensitivity(seq(0, 0.9, 0.05))))
  expect_no_warning(built(some_sensitivity(0.5)))
  expect_no_warning(built(some_sensitivity(-0.9)))
  expect_no_warning(built(labelled(c("one", "other"))))
  found <- some_sensitivity()
  left <- plot(found[found$term == "dose", ], components = FALSE)
  expect_identical(unique(as.character(left$data$panel)), "dose")
  none <- found
  none$robust_se <- NA_real_
  expect_false("robust" %in% plot(none)$data$kind)
  expect_no_warning(built(none))
  simulated <- found
  attr(simulated, "simulated") <- TRUE
  expect_match(plot(simulated)$labels$caption, "Simulated data")
})

test_that("a table without its columns is refused", {
  found <- some_sensitivity(c(0, 0.5))
  expect_error(plot(found[c("rho", "term")]), class = "mv_error_column")
  expect_error(plot(found[0, ]), class = "mv_error_column")
  expect_error(plot(found, components = 1), class = "mv_error_flag")
  expect_error(plot(found, base_size = "a"), class = "mv_error_number")
})
