# Effects that share a control, and some of another study.
sharing <- function(measure = "SMD") {
  effect_sizes(pairs_of(
    c(12, 12, 9, 8), c(3, 4, 5, 4), 1, c(12, 12, 9, 8), 6, c(1.5, 1.5, 1, 1.1),
    study = c("A", "A", "B", "C"), cohort_c = c("c", "c", "c3", "c4"),
    shared_c = c(2L, 2L, 1L, 1L)
  ), measure)
}

# Counts, times, means, SDs and correlations that every measure of escalc() reads.
numbers_for_escalc <- function(k = 6) {
  withr::with_seed(5, data.frame(
    ai = sample(1:9, k), bi = sample(5:15, k), ci = sample(2:12, k), di = sample(4:14, k),
    x1i = sample(1:9, k), x2i = sample(1:9, k), t1i = stats::runif(k, 5, 20),
    t2i = stats::runif(k, 5, 20), n1i = sample(8:20, k), n2i = sample(8:20, k),
    m1i = stats::runif(k, 5, 9), m2i = stats::runif(k, 4, 8),
    sd1i = stats::runif(k, 2, 3), sd2i = stats::runif(k, 2, 3),
    ri = stats::runif(k, -0.6, 0.8), ni = sample(8:20, k), xi = sample(1:7, k),
    mi = stats::runif(k, 5, 9), sdi = stats::runif(k, 1, 2), ti = stats::runif(k, 5, 20)
  ))
}

escalc_reads <- list(
  c("ai", "bi", "ci", "di"), c("x1i", "t1i", "x2i", "t2i"),
  c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), c("ri", "ni"), c("xi", "ni"),
  c("xi", "ti"), c("mi", "sdi", "ni"), c("m1i", "m2i", "sd1i", "sd2i", "ni", "ri"),
  c("m1i", "m2i", "sd1i", "ni", "ri")
)
# UCOR and RTET need further packages.
escalc_measures <- list(
  c("RR", "OR", "RD", "AS", "PETO", "PHI", "YUQ", "OR2DN", "OR2DL"),
  c("IRR", "IRD", "IRSD"), c(
    "MD", "SMD", "SMDH", "SMD1", "SMD1H", "ROM", "CVR", "VR", "RPB", "D2ORN"
  ),
  c("COR", "ZCOR"), c("PR", "PLN", "PLO", "PAS", "PFT", "PRZ"),
  c("IR", "IRLN", "IRS", "IRFT"), c("MN", "MNLN", "SDLN", "CVLN"),
  c("MC", "SMCRH", "ROMC", "CVRC", "VRC"), c("SMCR")
)

test_that("every measure of escalc() comes in with its estimates and variances", {
  skip_if_not_installed("metafor", "5.0.0")
  data <- numbers_for_escalc()
  for (i in seq_along(escalc_measures)) {
    for (measure in escalc_measures[[i]]) {
      x <- do.call(metafor::escalc, c(list(measure), data[escalc_reads[[i]]]))
      es <- as_effects(x)
      expect_identical(unique(es$measure), measure)
      expect_identical(es$yi, as.vector(x$yi))
      expect_identical(es$vi, as.vector(x$vi))
      fit <- pool_effects(es, method = "DL", test = "z")
      theirs <- metafor::rma(yi, vi, data = x, method = "DL")
      expect_equal(unname(fit$beta), as.vector(theirs$beta), tolerance = 1e-10)
    }
  }
})

test_that("an escalc object with columns of other names, and with appended text", {
  skip_if_not_installed("metafor", "5.0.0")
  data <- numbers_for_escalc()
  data$vi <- "unblinded"
  x <- metafor::escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
    n2i = n2i, data = data, var.names = c("d", "vd"), slab = letters[1:6]
  )
  expect_message(es <- as_effects(x), "vi_input")
  expect_equal(es$yi, as.vector(x$d))
  expect_equal(es$vi, as.vector(x$vd))
  expect_identical(es$study, letters[1:6])
  by_column <- suppressMessages(as_effects(x, study = ni))
  expect_equal(by_column$study, data$ni)
})

# ---- fits ------------------------------------------------------------------------------

test_that("a fit of rma() gives its estimates, labels and moderators", {
  skip_if_not_installed("metafor", "5.0.0")
  data <- some_effects()
  data$yi[3] <- NA
  fit <- metafor::rma(yi, vi, mods = ~dose, data = data, slab = study,
    subset = species == "mouse"
  ) |>
    suppressWarnings()
  es <- as_effects(fit)
  mice <- data[data$species == "mouse", ]
  expect_equal(es$yi, mice$yi)
  expect_equal(es$vi, mice$vi)
  expect_identical(es$study, mice$study)
  expect_equal(es$dose, mice$dose)
  ours <- pool_effects(es, ~dose, method = "DL", test = "z")
  theirs <- suppressWarnings(stats::update(fit, method = "DL"))
  expect_equal(unname(ours$beta), as.vector(theirs$beta), tolerance = 1e-8)
})

test_that("a fit of vectors gives its design, a fit of escalc() its measure", {
  skip_if_not_installed("metafor", "5.0.0")
  data <- some_effects(8)
  fit <- metafor::rma(data$yi, data$vi, mods = cbind(dose = data$dose))
  es <- as_effects(fit)
  expect_equal(es$dose, data$dose)
  expect_null(es$study)
  x <- metafor::escalc("ROM",
    m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
    data = numbers_for_escalc()
  )
  fit <- metafor::rma(yi, vi, data = x)
  expect_identical(unique(as_effects(fit)$measure), "ROM")
  expect_identical(unique(as_effects(fit, measure = "GEN")$measure), "GEN")
})

