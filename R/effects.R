#' Effect sizes of comparisons
#'
#' Computes one effect a row of a table of comparisons, or of a table of cohorts for the
#' measures of one group, by any measure that [effect_measures()] lists.
#'
#' @section Measures:
#' [effect_measures()] prints them all, with the columns each needs, its variance forms,
#' its scale and its source:
#' * means of two groups: MD, SMD, SMDH, SMD1, SMD1H, ROM, VR, CVR, MPE; with a sham NMD;
#'   of a factorial the main effects (`_A`, `_B`) and interaction (`_AB`) of MD, SMD, ROM;
#' * two readings of the same animals: MC, SMCC, SMCR, SMCRH, ROMC;
#' * counts: RR, OR, RD, AS, PETO; rates: IRR, IRD, IRSD; median survival: MSR;
#' * one group: MN, MNLN, SDLN, CVLN, PR, PLN, PLO, PAS, PFT, IR, IRLN, IRS, IRFT, COR,
#'   ZCOR.
#'
#' @section Variance forms:
#' The first is the default. n, m and s are an arm's animals, mean and SD; W = 1/n_t +
#' 1/n_c, N = n_t + n_c, q = N - 2, J Hedges' exact correction.
#' * MD: `"LS"`; `"HO"` with the pooled SD.
#' * SMD: `"LS"` W + g^2/(2N); `"LS2"` J^2 (W + d^2/(2N)); `"LS3"` W +
#'   g^2/(2(N - 3.94)); `"UB"` unbiased; `"AV"` as LS with the mean g of the outcome;
#'   `"H0"` for a true effect of zero.
#' * ROM: `"LS"`; `"LS2"` second order; `"AV"` and `"AVHO"` with the mean CV of the
#'   outcome; `"HO"` with the pooled SD.
#' * RR, OR, PLN, PLO: `"LS"`; `"AV"` at the mean risk of each arm over the outcome. RD,
#'   PR: the same and `"UB"` p(1 - p)/(n - 1). AS, PETO, PAS, PFT, IRR, IRD, IRSD, IR,
#'   IRLN, IRS, IRFT, ZCOR: `"LS"`. See [zero_cells()].
#' * MSR: `"deaths"` 1/(d shape^2 log(2)^2) a group, d its deaths (where they are not
#'   given, the interval of its median); `"interval"` of the medians; `"N"` 1/(n_t + n_c),
#'   a relative weight and no variance, which [pool_effects()] takes with
#'   `method = "EE"` only (Hirst and others 2021).
#' * COR: `"LS"` (1 - r^2)^2/(n - 1); `"H0"` (1 - r^2)/(n - 2); `"AV"` as LS with the mean
#'   r of the outcome.
#' * NMD: `"delta"` lets all three means vary; `"vesterinen"` is the published formula,
#'   which takes the disease effect as known; `"AV"` is the delta method at the average
#'   effect of the outcome.
#'
#' [measures_of_means] has all measures of means, their forms, the conventions of other
#' software, and how far each form is from the truth.
#'
#' An effect and its own variance go together in small groups, which biases the pooled
#' value; the averaged forms do not have that fault.
#'
#' @section How large the errors of these variances are:
#' Enumerated for 10 animals a group, risks of 0.3 to 0.6: the mean of `vi` is 6 % below
#' to 6 % above the variance of `yi` for RR, 3 to 11 % below for OR, 10 % below for RD
#' (`"UB"`: none), 12 to 23 % below for AS, 0 to 13 % above for PETO. At a risk of 0.1
#' zeros are common: RR and OR are 75 to 130 % above (at 40 animals within 4 %), AS 29 to
#' 40 % below. PETO is for groups of about the same size and moderate effects: at 0.1
#' against 0.5 it is 72 % above. One group: PFT within 4 %, the others as the measures of
#' two. Rates: IRR within 7 % from 5 expected events, 28 to 36 % above at 2; IRD within
#' 6 %; IRSD 4 % below at 10 events, 13 % at 5, 36 % at 2.
#'
#' Simulated: MSR by its deaths, 10 animals that all die, 10 to 12 % above (11 animals:
#' 1 %, since the median of an even number is an average); where a fifth survive, 54 %
#' above. COR is 10 to 20 % below at 10 animals, ZCOR 0 to 5 % above. The tables are in
#' `validation/variances_counts.md` of the source.
#'
#' @section Rows without an effect:
#' No row disappears. A row that cannot give an effect has `yi` and `vi` NA and a
#' `reason`. A row whose effect must stay out of the pooled value keeps its `yi` and `vi`
#' and has `pooled` FALSE: a variance of zero, or an NMD whose disease effect cannot be
#' told from zero or whose sham is worse than the control. A ROM with a mean too near
#' zero by Geary's test is pooled and has a `reason`. One warning names them all.
#'
#' @param comparisons What [comparisons()], [as_comparisons()], [as_paired()],
#'   [as_factorial()] or [impute_sd()] returns; for measures of one group what [cohorts()]
#'   or [as_correlations()] returns, each row of which is a group: its numbers become the
#'   columns `n_t`, `mean_t` and so on.
#' @param measure The name of a measure, such as `"SMD"`.
#' @param variance The form of the sampling variance, see below; NULL takes the first.
#'   Or the convention of other software, such as `"revman"`, see [measures_of_means].
#' @param shared_control What to do where one control group serves several comparisons.
#'   `"covariance"` (the default): use all its animals, and let [vcov()][vcov.mv_effects]
#'   derive the covariance. `"split"`: divide its n by the number of comparisons, in the
#'   variance only (estimate, J and pooled SD use all animals). `"ignore"`: neither.
#' @param correct FALSE leaves out the small-sample corrections, which measures of means
#'   have (see [measures_of_means]).
#' @param direction `"raw"`: treated minus control. `"benefit"`: turned by
#'   `greater_is_worse`, so that a positive effect is a better outcome. Measures that
#'   point one way only are not turned: NMD always points towards the sham, MPE towards
#'   the maximum.
#' @param cells What is added to counts of zero, from [zero_cells()].
#' @param shape For MSR with the form `"deaths"`: the shape of the Weibull distribution of
#'   survival, one number or one a row. 1 is exponential.
#' @return A data frame of class `mv_effects`: the columns of `comparisons`, then
#'   `measure`, `variance`, `direction`, `shared_control`, `convention` (where one was
#'   named), `sign` (what the estimate was multiplied with), `added` (counts and rates) or
#'   `shape` (MSR; NA where the intervals, 0 where the animals alone give the weight),
#'   `computed_from`, `yi`, `vi`, for NMD and MPE the 95 % Fieller interval
#'   `fieller_lower` and `fieller_upper` (NA where it is unbounded), `reason` and
#'   `pooled`. Of several imputations ([impute_sd()]) an `mv_effects_imputed`, which
#'   [nest_outcomes()] and [pool_effects()] take like a table of effects.
#' @section Errors: `mv_error_choice` for a measure, form or other word that is not known;
#'   `mv_error_kind` where the table has not the kind of numbers that the measure needs;
#'   `mv_error_column` where it has lost a column; `mv_error_direction` for
#'   `direction = "benefit"` where `greater_is_worse` is missing or the measure has no
#'   sides; `mv_error_number` for a `shape` that is not above zero.
#' @seealso `vignette("effect-sizes")`, from whatever a paper reports to effects.
#' @source Hedges 1981, J Educ Stat 6:107. Hedges, Gurevitch and Curtis 1999, Ecology
#'   80:1150. Lajeunesse 2015, Ecology 96:2056. Nakagawa and others 2023, Ecol Lett
#'   26:232. Vesterinen and others 2014, J Neurosci Methods 221:92.
#' @examples
#' groups <- data.frame(
#'   study = c("Chen 2011", "Li 2015"),
#'   n_t = c(8, 10), mean_t = c(62, 48), sd_t = c(12, 10),
#'   n_c = c(8, 10), mean_c = c(100, 96), sd_c = c(15, 14)
#' )
#' pairs <- as_comparisons(groups,
#'   error_t = sd_t, error_c = sd_c, error_type = "sd", greater_is_worse = TRUE
#' )
#' effect_sizes(pairs, "ROM")
#' effect_sizes(pairs, "SMD", direction = "benefit")
#' @export
effect_sizes <- function(comparisons, measure = "SMD", variance = NULL,
                         shared_control = c("covariance", "split", "ignore"),
                         correct = TRUE, direction = c("raw", "benefit"),
                         cells = zero_cells(), shape = 1) {
  if (inherits(comparisons, "mv_imputed")) {
    return(imputed_effects(as.list(environment())))
  }
  known <- registry()
  measure <- find_measure(measure, known)
  comparisons <- take_groups(comparisons, measure, known)
  rule <- list(
    measure = measure$name, scale = measure$scale, arms = measure$arms, core = measure,
    form = find_form(measure, variance, known),
    shared_control = first_choice(shared_control, c("covariance", "split", "ignore")),
    correct = check_flag(correct),
    direction = first_choice(direction, c("raw", "benefit"))
  )
  rule$extras <- extra_numbers(comparisons, measure, rule$form, cells, shape)
  found <- compute_effects(comparisons, rule)
  new_effects(comparisons, rule, found, known$reasons) |> keep_out_imputed()
}

