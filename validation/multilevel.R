# pool_effects(random = ) beside metafor::rma.mv() on the cases of
# tests/testthat/helper-multilevel_*.R, with the values that
# validation/multilevel_metafor.R found. Writes validation/multilevel.md.
#
#   R_LIBS=<library with metavivo, metafor and metadat> Rscript validation/multilevel.R
#
# With names of cases as arguments: every number of these, and nothing is written. With
# the argument `quick` the large tables are left out.

helpers <- paste0("_", c("compare", "data", "tables", "cases", "further"))
for (name in paste0("multilevel", helpers)) {
  source(file.path("tests", "testthat", paste0("helper-", name, ".R")))
}
source("validation/multilevel_dense.R")
source("validation/tables.R")
library(metavivo)

expected <- ml_fixture("multilevel")
pinned <- list()
theirs <- readRDS("validation/multilevel_metafor.rds")

# ---- one case --------------------------------------------------------------------------

largest <- function(x) if (all(is.na(x))) NA_real_ else max(abs(x), na.rm = TRUE)

compare_case <- function(case) {
  table <- ml_table(case, pinned)
  fit <- tryCatch(ml_fit(case, table), error = identity)
  row <- data.frame(
    case = case$name, source = case$source, method = case$method, flat = case$flat,
    k = expected[[case$name]]$k, p = expected[[case$name]]$p,
    parameters = length(expected[[case$name]]$components), failed = "",
    loglik = NA, beta = NA, se = NA, component = NA, rma_component = NA, dense = NA,
    at = ""
  )
  if (inherits(fit, "error")) {
    row$failed <- paste0(class(fit)[1], ": ", conditionMessage(fit))
    return(row)
  }
  typical <- stats::median(table$data$vi)
  differences <- ml_compare(fit, expected[[case$name]], typical)
  by <- split(differences, differences$quantity)
  row$loglik <- by$loglik$error
  for (quantity in c("beta", "se", "component")) {
    row[[quantity]] <- largest(by[[quantity]]$error)
    if (anyNA(by[[quantity]]$error)) row$failed <- paste("no", quantity)
  }
  worst <- differences[differences$quantity != "loglik", ]
  row$at <- worst$name[which.max(abs(worst$error))]
  row$rma_component <- rma_distance(case$name, table)
  if (row$k <= 700) row$dense <- dense_difference(case, table, fit)
  row
}

# Our likelihood less that of our parameters by k x k matrices; those that are given as
# they were given.
dense_difference <- function(case, table, fit) {
  model <- dense_model(case, table)
  ours <- stats::setNames(fit$components$estimate, ml_names(fit$components$parameter))
  theta <- unname(ours[ml_names(model$space$names)])
  given <- !is.na(model$space$fixed)
  theta[given] <- model$space$fixed[given]
  theta <- theta[model$space$twin]
  kind <- if (case$method == "REML") "reml" else "ml"
  fit$loglik[[kind]] - dense_loglik(model, replace(theta, is.na(theta), 0))
}

# How far rma.mv() with its best optimiser is from the top itself.
rma_distance <- function(name, table) {
  one <- theirs[[name]]
  if (is.null(one$top)) return(NA_real_)
  wanted <- expected[[name]]$components
  ours <- one$metafor$components[names(wanted)]
  scale <- ifelse(grepl("^var", names(wanted)),
                  abs(wanted) + stats::median(table$data$vi), 1)
  largest((ours - wanted) / scale)
}

# ---- the report ------------------------------------------------------------------------

limits <- function(rows) ifelse(rows$flat, 1e-5, 1e-6)

disagrees <- function(rows) {
  off <- pmax(rows$beta, rows$se, rows$component, na.rm = TRUE)
  nzchar(rows$failed) | is.na(rows$loglik) | rows$loglik < -1e-8 |
    (abs(rows$dense) > 1e-8) %in% TRUE |
    (rows$loglik < 1e-6 & off > limits(rows))
}

