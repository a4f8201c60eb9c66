#' Effect sizes of comparisons
#'
#' Computes one effect a row of a table of comparisons: the mean difference (`"MD"`),
#' Hedges' g (`"SMD"`), the log response ratio (`"ROM"`) or the normalised mean
#' difference of Vesterinen and others (`"NMD"`, percent of the disease effect that the
#' treatment undoes).
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
#' @section Rows without an effect:
#' No row disappears. A row that cannot give an effect has `yi` and `vi` NA and a
#' `reason`. A row whose effect must stay out of the pooled value keeps its `yi` and `vi`
#' and has `pooled` FALSE: a variance of zero, or an NMD whose disease effect cannot be
#' told from zero or whose sham is worse than the control. A ROM with a mean too near
#' zero by Geary's test is pooled and has a `reason`. One warning names them all.
#'
#' @param comparisons What [comparisons()], [as_comparisons()] or [impute_sd()] returns.
#' @param measure `"MD"`, `"SMD"`, `"ROM"` or `"NMD"`.
#' @param variance The form of the sampling variance, see below; NULL takes the first.
#' @param shared_control What to do where one control group serves several comparisons.
#'   `"covariance"` (the default): use all its animals, and let [vcov()][vcov.mv_effects]
#'   derive the covariance. `"split"`: divide its n by the number of comparisons, in the
#'   variance only (estimate, J and pooled SD use all animals). `"ignore"`: neither.
#' @param correct FALSE leaves out the small-sample correction of SMD and ROM.
#' @param direction `"raw"`: treated minus control. `"benefit"`: turned by
#'   `greater_is_worse`, so that a positive effect is a better outcome. NMD always points
#'   towards the sham.
#' @return A data frame of class `mv_effects`: the columns of `comparisons`, then
#'   `measure`, `variance`, `direction`, `shared_control`, `sign` (what the estimate was
#'   multiplied with), `computed_from`, `yi`, `vi`, for NMD its 95 % Fieller interval
#'   `fieller_lower` and `fieller_upper` (NA where it is unbounded), `reason` and
#'   `pooled`. Of several imputations ([impute_sd()]) an `mv_effects_imputed`, which
#'   [nest_outcomes()] and [pool_effects()] take like a table of effects.
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
                         correct = TRUE, direction = c("raw", "benefit")) {
  if (inherits(comparisons, "mv_imputed")) {
    return(imputed_effects(as.list(environment())))
  }
  check_class(comparisons, "mv_comparisons", "comparisons")
  known <- registry()
  measure <- find_measure(measure, known)
  rule <- list(
    measure = measure$name, scale = measure$scale, arms = measure$arms, core = measure,
    form = find_form(measure, variance, known),
    shared_control = first_choice(shared_control, c("covariance", "split", "ignore")),
    correct = check_flag(correct),
    direction = first_choice(direction, c("raw", "benefit"))
  )
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
  found <- .Call(
    mv_effect_sizes, core_slots(comparisons, list(rule$core), call),
    length(comparisons[["study"]]), by, sets, rule$measure, rule$form$name,
    correction_code(rule$form, rule$correct), 0.95
  )
  found$sign <- sign
  found
}

# The columns that the core reads, in the order of its slots: the fields of each arm, then
# the extras; NULL for those that none of `measures` (rows of the registry) reads.
core_slots <- function(table, measures, call = rlang::caller_env(), known = registry()) {
  slots <- vector("list", length(arm_suffixes) * length(known$fields))
  names(slots) <- paste0(known$fields, rep(arm_suffixes, each = length(known$fields)))
  extras <- vector("list", length(known$extras))
  names(extras) <- known$extras
  for (measure in measures) {
    arm <- names_of_arms(measure$arms)
    slot <- paste0(measure$needs, rep(arm$slot, each = length(measure$needs)))
    column <- paste0(measure$needs, rep(arm$column, each = length(measure$needs)))
    for (i in seq_along(slot)) slots[[slot[i]]] <- number_column(table, column[i], call)
    slot <- paste0(measure$may, rep(arm$slot, each = length(measure$may)))
    column <- paste0(measure$may, rep(arm$column, each = length(measure$may)))
    for (i in which(column %in% names(table))) {
      slots[[slot[i]]] <- number_column(table, column[i], call)
    }
    for (name in intersect(measure$extras, names(table))) {
      extras[[name]] <- extra_column(table, name, call)
    }
  }
  c(slots, extras)
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
  if (rule$direction == "raw" || rule$measure == "NMD") return(NULL)
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

# ---- what the user is given ----

# Columns are set on the bare list once: a data frame's own `$<-` costs a copy each.
new_effects <- function(comparisons, rule, found, reasons) {
  rows <- nrow(comparisons)
  told <- comparisons[["reason"]]
  out <- unclass(comparisons)
  out$reason <- NULL
  out <- keep_own_columns(out, effect_columns)
  out[c("measure", "variance", "direction", "shared_control")] <- list(
    rep_len(rule$measure, rows), rep_len(rule$form$name, rows),
    rep_len(rule$direction, rows), rep_len(rule$shared_control, rows)
  )
  if (!is.null(rule$form$convention)) {
    out$convention <- rep_len(rule$form$convention, rows)
  }
  out$sign <- if (is.null(found$sign)) rep_len(1, rows) else found$sign
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
  bullets <- gsub("([{}])", "\\1\\1", bullets)
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
