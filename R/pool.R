#' Pool effects
#'
#' Fits the random-effects (or equal-effects) model to independent effects, with
#' moderators or without: \eqn{y_i \sim N(x_i'\beta, v_i + \tau^2)}. With `random` it fits
#' a multilevel or multivariate model to dependent ones.
#'
#' Rows of one study are not independent: they share animals, a laboratory, often a
#' control. If two rows share a study and there is no `random`, `pool_effects()` stops and
#' says what to do. Rows with `pooled = FALSE` (no effect, no variance, a normalised mean
#' difference whose denominator cannot be told from zero) stay out; the fit counts them.
#'
#' The default test of independent effects is Knapp-Hartung with the scale never below 1
#' (`"adhoc"`): with few studies, plain Knapp-Hartung gives intervals that are too narrow
#' when effects happen to agree. An equal-effects fit (`method = "EE"`) is tested by z.
#' With one effect, or as many coefficients as effects, it is the only one that can be
#' fitted.
#'
#' @param effects The effects: an `mv_effects` from [effect_sizes()], [as_effects()] or
#'   [nest_outcomes()], or any data frame with columns `yi` and `vi` (a variance, not a
#'   standard error). Of several imputations ([impute_sd()]) each is fitted, with `random`
#'   too, and the fits are combined by Rubin's rules, see [mv_fit_imputed].
#' @param mods A one-sided formula over columns of `effects`; `~ 1` for none.
#' @param random A one-sided formula with a bar, such as `~ 1 | study / .row`, or a list
#'   of them; NULL for independent effects. See the section Random parts.
#' @param struct The structure of formulas with a column before the bar: one word, or one
#'   for each of them. See the table in Random parts.
#' @param R A list of correlation matrices by column, with the names of the levels on rows
#'   and columns: `list(strain = kinship)`.
#' @param fix Parameters that are not estimated: numbers with their names.
#' @param tie Parameters that are equal: a list of character vectors of their names.
#' @param rho The correlation of two readings of the same animals, as in
#'   [vcov()][vcov.mv_effects]: a number, a matrix or list by outcome, or [rho_between()].
#'   Needed with `random` where animals were read at several outcomes or times.
#' @param method How tau2 is estimated: `"REML"`, `"ML"`, `"DL"`, `"PM"` or `"EE"`
#'   (equal effects; also `"FE"`, `"CE"`). See [tau2]. With `random`: `"REML"` or `"ML"`.
#' @param test Test and interval of the coefficients. Of independent effects `"adhoc"`
#'   (default), `"knha"` (Knapp-Hartung), `"t"` with k - p degrees of freedom, `"z"`
#'   (default of `method = "EE"`). With `random` `"satterthwaite"` (default),
#'   `"containment"`, `"t"`, `"z"`.
#' @param level Level of the intervals, between 0 and 1.
#' @param dependence What to do when rows share a study and there is no `random`:
#'   `"stop"`, or `"ignore"` to go on as if they were independent, which every print of
#'   the fit then says.
#' @param zero_variance What to do with a `vi` of 0: `"stop"`, or `"keep"` (methods
#'   `"REML"`, `"ML"` and `"PM"` without `random`), an error where the likelihood then has
#'   no maximum.
#' @return An object of class `mv_fit`. `print()` and [summary()][summary.mv_fit] show
#'   it; [predict()][predict.mv_fit], [confint()][confint.mv_fit], [heterogeneity()],
#'   [tidy()][tidy.mv_fit], [forest()] and [reported_range()] read it; so do `coef()`,
#'   `vcov()` and the other generics for fitted models ([mv_fit-methods][coef.mv_fit]).
#'
#'   With `random` also of class `mv_fit_multilevel`. Its `components` is a data frame
#'   with one row a parameter: `parameter` (its name), `part`, `kind` (`"variance"` or
#'   `"correlation"`), `estimate`, `fixed`, `tied`, `boundary`, `levels` (how many groups
#'   the part has). `df` has one value a coefficient; `gradient_norm`, `evaluations`,
#'   `n_maxima` and `n_blocks` tell of the search; `tau2` is the sum of the variances, the
#'   variance of a new true effect, NA where a part has several.
#' @section Errors: Classed: `mv_error_dependent` (rows share a study),
#'   `mv_error_too_few` (fewer effects than `method` needs), `mv_error_rank` (moderators
#'   that are combinations of others, by name), `mv_error_variance` (a `vi` that is
#'   negative, infinite or zero, by row), `mv_error_weight_only` (MSR with the number of
#'   animals as a weight, and a `method` that estimates tau2), `mv_error_unbounded` (the
#'   likelihood has no maximum), `mv_error_not_finite` (numbers too large or small for the
#'   arithmetic). A moderator's missing values leave rows out with a warning that names
#'   them.
#' @references
#' Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a
#' single covariate. *Stat Med* 22:2693-2710.
#' @examples
#' effects <- as_effects(stroke_efficacy, yi = estimate, lower = ci_lower,
#'                       upper = ci_upper, study = intervention)
#' pool_effects(effects)
#' pool_effects(effects, mods = ~ missing_percent, test = "t")
#'
#' # several effects a study, of animals that share controls and are read twice
#' amyloid <- cohorts(msc_simulated) |>
#'   comparisons() |>
#'   effect_sizes("ROM") |>
#'   subset(outcome == "amyloid-beta deposits")
#' pool_effects(amyloid, random = ~ 1 | study / .row, rho = 0.6)
#' @export
pool_effects <- function(effects, mods = ~1, random = NULL, struct = "CS", R = NULL,
                         fix = NULL, tie = NULL, rho = NULL, method = "REML",
                         test = NULL, level = 0.95, dependence = c("stop", "ignore"),
                         zero_variance = c("stop", "keep")) {
  if (inherits(effects, "mv_effects_imputed")) {
    return(pool_imputed(as.list(environment())))
  }
  effects <- pool_input(effects)
  method <- check_method(method)
  level <- check_level(level)
  dependence <- check_choice(dependence[1], c("stop", "ignore"), "dependence")
  zero_variance <- check_choice(zero_variance[1], c("stop", "keep"), "zero_variance")
  design <- design_of(mods, effects, rows_to_pool(effects))
  used <- design$used
  yi <- take_rows(effects$yi, used)
  vi <- take_rows(effects$vi, used)
  check_weight_only(effects, used, method)
  tell_mixed_measures(effects, used)
  if (!is.null(random)) {
    args <- list(
      random = random, struct = struct, R = R, fix = fix, tie = tie, rho = rho,
      method = method, test = test, level = level
    )
    return(pool_multilevel(effects, design, args))
  }
  check_without_random(struct, R, fix, tie, rho)
  dependent <- check_dependence(effects, used, dependence)
  k <- length(yi)
  p <- if (is.null(design$x)) 1L else ncol(design$x)
  check_enough(k, p, method)
  check_variances(effects, used, vi, method, zero_variance, yi, design$x)
  default_test <- is.null(test)
  test <- check_test(test, method, k, p)
  found <- .Call(mv_pool, yi, vi, design$x, design$intercept, method, test, level)
  check_status(found, colnames(design$x))
  new_fit(found, design,
    yi = yi, vi = vi, effects = effects, method = method, test = test, level = level,
    k = k, p = p, dependent = dependent, default_test = default_test
  )
}

