# Fits the cases of tests/testthat/helper-multilevel_*.R by metafor::rma.mv() with each of
# its good optimisers and keeps the highest likelihood; then climbs from there to the top
# of the likelihood as validation/multilevel_dense.R has it. Writes
# tests/testthat/fixtures/multilevel.R and multilevel_data.R for the tests, and
# validation/multilevel_metafor.rds with rma.mv()'s own values and times.
#
#   R_LIBS=<library with metafor and metadat> Rscript validation/multilevel_metafor.R
#
# With the names of cases as arguments only those, the others as they were.

for (name in c("compare", "data", "tables", "cases", "further")) {
  source(file.path("tests", "testthat", paste0("helper-multilevel_", name, ".R")))
}
source("validation/multilevel_dense.R")

# ---- rma.mv() --------------------------------------------------------------------------

# The default is nlminb(); with smaller tolerances rma.mv() refuses what it returns.
optimisers <- list(
  default = list(),
  BFGS = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 10000),
  bobyqa = list(optimizer = "bobyqa", rhoend = 1e-9, maxfun = 20000),
  nelder = list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 20000)
)

rma_arguments <- function(case, table) {
  data <- table$data
  data$.row <- seq_len(nrow(data))
  arguments <- list(
    yi = data$yi, V = if (is.null(table$V)) data$vi else table$V, mods = case$mods,
    random = case$random, struct = case$struct, method = case$method, data = data
  )
  if (is.function(case$R)) arguments$R <- case$R()
  arguments[names(case$theirs)] <- case$theirs
  if (length(arguments$random)) arguments[c("test", "dfs")] <- c("t", "contain")
  arguments
}

rma_fit <- function(arguments, control) {
  arguments$control <- control
  started <- proc.time()[["elapsed"]]
  fit <- tryCatch(suppressWarnings(suppressMessages(
    do.call(metafor::rma.mv, arguments)
  )), error = conditionMessage)
  if (is.character(fit)) return(list(error = fit, loglik = -Inf))
  list(fit = fit, loglik = as.numeric(stats::logLik(fit)),
       seconds = proc.time()[["elapsed"]] - started)
}

# All of them on a small table, two on a large one.
best_rma <- function(case, table) {
  arguments <- rma_arguments(case, table)
  chosen <- if (case$slow) optimisers[1] else optimisers
  fits <- lapply(chosen, \(control) rma_fit(arguments, control))
  logliks <- vapply(fits, `[[`, 0, "loglik")
  if (all(logliks == -Inf)) stop(fits[[1]]$error)
  best <- which.max(logliks)
  c(fits[[best]], list(
    optimiser = names(fits)[best], logliks = logliks,
    default_seconds = if (length(fits[[1]]$seconds)) fits[[1]]$seconds else NA_real_
  ))
}

# ---- its parameters by our names -------------------------------------------------------

rma_components <- function(fit, parts) {
  used <- c(sigma = 0, struct = 0)
  values <- lapply(parts, \(part) {
    if (part$struct == "INTERCEPT") {
      used["sigma"] <<- used["sigma"] + 1
      return(fit$sigma2[used["sigma"]])
    }
    used["struct"] <<- used["struct"] + 1
    first <- used["struct"] == 1
    structured_values(part, if (first) fit$G else fit$H, if (first) fit$rho else fit$phi)
  })
  unlist(values)
}

# From its covariance matrix of the inner levels, in their order here.
structured_values <- function(part, G, rho) {
  if (part$struct %in% c("CS", "AR", "CAR", "ID")) {
    return(c(G[1, 1], if (part$struct != "ID") rho))
  }
  level <- sub("^var\\((.*) \\| .*$", "\\1", part$names[seq_len(part$m)])
  level <- sub("^[^=]*=", "", level)
  if (!part$struct %in% c("GEN", "GDIAG")) {
    order <- match(level, trimws(rownames(G)))
    stopifnot(!anyNA(order))
    G <- G[order, order]
  }
  if (part$struct %in% c("HCS", "HAR")) return(c(diag(G), rho))
  if (part$struct %in% c("DIAG", "GDIAG")) return(diag(G))
  sd <- sqrt(diag(G))
  r <- G / outer(sd, sd)
  r[!is.finite(r)] <- 0
  c(diag(G), r[lower.tri(r)])
}

