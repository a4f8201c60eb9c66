# Log response ratios of equal variance: under EE with the z test the mean is theirs and
# the interval mean -+ 1.96 sqrt(v / k).
ratio_fit <- function(ratio, se = 0.1, method = "EE", test = "z", ...) {
  effects <- as_effects(
    yi = log(ratio), sei = rep(se, length(ratio)), measure = "ROM",
    study = paste("Study", seq_along(ratio)), ...
  )
  pool_effects(effects, method = method, test = test)
}

# The same changes, turned so that positive is better.
turn <- function(fit) {
  effects <- fit$effects
  effects$yi <- -effects$yi
  effects$sign <- -effects$sign
  pool_effects(effects, method = fit$method, test = fit$test)
}

recovery_fit <- function(percent, se, ...) {
  effects <- as_effects(
    yi = percent, sei = rep(se, length(percent)), measure = "NMD",
    study = paste("Study", seq_along(percent)), ...
  )
  pool_effects(effects, method = "EE", test = "z")
}

verdict <- function(...) as.character(reported_range(...)$verdict)

# ---- the rules -----------------------------------------------------------------------

test_that("the five rules, with their edges", {
  rule <- \(lower, upper, a = -60, b = -40) range_rule(lower, upper, c(a, b))
  expect_identical(rule(-55, -45), "supported")
  expect_identical(rule(-60, -40), "supported") # both ends belong to the claim
  expect_identical(rule(-60, -39.999), "compatible")
  expect_identical(rule(-60.001, -40), "compatible")
  expect_identical(rule(-70, -60), "compatible") # touches the claim
  expect_identical(rule(-70, -60.001), "contradicted")
  expect_identical(rule(-40, -20), "compatible")
  expect_identical(rule(-39.999, -20), "contradicted")
  expect_identical(rule(-50, 0), "holds zero")
  expect_identical(rule(-50, -0.001), "compatible")
  expect_identical(rule(-39, 5), "contradicted") # before the rule of zero
  expect_identical(rule(-80.001, -19.999), "too wide")
  expect_identical(rule(-80, -19.999), "compatible") # beyond, but not by more than w
  expect_identical(rule(-80.001, -20), "compatible")
  expect_identical(rule(-2, 30, 0, 10), "compatible") # the claim holds zero itself
  expect_identical(rule(-2, 30, -5, 5), "compatible")
  expect_identical(rule(c(-55, NA), c(-45, NA)), c("supported", "missing"))
})

test_that("a halving is judged by hand in each rule", {
  half <- \(se, k = 4) ratio_fit(rep(0.5, k), se)
  # se of the mean se / 2: 100 (0.5 exp(-+1.96 * 0.05) - 1) = [-54.67, -44.85]
  found <- reported_range(half(0.1), 40, 60, "reduction")
  half_width <- qnorm(0.975) * 0.05
  expect_equal(found$estimate, -50, tolerance = 1e-12)
  expect_equal(found$ci_lower, 100 * (0.5 * exp(-half_width) - 1), tolerance = 1e-12)
  expect_equal(found$ci_upper, 100 * (0.5 * exp(half_width) - 1), tolerance = 1e-12)
  expect_identical(as.character(found$verdict), "supported")
  expect_identical(c(found$lower, found$upper), c(-60, -40))
  expect_identical(c(found$k, found$studies), c(4L, 4L))

  expect_identical(verdict(half(0.4), 40, 60, "reduction"), "compatible")
  expect_identical(verdict(half(0.1), 60, 80, "reduction"), "contradicted")
  expect_identical(verdict(half(0.1), 40, 60, "increase"), "contradicted")
  expect_identical(verdict(half(0.8), 40, 60, "reduction"), "undecided")
  expect_match(
    reported_range(half(0.8), 40, 60, "reduction")$reason, "holds 0", fixed = TRUE
  )
  # [-66, -26]: beyond 45 to 55 by more than 10 on both sides
  expect_match(
    reported_range(half(0.4), 45, 55, "reduction")$reason, "beyond both ends"
  )
})

test_that("an increase is judged on the same scale", {
  fit <- ratio_fit(rep(1.3, 4), 0.03)
  found <- reported_range(fit, 25, 35, "increase")
  expect_equal(found$estimate, 30, tolerance = 1e-12)
  expect_identical(c(found$lower, found$upper), c(25, 35))
  expect_identical(as.character(found$verdict), "supported")
  expect_identical(verdict(fit, 40, 60, "increase"), "contradicted")
})