test_that("a fit of rma.mv() brings its matrix", {
  skip_if_not_installed("metafor", "5.0.0")
  data <- some_effects(4)
  V <- diag(data$vi)
  V[1, 2] <- V[2, 1] <- 0.02
  fit <- metafor::rma.mv(yi, V, random = ~ 1 | study, data = data)
  es <- as_effects(fit)
  expect_equal(vcov(es), V)
  expect_identical(es$study, data$study)
  apart <- metafor::rma.mv(yi, vi, random = ~ 1 | study, data = data)
  expect_identical(unique(as_effects(apart)$computed_from), "estimate")
})

test_that("effects that went through a fit of metafor are the same effects", {
  skip_if_not_installed("metafor", "5.0.0")
  es <- sharing()
  fit <- metafor::rma.mv(yi, vcov(es), random = ~ 1 | study, data = es)
  expect_equal(as_effects(fit), es, ignore_attr = TRUE)
  expect_equal(vcov(as_effects(fit)), vcov(es))
  V <- matrix(c(0.1, 0.02, 0.02, 0.2), 2)
  brought <- as_effects(yi = c(0.2, 0.5), V = V, study = c("A", "B"))
  fit <- metafor::rma.mv(yi, vcov(brought), random = ~ 1 | study, data = brought)
  expect_equal(vcov(as_effects(fit)), V)
})

test_that("a fit without estimates is refused", {
  fit <- structure(list(yi = NULL), class = c("rma.glmm", "rma"))
  expect_snapshot(error = TRUE, as_effects(fit))
})

# ---- out -------------------------------------------------------------------------------

test_that("rma() and rma.mv() take effects as they are", {
  skip_if_not_installed("metafor", "5.0.0")
  es <- sharing("MD")
  theirs <- metafor::rma(yi, vi, data = es, test = "z")
  ours <- pool_effects(es, test = "z", dependence = "ignore")
  expect_equal(unname(ours$beta), as.vector(theirs$beta), tolerance = 1e-6)
  fit <- metafor::rma.mv(yi, vcov(es), data = es)
  w <- solve(vcov(es))
  expect_equal(as.vector(fit$beta), sum(w %*% es$yi) / sum(w), tolerance = 1e-8)
})

test_that("as_escalc() carries measure, studies and numbers of animals, and comes back", {
  skip_if_not_installed("metafor", "5.0.0")
  es <- sharing()
  out <- as_escalc(es)
  expect_s3_class(out, "escalc")
  expect_identical(attr(out$yi, "measure"), "SMD")
  expect_equal(attr(out$yi, "ni"), es$n_t + es$n_c)
  expect_identical(metafor::rma(yi, vi, data = out)$measure, "SMD")
  expect_output(print(out), "A")
  expect_equal(summary(out)$sei, sqrt(es$vi))
  back <- as_effects(out)
  expect_equal(back, es, ignore_attr = TRUE)
  expect_s3_class(back, "mv_effects")
  expect_equal(vcov(back), vcov(es))
  V <- matrix(c(0.1, 0.02, 0.02, 0.2), 2)
  brought <- as_effects(yi = c(0.2, 0.5), V = V)
  expect_equal(vcov(as_effects(as_escalc(brought))), V)
})

test_that("measures that metafor does not have are GEN there; missing rows stay", {
  skip_if_not_installed("metafor", "5.0.0")
  pairs <- random_pairs(4, sham = TRUE)
  pairs$mean_t[2] <- NA
  nmd <- suppressWarnings(effect_sizes(pairs, "NMD"))
  out <- as_escalc(nmd)
  expect_identical(attr(out$yi, "measure"), "GEN")
  expect_equal(nrow(out), 4)
  expect_identical(as_effects(out)$measure, nmd$measure)
  mixed <- rbind(sharing("MD"), sharing("SMD"))
  expect_identical(attr(as_escalc(mixed)$yi, "measure"), "GEN")
  alone <- as_escalc(as_effects(yi = 1:2, vi = 1))
  expect_null(attr(alone$yi, "ni"))
})

test_that("as_escalc() refuses what is no table of effects", {
  expect_snapshot(error = TRUE, as_escalc(data.frame(yi = 1, vi = 1)))
})

# ---- effects read anew -----------------------------------------------------------------

test_that("effects read anew do not lose their covariances in silence", {
  es <- sharing()
  expect_identical(as_effects(es), es)
  expect_snapshot(error = TRUE, {
    as_effects(es, study = cohort_c)
    as_effects(es, yi = yi * 2, measure = "MD")
    as_effects(es, dose = c(1, 2, 3, 4))
    as_effects(es, V = diag(3))
  })
  V <- vcov(es)
  V[3, 4] <- V[4, 3] <- 0.01
  brought <- as_effects(es, V = V)
  expect_equal(vcov(brought), V)
  expect_equal(vcov(brought[4:1, ]), V[4:1, 4:1])
  expect_identical(brought$measure, es$measure)
  apart <- suppressMessages(as_effects(as.data.frame(es), study = cohort_c))
  expect_equal(vcov(apart), diag(es$vi))
})

test_that("effects of which some lack a study become an escalc", {
  skip_if_not_installed("metafor")
  effects <- as_effects(yi = c(0.1, 0.2), vi = 0.1, study = c("A", NA))
  expect_identical(as_escalc(effects)$yi, c(0.1, 0.2), ignore_attr = TRUE)
})

test_that("no effects are no escalc", {
  skip_if_not_installed("metafor")
  none <- as_effects(yi = c(0.1, 0.2), vi = 0.1)[0, ]
  expect_error(as_escalc(none), "no rows", class = "mv_error_empty")
})
