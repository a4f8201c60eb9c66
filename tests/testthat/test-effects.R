# ---- truth: by hand ------------------------------------------------------------------

test_that("SMD with 6 and 6 animals and g = 2, by hand", {
  j2 <- (exp(lgamma(5) - lgamma(4.5)) / sqrt(5))^2
  vi <- function(form) effect_sizes(six_and_six(), "SMD", form)$vi
  expect_equal(effect_sizes(six_and_six())$yi, 2, tolerance = 1e-14)
  expect_equal(vi("LS"), 1 / 3 + 4 / 24, tolerance = 1e-14)
  expect_equal(round(vi("LS"), 3), 0.500)
  expect_equal(vi("LS2"), j2 / 3 + 4 / 24, tolerance = 1e-14)
  expect_equal(vi("UB"), 1 / 3 + (1 - 8 / (10 * j2)) * 4, tolerance = 1e-13)
  expect_equal(round(vi("UB"), 3), 0.575)
  expect_equal(vi("H0"), j2 * 10 / 8 / 3, tolerance = 1e-14)
  expect_equal(vi("LS3"), 1 / 3 + 4 / (2 * 8.06), tolerance = 1e-14)
})

test_that("MD and ROM by hand", {
  pairs <- pairs_of(4, 2, 1, 9, 4, 3)
  md <- effect_sizes(pairs, "MD")
  expect_equal(c(md$yi, md$vi), c(-2, 1 / 4 + 9 / 9))
  rom <- effect_sizes(pairs, "ROM", correct = FALSE)
  expect_equal(rom$yi, log(2 / 4))
  expect_equal(rom$vi, (1 / 2)^2 / 4 + (3 / 4)^2 / 9)
  corrected <- effect_sizes(pairs, "ROM")
  expect_equal(corrected$yi, log(2 / 4) + 0.5 * ((1 / 2)^2 / 4 - (3 / 4)^2 / 9))
})

test_that("NMD by hand: sham 100, diseased 70, treated 90", {
  pairs <- pairs_of(10, 90, 5, 10, 70, 5, 10, 100, 5, worse = FALSE)
  nmd <- effect_sizes(pairs, "NMD")
  r <- 2 / 3
  expect_equal(nmd$yi, 100 * r)
  expect_equal(nmd$vi, 100^2 * ((1 - r)^2 * 2.5 + 2.5 + r^2 * 2.5) / 30^2)
  expect_equal(effect_sizes(pairs, "NMD", "vesterinen")$vi, 100^2 * 5 / 30^2)
  rom <- effect_sizes(pairs, "ROM", correct = FALSE)$yi
  expect_equal(100 * expm1(rom), 100 * (9 / 7 - 1))
})

test_that("the ends of Fieller's interval solve his equation", {
  nmd <- effect_sizes(pairs_of(8, 60, 9, 10, 80, 7, 6, 20, 4, worse = TRUE), "NMD")
  v <- c(t = 81 / 8, c = 49 / 10, s = 16 / 6)
  a <- 20
  b <- 60
  r <- a / b
  parts <- c(v[["t"]], (1 - r)^2 * v[["c"]], r^2 * v[["s"]])
  df <- sum(parts)^2 / sum(parts^2 / c(7, 9, 5))
  for (end in c(nmd$fieller_lower, nmd$fieller_upper) / 100) {
    right <- qt(0.975, df)^2 *
      (v[["c"]] + v[["t"]] + end^2 * (v[["c"]] + v[["s"]]) - 2 * end * v[["c"]])
    expect_equal((a - end * b)^2, right, tolerance = 1e-10)
  }
  expect_true(nmd$fieller_lower < nmd$yi && nmd$yi < nmd$fieller_upper)
})

