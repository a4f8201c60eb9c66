test_that("a table of rho_sensitivity() prints what it says", {
  data <- transform(multilevel_table(), study = paste("Simulated", study))
  fit <- pool_effects(as_effects(data, yi = yi, vi = vi, study = study), ~dose,
    random = ~ 1 | study / .row
  )
  expect_snapshot(rho_sensitivity(fit, c(-0.5, 0, 0.5), within = study))
  crossed <- pool_effects(fit$effects, random = list(~ 1 | study, ~ 1 | strain))
  expect_snapshot(rho_sensitivity(crossed, c(0, 0.5), within = study))
})

test_that("a table that lost columns prints as a data frame", {
  fit <- pool_effects(multilevel_table(), random = ~ 1 | study / .row)
  found <- rho_sensitivity(fit, c(0, 0.5), within = study)
  expect_output(print(found[c("rho", "estimate")]), "rho +estimate")
  expect_output(print(found[2, ]), "Sensitivity to rho")
})