test_that("a recovery is NMD; a reduction or increase by NMD needs a sham of 0", {
  fit <- recovery_fit(c(40, 50, 60), 3)
  found <- reported_range(fit, 40, 60, "recovery")
  expect_equal(found$estimate, 50, tolerance = 1e-12)
  expect_equal(found$ci_lower, 50 - qnorm(0.975) * sqrt(3), tolerance = 1e-12)
  expect_identical(as.character(found$verdict), "supported")
  expect_error(reported_range(fit, 40, 60, "reduction"), class = "mv_error_change")

  bare <- recovery_fit(c(40, 50, 60), 3, mean_s = c(0, 0, 0))
  found <- reported_range(bare, 40, 60, "reduction")
  expect_equal(found$estimate, -50, tolerance = 1e-12)
  expect_equal(found$ci_upper, -50 + qnorm(0.975) * sqrt(3), tolerance = 1e-12)
  expect_identical(as.character(found$verdict), "supported")
  worse <- recovery_fit(-c(40, 50, 60), 3, mean_s = c(0, 0, 0))
  expect_identical(verdict(worse, 40, 60, "increase"), "supported")
  mixed <- recovery_fit(c(40, 50, 60), 3, mean_s = c(0, 0, 1))
  expect_error(reported_range(mixed, 40, 60, "increase"), class = "mv_error_change")
})

test_that("bounds and interval meet exactly where no rounding is between them", {
  expect_identical(range_rule(50, 50, c(50, 50)), "supported")
  fit <- recovery_fit(rep(50, 4), 2)
  ends <- predict(fit)
  expect_identical(verdict(fit, ends$ci_lower, ends$ci_upper, "recovery"), "supported")
  expect_identical(verdict(fit, ends$ci_upper, 60, "recovery"), "compatible")
  expect_identical(
    verdict(fit, ends$ci_upper * (1 + 1e-15), 60, "recovery"), "contradicted"
  )
})

test_that("one figure gets a margin, and the margin is said", {
  fit <- ratio_fit(rep(0.7, 4), 0.05)
  found <- reported_range(fit, 30, change = "reduction")
  expect_identical(c(found$lower, found$upper, found$margin), c(-35, -25, 5))
  expect_match(
    found$sentence, "30 %, taken as 25 to 35 % (margin 5 points)", fixed = TRUE
  )
  expect_identical(as.character(found$verdict), "supported")
  expect_identical(verdict(fit, 30, change = "reduction", margin = 0), "undecided")
  expect_identical(reported_range(fit, 30, change = "reduction", margin = 2)$upper, -28)
  expect_identical(reported_range(fit, 20, 40, "reduction")$margin, NA_real_)
  low <- reported_range(fit, 3, change = "reduction")
  expect_identical(c(low$lower, low$upper), c(-8, 2))
  expect_match(low$sentence, "3 %, taken as -2 to 8 %", fixed = TRUE)
})

# ---- direction -----------------------------------------------------------------------

test_that("effects turned to benefit give the same percent and verdict", {
  for (ratio in list(c(0.4, 0.5, 0.55, 0.6), c(1.2, 1.3, 1.4, 1.35))) {
    for (method in c("EE", "REML")) {
      raw <- ratio_fit(ratio, 0.1, method)
      change <- if (ratio[1] < 1) "reduction" else "increase"
      expect_equal(
        reported_range(turn(raw), 25, 60, change), reported_range(raw, 25, 60, change),
        tolerance = 1e-12
      )
    }
  }
})

test_that("effects turned in opposite directions have no percent", {
  effects <- ratio_fit(c(0.5, 0.6, 0.7))$effects
  effects$sign <- c(1, -1, 1)
  fit <- pool_effects(effects)
  expect_snapshot(reported_range(fit, 40, 60, "reduction"), error = TRUE)
  none <- reported_range(fit, NA, NA, "restored")
  expect_identical(as.character(none$verdict), "no figure claimed")
  expect_identical(none$estimate, NA_real_)
})