# What only a multilevel model reads.
check_without_random <- function(struct, R, fix, tie, rho, call = rlang::caller_env()) {
  given <- c(
    struct = !identical(struct, "CS"), R = !is.null(R), fix = !is.null(fix),
    tie = !is.null(tie), rho = !is.null(rho)
  )
  if (!any(given)) return(invisible())
  given <- names(given)[given]
  stop_user(c(
    "{.arg {given}} {?is/are} read only with {.arg random}.",
    "i" = "For effects that share a study, {.code random = ~ 1 | study / .row}."
  ), "choice", call = call)
}

# ---- input ---------------------------------------------------------------------------

pool_input <- function(effects, call = rlang::caller_env()) {
  if (!inherits(effects, "mv_effects")) {
    if (!is.data.frame(effects)) {
      stop_user(c(
        "{.arg effects} must be a table of effects, from {.fn effect_sizes} or
         {.fn as_effects}.",
        "x" = "It is {.obj_type_friendly {effects}}."
      ), "class", call = call)
    }
    effects <- as_effects(effects)
  }
  lost <- c("yi", "vi")[!c("yi", "vi") %in% names(effects)]
  if (length(lost) > 0) {
    stop_user("{.arg effects} has no column {.val {lost}}.", "column", call = call)
  }
  settle_effects(effects, call)
}

# The rows that are pooled; NULL for all, so that a large table is not copied.
rows_to_pool <- function(effects) {
  pooled <- effects[["pooled"]]
  whole <- !anyNA(effects$yi) && !anyNA(effects$vi) && (is.null(pooled) || all(pooled))
  if (whole) return(NULL)
  keep <- !is.na(effects$yi) & !is.na(effects$vi)
  if (!is.null(pooled)) keep <- keep & pooled
  which(keep)
}

