# Properties that hold for every estimator and test, on random sets of effects.

methods <- c("EE", "DL", "PM", "ML", "REML")
tests <- c("z", "t", "knha", "adhoc")

# Sets of k effects with tau2 from 0 up; `dose` and `species` to moderate.
random_effects <- function(seed) {
  old <- globalenv()[[".Random.seed"]]
  on.exit(if (!is.null(old)) assign(".Random.seed", old, globalenv()))
  set.seed(seed)
  k <- sample(5:25, 1)
  vi <- exp(stats::rnorm(k, -1, 1))
  tau2 <- sample(c(0, 0.1, 1), 1)
  data.frame(
    yi = stats::rnorm(k, 0.5, sqrt(vi + tau2)), vi = vi, dose = stats::rnorm(k),
    species = factor(rep_len(c("mouse", "rat", "rabbit"), k))
  )
}

# Each set with each estimator, and a test and moderators that change with the set.
for_each_fit <- function(check, sets = 1:12) {
  designs <- list(~1, ~dose, ~ dose + species)
  for (seed in sets) {
    data <- random_effects(seed)
    mods <- designs[[seed %% 3 + 1]]
    test <- tests[seed %% 4 + 1]
    for (method in methods) {
      check(\(data) pool_effects(data, mods, method = method, test = test), data)
    }
  }
}

numbers <- function(fit) {
  fit[c("beta", "se", "p_value", "ci_lower", "ci_upper", "tau2", "tau2_se", "Q", "QM",
        "I2", "H2", "loglik")]
}

test_that("the order of rows does not matter", {
  for_each_fit(\(pool, data) {
    shuffled <- data[rev(order(data$dose)), ]
    expect_equal(numbers(pool(shuffled)), numbers(pool(data)), tolerance = 1e-9)
  })
})

test_that("a change of unit scales estimates and leaves tests and shares alone", {
  for_each_fit(\(pool, data) {
    fit <- pool(data)
    for (unit in c(1e-6, 37, 1e6)) {
      scaled <- pool(transform(data, yi = yi * unit, vi = vi * unit^2))
      for (name in c("beta", "se", "ci_lower", "ci_upper")) {
        expect_equal(scaled[[name]] / unit, fit[[name]], tolerance = 1e-9)
      }
      expect_equal(scaled$tau2 / unit^2, fit$tau2, tolerance = 1e-9)
      for (name in c("statistic", "p_value", "Q", "Q_p", "QM", "QM_p", "I2", "H2")) {
        expect_equal(scaled[[name]], fit[[name]], tolerance = 1e-9)
      }
      expect_equal(heterogeneity(scaled)$ci_upper[c(4, 5)],
        heterogeneity(fit)$ci_upper[c(4, 5)],
        tolerance = 1e-9
      )
    }
  })
})

test_that("a turned sign turns estimates and leaves the rest alone", {
  for_each_fit(\(pool, data) {
    fit <- pool(data)
    turned <- pool(transform(data, yi = -yi))
    expect_equal(turned$beta, -fit$beta, tolerance = 1e-10)
    expect_equal(turned$ci_lower, -fit$ci_upper, tolerance = 1e-10)
    same <- c("se", "p_value", "tau2", "tau2_se", "Q", "QM", "I2", "loglik", "s2")
    expect_equal(turned[same], fit[same], tolerance = 1e-9)
    expect_equal(predict(turned)$pi_upper, -predict(fit)$pi_lower, tolerance = 1e-9)
  })
})

test_that("a shift moves the intercept by as much and nothing else", {
  for_each_fit(\(pool, data) {
    fit <- pool(data)
    shifted <- pool(transform(data, yi = yi + 4))
    expect_equal(shifted$beta, fit$beta + c(4, rep(0, fit$p - 1)), tolerance = 1e-10)
    same <- c("se", "tau2", "tau2_se", "Q", "QM", "I2", "loglik", "s2")
    expect_equal(shifted[same], fit[same], tolerance = 1e-8)
  })
})

test_that("a row split into two independent halves gives the same equal-effects fit", {
  for (seed in 1:6) {
    data <- random_effects(seed)
    halves <- rbind(data[-2, ], transform(data[c(2, 2), ], vi = 2 * vi))
    for (mods in c(~1, ~ dose + species)) {
      whole <- pool_effects(data, mods, method = "EE", test = "z")
      split <- pool_effects(halves, mods, method = "EE", test = "z")
      same <- c("beta", "se", "p_value", "Q", "QM")
      expect_equal(split[same], whole[same], tolerance = 1e-11)
    }
  }
})

test_that("each effect twice keeps the estimate and halves its variance", {
  for (seed in 1:6) {
    data <- random_effects(seed)
    for (method in c("EE", "ML")) {
      once <- pool_effects(data, ~dose, method = method, test = "z")
      twice <- pool_effects(rbind(data, data), ~dose, method = method, test = "z")
      expect_equal(twice$beta, once$beta, tolerance = 1e-9)
      expect_equal(twice$tau2, once$tau2, tolerance = 1e-8)
      expect_equal(twice$vcov, once$vcov / 2, tolerance = 1e-8)
      expect_equal(twice$loglik[["ml"]], 2 * once$loglik[["ml"]], tolerance = 1e-10)
    }
  }
})