test_that("a change of unit changes nothing", {
  wide <- data.frame(
    study = paste("Study", 1:5), n_t = 8, n_c = 9,
    mean_t = c(4, 5, 6, 5, 4.5), mean_c = c(10, 9, 11, 10, 12), sd_t = 1.2, sd_c = 2
  )
  judged <- \(unit) {
    scaled <- wide
    values <- c("mean_t", "mean_c", "sd_t", "sd_c")
    scaled[values] <- lapply(scaled[values], `*`, unit)
    pairs <- as_comparisons(scaled,
      error_t = sd_t, error_c = sd_c, error_type = "sd", greater_is_worse = TRUE
    )
    fit <- pool_effects(effect_sizes(pairs, "ROM"))
    reported_range(fit, c(40, 50, 10), c(60, 50, 20), "reduction")
  }
  one <- judged(1)
  for (unit in c(1e-6, 1000)) expect_equal(judged(unit), one, tolerance = 1e-8)
  expect_identical(as.character(one$verdict[3]), "contradicted")
})

# ---- beside the verdict --------------------------------------------------------------

test_that("share and chance inside the claim are those of their definitions", {
  ratio <- c(0.35, 0.45, 0.5, 0.55, 0.42, 0.7)
  fit <- ratio_fit(ratio, 0.1, "REML", "adhoc")
  found <- reported_range(fit, 40, 60, "reduction")
  expect_equal(found$share_inside, 4 / 6)
  spread <- sqrt(fit$tau2 + fit$se[[1]]^2)
  chance <- pt((log(0.6) - fit$beta[[1]]) / spread, 5) -
    pt((log(0.4) - fit$beta[[1]]) / spread, 5)
  expect_equal(found$probability_inside, chance, tolerance = 1e-12)
  expect_match(found$sentence, "Inside the claim: 4 of 6 observed effects", fixed = TRUE)

  z <- update(fit, test = "z")
  spread <- sqrt(z$tau2 + z$se[[1]]^2)
  chance <- diff(pnorm(log(c(0.4, 0.6)), z$beta[[1]], spread))
  expect_equal(
    reported_range(z, 40, 60, "reduction")$probability_inside, chance, tolerance = 1e-12
  )
  # a reduction cannot exceed 100 %: the whole lower tail is inside
  expect_equal(
    reported_range(z, 50, 100, "reduction")$probability_inside,
    pnorm(log(0.5), z$beta[[1]], spread), tolerance = 1e-12
  )
})

test_that("the prediction interval is the 95 % one in percent, at any level of the fit", {
  fit <- ratio_fit(seq(0.3, 0.8, length.out = 12), 0.1, "REML", "adhoc")
  narrow <- update(fit, level = 0.8)
  found <- reported_range(narrow, 40, 60, "reduction")
  ahead <- predict(fit, scale = "percent")
  expect_equal(found$pi_lower, ahead$pi_lower, tolerance = 1e-12)
  expect_equal(found$pi_upper, ahead$pi_upper, tolerance = 1e-12)
  expect_equal(
    found$ci_lower, predict(narrow, scale = "percent")$ci_lower, tolerance = 1e-12
  )
  expect_identical(found$level, 0.8)
  expect_true(found$pi_reliable)
  expect_match(found$sentence, "80 % interval")
  few <- reported_range(ratio_fit(c(0.4, 0.5, 0.7), 0.1, "REML"), 40, 60, "reduction")
  expect_false(few$pi_reliable)
  expect_match(few$sentence, "unreliable: tau2 is 0, or fewer than 10 effects")
})

test_that("equal effects say nothing of a new study", {
  found <- reported_range(ratio_fit(c(0.5, 0.55)), 40, 60, "reduction")
  expect_identical(c(found$pi_lower, found$probability_inside), c(NA_real_, NA_real_))
  expect_no_match(found$sentence, "new study")
})

# ---- undecided by the first rule -----------------------------------------------------

test_that("one study alone is undecided, two are judged", {
  one <- reported_range(ratio_fit(0.5, 0.01), 40, 60, "reduction")
  expect_identical(as.character(one$verdict), "undecided")
  expect_identical(one$reason, "one study alone decides nothing")
  expect_equal(one$estimate, -50, tolerance = 1e-12)
  two <- ratio_fit(c(0.5, 0.5), 0.01)
  expect_identical(verdict(two, 40, 60, "reduction"), "supported")

  effects <- as_effects(
    yi = log(c(0.5, 0.5, 0.5)), sei = rep(0.01, 3), measure = "ROM",
    study = rep("Chen 2011", 3)
  )
  same <- pool_effects(effects, dependence = "ignore")
  found <- reported_range(same, 40, 60, "reduction")
  expect_identical(c(found$k, found$studies), c(3L, 1L))
  expect_identical(as.character(found$verdict), "undecided")
})

