# ---- truth ---------------------------------------------------------------------------

test_that("two equal-effects estimates are averaged with inverse variances", {
  fit <- pool_effects(data.frame(yi = c(1, 3), vi = c(1, 3)), method = "EE", test = "z")
  expect_equal(coef(fit), c("(Intercept)" = 1.5), tolerance = 1e-14)
  expect_equal(fit$se[[1]], sqrt(0.75), tolerance = 1e-14)
  expect_equal(fit$Q, 1, tolerance = 1e-14) # 0.25 / 1 + 2.25 / 3
  expect_equal(fit$Q_p, pchisq(1, 1, lower.tail = FALSE), tolerance = 1e-14)
})

test_that("REML and PM of two effects have their closed form, and 0 below it", {
  for (method in c("REML", "PM", "DL")) {
    fit <- pool_effects(data.frame(yi = c(0, 3), vi = c(1, 2)), method = method)
    expect_equal(fit$tau2, if (method == "REML") 3 else fit$tau2, tolerance = 1e-12)
    same <- pool_effects(data.frame(yi = c(0, 1), vi = c(1, 2)), method = method)
    expect_identical(same$tau2, 0)
  }
})

test_that("with k = p + 1, tau2 is what the one contrast leaves", {
  data <- data.frame(yi = c(1, 5, 2), vi = c(0.1, 0.3, 0.2), dose = c(1, 2, 4))
  fit <- pool_effects(data, ~dose)
  a <- qr.Q(qr(cbind(1, data$dose)), complete = TRUE)[, 3]
  expect_equal(fit$tau2, sum(a * data$yi)^2 - sum(a^2 * data$vi), tolerance = 1e-10)
})

test_that("equal variances give tau2 from the variance of the effects", {
  yi <- c(0.1, 0.9, 1.7, -0.4, 2.2, 0.6)
  data <- data.frame(yi = yi, vi = 0.1)
  rss <- sum((yi - mean(yi))^2)
  expect_equal(pool_effects(data)$tau2, rss / 5 - 0.1, tolerance = 1e-11)
  expect_equal(pool_effects(data, method = "ML")$tau2, rss / 6 - 0.1, tolerance = 1e-11)
  expect_equal(pool_effects(data, method = "PM")$tau2, rss / 5 - 0.1, tolerance = 1e-11)
  expect_equal(pool_effects(data, method = "DL")$tau2, rss / 5 - 0.1, tolerance = 1e-11)
})

test_that("identical effects have tau2 = 0 and a standard error above 0", {
  for (method in estimators()) {
    fit <- pool_effects(data.frame(yi = rep(0.7, 5), vi = 1:5 / 10), method = method)
    expect_identical(fit$tau2, 0)
    expect_gt(fit$se, 0.1)
  }
  knha <- pool_effects(data.frame(yi = rep(0.7, 5), vi = 1:5 / 10), test = "knha")
  # what plain Knapp-Hartung does there, and why it is not the default
  expect_lt(knha$se, 1e-12)
})

# ---- defining properties -------------------------------------------------------------

test_that("each estimator solves its own equation", {
  data <- some_effects()
  k <- nrow(data)
  for (x in list(NULL, cbind(1, data$dose))) {
    mods <- if (is.null(x)) ~1 else ~dose
    design <- if (is.null(x)) matrix(1, k, 1) else x
    fit <- function(method) pool_effects(data, mods, method = method)
    at <- function(method) projection(data$vi, fit(method)$tau2, design)
    p <- at("REML")
    expect_equal(drop(data$yi %*% p %*% p %*% data$yi), sum(diag(p)), tolerance = 1e-9)
    p <- at("ML")
    expect_equal(
      drop(data$yi %*% p %*% p %*% data$yi), sum(1 / (data$vi + fit("ML")$tau2)),
      tolerance = 1e-9
    )
    expect_equal(drop(data$yi %*% at("PM") %*% data$yi), k - ncol(design),
      tolerance = 1e-11
    )
    p <- projection(data$vi, 0, design)
    expect_equal(
      fit("DL")$tau2, (drop(data$yi %*% p %*% data$yi) - k + ncol(design)) / sum(diag(p)),
      tolerance = 1e-11
    )
  }
})

test_that("the ten effects where one Newton search cycles have their REML maximum", {
  fit <- pool_effects(ten_effects())
  expect_equal(fit$tau2, 0.0819731, tolerance = 1e-6)
  log_lik <- function(tau2) {
    w <- 1 / (ten_effects()$vi + tau2)
    r <- ten_effects()$yi - sum(w * ten_effects()$yi) / sum(w)
    0.5 * (sum(log(w)) - log(sum(w)) - sum(w * r^2))
  }
  grid <- vapply(seq(0, 1, length.out = 2001), log_lik, 0)
  expect_gte(log_lik(fit$tau2), max(grid) - 1e-12)
})

