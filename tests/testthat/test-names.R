# R loads the files of a package one after another: of two functions of one name the later
# hides the earlier, without a word.

test_that("no name is given twice in the R files", {
  root <- Sys.getenv("METAVIVO_SOURCE", test_path("..", ".."))
  files <- list.files(file.path(root, "R"), "[.]R$", full.names = TRUE)
  skip_if(length(files) == 0, "the source is not there")
  names <- unlist(lapply(files, \(file) {
    calls <- as.list(parse(file, keep.source = FALSE))
    given <- Filter(\(call) is.call(call) && is.name(call[[1]]) && call[[1]] == "<-" &&
                      is.name(call[[2]]), calls)
    vapply(given, \(call) as.character(call[[2]]), "")
  }))
  expect_gt(length(names), 500)
  expect_identical(names[duplicated(names)], character())
})
