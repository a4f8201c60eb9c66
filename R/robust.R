#' Cluster-robust standard errors, intervals and tests
#'
#' Standard errors that stay right where effects of one study (or lab, or species) are
#' dependent in a way that the model does not say. The estimates do not change.
#'
#' The effects of different clusters must be independent; within a cluster they may be
#' dependent in any way. `"CR2"` corrects what few clusters would bias: its expectation is
#' exactly the model's covariance where the model is right. Its t tests have Satterthwaite
#' degrees of freedom, one for each coefficient, and its joint tests (`anova()`, and the
#' moderators in `print()`) are Hotelling's (HTZ). With fewer than 4 degrees of freedom
#' the p value and the interval cannot be relied on, and the print says so; there see
#' [wild_bootstrap()].
#'
#' The weights and variance components are those of the fit. One that takes dependent
#' effects as independent may have weights far from the best, but the standard errors are
#' still right; a multilevel fit (`random` in [pool_effects()]) has better ones. Its
#' clusters must hold whole groups: no variance component may join two of them.
#'
#' @param x An `mv_fit` from [pool_effects()], with `random`, or with effects of shared
#'   studies by `dependence = "ignore"`. Anything else goes to `metafor::robust()`.
#' @param cluster The column of the effects table that tells clusters apart, or values for
#'   all its rows; `study` by default. Values from outside the table come by `.env$`.
#' @param type `"CR2"` (bias-reduced; Bell and McCaffrey 2002, Pustejovsky and Tipton
#'   2018), `"CR0"` (the plain sandwich), `"CR1"` (times m / (m - 1) for m clusters) or
#'   `"CR1p"` (times m / (m - p) for p coefficients).
#' @param ... Must be empty.
#' @return The fit, of class `mv_fit_robust` before its own, with `vcov`, `se`, `df` (one
#'   a coefficient), `statistic`, `p_value`, the interval and the test of the moderators
#'   replaced. `robust` is a list: `type`, `cluster` (its name), `clusters` (how many),
#'   `group` (the cluster of each pooled row), `share` (of the model's variance that the
#'   robust one has on average where the model is right: 1 for `"CR2"` unless a cluster
#'   alone decides a coefficient) and `model` (what was replaced). A coefficient that one
#'   cluster alone decides has NA for its standard error. `print()`, `summary()`,
#'   `tidy()`, `confint()`, `vcov()`, `predict()`, `anova()` and `update()` know it.
#'   Prediction intervals have clusters - p degrees of freedom in place of k - p.
#' @section Errors: Classed `mv_error_cluster`: a missing cluster, only one, fewer than
#'   the coefficients and one, or clusters that a random part or V joins;
#'   `mv_error_choice` for an unknown type.
#' @references
#' Bell RM, McCaffrey DF (2002). Bias reduction in standard errors for linear regression
#' with multi-stage samples. *Surv Methodol* 28:169-181.
#'
#' Pustejovsky JE, Tipton E (2018). Small-sample methods for cluster-robust variance
#' estimation and hypothesis testing in fixed effects models. *J Bus Econ Stat*
#' 36:672-683.
#' @examples
#' set.seed(1)
#' effects <- as_effects(data.frame(
#'   study = rep(paste("Simulated", 1:12), each = 3), dose = rep(1:3, 12),
#'   yi = rep(rnorm(12), each = 3) + rnorm(36, sd = 0.3), vi = 0.1
#' ))
#' fit <- pool_effects(effects, ~dose, dependence = "ignore")
#' robust(fit)
#' anova(robust(fit), terms = c("(Intercept)", "dose"))
#' @export
robust <- function(x, cluster, ...) UseMethod("robust")

robust_types <- c("CR0", "CR1", "CR1p", "CR2")

#' @rdname robust
#' @export
#' @exportS3Method metafor::robust mv_fit
robust.mv_fit <- function(x, cluster, type = "CR2", ...) {
  rlang::check_dots_empty()
  if (!is.null(x$imputed)) stop_several_tables("robust")
  type <- check_choice(type, robust_types)
  model <- without_robust(x)
  by <- take_clusters(model, rlang::enquo(cluster))
  new_robust(model, by, type)
}

# Objects of metafor, when this package's generic masks theirs: the user's own call is
# made again, in the user's frame, with their generic.
#' @rdname robust
#' @export
robust.default <- function(x, cluster, ...) {
  if (!"metafor" %in% loadedNamespaces()) {
    stop_user(c(
      "{.arg x} must be {.cls mv_fit}, made by {.fn pool_effects}.",
      "x" = "It is {.obj_type_friendly {x}}.",
      "i" = "For an object of metafor, load that package first."
    ), "class", call = rlang::current_env())
  }
  theirs <- sys.call()
  theirs[[1]] <- quote(metafor::robust)
  eval(theirs, parent.frame())
}

