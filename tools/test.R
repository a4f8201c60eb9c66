# Runs testthat on a copy of the tests, against the installed metavivo.
#
#   Rscript test.R <copy> <original> [filter]
#
# Counts expectations. With CI=true a missing package to compare with is a failure, and so
# is a snapshot that is not committed.

oracles <- c("metafor", "clubSandwich", "metadat")

run_tests <- function(path, filter) {
  reporter <- testthat::ProgressReporter$new(show_praise = FALSE, max_failures = Inf)
  testthat::test_dir(
    path,
    filter = filter, package = "metavivo", load_package = "installed",
    reporter = reporter, stop_on_failure = FALSE
  )
}

# One row a skip: file, test, reason.
skips <- function(results) {
  rows <- lapply(results, \(test) {
    skipped <- Filter(\(x) inherits(x, "expectation_skip"), test$results)
    reason <- vapply(skipped, conditionMessage, "")
    data.frame(
      file = rep(test$file, length(reason)), test = rep(test$test, length(reason)),
      reason = sub("^Reason: ", "", reason)
    )
  })
  do.call(rbind, rows)
}

print_skips <- function(skipped) {
  if (NROW(skipped) == 0) return(invisible())
  cat("\nSkipped:\n")
  cat(sprintf("  %s, \"%s\": %s\n", skipped$file, skipped$test, skipped$reason), sep = "")
}

missing_oracles <- function() {
  is_there <- vapply(oracles, \(x) nzchar(system.file(package = x)), NA)
  oracles[!is_there]
}

# Snapshots that the run wrote because none was there.
new_snapshots <- function(copy, original) {
  list_files <- \(path) list.files(file.path(path, "_snaps"), recursive = TRUE)
  files <- setdiff(list_files(copy), list_files(original))
  files <- files[!grepl("[.]new[.][^.]*$", files)]
  same <- intersect(list_files(copy), list_files(original))
  in_copy <- file.path(copy, "_snaps", same)
  longer <- lengths(lapply(in_copy, readLines, warn = FALSE)) >
    lengths(lapply(file.path(original, "_snaps", same), readLines, warn = FALSE))
  c(files, same[longer])
}

# What CI does not forgive, a line each.
strict_failures <- function(copy, original) {
  if (!identical(Sys.getenv("CI"), "true")) return(character())
  c(
    sprintf("%s is not installed, and CI compares with it", missing_oracles()),
    sprintf("tests/testthat/_snaps/%s is not committed", new_snapshots(copy, original))
  )
}

write_counts <- function(counts) {
  file <- Sys.getenv("METAVIVO_COUNTS")
  if (nzchar(file)) writeLines(as.character(counts), file)
}

arguments <- commandArgs(trailingOnly = TRUE)
if (!nzchar(system.file(package = "testthat"))) {
  stop("The tests need the R package testthat, and it could not be installed.")
}
absent <- missing_oracles()
if (length(absent) > 0) {
  cat("Not there, so the tests that compare with them are skipped:", absent, "\n")
}
results <- run_tests(arguments[1], if (length(arguments) > 2) arguments[3])
table <- as.data.frame(results)
strict <- strict_failures(arguments[1], arguments[2])
skipped <- skips(results)
print_skips(skipped)
cat(sprintf("Failed: %s\n", strict), sep = "")
counts <- c(
  sum(table$passed), sum(table$failed) + sum(table$error) + length(strict), NROW(skipped)
)
write_counts(counts)
cat(sprintf("%d passed, %d failed, %d skipped\n", counts[1], counts[2], counts[3]))
quit(status = as.integer(counts[2] > 0))