test_that("J is exact for whole and broken degrees of freedom", {
  q <- c(2, 2.5, 3, 10, 24, 25, 60, 100)
  d <- effect_sizes(pairs_of(q, 1, 1, 2, 0, 1), correct = FALSE)$yi
  g <- effect_sizes(pairs_of(q, 1, 1, 2, 0, 1))$yi
  expect_equal(g / d, exp(lgamma(q / 2) - lgamma((q - 1) / 2)) / sqrt(q / 2),
    tolerance = 1e-13
  )
  expect_equal(effect_sizes(pairs_of(2, 1, 1, 2, 0, 1))$yi, sqrt(1 / pi))
})

test_that("a split control's n enters W and N of the variance and nothing else", {
  pairs <- pairs_of(
    c(8, 8), c(1, 2), 1, 9, 0, 1.5,
    study = "A", cohort_c = "c", shared_c = 2L
  )
  whole <- effect_sizes(pairs)
  split <- effect_sizes(pairs, shared_control = "split")
  expect_identical(split$yi, whole$yi)
  expect_equal(split$vi, 1 / 8 + 1 / 4.5 + whole$yi^2 / (2 * 12.5), tolerance = 1e-14)
  expect_identical(effect_sizes(pairs, shared_control = "ignore")$vi, whole$vi)
  md <- effect_sizes(pairs, "MD", shared_control = "split")
  expect_equal(md$vi, rep(1 / 8 + 2.25 / 4.5, 2))
})

test_that("benefit turns what greater_is_worse says, and never NMD", {
  pairs <- pairs_of(8, c(1, 1), 1, 8, 3, 1, 8, c(0, 5), 1, worse = c(TRUE, FALSE))
  raw <- effect_sizes(pairs)
  benefit <- effect_sizes(pairs, direction = "benefit")
  expect_equal(benefit$yi, raw$yi * c(-1, 1))
  expect_equal(benefit$sign, c(-1, 1))
  expect_identical(benefit$vi, raw$vi)
  nmd <- effect_sizes(pairs, "NMD", direction = "benefit")
  expect_equal(nmd$sign, c(1, 1))
  expect_equal(nmd$yi, c(100 * 2 / 3, -100))
})

# ---- property ------------------------------------------------------------------------

# Forms of the measures of means, all or some.
all_forms <- function(measures = NULL) {
  known <- registry()
  means <- known$measures$name[known$measures$kind == "means"]
  if (is.null(measures)) measures <- means
  forms <- known$forms
  Filter(
    \(form) form[1] %in% measures, Map(c, forms$measure, forms$name, USE.NAMES = FALSE)
  )
}

# With what each of them needs: two readings of one n, four groups, a maximum.
whole_pairs <- function(rows) {
  pairs <- random_pairs(rows, sham = TRUE)
  pairs$n_c <- pairs$n_t
  pairs$r <- rep_len(c(0.2, 0.5, 0.8), rows)
  pairs$maximum <- 20
  pairs[c("n_a", "mean_a", "sd_a")] <- pairs[c("n_s", "mean_t", "sd_c")]
  pairs[c("n_b", "mean_b", "sd_b")] <- pairs[c("n_t", "mean_c", "sd_s")]
  pairs
}

test_that("order of rows, and the unit of the outcome, change nothing", {
  pairs <- whole_pairs(40)
  scaled <- pairs
  with_unit <- c(grep("^(mean|sd)_", names(pairs), value = TRUE), "maximum")
  for (what in with_unit) scaled[[what]] <- scaled[[what]] * 1000
  turned <- pairs[40:1, ]
  for (form in all_forms()) {
    get <- function(x) suppressWarnings(sizes_of(x, form[1], form[2]))
    here <- get(pairs)
    unit <- if (form[1] %in% c("MD", "MC", "MN", "MD_A", "MD_B", "MD_AB")) 1000 else 1
    shift <- if (form[1] %in% c("MNLN", "SDLN")) log(1000) else 0
    expect_equal(get(scaled)$yi, here$yi * unit + shift, tolerance = 1e-10)
    expect_equal(get(scaled)$vi, here$vi * unit^2, tolerance = 1e-10)
    expect_equal(get(turned)$yi, rev(here$yi), tolerance = 1e-12)
    expect_equal(get(turned)$vi, rev(here$vi), tolerance = 1e-12)
  }
})

