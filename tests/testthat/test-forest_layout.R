test_that("every row is there, in order, with its numbers and its text", {
  effects <- drawn_ten()
  layout <- layout_of(fit_of(effects))
  study <- rows_of(layout, "study")
  expect_identical(study$row, 1:10)
  expect_identical(study$estimate, effects$yi)
  half <- qnorm(0.975) * sqrt(effects$vi)
  expect_equal(study$lower, effects$yi - half, tolerance = 1e-14)
  expect_equal(study$upper, effects$yi + half, tolerance = 1e-14)
  # -0.4 +- 1.959964 * sqrt(0.1) = -0.4 +- 0.6198
  expect_identical(study$text_effect[1], "-0.40 [-1.02, 0.22]")
  expect_identical(study$text_n_t[1:3], c("8", "8", "10"))
  expect_identical(layout$kind[1], "header")
  expect_true(all(diff(layout$y) < 0))
})

test_that("the diamond and the bar are the fit's own numbers", {
  fit <- fit_of(drawn_ten())
  layout <- layout_of(fit)
  pooled <- rows_of(layout, "pooled")
  wide <- rows_of(layout, "prediction")
  mean <- predict(fit)
  expect_identical(pooled$estimate, mean$estimate)
  expect_identical(c(pooled$lower, pooled$upper), c(mean$ci_lower, mean$ci_upper))
  expect_identical(c(wide$lower, wide$upper), c(mean$pi_lower, mean$pi_upper))
  expect_identical(pooled$label, "Pooled effect (k = 10)")
  expect_identical(wide$text_estimate, "")
  at_80 <- rows_of(layout_of(fit, level = 0.8), "pooled")
  expect_identical(at_80$lower, predict(fit, level = 0.8)$ci_lower)
})

test_that("weights are percent, and the squares' areas go with them", {
  fit <- fit_of(drawn_ten())
  study <- rows_of(layout_of(fit), "study")
  expect_equal(study$weight, weights(fit))
  expect_equal(sum(study$weight), 100)
  large <- study$size > 0.8
  expect_equal(
    study$size[large]^2 / max(study$size)^2,
    study$weight[large] / max(study$weight)
  )
})

test_that("effects alone have no diamond, no weights, squares by precision", {
  effects <- drawn_ten()
  layout <- layout_of(effects)
  expect_setequal(layout$kind, c("header", "study"))
  expect_true(all(is.na(layout$weight)))
  expect_false("weight" %in% page_of(layout)$columns$name)
  expect_identical(which.max(rows_of(layout, "study")$size), which.min(effects$vi))
})

test_that("with moderators there is no diamond, but their test", {
  effects <- drawn_ten(dose = 1:10)
  layout <- layout_of(fit_of(effects, mods = ~dose))
  expect_false(any(c("pooled", "prediction") %in% layout$kind))
  words <- paste(rows_of(layout, "heterogeneity")$label, collapse = " ")
  expect_match(words, "Residual heterogeneity: tau2 =")
  expect_match(words, "Moderators ~dose: F(1, 8) =", fixed = TRUE)
})

test_that("k = 1, k = 2 and identical effects are drawn", {
  one <- layout_of(fit_of(drawn_effects(-0.5, 0.1), method = "EE"))
  expect_identical(rows_of(one, "pooled")$estimate, -0.5)
  expect_false("prediction" %in% one$kind)
  two <- layout_of(fit_of(drawn_effects(c(0, 1), c(0.1, 0.1))))
  expect_true(rows_of(two, "pooled")$clip_upper)
  same <- layout_of(fit_of(drawn_effects(rep(-0.5, 4), rep(0.1, 4))))
  expect_true(all(rows_of(same, "study")$text_estimate == "-0.50"))
  exact <- page_of(layout_of(drawn_effects(c(0, 0), c(0, 0))))
  expect_true(diff(exact$axis$limits) > 0)
})

test_that("rows without an effect keep their place and say why", {
  effects <- drawn_ten()
  effects$yi[4] <- NA
  effects$reason[4] <- "no control group"
  effects$pooled[4] <- FALSE
  layout <- layout_of(fit_of(effects))
  study <- rows_of(layout, "study")
  expect_identical(study$row, 1:10)
  expect_identical(study$note[4], "no effect: no control group")
  expect_identical(study$text_effect[4], "")
  expect_identical(rows_of(layout, "pooled")$label, "Pooled effect (k = 9)")
  cells <- forest_cells(layout, page_of(layout))
  expect_identical(cells$colour[cells$text == "no effect: no control group"], "quiet")
})