# An argument whose default is the whole set of choices.
first_choice <- function(x, choices, arg = rlang::caller_arg(x),
                         call = rlang::caller_env()) {
  if (identical(x, choices)) choices[1] else check_choice(x, choices, arg, call)
}

# ---- what the core is given ----

compute_effects <- function(comparisons, rule, call = rlang::caller_env()) {
  set <- if (rule$form$needs_set) outcome_sets(comparisons)
  sign <- effect_signs(comparisons, rule, call)
  split <- if (rule$shared_control == "split") c(NA, "cohort_c", "cohort_s", NA)
  by <- c(
    lapply(seq_along(arm_suffixes), \(arm) {
      if (arm <= rule$arms && !is.null(split) && !is.na(split[arm])) {
        shares(comparisons, split[arm], call)
      }
    }),
    list(sign, declared_worse(comparisons), set)
  )
  sets <- if (length(set)) max(set) + 1L else 1L
  table <- unclass(comparisons)
  table[names(rule$extras)] <- rule$extras
  found <- .Call(
    mv_effect_sizes, core_slots(table, list(rule$core), call),
    nrow(comparisons), by, sets, rule$measure, rule$form$name,
    correction_code(rule$form, rule$correct), 0.95
  )
  found$sign <- sign
  found
}

# The columns that the core reads, in the order of its slots: the fields of each arm, then
# the extras; NULL for those that none of `measures` (rows of the registry) reads. In a
# table of several measures `of_row` says which of them each row has.
core_slots <- function(table, measures, call = rlang::caller_env(), known = registry(),
                       of_row = NULL) {
  slots <- vector("list", length(arm_suffixes) * length(known$fields))
  names(slots) <- paste0(known$fields, rep(arm_suffixes, each = length(known$fields)))
  extras <- vector("list", length(known$extras))
  names(extras) <- known$extras
  read <- character()
  for (m in seq_along(measures)) {
    columns <- measure_columns(measures[[m]], names(table))
    new <- columns[!columns %in% read | !names(columns) %in% names(read)]
    for (slot in names(new)) {
      column <- number_column(table, new[[slot]], call)
      slots[[slot]] <- put_rows(slots[[slot]], column, if (!is.null(of_row)) of_row == m)
    }
    read <- c(read, new)
    there <- measures[[m]]$extras %in% names(table)
    for (name in measures[[m]]$extras[there]) {
      if (is.null(extras[[name]])) extras[[name]] <- extra_column(table, name, call)
    }
  }
  c(slots, extras)
}

