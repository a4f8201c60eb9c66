# pool_effects() beside metafor::rma() on every data set of metadat that can be turned
# into effects with independent rows. Writes validation/metafor.md. About four minutes.
#
#   R_LIBS=<library with metavivo, metafor and metadat> Rscript validation/metafor.R
#
# The recipes and the comparison are those of the tests:
# tests/testthat/helper-metadat.R, helper-metafor.R and helper-exact.R.

for (name in c("metadat", "metafor", "exact")) {
  source(file.path("tests", "testthat", paste0("helper-", name, ".R")))
}
source("validation/tables.R")
library(metavivo)

# ---- the three runs --------------------------------------------------------------------

set_names <- vapply(metadat_recipes, `[[`, "", "set")

run <- function(f) {
  found <- lapply(metadat_recipes, \(recipe) {
    cat(recipe$set, "")
    f(recipe)
  })
  cat("\n")
  do.call(rbind, found)
}

# rma() as it comes: whole Fisher steps, absolute threshold.
as_it_comes <- function(recipe) {
  effects <- metadat_effects(recipe)
  with <- with_moderator(effects)
  rbind(
    default_fit(recipe$set, effects, ~1, "REML"),
    default_fit(recipe$set, effects, ~1, "ML"),
    default_fit(recipe$set, with, ~x, "REML"),
    default_fit(recipe$set, with, ~x, "ML")
  )
}

default_fit <- function(set, effects, mods, method) {
  ours <- pool_effects(effects, mods, method = method, test = "z")
  said <- character()
  theirs <- tryCatch(
    withCallingHandlers(
      metafor::rma(yi, vi, mods = mods, data = effects, method = method),
      warning = \(w) {
        said <<- conditionMessage(w)
        invokeRestart("muffleWarning")
      }
    ),
    error = \(e) list(tau2 = NA_real_, failed = conditionMessage(e))
  )
  data.frame(
    set = set, mods = if (mods == ~1) "none" else "one", method = method,
    ours = ours$tau2, theirs = theirs$tau2,
    off = abs(ours$tau2 - theirs$tau2) / (ours$tau2 + ours$typical_variance),
    said = if (length(theirs$failed)) theirs$failed else toString(said)
  )
}

started <- proc.time()[["elapsed"]]
compared <- run(compare_set)
exact <- run(exact_errors)
defaults <- run(as_it_comes)
minutes <- (proc.time()[["elapsed"]] - started) / 60

# ---- the report ------------------------------------------------------------------------

largest <- function(x) if (all(is.na(x))) NA else max(x, na.rm = TRUE)

methods <- c("EE", "DL", "PM", "ML", "REML")

worst_by_quantity <- function() {
  quantities <- unique(compared$quantity)
  cells <- tapply(compared$error, compared[c("quantity", "method")], largest)
  table <- apply(cells[quantities, methods], 2, number)
  data.frame(quantity = quantities, table, row.names = NULL)
}

worst_exact <- function() {
  found <- aggregate(cbind(ours, theirs) ~ method + quantity, exact, largest,
    na.action = na.pass
  )
  found <- found[order(match(found$method, methods)), ]
  data.frame(
    method = found$method, quantity = found$quantity, metavivo = number(found$ours),
    metafor = number(found$theirs)
  )
}

sets_losing_digits <- function() {
  lost <- aggregate(theirs ~ set, exact, max)
  lost <- lost[lost$theirs > 1e-10, ]
  lost <- lost[order(-lost$theirs), ]
  paste0(sub("^dat\\.", "", lost$set), " (", number(lost$theirs), ")")
}

disagreements <- function() {
  bad <- compared[which(compared$error > compared$tolerance), ]
  if (nrow(bad) == 0) return("None.")
  bad$error <- number(bad$error)
  markdown(bad)
}