test_that("a percent from SMD never gives a verdict", {
  fit <- pool_effects(as_effects(yi = c(-2, -2.1), sei = c(0.1, 0.1), measure = "SMD"))
  found <- reported_range(fit, 40, 60, "reduction")
  expect_identical(as.character(found$verdict), "undecided")
  expect_match(found$reason, "standardised mean difference")
  expect_true(all(is.na(found[c("estimate", "ci_lower", "pi_lower", "share_inside")])))
})

test_that("a failed fit is undecided with its reason, and does not stop the others", {
  fits <- list(
    good = ratio_fit(c(0.5, 0.5)), none = NULL,
    broken = try(pool_effects(data.frame(yi = 1, vi = 1)), silent = TRUE),
    caught = tryCatch(stop("no data for it"), error = identity)
  )
  found <- reported_range(fits, 40, 60, "reduction")
  expect_identical(found$claim, names(fits))
  expect_identical(
    as.character(found$verdict), c("supported", "undecided", "undecided", "undecided")
  )
  expect_match(found$reason[3], "the fit failed: .*needs at least 2 effects")
  expect_identical(found$reason[4], "the fit failed: no data for it")
  expect_snapshot(found)
})

# ---- several claims ------------------------------------------------------------------

test_that("the rows of reported_ranges are judged, and the last has no figure", {
  ratio <- list(0.5, 0.7, 1.3, 1.6, 1.4)
  fits <- lapply(ratio, \(r) ratio_fit(rep(r, 3), 0.05))
  names(fits) <- c("amyloid", "plaque", "bone mass", "bone strength", "ovary")
  found <- reported_range(fits, reported_ranges$lower_percent,
    reported_ranges$upper_percent, reported_ranges$change
  )
  expect_identical(as.character(found$verdict), c(
    "supported", "supported", "compatible", "contradicted", "no figure claimed"
  ))
  expect_identical(found$lower, c(-60, -35, 25, 25, NA))
  expect_equal(found$estimate, 100 * (unlist(ratio) - 1), tolerance = 1e-12)
  expect_identical(levels(found$verdict), range_verdicts)
  expect_snapshot(found)
})

test_that("one fit serves several claims; single values are recycled", {
  fit <- ratio_fit(rep(0.5, 3), 0.05)
  found <- reported_range(fit, c(40, 30), c(60, 40), "reduction")
  expect_identical(as.character(found$verdict), c("supported", "contradicted"))
  expect_identical(found$claim, c("claim 1", "claim 2"))
  named <- ratio_fit(rep(0.5, 3), 0.05, outcome = rep("plaque", 3))
  expect_identical(reported_range(named, 40, 60, "reduction")$claim, "plaque")
  factors <- reported_range(fit, 40, 60, factor("reduction"))
  expect_identical(factors$change, "reduction")
  expect_error(
    reported_range(fit, c(40, 30), c(60, 40, 50), "reduction"), class = "mv_error_length"
  )
  expect_error(
    reported_range(list(fit, fit), 1:3, 4:6, "reduction"), class = "mv_error_length"
  )
  expect_error(reported_range(list(), 40, 60, "reduction"), class = "mv_error_length")
})

test_that("with moderators each row of newdata has a verdict", {
  effects <- as_effects(
    yi = log(c(0.5, 0.52, 0.48, 0.8, 0.82, 0.78)), sei = rep(0.05, 6), measure = "ROM",
    study = paste("Study", 1:6), species = rep(c("rat", "mouse"), each = 3)
  )
  fit <- pool_effects(effects, ~species, method = "EE", test = "z")
  expect_snapshot(reported_range(fit, 40, 60, "reduction"), error = TRUE)
  new <- data.frame(species = c("mouse", "rat"))
  found <- reported_range(fit, 40, 60, "reduction", newdata = new)
  expect_identical(as.character(found$verdict), c("contradicted", "supported"))
  expect_identical(found$claim, paste0("claim 1 (species = ", new$species, ")"))
  means <- 100 * (exp(predict(fit, new)$estimate) - 1)
  expect_equal(found$estimate, means, tolerance = 1e-12)
  expect_identical(found$share_inside, c(NA_real_, NA_real_))
  alone <- pool_effects(effects)
  expect_error(
    reported_range(alone, 40, 60, "reduction", newdata = new), class = "mv_error_newdata"
  )
  expect_error(
    reported_range(fit, 40, 60, "reduction", newdata = data.frame(dose = 1)),
    class = "mv_error_column"
  )
  mixed <- reported_range(list(fit, alone), 40, 60, "reduction", newdata = new)
  expect_identical(nrow(mixed), 3L)
})

