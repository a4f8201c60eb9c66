test_that("the prediction interval adds tau2 to the squared standard error", {
  fit <- pool_effects(some_effects())
  found <- predict(fit)
  half <- qt(0.975, 19) * sqrt(fit$tau2 + fit$se[[1]]^2)
  expect_equal(found$pi_upper - found$estimate, half, tolerance = 1e-12)
  hts <- predict(fit, interval = "hts")
  expect_equal(hts$pi_upper - hts$estimate, half / qt(0.975, 19) * qt(0.975, 18))
  z <- predict(update(fit, test = "z"))
  expect_equal(z$ci_lower, z$estimate - qnorm(0.975) * z$se)
  expect_true(found$pi_reliable)
  expect_identical(found$pi_lower_wide, NA_real_)
})

test_that("few effects or tau2 = 0 make it unreliable, and the wide one is given", {
  few <- pool_effects(some_effects(6))
  found <- predict(few)
  upper <- heterogeneity(few)$ci_upper[2]
  expect_false(found$pi_reliable)
  half <- qt(0.975, 5) * sqrt(upper + few$se[[1]]^2)
  expect_equal(found$pi_upper_wide, found$estimate + half, tolerance = 1e-12)
  flat <- pool_effects(data.frame(yi = rep(c(1, 1.1), 10), vi = 1))
  expect_false(predict(flat)$pi_reliable)
  expect_output(print(flat), "unreliable")
})

test_that("newdata are predicted as rows of the model", {
  fit <- pool_effects(some_effects(), ~ dose + species)
  found <- predict(fit, data.frame(dose = c(2, 5), species = "rat"))
  x <- rbind(c(1, 2, 1), c(1, 5, 1))
  expect_equal(found$estimate, drop(x %*% coef(fit)), tolerance = 1e-12)
  expect_equal(found$se, sqrt(diag(x %*% vcov(fit) %*% t(x))), tolerance = 1e-12)
  expect_equal(predict(fit)$estimate, fitted(fit), tolerance = 1e-12)
})

test_that("newdata that do not fit the model say so", {
  fit <- pool_effects(some_effects(), ~ dose + species)
  expect_snapshot(error = TRUE, {
    predict(fit, data.frame(dose = 1))
    predict(fit, data.frame(dose = 1, species = "dog"))
    predict(fit, 3)
    predict(fit, scale = "percent")
    predict(fit, interval = "HTS")
  })
})

test_that("an equal-effects fit has no prediction interval", {
  found <- predict(pool_effects(some_effects(), method = "EE"))
  expect_identical(found$pi_lower, NA_real_)
})

test_that("percent is the geometric mean ratio, and a turned sign only turns the sign", {
  data <- data.frame(yi = log(c(.5, .6, .4, .55)), vi = .01)
  raw <- predict(pool_effects(as_effects(data, measure = "ROM")), scale = "percent")
  mean <- coef(pool_effects(data))[[1]]
  expect_equal(raw$estimate, 100 * (exp(mean) - 1), tolerance = 1e-12)
  turned <- as_effects(transform(data, yi = -yi), measure = "ROM")
  turned$sign <- -1
  found <- predict(pool_effects(turned), scale = "percent")
  expect_equal(found$estimate, -raw$estimate, tolerance = 1e-12)
  expect_equal(found$ci_lower, -raw$ci_upper, tolerance = 1e-12)
  turned$sign <- c(1, 1, -1, -1)
  expect_snapshot(predict(pool_effects(turned), scale = "percent"), error = TRUE)
})

test_that("each row of newdata has its own percent", {
  data <- data.frame(
    yi = log(c(.5, .6, .4, .55, .8, .75)), vi = .01, dose = c(1, 1, 1, 2, 2, 2)
  )
  fit <- pool_effects(as_effects(data, measure = "ROM"), ~dose)
  newdata <- data.frame(dose = 1:3)
  expect_equal(
    predict(fit, newdata, scale = "percent")$estimate,
    100 * expm1(predict(fit, newdata)$estimate)
  )
})

test_that("new data of another type, without rows, or infinite are answered in words", {
  fit <- pool_effects(as_effects(some_effects()), ~ dose + species)
  new <- function(...) predict(fit, newdata = data.frame(...))
  expect_error(new(dose = "1", species = "rat"), class = "mv_error_formula")
  expect_error(new(dose = Inf, species = "rat"), class = "mv_error_moderator")
  expect_error(new(dose = 1, species = I(list("rat"))), class = "mv_error_moderator")
  expect_error(new(dose = double(), species = character()), class = "mv_error_empty")
  expect_equal(new(dose = 1L, species = factor("rat")), new(dose = 1, species = "rat"))
})

test_that("a function of the whole column is not applied to other rows", {
  data <- some_effects()
  centred <- pool_effects(data, ~ I(dose - mean(dose)))
  expect_error(predict(centred, data[1:2, ]), "whole column", class = "mv_error_formula")
  expect_equal(predict(centred)$estimate, fitted(centred))
  for (mods in list(~ poly(dose, 2), ~ scale(dose), ~ log(dose), ~ dose:species)) {
    fit <- pool_effects(data, mods)
    expect_equal(predict(fit, data[3:4, ])$estimate, fitted(fit)[3:4])
  }
})