far_defaults <- function() {
  far <- defaults[is.na(defaults$off) | defaults$off > 1e-3, ]
  far <- far[order(-ifelse(is.na(far$off), Inf, far$off)), ]
  digits <- \(x) ifelse(is.na(x), "", formatC(x, format = "g", digits = 7))
  data.frame(
    set = far$set, moderators = far$mods, method = far$method,
    metavivo = digits(far$ours), metafor = digits(far$theirs),
    "metafor says" = sub("\n.*| See .*", "", far$said),
    check.names = FALSE
  )
}

sizes <- compared[!duplicated(compared[c("set", "p")]), ]
alone <- sizes[!duplicated(sizes$set), ]
fits <- nrow(unique(compared[c("set", "p", "method", "test")]))
version <- \(package) as.character(utils::packageVersion(package))
zero <- unique(compared[compared$method == "REML" & compared$tau2_is_0, c("set", "p")])

report <- c(
  "# pool_effects() beside metafor::rma()",
  "",
  sprintf(paste(
    "Written by `validation/metafor.R` with metafor %s, metadat %s, %s, in %.1f minutes.",
    "%d data sets, %d to %d independent effects; each with its intercept alone and with",
    "one moderator, %d estimators, %d tests: %d fits, %d of %d REML fits with tau2 = 0."
  ), version("metafor"), version("metadat"), R.version.string, minutes, nrow(alone),
  min(alone$k), max(alone$k), length(methods), length(unique(compared$test)), fits,
  nrow(zero), nrow(sizes)),
  "",
  "rma() ran to convergence (threshold 1e-13 of the median variance, half steps; root",
  "search to the last digit). Numeric moderators are standardised. An error is a share",
  "of the quantity's own size or standard error, tau2 of tau2 plus the typical variance,",
  "I2 of 100, a p value on the log scale by its elasticity (`scales()` in",
  "`tests/testthat/helper-metafor.R`).",
  "",
  "## Disagreements",
  "",
  paste(
    "Beyond 1e-10 (EE, DL) or 1e-7 (PM, ML, REML and the ends of tau2's interval):",
    disagreements()
  ),
  "",
  paste(
    "With the moderator as it stands (years and the like) rma() loses digits by its own",
    "rounding, beyond 1e-10 on", length(sets_losing_digits()), "sets: see below."
  ),
  "",
  "## Largest differences",
  "",
  markdown(worst_by_quantity()),
  "",
  "## Moderators as they stand, against arithmetic of 32 digits",
  "",
  "The largest error of each program over all sets (`tests/testthat/helper-exact.R`).",
  "rma() by the estimators that need no threshold.",
  "",
  markdown(worst_exact()),
  "",
  paste("rma() loses more than 1e-10 on:", toString(sets_losing_digits())),
  "",
  "## rma() as it comes",
  "",
  sprintf(paste(
    "With its own control settings, ML and REML, moderators as they stand: of %d fits %d",
    "do not converge, and %d give a tau2 that is off by more than 1e-3 of tau2 plus the",
    "typical variance:"
  ), nrow(defaults), sum(is.na(defaults$off)), sum(defaults$off > 1e-3, na.rm = TRUE)),
  "",
  markdown(far_defaults()),
  "",
  "## The sets",
  "",
  markdown(data.frame(
    set = set_names,
    effects = vapply(metadat_recipes, \(x) {
      paste0("`", paste(deparse(x$effects, 500), collapse = ""), "`")
    }, ""),
    "first row of each" = vapply(metadat_recipes, \(x) {
      if (is.null(x$study)) "row" else deparse(x$study)
    }, ""),
    moderator = vapply(metadat_recipes, \(x) {
      if (is.null(x$mods)) "row number" else all.vars(x$mods)
    }, ""),
    k = alone$k, check.names = FALSE
  )),
  "",
  "Left out: dat.huber2000 (single patients, no effects)."
)

writeLines(report, "validation/metafor.md")
cat(report[seq_len(which(report == "## The sets") - 1)], sep = "\n")
