# Each set fitted by hand.
refit_each <- function(fit, sets, ...) {
  lapply(sets, \(y) {
    effects <- fit$effects
    effects$yi <- y
    stats::update(fit, effects = effects, ...)
  })
}

test_that("replicates are fits of the simulated sets", {
  for (fit in multilevel_models()[c("nested", "moderator", "crossed", "structured")]) {
    found <- bootstrap(fit, 19, seed = 3)
    draws <- attr(found, "draws")
    # the brought V is in the table by its key
    fits <- refit_each(fit, simulate(fit, 19, seed = 3))
    by_hand <- t(vapply(fits, \(x) c(x$beta, x$theta), numeric(ncol(draws))))
    coefficients <- seq_len(fit$p)
    expect_equal(draws[, coefficients], by_hand[, coefficients],
      tolerance = 1e-5, ignore_attr = TRUE
    )
    # a correlation is nothing beside a variance of 0
    variances <- fit$p + which(fit$parameters$kind == "variance")
    expect_equal(draws[, variances], by_hand[, variances],
      tolerance = 1e-4, ignore_attr = TRUE
    )
  }
})

test_that("of independent effects too, by each method", {
  effects <- some_effects()
  for (method in c("REML", "ML", "DL", "PM", "EE")) {
    fit <- pool_effects(effects, ~dose, method = method)
    found <- bootstrap(fit, 19, seed = 3)
    fits <- refit_each(fit, simulate(fit, 19, seed = 3))
    by_hand <- t(vapply(fits, \(x) c(x$beta, if (method != "EE") x$tau2),
      numeric(2 + (method != "EE"))
    ))
    expect_equal(attr(found, "draws"), by_hand, tolerance = 1e-6, ignore_attr = TRUE)
  }
})

test_that("the table is made of the replicates that count", {
  fit <- multilevel_models()$moderator
  found <- bootstrap(fit, 99, seed = 1, level = 0.9)
  draws <- attr(found, "draws")
  expect_identical(dim(draws), c(99L, 4L))
  expect_identical(found$parameter, c(names(fit$beta), names(fit$theta)))
  expect_identical(found$kind, rep(c("coefficient", "variance"), each = 2))
  expect_equal(found$estimate, unname(c(fit$beta, fit$theta)))
  expect_equal(found$bias, unname(colMeans(draws)) - found$estimate)
  expect_equal(found$se, unname(apply(draws, 2, sd)))
  # of 99 sorted replicates the 5th and the 95th
  sorted <- apply(draws, 2, sort)
  expect_equal(found$ci_lower, unname(sorted[5, ]))
  expect_equal(found$ci_upper, unname(sorted[95, ]))
})

test_that("with variances known the spread is the standard error", {
  effects <- some_effects()
  fit <- pool_effects(effects, ~dose, method = "EE")
  found <- bootstrap(fit, 4000, seed = 1)
  # the error of a standard deviation of 4,000 draws is 1.1 %
  expect_lt(max(abs(found$se / fit$se - 1)), 0.045)
  expect_lt(max(abs(found$bias) / fit$se), 4 / sqrt(4000))
  fixed <- pool_effects(multilevel_effects(), random = ~ 1 | study / .row,
    fix = c("var(study)" = 0.1, "var(study/.row)" = 0.2)
  )
  found <- bootstrap(fixed, 4000, seed = 1)
  expect_identical(found$parameter, "(Intercept)")
  expect_lt(abs(found$se / fixed$se - 1), 0.045)
})

test_that("a seed gives the same, whatever is drawn at once", {
  fit <- multilevel_models()$nested
  found <- bootstrap(fit, 50, seed = 5)
  expect_identical(bootstrap(fit, 50, seed = 5), found)
  expect_identical(found$seed, rep(5L, 3))
  expect_false(identical(bootstrap(fit, 50, seed = 6)$se, found$se))
  before <- withr::with_seed(1, stats::runif(1))
  after <- withr::with_seed(1, {
    bootstrap(fit, 20, seed = 5)
    stats::runif(1)
  })
  expect_identical(after, before)
  drawn <- withr::with_seed(1, bootstrap(fit, 20))
  expect_identical(bootstrap(fit, 20, seed = drawn$seed[1]), drawn)
})

test_that("many rows are drawn some sets at a time", {
  effects <- as_effects(data.frame(
    study = seq_len(3e5), yi = rep(c(-1, 1), 1.5e5), vi = 0.5
  ))
  fit <- pool_effects(effects, method = "EE")
  found <- bootstrap(fit, 19, seed = 1)
  expect_identical(found$replicates, 19L)
  expect_identical(anyDuplicated(attr(found, "draws")[, 1]), 0L)
})

