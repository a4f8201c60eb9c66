# Effect measures as the user meets them. Names, arms and variance forms are rows of the
# core's tables (src/core/effect_*.c), read by .Call and never typed again; here are the
# words that go with them.

# Read once: it does not change, and every fit asks for it.
registry <- local({
  known <- NULL
  function() {
    if (is.null(known)) known <<- read_registry()
    known
  }
})

# `rows` has each measure as a list.
read_registry <- function() {
  known <- .Call(mv_registry)
  known$rows <- lapply(seq_along(known$measures$name), measure_at, known$measures)
  known
}

# The measure's columns of the registry; the columns of a user's table that it reads by
# the core's slots, `needed`, and `further` where they are there; and what must be there
# for a covariance, `shared`.
measure_at <- function(at, measures) {
  row <- lapply(measures, `[`, at)
  lists <- c("flags", "needs", "may", "extras")
  row[lists] <- lapply(row[lists], `[[`, 1)
  row$needed <- slot_columns(row$needs, row$arms)
  row$further <- slot_columns(row$may, row$arms)
  row$shared <- list(
    of_arms("cohort", names_of_arms(row$arms)$column), unname(row$needed),
    intersect(row$extras, computed_extras)
  )
  row
}

measure_row <- function(known, at) known$rows[[at]]

# Of two treatments given alone, together and not at all.
factorial_words <- function(label, what, ratio = FALSE) {
  c(
    label = paste0(label, ", ", what),
    source = if (ratio) {
      "Morris et al. 2007, Ecology 88:1021"
    } else {
      "Gurevitch, Morrison & Hedges 2000, Am Nat 155:435"
    }
  )
}

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
  RR = c(
    label = "Log risk ratio",
    source = "Cochrane Handbook 10.4"
  ),
  OR = c(label = "Log odds ratio", source = "Cochrane Handbook 10.4"),
  RD = c(label = "Risk difference", source = "Cochrane Handbook 10.4"),
  AS = c(
    label = "Difference of arcsine square roots of risks",
    source = "R\u00fccker et al. 2009, Stat Med 28:721"
  ),
  PETO = c(
    label = "Log odds ratio (Peto)",
    source = "Yusuf et al. 1985, Prog Cardiovasc Dis 27:335"
  ),
  PR = c(label = "Proportion", source = "events / n"),
  PLN = c(label = "Log proportion", source = "log(events / n)"),
  PLO = c(label = "Logit of the proportion", source = "log(events / (n - events))"),
  PAS = c(
    label = "Arcsine square root of the proportion",
    source = "Freeman & Tukey 1950, Ann Math Stat 21:607"
  ),
  PFT = c(
    label = "Double arcsine of the proportion",
    source = "Freeman & Tukey 1950, Ann Math Stat 21:607"
  ),
  IRR = c(label = "Log rate ratio", source = "Rothman et al. 2008, ch 14"),
  IRD = c(label = "Rate difference", source = "Rothman et al. 2008, ch 14"),
  IRSD = c(
    label = "Difference of square roots of rates",
    source = "Bagos & Nikolopoulos 2009, Int J Biostat 5(1):21"
  ),
  IR = c(label = "Rate", source = "events / time at risk"),
  IRLN = c(label = "Log rate", source = "log(events / time at risk)"),
  IRS = c(label = "Square root of the rate", source = "sqrt(events / time at risk)"),
  IRFT = c(
    label = "Freeman-Tukey root of the rate",
    source = "Freeman & Tukey 1950, Ann Math Stat 21:607"
  ),
  MSR = c(
    label = "Log median survival ratio",
    source = "Hirst, Sena & Macleod 2021, Syst Rev 10:292"
  ),
  logHR = c(
    label = "Log hazard ratio",
    source = "Parmar, Torri & Stewart 1998, Stat Med 17:2815"
  ),
  COR = c(label = "Correlation", source = "Pearson's r of one group"),
  ZCOR = c(label = "Fisher's z of a correlation", source = "Fisher 1921, Metron 1:3"),
  SMDH = c(
    label = "Standardised mean difference, unequal SDs",
    source = "Bonett 2008, Psychol Methods 13:99"
  ),
  SMD1 = c(
    label = "Standardised mean difference by the control's SD (Glass)",
    source = "Glass 1976, Educ Res 5:3; Hedges 1981, J Educ Stat 6:107"
  ),
  SMD1H = c(
    label = "Standardised mean difference by the control's SD, unequal SDs",
    source = "Bonett 2008, Psychol Methods 13:99"
  ),
  VR = c(
    label = "Log variability ratio",
    source = "Nakagawa et al. 2015, Methods Ecol Evol 6:143"
  ),
  CVR = c(
    label = "Log ratio of coefficients of variation",
    source = "Senior et al. 2020, Res Synth Methods 11:553"
  ),
  MPE = c(
    label = "Percent of the maximal possible effect",
    source = "Harris & Pierson 1964, J Pharmacol Exp Ther 143:141"
  ),
  MC = c(label = "Mean change", source = "second reading minus first"),
  SMCC = c(
    label = "Mean change by the SD of the changes",
    source = "Gibbons, Hedeker & Davis 1993, J Educ Stat 18:271"
  ),
  SMCR = c(
    label = "Mean change by the SD of the first reading",
    source = "Becker 1988, Br J Math Stat Psychol 41:257"
  ),
  SMCRH = c(
    label = "Mean change by the SD of the first reading, unequal SDs",
    source = "Bonett 2008, Psychol Methods 13:99"
  ),
  ROMC = c(
    label = "Log ratio of two readings",
    source = "Lajeunesse 2011, Ecology 92:2049"
  ),
  MD_A = factorial_words("Mean difference", "main effect of the first"),
  MD_B = factorial_words("Mean difference", "main effect of the second"),
  MD_AB = factorial_words("Mean difference", "interaction"),
  SMD_A = factorial_words("Standardised mean difference", "main effect of the first"),
  SMD_B = factorial_words("Standardised mean difference", "main effect of the second"),
  SMD_AB = factorial_words("Standardised mean difference", "interaction"),
  ROM_A = factorial_words("Log response ratio", "main effect of the first", TRUE),
  ROM_B = factorial_words("Log response ratio", "main effect of the second", TRUE),
  ROM_AB = factorial_words("Log response ratio", "interaction", TRUE),
  MN = c(label = "Mean", source = "of one group"),
  MNLN = c(
    label = "Log mean", source = "Nakagawa et al. 2015, Methods Ecol Evol 6:143"
  ),
  SDLN = c(
    label = "Log SD", source = "Nakagawa et al. 2015, Methods Ecol Evol 6:143"
  ),
  CVLN = c(
    label = "Log coefficient of variation",
    source = "Nakagawa et al. 2015, Methods Ecol Evol 6:143"
  ),
  GEN = c(label = "Effect", source = "brought by the user")
)