test_that("the unit of the effects does not change the answer", {
  fit <- pool_effects(ten_effects())
  for (unit in c(1e-6, 1e6)) {
    scaled <- pool_effects(ten_effects(unit))
    expect_equal(scaled$tau2 / unit^2, fit$tau2, tolerance = 1e-10)
    expect_equal(scaled$p_value, fit$p_value, tolerance = 1e-10)
  }
})

test_that("order of rows and sign of the effects only change what they must", {
  data <- some_effects()
  fit <- pool_effects(data, ~dose)
  turned <- pool_effects(transform(data, yi = -yi), ~dose)
  shuffled <- pool_effects(data[c(11:20, 10:1), ], ~dose)
  expect_equal(coef(turned), -coef(fit), tolerance = 1e-12)
  expect_equal(turned$tau2, fit$tau2, tolerance = 1e-12)
  expect_equal(shuffled[c("beta", "se", "tau2", "Q")], fit[c("beta", "se", "tau2", "Q")],
    tolerance = 1e-10
  )
})

test_that("a row split into two independent halves leaves the equal-effects estimate", {
  data <- some_effects(6)
  halves <- rbind(data[-1, ], transform(data[c(1, 1), ], vi = vi * 2))
  whole <- pool_effects(data, method = "EE")
  split <- pool_effects(halves, method = "EE", dependence = "ignore")
  expect_equal(coef(split), coef(whole), tolerance = 1e-13)
  expect_equal(split$Q, whole$Q, tolerance = 1e-13)
})

test_that("an intercept by formula equals the intercept alone", {
  data <- transform(some_effects(), one = 1)
  by_formula <- pool_effects(data, ~ 0 + one)
  alone <- pool_effects(data)
  expect_equal(unname(by_formula$beta), unname(alone$beta), tolerance = 1e-12)
  expect_equal(by_formula$tau2, alone$tau2, tolerance = 1e-10)
  expect_equal(by_formula$loglik, alone$loglik, tolerance = 1e-12)
})

# ---- zero variances ------------------------------------------------------------------

test_that("one variance of 0 is an error, or by REML a finite answer", {
  data <- data.frame(yi = c(.1, .5, .9, .3), vi = c(0, .1, .2, .1))
  expect_snapshot(pool_effects(data), error = TRUE)
  expect_equal(pool_effects(data, zero_variance = "keep")$tau2, 0.04612, tolerance = 1e-4)
  expect_error(
    pool_effects(data, zero_variance = "keep", method = "ML"),
    class = "mv_error_unbounded"
  )
  expect_error(
    pool_effects(data, zero_variance = "keep", method = "DL"),
    class = "mv_error_variance"
  )
})

test_that("two variances of 0 with equal effects have no maximum", {
  data <- data.frame(yi = c(.1, .1, .9, .3), vi = c(0, 0, .2, .1))
  expect_snapshot(pool_effects(data, zero_variance = "keep"), error = TRUE)
  unequal <- transform(data, yi = c(.1, .2, .9, .3))
  expect_true(is.finite(pool_effects(unequal, zero_variance = "keep")$tau2))
})

# ---- bad input -----------------------------------------------------------------------

test_that("rows that share a study stop, and the message says what to do", {
  data <- transform(some_effects(4), study = c("Chen 2011", "Chen 2011", "Li", "Wu"))
  expect_snapshot(pool_effects(data), error = TRUE)
  fit <- pool_effects(data, dependence = "ignore")
  expect_identical(fit$dependent, 1L)
  expect_output(print(fit), "1 study with several effects, pooled as if")
})

test_that("too few effects, for each method, stop with a class", {
  one <- data.frame(yi = 1, vi = 1)
  expect_snapshot(pool_effects(one), error = TRUE)
  expect_identical(pool_effects(one, method = "EE")$test, "z")
  expect_snapshot(pool_effects(one, method = "EE", test = "knha"), error = TRUE)
  expect_error(pool_effects(one[0, ]), class = "mv_error_too_few")
  two <- data.frame(yi = 1:2, vi = 1, x = 1:2)
  expect_snapshot(pool_effects(two, ~x), error = TRUE)
  expect_equal(unname(coef(pool_effects(two, ~x, method = "EE"))), 0:1, tolerance = 1e-12)
})

test_that("variances that cannot be are named by row and study", {
  data <- some_effects(4)
  for (bad in list(-1, Inf)) {
    data$vi[3] <- bad
    expect_snapshot(pool_effects(data), error = TRUE)
  }
  data <- some_effects(4)
  data$yi[2] <- -Inf
  expect_snapshot(pool_effects(data), error = TRUE)
})