# ---- clusters ------------------------------------------------------------------------

# The cluster of each pooled row, numbered as they appear, and what it is called.
take_clusters <- function(fit, quo, call = rlang::caller_env()) {
  by_study <- rlang::quo_is_missing(quo)
  if (by_study) check_has_study(fit, call)
  quos <- stats::setNames(list(quo), if (by_study) "study" else "cluster")
  taken <- take_columns(fit$effects, quos, call)
  value <- taken$values[[1]]
  check_clusters_named(fit, value, call)
  if (!is.null(fit$used)) value <- value[fit$used]
  group <- group_ids(value)
  name <- taken$from[[1]]
  check_enough_clusters(max(group), fit$p, name, call)
  if (by_study) quo <- rlang::new_quosure(quote(study), rlang::empty_env())
  list(name = name, group = group, quo = quo)
}

check_has_study <- function(fit, call) {
  if ("study" %in% names(fit$effects)) return(invisible())
  stop_user(c(
    "The effects have no column {.field study}.",
    "i" = "Name the column that tells clusters apart: {.code cluster = lab}."
  ), "cluster", call = call)
}

check_clusters_named <- function(fit, value, call) {
  if (is.null(value)) stop_user("{.arg cluster} is NULL.", "cluster", call = call)
  rows <- which(is.na(value))
  if (!is.null(fit$used)) rows <- intersect(rows, fit$used)
  if (length(rows) == 0) return(invisible())
  stop_user(c(
    "{.arg cluster} is missing in {name_rows(rows, fit$effects[['study']])}.",
    "i" = "Whom such a row depends on is not known. Name its cluster, or leave it out of
     the fit."
  ), "cluster", call = call)
}

check_enough_clusters <- function(m, p, name, call) {
  if (m == 1) {
    stop_user(c(
      "All effects are in one cluster of {.field {name}}.",
      "i" = "Robust standard errors are made of the differences between clusters."
    ), "cluster", call = call)
  }
  if (m > p) return(invisible())
  stop_user(c(
    "There are {m} clusters of {.field {name}} for {p} coefficients; at least {p + 1} are
     needed.",
    "i" = "Use fewer moderators."
  ), "cluster", call = call)
}

# ---- what the core needs -------------------------------------------------------------

# The model by which effects were weighted: design `x` (NULL: a column of ones),
# `residual`, and its covariance, which must be 0 between clusters: `variance`, one a row,
# or `block`: the matrices of the clusters 1, 2, ... one after another, each row by row
# with its rows in the order of the pooled rows.
working_covariance <- function(fit, cluster) UseMethod("working_covariance")

working_covariance.mv_fit <- function(fit, cluster) {
  list(
    x = fit$X, residual = residuals.mv_fit(fit), variance = fit$vi + fit$tau2,
    block = NULL
  )
}

working_covariance.mv_fit_multilevel <- function(fit, cluster) {
  found <- .Call(mv_multilevel_blocks, multilevel_problem(as_model(fit)), fit$theta,
    as.integer(cluster), max(cluster)
  )
  if (!is.na(found$joined)) stop_joined(fit, found$joined, cluster)
  list(x = fit$X, residual = residuals.mv_fit(fit), variance = NULL, block = found$block)
}

# The weights of the fit would join what the clusters take as independent. `part`: 0 is
# V.
stop_joined <- function(fit, part, cluster, call = rlang::caller_env(5)) {
  joined <- if (part == 0) {
    "Sampling errors of effects in different clusters are correlated."
  } else {
    "{.val {fit$parts[[part]]$name}} has groups with effects in several clusters."
  }
  stop_user(c(
    "Effects of different clusters must be independent in the model.",
    "x" = joined,
    "i" = "Take the outermost groups as clusters."
  ), "cluster", call = call)
}

clustered_problem <- function(fit, group) {
  work <- working_covariance(fit, group)
  list(
    work$x, as.double(work$residual), work$variance, work$block,
    order(group, method = "radix"), c(0L, cumsum(tabulate(group)))
  )
}

# Robust variances of the contrasts that are the rows of a matrix, see mv_robust_vcov().
robust_contrasts <- function(fit, group, type, contrasts, call = rlang::caller_env()) {
  found <- .Call(mv_robust_vcov, clustered_problem(fit, group), type, contrasts)
  check_robust_status(found$status, call)
  if (is_exact(fit)) found$told[] <- 0
  found
}

# Effects that are as fitted, but for rounding: clusters that do not differ at all say
# nothing of the standard error. As a multiple of the sampling error.
exact_residual <- 1e-10

