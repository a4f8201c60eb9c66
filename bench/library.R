# What attaching each package adds to R's own start.
#   Rscript bench/library.R
start_seconds <- function(code, times = 9) {
  rscript <- file.path(R.home("bin"), "Rscript")
  arguments <- c("-e", shQuote(code))
  run <- \() system.time(system2(rscript, arguments, stdout = FALSE, stderr = FALSE))
  run()
  stats::median(vapply(seq_len(times), \(i) run()[["elapsed"]], 0))
}
bare <- start_seconds("invisible()")
for (package in c("metavivo", "metafor", "meta")) {
  if (!requireNamespace(package, quietly = TRUE)) next
  seconds <- start_seconds(sprintf("library(%s)", package))
  cat(sprintf("library(%s): %.3f s over R's own start\n", package, seconds - bare))
}
