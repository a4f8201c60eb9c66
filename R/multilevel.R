# Multilevel models: pool_effects(random = ). The random parts come from read_random(), V
# from the rows, the fit from the core; here they are put together.

# In the order of tell_fit() in src/ffi_multilevel.c.
multilevel_numbers <- c(
  "loglik_ml", "loglik_reml", "rss", "Q", "trace", "evaluations", "derivatives",
  "iterations", "n_maxima", "decrement", "flat", "blocks", "crossed"
)

is_multilevel <- function(fit) inherits(fit, "mv_fit_multilevel")

pool_multilevel <- function(effects, design, args, call = rlang::caller_env()) {
  used <- design$used
  random <- read_random(args$random, args$struct, args$R, effects, used, call,
    args$fix, args$tie
  )
  model <- list(
    yi = take_rows(effects$yi, used), vi = take_rows(effects$vi, used), x = design$x,
    parts = core_structures(random, call), parameters = random$parameters,
    pairs = pooled_pairs(effects, used, args$rho, call)
  )
  check_multilevel(effects, model, used, args, call)
  check_fixed_sizes(model, call)
  test <- check_multilevel_test(args$test)
  found <- run_multilevel(model, args$method)
  check_multilevel_status(found, model, effects, used, call)
  new_multilevel(found, design, model, effects, args, test)
}

# An unstructured matrix moves by its Cholesky factor, in which no variance or correlation
# can be held: with two levels it moves by SDs and correlation instead, which is the same
# model (HCS).
core_structures <- function(random, call) {
  parameters <- random$parameters
  # nothing is fixed or tied
  if (all(parameters$free == seq_along(parameters$free))) return(random$parts)
  bound <- parameters$free %in% c(0L, parameters$free[duplicated(parameters$free)])
  parts <- lapply(seq_along(random$parts), \(i) {
    part <- random$parts[[i]]
    held <- any(bound[parameters$part == i])
    if (!held || !part$structure %in% c("UN", "GEN")) return(part)
    if (part$levels > 2) stop_factored(part, call)
    part$core <- "HCS"
    part
  })
  check_tied_scales(random, parts, call)
  parts
}

# Whose variances the core moves by their roots; and also those it moves by a factor of
# the matrix.
deviation_structures <- c("HCS", "HAR")
rooted_structures <- c(deviation_structures, "UN", "GEN", "PAIR")

# Roots and variances move differently: what is tied must move alike.
check_tied_scales <- function(random, parts, call) {
  parameters <- random$parameters
  rooted <- vapply(parts, \(part) core_structure(part) %in% deviation_structures, NA)
  variance <- parameters$kind == "variance" & parameters$free > 0L
  by_root <- rooted[parameters$part]
  mixed <- intersect(parameters$free[variance & by_root],
    parameters$free[variance & !by_root]
  )
  if (length(mixed) == 0) return(invisible())
  tied <- parameters$parameter[parameters$free == mixed[1]]
  stop_user(c(
    "{.arg tie} cannot tie {.val {tied}}.",
    "x" = "Variances of {.val {deviation_structures}} can only be tied with one another."
  ), "tie", call = call)
}

core_structure <- function(part) if (is.null(part$core)) part$structure else part$core

stop_factored <- function(part, call) {
  stop_user(c(
    "Parameters of {.val {part$name}} cannot be fixed or tied.",
    "x" = "An unstructured matrix of {part$levels} levels moves as a whole.",
    "i" = "Take a structure such as {.val {c('HCS', 'DIAG', 'CS')}}."
  ), "fix", call = call)
}

# ---- V -------------------------------------------------------------------------------

# The covariances of the pooled rows, by their places among them.
pooled_pairs <- function(effects, used, rho, call) {
  pairs <- pairs_at(read_covariances(effects, call), rho, call)
  if (length(pairs$i) == 0) return(pairs)
  if (!is.null(used)) {
    place <- match(seq_along(effects$yi), used)
    keep <- which(!is.na(place[pairs$i]) & !is.na(place[pairs$j]))
    pairs <- list(
      i = place[pairs$i[keep]], j = place[pairs$j[keep]], value = pairs$value[keep]
    )
    effects <- effects[used, , drop = FALSE]
  }
  check_definite(effects, pairs, "stop", call = call)
  pairs
}

# ---- checks --------------------------------------------------------------------------

multilevel_tests <- c("satterthwaite", "containment", "t", "z")

