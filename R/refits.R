# A model fitted again without some of its rows: what leave_one_out(), cumulate() and
# influence() share. One call of the core makes all refits.

# ---- which rows ----------------------------------------------------------------------

check_refits <- function(fit, what, call) {
  check_class(fit, "mv_fit", "pool_effects", "fit", call)
  if (!is.null(fit$imputed)) stop_several_tables(what, call)
  if (is.null(fit$robust)) return(invisible())
  stop_user(c(
    "A fit with cluster-robust standard errors is not fitted again.",
    "i" = "Give the fit that {.fn robust} was given."
  ), "class", call = call)
}

# The cluster of each pooled row, numbered as they appear, and what each is called.
# Without a column each row is its own.
refit_clusters <- function(fit, quo, call) {
  value <- column_of_fit(fit, quo, "cluster", call)
  if (is.null(value)) {
    check_two_clusters(fit$k, "row", call)
    return(list(code = seq_len(fit$k), count = fit$k, label = row_labels(fit)))
  }
  check_clusters_known(fit, value, call)
  each <- unique(value)
  check_two_clusters(length(each), "cluster", call)
  list(code = match(value, each), count = length(each), label = as.character(each))
}

# The values of a column argument for the pooled rows.
column_of_fit <- function(fit, quo, arg, call) {
  unknown <- setdiff(free_names(rlang::quo_get_expr(quo)), names(fit$effects))
  if (length(unknown) > 0) {
    hint <- did_you_mean(unknown[1], names(fit$effects))
    stop_user(c(
      "{.arg {arg}} names {.val {unknown[1]}}, which is not a column of the effects.",
      "i" = if (length(hint)) "{hint}",
      "i" = "For a value from outside the table write {.code .env${unknown[1]}}."
    ), "column", call = call)
  }
  quos <- rlang::set_names(list(quo), arg)
  value <- take_columns(fit$effects, quos, call)$values[[arg]]
  if (is.null(value) || is.null(fit$used)) value else value[fit$used]
}

# The study; with the row of the table where a study has several.
row_labels <- function(fit) {
  study <- fit_studies(fit)
  if (!anyDuplicated(study)) return(study)
  paste0(study, ", row ", if (is.null(fit$used)) seq_len(fit$k) else fit$used)
}

check_clusters_known <- function(fit, value, call) {
  bad <- which(is.na(value))
  if (length(bad) == 0) return(invisible())
  rows <- if (is.null(fit$used)) bad else fit$used[bad]
  stop_user(c(
    "{.arg cluster} is missing in {name_rows(rows, fit$effects[['study']])}.",
    "i" = "With whom such a row is left out is not known. Name its cluster."
  ), "cluster", call = call)
}

check_two_clusters <- function(count, what, call) {
  if (count > 1) return(invisible())
  stop_user("All effects are in one {what}: without it there is nothing to fit.",
    "cluster", call = call
  )
}

# ---- the core ------------------------------------------------------------------------

# `want`: "outside" (residuals of the rows left out), "whole" (standard errors on all
# rows), "homogeneous" (Q), "slopes" (what degrees of freedom need). In the order of
# mv_view_refits() in src/ffi_refits.c.
refit_plan <- function(by, want = character(), up_to = FALSE) {
  list(
    by$code, by$count, up_to, "outside" %in% want, "whole" %in% want,
    "homogeneous" %in% want, "slopes" %in% want
  )
}

# In the order of tell_refit() in src/ffi_refits_multilevel.c.
refit_numbers <- c("loglik_ml", "loglik_reml", "Q", "trace", "evaluations", "flat")

# A list of what the core says, a column of each matrix a refit, with `theta` NA where the
# parameters could not be told, `k`, `status` and `df`.
run_refits <- function(fit, by, plan, reestimate) {
  multilevel <- is_multilevel(fit)
  found <- if (multilevel) {
    refits_multilevel(fit, plan, reestimate)
  } else {
    refits_pool(fit, plan, reestimate)
  }
  found <- shape_refits(found, fit, by$count)
  size <- tabulate(by$code, by$count)
  found$k <- if (plan[[3]]) cumsum(size) else fit$k - size
  found$status <- refit_status(found, names(fit$beta))
  found$theta[, found$numbers["flat", ] %in% 1] <- NA_real_
  found
}

