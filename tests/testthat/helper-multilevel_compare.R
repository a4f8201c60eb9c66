# pool_effects(random = ) on the cases of helper-multilevel_cases.R and _further.R beside
# what metafor found (fixtures/multilevel.R, made by validation/multilevel_metafor.R).

ml_fixture <- function(name) {
  for (path in c("fixtures", file.path("tests", "testthat", "fixtures"))) {
    file <- file.path(path, paste0(name, ".R"))
    if (file.exists(file)) return(dget(file))
  }
  stop("There is no fixture ", name, ".")
}

# The table of a case: pinned, or made from metadat by metafor::escalc(). NULL where it is
# neither pinned nor are they installed.
ml_table <- function(case, pinned) {
  found <- pinned[[case$data]]
  if (is.null(found)) {
    installed <- vapply(c("metafor", "metadat"), requireNamespace, NA, quietly = TRUE)
    return(if (all(installed)) multilevel_data[[case$data]]())
  }
  data <- as.data.frame(found$data)
  if (is.null(found$V)) return(list(data = data, V = NULL))
  V <- diag(data$vi)
  V[cbind(found$V$i, found$V$j)] <- V[cbind(found$V$j, found$V$i)] <- found$V$value
  list(data = data, V = V)
}

ml_effects <- function(table) {
  if (is.null(table$V)) return(as_effects(table$data))
  as_effects(table$data, V = table$V)
}

ml_fit_arguments <- function(case, table, test = "z") {
  arguments <- list(
    effects = ml_effects(table), mods = case$mods, random = case$random,
    method = case$method, test = test
  )
  if (has_structure(case)) arguments$struct <- case$struct
  if (is.function(case$R)) arguments$R <- case$R()
  arguments$fix <- case$fix
  arguments$tie <- case$tie
  arguments
}

ml_fit <- function(case, table) {
  arguments <- ml_fit_arguments(case, table)
  suppressMessages(suppressWarnings(do.call(pool_effects, arguments)))
}

has_structure <- function(case) {
  formulas <- if (is.list(case$random)) case$random else list(case$random)
  !all(vapply(formulas, ml_is_intercept, NA))
}

# `~ 1 | study` is an intercept in every structure.
ml_is_intercept <- function(formula) identical(formula[[2]][[2]], 1)

# A correlation's name does not depend on the order of its two levels.
ml_names <- function(names) {
  pair <- grepl("^cor\\(.*, .* \\| ", names)
  names[pair] <- vapply(names[pair], \(name) {
    found <- regmatches(name, regexec("^cor\\((.*), (.*) \\| (.*)\\)$", name))[[1]]
    two <- sort(found[2:3], method = "radix")
    sprintf("cor(%s, %s | %s)", two[1], two[2], found[4])
  }, "")
  names
}

# Differences of a fit from what is expected, one row a number. A coefficient's is a share
# of itself or of its standard error, whichever is larger; a standard error's of itself; a
# variance's of itself and the typical sampling variance; a correlation's as it is; the
# likelihood's as it is, positive where ours is higher.
ml_compare <- function(fit, expected, typical) {
  beta <- fit$beta[names(expected$beta)]
  se <- fit$se[names(expected$se)]
  found <- stats::setNames(fit$components$estimate, ml_names(fit$components$parameter))
  wanted <- expected$components
  ours <- found[ml_names(names(wanted))]
  variance <- grepl("^var", names(wanted))
  scale <- ifelse(variance, abs(wanted) + typical, 1)
  rows <- rbind(
    one_kind("loglik", "", fit$loglik[[if (fit$method == "REML") "reml" else "ml"]],
             if (is.na(expected$metafor)) expected$loglik else expected$metafor, 1),
    one_kind("beta", names(expected$beta), beta, expected$beta,
             pmax(abs(expected$beta), expected$se)),
    one_kind("se", names(expected$se), se, expected$se, expected$se),
    if (length(wanted)) one_kind("component", names(wanted), ours, wanted, scale)
  )
  told <- is.na(rows$wanted) & rows$quantity == "component"
  rows[!told, ]
}

one_kind <- function(quantity, name, ours, wanted, scale) {
  difference <- (unname(ours) - unname(wanted)) / unname(scale)
  data.frame(quantity = quantity, name = name, ours = unname(ours),
             wanted = unname(wanted), error = difference)
}

# What is wrong with a case: a text, empty where nothing is. A likelihood may be higher
# than rma.mv()'s by any amount; then the other numbers are those of a better maximum,
# but for parameters that were fixed or tied.
ml_wrong <- function(case, expected, pinned) {
  table <- ml_table(case, pinned)
  if (is.null(table)) return(NA_character_)
  sums <- c(sum(table$data$yi), sum(table$data$vi))
  if (any(abs(sums / expected$sums[c("yi", "vi")] - 1) > 1e-9)) {
    return(paste0(case$name, ": the data are others than those of the fixture"))
  }
  fit <- tryCatch(ml_fit(case, table), error = \(e) e)
  if (inherits(fit, "error")) {
    return(paste0(case$name, ": ", class(fit)[1], ": ", conditionMessage(fit)))
  }
  found <- ml_compare(fit, expected, stats::median(table$data$vi))
  limit <- ifelse(found$quantity == "loglik", 1e-8, if (case$flat) 1e-5 else 1e-6)
  bad <- is.na(found$error) |
    ifelse(found$quantity == "loglik", found$error < -limit, abs(found$error) > limit)
  higher <- found$error[1] > 1e-6 && expected$loglik < found$ours[1] - 1e-6
  held <- found$name %in% unlist(c(names(case$fix), case$tie))
  if (isTRUE(higher)) bad <- bad & (found$quantity == "loglik" | held)
  if (!any(bad)) return("")
  paste0(case$name, ": ", found$quantity[bad], " ",
         found$name[bad], " ", signif(found$ours[bad], 10), " for ",
         signif(found$wanted[bad], 10), collapse = "\n")
}
