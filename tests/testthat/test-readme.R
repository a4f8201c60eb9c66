# The example in README.md runs as written and prints what README.md shows. The file is
# beside the tests in the source only: METAVIVO_SOURCE tells where, else two folders up.

readme_lines <- function() {
  root <- Sys.getenv("METAVIVO_SOURCE", test_path("..", ".."))
  file <- file.path(root, "README.md")
  skip_if_not(file.exists(file), "README.md is not in the built package")
  readLines(file, encoding = "UTF-8")
}

# Lines of the first block that `open` begins, from line `after` on.
block_after <- function(lines, open, after = 0) {
  from <- which(lines == open & seq_along(lines) > after)[1]
  to <- which(lines == "```" & seq_along(lines) > from)[1]
  list(lines = lines[seq_len(to - from - 1) + from], end = to)
}

printed_by <- function(code) {
  env <- new.env(parent = globalenv())
  utils::capture.output(suppressMessages(for (call in parse(text = code))  {
    value <- withVisible(eval(call, env))
    if (value$visible) print(value$value)
  }))
}

test_that("the examples in README.md print what README.md shows", {
  lines <- readme_lines()
  withr::local_dir(withr::local_tempdir())
  after <- 0
  for (example in seq_len(sum(lines == "```r"))) {
    code <- block_after(lines, "```r", after)
    shown <- block_after(lines, "```", code$end)
    expect_equal(printed_by(code$lines), shown$lines)
    after <- shown$end
  }
  expect_true(file.exists("amyloid.png"))
})