test_that("a statistic gets an interval, by its name", {
  fit <- multilevel_models()$nested
  found <- bootstrap(fit, 30, seed = 1, statistic = \(x) {
    c(total = sum(x$theta), upper = x$ci_upper[[1]])
  })
  draws <- attr(found, "draws")
  expect_identical(found$parameter[4:5], c("total", "upper"))
  expect_identical(found$kind[4:5], rep("statistic", 2))
  expect_equal(draws[, "total"], rowSums(draws[, 2:3]))
  expect_true(all(draws[, "upper"] > draws[, 1]))
  expect_equal(found$estimate[5], fit$ci_upper[[1]])
  plain <- pool_effects(some_effects())
  found <- bootstrap(plain, 30, seed = 1, statistic = \(x) c(x$I2, mean(x$effects$yi)))
  expect_identical(found$parameter[3:4], c("statistic1", "statistic2"))
  sets <- simulate(plain, 30, seed = 1)
  expect_equal(attr(found, "draws")[, 4], unname(colMeans(sets)))
  tau2 <- attr(found, "draws")[, 2]
  expect_equal(attr(found, "draws")[, 3], 100 * tau2 / (tau2 + plain$typical_variance))
})

test_that("failed replicates are counted and told", {
  fit <- pool_effects(some_effects())
  own <- \(x) isTRUE(all.equal(x$yi, fit$yi))
  picky <- \(x) if (own(x) || x$tau2 > 0.3) x$tau2 else stop("no")
  expect_warning(found <- bootstrap(fit, 100, seed = 1, statistic = picky),
    class = "mv_warning_bootstrap"
  )
  failed <- sum(is.na(attr(found, "draws")[, 3]))
  expect_gt(failed, 5)
  expect_identical(found$failed[1], failed)
  expect_identical(found$replicates[1], 100L - failed)
  expect_gt(found$ci_lower[2], 0.3)
  never <- \(x) if (own(x)) 1 else c(1, 2)
  expect_error(bootstrap(fit, 20, seed = 1, statistic = never),
    class = "mv_error_bootstrap"
  )
})

test_that("a robust fit is drawn from as its model", {
  fit <- multilevel_models()$nested
  expect_identical(bootstrap(robust(fit), 20, seed = 1), bootstrap(fit, 20, seed = 1))
})

test_that("sets of independent effects have the model's mean and variance", {
  fit <- pool_effects(some_effects(), ~dose)
  drawn <- as.matrix(simulate(fit, 20000, seed = 42))
  variance <- fit$vi + fit$tau2
  expect_lt(max(abs(rowMeans(drawn) - fitted(fit)) / sqrt(variance / 20000)), 4.5)
  expect_lt(max(abs(apply(drawn, 1, var) / variance - 1)) / sqrt(2 / 20000), 4.5)
  expect_identical(simulate(fit, 2, seed = 1), simulate(fit, 2, seed = 1))
  expect_named(simulate(fit, 2, seed = 1), c("sim_1", "sim_2"))
  expect_error(simulate(fit, 2, seed = 0.5), class = "mv_error_number")
  expect_error(simulate(fit, 0), class = "mv_error_number")
})

test_that("a seed gives the same with whatever generator", {
  fits <- list(multilevel_models()$nested, pool_effects(some_effects()))
  for (fit in fits) {
    expect_identical(
      withr::with_rng_version("3.5.0", withr::with_seed(2, {
        list(simulate(fit, 2, seed = 1), bootstrap(fit, 20, seed = 1))
      })),
      list(simulate(fit, 2, seed = 1), bootstrap(fit, 20, seed = 1))
    )
    other <- withr::with_preserve_seed({
      RNGkind("Wichmann-Hill", "Box-Muller")
      simulate(fit, 2, seed = 1)
    })
    expect_identical(other, simulate(fit, 2, seed = 1))
  }
})

test_that("what cannot be drawn says why", {
  fit <- multilevel_models()$nested
  expect_snapshot(error = TRUE, {
    bootstrap(1)
    bootstrap(fit, 10)
    bootstrap(fit, seed = 0.5)
    bootstrap(fit, level = 95)
    bootstrap(fit, statistic = "I2")
    bootstrap(fit, statistic = \(x) stop("nothing here"))
    bootstrap(fit, statistic = \(x) "a")
  })
  imputed <- pool_effects(some_effects())
  imputed$imputed <- list(m = 5)
  expect_error(bootstrap(imputed), class = "mv_error_imputed")
  expect_error(simulate(imputed), class = "mv_error_imputed")
  counted <- pool_effects(some_effects(), method = "EE")
  counted$effects$measure <- "MSR"
  counted$effects$variance <- "N"
  expect_error(bootstrap(counted), class = "mv_error_weight_only")
})
