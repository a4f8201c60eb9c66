# ---- pinned: metafor::escalc ---------------------------------------------------------

two_groups <- function() random_means()
# an SD of one degree of freedom has no J: see below
behind_one_sd <- function() random_means(smallest = 3)
readings <- function() as_readings(random_means(smallest = 3))

like_escalc <- function(measure, tables) {
  test_that(paste(measure, "is escalc's"), {
    expect_like_escalc(measure, tables())
  })
}

like_escalc("MD", two_groups)
like_escalc("SMD", two_groups)
like_escalc("SMDH", two_groups)
like_escalc("SMD1", behind_one_sd)
like_escalc("SMD1H", behind_one_sd)
like_escalc("ROM", two_groups)
like_escalc("VR", two_groups)
like_escalc("CVR", two_groups)
like_escalc("MC", readings)
like_escalc("SMCC", readings)
like_escalc("SMCR", readings)
like_escalc("SMCRH", readings)
like_escalc("ROMC", readings)
like_escalc("MN", two_groups)
like_escalc("MNLN", two_groups)
like_escalc("SDLN", two_groups)
like_escalc("CVLN", two_groups)

# Of so many arms, that have or have not the flag.
measures_with <- function(arms, paired) {
  known <- registry()$measures
  flagged <- vapply(known$flags, \(flags) "paired" %in% flags, NA)
  known$name[known$kind == "means" & known$arms == arms & flagged == paired]
}

# Groups of one animal too. Averages are not compared: escalc() averages over rows of
# which it gives no effect. Nor uncorrected estimates, see below.
test_that("groups of one animal are escalc's", {
  measures <- c(measures_with(2, FALSE), measures_with(1, FALSE), measures_with(2, TRUE))
  paired <- measures_with(2, TRUE)
  pairs <- random_means(smallest = 1)
  for (measure in setdiff(measures, "MPE")) {
    averaged <- if (measure %in% c("SMD", "SMD1")) "AV"
    table <- if (measure %in% paired) as_readings(pairs) else pairs
    expect_like_escalc(measure, table, setdiff(forms_of(measure), averaged), TRUE)
  }
})

test_that("real data are escalc's", {
  skip_if_not_installed("metadat")
  groups <- c(setdiff(measures_with(2, FALSE), "MPE"), measures_with(1, FALSE))
  for (pairs in metadat_means()) {
    for (measure in groups) expect_like_escalc(measure, pairs)
    for (measure in measures_with(2, TRUE)) {
      expect_like_escalc(measure, as_readings(pairs))
    }
  }
})

test_that("an SD of one degree of freedom standardises nothing, corrected or not", {
  pairs <- pairs_of(2, 5, 1, 2, 3, 1, r = 0.5)
  for (measure in c("SMD1", "SMD1H", "SMCC", "SMCR", "SMCRH")) {
    for (correct in c(TRUE, FALSE)) {
      expect_warning(found <- effect_sizes(pairs, measure, correct = correct), "too few")
      expect_identical(found$yi, NA_real_)
    }
  }
})

# ---- truth: by hand (the closed forms are in tests/core/test_effect_means.c) ----------

# Both treatments, neither, the first alone, the second alone.
four_groups <- function() {
  pairs <- pairs_of(7, 5, 1.3, 9, 3, 0.8)
  pairs[c("n_a", "mean_a", "sd_a", "n_b", "mean_b", "sd_b")] <- list(8, 4, 1, 6, 2, 0.5)
  pairs
}

