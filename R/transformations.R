# The scales an effect can be told on. Each is a row: from a measure's own scale (on
# which it is pooled) forward, back, and the slope of the way forward, which gives the
# standard error by the delta method. `k` is what the row needs beside the effect, named
# by `needs`. `range` holds the values of the scale `to`, `turns` is where the way
# forward turns from falling to rising or the other way (NA: nowhere), so that intervals
# can be carried over.
#
# Upper-case names are measures, in the form in which they are pooled ("OR" is the log of
# the odds ratio); lower-case names are what a reader is told.

transformation <- function(from, to, label, forward, back, slope, range, source,
                           needs = "", turns = NA_real_) {
  list(
    from = from, to = to, label = label, forward = forward, back = back, slope = slope,
    range = range, source = source, needs = needs, turns = turns
  )
}

standardised <- c("SMD", "SMDH", "SMD1", "SMD1H")
log_ratios <- c(
  "ROM", "ROM_A", "ROM_B", "ROM_AB", "ROMC", "RR", "OR", "PETO", "IRR", "HR", "logHR",
  "MSR", "VR", "CVR"
)

# Two normal groups with one SD, a distance of d SDs apart.
normal_scales <- list(
  transformation(standardised, "ps", "probability of superiority",
    \(x, k) stats::pnorm(x / sqrt(2)), \(x, k) sqrt(2) * stats::qnorm(x),
    \(x, k) stats::dnorm(x / sqrt(2)) / sqrt(2), c(0, 1),
    "McGraw & Wong 1992, Psychol Bull 111:361"
  ),
  transformation(standardised, "cliff", "Cliff's delta",
    \(x, k) 2 * stats::pnorm(x / sqrt(2)) - 1,
    \(x, k) sqrt(2) * stats::qnorm((1 + x) / 2),
    \(x, k) sqrt(2) * stats::dnorm(x / sqrt(2)), c(-1, 1),
    "Cliff 1993, Psychol Bull 114:494"
  ),
  transformation(standardised, "overlap", "overlap of the two distributions",
    \(x, k) 2 * stats::pnorm(-abs(x) / 2), \(x, k) -2 * stats::qnorm(x / 2),
    \(x, k) ifelse(x == 0, NA_real_, -sign(x) * stats::dnorm(x / 2)), c(0, 1),
    "Bradley 1985, in Encyclopedia of Statistical Sciences 6:546",
    turns = 0
  ),
  transformation(standardised, "u1", "Cohen's U1, animals outside the overlap",
    \(x, k) 2 - 1 / stats::pnorm(abs(x) / 2), \(x, k) 2 * stats::qnorm(1 / (2 - x)),
    \(x, k) {
      slope <- stats::dnorm(x / 2) / (2 * stats::pnorm(abs(x) / 2)^2)
      ifelse(x == 0, NA_real_, sign(x) * slope)
    },
    c(0, 1), "Cohen 1988, Statistical Power Analysis, 2nd ed, 2.2",
    turns = 0
  ),
  transformation(standardised, "u2", "Cohen's U2",
    \(x, k) stats::pnorm(x / 2), \(x, k) 2 * stats::qnorm(x),
    \(x, k) stats::dnorm(x / 2) / 2, c(0, 1),
    "Cohen 1988, Statistical Power Analysis, 2nd ed, 2.2"
  ),
  transformation(standardised, "u3", "Cohen's U3, controls below the treated mean",
    \(x, k) stats::pnorm(x), \(x, k) stats::qnorm(x), \(x, k) stats::dnorm(x), c(0, 1),
    "Cohen 1988, Statistical Power Analysis, 2nd ed, 2.2"
  )
)