# The column of each slot that the measure needs, or may use and the table has.
measure_columns <- function(measure, present) {
  c(measure$needed, measure$further[measure$further %in% present])
}

slot_columns <- function(fields, arms) {
  arm <- names_of_arms(arms)
  stats::setNames(of_arms(fields, arm$column), of_arms(fields, arm$slot))
}

# A slot that two measures fill from different columns takes each row from its own.
put_rows <- function(into, from, mine) {
  if (is.null(into) || is.null(mine)) return(from)
  into[mine] <- from[mine]
  into
}

# The core's third slot is the sham's; in a factorial it is that of the first treatment.
arm_suffixes <- c("_t", "_c", "_s", "_b")

names_of_arms <- function(arms) {
  slot <- arm_suffixes[seq_len(arms)]
  column <- slot
  if (arms == 4) column[3] <- "_a"
  list(slot = slot, column = column)
}

# TRUE and FALSE serve as 1 and 0.
extra_column <- function(table, name, call) {
  if (is.logical(table[[name]])) return(as.double(table[[name]]))
  number_column(table, name, call)
}

number_column <- function(table, name, call) {
  if (!name %in% names(table)) {
    stop_user(c(
      "The table has no column {.val {name}}.",
      "i" = "It is needed to compute effects and their covariances."
    ), "column", call = call)
  }
  as_numbers(table[[name]], name, table[["study"]], call)
}

# How many of the rows, as they stand, a control or sham serves: a filter since the
# pairing may have taken some away.
shares <- function(comparisons, cohort, call) {
  where <- c("study", "experiment", "outcome", "time")
  lost <- setdiff(c(where, cohort), names(comparisons))
  if (length(lost) > 0) {
    stop_user(c(
      "The table has no column {.val {lost}}.",
      "i" = "{.code shared_control = \"split\"} needs to know what each control serves."
    ), "column", call = call)
  }
  columns <- unclass(comparisons)
  share <- count_shared(do.call(group_ids, unname(columns[where])), columns[[cohort]])
  share[is.na(share)] <- 1L
  as.double(share)
}

declared_worse <- function(comparisons) {
  worse <- comparisons[["greater_is_worse"]]
  if (is.logical(worse)) worse
}

outcome_sets <- function(comparisons) {
  outcome <- comparisons[["outcome"]]
  if (!is.null(outcome)) match(outcome, unique(outcome)) - 1L
}