test_that("treated and control exchanged turn the sign and keep the variance", {
  pairs <- as_readings(random_pairs(30))
  swapped <- pairs
  for (what in c("n_", "mean_", "sd_")) {
    swapped[[paste0(what, "t")]] <- pairs[[paste0(what, "c")]]
    swapped[[paste0(what, "c")]] <- pairs[[paste0(what, "t")]]
  }
  both_ways <- c("MD", "SMD", "SMDH", "ROM", "VR", "CVR", "MC", "SMCC", "ROMC")
  for (form in all_forms(both_ways)) {
    get <- function(x) suppressWarnings(sizes_of(x, form[1], form[2]))
    expect_equal(get(swapped)$yi, -get(pairs)$yi, tolerance = 1e-12)
    expect_equal(get(swapped)$vi, get(pairs)$vi, tolerance = 1e-12)
  }
})

test_that("an averaged form takes its average over the outcome", {
  pairs <- random_pairs(30)
  for (form in list(c("SMD", "AV"), c("ROM", "AV"), c("ROM", "AVHO"))) {
    whole <- sizes_of(pairs, form[1], form[2])
    part <- sizes_of(pairs[pairs$outcome == "b", ], form[1], form[2])
    expect_equal(part$vi, whole$vi[whole$outcome == "b"], tolerance = 1e-14)
  }
  g <- effect_sizes(pairs)
  n <- g$n_t + g$n_c
  mean_g <- tapply(g$yi * n, g$outcome, sum) / tapply(n, g$outcome, sum)
  expect_equal(
    effect_sizes(pairs, "SMD", "AV")$vi,
    1 / g$n_t + 1 / g$n_c + as.vector(mean_g[g$outcome])^2 / (2 * n)
  )
})

# ---- pinned (escalc: test-measures_of_means.R) ----------------------------------------

test_that("UB keeps its digits in large groups", {
  # mpmath 1.x at 40 digits: 0.01486702624826606; metafor 5.2-1 is 3.2e-12 off
  ub <- effect_sizes(pairs_of(110, 21, 16, 183, 31, 27), "SMD", "UB")$vi
  expect_lt(abs(ub / 0.014867026248266059 - 1), 1e-14)
})

taar1 <- function() {
  path <- file.path(Sys.getenv("METAVIVO_SHARED"), "data", "taar1_psychosis.csv")
  skip_if_not(file.exists(path), "taar1_psychosis.csv")
  utils::read.csv(path)
}

test_that("SMD agrees with all 216 rows of TAAR1, NMD with 158", {
  x <- taar1()
  pairs <- pairs_of(
    x$F_T_n, x$F_T_m, x$F_T_v.SD, x$F_C_n, x$F_C_m, x$F_C_v.SD, x$F_S_n, x$F_S_m,
    x$F_S_v.SD,
    study = x$StudyId, outcome = x$OutcomeType, worse = x$GreaterIsWorse
  )
  smd <- effect_sizes(pairs, direction = "benefit")
  expect_equal(smd$yi, x$SMD, tolerance = 1e-12)
  expect_equal(smd$vi, x$SMDv, tolerance = 1e-12)
  nmd <- suppressWarnings(effect_sizes(pairs, "NMD", "vesterinen"))
  expect_equal(nmd$yi, x$NMD, tolerance = 1e-12)
  expect_equal(sqrt(nmd$vi), x$NMDv, tolerance = 1e-12)
  expect_equal(sum(!is.na(nmd$yi)), 158)
})

# ---- rows without an effect ----------------------------------------------------------

