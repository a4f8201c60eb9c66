# The fit itself: what it is by hand, by property, and for bad input. Beside metafor:
# test-multilevel-metafor.R.

balanced_effects <- function(between = 1, scale = 1) {
  set.seed(4)
  data <- data.frame(study = rep(paste("S", 1:6), each = 4), vi = 0.1 * scale^2)
  data$yi <- scale * (between * stats::rnorm(6)[rep(1:6, each = 4)] + stats::rnorm(24))
  as_effects(data, yi = yi, vi = vi, study = study)
}

test_that("balanced studies have the variances of the analysis of variance", {
  effects <- balanced_effects()
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  table <- stats::anova(stats::lm(yi ~ study, effects))
  within <- table$`Mean Sq`[2]
  between <- table$`Mean Sq`[1]
  expect_equal(unname(fit$theta), c((between - within) / 4, within - 0.1),
    tolerance = 1e-7
  )
  expect_equal(unname(fit$beta), mean(effects$yi), tolerance = 1e-12)
  expect_equal(unname(fit$se), sqrt(between / 24), tolerance = 1e-7)
  # the variance of the mean is that of six study means
  expect_equal(unname(fit$df), 5, tolerance = 1e-6)
})

test_that("one level beside independent V is the model of one tau2", {
  effects <- suppressWarnings(as_effects(stroke_efficacy,
    yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
  ))
  for (method in c("REML", "ML")) {
    fit <- pool_effects(effects, ~missing_percent, random = ~ 1 | study, method = method)
    plain <- pool_effects(effects, ~missing_percent, method = method, test = "z")
    expect_equal(unname(fit$theta), plain$tau2, tolerance = 1e-7)
    expect_equal(fit$beta, plain$beta, tolerance = 1e-8)
    expect_equal(fit$vcov, plain$vcov, tolerance = 1e-8)
    expect_equal(fit$loglik, plain$loglik, tolerance = 1e-10)
    expect_equal(fit$Q, plain$Q, tolerance = 1e-10)
    expect_equal(fit$I2, plain$I2, tolerance = 1e-7)
  }
})

test_that("at the maximum the score is 0, or points out of the box", {
  for (fit in multilevel_models()) {
    size <- sqrt(pmax(diag(fit$information), 1e-8))
    inside <- !fit$components$boundary & size > 1e-3
    expect_true(all(abs(fit$score / size)[inside] < 1e-5))
    expect_true(all(fit$score[fit$components$boundary & fit$theta == 0] <= 1e-8))
  }
})

test_that("the likelihoods are those of whole matrices", {
  for (fit in multilevel_models()) {
    by_hand <- dense_fit(fit)
    log_det <- \(x) as.numeric(determinant(x)$modulus)
    rss <- drop(fit$yi %*% by_hand$P %*% fit$yi)
    k <- fit$k
    p <- fit$p
    ml <- -0.5 * (k * log(2 * pi) + log_det(by_hand$M) + rss)
    design <- log_det(by_hand$bread) + log_det(crossprod(by_hand$X))
    reml <- -0.5 * ((k - p) * log(2 * pi) + log_det(by_hand$M) + rss - design)
    expect_equal(unname(fit$loglik), c(ml, reml), tolerance = 1e-9)
  }
})

test_that("neither unit, nor order, nor sign, nor coding changes the answer", {
  data <- multilevel_table()
  run <- \(data) {
    effects <- as_effects(data, yi = yi, vi = vi, study = study)
    pool_effects(effects, ~dose, random = list(~ 1 | study / .row, ~ 1 | strain))
  }
  fit <- run(data)
  for (scale in c(1e-6, 1e6)) {
    other <- run(transform(data, yi = yi * scale, vi = vi * scale^2))
    expect_equal(other$theta / scale^2, fit$theta, tolerance = 1e-6)
    expect_equal(other$beta / scale, fit$beta, tolerance = 1e-7)
    expect_equal(other$p_value, fit$p_value, tolerance = 1e-6)
  }
  turned <- run(data[sample(nrow(data)), ])
  expect_equal(turned$theta, fit$theta, tolerance = 1e-6)
  expect_equal(run(transform(data, yi = -yi))$beta, -fit$beta, tolerance = 1e-7)
  expect_equal(run(transform(data, study = factor(study), strain = as.integer(factor(
    strain
  ))))$theta, fit$theta, tolerance = 1e-6)
})

