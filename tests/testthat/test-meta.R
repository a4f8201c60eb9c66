# Beside package meta (which calls metafor for tau2 but has effects and intervals of its
# own). What meta does otherwise, so not compared: with method.tau = "DL" its interval of
# tau2 is Jackson's; its prediction interval "HTS" takes the classic standard error.

# meta::Fleiss1993cont, columns as published.
fleiss <- function() {
  data.frame(
    study = c("Davis", "Florell", "Gruen", "Hart", "Wilson"),
    n_t = c(13, 30, 35, 20, 8), mean_t = c(5, 4.9, 22.5, 12.5, 6.5),
    sd_t = c(4.7, 1.71, 3.44, 1.47, .76), n_c = c(13, 50, 35, 20, 8),
    mean_c = c(6.5, 6.1, 24.9, 12.3, 7.38), sd_c = c(3.8, 2.3, 10.65, 1.66, 1.41)
  )
}

# Two to four animals, 3 beside 30, effects up to a factor of 20.
tiny <- function() {
  data.frame(
    study = paste("Study", 1:6), n_t = c(2, 3, 4, 3, 30, 4),
    mean_t = c(4.1, .9, 88, 20, 7.5, 3), sd_t = c(.8, .2, 30, 3, 2.5, .9),
    n_c = c(3, 30, 4, 2, 3, 2), mean_c = c(2, .8, 4, 21, 9, 2.8),
    sd_c = c(.5, .3, 1.1, 4, 1.2, 1.4)
  )
}

pairs_of_table <- function(data) {
  as_comparisons(data, error_t = sd_t, error_c = sd_c, error_type = "sd")
}

by_meta <- function(data, sm, ...) {
  suppressWarnings(meta::metacont(n_t, mean_t, sd_t, n_c, mean_c, sd_c,
    data = data, sm = sm, method.random.ci = "HK", ...,
    control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5, tol = 1e-14)
  ))
}

# meta's method.smd and exact.smd have other names here.
meta_forms <- list(
  list(sm = "MD"), list(sm = "ROM", correct = FALSE),
  list(sm = "SMD", variance = "UB", method.smd = "Hedges", exact.smd = TRUE),
  list(sm = "SMD", variance = "LS", method.smd = "Cohen", exact.smd = FALSE,
       correct = FALSE)
)

test_that("effects and variances are those of metacont()", {
  skip_if_not_installed("meta")
  for (data in list(fleiss(), tiny())) {
    for (form in meta_forms) {
      ours <- suppressWarnings(effect_sizes(pairs_of_table(data), form$sm,
        variance = form$variance, correct = !identical(form$correct, FALSE)
      ))
      own <- form[intersect(names(form), c("method.smd", "exact.smd"))]
      theirs <- do.call(by_meta, c(list(data, form$sm), own))
      expect_equal(ours$yi, theirs$TE, tolerance = 1e-12)
      expect_equal(ours$vi, theirs$seTE^2, tolerance = 1e-12)
    }
  }
})

test_that("pooled effects and intervals are those of metacont() and metagen()", {
  skip_if_not_installed("meta")
  for (data in list(fleiss(), tiny())) {
    for (method in c("REML", "ML", "PM", "DL")) {
      theirs <- by_meta(data, "ROM", method.tau = method, method.predict = "HK")
      effects <- data.frame(yi = theirs$TE, vi = theirs$seTE^2)
      fit <- pool_effects(effects, method = method, test = "knha")
      expect_equal(fit$tau2, theirs$tau2, tolerance = 1e-8)
      expect_equal(fit$Q, theirs$Q, tolerance = 1e-12)
      expect_equal(
        unname(c(fit$beta, fit$se, fit$ci_lower, fit$ci_upper)),
        c(theirs$TE.random, theirs$seTE.random, theirs$lower.random, theirs$upper.random),
        tolerance = 1e-8
      )
      expect_equal(
        unlist(predict(fit)[c("pi_lower", "pi_upper")], use.names = FALSE),
        c(theirs$lower.predict, theirs$upper.predict), tolerance = 1e-8
      )
      adhoc <- by_meta(data, "ROM", method.tau = method, adhoc.hakn.ci = "se")
      fit <- update(fit, test = "adhoc")
      expect_equal(
        unname(c(fit$ci_lower, fit$ci_upper)),
        c(adhoc$lower.random, adhoc$upper.random), tolerance = 1e-8
      )
      hts <- meta::metagen(theirs$TE, theirs$seTE, method.tau = method,
        method.random.ci = "classic", method.predict = "HTS",
        control = list(threshold = 1e-14, maxiter = 10000, stepadj = .5, tol = 1e-14)
      )
      found <- predict(update(fit, test = "z"), interval = "hts")
      expect_equal(
        unlist(found[c("pi_lower", "pi_upper")], use.names = FALSE),
        c(hts$lower.predict, hts$upper.predict), tolerance = 1e-8
      )
    }
    equal <- pool_effects(effects, method = "EE")
    expect_equal(unname(equal$ci_upper), theirs$upper.common, tolerance = 1e-12)
    expect_equal(equal$Q_p, theirs$pval.Q, tolerance = 1e-10)
  }
})
