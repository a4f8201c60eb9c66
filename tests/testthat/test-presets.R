test_that("every preset names measures and forms of the core", {
  known <- registry()$forms
  expect_true(all(paste(presets$measure, presets$form) %in%
    paste(known$measure, known$name)))
  expect_setequal(unique(presets$preset), names(preset_labels))
  expect_false(any(duplicated(presets[c("preset", "measure")])))
})

test_that("the printed variances at 6 and 6 animals and g = 2", {
  vi <- function(form) round(effect_sizes(six_and_six(), "SMD", form)$vi, 3)
  expect_equal(vi("LS"), 0.500)
  expect_equal(vi("cma"), 0.451)
  expect_equal(vi("UB"), 0.575)
  expect_equal(vi("revman"), 0.582)
})

test_that("revman, cma and camarades have J = 1 - 3/(4N - 9)", {
  pairs <- six_and_six()
  g <- pairs$mean_t * (1 - 3 / 39)
  for (preset in c("revman", "cma", "camarades")) {
    expect_equal(effect_sizes(pairs, "SMD", preset)$yi, g, tolerance = 1e-14)
  }
  expect_equal(effect_sizes(pairs, "SMD", "revman")$vi, 1 / 3 + g^2 / (2 * 8.06))
  of_d <- 1 / 3 + pairs$mean_t^2 / 24
  expect_equal(effect_sizes(pairs, "SMD", "cma")$vi, (1 - 3 / 39)^2 * of_d)
  expect_equal(effect_sizes(pairs, "SMD", "revman", correct = FALSE)$yi, pairs$mean_t)
})

test_that("SMD as in Review Manager is meta's approximation", {
  skip_if_not_installed("meta", "5.0.0")
  pairs <- random_pairs(50)
  ours <- effect_sizes(pairs, "SMD", "revman")
  theirs <- meta::metacont(n_t, mean_t, sd_t, n_c, mean_c, sd_c,
    data = as.data.frame(pairs), sm = "SMD", method.smd = "Hedges", exact.smd = FALSE
  )
  expect_equal(ours$yi, theirs$TE, tolerance = 1e-12)
  expect_equal(ours$vi, theirs$seTE^2, tolerance = 1e-12)
})

test_that("cma does not correct ratios, and metafor does", {
  pairs <- random_pairs(5)
  cma <- effect_sizes(pairs, "ROM", "cma")
  expect_identical(cma$yi, effect_sizes(pairs, "ROM", correct = FALSE)$yi)
  expect_identical(cma$vi, effect_sizes(pairs, "ROM", "HO")$vi)
  metafor <- effect_sizes(pairs, "ROM", "metafor")
  expect_identical(metafor$yi, effect_sizes(pairs, "ROM")$yi)
  sham <- suppressWarnings(effect_sizes(random_pairs(5, sham = TRUE), "NMD", "camarades"))
  expect_identical(sham$variance, rep("vesterinen", 5))
})

test_that("metafor's defaults for counts, rates and correlations are its own", {
  skip_if_not_installed("metafor", "5.0.0")
  tables <- list(
    counts = random_counts(200), rates = random_rates(200),
    correlation = random_correlations(200)
  )
  known <- registry()$measures
  of_preset <- known$name %in% presets$measure[presets$preset == "metafor"]
  mine <- known$name[of_preset & known$kind %in% names(tables)]
  expect_length(mine, 16)
  for (measure in mine) {
    pairs <- tables[[known$kind[known$name == measure]]]
    own <- suppressWarnings(sizes_of(pairs, measure, "metafor"))
    theirs <- escalc_counts(pairs, measure)
    expect_equal(own$yi, ifelse(is.na(theirs$vi), NA, theirs$yi), tolerance = 1e-12)
    expect_equal(own$vi, theirs$vi, tolerance = 1e-12)
  }
})

test_that("the convention is recorded, printed, and survives filter and rbind", {
  pairs <- random_pairs(4)
  revman <- effect_sizes(pairs, "SMD", "revman")
  expect_identical(revman$variance, rep("LS3", 4))
  expect_identical(revman$convention, rep("revman", 4))
  expect_identical(revman[2:3, ]$convention, rep("revman", 2))
  own <- effect_sizes(pairs, "SMD")
  expect_false("convention" %in% names(own))
  both <- rbind(own, revman)
  expect_identical(both$convention, rep(c(NA, "revman"), each = 4))
  expect_output(print(revman), "as in Review Manager 5")
  expect_snapshot(print(both))
})

test_that("covariances know effects by either J, or none", {
  pairs <- pairs_of(c(8, 10), c(12, 9), c(2, 3), 6, 8, 2.5,
    study = "A", cohort_c = "c", shared_c = 2L
  )
  for (x in list(
    effect_sizes(pairs), effect_sizes(pairs, variance = "revman"),
    effect_sizes(pairs, correct = FALSE)
  )) {
    by_hand <- 1 / 6 + x$yi[1] * x$yi[2] * 5 / (2 * 12 * 14)
    expect_equal(vcov(x)[1, 2], by_hand, tolerance = 1e-14)
  }
  x$yi[1] <- x$yi[1] * 1.001
  expect_error(vcov(x), class = "mv_error_changed")
})

test_that("a software without the measure is an error", {
  expect_snapshot(error = TRUE, effect_sizes(random_pairs(3), "VR", "revman"))
})
