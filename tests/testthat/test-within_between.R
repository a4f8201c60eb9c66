doses <- function(...) {
  data.frame(
    study = c("B", "A", "B", "A", "C", "B"), yi = (1:6) / 10, vi = 0.1,
    dose = c(1, 10, 2, 20, 5, 6), ...
  )
}

test_that("the parts are the study's mean and the difference from it", {
  found <- within_between(doses(), dose)
  expect_identical(found$dose_between, c(3, 15, 3, 15, 5, 3))
  expect_identical(found$dose_within, c(-2, -5, -1, 5, 0, 3))
  expect_identical(found$dose_between + found$dose_within, found$dose)
  expect_identical(found[1:4], doses())
  other <- within_between(doses(lab = rep(1:2, 3)), dose, by = lab)
  expect_equal(other$dose_between, rep(c(mean(c(1, 2, 5)), 12), 3))
})

test_that("the two coefficients are those of the demeaned regression", {
  # inside studies the slope is 0.3, between them -1
  set.seed(4)
  data <- data.frame(study = rep(1:8, each = 4), dose = rep(1:8, each = 4) + 1:4)
  data$vi <- 1e-6
  data$yi <- 0.3 * (data$dose - ave(data$dose, data$study)) - ave(data$dose, data$study)
  data <- within_between(as_effects(data, yi = yi, vi = vi, study = study), dose)
  fit <- pool_effects(data, ~ dose_within + dose_between, random = ~ 1 | study,
    fix = c("var(study)" = 0.01)
  )
  expect_equal(unname(fit$beta), c(0, 0.3, -1), tolerance = 1e-8)
  # the coefficient of the mean beside the moderator itself is their difference
  both <- pool_effects(data, ~ dose + dose_between, random = ~ 1 | study,
    fix = c("var(study)" = 0.01)
  )
  expect_equal(both$beta[["dose_between"]], -1.3, tolerance = 1e-8)
  expect_equal(both$se[["dose"]], fit$se[["dose_within"]], tolerance = 1e-8)
})

test_that("only rows that are pooled make the mean", {
  effects <- as_effects(doses(), yi = yi, vi = vi, study = study)
  effects$pooled <- c(TRUE, TRUE, FALSE, TRUE, FALSE, TRUE)
  found <- within_between(effects, dose)
  expect_identical(found$dose_between, c(3.5, 15, 3.5, 15, NA, 3.5))
  expect_identical(found$dose_within, c(-2.5, -5, -1.5, 5, NA, 2.5))
  effects$yi[1] <- NA
  expect_identical(within_between(effects, dose)$dose_between[1], 6)
})

test_that("a missing moderator has no parts and is told", {
  data <- doses()
  data$dose[3] <- NA
  expect_warning(found <- within_between(data, dose), "row 3 \\(B\\)",
    class = "mv_warning_missing_moderator"
  )
  expect_identical(found$dose_between, c(3.5, 15, NA, 15, 5, 3.5))
  expect_identical(found$dose_within[3], NA_real_)
})

test_that("a moderator with nothing to separate is told", {
  data <- doses()
  data$dose <- c(0.1, 0.3, 0.1, 0.3, 0.7, 0.1)
  expect_warning(found <- within_between(data, dose), "does not vary inside any",
    class = "mv_warning_constant_moderator"
  )
  # exactly 0, and the mean exactly the value
  expect_identical(found$dose_within, rep(0, 6))
  expect_identical(found$dose_between, data$dose)
  # equal means of the same numbers in another order
  data <- data.frame(study = rep(1:2, each = 3), yi = 0, vi = 1)
  data$dose <- c(0.1, 0.2, 0.3, 0.3, 0.2, 0.1)
  expect_warning(within_between(data, dose), "the same mean in every",
    class = "mv_warning_constant_moderator"
  )
})

test_that("TRUE and FALSE have shares", {
  data <- doses(male = c(TRUE, TRUE, FALSE, TRUE, FALSE, FALSE))
  found <- within_between(data, male)
  expect_equal(found$male_between, c(1 / 3, 1, 1 / 3, 1, 0, 1 / 3))
})

test_that("the table stays what it was", {
  data <- multilevel_table()
  effects <- multilevel_effects(data)
  found <- within_between(effects, dose)
  expect_s3_class(found, "mv_effects")
  expect_identical(attr(found, "V"), attr(effects, "V"))
  expect_identical(attr(found, "columns"), attr(effects, "columns"))
  skip_if_not_installed("tibble")
  table <- within_between(tibble::as_tibble(doses()), dose)
  expect_s3_class(table, "tbl_df")
  expect_identical(as.data.frame(table), within_between(doses(), dose))
})

test_that("what cannot be split says why", {
  data <- doses(sex = factor(rep(c("f", "m"), 3)), strain = "C57")
  twice <- within_between(data, dose)
  gap <- data
  gap$study[2] <- NA
  endless <- data
  endless$dose[4] <- Inf
  doubled <- stats::setNames(data, sub("sex", "dose", names(data)))
  expect_snapshot(error = TRUE, {
    within_between(data, sex)
    within_between(data, strain)
    within_between(data, log(dose))
    within_between(data, "dose")
    within_between(data, doze)
    within_between(data)
    within_between(data, dose, by = studie)
    within_between(twice, dose)
    within_between(gap, dose)
    within_between(endless, dose)
    within_between(doubled, dose)
    within_between(data["dose"], dose)
    within_between(1, dose)
  })
  expect_error(within_between(structure(list(), class = "mv_effects_imputed"), dose),
    class = "mv_error_imputed"
  )
})