take_rows <- function(x, rows) {
  if (is.null(rows)) as.double(x) else as.double(x[rows])
}

# ---- the design ----------------------------------------------------------------------

design_of <- function(mods, effects, used, call = rlang::caller_env()) {
  if (!inherits(mods, "formula") || length(mods) != 2) {
    found <- if (inherits(mods, "formula")) {
      "It has a left side: the effects are always {.field yi}."
    } else {
      "It is {.obj_type_friendly {mods}}."
    }
    stop_user(c(
      "{.arg mods} must be a one-sided formula, such as {.code ~ dose + species}.",
      "x" = found
    ), "formula", call = call)
  }
  if (identical(mods[[2]], 1)) {
    return(list(x = NULL, intercept = 0L, used = used, mods = mods))
  }
  check_formula_columns(mods, names(effects), call)
  frame_of_mods(mods, effects, used, call)
}

check_formula_columns <- function(mods, columns, call) {
  unknown <- setdiff(all.vars(mods), columns)
  if (length(unknown) == 0) return(invisible())
  hint <- did_you_mean(unknown[1], columns)
  stop_user(c(
    "{.arg mods} names {.val {unknown[1]}}, which is not a column of the effects.",
    "i" = if (length(hint)) "{hint}"
  ), "column", call = call)
}

frame_of_mods <- function(mods, effects, used, call) {
  data <- as.list(effects)[all.vars(mods)]
  if (length(data) == 0) data <- list(.rows = seq_along(effects$yi))
  check_moderators(data, call)
  if (!is.null(used)) data <- lapply(data, \(column) column[used])
  data <- as.data.frame(data, optional = TRUE, stringsAsFactors = TRUE)
  complete <- stats::complete.cases(data)
  if (!all(complete)) {
    used <- if (is.null(used)) seq_along(complete) else used
    tell_missing_mods(data, used[!complete], effects[["study"]])
    used <- used[complete]
    data <- data[complete, , drop = FALSE]
  }
  # na.pass: a value that the formula makes (the log of a negative) is told below
  frame <- evaluate_terms("mods", call, stats::model.frame(mods, data,
    drop.unused.levels = TRUE, na.action = stats::na.pass
  ))
  terms <- attr(frame, "terms")
  check_terms(terms, call)
  check_levels(frame, call)
  x <- stats::model.matrix(terms, frame)
  contrasts <- attr(x, "contrasts")
  x <- matrix(as.double(x), nrow(x), dimnames = list(NULL, colnames(x)))
  check_finite_design(x, used, effects[["study"]], call)
  list(
    x = x, used = used, mods = mods, terms = terms,
    intercept = attr(terms, "intercept") - 1L,
    xlevels = stats::.getXlevels(terms, frame), contrasts = contrasts
  )
}

# Columns that a formula has no meaning for, or a wrong one.
check_moderators <- function(data, call) {
  usable <- vapply(data, \(x) {
    is.atomic(x) && !is.complex(x) && is.null(dim(x)) && !inherits(x, "integer64")
  }, NA)
  if (all(usable)) return(invisible())
  bad <- which(!usable)[1]
  stop_user(c(
    "Moderator {.val {names(data)[bad]}} must be a column of numbers, text or TRUE and
     FALSE.",
    "x" = "It is {.obj_type_friendly {data[[bad]]}}.",
    "i" = if (inherits(data[[bad]], "integer64")) "Convert it by {.fn as.numeric}."
  ), "moderator", call = call)
}

# What R says of a formula that it cannot evaluate, in a message of ours.
evaluate_terms <- function(arg, call, expr) {
  tryCatch(expr, error = function(e) {
    told <- conditionMessage(e)
    stop_user(c("{.arg {arg}} cannot be evaluated.", "x" = "{told}"), "formula",
      call = call
    )
  })
}

# model.matrix() makes nothing of `~ 0`, and leaves an offset out, without a word.
check_terms <- function(terms, call) {
  empty <- length(attr(terms, "term.labels")) == 0 && attr(terms, "intercept") == 0
  if (empty) stop_user("{.arg mods} leaves nothing to estimate.", "formula", call = call)
  if (is.null(attr(terms, "offset"))) return(invisible())
  stop_user(c(
    "{.arg mods} has an offset, which the model does not take.",
    "i" = "Subtract it from {.field yi}."
  ), "formula", call = call)
}

tell_missing_mods <- function(data, rows, study) {
  lacking <- names(data)[vapply(data, anyNA, NA)]
  warn_user(c(
    "{.val {lacking}} {?is/are} missing in {name_rows(rows, study)}.",
    "i" = "{cli::qty(length(rows))}{?This row is/These rows are} left out of the fit."
  ), "missing_moderator")
}