refits_pool <- function(fit, plan, reestimate) {
  intercept <- if (is.null(fit$X)) 0L else attr(fit$terms, "intercept") - 1L
  tau2 <- if (reestimate) NA_real_ else fit$tau2
  found <- .Call(mv_refits_pool, fit$yi, fit$vi, fit$X, intercept, fit$method, fit$test,
    fit$level, tau2, plan
  )
  found$parameters <- "tau2"
  found$number_names <- pooled_names
  found
}

refits_multilevel <- function(fit, plan, reestimate) {
  target <- if (reestimate) fit$parameters$free else integer(nrow(fit$parameters))
  warm <- !reestimate || (!plan[[3]] && can_start_warm(fit))
  found <- .Call(mv_refits_multilevel, multilevel_problem(as_model(fit)),
    as.integer(target), unname(fit$theta), warm, fit$method == "REML", plan
  )
  found$parameters <- names(fit$theta)
  found$number_names <- refit_numbers
  found
}

# A correlation this near to 1 or -1 is one at its bound, as a search ends there.
near_one <- 1e-6

# Where the likelihood has one maximum, and it is not one that a search cannot leave: an
# SD of 0 has no slope, while a variance of 0 has; nor has a correlation at its bound, nor
# several whose matrix is singular.
can_start_warm <- function(fit) {
  structure <- vapply(fit$parts, `[[`, "", "structure")
  stuck <- structure[fit$parameters$part] %in% rooted_structures &
    is.na(fit$parameters$value)
  correlation <- fit$parameters$kind == "correlation"
  near <- ifelse(correlation, abs(fit$theta) > 1 - near_one, fit$theta <= 0)
  fit$n_maxima == 1 && !any(stuck & near) &&
    !any(vapply(which(structure %in% c("UN", "GEN")), is_near_singular, NA, fit = fit))
}

is_near_singular <- function(part, fit) {
  covariance <- part_covariance(fit, part)
  if (any(diag(covariance) <= 0)) return(TRUE)
  correlations <- stats::cov2cor(covariance)
  values <- eigen(correlations, symmetric = TRUE, only.values = TRUE)$values
  min(values) < near_one
}

shape_refits <- function(found, fit, count) {
  p <- fit$p
  for (name in c("beta", "shift", "aliased")) dim(found[[name]]) <- c(p, count)
  if (length(found$se_whole)) dim(found$se_whole) <- c(p, count)
  dim(found$vcov) <- c(p, p, count)
  found$theta <- matrix(found$theta,
    ncol = count, dimnames = list(found$parameters, NULL)
  )
  found$numbers <- matrix(found$numbers,
    ncol = count, dimnames = list(found$number_names, NULL)
  )
  if (!"flat" %in% found$number_names) found$numbers <- rbind(found$numbers, flat = 0)
  found$se_beta <- matrix(sqrt(apply(found$vcov, 3, diag)), p)
  found
}

# ---- words ---------------------------------------------------------------------------

refit_words <- c(
  ok = "ok", too_few = "too few effects are left",
  not_converged = "the search did not end",
  not_positive = "the moderators cannot be told apart",
  not_finite = "numbers too large or too small for the arithmetic",
  degenerate = "an effect of variance 0 decides alone",
  too_many_levels = "too many levels are crossed"
)

refit_status <- function(found, columns) {
  text <- unname(refit_words[found$status])
  for (at in which(found$status == "rank_deficient")) {
    lost <- columns[found$aliased[, at] == 1]
    text[at] <- paste("no estimate of", toString(lost))
  }
  text[found$numbers["flat", ] %in% 1] <- "the variance parameters cannot be told apart"
  text
}

# ---- tests of the refits -------------------------------------------------------------

# Degrees of freedom, a column a refit.
refit_df <- function(fit, by, found, up_to = FALSE) {
  p <- fit$p
  if (!is_multilevel(fit)) return(each_row(found$numbers["df", ], p))
  if (fit$test == "z") return(matrix(Inf, p, by$count))
  if (fit$test == "t") return(each_row(found$k - p, p))
  df <- vapply(seq_len(by$count), \(at) {
    if (is.na(found$beta[1, at])) return(rep(NA_real_, p))
    rows <- which(if (up_to) by$code <= at else by$code != at)
    unname(coefficient_df(refit_light(fit, found, at, rows)))
  }, numeric(p))
  matrix(df, p)
}

each_row <- function(x, rows) matrix(x, rows, length(x), byrow = TRUE)

