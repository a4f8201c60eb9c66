# Multilevel models beside metafor in the same run, and one of 10^6 effects alone.
#   Rscript bench/multilevel.R [small] [large] [crossed] [million]
#
# small: 3 levels, k = 1,000, V diagonal and in blocks. large: k = 2,000, V diagonal, for
# which metafor takes minutes, once. crossed: 10 strains beside 400 studies, k = 2,000,
# once. million: 10^6 effects in 2 * 10^5 studies, V in blocks, in a process of its own.
# Without a word small, crossed and million. Processor's (user and system) and elapsed
# time, medians.
suppressPackageStartupMessages(library(metavivo))
source("bench/multilevel_data.R")

three_levels <- ~ 1 | study / .row
with_strains <- list(~ 1 | study / .row, ~ 1 | strain)

# ---- time ----------------------------------------------------------------------------

# Short calls in batches, so that the clock's step does not matter.
median_time <- function(run, times = 7, batch = 1) {
  if (times > 1) run()
  seconds <- replicate(times, {
    taken <- system.time(for (i in seq_len(batch)) run())
    c(taken[[1]] + taken[[2]], taken[[3]])
  })
  1000 * apply(seconds, 1, stats::median) / batch
}

# The core alone: the problem is made before.
core_call <- function(fit) {
  problem <- metavivo:::multilevel_problem(fit)
  free <- as.integer(fit$parameters$free)
  start <- numeric(length(free))
  \() .Call(metavivo:::mv_multilevel_fit, problem, free, start, FALSE, TRUE,
    TRUE)
}

# ---- metafor -------------------------------------------------------------------------

their_random <- function(random) {
  if (is.list(random)) return(list(~ 1 | study / row, ~ 1 | strain))
  ~ 1 | study / row
}

their_fit <- function(effects, random, sparse) {
  data <- as.data.frame(effects)
  data$row <- seq_len(nrow(data))
  V <- vcov(effects, form = if (sparse) "sparse" else "dense")
  if (sparse) V <- methods::as(V, "generalMatrix")
  \() metafor::rma.mv(yi, V, random = their_random(random), data = data, sparse = sparse)
}

# ---- one line of the table -----------------------------------------------------------

both_ways <- c(dense = FALSE, sparse = TRUE)

compare <- function(work, effects, random, times, ways = both_ways) {
  fit <- pool_effects(effects, random = random)
  whole <- median_time(\() pool_effects(effects, random = random), batch = 20)
  core <- median_time(core_call(fit), batch = 20)
  rows <- lapply(names(ways), \(way) {
    run <- their_fit(effects, random, ways[[way]])
    theirs <- NULL
    took <- median_time(\() theirs <<- run(), times)
    data.frame(
      work = work, metafor = way, metafor_ms = signif(took[1], 3),
      whole_ms = signif(whole[1], 3), ratio = signif(took[1] / whole[1], 2),
      core_ms = signif(core[1], 3), core_ratio = signif(took[1] / core[1], 2),
      elapsed_ms = paste(signif(c(took[2], whole[2], core[2]), 3), collapse = ", "),
      loglik_above = signif(fit$loglik[["reml"]] - as.numeric(stats::logLik(theirs)), 2)
    )
  })
  table <- do.call(rbind, rows)
  print(table, row.names = FALSE, width = 200)
}

small <- function() {
  # dense matrices take half a minute a fit
  for (V in c("diagonal", "block")) {
    work <- sprintf("3 levels, k = 1,000, V %s", V)
    effects <- simulated_effects(200, V)
    compare(work, effects, three_levels, 1, c(dense = FALSE))
    compare(work, effects, three_levels, 3, c(sparse = TRUE))
  }
}

large <- function() {
  compare("3 levels, k = 2,000, V diagonal", simulated_effects(400, "diagonal"),
    three_levels, 1)
}

crossed <- function() {
  compare("10 strains crossed with studies, k = 2,000, V block",
    simulated_effects(400, "block"), with_strains, 1)
}

# ---- 10^6 effects --------------------------------------------------------------------

# Peak memory of this process so far, in MB.
peak_mb <- function() {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.double(gsub("\\D", "", line)) / 1024
}

now_mb <- function() {
  line <- grep("^VmRSS", readLines("/proc/self/status"), value = TRUE)
  as.double(gsub("\\D", "", line)) / 1024
}

# The kernel's high-water mark is of the whole process, so the table is made in another.
million <- function() {
  file <- tempfile(fileext = ".rds")
  saveRDS(simulated_effects(2e5, "block"), file, compress = FALSE)
  rscript <- file.path(R.home("bin"), "Rscript")
  system2(rscript, c("bench/multilevel.R", "fit", file))
  unlink(file)
}

fit_of_file <- function(file) {
  effects <- readRDS(file)
  invisible(pool_effects(effects[1:100, ], random = three_levels))
  invisible(gc())
  before <- now_mb()
  took <- system.time(fit <- pool_effects(effects, random = three_levels))
  above <- peak_mb() - before
  columns <- c("study", "yi", "vi")
  input <- as.double(utils::object.size(unclass(effects)[columns])) / 2^20
  problem <- as.double(utils::object.size(fit$pairs)) / 2^20
  table <- as.double(utils::object.size(effects)) / 2^20
  cat(sprintf("k = %d in %d studies, V in blocks, %d covariances\n", fit$k,
    fit$components$levels[1], length(fit$pairs$i)))
  cat(sprintf("pool_effects(): user %.2f s, system %.2f s, elapsed %.2f s\n", took[[1]],
    took[[2]], took[[3]]))
  cat(sprintf("peak %.0f MB above what was there; ", above))
  cat(sprintf("the table takes %.0f MB; study, yi, vi %.0f MB; covariances %.0f MB\n",
    table, input, problem))
  core <- median_time(core_call(fit), 3)
  cat(sprintf("C call alone: processor %.2f s, elapsed %.2f s\n", core[1] / 1000,
    core[2] / 1000))
}

# ---- what is asked -------------------------------------------------------------------

asked <- commandArgs(TRUE)
if (length(asked) == 2 && asked[1] == "fit") {
  fit_of_file(asked[2])
} else {
  if (length(asked) == 0) asked <- c("small", "crossed", "million")
  for (word in asked) {
    switch(word, small = small(), large = large(), crossed = crossed(),
      million = million(), stop("Unknown word: ", word))
  }
  cat(sprintf("%s, BLAS %s, metafor %s\n", R.version.string,
    basename(extSoftVersion()[["BLAS"]]), utils::packageVersion("metafor")))
}