case_table <- function(rows) {
  data.frame(
    model = rows$case, "from" = rows$source, method = rows$method, k = rows$k,
    p = rows$p, "log likelihood" = number(rows$loglik), beta = number(rows$beta),
    se = number(rows$se), components = number(rows$component),
    "as it stands" = number(rows$dense),
    "worst at" = gsub("|", "\\|", rows$at, fixed = TRUE),
    "rma.mv from the top" = number(rows$rma_component), check.names = FALSE
  )
}

report_lines <- function(rows) {
  version <- \(package) as.character(utils::packageVersion(package))
  bad <- rows[disagrees(rows), ]
  higher <- rows[which(rows$loglik > 1e-6 & !disagrees(rows)), ]
  good <- rows[!disagrees(rows) & !rows$case %in% higher$case, ]
  c(
    "# pool_effects(random = ) beside metafor::rma.mv()", "",
    sprintf(paste(
      "Written by `validation/multilevel.R` with metafor %s, metadat %s, %s. %d models:",
      "%d of the help pages of metafor and metadat, %d further ones; k %d to %d."
    ), version("metafor"), version("metadat"), R.version.string, nrow(rows),
    sum(nzchar(rows$source)), sum(!nzchar(rows$source)), min(rows$k), max(rows$k)), "",
    "rma.mv() with the best of four optimisers (`validation/multilevel_metafor.R`). From",
    "its values the likelihood, as it stands with k x k matrices, is climbed to its top",
    "(`validation/multilevel_dense.R`): coefficients, standard errors and components are",
    "compared with those. Log likelihood: ours less rma.mv()'s best. A coefficient's",
    "difference is a share of itself or its standard error, a variance's of itself plus",
    "the typical sampling variance, a correlation's as it is. As it stands: our log",
    "likelihood less that of our parameters by k x k matrices.", "",
    "## Disagreements", "",
    paste(
      "A likelihood more than 1e-8 below rma.mv()'s or off what it is as it stands,",
      "numbers off by more than 1e-6 (1e-5 where the likelihood is flat), failures:",
      if (nrow(bad) == 0) "none."
    ), "",
    if (nrow(bad)) c(markdown(case_table(bad)), "", paste0("* ", bad$case, ": ",
      bad$failed)[nzchar(bad$failed)], ""),
    "## Higher than rma.mv()", "",
    if (nrow(higher)) markdown(case_table(higher)) else "None by more than 1e-6.", "",
    "## Largest differences of the others", "",
    markdown(data.frame(
      "log likelihood, lowest" = number(min(good$loglik)),
      beta = number(largest(good$beta)), se = number(largest(good$se)),
      components = number(largest(good$component)),
      "as it stands" = number(largest(good$dense)),
      check.names = FALSE
    )), "",
    "## The models", "", markdown(case_table(rows)), "",
    "Left out: dat.maire2019 with a spatial correlation (struct SPGAU), which is not",
    "offered.",
    if ("quick" %in% commandArgs(TRUE)) c("", paste(
      "Large tables, compared by name only:",
      toString(sub(",", ":", names(Filter(\(case) case$slow, ml_cases))))
    ))
  )
}

only <- setdiff(commandArgs(TRUE), "quick")
if (length(only)) {
  for (case in ml_cases[only]) {
    table <- ml_table(case, pinned)
    cat("\n", case$name, "\n")
    print(ml_compare(ml_fit(case, table), expected[[case$name]],
                     stats::median(table$data$vi)), digits = 10)
  }
} else {
  known <- ml_cases[names(ml_cases) %in% names(expected)]
  if ("quick" %in% commandArgs(TRUE)) known <- Filter(\(case) !case$slow, known)
  rows <- do.call(rbind, lapply(known, \(case) {
    cat(case$name, "\n")
    compare_case(case)
  }))
  report <- report_lines(rows)
  writeLines(report, "validation/multilevel.md")
  cat(report[seq_len(which(report == "## The models") - 1)], sep = "\n")
}
