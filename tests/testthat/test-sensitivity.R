# Estimates whose sampling errors nobody knows the correlation of.
plain_effects <- function(data = multilevel_table()) {
  as_effects(data, yi = yi, vi = vi, study = study)
}

plain_fit <- function(...) {
  pool_effects(plain_effects(), ..., random = ~ 1 | study / .row)
}

# Two outcomes of the same animals in each study.
twice_read <- function() {
  set.seed(2)
  data <- data.frame(
    study = rep(paste("Study", 1:9), each = 2), outcome = c("infarct", "score"),
    treated = "MSC", n_t = 8, n_c = 8, mean_c = 100, sd_t = 12, sd_c = 15
  )
  data$mean_t <- 75 + rep(rnorm(9, sd = 10), each = 2) + rnorm(18, sd = 4)
  as_comparisons(data, error_t = sd_t, error_c = sd_c, error_type = "sd") |>
    effect_sizes("SMD")
}

expect_row_of_fit <- function(rows, fit, by = robust(fit)) {
  # searches from other starts end within the tolerance of the search
  close <- \(a, b) expect_equal(unname(a), unname(b), tolerance = 1e-6)
  expect_identical(rows$term, names(fit$beta))
  close(rows$estimate, fit$beta)
  close(rows$se, fit$se)
  close(rows$ci_lower, fit$ci_lower)
  close(rows$ci_upper, fit$ci_upper)
  close(rows$df, fit$df)
  close(rows$p_value, fit$p_value)
  close(rows$robust_se, by$se)
  close(rows$robust_df, by$df)
  close(rows$robust_lower, by$ci_lower)
  close(rows$robust_upper, by$ci_upper)
  close(unlist(rows[1, names(fit$theta)]), fit$theta)
  close(rows$loglik[1], fit$loglik[[tolower(fit$method)]])
  expect_identical(unique(rows$status), "ok")
}

test_that("of estimates each row is a fit with that V", {
  for (method in c("REML", "ML")) {
    fit <- plain_fit(~dose, method = method)
    found <- rho_sensitivity(fit, c(0.7, 0, 0.3), within = study)
    expect_s3_class(found, "mv_sensitivity")
    expect_identical(found$rho, rep(c(0.7, 0, 0.3), each = 2))
    for (rho in c(0, 0.3, 0.7)) {
      again <- pool_effects(multilevel_effects(rho = rho), ~dose,
        random = ~ 1 | study / .row, method = method
      )
      expect_row_of_fit(found[found$rho == rho, ], again)
    }
  }
})

test_that("of effects computed here each row is a fit with that rho", {
  effects <- twice_read()
  fit <- pool_effects(effects, random = ~ outcome | study, struct = "HCS", rho = 0.2)
  found <- rho_sensitivity(fit, c(0.2, 0.5, 0.8))
  for (rho in c(0.2, 0.5, 0.8)) {
    again <- pool_effects(effects, random = ~ outcome | study, struct = "HCS", rho = rho)
    expect_row_of_fit(found[found$rho == rho, ], again)
  }
  # a list says the same, and by outcome
  grid <- list(
    low = rho_between(0.2), same = 0.5, table = list(infarct = c(score = 0.8))
  )
  listed <- rho_sensitivity(fit, grid)
  expect_identical(listed$rho, names(grid))
  expect_equal(listed$estimate, found$estimate, tolerance = 1e-7)
})

test_that("rows out of the pool change nothing", {
  effects <- twice_read()
  effects$pooled[c(1, 6)] <- FALSE
  fit <- pool_effects(effects, random = ~ 1 | study / .row, rho = 0.5)
  found <- rho_sensitivity(fit, c(0.1, 0.5))
  left <- subset(effects, pooled)
  again <- pool_effects(left, random = ~ 1 | study / .row, rho = 0.1)
  expect_row_of_fit(found[1, ], again)
  data <- multilevel_table()
  data$yi[5] <- NA
  fit <- pool_effects(plain_effects(data), random = ~ 1 | study / .row)
  found <- rho_sensitivity(fit, 0.4, within = study)
  again <- pool_effects(multilevel_effects(data[-5, ], 0.4), random = ~ 1 | study / .row)
  expect_row_of_fit(found, again)
})

test_that("the numbers are those of metafor 5.2-1", {
  skip_if_not_installed("metadat")
  fit <- pool_effects(
    as_effects(metadat::dat.konstantopoulos2011, yi = yi, vi = vi, study = district),
    random = ~ 1 | study / school
  )
  found <- rho_sensitivity(fit, c(0, 0.4, 0.8), within = study)
  # rma.mv(yi, vcalc(vi, cluster = district, obs = school, rho = rho),
  #   random = ~ 1 | district / school)
  expect_equal(found$estimate, c(0.18471316, 0.18982526, 0.19138481), tolerance = 1e-7)
  expect_equal(found$se, c(0.08455592, 0.08584123, 0.08687603), tolerance = 1e-6)
  expect_equal(found$`var(study)`, c(0.06506194, 0.05914332, 0.05342902),
    tolerance = 1e-6
  )
  expect_equal(found$`var(study/school)`, c(0.03273652, 0.04260909, 0.05417593),
    tolerance = 1e-6
  )
  expect_equal(found$loglik, c(-7.95872403, -8.83346621, -9.79609241), tolerance = 1e-8)
})