check_levels <- function(frame, call) {
  single <- vapply(frame, \(x) {
    (is.factor(x) || is.character(x) || is.logical(x)) && length(unique(x)) < 2
  }, NA)
  if (nrow(frame) == 0 || !any(single)) return(invisible())
  stop_user(c(
    "Moderator {.val {names(frame)[single]}} has the same value in every row.",
    "i" = "Leave it out: there is nothing to compare."
  ), "rank", call = call)
}

check_finite_design <- function(x, used, study, call) {
  bad <- which(!is.finite(rowSums(x)))
  if (length(bad) == 0) return(invisible())
  rows <- if (is.null(used)) bad else used[bad]
  stop_user("A moderator is not finite in {name_rows(rows, study)}.", "moderator",
    call = call
  )
}

# ---- checks --------------------------------------------------------------------------

# Rows that share a study are dependent, whatever their covariance says. A table without
# a study column has one study a row, which the print of the fit says.
check_dependence <- function(effects, used, dependence, call = rlang::caller_env()) {
  study <- effects[["study"]]
  if (dependence == "stop") check_brought(effects, used, call)
  if (is.null(study)) return(0L)
  if (!is.null(used)) study <- study[used]
  if (!anyDuplicated(study, incomparables = NA)) return(0L)
  repeated <- unique(study[duplicated(study, incomparables = NA)])
  if (dependence == "ignore") return(length(repeated))
  rows <- sum(study %in% repeated)
  shown <- utils::head(as.character(repeated), 3)
  dots <- if (length(repeated) > 3) ", ..." else ""
  stop_user(c(
    "{rows} of {length(study)} effects share a study with another
     ({toString(shown)}{dots}), so they are not independent.",
    "i" = "Pool them by a multilevel model: {.code random = ~ 1 | study / .row}.",
    "i" = "Or join the effects of each study first:
           {.code nest_outcomes(effects, by = study)}.",
    "i" = "Or go on as if they were independent, {.code dependence = \"ignore\"}, and
           correct the standard errors by {.fn robust}."
  ), "dependent", call = call, studies = repeated)
}

# A matrix that the user brought may say that rows of different studies are dependent.
check_brought <- function(effects, used, call) {
  if (is.null(attr(effects, "V", exact = TRUE))) return(invisible())
  rows <- if (is.null(used)) seq_along(effects$yi) else used
  V <- vcov.mv_effects(effects[rows, , drop = FALSE], rho = 0)
  if (!any(V[lower.tri(V)] != 0, na.rm = TRUE)) return(invisible())
  stop_user(c(
    "The brought matrix says that these effects are not independent.",
    "i" = "With {.code random = ~ 1 | .row} the model takes the matrix in.",
    "i" = "To go on as if they were independent, say {.code dependence = \"ignore\"}."
  ), "dependent", call = call)
}

tell_mixed_measures <- function(effects, used) {
  measure <- effects[["measure"]]
  if (!is.null(used)) measure <- measure[used]
  alike <- length(measure) == 0 || all(measure == measure[1], na.rm = TRUE)
  if (alike) return(tell_mixed_directions(effects, used, measure))
  warn_user(c(
    "The effects are of several measures: {.val {unique(measure)}}.",
    "i" = "Their pooled value has no unit. Pool each measure by itself."
  ), "mixed")
}

# The number of animals is a weight without a unit: tau2 cannot be told from it, nor a
# standard error.
weight_only <- function(effects, used) {
  if (is.null(effects[["variance"]])) return(integer())
  rows <- which(effects[["variance"]] == "N" & effects[["measure"]] == "MSR")
  if (is.null(used)) rows else intersect(rows, used)
}

weight_note <- function(effects, used) {
  if (length(weight_only(effects, used)) == 0) return(character())
  paste(
    "The weights are numbers of animals, no variances: only the estimate has a meaning,",
    "not its standard error, intervals and p, nor Q and I2."
  )
}