test_that("each row that cannot give an effect says why, in one warning", {
  pairs <- pairs_of(
    c(NA, 8, 8, 1, 8, 8, 8), c(1, NA, 1, 1, 1, 1, 1), c(1, 1, NA, 1, 0, 1, 1),
    c(8, 8, 8, 2, 8, NA, 8), c(2, 2, 2, 2, 2, NA, 2), c(1, 1, 1, 1, 0, NA, -1)
  )
  expect_snapshot(effects <- effect_sizes(pairs))
  expect_snapshot(effects$reason)
  expect_true(all(is.na(effects$yi)) && !any(effects$pooled))
})

test_that("one animal with an SD is accepted", {
  pairs <- pairs_of(8, 1, 1, 1, 3, 1)
  for (measure in c("MD", "SMD", "ROM")) {
    effects <- suppressWarnings(sizes_of(pairs, measure))
    expect_true(effects$pooled && is.finite(effects$vi))
  }
  expect_equal(effect_sizes(pairs)$yi, -2 * exp(lgamma(3.5) - lgamma(3)) / sqrt(3.5))
})

test_that("ROM: a mean not above zero is NA, one too near zero is pooled and named", {
  pairs <- pairs_of(8, c(-1, 1, 5), c(1, 2, 1), 8, 5, 1)
  expect_snapshot(effects <- effect_sizes(pairs, "ROM"))
  expect_equal(is.na(effects$yi), c(TRUE, FALSE, FALSE))
  expect_equal(effects$pooled, c(FALSE, TRUE, TRUE))
})

test_that("NMD: no sham, sham equal to control, uncertain and wrong shams", {
  pairs <- pairs_of(
    8, 5, 1, 8, 6, 1, c(NA, 8, 8, 8, 8), c(NA, 6, 5.9, 20, 1), c(NA, 1, 1, 1, 1),
    worse = TRUE
  )
  expect_snapshot(effects <- effect_sizes(pairs, "NMD"))
  expect_equal(is.na(effects$yi), c(TRUE, TRUE, FALSE, FALSE, FALSE))
  expect_equal(effects$pooled, c(FALSE, FALSE, FALSE, FALSE, TRUE))
  expect_true(is.na(effects$fieller_lower[3]))
})

test_that("a declared sham mean needs no animals", {
  pairs <- pairs_of(8, 5, 1, 8, 10, 2, NA, 0, 0, worse = TRUE)
  effects <- effect_sizes(pairs, "NMD")
  expect_equal(effects$yi, 50)
  expect_equal(effects$vi, 100^2 * (0.25 * 4 / 8 + 1 / 8) / 100)
})

test_that("a variance of zero keeps the effect out of the pool", {
  expect_warning(effects <- effect_sizes(pairs_of(8, 5, 0, 8, 10, 0), "MD"), "zero",
    class = "mv_warning_rows"
  )
  expect_equal(effects$yi, -5)
  expect_false(effects$pooled)
  expect_equal(effects$reason, "variance is zero")
})

test_that("what was said when the row was paired stays", {
  pairs <- pairs_of(8, 5, 1, NA, NA, NA)
  pairs$reason <- "no control group in this experiment, outcome and time"
  expect_no_warning(effects <- effect_sizes(pairs))
  expect_match(effects$reason, "in this experiment")
  expect_false(effects$pooled)
})

test_that("wrong words get the nearest right one", {
  pairs <- random_pairs(3)
  expect_snapshot(error = TRUE, {
    effect_sizes(pairs, "SDM")
    effect_sizes(pairs, "SMD", "LS4")
    effect_sizes(pairs, direction = "benefits")
    effect_sizes(pairs, correct = NA)
    effect_sizes(data.frame(yi = 1))
    effect_sizes(pairs, direction = "benefit")
    effect_sizes(pairs[setdiff(names(pairs), "sd_c")] |>
      structure(class = c("mv_comparisons", "data.frame")))
  })
})