# ---- one case --------------------------------------------------------------------------

largest_dense <- 700

run_case <- function(case) {
  table <- multilevel_data[[case$data]]()
  best <- best_rma(case, table)
  fit <- best$fit
  reference <- if (nrow(table$data) <= largest_dense) {
    climb_from(case, table, fit)
  } else {
    parts <- dense_parts(case, table$data)
    values <- rma_components(fit, parts)
    list(rma = stats::setNames(values, unlist(lapply(parts, `[[`, "names"))))
  }
  theirs <- list(
    loglik = best$loglik, beta = named(fit, fit$beta), se = named(fit, fit$se),
    components = reference$rma, df = if (length(fit$ddf) == fit$p) unname(fit$ddf),
    optimiser = best$optimiser, logliks = best$logliks, seconds = best$default_seconds
  )
  list(
    name = case$name, k = fit$k, p = fit$p,
    sums = c(yi = sum(table$data$yi), vi = sum(table$data$vi),
             V = if (is.null(table$V)) NA else sum(table$V)),
    metafor = theirs, improper = reference$improper, top = reference$top,
    starts = reference$starts
  )
}

named <- function(fit, values) {
  stats::setNames(drop(values), sub("^intrcpt$", "(Intercept)", rownames(fit$beta)))
}

# From rma.mv()'s values, from them drawn away from the bounds, and from three others.
climb_from <- function(case, table, fit) {
  model <- dense_model(case, table)
  space <- model$space
  rma <- rma_start(case, fit, model)
  again <- dense_loglik(model, rma)
  typical <- stats::median(table$data$vi)
  variance <- unlist(lapply(model$parts, `[[`, "kind")) == "variance"
  inside <- ifelse(variance, pmax(rma, 0.01 * typical), 0.9 * rma)
  set.seed(20261129)
  n <- length(rma)
  wild <- replicate(3, simplify = FALSE, ifelse(
    variance, (rma + typical) * stats::rchisq(n, 2) / 2, stats::runif(n, -0.1, 0.8)
  ))
  starts <- c(list(rma, inside), wild)
  tops <- lapply(starts, \(start) tryCatch(dense_climb(model, start), error = \(e) NULL))
  logliks <- vapply(tops, \(theta) {
    if (is.null(theta)) -Inf else dense_loglik(model, theta)
  }, 0)
  # the nearest of those that are as high
  best <- which(logliks >= max(logliks) - 1e-10)[1]
  theta <- tops[[best]]
  found <- dense_loglik(model, theta, TRUE)
  list(
    improper = beyond_ends(rma, model),
    rma = stats::setNames(rma, space$names),
    top = list(
      loglik = found$value, beta = stats::setNames(found$beta, colnames(model$X)),
      se = stats::setNames(sqrt(diag(found$vcov)), colnames(model$X)),
      components = stats::setNames(theta, space$names),
      same_model = again - as.numeric(stats::logLik(fit))
    ),
    starts = logliks
  )
}

# rma.mv() lets the correlation of CS and HCS fall to -1, where three or more inner levels
# have no covariance matrix. A likelihood there is no likelihood of the model.
beyond_ends <- function(theta, model) {
  any(vapply(seq_along(model$parts), \(p) {
    part <- model$parts[[p]]
    rho <- theta[model$space$part_of == p][part$kind == "correlation"]
    part$struct %in% c("CS", "HCS") &&
      any(rho < correlation_ends(part$struct, part$m)[1] - 1e-6)
  }, NA))
}

# The values that rma.mv() ended with; where it was told of another model that is the
# same, values from which to start.
rma_start <- function(case, fit, model) {
  other <- intersect(names(case$theirs), c("struct"))
  no_random <- "random" %in% names(case$theirs) && is.null(case$theirs$random)
  if (no_random) return(unname(model$space$fixed))
  if (length(other) == 0) {
    found <- rma_components(fit, model$parts)
    return(unname(found))
  }
  variance <- unlist(lapply(model$parts, `[[`, "kind")) == "variance"
  ifelse(variance, fit$tau2[1], fit$rho[1])
}

# ---- all of them -----------------------------------------------------------------------