# A logistic outcome cut in two has log odds ratio d pi / sqrt(3); two groups of one size
# have the point-biserial correlation d / sqrt(d^2 + 4).
between_measures <- list(
  transformation(standardised, "OR", "log odds ratio",
    \(x, k) x * pi / sqrt(3), \(x, k) x * sqrt(3) / pi,
    \(x, k) rep_len(pi / sqrt(3), length(x)), c(-Inf, Inf),
    "Hasselblad & Hedges 1995, Psychol Bull 117:167"
  ),
  transformation(standardised, "COR", "correlation, two groups of one size",
    \(x, k) x / sqrt(x^2 + 4), \(x, k) 2 * x / sqrt(1 - x^2),
    \(x, k) 4 / (x^2 + 4)^1.5, c(-1, 1),
    "Cohen 1988, Statistical Power Analysis, 2nd ed, 2.2.6"
  ),
  transformation("ZCOR", "COR", "correlation",
    \(x, k) tanh(x), \(x, k) atanh(x), \(x, k) 1 / cosh(x)^2, c(-1, 1),
    "Fisher 1921, Metron 1:3"
  )
)

# `k` is 1, or -1 where the effect was turned so that positive is better: a ratio is
# always treated over control, and a percent has its sign turned (as percent_of() does).
ratio_scales <- list(
  transformation(log_ratios, "ratio", "ratio, treated over control",
    \(x, k) exp(k * x), \(x, k) k * log(x), \(x, k) k * exp(k * x), c(0, Inf),
    "Hedges, Gurevitch & Curtis 1999, Ecology 80:1150",
    needs = "sign"
  ),
  transformation(log_ratios, "percent", "percent change against the control",
    \(x, k) percent_of(x, "ROM", k), \(x, k) of_percent(x, "ROM", k),
    \(x, k) 100 * exp(k * x), c(-Inf, Inf),
    "Hedges, Gurevitch & Curtis 1999, Ecology 80:1150",
    needs = "sign"
  ),
  transformation("NMD", "percent", "percent of the disease effect undone",
    \(x, k) percent_of(x, "NMD"), \(x, k) of_percent(x, "NMD"),
    \(x, k) rep_len(1, length(x)), c(-Inf, Inf),
    "Vesterinen et al. 2014, J Neurosci Methods 221:92"
  ),
  transformation("MPE", "percent", "percent of the maximal possible effect",
    \(x, k) x, \(x, k) x, \(x, k) rep_len(1, length(x)), c(-Inf, Inf),
    "share of what is left between control and maximum"
  )
)

# Means, SDs, proportions and rates of one group. Beyond what a proportion of 0 or 1 (a
# rate of 0) gives, an interval's end is that proportion.
of_log <- function(from, to, label) {
  transformation(from, to, label, \(x, k) exp(x), \(x, k) log(x), \(x, k) exp(x),
    c(0, Inf), "exponential of the log"
  )
}

one_group_scales <- list(
  of_log("MNLN", "mean", "mean"), of_log("SDLN", "sd", "standard deviation"),
  of_log("CVLN", "cv", "coefficient of variation"), of_log("IRLN", "rate", "rate"),
  transformation("PLO", "proportion", "proportion",
    \(x, k) stats::plogis(x), \(x, k) stats::qlogis(x), \(x, k) stats::dlogis(x), c(0, 1),
    "logit: the log of the odds"
  ),
  transformation("PLN", "proportion", "proportion",
    \(x, k) exp(x), \(x, k) log(x), \(x, k) exp(x), c(0, 1), "log of the proportion"
  ),
  transformation("PAS", "proportion", "proportion",
    \(x, k) sin(pmin(pmax(x, 0), pi / 2))^2, \(x, k) asin(sqrt(x)), \(x, k) sin(2 * x),
    c(0, 1), "arcsine of the square root"
  ),
  transformation("PFT", "proportion", "proportion", \(x, k) of_freeman_tukey(x, k),
    \(x, k) freeman_tukey(x, k), \(x, k) slope_freeman_tukey(x, k), c(0, 1),
    "Freeman & Tukey 1950, Ann Math Stat 21:607; back: Miller 1978, Am Stat 32:138",
    needs = "n"
  ),
  transformation("IRS", "rate", "rate",
    \(x, k) pmax(x, 0)^2, \(x, k) sqrt(x), \(x, k) 2 * x, c(0, Inf),
    "square root of the rate"
  ),
  transformation("IRFT", "rate", "rate",
    \(x, k) ifelse(x > 1 / (2 * sqrt(k)), (x - 1 / (4 * x * k))^2, 0),
    \(x, k) (sqrt(x) + sqrt(x + 1 / k)) / 2,
    \(x, k) 2 * (x - 1 / (4 * x * k)) * (1 + 1 / (4 * x^2 * k)), c(0, Inf),
    "Freeman & Tukey 1950, Ann Math Stat 21:607",
    needs = "exposure"
  )
)