test_that("one row, and rows of one study, print", {
  pairs <- pairs_of(c(8, 8), c(1, NA), 1, 9, 0, 1.5,
    study = "A", cohort_c = "c", shared_c = 2L
  )
  effects <- suppressWarnings(effect_sizes(pairs))
  expect_snapshot(print(effects))
  expect_snapshot(print(effects[1, ]))
})

test_that("a split control is split over the comparisons that are left", {
  long <- data.frame(
    study = "A", role = c("control", "treated", "treated"), treatment = c(NA, "x", "y"),
    n = c(12, 6, 6), mean = c(5, 3, 2), error = 1, error_type = "sd"
  )
  pairs <- comparisons(cohorts(long))
  both <- effect_sizes(pairs, "MD", shared_control = "split")
  one <- effect_sizes(pairs[1, ], "MD", shared_control = "split")
  expect_equal(both$vi, rep(1 / 6 + 2 / 12, 2))
  expect_equal(one$vi, 1 / 6 + 1 / 12)
})

test_that("a row beyond the arithmetic does not spoil the average of its outcome", {
  pairs <- as_comparisons(
    data.frame(
      study = c("A", "B", "C"), n_t = 8, mean_t = c(3, 4, 1e300),
      error_t = c(1, 1, 1e-10), n_c = 8, mean_c = c(2, 2, 1), error_c = c(1, 1, 1e-10)
    ),
    error_type = "sd"
  )
  found <- suppressWarnings(effect_sizes(pairs, "SMD", "AV"))
  expect_identical(is.na(found$yi), c(FALSE, FALSE, TRUE))
  expect_equal(found$vi[1:2], effect_sizes(pairs[1:2, ], "SMD", "AV")$vi)
})

test_that("columns that became factors or text mean what they meant", {
  effects <- as_effects(
    yi = log(c(0.5, 0.6, 0.4)), vi = c(0.02, 0.03, 0.01), study = c("A", "B", "C"),
    measure = "ROM"
  )
  changed <- effects
  for (name in c("measure", "direction", "computed_from")) {
    changed[[name]] <- factor(changed[[name]])
  }
  changed$vi <- as.character(changed$vi)
  changed$sign <- as.character(changed$sign)
  fit <- pool_effects(effects)
  expect_equal(coef(pool_effects(changed)), coef(fit))
  expect_output(print(pool_effects(changed)), "Log response ratio")
  expect_output(print(changed), "Log response ratio")
  expect_equal(vcov(changed), vcov(effects))
  effects$measure <- 3
  expect_error(pool_effects(effects), "must be text", class = "mv_error_type")
  effects$measure <- NA
  expect_output(print(pool_effects(effects)), "Effect;")
  expect_s3_class(forest(effects), "ggplot")
})

test_that("columns that cannot be effects are named", {
  effects <- as_effects(yi = 1:3, vi = 1, study = c("A", "B", "C"))
  with <- function(name, value) {
    effects[[name]] <- value
    expect_error(pool_effects(effects), class = "mv_error_type")
  }
  with("yi", cbind(1:3, 1))
  with("yi", 1:3 + 1i)
  with("yi", as.Date("2020-01-01") + 1:3)
  with("yi", structure(c(1, 2, 3), class = "integer64"))
  with("pooled", c(TRUE, NA, TRUE))
  with("pooled", 1)
  with("study", as.list(1:3))
})

test_that("columns that were replaced by tables or lists are errors that name them", {
  pairs <- random_pairs(3)
  effects <- effect_sizes(pairs)
  for (name in c("study", "outcome", "cohort_c")) {
    for (value in list(matrix("a", 3, 2), I(list(1, 2, 3)), data.frame(z = 1:3))) {
      odd <- pairs
      odd[[name]] <- value
      expect_error(effect_sizes(odd), name, class = "mv_error_type")
      odd <- effects
      odd[[name]] <- value
      expect_error(vcov(odd), name, class = "mv_error_type")
    }
  }
  effects$measure <- matrix("SMD", 3, 2)
  expect_error(vcov(effects), "measure", class = "mv_error_type")
})