main <- function(only) {
  cases <- if (length(only)) ml_cases[only] else ml_cases
  cases <- cases[order(vapply(cases, `[[`, NA, "slow"))]
  found <- list()
  for (name in names(cases)) {
    started <- proc.time()[["elapsed"]]
    one <- tryCatch(run_case(cases[[name]]), error = \(e) {
      list(name = name, error = conditionMessage(e))
    })
    found[[name]] <- one
    cat(sprintf("%-45s", name))
    if (length(one$error)) {
      cat(" FAILED: ", one$error, "\n")
      next
    }
    cat(sprintf(
      " k %4d p %3d  ll %14.8f %-8s same %8.1e  top %8.1e  %5.1fs\n", one$k, one$p,
      one$metafor$loglik, one$metafor$optimiser, c(one$top$same_model, NA)[1],
      c(one$top$loglik - one$metafor$loglik, NA)[1], proc.time()[["elapsed"]] - started
    ))
  }
  found
}

# ---- the fixtures ----------------------------------------------------------------------

# What the tests compare with: the top, rma.mv()'s own where there is none, without the
# coefficients of studies.
fixture_of <- function(one) {
  top <- if (is.null(one$top)) one$metafor else one$top
  keep <- !grepl("^(factor\\(study\\)|study)", names(top$beta))
  list(
    k = one$k, p = one$p, sums = one$sums,
    metafor = if (isTRUE(one$improper)) NA_real_ else one$metafor$loglik,
    loglik = top$loglik, beta = top$beta[keep], se = top$se[keep],
    components = told_apart(top$components), df = one$metafor$df[keep]
  )
}

# A correlation with a variance of zero is any number.
told_apart <- function(components) {
  if (is.null(components)) return(NULL)
  zero <- names(components)[grepl("^var", names(components)) & abs(components) < 1e-9]
  of <- sub("^var\\((.*)\\)$", "\\1", zero)
  level <- sub(" \\| .*", "", of)
  outer_name <- sub(".* \\| ", "", of)
  for (i in seq_along(of)) {
    lost <- grepl("^cor", names(components)) &
      endsWith(names(components), paste0(" | ", outer_name[i], ")")) &
      vapply(names(components), \(name) grepl(level[i], name, fixed = TRUE), NA)
    components[lost] <- NA
  }
  components
}

write_r <- function(value, file, head) {
  dir.create(dirname(file), showWarnings = FALSE)
  entries <- vapply(names(value), \(name) {
    text <- deparse(value[[name]], 80, control = c("keepNA", "niceNames", "digits17"))
    paste0(deparse(name), " = ", paste(text, collapse = "\n"))
  }, "")
  writeLines(c(paste("#", head), "list(", paste(entries, collapse = ",\n"), ")"), file)
}

# Tables that the tests have without metadat.
pinned <- c("konstantopoulos2011", "bcg_long", "berkey1998", "ishak2007", "fine1993",
            "obrien2003", "kalaian1996", "begg1989")

pinned_table <- function(name) {
  table <- multilevel_data[[name]]()
  V <- table$V
  if (!is.null(V)) {
    V[upper.tri(V, TRUE)] <- 0
    at <- which(V != 0, arr.ind = TRUE)
    V <- list(i = unname(at[, 1]), j = unname(at[, 2]), value = V[at])
  }
  data <- as.list(table$data)
  list(data = lapply(data, \(x) if (is.factor(x)) as.character(x) else x), V = V)
}

write_fixtures <- function(found) {
  versions <- sprintf("metafor %s, metadat %s, %s", utils::packageVersion("metafor"),
                      utils::packageVersion("metadat"), R.version.string)
  whole <- found[!vapply(found, \(one) length(one$error) > 0, NA)]
  fixtures <- file.path("tests", "testthat", "fixtures")
  write_r(lapply(whole, fixture_of), file.path(fixtures, "multilevel.R"),
          paste("By validation/multilevel_metafor.R:", versions))
  write_r(lapply(stats::setNames(nm = pinned), pinned_table),
          file.path(fixtures, "multilevel_data.R"),
          paste("By validation/multilevel_metafor.R:", versions))
  saveRDS(whole, stored, version = 3, compress = "xz")
}

stored <- file.path("validation", "multilevel_metafor.rds")


if (!interactive() && sys.nframe() == 0) {
  only <- commandArgs(TRUE)
  found <- if (length(only)) readRDS(stored) else list()
  now <- main(only)
  found[names(now)] <- now
  write_fixtures(found[intersect(names(ml_cases), names(found))])
}
