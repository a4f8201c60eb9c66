test_that("each type of file is written, on a page that fits", {
  folder <- withr::local_tempdir()
  for (type in c("png", "pdf", "svg")) {
    file <- file.path(folder, paste0("plot.", type))
    expect_identical(expect_invisible(save_forest(fit_of(drawn_ten()), file)), file)
    expect_gt(file.size(file), 1000)
  }
  expect_false(file.exists(file.path(folder, "Rplots.pdf")))
  expect_identical(unname(grDevices::dev.cur()), 1L)
})

test_that("300 rows make a high page, not small text", {
  ten <- page_size(forest(drawn_ten()), NULL, NULL)
  effects <- drawn_effects(rep(0:1, 150), rep(0.1, 300), n_t = 10, n_c = 10)
  many <- page_size(forest(effects), NULL, NULL)
  expect_equal(many[1], ten[1], tolerance = 0.05)
  line <- 9 * 1.62 / 72.27
  expect_equal(many[2] - ten[2], 290 * line, tolerance = 1e-10)
})

test_that("a plot that was changed by hand is saved as it is", {
  file <- withr::local_tempfile(fileext = ".png")
  plot <- forest(drawn_ten()) + ggplot2::theme(axis.text = ggplot2::element_blank())
  expect_identical(save_forest(plot, file, width = 9, height = 4, dpi = 50), file)
  size <- readBin(file, "raw", 24)[17:24]
  expect_identical(readBin(size, "integer", 2, endian = "big"), c(450L, 200L))
})

test_that("arguments of forest() go through", {
  file <- withr::local_tempfile(fileext = ".svg")
  effects <- drawn_ten(cell = rep(c("bone", "cord"), 5))
  save_forest(effects, file, group = cell, title = "By cell")
  expect_match(paste(readLines(file), collapse = ""), "By cell|glyph")
})

test_that("wrong files, folders and sizes are named", {
  effects <- drawn_ten()
  expect_snapshot(error = TRUE, {
    save_forest(effects, "plot.tiff")
    save_forest(effects, "plot")
    save_forest(effects, c("a.png", "b.png"))
    save_forest(effects, file.path("no", "such", "folder", "plot.png"))
    save_forest(effects, "plot.png", width = 3)
    save_forest(drawn_effects(rep(0:1, 600), rep(0.1, 1200)), "plot.png")
    save_forest(ggplot2::ggplot(), "plot.png")
  })
  expect_false(file.exists("plot.png"))
})

test_that("one effect has a page", {
  file <- withr::local_tempfile(fileext = ".png")
  save_forest(as_effects(yi = 0.5, vi = 0.1, study = "A"), file)
  expect_gt(file.size(file), 1000)
})