# As much of a refit as its degrees of freedom read.
refit_light <- function(fit, found, at, rows) {
  m <- nrow(fit$parameters)
  parts <- lapply(fit$parts, \(part) {
    part$outer <- match(part$outer[rows], unique(part$outer[rows]))
    part$groups <- max(part$outer)
    if (!is.null(part$inner)) part$inner <- part$inner[rows]
    if (part$structure == "KNOWN") part$levels <- length(unique(part$inner))
    part
  })
  at_square <- (at - 1L) * m * m + seq_len(m * m)
  at_slopes <- (at - 1L) * fit$p^2 * m + seq_len(fit$p^2 * m)
  list(
    beta = fit$beta, p = fit$p, k = length(rows), test = fit$test, parts = parts,
    parameters = fit$parameters, X = if (!is.null(fit$X)) fit$X[rows, , drop = FALSE],
    vcov = matrix(found$vcov[, , at], fit$p),
    information = matrix(found$information[at_square], m),
    dvcov = array(found$dvcov[at_slopes], c(fit$p, fit$p, m))
  )
}

# ---- as a table ----------------------------------------------------------------------

# One row a refit; with several coefficients a column of each.
refit_table <- function(fit, by, found, first, up_to = FALSE) {
  lost <- unknown_errors(fit, by, found, up_to)
  found$beta[, lost] <- NA_real_
  found$se_beta[, lost] <- NA_real_
  df <- refit_df(fit, by, found, up_to)
  half <- stats::qt(1 - (1 - fit$level) / 2, df) * found$se_beta
  statistic <- found$beta / found$se_beta
  columns <- list(
    estimate = found$beta, se = found$se_beta, df = df, statistic = statistic,
    p_value = 2 * stats::pt(-abs(statistic), df), ci_lower = found$beta - half,
    ci_upper = found$beta + half
  )
  columns <- lapply(names(columns), \(name) {
    coefficient_columns(columns[[name]], name, names(fit$beta))
  })
  out <- data.frame(by$label, found$k, columns, check.names = FALSE)
  names(out)[1:2] <- c(first, "k")
  cbind(out, refit_variances(fit, found), status = found$status)
}

# Refits whose parameters cannot be told, and where the errors of the coefficients hang on
# which they are. Not so the variances of studies and of rows where each study has one
# row: only their sum matters.
unknown_errors <- function(fit, by, found, up_to) {
  flat <- which(found$numbers["flat", ] %in% 1)
  flat[vapply(flat, \(at) {
    rows <- which(if (up_to) by$code <= at else by$code != at)
    moves_errors(refit_light(fit, found, at, rows))
  }, NA)]
}

# Along directions without information the derivatives of a variance cancel, but for
# rounding, or it is not known. Such are parameters with less than `no_information`
# squared of the largest, and eigenvectors of the scaled others with less than that.
no_information <- 1e-6

moves_errors <- function(fit) {
  information <- free_information(fit)
  size <- sqrt(pmax(diag(information), 0))
  none <- size <= no_information * max(size)
  size[none] <- max(size, 1)
  information[none, ] <- information[, none] <- 0
  found <- eigen(information / outer(size, size), symmetric = TRUE)
  blind <- found$vectors[, found$values < no_information, drop = FALSE] / size
  slopes <- variance_slopes(fit, diag(fit$p))
  moved <- abs(slopes %*% blind)
  any(moved > no_information * abs(slopes) %*% abs(blind))
}

# "se" for one coefficient, else "se_dose" and so on.
coefficient_columns <- function(x, name, coefficients) {
  out <- as.data.frame(t(x))
  names(out) <- if (length(coefficients) == 1) name else paste0(name, "_", coefficients)
  out
}

refit_variances <- function(fit, found) {
  restricted <- fit$method == "REML"
  loglik <- found$numbers[if (restricted) "loglik_reml" else "loglik_ml", ]
  I2 <- if (is_multilevel(fit)) {
    multilevel_i2(fit, found)
  } else {
    found$numbers["I2", ]
  }
  data.frame(t(found$theta),
    I2 = I2, loglik = loglik, check.names = FALSE, row.names = NULL
  )
}

# As in new_multilevel(), of all refits.
multilevel_i2 <- function(fit, found) {
  variance <- fit$parameters$kind == "variance"
  if (anyDuplicated(fit$parameters$part[variance])) return(NA_real_)
  tau2 <- colSums(found$theta[variance, , drop = FALSE])
  typical <- (found$k - fit$p) / found$numbers["trace", ]
  100 * tau2 / (tau2 + typical)
}
