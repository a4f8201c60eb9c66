#' Does a reported range hold?
#'
#' Sets the pooled effect, in percent, beside a range that somebody claims ("reduces
#' plaque by 40 to 60 %") and says in a sentence whether the claim is supported,
#' compatible, undecided or contradicted.
#'
#' The effect is the mean true effect in signed percent: for the log response ratio
#' (ROM) the geometric mean change `100 (exp(mu) - 1)` of treated against control, so that
#' a halving is -50 %, whichever way the effects were turned; for the normalised mean
#' difference (NMD) the percent of the disease effect that is undone. \[L, U\] is its
#' interval from the fit's own test and level; the claim is \[a, b\] in the same signed
#' percent (a reduction of 40 to 60 is \[-60, -40\]), w = b - a. The first rule that
#' applies gives the verdict:
#'
#' 1. **undecided**: fewer than 2 independent studies (distinct studies among the pooled
#'    rows), a fit that failed, or effects that are standardised mean differences, whose
#'    percent is too rough for a verdict.
#' 2. **supported**: a <= L and U <= b.
#' 3. **contradicted**: U < a or L > b.
#' 4. **undecided**: 0 lies in \[L, U\] but not in \[a, b\], or L < a - w and U > b + w.
#' 5. **compatible**: otherwise.
#'
#' The verdict is about the mean. Animals, strains and laboratories differ, so beside it
#' stand the 95 % prediction interval and the chance that the true effect of a new study
#' lies inside the claim. Verdicts on several claims are not adjusted for their number.
#'
#' @section How often a verdict is right:
#' Simulated (ROM, 6 to 12 animals an arm, CV 25 %, tau 0.3, claim 40 to 60 %), truth
#' -50 %: with 10 studies compatible in .92 and supported in .08 of the sets, with 30
#' supported in .81. Truth -40 %, the edge: supported and contradicted in at most .03
#' each. Truth 0: contradicted in .99 with 10 studies, .76 with 5. Truth -65 %, just
#' outside: contradicted in .22 with 10 studies and .59 with 30, else compatible. So
#' compatible is no proof of a claim, and supported takes many studies. Monte Carlo
#' errors are below .005; the script is `validation/reported_range.R` of the source.
#'
#' @param fit An `mv_fit` from [pool_effects()], or a list of them, best with names. In a
#'   list, `NULL`, a `try-error` or a condition stands for a fit that failed.
#' @param lower,upper The claimed bounds in percent, without a sign: 40 and 60. One figure
#'   is claimed where they are equal, none where both are NA. A vector has one value a
#'   claim.
#' @param change What is claimed: `"reduction"` or `"increase"` of the treated mean
#'   against the control's (ROM; NMD where the sham is 0 in every row), or `"recovery"`
#'   of the disease effect (NMD). There is no default. Where no figure is claimed, any
#'   words.
#' @param margin Percentage points: one figure c is judged as c - margin to c + margin.
#' @param newdata With moderators or random slopes: a data frame, one verdict a row.
#' @return A data frame of class `mv_range`, one row a claim (with moderators, a claim and
#'   row of `newdata`). Effects and bounds are in signed percent.
#'   * `claim` its name; `change`; `lower`, `upper` the bounds used; `margin`, NA where a
#'     range was claimed.
#'   * `estimate`, `ci_lower`, `ci_upper` (at `level`); the 95 % prediction interval
#'     `pi_lower`, `pi_upper`, with `pi_reliable` and, where that is FALSE,
#'     `pi_lower_wide`, `pi_upper_wide` as in [predict()][predict.mv_fit]; NA for equal
#'     effects.
#'   * `share_inside`: share of the pooled rows whose observed effect lies in the claim;
#'     NA with moderators. `probability_inside`: chance that a new study's true effect
#'     does, from a t distribution with k - p degrees of freedom (normal for test z)
#'     about the mean with scale `sqrt(tau2 + se^2)`; NA for equal effects, a model
#'     without new studies.
#'   * `k` pooled rows, `studies` distinct ones, `level`.
#'   * `verdict`, a factor; `reason` why it is undecided; `sentence`; `simulated`, TRUE
#'     where any pooled study is simulated.
#' @section Errors: Classed: `mv_error_change` (no or an unknown change, or one that the
#'   measure has not), `mv_error_bounds` (text, negative, reversed, a reduction above
#'   100 %), `mv_error_length` (lengths that differ and are not 1), `mv_error_percent`
#'   (effects without a percent, or turned in opposite directions),
#'   `mv_error_newdata` (moderators without `newdata`, or the other way round).
#' @seealso [reported_ranges], claims to be checked.
#' @examples
#' ratio <- c(.48, .55, .42, .61, .50, .45, .52, .58)
#' effects <- as_effects(
#'   yi = log(ratio), sei = rep(.12, 8), measure = "ROM", study = paste("Study", 1:8)
#' )
#' fit <- pool_effects(effects)
#' reported_range(fit, lower = 40, upper = 60, change = "reduction")
#'
#' # one figure is given a margin; several claims are judged at once
#' reported_range(fit, lower = c(30, 50), change = "reduction")
#' @export
reported_range <- function(fit, lower, upper = lower, change, margin = 5,
                           newdata = NULL) {
  fits <- range_fits(fit)
  if (missing(lower)) {
    stop_user("{.arg lower} is missing: the claimed percent, such as 40.", "bounds")
  }
  if (missing(change)) {
    stop_user(c(
      "{.arg change} is missing, and it has no default.",
      "i" = "Say {.or {.val {range_changes}}}."
    ), "change")
  }
  claims <- range_claims(fits, lower, upper, change, margin)
  check_newdata(fits, newdata)
  call <- rlang::current_env()
  rows <- Map(
    \(claim, name) judge_claim(claim, name, newdata, call), claims, names(claims)
  )
  new_range(do.call(rbind, unname(rows)))
}