test_that("parameters are fixed and tied", {
  effects <- multilevel_effects()
  run <- \(...) pool_effects(effects, random = ~ 1 | study / .row, ...)
  fixed <- run(fix = c("var(study)" = 0.1))
  expect_identical(fixed$theta[["var(study)"]], 0.1)
  expect_true(fixed$components$fixed[1])
  tied <- run(tie = list(c("var(study)", "var(study/.row)")))
  expect_identical(tied$theta[[1]], tied$theta[[2]])
  free <- run()
  expect_lt(tied$loglik[["reml"]], free$loglik[["reml"]] + 1e-9)
  at_best <- run(fix = free$theta)
  expect_equal(at_best$loglik, free$loglik, tolerance = 1e-12)
  # nothing is estimated but what the ten studies tell
  expect_identical(unname(at_best$df), 9)
})

test_that("a correlation of an unstructured pair can be fixed, of more levels not", {
  effects <- multilevel_effects()
  data <- multilevel_table()
  run <- \(fix, effects = get("effects", parent.frame())) {
    pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row), struct = "UN",
      fix = fix
    )
  }
  name <- "cor(outcome=memory, outcome=plaque | study)"
  fit <- run(stats::setNames(0, name))
  expect_identical(fit$theta[[name]], 0)
  diagonal <- pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row),
    struct = "DIAG"
  )
  expect_equal(fit$loglik, diagonal$loglik, tolerance = 1e-8)
  data$outcome <- rep(c("a", "b", "c", "d"), length.out = nrow(data))
  three <- as_effects(data, yi = yi, vi = vi, study = study)
  expect_error(run(c("var(outcome=a | study)" = 1), three), class = "mv_error_fix")
})

test_that("variances that move on different scales cannot be tied", {
  effects <- multilevel_effects()
  expect_error(
    pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row), struct = "HCS",
      tie = list(c("var(outcome=memory | study)", "var(.row)"))
    ), class = "mv_error_tie"
  )
  alike <- pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row),
    struct = "HCS",
    tie = list(c("var(outcome=memory | study)", "var(outcome=plaque | study)"))
  )
  equal <- pool_effects(effects, random = list(~ outcome | study, ~ 1 | .row))
  expect_equal(alike$loglik, equal$loglik, tolerance = 1e-8)
})

test_that("V is derived from the rows, and rho is asked for", {
  groups <- data.frame(
    study = rep(c("A", "B", "C", "D"), each = 4), outcome = rep(c("x", "y"), 8),
    n_t = 8, n_c = 8, mean_t = c(5, 6, 5.5, 7, 4, 6, 5, 6, 6, 7, 5, 7, 4, 5, 5, 6),
    mean_c = 8, sd_t = 1, sd_c = 1.2, treated = rep(c("low", "low", "high", "high"), 4)
  )
  groups$mean_c <- rep(c(8, 9), 8)
  pairs <- as_comparisons(groups,
    error_t = sd_t, error_c = sd_c, error_type = "sd", control = "c"
  )
  effects <- effect_sizes(pairs, "SMD")
  expect_error(pool_effects(effects, random = ~ 1 | study / .row), "rho",
    class = "mv_error_rho"
  )
  fit <- pool_effects(effects, random = ~ 1 | study / .row, rho = 0.5)
  V <- vcov(effects, rho = 0.5)
  expect_equal(V[cbind(fit$pairs$i, fit$pairs$j)], fit$pairs$value)
  expect_identical(fit$rho, 0.5)
})

test_that("arguments of multilevel models without random are told", {
  effects <- balanced_effects()
  expect_error(pool_effects(effects, rho = 0.5), "random", class = "mv_error_choice")
  expect_error(pool_effects(effects, fix = c(a = 1)), class = "mv_error_choice")
})

test_that("what cannot be fitted has an error of its own class", {
  effects <- balanced_effects()
  run <- \(...) pool_effects(effects, random = ~ 1 | study / .row, ...)
  expect_error(run(method = "DL"), class = "mv_error_choice")
  expect_error(run(test = "knha"), class = "mv_error_choice")
  effects$lab <- rep(1:3, 8)
  expect_error(run(~ lab + I(2 * lab)), "lab", class = "mv_error_rank")
  expect_error(run(~study), class = "mv_error_random_flat")
  expect_error(
    pool_effects(effects[1:2, ], random = ~ 1 | study / .row), class = "mv_error"
  )
  effects$vi[3] <- 0
  expect_error(run(), class = "mv_error_variance")
})

