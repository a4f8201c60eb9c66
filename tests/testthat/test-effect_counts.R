# Counts, rates, median survival and correlations. By hand in C too:
# tests/core/test_effect_counts.c.

# ---- truth: by hand ------------------------------------------------------------------

three_of_ten <- function() table_of(events_t = 3, n_t = 10, events_c = 6, n_c = 12)

expect_effect <- function(found, yi, vi) {
  expect_equal(c(found$yi, found$vi), c(yi, vi), tolerance = 1e-14)
}

test_that("3 of 10 treated against 6 of 12 controls, by hand", {
  pairs <- three_of_ten()
  expect_effect(effect_sizes(pairs, "RR"), log(0.6), 1 / 3 - 1 / 10 + 1 / 6 - 1 / 12)
  expect_effect(effect_sizes(pairs, "OR"), log(3 / 7), 1 / 3 + 1 / 7 + 1 / 6 + 1 / 6)
  expect_effect(effect_sizes(pairs, "RD"), -0.2, 0.21 / 10 + 0.25 / 12)
  angle <- \(p) asin(sqrt(p))
  expect_effect(effect_sizes(pairs, "AS"), angle(0.3) - angle(0.5), 1 / 40 + 1 / 48)
  v <- 10 * 12 * 9 * 13 / (22^2 * 21)
  expect_effect(effect_sizes(pairs, "PETO"), (3 - 10 * 9 / 22) / v, 1 / v)
})

test_that("median survival by hand: deaths, a Weibull shape, intervals, animals", {
  pairs <- table_of(
    median_t = 40, events_t = 8, n_t = 12, log_se_t = 0.2,
    median_c = 30, events_c = 10, n_c = 12, log_se_c = 0.3
  )
  y <- log(4 / 3)
  by_deaths <- (1 / 8 + 1 / 10) / log(2)^2
  expect_effect(effect_sizes(pairs, "MSR"), y, by_deaths)
  expect_effect(effect_sizes(pairs, "MSR", shape = 2), y, by_deaths / 4)
  expect_effect(effect_sizes(pairs, "MSR", "interval"), y, 0.13)
  expect_effect(effect_sizes(pairs, "MSR", "N"), y, 1 / 24)
  expect_identical(effect_sizes(pairs, "MSR")$shape, 1)
  expect_identical(effect_sizes(pairs, "MSR", "interval")$shape, NA_real_)
  pairs$events_t <- NA_real_
  expect_effect(effect_sizes(pairs, "MSR"), y, 0.04 + 1 / (10 * log(2)^2))
})

test_that("correlations by hand", {
  pairs <- table_of(r = 0.6, n_t = 12)
  expect_effect(sizes_of(pairs, "COR"), 0.6, 0.64^2 / 11)
  expect_effect(sizes_of(pairs, "ZCOR"), 0.5 * log(4), 1 / 9)
})

# ---- pinned: metafor 5.2-1 -----------------------------------------------------------

test_that("1,000 random tables of counts agree with metafor::escalc to 1e-12", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- random_counts()
  for (measure in c("RR", "OR")) {
    expect_escalc(pairs, measure)
    expect_escalc(pairs, measure, "AV")
  }
  for (form in c("LS", "UB", "AV")) expect_escalc(pairs, "RD", form, addyi = FALSE)
  expect_escalc(pairs, "AS")
  expect_escalc(pairs, "PETO", to = "none")
  for (form in c("LS", "UB", "AV")) expect_escalc(pairs, "PR", form)
  for (form in c("LS", "AV")) for (measure in c("PLN", "PLO")) {
    expect_escalc(pairs, measure, form)
  }
  expect_escalc(pairs, "PAS")
  expect_escalc(pairs, "PFT")
})

test_that("1,000 random tables of rates agree with metafor::escalc to 1e-12", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- random_rates()
  expect_escalc(pairs, "IRR")
  expect_escalc(pairs, "IRD", addyi = FALSE)
  for (measure in c("IRSD", "IR", "IRLN", "IRS", "IRFT")) expect_escalc(pairs, measure)
})

test_that("1,000 random correlations agree with metafor::escalc to 1e-12", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- random_correlations()
  for (form in c("LS", "H0")) expect_escalc(pairs, "COR", form)
  expect_escalc(subset(pairs, n_t > 3), "COR", "AV")
  expect_escalc(pairs, "ZCOR")
})