check_weight_only <- function(effects, used, method, call = rlang::caller_env()) {
  bad <- if (method != "EE") weight_only(effects, used)
  if (length(bad) == 0) return(invisible())
  stop_user(c(
    "{.code method = {.val {method}}} estimates tau2, which needs variances.",
    "x" = "In {name_rows(bad, effects[['study']])} there is only the number of animals as
     a relative weight ({.code variance = \"N\"}).",
    "i" = "Take {.code method = \"EE\"}, or the form {.val deaths} or {.val interval}."
  ), "weight_only", call = call)
}

# Raw effects of one measure whose outcomes point to different sides.
tell_mixed_directions <- function(effects, used, measure) {
  worse <- effects[["greater_is_worse"]]
  if (!is.null(used)) worse <- worse[used]
  if (!all(c(TRUE, FALSE) %in% worse)) return(invisible())
  turned <- effects[["direction"]]
  if (!is.null(used)) turned <- turned[used]
  raw <- turned %in% "raw" & !(measure %in% one_way_measures())
  if (!all(c(TRUE, FALSE) %in% worse[raw])) return(invisible())
  warn_user(c(
    "{.field greater_is_worse} is TRUE for some of these effects and FALSE for others, so
     one improvement cancels another.",
    "i" = "Compute them with {.code direction = \"benefit\"}, or pool each direction by
     itself."
  ), "mixed")
}

check_enough <- function(k, p, method, call = rlang::caller_env()) {
  if (k == 0) stop_user("There is no effect to pool.", "too_few", call = call)
  if (k > p || (k == p && method == "EE")) return(invisible())
  hint <- if (k == p) {
    "Only {.code method = \"EE\"} can be fitted."
  } else {
    "Use fewer moderators."
  }
  stop_user(c(
    "{.code method = {.val {method}}} needs at least {p + (method != 'EE')} effects for
     {p} coefficient{?s}.",
    "x" = "There {cli::qty(k)}{?is/are} {k}.",
    "i" = hint
  ), "too_few", call = call)
}

check_variances <- function(effects, used, vi, method, zero_variance, yi, x,
                            call = rlang::caller_env()) {
  ends <- range(vi)
  if (ends[1] > 0 && is.finite(ends[2]) && all(is.finite(range(yi)))) {
    return(invisible())
  }
  rows <- if (is.null(used)) seq_along(vi) else used
  stop_at <- function(bad, what, ...) {
    where <- name_rows(rows[bad], effects[["study"]])
    stop_user(c(paste(what, "in {where}."), ...), "variance", call = call)
  }
  if (any(vi < 0)) stop_at(vi < 0, "The variance {.field vi} is negative")
  unbounded <- is.infinite(vi)
  if (any(unbounded)) stop_at(unbounded, "The variance {.field vi} is infinite")
  unbounded <- is.infinite(yi)
  if (any(unbounded)) stop_at(unbounded, "The effect {.field yi} is infinite")
  if (zero_variance == "stop") {
    stop_at(vi == 0, "The variance {.field vi} is 0",
      "i" = "An effect without variance would decide alone. Check it, or set
             {.field pooled} to FALSE for it."
    )
  }
  if (method %in% c("EE", "DL")) {
    stop_at(vi == 0, "The variance {.field vi} is 0",
      "i" = "{.code method = {.val {method}}} has no weight for it."
    )
  }
  check_bounded(method, vi == 0, yi, x, call)
}

# With variances of zero the likelihood can grow without limit as tau2 goes to 0: where
# the model fits those effects exactly, and (REML) they are more than it needs to.
check_bounded <- function(method, zero, yi, x, call) {
  x <- if (is.null(x)) matrix(1, length(yi), 1) else x
  fit <- qr(x[zero, , drop = FALSE])
  exact <- all(abs(qr.resid(fit, yi[zero])) <= 1e-12 * max(abs(yi)))
  spare <- sum(zero) - fit$rank
  if (!exact || method == "PM" || (method == "REML" && spare == 0)) return(invisible())
  stop_user(c(
    "The likelihood has no maximum: the model fits {sum(zero)} effect{?s} of variance 0
     exactly.",
    "i" = if (method == "ML" && spare == 0) "{.code method = \"REML\"} has one."
  ), "unbounded", call = call)
}

status_sentences <- c(
  rank_deficient =
    "{.arg mods} gives columns that are combinations of others: {.val {columns}}.",
  degenerate = "One effect of variance 0 determines the estimate alone.",
  not_positive = "The moderators cannot be told apart with these weights.",
  not_finite = "The effects or variances are too large or too small for the arithmetic.",
  not_converged = "The search for tau2 did not end; its last value was {tau2}."
)

status_classes <- c(
  rank_deficient = "rank", degenerate = "unbounded",
  not_positive = "rank", not_finite = "not_finite", not_converged = "not_converged"
)

check_status <- function(found, columns, call = rlang::caller_env()) {
  if (found$status == "ok") return(invisible())
  columns <- columns[found$aliased == 1]
  tau2 <- found$numbers[1]
  stop_user(status_sentences[[found$status]], status_classes[[found$status]],
    status = found$status, tau2 = tau2, call = call
  )
}