test_that("a table of effects that was changed by hand is checked again", {
  for (bad in c(-1, Inf)) {
    effects <- as_effects(some_effects(4))
    effects$vi[3] <- bad
    expect_snapshot(pool_effects(effects), error = TRUE)
  }
  effects <- as_effects(some_effects(4))
  effects$yi[2] <- Inf
  expect_error(pool_effects(effects), "infinite in row 2", class = "mv_error_variance")
})

test_that("a wrong formula says which column, and the nearest", {
  data <- some_effects(6)
  expect_snapshot(error = TRUE, {
    pool_effects(data, ~doze)
    pool_effects(data, yi ~ dose)
    pool_effects(data, ~ dose + I(2 * dose))
    pool_effects(data, ~0)
    pool_effects(data, ~ species + offset(dose))
    pool_effects(transform(data, species = "mouse"), ~species)
    pool_effects(transform(data, dose = c(Inf, 2:6)), ~dose)
  })
})

test_that("wrong words and types are answered", {
  data <- some_effects(6)
  expect_snapshot(error = TRUE, {
    pool_effects(data, method = "RMEL")
    pool_effects(data, test = "hk")
    pool_effects(data, level = 95)
    pool_effects(data$yi)
    pool_effects(data, dependence = "ignored")
  })
})

test_that("missing effects stay out, and are counted", {
  data <- some_effects(6)
  data$yi[2] <- NA
  data$vi[5] <- NaN
  fit <- suppressWarnings(pool_effects(data))
  expect_identical(fit$k, 4L)
  expect_identical(fit$used, c(1L, 3L, 4L, 6L))
  expect_equal(coef(fit), coef(pool_effects(data[c(1, 3, 4, 6), ])))
  expect_output(print(fit), "2 rows left out")
})

test_that("missing moderators leave rows out with a warning that names them", {
  data <- some_effects(6)
  data$dose[c(2, 4)] <- NA
  expect_snapshot(fit <- pool_effects(data, ~dose))
  expect_identical(fit$k, 4L)
})

test_that("numbers beyond the arithmetic stop; extreme ratios are noted", {
  expect_error(
    pool_effects(data.frame(yi = c(1e200, -1e200, 0), vi = 1)),
    class = "mv_error_not_finite"
  )
  fit <- pool_effects(data.frame(yi = c(1, 2, 4), vi = c(1e-9, 1, 2)))
  expect_output(print(fit), "10\\^7 times the smallest")
})

test_that("factors, text and tibbles serve as moderators", {
  data <- some_effects(12)
  fit <- pool_effects(data, ~species)
  turned <- transform(data, species = factor(species, c("rat", "mouse", "dog")))
  other <- pool_effects(turned, ~species)
  expect_equal(fit$beta[["speciesrat"]], -other$beta[["speciesmouse"]], tolerance = 1e-10)
  skip_if_not_installed("tibble")
  expect_equal(coef(pool_effects(tibble::as_tibble(data), ~species)), coef(fit))
})

test_that("a million effects are pooled without copies of the table", {
  data <- withr::with_seed(1, {
    vi <- runif(1e6, 0.05, 1)
    data.frame(yi = rnorm(1e6, 0.5, sqrt(vi + 0.1)), vi = vi)
  })
  fit <- pool_effects(data)
  expect_equal(fit$tau2, 0.1, tolerance = 0.02)
  expect_equal(unname(coef(fit)), 0.5, tolerance = 0.01)
  expect_null(fit$X)
})

# metafor 5.2-1 centres yi first, which a model without a constant does not allow: it
# gives Q = 209.69 and tau2 = 0.2986 for dat.bcg with ~ ablat - 1.
test_that("one moderator without an intercept is fitted through the origin", {
  data <- some_effects()
  weighted <- lm(yi ~ dose - 1, data, weights = 1 / vi)
  for (mods in list(~ dose - 1, ~ 0 + dose)) {
    equal <- pool_effects(data, mods, method = "EE")
    expect_equal(equal$beta, coef(weighted), tolerance = 1e-12)
    expect_equal(equal$Q, sum(weighted$residuals^2 / data$vi), tolerance = 1e-12)
    fit <- pool_effects(data, mods)
    score <- \(tau2) {
      p <- projection(data$vi, tau2, cbind(data$dose))
      drop(data$yi %*% p %*% p %*% data$yi) - sum(diag(p))
    }
    exact <- uniroot(score, c(1e-6, 20), tol = 1e-13)$root
    expect_equal(fit$tau2, exact, tolerance = 1e-9)
  }
})