# The same forms for two main effects and their interaction.
factorial_forms <- function(measure, words) {
  what <- rep(c("A", "B", "AB"), each = length(words))
  stats::setNames(rep(words, 3), paste0(measure, "_", what, ".", names(words)))
}

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
  NMD.AV = "delta method at the average effect of the outcome",
  RR.LS = "large-sample variance",
  RR.AV = "average risk of each arm over the outcome",
  OR.LS = "large-sample variance",
  OR.AV = "average risk of each arm over the outcome",
  RD.LS = "large-sample variance",
  RD.UB = "unbiased variance",
  RD.AV = "average risk of each arm over the outcome",
  AS.LS = "large-sample variance",
  PETO.LS = "variance where the true effect is zero",
  PR.LS = "large-sample variance",
  PR.UB = "unbiased variance",
  PR.AV = "average risk over the outcome",
  PLN.LS = "large-sample variance",
  PLN.AV = "average risk over the outcome",
  PLO.LS = "large-sample variance",
  PLO.AV = "average risk over the outcome",
  PAS.LS = "large-sample variance",
  PFT.LS = "large-sample variance",
  IRR.LS = "large-sample variance",
  IRD.LS = "large-sample variance",
  IRSD.LS = "large-sample variance",
  IR.LS = "large-sample variance",
  IRLN.LS = "large-sample variance",
  IRS.LS = "large-sample variance",
  IRFT.LS = "large-sample variance",
  MSR.deaths = "variance from the deaths",
  MSR.interval = "variance from the intervals of the medians",
  MSR.N = "the number of animals as a relative weight, no variance (Hirst 2021)",
  COR.LS = "large-sample variance",
  COR.H0 = "variance where the true correlation is zero",
  COR.AV = "large-sample variance at the average correlation of the outcome",
  ZCOR.LS = "1/(n - 3)",
  SMDH.LS = "large-sample variance (Bonett 2008)",
  SMDH.LS2 = "large-sample variance with n in place of n - 1",
  SMDH.LS3 = "the same with n in place of n - 1 for the means only",
  SMD1.LS = "large-sample variance",
  SMD1.LS2 = "large-sample variance of d, times J squared",
  SMD1.LS3 = "large-sample variance with n less 3.94",
  SMD1.UB = "unbiased variance",
  SMD1.AV = "large-sample variance at the average effect of the outcome",
  SMD1.H0 = "variance where the true effect is zero",
  SMD1H.LS = "large-sample variance (Bonett 2008)",
  VR.LS = "large-sample variance (Nakagawa 2015)",
  VR.LS2 = "second-order variance (Senior 2020)",
  CVR.LS = "large-sample variance (Senior 2020)",
  CVR.LS2 = "second-order variance (Senior 2020)",
  MPE.delta = "delta method, the maximum known",
  MPE.AV = "delta method at the average effect of the outcome",
  MC.LS = "variance of the changes",
  SMCC.LS = "large-sample variance",
  SMCC.LS2 = "large-sample variance of d, times J squared",
  SMCR.LS = "large-sample variance",
  SMCR.LS2 = "large-sample variance of d, times J squared",
  SMCRH.LS = "large-sample variance (Bonett 2008)",
  SMCRH.LS2 = "large-sample variance with n in place of n - 1",
  ROMC.LS = "large-sample variance (Lajeunesse 2011)",
  ROMC.LS2 = "second-order variance",
  factorial_forms("MD", c(LS = "large-sample variance, each arm's own SD")),
  factorial_forms("SMD", c(
    LS = "large-sample variance", LS2 = "large-sample variance of d, times J squared",
    UB = "unbiased variance",
    AV = "large-sample variance at the average effect of the outcome"
  )),
  factorial_forms("ROM", c(LS = "large-sample variance")),
  MN.LS = "the group's own SD",
  MN.HO = "SD pooled over the groups of the outcome",
  MNLN.LS = "large-sample variance",
  SDLN.LS = "large-sample variance",
  CVLN.LS = "large-sample variance"
)