# ---- print ---------------------------------------------------------------------------

test_that("simulated studies are marked in the table, the sentence and the print", {
  simulated <- ratio_fit(rep(0.5, 3), 0.05)$effects
  simulated$study <- sprintf("Simulated %02d", 1:3)
  found <- reported_range(pool_effects(simulated, method = "EE"), 40, 60, "reduction")
  expect_true(found$simulated)
  expect_match(found$sentence, "^Simulated data, no evidence[.]")
  expect_snapshot(found)
  by_column <- ratio_fit(rep(0.5, 3), 0.05, simulated = rep(TRUE, 3))
  expect_true(reported_range(by_column, 40, 60, "reduction")$simulated)
  expect_false(reported_range(ratio_fit(rep(0.5, 3)), 40, 60, "reduction")$simulated)
})

test_that("a table that lost its sentences prints as a table", {
  found <- reported_range(ratio_fit(rep(0.5, 3)), 40, 60, "reduction")
  expect_output(print(found[c("claim", "verdict")]), "verdict")
})

test_that("an endless interval is not written out", {
  found <- reported_range(ratio_fit(c(0.2, 3), 0.1, "REML", "adhoc"), 40, 60, "reduction")
  expect_match(found$sentence, "more than 10,000 %", fixed = TRUE)
})

# ---- bad input -----------------------------------------------------------------------

test_that("each wrong claim has its sentence", {
  fit <- ratio_fit(c(0.5, 0.55))
  expect_snapshot(error = TRUE, {
    reported_range(fit)
    reported_range(fit, 40, 60)
    reported_range(fit, "40-60", change = "reduction")
    reported_range(fit, 60, 40, "reduction")
    reported_range(fit, -60, -40, "reduction")
    reported_range(fit, 50, 110, "reduction")
    reported_range(fit, NA, 60, "reduction")
    reported_range(fit, 40, Inf, "increase")
    reported_range(list(a = fit, b = fit), c(40, 60), c(60, 40), "reduction")
    reported_range(fit, 40, 60, "decrease")
    reported_range(fit, 40, 60, "reducton")
    reported_range(fit, 40, 60, 1)
    reported_range(fit, 40, 60, "recovery")
    reported_range(fit, 40, 60, "reduction", margin = -1)
    reported_range(fit, c(40, 50), c(40, 50, 60), "reduction")
    reported_range(fit, 40, 60, "reduction", newdata = data.frame(dose = 1))
  })
})

test_that("each wrong fit has its sentence", {
  md <- pool_effects(as_effects(yi = 1:3, vi = rep(1, 3), measure = "MD"))
  nmd <- recovery_fit(c(40, 50), 3)
  expect_snapshot(error = TRUE, {
    reported_range(NULL, 40, 60, "reduction")
    reported_range(md$effects, 40, 60, "reduction")
    reported_range(list(md, "fit"), 40, 60, "reduction")
    reported_range(md, 40, 60, "reduction")
    reported_range(nmd, 40, 60, "reduction")
  })
})

test_that("random slopes: the range says what it lacks, and takes their values", {
  effects <- withr::with_seed(2, as_effects(data.frame(
    study = rep(1:6, each = 3), yi = stats::rnorm(18, -0.5, 0.4), vi = 0.05,
    dose = rep(1:3, 6)
  ), measure = "ROM"))
  fit <- pool_effects(effects, random = ~ 1 + dose | study, struct = "GDIAG")
  expect_message(
    found <- reported_range(fit, 20, 40, change = "reduction"),
    class = "mv_message_slopes"
  )
  expect_true(is.na(found$pi_lower) && is.na(found$probability_inside))
  expect_false(is.na(found$ci_lower))
  expect_snapshot(invisible(reported_range(fit, 20, 40, change = "reduction")))
  new <- data.frame(dose = c(1, 3))
  expect_no_message(
    found <- reported_range(fit, 20, 40, change = "reduction", newdata = new)
  )
  expect_identical(found$claim, c("claim 1 (dose = 1)", "claim 1 (dose = 3)"))
  expect_equal(found$pi_lower, predict(fit, new, scale = "percent")$pi_lower)
  expect_false(anyNA(found$probability_inside))
})