is_exact <- function(fit) {
  all(abs(residuals.mv_fit(fit)) <= exact_residual * sqrt(fit$vi))
}

check_robust_status <- function(status, call) {
  if (status == "ok") return(invisible())
  stop_user(c(
    "The robust covariance cannot be computed.",
    "x" = if (status == "not_positive") "A covariance matrix that is needed is singular.",
    "x" = if (status == "rank_deficient") {
      "The moderators cannot be told apart with these weights."
    },
    "x" = if (status == "not_finite") {
      "The effects or variances are too large or too small for the arithmetic."
    }
  ), status, call = call)
}

# ---- the fit -------------------------------------------------------------------------

# What other clusters say of a contrast, between 0 and 1; below this it is rounding, and
# one cluster alone decides.
least_told <- 1e-8

replaced_fields <- c(
  "vcov", "se", "df", "statistic", "p_value", "ci_lower", "ci_upper", "QM", "QM_df",
  "QM_p"
)

new_robust <- function(model, by, type, call = rlang::caller_env()) {
  names <- names(model$beta)
  found <- robust_contrasts(model, by$group, type, diag(model$p), call)
  lost <- found$told < least_told
  fit <- model
  fit$vcov[] <- found$vcov
  se <- sqrt(found$variance)
  se[lost] <- found$df[lost] <- NA
  fit$se <- stats::setNames(se, names)
  fit$df <- stats::setNames(found$df, names)
  fit$robust <- list(
    type = type, cluster = by$name, clusters = max(by$group), group = by$group,
    share = stats::setNames(found$share, names), quo = by$quo,
    studies_apart = by$name != "study" && studies_apart(model, by$group),
    exact = is_exact(model),
    model = model[replaced_fields]
  )
  fit <- test_again(fit)
  class(fit) <- c("mv_fit_robust", class(model))
  test_moderators(fit)
}

without_robust <- function(fit) {
  if (is.null(fit$robust)) return(fit)
  fit[replaced_fields] <- fit$robust$model
  fit$robust <- NULL
  class(fit) <- setdiff(class(fit), "mv_fit_robust")
  fit
}

# Whether a study lies in several clusters, so that its rows count as independent.
studies_apart <- function(fit, group) {
  study <- fit_column(fit, "study")
  if (is.null(study)) return(FALSE)
  known <- !is.na(study)
  any(group[known] != group[known][first_of(study[known])])
}

test_moderators <- function(fit) {
  which <- setdiff(seq_len(fit$p), which(names(fit$beta) == "(Intercept)"))
  if (is_intercept_only(fit) || length(which) == 0) return(fit)
  if (length(which) == 1) {
    fit$QM <- fit$statistic[[which]]^2
    fit$QM_df <- c(1, fit$df[[which]])
    fit$QM_p <- fit$p_value[[which]]
    return(fit)
  }
  found <- hotelling_test(fit, which)
  fit$QM <- found$statistic
  fit$QM_df <- c(found$df1, found$df2)
  fit$QM_p <- found$p_value
  fit
}

# Rows of the identity: the coefficients themselves as contrasts.
coefficient_rows <- function(fit, which) diag(fit$p)[which, , drop = FALSE]

# Hotelling's T squared with the degrees of freedom of Zhang (2012) as Pustejovsky and
# Tipton (2018, section 3.2) have them; NA where they leave none, or a coefficient is
# decided by one cluster.
hotelling_test <- function(fit, which, call = rlang::caller_env()) {
  q <- length(which)
  found <- .Call(
    mv_robust_test, clustered_problem(fit, fit$robust$group), fit$robust$type,
    coefficient_rows(fit, which), unname(fit$beta[which])
  )
  known <- found$status == "ok" && !anyNA(fit$se[which]) && found$eta > q - 1
  df2 <- if (known) found$eta - q + 1 else NA_real_
  statistic <- df2 / (found$eta * q) * found$wald
  data.frame(
    coefficients = toString(names(fit$beta)[which]), statistic = statistic, df1 = q,
    df2 = df2, p_value = stats::pf(statistic, q, df2, lower.tail = FALSE)
  )
}

# Means at the rows of a design, each with its own degrees of freedom.
robust_mean <- function(fit, x) {
  key <- do.call(group_ids, lapply(seq_len(ncol(x)), \(i) unname(x[, i])))
  first <- which(!duplicated(key))
  rows <- matrix(as.double(x[first, , drop = FALSE]), length(first))
  found <- robust_contrasts(fit, fit$robust$group, fit$robust$type, rows)
  at <- match(key, key[first])
  lost <- found$told < least_told
  list(
    fit = unname(drop(x %*% fit$beta)),
    se = ifelse(lost, NA, sqrt(found$variance))[at], df = ifelse(lost, NA, found$df)[at]
  )
}
