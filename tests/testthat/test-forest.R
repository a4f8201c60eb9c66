test_that("forest() is a ggplot whose data is the layout, and opens no device", {
  withr::local_dir(withr::local_tempdir())
  plot <- forest(fit_of(drawn_ten()))
  expect_s3_class(plot, "ggplot")
  expect_s3_class(plot$data, "mv_forest_layout")
  expect_s3_class(plot + ggplot2::theme(axis.text = ggplot2::element_blank()), "ggplot")
  expect_length(list.files(), 0)
})

test_that("columns are arguments by name", {
  effects <- drawn_ten(cell = rep(c("bone", "cord"), 5), lab = LETTERS[1:10])
  plot <- forest(effects, group = cell, label = lab)
  expect_identical(rows_of(plot$data, "subgroup")$label, c("bone", "cord"))
  expect_identical(rows_of(plot$data, "study")$label[1:2], c("A", "C"))
  expect_identical(rows_of(plot$data, "header")$label, "Lab")
  fit <- forest(fit_of(effects), group = cell, title = "All cells")
  expect_identical(rows_of(fit$data, "title")$label, "All cells")
})

test_that("wrong arguments are named", {
  effects <- drawn_ten(cell = "bone")
  expect_snapshot(error = TRUE, {
    forest(effects, group = cells)
    forest(effects, group = "cell")
    forest(effects, scale = "percentage")
    forest(effects, order = "size")
    forest(effects, level = 95)
    forest(effects, base_size = 0)
  })
  expect_error(forest(effects, colour = "red"), class = "rlib_error_dots_nonempty")
})

test_that("every kind of picture is drawn without a warning", {
  file <- withr::local_tempfile(fileext = ".png")
  effects <- drawn_ten()
  effects$yi[1] <- NA
  effects$pooled[1:2] <- FALSE
  effects$vi[3] <- 900
  effects$greater_is_worse <- TRUE
  draw <- function(...) expect_no_warning(save_forest(..., file = file, dpi = 40))
  draw(fit_of(effects), band = c(-1, -0.5), title = "T", order = "weight")
  draw(effects)
  draw(fit_of(drawn_effects(c(0, 1), c(0.1, 0.1))))
  draw(fit_of(drawn_effects(c(0.2, 1), c(0.1, 0.1), "ROM")))
  draw(fit_of(drawn_ten(study = strrep("Very long ", 11:20))))
})

in_fresh_r <- function(code) {
  libraries <- paste(deparse(.libPaths()), collapse = "")
  code <- c(
    paste0(".libPaths(", libraries, ")"),
    "yi <- c(0.1, 0.5, 0.3); vi <- c(0.1, 0.1, 0.2)",
    "e <- structure(data.frame(study = letters[1:3], measure = 'SMD', yi = yi, vi = vi),",
    "  class = c('mv_effects', 'data.frame'))", code
  )
  file <- withr::local_tempfile(lines = code, fileext = ".R")
  rscript <- file.path(R.home("bin"), "Rscript")
  suppressWarnings(
    system2(rscript, c("--vanilla", shQuote(file)), stdout = TRUE, stderr = TRUE)
  )
}

skip_unless_installed_here <- function(package) {
  skip_on_cran()
  skip_if_not_installed(package)
  skip_if_not_installed("metavivo")
}

for (package in c("metafor", "meta")) {
  test_that(paste(package, "attached before or after does not matter"), {
    skip_unless_installed_here(package)
    ask <- "cat('\\nis', inherits(forest(e), 'ggplot'), '\\n')"
    attach <- sprintf("suppressMessages(library(%s))", c("metavivo", package))
    expect_true("is TRUE " %in% in_fresh_r(c(attach, ask)))
    expect_true("is TRUE " %in% in_fresh_r(c(rev(attach), ask)))
  })
}

test_that("objects of metafor go to metafor, from the user's own frame", {
  skip_unless_installed_here("metafor")
  code <- c(
    "suppressMessages({library(metafor); library(metavivo)})", "pdf(NULL)",
    "f <- function() { own_y <- yi; own_v <- vi; forest(own_y, vi = own_v) }",
    "fit <- rma(yi, vi)", "cat('\\nxlim', length(f()$xlim), length(forest(fit)$xlim))",
    "cat('\\nown', identical(environmentName(environment(forest)), 'metavivo'), '\\n')"
  )
  found <- in_fresh_r(code)
  expect_true("xlim 2 2" %in% found)
  expect_true("own TRUE " %in% found)
})

test_that("what nobody can draw is an error", {
  skip_unless_installed_here("metavivo")
  found <- in_fresh_r(c("options(cli.unicode = FALSE)", "metavivo::forest(1:3)"))
  expect_match(found, "`forest()` draws <mv_fit> and", fixed = TRUE, all = FALSE)
  expect_match(found, "load that package first", all = FALSE)
})

test_that("pictures look as they did", {
  skip_unless_snapshot_versions()
  vdiffr::expect_doppelganger("fit", forest(fit_of(drawn_ten())))
  ratio <- drawn_ten(measure = "ROM", greater_is_worse = TRUE)
  vdiffr::expect_doppelganger("ratio with a band", forest(fit_of(ratio), c(-60, -40)))
  grouped <- drawn_ten(cell = rep(c("bone", "cord"), 5))
  grouped$yi[4] <- NA
  grouped$yi[5] <- 60
  grouped$pooled[4] <- FALSE
  vdiffr::expect_doppelganger("groups", forest(grouped, group = cell, title = "By cell"))
})

test_that("text in a wrong encoding and odd titles do not stop the drawing late", {
  effects <- drawn_ten()
  effects$label <- c("M\xfcller", letters[1:9])
  file <- withr::local_tempfile(fileext = ".png")
  expect_no_error(save_forest(effects, file, label = label))
  expect_error(forest(effects, title = c("a", "b")), "one text", class = "mv_error_type")
})

test_that("a negative variance is no effect, and no warning", {
  effects <- drawn_effects(1:3, 1)
  effects$vi[2] <- -1
  expect_no_warning(layout <- layout_of(effects))
  expect_identical(rows_of(layout, "study")$note[2], "no effect")
})
