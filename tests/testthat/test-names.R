# Of two functions of one name in a package the one read last hides the other.
test_that("no function of the package hides another", {
  root <- Sys.getenv("METAVIVO_SOURCE", test_path("..", ".."))
  files <- list.files(file.path(root, "R"), "[.]R$", full.names = TRUE)
  skip_if(length(files) == 0, "without the source")
  names <- unlist(lapply(files, \(file) assigned_names(parse(file, keep.source = FALSE))))
  expect_gt(length(names), 500)
  expect_identical(names[duplicated(names)], character())
})