all_transformations <- function() {
  c(normal_scales, between_measures, ratio_scales, one_group_scales)
}

# ---- Freeman and Tukey's double arcsine ----------------------------------------------

freeman_tukey <- function(p, n) {
  (asin(sqrt(n * p / (n + 1))) + asin(sqrt((n * p + 1) / (n + 1)))) / 2
}

# Miller's eq. 2 is (1 - sgn(cos a) sqrt(1 - u^2)) / 2 with a = 2x, u = sin a + (sin a -
# 1/sin a)/n. As sin a - 1/sin a = -cos^2 a/sin a, the root is |cos a| sqrt(1 + 2/n -
# cot^2 a/n^2), which loses no digits where the proportion is near a half.
miller_root <- function(x, n) sqrt(pmax(1 + 2 / n - 1 / (tan(2 * x) * n)^2, 0))

of_freeman_tukey <- function(x, n) {
  p <- (1 - cos(2 * x) * miller_root(x, n)) / 2
  p[which(x <= freeman_tukey(0, n))] <- 0
  p[which(x >= freeman_tukey(1, n))] <- 1
  p
}

slope_freeman_tukey <- function(x, n) {
  root <- miller_root(x, n)
  sin(2 * x) * root - cos(2 * x)^2 / (root * sin(2 * x)^3 * n^2)
}

# ---- finding a row -------------------------------------------------------------------

# The way `from` one scale `to` another, along a row or back along it: a list of
# `forward`, `slope`, `turns`, `needs`, `range` (of what goes in) and `to_measure` (TRUE:
# back, to the scale on which errors are about normal).
find_way <- function(from, to, call = rlang::caller_env()) {
  rows <- all_transformations()
  check_from(from, rows, call)
  for (row in rows) {
    if (from %in% row$from && identical(to, row$to)) {
      own <- row[c("forward", "slope", "turns", "needs")]
      return(c(own, list(range = c(-Inf, Inf), to_measure = FALSE)))
    }
    if (from == row$to && to %in% row$from) return(way_back(row))
  }
  stop_no_way(from, to, rows, call)
}

way_back <- function(row) {
  list(
    forward = row$back, slope = \(x, k) 1 / row$slope(row$back(x, k), k),
    turns = NA_real_, needs = row$needs, range = row$range, to_measure = TRUE
  )
}

scale_names <- function(rows) unique(unlist(lapply(rows, \(row) c(row$from, row$to))))

check_from <- function(from, rows, call) {
  if (!is.null(from)) return(check_choice(from, scale_names(rows), "from", call))
  stop_user(c(
    "It is not known on which scale these effects are.",
    "i" = "Say it, as in {.code from = \"SMD\"}."
  ), "scale", call = call)
}

stop_no_way <- function(from, to, rows, call) {
  forward <- lapply(rows, \(row) if (from %in% row$from) row$to)
  back <- lapply(rows, \(row) if (from == row$to) row$from)
  reached <- unique(c(unlist(forward), unlist(back)))
  if (!rlang::is_string(to, scale_names(rows))) check_choice(to, reached, "to", call)
  stop_user(c(
    "{.val {from}} cannot be told as {.val {to}}.",
    "i" = "It can be told as {.or {.val {reached}}}."
  ), "scale", call = call)
}

#' The scales an effect can be told on
#'
#' The table that [transform_effect()] works by, one row a way; each way can also be gone
#' back.
#'
#' @return A data frame: `from` (the measures, on the scale on which they are pooled:
#'   `"OR"` is the log of the odds ratio), `to` (the scale), `label`, `needs` (`"n"`: the
#'   size of the group, `"exposure"`: its time at risk, `"sign"`: whether the effect was
#'   turned) and `source`.
#' @examples
#' effect_transformations()[c("from", "to", "label")]
#' @export
effect_transformations <- function() {
  rows <- all_transformations()
  text <- \(name) vapply(rows, \(row) toString(row[[name]]), "")
  names <- c("from", "to", "label", "needs", "source")
  as.data.frame(lapply(rlang::set_names(names), text))
}
