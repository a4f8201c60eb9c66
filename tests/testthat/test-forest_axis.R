rom_effects <- function(...) {
  drawn_effects(log(c(0.5, 0.8, 1, 1.25)), rep(0.04, 4), measure = "ROM", ...)
}

test_that("ROM is written in percent and stays on the log scale", {
  layout <- layout_of(rom_effects())
  study <- rows_of(layout, "study")
  expect_equal(study$estimate, log(c(0.5, 0.8, 1, 1.25)))
  expect_identical(study$text_estimate, c("-50", "-20", "0", "25"))
  ends <- 100 * (exp(log(0.5) + c(-1, 1) * qnorm(0.975) * 0.2) - 1)
  expect_identical(study$text_lower[1], sprintf("%.0f", ends[1]))
  ticks <- page_of(layout)$ticks
  expect_equal(ticks$at, log1p(as.numeric(ticks$label) / 100))
  expect_true("0" %in% ticks$label)
})

test_that("a turned ratio changes only the sign that is shown", {
  turned <- rom_effects(sign = -1, direction = "benefit")
  turned$yi <- -turned$yi
  study <- rows_of(layout_of(turned), "study")
  expect_identical(study$text_estimate, c("50", "20", "0", "-25"))
  band <- page_of(layout_of(turned, band = c(40, 60)))$axis$band
  expect_equal(band, -log(c(0.6, 0.4)))
})

test_that("ratios turned in both directions have no percent", {
  mixed <- rom_effects(sign = c(1, 1, -1, 1), direction = "benefit")
  expect_identical(page_of(layout_of(mixed))$axis$scale, "effect")
  expect_snapshot(error = TRUE, {
    forest(mixed, scale = "percent")
    forest(drawn_ten(), scale = "percent")
  })
})

test_that("scale = effect leaves the log ratio, with its name", {
  layout <- layout_of(rom_effects(), scale = "effect")
  expect_identical(rows_of(layout, "study")$text_estimate[1], "-0.69")
  expect_match(page_of(layout)$axis$title, "Log response ratio, treated against")
})

test_that("NMD is percent as it is, on a linear axis", {
  effects <- drawn_effects(c(20, 45, 60), c(90, 120, 200), measure = "NMD")
  layout <- layout_of(effects, band = c(20, 40))
  page <- page_of(layout)
  expect_identical(page$axis$scale, "percent")
  expect_identical(page$axis$band, c(20, 40))
  expect_equal(page$ticks$at, as.numeric(page$ticks$label))
  expect_identical(page$axis$sides, c("favours control", "favours treated"))
  expect_identical(
    rows_of(layout, "caption")$label, "Shaded: reported range, 20 to 40 %."
  )
})

test_that("a band in percent lies at the logs of its ratios", {
  page <- page_of(layout_of(rom_effects(), band = c(-60, -40)))
  expect_equal(page$axis$band, log(c(0.4, 0.6)))
  expect_lte(page$axis$limits[1], log(0.4))
  smd <- layout_of(drawn_ten(), band = c(0.2, 0.5))
  expect_identical(page_of(smd)$axis$band, c(0.2, 0.5))
  expect_match(rows_of(smd, "caption")$label, "0.2 to 0.5.", fixed = TRUE)
})

test_that("an outlier and a huge interval are clipped and do not flatten the rest", {
  effects <- drawn_ten()
  effects$yi[3] <- 90
  effects$vi[6] <- 500
  layout <- layout_of(effects)
  limits <- page_of(layout)$axis$limits
  expect_true(diff(limits) < 10)
  study <- rows_of(layout, "study")
  expect_identical(which(study$outside), 3L)
  expect_identical(which(study$clip_upper), c(3L, 6L))
  expect_identical(which(study$clip_lower), 6L)
  drawn <- c(study$x_lower, study$x_upper)
  expect_true(all(drawn >= limits[1] & drawn <= limits[2]))
  expect_true(all(study$x_lower < study$x_upper))
  expect_match(study$text_effect[3], "^90.00 \\[")
  expect_match(rows_of(layout, "caption")$label, "^Arrow:")
})

test_that("xlim is in the unit that is written", {
  limits <- page_of(layout_of(rom_effects(), xlim = c(-75, 100)))$axis$limits
  expect_equal(limits, log(c(0.25, 2)))
  study <- rows_of(layout_of(drawn_ten(), xlim = c(-0.5, 0.5)), "study")
  expect_identical(study$outside, abs(study$estimate) > 0.5)
})

test_that("the line of no effect is shown unless it is far away", {
  near <- page_of(layout_of(drawn_effects(c(-9, -8), c(0.5, 0.5), "MD")))
  expect_true(near$axis$shows_zero)
  far <- page_of(layout_of(drawn_effects(c(999, 1000), c(0.5, 0.5), "MD")))
  expect_false(far$axis$shows_zero)
  expect_null(far$axis$sides)
})

test_that("sides are named only where the direction was declared", {
  sides <- function(...) page_of(layout_of(drawn_ten(...)))$axis$sides
  expect_null(sides())
  expect_identical(
    sides(greater_is_worse = TRUE), c("favours treated", "favours control")
  )
  expect_identical(
    sides(greater_is_worse = FALSE), c("favours control", "favours treated")
  )
  expect_null(sides(greater_is_worse = rep(c(TRUE, FALSE), 5)))
  expect_null(sides(greater_is_worse = TRUE, computed_from = "estimate"))
  expect_identical(
    sides(greater_is_worse = rep(c(TRUE, FALSE), 5), direction = "benefit"),
    c("favours control", "favours treated")
  )
})

test_that("the title states the measure and its direction", {
  title <- function(...) page_of(layout_of(drawn_ten(...)))$axis$title
  expect_match(title(), "Standardised mean difference .*,\ntreated minus control")
  expect_match(title(direction = "benefit"), "positive is better$")
  expect_identical(title(measure = "GEN"), "Effect")
  brought <- title(computed_from = "estimate")
  expect_identical(brought, measure_label("SMD"))
})

test_that("ticks of a wide ratio axis are round percents, evenly spread", {
  wide <- drawn_effects(log(c(0.02, 1, 60)), rep(0.5, 3), measure = "ROM")
  ticks <- page_of(layout_of(wide))$ticks
  ratio <- 1 + as.numeric(ticks$label) / 100
  leading <- ratio / 10^floor(log10(ratio) + 1e-9)
  expect_true(all(abs(leading - round(leading)) < 1e-6))
  expect_true(all(round(leading) %in% c(1, 2, 5)))
  expect_lte(length(ticks$at), 9)
})

test_that("a range that is none is an error that says in which unit", {
  expect_snapshot(error = TRUE, {
    forest(rom_effects(), band = c(-40, -60))
    forest(drawn_ten(), band = 0.5)
    forest(rom_effects(), band = c(-120, -40))
    forest(drawn_ten(), xlim = c(0, NA))
  })
})