range_verdicts <- c(
  "supported", "compatible", "undecided", "contradicted", "no figure claimed"
)

new_range <- function(table) {
  table$verdict <- factor(table$verdict, range_verdicts)
  table$sentence <- range_sentence(table)
  table$doubt <- row.names(table) <- NULL
  table <- table[c(setdiff(names(table), "simulated"), "simulated")]
  class(table) <- c("mv_range", "data.frame")
  table
}

# ---- one claim -----------------------------------------------------------------------

# One row a claim, or with moderators one a row of `newdata`.
judge_claim <- function(claim, name, newdata, call) {
  fit <- claim$fit
  scale <- range_scale(fit, claim, name, call)
  found <- range_estimates(fit, scale, newdata)
  bounds <- signed_bounds(claim)
  inside <- range_inside(fit, scale, bounds, found)
  verdict <- range_verdict(fit, claim, scale, found, bounds)
  found$mean <- found$spread <- found$df <- NULL
  data.frame(
    claim = claim_names(name, fit, newdata, row.names(found)), change = claim$change,
    lower = bounds[1], upper = bounds[2],
    margin = if (claim$single) claim$margin else NA_real_, found, inside,
    k = if (is_failed(fit)) NA_integer_ else fit$k, studies = count_studies(fit),
    level = if (is_failed(fit)) NA_real_ else fit$level,
    verdict, simulated = !is_failed(fit) && fit_is_simulated(fit),
    doubt = if (is_failed(fit)) NA_character_ else unreliable_words(fit),
    stringsAsFactors = FALSE, row.names = NULL
  )
}

# A reduction is negative. One figure gets its margin on both sides.
signed_bounds <- function(claim) {
  ends <- c(claim$lower, claim$upper)
  if (claim$single) ends <- ends + c(-1, 1) * claim$margin
  if (identical(claim$change, "reduction")) -rev(ends) else ends
}

# ---- the rules -----------------------------------------------------------------------

# Rules 2 to 5, the last that applies first, so that an earlier one overwrites it.
range_rule <- function(lower, upper, bounds) {
  width <- bounds[2] - bounds[1]
  rule <- rep("compatible", length(lower))
  rule[lower < bounds[1] - width & upper > bounds[2] + width] <- "too wide"
  rule[lower <= 0 & upper >= 0 & (bounds[1] > 0 | bounds[2] < 0)] <- "holds zero"
  rule[upper < bounds[1] | lower > bounds[2]] <- "contradicted"
  rule[bounds[1] <= lower & upper <= bounds[2]] <- "supported"
  rule[is.na(lower) | is.na(upper)] <- "missing"
  rule
}

undecided_reasons <- c(
  "one study" = "one study alone decides nothing",
  "missing" = "a moderator is missing in this row of newdata",
  "holds zero" = "the interval holds 0, no effect, which the claim does not",
  "too wide" = "the interval reaches beyond both ends of the claim by more than its width"
)

# Verdict and, where it is undecided, why.
range_verdict <- function(fit, claim, scale, found, bounds) {
  rows <- nrow(found)
  if (is_figureless(claim)) {
    return(data.frame(verdict = rep("no figure claimed", rows), reason = NA_character_))
  }
  if (!is.na(scale$problem)) {
    return(data.frame(verdict = rep("undecided", rows), reason = scale$problem))
  }
  rule <- range_rule(found$ci_lower, found$ci_upper, bounds)
  if (count_studies(fit) < 2) rule[] <- "one study"
  reason <- unname(undecided_reasons[rule])
  data.frame(verdict = ifelse(is.na(reason), rule, "undecided"), reason = reason)
}

# ---- numbers in percent --------------------------------------------------------------

