#' @rdname mv_fit-methods
#' @param object2 A second fit, for a likelihood-ratio test of two nested models.
#' @param terms Names or numbers of the coefficients to test together; NULL for all but
#'   the intercept.
#' @export
anova.mv_fit <- function(object, object2 = NULL, terms = NULL, ...) {
  if (is.null(object2)) wald_test(object, terms) else ratio_test(object, object2)
}

# Wald test of a set of coefficients: chi-squared for z, F otherwise.
wald_test <- function(fit, terms, call = rlang::caller_env()) {
  which <- tested_coefficients(fit, terms, call)
  if (is_multilevel(fit)) return(multilevel_wald(fit, which))
  beta <- fit$beta[which]
  # in units of the standard errors: powers of a dose differ by many orders
  se <- fit$se[which]
  z <- beta / se
  correlation <- fit$vcov[which, which, drop = FALSE] / outer(se, se)
  wald <- drop(z %*% solve(correlation, z, tol = 0))
  m <- length(which)
  normal <- is.infinite(fit$df)
  data.frame(
    coefficients = toString(names(beta)),
    statistic = if (normal) wald else wald / m, df1 = m, df2 = fit$df,
    p_value = if (normal) {
      stats::pchisq(wald, m, lower.tail = FALSE)
    } else {
      stats::pf(wald / m, m, fit$df, lower.tail = FALSE)
    }
  )
}

multilevel_wald <- function(fit, which) {
  found <- wald_multilevel(fit, which)
  data.frame(
    coefficients = toString(names(fit$beta)[which]), statistic = found$statistic,
    df1 = found$df[1], df2 = found$df[2], p_value = found$p_value
  )
}

tested_coefficients <- function(fit, terms, call = rlang::caller_env()) {
  which <- if (is.null(terms)) {
    setdiff(seq_len(fit$p), which(names(fit$beta) == "(Intercept)"))
  } else {
    unique(coefficient_numbers(fit, terms, call))
  }
  if (length(which) > 0) return(which)
  stop_user("The fit has no moderator to test.", "coefficient", call = call)
}

# Likelihood-ratio test. Restricted likelihoods of different moderators are likelihoods
# of different data, so they are not compared.
ratio_test <- function(a, b, call = rlang::caller_env()) {
  check_class(b, "mv_fit", "pool_effects", arg = "object2", call = call)
  larger <- a$p + variance_count(a) >= b$p + variance_count(b)
  full <- if (larger) a else b
  small <- if (larger) b else a
  check_comparable(full, small, call)
  restricted <- full$method == "REML"
  full_log_lik <- logLik.mv_fit(full, REML = restricted)
  small_log_lik <- logLik.mv_fit(small, REML = restricted)
  df <- attr(full_log_lik, "df") - attr(small_log_lik, "df")
  ratio <- max(0, 2 * (as.numeric(full_log_lik) - as.numeric(small_log_lik)))
  reference <- ratio_reference(full, small, df, call)
  found <- data.frame(
    model = c("full", "reduced"),
    df = c(attr(full_log_lik, "df"), attr(small_log_lik, "df")),
    loglik = c(full_log_lik, small_log_lik),
    AIC = c(
      stats::AIC(full_log_lik), stats::AIC(small_log_lik)
    ),
    ratio = c(NA, ratio),
    p_value = c(NA, ratio_p_value(ratio, df, reference$boundary))
  )
  if (!is.null(reference$text)) found$reference <- c(NA, reference$text)
  found
}

# A model with random parts tells what its statistic is compared with.
ratio_reference <- function(full, small, df, call) {
  if (!is_multilevel(full) && !is_multilevel(small)) return(list(boundary = FALSE))
  boundary <- compare_parts(full, small, call)
  list(boundary = boundary, text = reference_text(df, boundary))
}

is_same_V <- function(a, b) {
  (length(a$i) == 0 && length(b$i) == 0) || identical(a, b)
}

check_comparable <- function(full, small, call) {
  same <- identical(full$yi, small$yi) && identical(full$vi, small$vi) &&
    is_same_V(full$pairs, small$pairs)
  if (!same) {
    stop_user("The two fits do not have the same effects.", "nested", call = call)
  }
  within <- qr(cbind(model.matrix.mv_fit(full), model.matrix.mv_fit(small)))$rank
  if (within > full$p) {
    stop_user("The two fits are not nested: neither has all moderators of the other.",
      "nested", call = call
    )
  }
  methods <- c(full$method, small$method)
  moderators_differ <- full$p != small$p
  likely <- all(methods %in% c("ML", "REML", "EE"))
  if (likely && !(moderators_differ && "REML" %in% methods)) return(invisible())
  stop_user(c(
    "A likelihood-ratio test of moderators needs both fits by {.code method = \"ML\"}.",
    "x" = "These are by {.val {methods}}.",
    "i" = "{.code update(fit, method = \"ML\")} fits again."
  ), "nested", call = call)
}
