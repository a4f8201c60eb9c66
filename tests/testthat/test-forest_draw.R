# The picture of a forest layout: which layers there are, and with which numbers.

drawing_of <- function(x, ...) draw_forest(forest_layout(x, ...))

# Data of the layers with a geom, as they are drawn.
layers_of <- function(plot, geom) {
  is <- vapply(plot$layers, \(layer) inherits(layer$geom, geom), NA)
  lapply(which(is), \(i) ggplot2::layer_data(plot, i))
}

test_that("squares stand at the estimates, whiskers from end to end", {
  effects <- drawn_ten()
  layout <- forest_layout(effects)
  plot <- draw_forest(layout)
  study <- rows_of(layout, "study")
  points <- do.call(rbind, layers_of(plot, "GeomPoint"))
  expect_setequal(points$x, effects$yi)
  expect_equal(points$size[order(points$y)], study$size[order(study$y)])
  whisker <- whiskers(study, "x_lower", "x_upper")
  expect_identical(rlang::as_name(whisker$mapping$x), "x_lower")
  segments <- do.call(rbind, lapply(layers_of(plot, "GeomSegment"), \(x) {
    x[c("x", "xend", "y", "yend")]
  }))
  for (row in seq_len(nrow(study))) {
    own <- segments[segments$y == study$y[row] & segments$yend == study$y[row], ]
    expect_true(any(own$x == study$x_lower[row] & own$xend == study$x_upper[row]))
  }
})

test_that("the diamond's corners are the estimate and the interval", {
  fit <- fit_of(drawn_ten())
  layout <- forest_layout(fit)
  pooled <- rows_of(layout, "pooled")
  corners <- layers_of(draw_forest(layout), "GeomPolygon")[[1]]
  expect_equal(range(corners$x), unname(c(fit$ci_lower, fit$ci_upper)))
  expect_equal(corners$x[c(2, 4)], rep(unname(fit$beta), 2), tolerance = 1e-12)
  expect_equal(mean(corners$y), pooled$y)
  expect_length(layers_of(drawing_of(drawn_ten()), "GeomPolygon"), 0)
})

test_that("rows out of the pool are hollow, those beyond the axis only an arrow", {
  effects <- drawn_ten()
  effects$pooled[2] <- FALSE
  points <- layers_of(drawing_of(fit_of(effects)), "GeomPoint")
  expect_length(points, 2)
  expect_identical(unique(points[[2]]$fill), "white")
  expect_equal(points[[2]]$x, effects$yi[2])
  layout <- forest_layout(drawn_ten(), xlim = c(-0.7, 0.7))
  inside <- do.call(rbind, layers_of(draw_forest(layout), "GeomPoint"))
  study <- rows_of(layout, "study")
  expect_setequal(inside$x, study$estimate[!study$outside])
  expect_true(any(study$outside))
})

test_that("an arrow is drawn where the axis cuts, and nowhere else", {
  data <- data.frame(x_lower = 0, x_upper = 1, y = 1)
  expect_null(arrow_layer(data[0, ], "x_lower", "x_upper"))
  layer <- arrow_layer(data, "x_upper", "x_lower")
  expect_identical(rlang::as_name(layer$mapping$xend), "x_lower")
  expect_s3_class(layer$geom_params$arrow, "arrow")
  expect_null(squares(data[0, ], "white"))
})

test_that("the band is cut at the axis, and covers the rows", {
  page <- list(axis = list(band = c(-9, 0.5), limits = c(-1, 1)))
  layout <- forest_layout(drawn_ten())
  layer <- band_layer(page, layout)
  drawn <- ggplot2::layer_data(ggplot2::ggplot() + layer)
  expect_equal(c(drawn$xmin, drawn$xmax), c(-1, 0.5))
  expect_equal(c(drawn$ymin, drawn$ymax), body_range(layout))
  page$axis$band <- NULL
  expect_null(band_layer(page, layout))
})

test_that("the line of no effect is there where the axis shows it", {
  layout <- forest_layout(drawn_ten())
  zero <- ggplot2::layer_data(
    ggplot2::ggplot() + zero_layer(layout, list(axis = list(shows_zero = TRUE)))
  )
  expect_equal(c(zero$x, zero$xend), c(0, 0))
  expect_null(zero_layer(layout, list(axis = list(shows_zero = FALSE))))
})

test_that("the plotting area holds every row that is drawn, and not the header", {
  layout <- forest_layout(fit_of(drawn_ten()))
  body <- body_range(layout)
  drawn <- layout[layout$kind %in% c("study", "pooled", "prediction"), ]
  expect_true(all(drawn$y > body[1] & drawn$y < body[2]))
  expect_lte(body[2], min(layout$y[layout$kind == "header"]))
})

test_that("a row without an effect has a clear ground", {
  effects <- drawn_ten()
  expect_null(blank_layer(forest_layout(effects)))
  effects$yi[4] <- NA
  layout <- forest_layout(effects)
  row <- rows_of(layout, "study")[4, ]
  drawn <- ggplot2::layer_data(ggplot2::ggplot() + blank_layer(layout))
  expect_equal(c(drawn$ymin, drawn$ymax), row$y + c(-1, 1) * row$height / 2)
})

test_that("a text that is wider than its room makes all smaller, by the tightest", {
  withr::local_pdf(NULL)
  grid::grid.newpage()
  font <- grid::gpar(fontsize = 10)
  text <- c("short", "rather a long text")
  width <- true_width(text, font)
  cells <- data.frame(face = "plain", room = c(1e3, width[2] / 2), scale = 1)
  expect_equal(tightest(text, cells, font), 0.5)
  expect_gt(width[2], 2 * width[1])
  cells$room <- 1e3
  # room to spare makes none larger
  expect_equal(tightest(text, cells, font), 1)
})

test_that("axis and page are those of the layout", {
  layout <- forest_layout(drawn_ten(), xlim = c(-2, 2))
  plot <- draw_forest(layout)
  expect_identical(plot$coordinates$limits$x, page_of(layout)$axis$limits)
  expect_equal(plot$coordinates$limits$y[2], max(layout$y + layout$height / 2))
  expect_identical(plot$labels$x, page_of(layout)$axis$title)
})
