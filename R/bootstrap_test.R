# The likelihood-ratio test by parametric bootstrap.

#' @rdname bootstrap
#' @export
bootstrap_test <- function(full, reduced, replicates = 1000, seed = NULL) {
  full <- check_bootstrap_fit(full, "bootstrap_test")
  reduced <- check_bootstrap_fit(reduced, "bootstrap_test")
  replicates <- check_whole(replicates, 19, 1e6)
  seed <- check_seed(seed)
  check_nested_fits(full, reduced)
  refits <- lapply(list(full, reduced), refitter, warm = FALSE, method = full$method)
  draws <- with_own_seed(seed, replicate_fits(reduced, replicates, \(y) {
    2 * (refits[[1]](y)$loglik - refits[[2]](y)$loglik)
  }))
  new_bootstrap_test(full, reduced, drop(draws), seed)
}

check_nested_fits <- function(full, reduced, call = rlang::caller_env()) {
  same <- identical(full$yi, reduced$yi) && identical(full$vi, reduced$vi) &&
    same_covariances(full$pairs, reduced$pairs)
  stop_pair <- \(...) stop_user(c(...), "nested", call = call)
  if (!same) stop_pair("The two fits do not have the same effects and covariances.")
  methods <- c(full$method, reduced$method)
  likely <- methods[1] %in% c("ML", "REML") && methods[2] %in% c(methods[1], "EE")
  if (!likely) {
    stop_pair("Both fits must be by {.val ML}, or both by {.val REML}.",
      "x" = "They are by {.val {methods}}."
    )
  }
  check_nested_designs(full, reduced, stop_pair)
  if (parameter_count(full) <= parameter_count(reduced)) {
    stop_pair("{.arg full} must have more parameters than {.arg reduced}.",
      "x" = "They have {parameter_count(full)} and {parameter_count(reduced)}."
    )
  }
  # a maximum over more parameters cannot be lower, beyond what the searches leave
  lower <- observed_ratio(full, reduced) < -2e-6
  if (lower) stop_pair("{.arg reduced} is no special case of {.arg full}: it has the
    higher likelihood.")
}

check_nested_designs <- function(full, reduced, stop_pair) {
  both <- qr(cbind(model.matrix.mv_fit(full), model.matrix.mv_fit(reduced)))$rank
  if (both > full$p) {
    stop_pair("{.arg full} does not have all moderators of {.arg reduced}.")
  }
  if (full$p == reduced$p || full$method == "ML") return(invisible())
  stop_pair("A likelihood-ratio test of moderators needs both fits by
    {.code method = \"ML\"}.",
    "i" = "{.code update(fit, method = \"ML\")} fits again."
  )
}

same_covariances <- function(a, b) {
  none <- \(pairs) length(pairs$i) == 0
  if (none(a) || none(b)) return(none(a) && none(b))
  identical(unname(a), unname(b))
}

parameter_count <- function(fit) {
  fit$p + if (is.null(fit$parameters)) fit$method != "EE" else max(fit$parameters$free)
}

# `reduced` without tau2 has both likelihoods, and is compared by that of `full`.
observed_ratio <- function(full, reduced) {
  of <- if (full$method == "REML") "reml" else "ml"
  2 * (full$loglik[[of]] - reduced$loglik[[of]])
}

# ---- the result ----------------------------------------------------------------------

# Davison and Hinkley 1997, section 4.2. A ratio that repeats the observed one, as 0 does,
# differs from it by rounding.
new_bootstrap_test <- function(full, reduced, draws, seed, call = rlang::caller_env()) {
  fine <- !is.na(draws)
  tell_failed(fine, call)
  ratio <- max(0, observed_ratio(full, reduced))
  df <- parameter_count(full) - parameter_count(reduced)
  draws <- pmax(0, unname(draws))
  beyond <- sum(draws[fine] >= ratio - 1e-8 * (1 + ratio))
  structure(data.frame(
    ratio = ratio, df = df, p_value = (1 + beyond) / (sum(fine) + 1),
    p_chisq = stats::pchisq(ratio, df, lower.tail = FALSE), replicates = sum(fine),
    failed = sum(!fine), seed = seed
  ), draws = draws)
}