test_that("one effect is its own pooled value", {
  fit <- pool_effects(data.frame(yi = 1.7, vi = 0.4), method = "EE")
  expect_equal(fit$test, "z")
  expect_equal(unname(fit$beta), 1.7, tolerance = 1e-15)
  expect_equal(unname(fit$se), sqrt(0.4), tolerance = 1e-15)
  expect_equal(unname(fit$p_value), 2 * pnorm(-1.7 / sqrt(0.4)), tolerance = 1e-13)
  expect_identical(fit$Q, 0)
  for (method in setdiff(methods, "EE")) {
    expect_error(pool_effects(data.frame(yi = 1, vi = 1), method = method),
      class = "mv_error_too_few"
    )
  }
})

# ML has a closed form where the variances are equal: (y1 - y2)^2 / 4 - v.
test_that("two effects have their closed forms", {
  for (y in c(0.5, 2, 7)) {
    data <- data.frame(yi = c(0, y), vi = c(1, 2))
    tau2 <- \(method) pool_effects(data, method = method)$tau2
    expect_equal(tau2("REML"), max(0, (y^2 - 3) / 2), tolerance = 1e-12)
    expect_equal(tau2("PM"), max(0, (y^2 - 3) / 2), tolerance = 1e-12)
    # Q = y^2 / 3, tr P = 2 w1 w2 / (w1 + w2) = 2 / 3
    expect_equal(tau2("DL"), max(0, (y^2 / 3 - 1) * 3 / 2), tolerance = 1e-12)
    equal <- pool_effects(data.frame(yi = c(0, y), vi = 1), method = "ML")
    expect_equal(equal$tau2, max(0, y^2 / 4 - 1), tolerance = 1e-12)
  }
  # Knapp-Hartung of two effects with equal weights is the t test of their mean
  fit <- pool_effects(data.frame(yi = c(1, 4), vi = 1), test = "knha")
  expect_equal(unname(fit$p_value), t.test(c(1, 4))$p.value, tolerance = 1e-12)
})

test_that("a recoded factor gives the same fit", {
  for (seed in 1:6) {
    data <- random_effects(seed)
    recoded <- transform(data, species = factor(species, c("rat", "rabbit", "mouse")))
    summed <- pool_effects(data, ~ C(species, "contr.sum"))
    for (other in list(
      pool_effects(recoded, ~species), pool_effects(data, ~ 0 + species), summed
    )) {
      fit <- pool_effects(data, ~species)
      expect_equal(fitted(other), fitted(fit), tolerance = 1e-10)
      same <- c("tau2", "Q", "loglik", "s2")
      expect_equal(other[same], fit[same], tolerance = 1e-9)
    }
    expect_equal(summed$QM, fit$QM, tolerance = 1e-9)
  }
})

test_that("a moderator's unit and origin do not change what is predicted", {
  for_each_fit(\(pool, data) {
    fit <- pool(data)
    years <- pool(transform(data, dose = 2000 + 5 * dose))
    expect_equal(fitted(years), fitted(fit), tolerance = 1e-9)
    expect_equal(predict(years), predict(fit), tolerance = 1e-8)
    expect_equal(hatvalues(years), hatvalues(fit), tolerance = 1e-8)
    same <- c("tau2", "Q", "QM", "QM_p", "loglik")
    expect_equal(years[same], fit[same], tolerance = 1e-8)
  })
})

test_that("predictions of the pooled rows are those of newdata", {
  for (seed in 1:6) {
    data <- random_effects(seed)
    fit <- pool_effects(data, ~ dose + species)
    expect_equal(predict(fit, newdata = data), predict(fit), tolerance = 1e-12)
    middle <- predict(fit, newdata = data.frame(dose = 0, species = "mouse"))
    expect_equal(middle$estimate, fit$beta[["(Intercept)"]], tolerance = 1e-12)
    expect_equal(middle$ci_lower, fit$ci_lower[["(Intercept)"]], tolerance = 1e-12)
  }
})

test_that("a prediction interval holds the confidence interval", {
  for_each_fit(\(pool, data) {
    found <- predict(pool(data))
    found <- found[!is.na(found$pi_lower), ]
    expect_true(all(found$pi_lower <= found$ci_lower + 1e-12))
    expect_true(all(found$pi_upper >= found$ci_upper - 1e-12))
  })
})

# Not so for DL and PM: their equations count it among the k - p degrees of freedom.
test_that("an effect of nearly infinite variance has no say in the likelihood", {
  for (seed in 1:6) {
    data <- random_effects(seed)
    far <- rbind(data, transform(data[1, ], yi = 50, vi = 1e12))
    for (method in c("EE", "ML", "REML")) {
      with <- pool_effects(far, ~dose, method = method, test = "z")
      without <- pool_effects(data, ~dose, method = method, test = "z")
      same <- c("beta", "se", "tau2", "p_value")
      expect_equal(with[same], without[same], tolerance = 1e-7)
    }
  }
})