effect_signs <- function(comparisons, rule, call) {
  if (rule$direction == "raw" || "one_way" %in% rule$core$flags) return(NULL)
  check_turns(rule, call)
  worse <- declared_worse(comparisons)
  if (is.null(worse)) worse <- rep_len(NA, nrow(comparisons))
  if (anyNA(worse)) {
    stop_user(c(
      "{.code direction = \"benefit\"} needs {.code greater_is_worse} for every row.",
      "x" = "It is missing in {name_effects(comparisons, which(is.na(worse)))}.",
      "i" = "Declare it in {.fn cohorts} or {.fn as_comparisons}, or use \"raw\"."
    ), "direction", call = call)
  }
  1 - 2 * worse
}

check_turns <- function(rule, call) {
  if (rule$arms > 1) return(invisible())
  stop_user(c(
    "{.code direction = \"benefit\"} is of comparisons.",
    "x" = "{.val {rule$measure}} tells of one group: it has no better and no worse side."
  ), "direction", call = call)
}

# ---- what the user is given ----

# Columns are set on the bare list once: a data frame's own `$<-` costs a copy each.
new_effects <- function(comparisons, rule, found, reasons) {
  rows <- nrow(comparisons)
  told <- comparisons[["reason"]]
  out <- unclass(comparisons)
  out$reason <- NULL
  out <- keep_own_columns(out, c(effect_columns, names(rule$extras)))
  out[c("measure", "variance", "direction", "shared_control")] <- list(
    rep_len(rule$measure, rows), rep_len(rule$form$name, rows),
    rep_len(rule$direction, rows), rep_len(rule$shared_control, rows)
  )
  if (!is.null(rule$form$convention)) {
    out$convention <- rep_len(rule$form$convention, rows)
  }
  out$sign <- if (is.null(found$sign)) rep_len(1, rows) else found$sign
  out[names(rule$extras)] <- rule$extras
  out$computed_from <- rep_len("cohorts", rows)
  out[c("yi", "vi")] <- found[c("yi", "vi")]
  if (!is.null(found$lower)) {
    out[c("fieller_lower", "fieller_upper")] <- found[c("lower", "upper")]
  }
  named <- if (found$named > 0) which(found$reason != 0L) else integer()
  out$reason <- row_reasons(found$reason, named, told, reasons)
  out$pooled <- rep_len(TRUE, rows)
  out$pooled[named] <- reasons$pooled[found$reason[named]] == 1L
  class(out) <- c("mv_effects", "data.frame")
  tell_rows(out, found$reason, named, told, reasons)
  out
}

effect_columns <- c(
  "measure", "variance", "direction", "shared_control", "convention", "sign",
  "computed_from", "yi", "vi", "fieller_lower", "fieller_upper", "pooled"
)

# A column of the user's that has the name of one of ours is kept under another.
keep_own_columns <- function(out, ours) {
  clash <- intersect(names(out), ours)
  if (length(clash) == 0) return(out)
  kept <- paste0(clash, "_input")
  tell_user(
    "Your {cli::qty(clash)}column{?s} {.val {clash}} {?is/are} kept as {.val {kept}}."
  )
  names(out)[match(clash, names(out))] <- kept
  out
}

# What was said of a row when it was paired comes first.
row_reasons <- function(code, named, told, reasons) {
  words <- if (is.null(told)) rep_len(NA_character_, length(code)) else as.character(told)
  new <- named[is.na(words[named])]
  words[new] <- reason_words[reasons$name[code[new]]]
  words
}

# One warning: which rows have no effect, which stay out of the pool, which are doubtful.
tell_rows <- function(effects, code, named, told, reasons) {
  if (!is.null(told)) named <- named[is.na(told[named])]
  if (length(named) == 0) return(invisible())
  groups <- split(named, code[named])
  kind <- as.integer(names(groups))
  fate <- ifelse(reasons$pooled[kind] == 1, "kept and pooled",
    ifelse(reasons$has_effect[kind] == 1, "kept, but out of the pooled value",
      "no effect size"
    )
  )
  words <- reason_words[reasons$name[kind]]
  where <- vapply(groups, \(rows) name_effects(effects, rows), "")
  bullets <- paste0(where, ": ", words, " (", fate, ").")
  bullets <- escape_braces(bullets)
  warn_user(c(
    "{length(named)} of {nrow(effects)} row{?s} need{?s/} a look.",
    stats::setNames(bullets, rep("!", length(bullets)))
  ), "rows")
}

# Rows of a table of effects by the rows of the input they came from, where those are
# known: after a filter the table's own row numbers say nothing.
name_effects <- function(effects, rows) {
  from <- effects[["row_t"]]
  study <- effects[["study"]]
  if (is.null(from) || anyNA(from[rows])) return(name_rows(rows, study))
  of_row <- character(max(from[rows]))
  of_row[from[rows]] <- as.character(study[rows])
  name_rows(from[rows], of_row, label = "input row")
}