# What nest_outcomes() and correct_clusters() write as the form.
rule_words <- c(
  clusters = "corrected for cages or litters (Hedges 2007)",
  camarades = "nested: the standard error of one typical effect",
  cs = "nested: compound symmetry",
  V = "nested: generalised least squares"
)

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
  no_deaths = "a median survival lacks the deaths or the interval of its variance",
  not_ratio_scale = "the outcome has no true zero (ratio_scale is FALSE)",
  log_scale = "means and SDs are of logs, which this measure does not take",
  too_few_animals = "too few animals for this measure",
  sd_zero = "an SD that must be above zero is zero",
  mean_not_positive = "a ratio or a log needs means above zero",
  sham_equals_control = "the sham mean equals the control mean",
  maximum_reached = "the control is at the maximum of the outcome",
  zero_cell = "a count of zero, to which nothing is added",
  no_information = "no animal, or every animal, has the event in all groups",
  no_variance = "this form of the variance is not defined for so few animals",
  too_large = "the estimate or its variance is too large for a number",
  variance_zero = "variance is zero",
  sham_uncertain = "the disease effect (control minus sham) cannot be told from zero",
  sham_worse = "the sham is worse than the diseased control",
  maximum_near = "the control cannot be told from the maximum of the outcome",
  mean_near_zero = "a mean is too near zero for a ratio (Geary's test)"
)

find_measure <- function(measure, known = registry(), call = rlang::caller_env()) {
  names <- known$measures$name
  is_word <- rlang::is_string(measure) && !is.na(measure)
  at <- if (is_word) match(measure, names) else NA
  if (!is.na(at)) return(measure_row(known, at))
  hint <- if (is_word) did_you_mean(measure, names)
  stop_user(c(
    "{.arg measure} must be a name that {.fn effect_measures} lists.",
    "x" = if (is_word) "It is {.val {measure}}." else "It is not a single string.",
    "i" = if (length(hint)) "{hint}"
  ), "choice", call = call)
}

has_flag <- function(measures, flag) vapply(measures$flags, \(has) flag %in% has, NA)

# Measures that point one way whatever greater_is_worse says.
one_way_measures <- function(known = registry()$measures) {
  known$name[has_flag(known, "one_way")]
}

# The form asked for, by its own name or by that of a preset; NULL is the measure's first.
find_form <- function(measure, variance, known = registry(),
                      call = rlang::caller_env()) {
  at <- which(known$forms$measure == measure$name)
  preset <- find_preset(measure$name, variance, call)
  if (!is.null(preset)) variance <- preset$form
  if (is.null(variance)) {
    at <- at[1]
  } else {
    names <- known$forms$name[at]
    words <- c(names, presets_of(measure$name))
    check_choice(variance, words, arg = "variance", call = call)
    at <- at[match(variance, names)]
  }
  c(lapply(known$forms, `[`, at), list(
    convention = preset$preset, correction = preset$correction
  ))
}

describe_form <- function(measure, variance) {
  words <- form_words[paste(measure, variance, sep = ".")]
  nested <- variance %in% names(rule_words)
  words[nested] <- rule_words[variance[nested]]
  unname(ifelse(is.na(words), variance, paste0(variance, ", ", words)))
}