test_that("main effects and interaction, by hand", {
  get <- function(measure, ...) {
    found <- effect_sizes(four_groups(), measure, correct = FALSE, ...)
    c(found$yi, found$vi)
  }
  v <- c(1.69 / 7, 0.64 / 9, 1 / 8, 0.25 / 6)
  expect_equal(get("MD_A"), c(((5 - 2) + (4 - 3)) / 2, sum(v) / 4))
  expect_equal(get("MD_B"), c(((5 - 4) + (2 - 3)) / 2, sum(v) / 4))
  expect_equal(get("MD_AB"), c((5 - 2) - (4 - 3), sum(v)))
  s2 <- sum(c(6, 8, 7, 5) * c(1.69, 0.64, 1, 0.25)) / 26
  w <- 1 / 7 + 1 / 9 + 1 / 8 + 1 / 6
  expect_equal(get("SMD_A"), c(2 / sqrt(s2), 0.25 * w + 4 / s2 / 60))
  expect_equal(get("SMD_B"), c(0, 0.25 * w))
  expect_equal(get("SMD_AB"), c(2 / sqrt(s2), w + 4 / s2 / 60))
  expect_equal(get("ROM_A"), c(log(9 / 5), (v[1] + v[3]) / 81 + (v[2] + v[4]) / 25))
  expect_equal(get("ROM_AB"), c(log(5 * 3 / (4 * 2)), sum(v / c(25, 9, 16, 4))))
})

test_that("the main effect of one treatment is the other's with the names exchanged", {
  pairs <- four_groups()
  turned <- pairs
  turned[c("n_a", "mean_a", "sd_a")] <- pairs[c("n_b", "mean_b", "sd_b")]
  turned[c("n_b", "mean_b", "sd_b")] <- pairs[c("n_a", "mean_a", "sd_a")]
  for (measure in c("MD", "SMD", "ROM")) {
    get <- function(x, what) effect_sizes(x, paste0(measure, what))[c("yi", "vi")]
    expect_equal(get(pairs, "_A"), get(turned, "_B"))
    expect_equal(get(pairs, "_AB"), get(turned, "_AB"))
  }
})

test_that("MPE is NMD towards a maximum that is known", {
  pairs <- pairs_of(8, 6, 1.2, 10, 4, 0.9, NA, 10, 0, maximum = 10)
  for (form in c("delta", "AV")) {
    mpe <- effect_sizes(pairs, "MPE", form)
    nmd <- effect_sizes(pairs, "NMD", form)
    columns <- c("yi", "vi", "fieller_lower", "fieller_upper")
    expect_equal(mpe[columns], nmd[columns])
  }
  expect_equal(mpe$yi, 100 * 2 / 6)
})

test_that("MPE needs a maximum that the control has not reached", {
  pairs <- pairs_of(8, 6, 1.2, 10, c(4, 10, 9.8), 0.9, maximum = c(NA, 10, 10))
  expect_snapshot(found <- effect_sizes(pairs, "MPE"))
  expect_identical(is.na(found$yi), c(TRUE, TRUE, FALSE))
  expect_false(any(found$pooled))
})

test_that("a correlation outside its range, and two n, are named", {
  pairs <- pairs_of(8, 6, 1.2, c(8, 8, 9), 4, 0.9, r = c(NA, 1.2, 0.5))
  expect_snapshot(found <- effect_sizes(pairs, "SMCC"))
  expect_true(all(is.na(found$yi)))
})

test_that("means and SDs of logs: the ratio of geometric means, and what cannot be", {
  logs <- pairs_of(8, 1.2, 0.3, 10, -0.4, 0.2, log_scale = TRUE, r = 0.5, maximum = 3)
  rom <- effect_sizes(logs, "ROM")
  expect_equal(c(rom$yi, rom$vi), c(1.6, 0.09 / 8 + 0.04 / 10))
  expect_identical(rom$reason, NA_character_)
  md <- effect_sizes(logs, "MD")
  expect_equal(c(md$yi, md$vi), c(rom$yi, rom$vi))
  expect_equal(effect_sizes(logs, "VR", correct = FALSE)$yi, log(1.5))
  for (measure in c("CVR", "CVLN", "MPE")) {
    expect_warning(found <- sizes_of(logs, measure), "are of logs")
    expect_identical(found$yi, NA_real_)
  }
})

test_that("ratios are refused for an outcome without a true zero", {
  pairs <- pairs_of(8, 6, 1.2, 10, 4, 0.9, ratio_scale = FALSE)
  for (measure in c("ROM", "CVR", "MNLN", "CVLN")) {
    expect_warning(sizes_of(pairs, measure), "no true zero")
  }
  expect_no_warning(effect_sizes(pairs, "VR"))
})