test_that("each rule for cells of zero is escalc()'s", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- random_counts(seed = 2)
  rates <- random_rates(seed = 2)
  for (to in c("only0", "all", "if0all", "none")) {
    for (drop00 in c(FALSE, TRUE)) {
      cells <- zero_cells(0.25, to, drop00)
      rule <- list(add = 0.25, to = to, drop00 = drop00)
      same <- function(pairs, measure, ...) {
        do.call(expect_escalc, c(list(pairs, measure, cells = cells), rule, list(...)))
      }
      same(pairs, "RR")
      same(pairs, "OR")
      same(pairs, "RD", addyi = FALSE)
      same(rates, "IRR")
      same(rates, "IRD", addyi = FALSE)
    }
  }
})

test_that("real sets agree with metafor::escalc to 1e-12", {
  skip_if_not_installed("metafor", "5.0.0")
  skip_if_not_installed("metadat")
  two <- function(data, a, n1, c, n2) {
    table_of(events_t = data[[a]], n_t = data[[n1]], events_c = data[[c]],
             n_c = data[[n2]])
  }
  bcg <- metadat::dat.bcg
  bcg$n1 <- bcg$tpos + bcg$tneg
  bcg$n2 <- bcg$cpos + bcg$cneg
  sets <- list(
    two(bcg, "tpos", "n1", "cpos", "n2"),
    two(metadat::dat.nielweise2007, "ai", "n1i", "ci", "n2i"),
    two(metadat::dat.yusuf1985, "ai", "n1i", "ci", "n2i"),
    two(metadat::dat.collins1985a, "b.xti", "nti", "b.xci", "nci")
  )
  for (pairs in sets) {
    for (measure in c("RR", "OR", "AS", "PR", "PLN", "PLO", "PAS", "PFT")) {
      expect_escalc(pairs, measure)
    }
    expect_escalc(pairs, "RD", addyi = FALSE)
    expect_escalc(pairs, "PETO", to = "none")
  }
  for (data in list(metadat::dat.nielweise2008, metadat::dat.hart1999)) {
    pairs <- table_of(events_t = data$x1i, exposure_t = data$t1i, events_c = data$x2i,
                      exposure_c = data$t2i)
    for (measure in c("IRR", "IRSD", "IR", "IRLN", "IRS", "IRFT")) {
      expect_escalc(pairs, measure)
    }
    expect_escalc(pairs, "IRD", addyi = FALSE)
  }
  for (data in list(metadat::dat.mcdaniel1994, metadat::dat.molloy2014)) {
    pairs <- table_of(r = data$ri, n_t = data$ni)
    for (measure in c("COR", "ZCOR")) expect_escalc(pairs, measure)
  }
})

# ---- property ------------------------------------------------------------------------

counted <- c("RR", "OR", "RD", "AS", "PETO")

test_that("exchanging the groups turns the sign; order of rows changes nothing", {
  pairs <- random_counts(200)
  turned <- pairs
  turned[c("events_t", "n_t", "events_c", "n_c")] <-
    pairs[c("events_c", "n_c", "events_t", "n_t")]
  rates <- random_rates(200)
  turned_rates <- rates
  turned_rates[c("events_t", "exposure_t", "events_c", "exposure_c")] <-
    rates[c("events_c", "exposure_c", "events_t", "exposure_t")]
  compare <- function(pairs, turned, measure) {
    get <- \(x) suppressWarnings(sizes_of(x, measure))
    here <- get(pairs)
    expect_equal(get(turned)$yi, -here$yi, tolerance = 1e-12)
    expect_equal(get(turned)$vi, here$vi, tolerance = 1e-12)
    expect_equal(get(pairs[200:1, ])$yi, rev(here$yi), tolerance = 1e-12)
  }
  for (measure in counted) compare(pairs, turned, measure)
  for (measure in c("IRR", "IRD", "IRSD")) compare(rates, turned_rates, measure)
})

test_that("counting the animals without the event turns OR, RD, AS and PETO", {
  pairs <- random_counts(200)
  others <- pairs
  others$events_t <- pairs$n_t - pairs$events_t
  others$events_c <- pairs$n_c - pairs$events_c
  for (measure in setdiff(counted, "RR")) {
    get <- \(x) suppressWarnings(sizes_of(x, measure))
    expect_equal(get(others)$yi, -get(pairs)$yi, tolerance = 1e-12)
    expect_equal(get(others)$vi, get(pairs)$vi, tolerance = 1e-12)
  }
})