test_that("rows that stay out of the pool are hollow, without weight, and explained", {
  effects <- drawn_ten()
  effects$pooled[2] <- FALSE
  effects$reason[2] <- "the sham is worse than the diseased control"
  layout <- layout_of(fit_of(effects))
  study <- rows_of(layout, "study")
  expect_identical(which(study$hollow), 2L)
  expect_identical(study$text_weight[2], "")
  expect_match(
    rows_of(layout, "caption")$label,
    "Hollow: kept out of the pooled effect (the sham is worse", fixed = TRUE
  )
})

test_that("the order of rows is what was asked for", {
  effects <- drawn_ten()
  fit <- fit_of(effects)
  rows <- function(order) rows_of(layout_of(fit, order = order), "study")$row
  expect_identical(rows("estimate"), order(effects$yi))
  expect_identical(rows("weight"), order(effects$vi, seq_len(10)))
  effects$study <- rev(effects$study)
  expect_identical(rows_of(layout_of(effects, order = "label"), "study")$row, 10:1)
})

test_that("groups have headings; factors keep their order; missing groups go last", {
  cell <- factor(c("b", "a", NA, "b", "a", "a", "b", "a", "b", NA), levels = c("b", "a"))
  layout <- layout_of(fit_of(drawn_ten()), group = cell)
  expect_identical(rows_of(layout, "subgroup")$label, c("b", "a", "No group given"))
  study <- rows_of(layout, "study")
  expect_identical(study$row, c(1L, 4L, 7L, 9L, 2L, 5L, 6L, 8L, 3L, 10L))
  expect_identical(nrow(rows_of(layout, "pooled")), 1L)
  first <- layout$kind == "subgroup"
  expect_true(all(layout$stripe[which(first) + 1]))
})

test_that("a mark of simulation cannot be lost", {
  by_name <- drawn_ten(study = sprintf("Simulated %02d", 1:10))
  expect_identical(rows_of(layout_of(by_name), "caption")$label, "Simulated data")
  other <- layout_of(by_name, label = letters[1:10])
  expect_identical(rows_of(other, "caption")$label, "Simulated data")
  flagged <- drawn_ten(simulated = TRUE)
  expect_identical(rows_of(layout_of(flagged), "caption")$label, "Simulated data")
  expect_false("caption" %in% layout_of(drawn_ten())$kind)
})

test_that("dependence that was ignored is said in the picture", {
  effects <- drawn_ten(study = rep(c("a", "b", "c", "d", "e"), 2))
  layout <- layout_of(fit_of(effects))
  expect_match(rows_of(layout, "caption")$label, "5 studies with several effects")
})

test_that("the page is as wide and high as its texts and rows ask", {
  small <- page_of(layout_of(drawn_ten()))
  many <- drawn_effects(rep(0:1, 150), rep(0.1, 300), n_t = 8, n_c = 8)
  high <- page_of(layout_of(many))
  expect_equal((high$height - small$height) / small$line, 290, tolerance = 1e-12)
  wide <- page_of(layout_of(drawn_ten(study = strrep("Long name ", 1:10))))
  expect_gt(wide$width, small$width)
  capped <- page_of(layout_of(drawn_ten(study = strrep("x", 91:100))))
  expect_lte(capped$label_width, 85 + 1e-9)
})

test_that("no two text columns overlap", {
  layout <- layout_of(fit_of(drawn_ten(study = strrep("Some name ", 1:10))))
  columns <- page_of(layout)$columns
  start <- columns$x - ifelse(columns$align == "right", columns$width, 0)
  end <- start + columns$width
  for (edge in 0:1) {
    side <- columns$edge == edge
    expect_true(all(start[side][-1] >= end[side][-sum(side)] - 1e-9))
  }
  expect_true(all(end[columns$edge == 0] < 0))
  expect_true(all(start[columns$edge == 1] > 0))
})

test_that("nothing to draw, or too much, is an error", {
  expect_snapshot(error = TRUE, {
    forest(drawn_effects(c(NA_real_, NA), c(1, 1)))
    forest(drawn_ten()[0, ])
    forest(drawn_effects(rep(0.5, 5001), rep(0.1, 5001)))
  })
})

test_that("weights of a multilevel fit are those that rows have in the pooled effect", {
  fit <- pool_effects(multilevel_effects(), random = ~ 1 | study)
  source <- forest_source(fit, NULL)
  expect_equal(sum(source$weight), 100, tolerance = 1e-10)
  expect_equal(sum(source$weight * fit$yi) / 100, fit$beta[[1]], tolerance = 1e-10)
  # of rows whose errors correlate by nearly 1 the less precise has a weight below 0
  table <- data.frame(study = rep(1:4, each = 2), yi = 1:8 / 10, vi = rep(c(.01, .09), 4))
  effects <- multilevel_effects(table, rho = 0.95)
  fit <- pool_effects(effects, random = ~ 1 | study)
  source <- forest_source(fit, NULL)
  expect_lt(min(source$weight), 0)
  expect_no_warning(forest(fit))
})