test_that("a V that cannot be is a row with its status", {
  found <- rho_sensitivity(plain_fit(), c(-0.5, 0.4, 1), within = study)
  expect_identical(found$status, c("indefinite", "ok", "singular"))
  numbers <- setdiff(names(found), c("rho", "term", "status"))
  expect_true(all(is.na(found[c(1, 3), numbers])))
  expect_false(anyNA(found[2, numbers]))
})

test_that("what is fixed or tied stays so", {
  fit <- plain_fit(fix = c("var(study)" = 0.2))
  found <- rho_sensitivity(fit, c(0.1, 0.6), within = study)
  expect_identical(found$`var(study)`, c(0.2, 0.2))
  tied <- plain_fit(tie = list(c("var(study)", "var(study/.row)")))
  found <- rho_sensitivity(tied, c(0.1, 0.6), within = study)
  expect_identical(found$`var(study)`, found$`var(study/.row)`)
})

test_that("the robust interval is that of the clusters asked for", {
  fit <- plain_fit()
  by <- robust(fit, type = "CR1")
  found <- rho_sensitivity(by, 0.3, within = study)
  expect_identical(attr(found, "type"), "CR1")
  again <- pool_effects(multilevel_effects(rho = 0.3), random = ~ 1 | study / .row)
  expect_row_of_fit(found, again, robust(again, type = "CR1"))
  # the model's own interval is not the robust one
  expect_equal(found$se, unname(again$se), tolerance = 1e-6)

  crossed <- pool_effects(plain_effects(), random = list(~ 1 | study, ~ 1 | strain))
  found <- rho_sensitivity(crossed, c(0, 0.3), within = study)
  expect_true(all(is.na(found$robust_se)))
  expect_false(anyNA(found$se))
  expect_match(attr(found, "reason"), "not independent")
  expect_error(rho_sensitivity(crossed, 0.3, within = study, cluster = study),
    class = "mv_error_cluster"
  )
})

test_that("starts on a boundary are lifted inside it", {
  fit <- multilevel_models()$structured
  lifted <- lift_parameters(unname(fit$theta), fit)
  parameters <- fit$parameters
  expect_true(all(lifted > parameters$lower & lifted < parameters$upper))
  fit$parameters <- data.frame(
    kind = c("variance", "correlation"), lower = 0, upper = c(Inf, 1)
  )
  expect_identical(lift_parameters(c(5, 0), fit), c(5, 0.02))
})

test_that("what cannot be done says why", {
  fit <- plain_fit()
  brought <- pool_effects(multilevel_effects(), random = ~ 1 | study / .row)
  derived <- pool_effects(twice_read(), random = ~ 1 | study / .row, rho = 0.5)
  once <- subset(twice_read(), outcome == "score")
  alone <- pool_effects(once, random = ~ 1 | study)
  expect_snapshot(error = TRUE, {
    rho_sensitivity(1)
    rho_sensitivity(pool_effects(plain_effects(), dependence = "ignore"), 0.5)
    rho_sensitivity(fit, c(0.1, 0.5))
    rho_sensitivity(brought, c(0.1, 0.5))
    rho_sensitivity(brought, c(0.1, 0.5), within = study)
    rho_sensitivity(alone, c(0.1, 0.5))
    rho_sensitivity(derived, c(0.1, 0.5), within = study)
    rho_sensitivity(derived, list(0.1, list(infarct = c(weight = 0.5))))
    rho_sensitivity(fit, c(0.1, 1.5), within = study)
    rho_sensitivity(fit, c(0.1, NA), within = study)
    rho_sensitivity(fit, list(0.1, rho_between(0.5)), within = study)
    rho_sensitivity(fit, numeric(), within = study)
    rho_sensitivity(fit, "a", within = study)
    rho_sensitivity(fit, 0.5, within = stud)
    rho_sensitivity(fit, 0.5, within = NULL)
    rho_sensitivity(fit, 0.5, within = seq_along(yi))
    rho_sensitivity(fit, 0.5, within = study, type = "CR9")
  })
  data <- multilevel_table()
  data$lab <- c(NA, rep("A", nrow(data) - 1))
  data$lab[9:12] <- "B"
  fit <- pool_effects(plain_effects(data), random = ~ 1 | study / .row)
  expect_error(rho_sensitivity(fit, 0.5, within = lab), class = "mv_error_missing")
  expect_error(check_within(rep(1, 6000), fit, NULL), class = "mv_error_too_large")
  expect_error(rho_sensitivity(fit, 0.5, within = study, cluster = lab),
    class = "mv_error_cluster"
  )
})
