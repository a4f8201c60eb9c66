ordered_effects <- function() {
  as_effects(data.frame(
    study = c("F", "A", "C", "C", "B", "E", "D"), year = c(9, 1, 5, 2, 3, 8, 8),
    yi = c(0.2, 1, 0.5, 0.6, 0.8, 0.1, 0.3), vi = c(.05, .1, .1, .12, .2, .05, .07)
  ))
}

test_that("each row is the fit to those before it and itself", {
  effects <- ordered_effects()[-4, ]
  fit <- pool_effects(effects)
  found <- cumulate(fit, order = year)
  expect_identical(found$added, c("A", "B", "C", "E", "D", "F"))
  expect_identical(found$status, c("too few effects are left", rep("ok", 5)))
  for (i in 2:6) {
    rows <- effects$study %in% found$added[seq_len(i)]
    alone <- update(fit, effects = effects[rows, ])
    expect_equal(found$estimate[i], unname(alone$beta), tolerance = 1e-10)
    expect_equal(found$tau2[i], alone$tau2, tolerance = 1e-8)
    expect_equal(found$ci_lower[i], unname(alone$ci_lower), tolerance = 1e-10)
    expect_identical(found$k[i], alone$k)
  }
})

test_that("a study is added as a whole, at its earliest value", {
  effects <- ordered_effects()
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  found <- cumulate(fit, order = year)
  expect_identical(found$added, c("A", "C", "B", "E", "D", "F"))
  expect_identical(found$k, c(1L, 3L, 4L, 5L, 6L, 7L))
  last <- found[6, ]
  expect_equal(last$estimate, unname(fit$beta), tolerance = 1e-8)
  expect_equal(last$df, unname(fit$df), tolerance = 1e-6)
  expect_equal(last$loglik, unname(fit$loglik[["reml"]]), tolerance = 1e-10)
  rows <- effects$study %in% found$added[1:4]
  alone <- update(fit, effects = effects[rows, ])
  expect_equal(found$estimate[4], unname(alone$beta), tolerance = 1e-8)
  expect_equal(found$loglik[4], alone$loglik[["reml"]], tolerance = 1e-10)
  expect_identical(nrow(cumulate(fit, order = year, cluster = NULL)), 7L)
})

test_that("order takes text, dates, values from outside, and both directions", {
  fit <- pool_effects(ordered_effects()[-4, ])
  expect_identical(cumulate(fit, study)$added, LETTERS[1:6])
  expect_identical(cumulate(fit, study, decreasing = TRUE)$added, LETTERS[6:1])
  expect_identical(cumulate(fit)$added, c("F", "A", "C", "B", "E", "D"))
  # ties keep the order of the rows either way
  down <- cumulate(fit, year, decreasing = TRUE)$added
  expect_identical(down, c("F", "E", "D", "C", "B", "A"))
  day <- as.Date("2020-01-01") + fit$effects$year
  expect_identical(cumulate(fit, .env$day)$added, cumulate(fit, year)$added)
})

test_that("an equal-effects fit begins with the first effect", {
  fit <- pool_effects(ordered_effects()[-4, ], method = "EE")
  found <- cumulate(fit, year)
  expect_identical(found$status[1], "ok")
  expect_equal(found$estimate[1], 1)
  expect_equal(found$se[1], sqrt(0.1))
})

test_that("the cumulative fits are metafor's", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  bcg <- metafor::escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
    data = metadat::dat.bcg
  )
  theirs <- metafor::cumul(
    metafor::rma(yi, vi, data = bcg, control = list(threshold = 1e-12, maxiter = 1000)),
    order = bcg$year
  )
  effects <- as_effects(data.frame(yi = c(bcg$yi), vi = c(bcg$vi), year = bcg$year))
  found <- cumulate(pool_effects(effects, test = "z"), order = year)
  expect_equal(found$estimate[-1], theirs$estimate[-1], tolerance = 1e-8)
  expect_equal(found$se[-1], theirs$se[-1], tolerance = 1e-8)
  expect_equal(found$tau2[-1], theirs$tau2[-1], tolerance = 1e-8)
  expect_equal(found$I2[-1], theirs$I2[-1], tolerance = 1e-8)
  expect_equal(found$p_value[-1], theirs$pval[-1], tolerance = 1e-8)
})

test_that("wrong input is an error that says so", {
  fit <- pool_effects(ordered_effects()[-4, ])
  expect_error(cumulate(fit, yaer), class = "mv_error_column")
  expect_error(cumulate(fit, yaer), "Did you mean \"year\"", fixed = TRUE)
  expect_error(cumulate(fit, year, decreasing = 2), class = "mv_error_flag")
  expect_error(cumulate(1), class = "mv_error_class")
  fit$effects$year[2] <- NA
  expect_error(cumulate(fit, year), class = "mv_error_order")
  expect_error(cumulate(fit, year), "row 2", fixed = TRUE)
})

test_that("one study says nothing of the error of a mean over studies", {
  effects <- as_effects(data.frame(
    study = rep(c("a", "b", "c", "d"), each = 3), vi = 0.05, dose = rep(1:3, 4),
    yi = c(0.1, 0.6, 0.3, 0.9, 1.2, 0.4, 0.5, 0.2, 0.8, 1, 0.7, 0.1)
  ))
  for (mods in list(~1, ~dose)) {
    fit <- pool_effects(effects, mods, random = ~ 1 | study / .row)
    found <- cumulate(fit)
    expect_identical(found$status[1], "the variance parameters cannot be told apart")
    numbers <- grep("^(estimate|se|df|statistic|p_value|ci_)", names(found))
    expect_true(all(is.na(found[1, numbers])))
    expect_false(anyNA(found[-1, numbers]))
  }
})
