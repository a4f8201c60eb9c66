# Effect measures as the user meets them. Names, arms and variance forms are rows of the
# core's tables (src/core/effect_*.c), read by .Call and never typed again; here are the
# words that go with them.

registry <- function() .Call(mv_registry)

measure_words <- list(
  MD = c(
    label = "Mean difference",
    source = "treated minus control, in the unit of the outcome"
  ),
  SMD = c(
    label = "Standardised mean difference (Hedges' g)",
    source = "Hedges 1981, J Educ Stat 6:107"
  ),
  ROM = c(
    label = "Log response ratio",
    source = "Hedges, Gurevitch & Curtis 1999, Ecology 80:1150"
  ),
  NMD = c(
    label = "Normalised mean difference (% of the disease effect)",
    source = "Vesterinen et al. 2014, J Neurosci Methods 221:92"
  ),
  GEN = c(label = "Effect", source = "brought by the user")
)

form_words <- c(
  MD.LS = "large-sample variance, each arm's own SD",
  MD.HO = "pooled SD",
  SMD.LS = "large-sample variance",
  SMD.LS2 = "large-sample variance of d, times J squared (Borenstein 2009)",
  SMD.LS3 = "Review Manager's variance",
  SMD.UB = "unbiased variance (Hedges 1983)",
  SMD.AV = "large-sample variance at the average effect of the outcome",
  SMD.H0 = "variance where the true effect is zero",
  ROM.LS = "large-sample variance",
  ROM.LS2 = "second-order variance (Lajeunesse 2015)",
  ROM.AV = "average CV of each arm over the outcome (Nakagawa 2023)",
  ROM.AVHO = "average CV of both arms over the outcome (Nakagawa 2023)",
  ROM.HO = "pooled SD",
  NMD.delta = "delta method",
  NMD.vesterinen = "disease effect taken as known (Vesterinen 2014)",
  NMD.AV = "delta method at the average effect of the outcome"
)

# What nest_outcomes() writes as the form.
rule_words <- c(
  camarades = "nested: the standard error of one typical effect",
  cs = "nested: compound symmetry",
  V = "nested: generalised least squares"
)

# Other names of a form.
form_aliases <- c(revman = "LS3", RevMan = "LS3")

reason_words <- c(
  no_control = "no control group",
  no_sham = "no sham group, which NMD needs",
  no_partner = "one of the four groups of the factorial is missing",
  n_missing = "n is missing",
  mean_missing = "a mean is missing",
  sd_missing = "an SD is missing",
  events_missing = "a number of events is missing",
  exposure_missing = "a time at risk is missing",
  median_missing = "a median survival is missing",
  r_missing = "the correlation r is missing",
  maximum_missing = "the maximum of the outcome is missing",
  not_usable = "n is below 1, a number that may not be negative is, or one is infinite",
  events_above_n = "more animals have the event than there are",
  r_not_usable = "the correlation is outside its range",
  n_differs = "two readings of the same animals have two n",
  median_not_reached = "the median survival was not reached",
  no_deaths = "a median survival has neither deaths nor an interval",
  not_ratio_scale = "the outcome has no true zero (ratio_scale is FALSE)",
  log_scale = "means and SDs are of logs, which this measure does not take",
  too_few_animals = "fewer than 4 animals in the two groups",
  sd_zero = "the pooled SD is zero",
  mean_not_positive = "a ratio needs two means above zero",
  sham_equals_control = "the sham mean equals the control mean",
  maximum_reached = "the control is at the maximum of the outcome",
  zero_cell = "a count of zero, to which nothing is added",
  no_information = "no animal, or every animal, has the event in all groups",
  no_variance = "this form of the variance is not defined for so few animals",
  too_large = "the estimate or its variance is too large for a number",
  variance_zero = "variance is zero",
  sham_uncertain = "the disease effect (control minus sham) cannot be told from zero",
  sham_worse = "the sham is worse than the diseased control",
  mean_near_zero = "a mean is too near zero for a ratio (Geary's test)"
)

find_measure <- function(measure, known = registry(), call = rlang::caller_env()) {
  at <- match(
    check_choice(measure, known$measures$name, arg = "measure", call = call),
    known$measures$name
  )
  measure_row(known, at)
}

# Measures that point one way whatever greater_is_worse says.
one_way_measures <- function(known = registry()$measures) {
  known$name[vapply(known$flags, \(flags) "one_way" %in% flags, NA)]
}

measure_row <- function(known, at) {
  row <- lapply(known$measures, `[`, at)
  lists <- c("flags", "needs", "may", "extras")
  row[lists] <- lapply(row[lists], `[[`, 1)
  row
}

# The form asked for; NULL is the measure's first.
find_form <- function(measure, variance, known = registry(),
                      call = rlang::caller_env()) {
  at <- which(known$forms$measure == measure$name)
  if (is.null(variance)) {
    at <- at[1]
  } else {
    if (rlang::is_string(variance) && variance %in% names(form_aliases)) {
      variance <- form_aliases[[variance]]
    }
    names <- known$forms$name[at]
    at <- at[match(check_choice(variance, names, arg = "variance", call = call), names)]
  }
  lapply(known$forms, `[`, at)
}

describe_form <- function(measure, variance) {
  words <- form_words[paste(measure, variance, sep = ".")]
  nested <- variance %in% names(rule_words)
  words[nested] <- rule_words[variance[nested]]
  unname(ifelse(is.na(words), variance, paste0(variance, ", ", words)))
}