# How the fit's effects become signed percent of this claim: `measure`, `sign` (what the
# effects were multiplied with), `side` (-1: NMD counts recovery, the claim a change), or
# the `problem` that leaves no percent to judge.
range_scale <- function(fit, claim, name, call) {
  if (is_failed(fit)) return(list(problem = failure_text(fit)))
  measure <- fit_measure(fit)
  if (measure == "SMD") return(list(problem = smd_problem))
  if (is_figureless(claim) && !can_tell_percent(fit)) return(list(problem = "no percent"))
  check_range_scale(fit, measure, claim, name, call)
  recovery <- claim$change == "recovery" || is_figureless(claim)
  list(
    problem = NA_character_, measure = measure, sign = fit_sign(fit),
    side = if (measure == "NMD" && !recovery) -1 else 1
  )
}

smd_problem <- paste(
  "a percent derived from a standardised mean difference is too rough for a verdict;",
  "pool measure \"ROM\" or \"NMD\""
)

can_tell_percent <- function(fit) {
  has_percent(fit_measure(fit)) && !is.na(fit_sign(fit))
}

# Always from log(m_t/m_c): the sign of a turned direction is undone first.
signed_percent <- function(y, scale) {
  scale$side * scale$sign * percent_of(y, scale$measure, scale$sign)
}

effect_of_percent <- function(percent, scale) {
  if (scale$measure == "ROM") percent <- pmax(percent, -100)
  of_percent(scale$side * scale$sign * percent, scale$measure, scale$sign)
}

prediction_level <- 0.95

estimate_columns <- c(
  "estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "pi_reliable",
  "pi_lower_wide", "pi_upper_wide"
)

# The mean effect with its intervals in signed percent; `mean` and `se` as fitted.
range_estimates <- function(fit, scale, newdata) {
  no_rows <- is_failed(fit) || (is_intercept_only(fit) && !has_slopes(fit))
  at <- if (no_rows) NULL else newdata
  if (!is.na(scale$problem)) return(no_estimates(max(1L, nrow(at))))
  found <- stats::predict(fit, at)
  ahead <- stats::predict(fit, at, level = prediction_level)
  found[estimate_columns[4:8]] <- ahead[estimate_columns[4:8]]
  percent <- found[estimate_columns]
  percent$estimate <- signed_percent(found$estimate, scale)
  for (pair in list(c("ci_lower", "ci_upper"), c("pi_lower", "pi_upper"),
                    c("pi_lower_wide", "pi_upper_wide"))) {
    ends <- lapply(found[pair], signed_percent, scale)
    percent[[pair[1]]] <- pmin(ends[[1]], ends[[2]])
    percent[[pair[2]]] <- pmax(ends[[1]], ends[[2]])
  }
  percent$mean <- found$estimate
  percent[c("spread", "df")] <- ahead_of(fit, at, found$se)
  levels <- match("estimate", names(found)) - 1
  if (levels > 0) row.names(percent) <- sub("^, ", "", level_words(found))
  percent
}

# A new true effect lies around the mean by t with this scale and df; NA where the model
# has no new effects.
ahead_of <- function(fit, newdata, se) {
  if (is_multilevel(fit)) {
    return(unname(new_effect(fit, newdata, NULL)[c("spread", "ahead_df")]))
  }
  list(spread = sqrt(fit$tau2 + se^2), df = rep(prediction_df(fit), length(se)))
}

no_estimates <- function(rows) {
  empty <- as.list(rep(NA_real_, length(estimate_columns) + 3))
  names(empty) <- c(estimate_columns, "mean", "spread", "df")
  empty$pi_reliable <- NA
  as.data.frame(empty)[rep(1, rows), ]
}

# Share of the observed effects, and chance of a new true effect, inside the claim.
range_inside <- function(fit, scale, bounds, found) {
  none <- rep(NA_real_, nrow(found))
  if (!is.na(scale$problem) || anyNA(bounds)) {
    return(data.frame(share_inside = none, probability_inside = none))
  }
  observed <- signed_percent(fit$yi, scale)
  share <- mean(observed >= bounds[1] & observed <= bounds[2])
  data.frame(
    share_inside = if (is_intercept_only(fit)) share else none,
    probability_inside = chance_inside(scale, bounds, found)
  )
}

chance_inside <- function(scale, bounds, found) {
  ends <- sort(effect_of_percent(bounds, scale))
  below <- \(end) stats::pt((end - found$mean) / found$spread, found$df)
  below(ends[2]) - below(ends[1])
}

# ---- what is asked of a fit ----------------------------------------------------------

# Distinct studies pooled; a row without a label is a study of its own. Studies in one
# group of a multilevel model (a laboratory) are not independent.
count_studies <- function(fit) {
  if (is_failed(fit)) return(NA_integer_)
  study <- fit_studies(fit)
  count <- length(unique(study[!is.na(study)])) + sum(is.na(study))
  if (is_multilevel(fit)) min(count, cluster_count(fit)) else count
}

fit_is_simulated <- function(fit) is_simulated(fit_rows(fit), fit_studies(fit))