check_multilevel_test <- function(test, call = rlang::caller_env(2)) {
  if (is.null(test)) return("satterthwaite")
  check_choice(test, multilevel_tests, "test", call)
}

check_multilevel <- function(effects, model, used, args, call) {
  if (!args$method %in% c("REML", "ML")) {
    stop_user(c(
      "{.code method = {.val {args$method}}} has no random parts.",
      "i" = "Use {.val REML} or {.val ML} with {.arg random}."
    ), "choice", call = call)
  }
  k <- length(model$yi)
  p <- if (is.null(model$x)) 1L else ncol(model$x)
  check_enough(k, p, args$method, call)
  check_variances(effects, used, model$vi, args$method, "stop", model$yi, model$x, call)
}

# Where the words differ from those of one tau2 (status_sentences).
multilevel_sentences <- c(
  not_positive =
    "The moderators cannot be told apart, or V is singular, with these variances.",
  too_many_levels = "More than 1,000 levels are crossed with the others.",
  not_converged = "The search for the variance components did not end."
)

check_multilevel_status <- function(found, model, effects, used, call) {
  if (found$status == "ok") {
    if (found$numbers[["flat"]] == 0) return(invisible())
    return(stop_flat(found, model, call))
  }
  columns <- colnames(model$x)[found$aliased == 1]
  class <- c(status_classes, too_many_levels = "random_levels")[[found$status]]
  words <- c(multilevel_sentences, status_sentences)[[found$status]]
  close <- close_times(model$parts)
  if (found$status %in% c("not_finite", "not_converged") && length(close)) {
    words <- c(words, "i" = "Times of {.val {close}} are less than 1 apart: give them in a
      unit of which neighbours are about 1 apart.")
  }
  stop_user(words, class, status = found$status, theta = found$theta, call = call)
}

# Where the search can fail: the slope of rho^t by rho is infinite at a rho of 0 if a time
# t is below 1.
close_times <- function(parts) {
  close <- Filter(\(part) {
    part$structure == "CAR" && min(diff(sort(part$position))) < 1
  }, parts)
  unique(unlist(lapply(close, \(part) part$labels$inner)))
}

# The likelihood does not change along a combination of parameters.
stop_flat <- function(found, model, call) {
  name <- model$parameters$parameter[model$parameters$free > 0]
  stop_user(c(
    "The data cannot tell all parameters of {.arg random}: {.val {name}}.",
    "i" = "Leave a part out, take a structure with fewer parameters, or {.arg fix} one."
  ), "random_flat", theta = found$theta, call = call)
}

# ---- the core ------------------------------------------------------------------------

multilevel_problem <- function(model) {
  # in the order of view_part() and view_problem() in src/ffi_multilevel.c
  slots <- c(
    "structure", "outer", "groups", "inner", "levels", "slope", "position", "known"
  )
  parts <- lapply(model$parts, \(part) {
    part$structure <- core_structure(part)
    part[slots]
  })
  list(
    model$yi, model$vi, model$x, model$pairs$i, model$pairs$j, model$pairs$value, parts
  )
}

# `start`: natural parameters to begin at; what is fixed is in the table of parameters.
run_multilevel <- function(model, method, start = NULL) {
  parameters <- model$parameters
  warm <- !is.null(start)
  if (!warm) start <- numeric(nrow(parameters))
  fixed <- !is.na(parameters$value)
  start[fixed] <- parameters$value[fixed]
  found <- .Call(mv_multilevel_fit, multilevel_problem(model),
    as.integer(parameters$free), as.double(start), warm, method == "REML", TRUE
  )
  if (!is.null(found$numbers)) names(found$numbers) <- multilevel_numbers
  found
}

# ---- the fit -------------------------------------------------------------------------

new_multilevel <- function(found, design, model, effects, args, test) {
  names_of_beta <- if (is.null(design$x)) "(Intercept)" else colnames(design$x)
  k <- length(model$yi)
  p <- length(found$beta)
  m <- nrow(model$parameters)
  number <- as.list(found$numbers)
  fit <- list(
    beta = stats::setNames(found$beta, names_of_beta),
    vcov = matrix(found$vcov, p, dimnames = list(names_of_beta, names_of_beta)),
    theta = stats::setNames(found$theta, model$parameters$parameter),
    score = found$score, information = matrix(found$information, m),
    dvcov = array(found$dvcov, c(p, p, m)),
    method = args$method, test = test, level = args$level, k = k, p = p,
    loglik = c(ml = number$loglik_ml, reml = number$loglik_reml),
    Q = number$Q, Q_df = k - p, Q_p = stats::pchisq(number$Q, k - p, lower.tail = FALSE),
    typical_variance = (k - p) / number$trace,
    yi = model$yi, vi = model$vi, pairs = model$pairs, used = design$used,
    effects = effects, mods = design$mods, X = design$x, terms = design$terms,
    xlevels = design$xlevels, contrasts = design$contrasts, intercept = design$intercept,
    parts = model$parts, parameters = model$parameters,
    random = args$random, struct = args$struct, R = args$R, fix = args$fix,
    tie = args$tie, rho = args$rho, dependent = 0L, default_test = is.null(args$test),
    s2 = 1, s2_used = 1, n_maxima = as.integer(number$n_maxima),
    evaluations = as.integer(number$evaluations), gradient_norm = number$decrement,
    n_blocks = as.integer(number$blocks), notes = fit_notes(model$vi), format_version = 1L
  )
  fit$components <- component_table(fit)
  fit$tau2 <- total_variance(fit)
  fit$I2 <- 100 * fit$tau2 / (fit$tau2 + fit$typical_variance)
  fit$H2 <- fit$tau2 / fit$typical_variance + 1
  class(fit) <- c("mv_fit_multilevel", "mv_fit")
  test_multilevel(fit)
}

component_table <- function(fit) {
  parameters <- fit$parameters
  levels <- vapply(fit$parts, random_level_count, 0L)
  theta <- unname(fit$theta)
  new_frame(list(
    parameter = parameters$parameter,
    part = vapply(fit$parts, `[[`, "", "name")[parameters$part],
    kind = parameters$kind, estimate = theta, fixed = !is.na(parameters$value),
    tied = parameters$free %in% parameters$free[duplicated(parameters$free)] &
      parameters$free > 0,
    boundary = is.na(parameters$value) & is_at_edge(theta, parameters),
    levels = levels[parameters$part]
  ))
}

# A correlation of a factor comes near its bound, but for rounding.
is_at_edge <- function(theta, parameters) {
  near <- 1e-7 * (parameters$kind == "correlation")
  theta <= parameters$lower + near | theta >= parameters$upper - near
}

# The variance of a new true effect around its mean: the sum over the parts. NA where it
# is not one number, since a part has several variances or slopes.
total_variance <- function(fit) {
  parameters <- fit$parameters
  variance <- fit$theta[parameters$kind == "variance"]
  several <- anyDuplicated(parameters$part[parameters$kind == "variance"])
  if (several) NA_real_ else sum(variance)
}

# ---- tests ---------------------------------------------------------------------------

test_multilevel <- function(fit) {
  fit$se <- sqrt(diag(fit$vcov))
  fit$df <- coefficient_df(fit)
  fit <- test_again(fit)
  moderators <- setdiff(seq_len(fit$p), fit$intercept + 1L)
  fit[c("QM", "QM_df", "QM_p")] <- list(NA_real_, c(NA_real_, NA_real_), NA_real_)
  if (length(moderators) == 0) return(fit)
  wald <- wald_multilevel(fit, moderators)
  fit[c("QM", "QM_df", "QM_p")] <- wald[c("statistic", "df", "p_value")]
  fit
}

wald_multilevel <- function(fit, which) {
  m <- length(which)
  se <- fit$se[which]
  z <- fit$beta[which] / se
  correlation <- fit$vcov[which, which, drop = FALSE] / outer(se, se)
  wald <- drop(z %*% solve(correlation, z, tol = 0))
  if (fit$test == "z") {
    p_value <- stats::pchisq(wald, m, lower.tail = FALSE)
    return(list(statistic = wald, df = c(m, Inf), p_value = p_value))
  }
  df <- joint_df(fit, which)
  list(
    statistic = wald / m, df = c(m, df),
    p_value = stats::pf(wald / m, m, df, lower.tail = FALSE)
  )
}

coefficient_df <- function(fit) {
  df <- switch(fit$test,
    z = rep(Inf, fit$p), t = rep(fit$k - fit$p, fit$p),
    containment = containment_df(fit),
    satterthwaite = satterthwaite_df(fit, diag(fit$p))
  )
  stats::setNames(as.double(df), names(fit$beta))
}