test_that("a moderator that the formula makes undefined is told by row", {
  effects <- some_effects()
  effects$dose[3] <- -1
  expect_error(
    suppressWarnings(pool_effects(effects, ~ log(dose))), "not finite in row 3",
    class = "mv_error_moderator"
  )
})

# rma() ends in the lower maximum, tau2 = 0, with whole steps and with half steps.
test_that("of two maxima of the likelihood the higher is taken", {
  data <- data.frame(
    yi = c(-3.95, -4.8, 0.6, -2.79, 1.51), vi = c(44.91, 31.366, 0.014, 1.046, 5.202)
  )
  profile <- \(tau2) {
    w <- 1 / (data$vi + tau2)
    0.5 * sum(log(w)) - 0.5 * sum(w * (data$yi - weighted.mean(data$yi, w))^2)
  }
  fit <- pool_effects(data, method = "ML")
  expect_identical(fit$n_maxima, 2L)
  grid <- exp(seq(log(1e-6), log(100), length.out = 2000))
  expect_gte(profile(fit$tau2), max(vapply(c(0, grid), profile, 0)) - 1e-12)
  expect_gt(profile(fit$tau2), profile(0) + 0.1)
})

test_that("moderators that a formula cannot take are answered in words", {
  effects <- as_effects(some_effects())
  effects$pair <- matrix(1, 20, 2)
  effects$listed <- as.list(1:20)
  effects$big <- structure(as.double(1:20), class = "integer64")
  effects$complex <- 1:20 + 1i
  for (mods in list(~pair, ~listed, ~big, ~complex)) {
    expect_error(pool_effects(effects, mods), class = "mv_error_moderator")
  }
  expect_error(pool_effects(effects, ~ no_such(dose)), class = "mv_error_formula")
  expect_error(pool_effects(effects, ~2), class = "mv_error_formula")
  expect_error(suppressWarnings(pool_effects(effects, ~ sqrt(dose - 5))), "not finite",
    class = "mv_error_moderator"
  )
  fit <- pool_effects(effects, ~dose)
  expect_error(update(fit, effects), class = "mv_error_formula")
  expect_error(
    pool_effects(as_effects(yi = 1:3, vi = c(1e-300, 1e-200, 1)), method = "PM"),
    class = "mv_error_not_finite"
  )
})

test_that("a brought matrix with covariances is not pooled as independent in silence", {
  V <- matrix(c(1, 0.5, 0.5, 1), 2)
  effects <- as_effects(yi = 1:2, study = c("A", "B"), V = V)
  expect_error(pool_effects(effects), "brought matrix", class = "mv_error_dependent")
  expect_snapshot(pool_effects(effects), error = TRUE)
  expect_identical(pool_effects(effects, dependence = "ignore")$k, 2L)
  expect_identical(pool_effects(as_effects(yi = 1:2, V = diag(2)))$k, 2L)
})

test_that("the models that the messages name can be fitted", {
  V <- matrix(c(1, 0.5, 0, 0.5, 1, 0, 0, 0, 1), 3)
  brought <- as_effects(yi = c(1, 2, 9), study = c("A", "B", "C"), V = V)
  # the mean is that of generalised least squares with V + tau2
  fit <- pool_effects(brought, random = ~ 1 | .row)
  W <- solve(V + diag(fit$tau2, 3))
  expect_equal(unname(fit$beta), sum(W %*% brought$yi) / sum(W), tolerance = 1e-12)
  shared <- data.frame(study = rep(1:4, each = 2), yi = c(1, 2, 4, 3, 7, 9, 6, 5), vi = 1)
  expect_error(pool_effects(shared), "study / .row", class = "mv_error_dependent")
  expect_s3_class(pool_effects(shared, random = ~ 1 | study / .row), "mv_fit_multilevel")
  ignored <- pool_effects(shared, dependence = "ignore")
  expect_s3_class(robust(ignored), "mv_fit_robust")
})

test_that("effects of several measures are pooled with a warning", {
  effects <- as_effects(some_effects(6))
  effects$measure <- rep(c("SMD", "ROM"), 3)
  expect_warning(pool_effects(effects), "several measures", class = "mv_warning_mixed")
  expect_no_warning(pool_effects(as_effects(some_effects(6))))
})

test_that("raw effects of outcomes that point to different sides are told", {
  pairs <- pairs_of(8, c(1, 2, 3), 1, 8, 3, 1, worse = c(TRUE, FALSE, TRUE))
  expect_warning(pool_effects(effect_sizes(pairs)), "cancels", class = "mv_warning_mixed")
  expect_no_warning(pool_effects(effect_sizes(pairs, direction = "benefit")))
})