test_that("the unit of time changes no ratio", {
  rates <- random_rates(200)
  days <- rates
  days[c("exposure_t", "exposure_c")] <- rates[c("exposure_t", "exposure_c")] * 365.25
  expect_equal(effect_sizes(days, "IRR")$yi, effect_sizes(rates, "IRR")$yi,
    tolerance = 1e-12
  )
  survival <- table_of(median_t = c(20, 35), events_t = 8, median_c = 18, events_c = 9)
  months <- survival
  months[c("median_t", "median_c")] <- survival[c("median_t", "median_c")] / 30.44
  expect_equal(effect_sizes(months, "MSR")$yi, effect_sizes(survival, "MSR")$yi,
    tolerance = 1e-12
  )
})

test_that("a split control has its cells in proportion", {
  pairs <- table_of(
    events_t = c(2, 3), n_t = 8, events_c = 6, n_c = 12, study = "A", cohort_c = "c"
  )
  split <- effect_sizes(pairs, "OR", shared_control = "split")
  expect_equal(split$vi, 1 / c(2, 3) + 1 / c(6, 5) + 2 * (1 / 6 + 1 / 6))
  expect_identical(split$yi, effect_sizes(pairs, "OR")$yi)
})

# ---- reasons -------------------------------------------------------------------------

test_that("each reason has its sentence", {
  reason <- function(..., measure = "RR") {
    suppressWarnings(sizes_of(table_of(...), measure))$reason
  }
  count <- function(events_t, n_t, events_c = 3, n_c = 8, ...) {
    reason(events_t = events_t, n_t = n_t, events_c = events_c, n_c = n_c, ...)
  }
  expect_identical(count(9, 8), "more animals have the event than there are")
  expect_identical(
    count(0, 0), "n is below 1, a number that may not be negative is, or one is infinite"
  )
  expect_identical(count(-1, 8), count(0, 0))
  expect_identical(count(NA, 8), "a number of events is missing")
  expect_identical(count(1, NA), "n is missing")
  expect_identical(count(1, 8, NA, NA), "no control group")
  expect_identical(
    count(0, 8, 0, measure = "PETO"),
    "no animal, or every animal, has the event in all groups"
  )
  expect_identical(
    reason(events_t = 1, exposure_t = NA, events_c = 1, exposure_c = 2, measure = "IRR"),
    "a time at risk is missing"
  )
  lives <- function(median_t, events_t = 8) {
    reason(median_t = median_t, events_t = events_t, median_c = 30, events_c = 8,
           measure = "MSR")
  }
  expect_identical(lives(NA), "a median survival is missing")
  expect_identical(lives(Inf), "the median survival was not reached")
  expect_identical(
    lives(30, 0), "a median survival lacks the deaths or the interval of its variance"
  )
  expect_identical(lives(30, NA), lives(30, 0))
  r <- function(r, n = 10, measure = "ZCOR") reason(r = r, n_t = n, measure = measure)
  expect_identical(r(1), "the correlation is outside its range")
  expect_identical(r(-1.2, measure = "COR"), "the correlation is outside its range")
  expect_identical(r(1, measure = "COR"), "variance is zero")
  expect_identical(r(NA), "the correlation r is missing")
})

test_that("a Weibull shape that is none stops", {
  pairs <- table_of(median_t = 20, events_t = 8, median_c = 18, events_c = 9)
  expect_snapshot(effect_sizes(pairs, "MSR", shape = 0), error = TRUE)
  expect_error(effect_sizes(pairs, "MSR", shape = c(1, 2)), class = "mv_error_number")
  expect_error(effect_sizes(pairs, "MSR", shape = NA), class = "mv_error_number")
})

test_that("the number of animals is no variance: tau2 cannot be estimated from it", {
  pairs <- table_of(
    median_t = c(20, 25, 30), n_t = 8, median_c = 18, n_c = c(8, 10, 12)
  )
  effects <- effect_sizes(pairs, "MSR", "N")
  expect_snapshot(pool_effects(effects), error = TRUE)
  expect_error(pool_effects(effects, method = "DL"), class = "mv_error_weight_only")
  fit <- pool_effects(effects, method = "EE")
  n <- c(16, 18, 20)
  expect_equal(unname(fit$beta), sum(n * effects$yi) / sum(n))
  expect_output(print(fit), "only the estimate has a meaning")
})