test_that("a V that is not positive definite is told by study", {
  groups <- data.frame(
    study = rep(c("A", "B"), each = 4), control = rep(c("c1", "c2"), 4),
    treated = rep(c("t1", "t1", "t2", "t2"), 2), n_t = 8, n_c = 8,
    mean_t = rep(c(5, 5, 4, 4, 6, 6, 3, 3)), mean_c = rep(c(8, 9), 4), sd_t = 1, sd_c = 1
  )
  pairs <- as_comparisons(groups,
    error_t = sd_t, error_c = sd_c, error_type = "sd", treated = treated,
    control = control
  )
  effects <- effect_sizes(pairs, "MD")
  expect_error(pool_effects(effects, random = ~ 1 | study / .row), "singular.*A",
    class = "mv_error_definite"
  )
})

test_that("more crossed levels than can be held at once are refused", {
  k <- 2600
  data <- data.frame(yi = stats::rnorm(k), vi = 1, a = rep(1:1300, each = 2))
  data$b <- c(data$a[-1], 1)
  effects <- as_effects(data, yi = yi, vi = vi)
  expect_error(pool_effects(effects, random = list(~ 1 | a, ~ 1 | b)), "1,000",
    class = "mv_error_random_levels"
  )
})

test_that("identical effects have variances of 0 and a standard error", {
  effects <- balanced_effects()
  effects$yi <- 1
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  expect_identical(unname(fit$theta), c(0, 0))
  expect_equal(unname(fit$se), sqrt(0.1 / 24), tolerance = 1e-10)
  expect_true(all(fit$components$boundary))
})

# ---- slopes far from 0 -----------------------------------------------------------------

# 16 studies of five years each; `from` is what the years are counted from.
years_from <- function(from, seed) {
  set.seed(seed)
  year <- sample(2000:2020, 80, TRUE)
  study <- rep(1:16, each = 5)
  vi <- stats::runif(80, 0.05, 0.2)
  yi <- 0.3 + stats::rnorm(16, 0, 0.4)[study] +
    stats::rnorm(16, 0, 0.05)[study] * (year - 2010) + stats::rnorm(80, 0, sqrt(vi))
  as_effects(data.frame(study, year = year - from, yi, vi))
}

test_that("random slopes do not depend on what years are counted from", {
  for (seed in 1:8) {
    fits <- lapply(c(0, 2010), \(from) {
      pool_effects(years_from(from, seed), ~year, random = ~ 1 + year | study,
        struct = "GEN"
      )
    })
    expect_equal(fits[[1]]$loglik, fits[[2]]$loglik, tolerance = 1e-9)
    expect_equal(fits[[1]]$se[["year"]], fits[[2]]$se[["year"]], tolerance = 1e-6)
    expect_equal(fits[[1]]$df[["year"]], fits[[2]]$df[["year"]], tolerance = 1e-4)
    slope <- lapply(fits, \(fit) fit$theta[["var(year | study)"]])
    expect_equal(slope[[1]], slope[[2]], tolerance = 1e-6)
    expect_lt(fits[[1]]$evaluations, 60)
  }
})

test_that("what follows from slopes of years is that of centred ones", {
  fits <- lapply(c(0, 2010), \(from) {
    random <- list(~ 1 + year | study, ~ 1 | .row)
    pool_effects(years_from(from, 4), ~year, random = random, struct = "GEN")
  })
  # G at year 0 from that at 2010
  back <- matrix(c(1, 0, -2010, 1), 2)
  G <- part_covariance(fits[[2]], 1)
  expect_equal(part_covariance(fits[[1]], 1), back %*% G %*% t(back), tolerance = 1e-6)
  slopes <- lapply(fits, \(fit) subset(ranef(fit), level == "year"))
  for (column in c("estimate", "se")) {
    expect_equal(slopes[[1]][[column]], slopes[[2]][[column]], tolerance = 1e-5)
  }
  ends <- lapply(fits, confint, parm = "var(year | study)", type = "components")
  expect_equal(ends[[1]], ends[[2]], tolerance = 1e-4)
  without <- lapply(fits, leave_one_out, cluster = study)
  expect_equal(without[[1]]$loglik, without[[2]]$loglik, tolerance = 1e-7)
  expect_equal(hatvalues(fits[[1]]), hatvalues(fits[[2]]), tolerance = 1e-6)
})
