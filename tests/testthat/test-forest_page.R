# The page of a forest plot: its columns in mm, and what stands in each cell.

ten_pages <- function(...) forest_layout(fit_of(drawn_ten(...)))

columns_of <- function(layout) page_of(layout)$columns

test_that("columns are labels, animals, effect with interval, and weight", {
  layout <- ten_pages()
  expect_identical(columns_of(layout)$name,
    c("label", "n_t", "n_c", "estimate", "lower", "upper", "weight")
  )
  expect_identical(unique(columns_of(layout)$edge), c(0, 1))
  bare <- drawn_ten()
  bare$n_t <- bare$n_c <- NULL
  expect_identical(columns_of(forest_layout(bare))$name,
    c("label", "estimate", "lower", "upper")
  )
})

test_that("the columns beside the panel are as wide as the page leaves for them", {
  page <- page_of(ten_pages())
  left <- page$columns[page$columns$edge == 0, ]
  expect_equal(page$left, sum(left$width) + column_gap * nrow(left))
  expect_equal(page$width, page$left + panel_width + page$right + 4)
  # the labels begin at the left end; the numbers end a gap before the panel
  expect_equal(min(left$x), -page$left)
  expect_equal(max(left$x), -column_gap)
  right <- page$columns[page$columns$edge == 1, ]
  expect_true(all(right$x <= page$right))
})

test_that("a longer label widens its column, up to what the user allows", {
  wide <- \(study, ...) {
    page_of(forest_layout(drawn_ten(study = study), ...))$label_width
  }
  short <- wide(letters[1:10])
  long <- wide(paste("A study with a long name, number", 1:10))
  expect_gt(long, short)
  longest <- wide(strrep("A study with an endless name ", 10:19), label_width = 60)
  expect_lte(longest, 60 + 1e-9)
})

test_that("every number has a cell in the room of its column", {
  layout <- ten_pages()
  page <- page_of(layout)
  cells <- forest_cells(layout, page)
  study <- rows_of(layout, "study")
  estimate <- page$columns[page$columns$name == "estimate", ]
  own <- cells[cells$x == estimate$x & cells$edge == 1 & cells$y %in% study$y, ]
  expect_setequal(own$text, study$text_estimate)
  expect_true(all(own$hjust == 1))
  expect_true(all(text_width(own$text, page$size) <= own$room + 1e-9))
  ends <- cells$text[cells$y == study$y[1] & grepl("[],]$", cells$text)]
  expect_identical(ends, c(paste0("[", study$text_lower[1], ","),
    paste0(study$text_upper[1], "]")))
  expect_false(any(cells$text == ""))
})

test_that("the pooled line is bold, headings are, words below are quiet", {
  effects <- drawn_ten(strain = rep(c("u", "v"), 5))
  layout <- forest_layout(fit_of(effects), group = "strain")
  cells <- forest_cells(layout, page_of(layout))
  face_of <- \(kind) unique(cells$face[cells$text %in% rows_of(layout, kind)$label])
  expect_identical(face_of("pooled"), "bold")
  expect_identical(face_of("subgroup"), "bold")
  expect_identical(face_of("study"), "plain")
  words <- cells[cells$text %in% rows_of(layout, "heterogeneity")$label, ]
  expect_identical(unique(words$colour), "quiet")
  expect_true(all(words$scale == word_scale[["heterogeneity"]]))
  # rows of a group are set in
  label <- page_of(layout)$columns$x[1]
  first <- cells[cells$text == rows_of(layout, "study")$label[1], ]
  expect_equal(first$x, label + subgroup_indent)
})

test_that("a row without an effect has its reason in the panel", {
  effects <- drawn_ten()
  effects$yi[3] <- NA
  effects$reason[3] <- "no control group"
  layout <- forest_layout(effects)
  cells <- forest_cells(layout, page_of(layout))
  note <- cells[grepl("no control group", cells$text), ]
  expect_identical(c(note$face, note$colour), c("italic", "quiet"))
  expect_identical(c(note$x, note$edge), c(1, 0))
  expect_equal(note$y, rows_of(layout, "study")$y[3])
})

test_that("ends of intervals have brackets, empty ones none", {
  expect_identical(open_end(c("1.0", "")), c("[1.0,", ""))
  expect_identical(close_end(c("2.0", "")), c("2.0]", ""))
  expect_identical(text_width_max(character(), 9), 0)
  expect_null(text_cell(character(), 1, 1, 0, 0, 1))
})

test_that("the height grows by a line a row, and by what stands below the axis", {
  few <- ten_pages()
  page <- page_of(few)
  more <- few
  more$y[1] <- more$y[1] + 5
  expect_equal(page_height(more, page) - page_height(few, page), 5 * page$line)
  lower <- few
  lower$y[nrow(lower)] <- min(lower$y) - 30
  expect_gt(below_axis(lower, page), below_axis(few, page))
  expect_equal(below_axis(few[few$kind == "study", ], page), page$axis_height)
})
