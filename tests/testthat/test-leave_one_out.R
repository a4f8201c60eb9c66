effects_of_stroke <- function() {
  suppressWarnings(as_effects(stroke_efficacy,
    yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
  ))
}

expect_refits <- function(found, fits, tolerance) {
  one <- \(read) column_of(fits, read)
  expect_equal(found$estimate, one(\(fit) unname(fit$beta)), tolerance = tolerance)
  expect_equal(found$se, one(\(fit) unname(fit$se)), tolerance = tolerance)
  expect_equal(found$df, one(\(fit) unname(fit$df[1])), tolerance = tolerance)
  expect_equal(found$p_value, one(\(fit) unname(fit$p_value)), tolerance = tolerance)
  expect_equal(found$ci_lower, one(\(fit) unname(fit$ci_lower)), tolerance = tolerance)
  expect_equal(found$ci_upper, one(\(fit) unname(fit$ci_upper)), tolerance = tolerance)
  expect_equal(found$I2, one(\(fit) fit$I2), tolerance = tolerance)
  expect_equal(found$k, one(\(fit) fit$k))
  expect_equal(found$loglik, one(\(fit) as.numeric(logLik(fit))), tolerance = tolerance)
  expect_true(all(found$status == "ok"))
}

test_that("refits of independent effects are the fits to the other rows", {
  effects <- effects_of_stroke()
  for (test in c("z", "t", "knha", "adhoc")) {
    for (method in c("REML", "ML", "DL", "PM", "EE")) {
      fit <- pool_effects(effects, method = method, test = test)
      found <- leave_one_out(fit)
      fits <- refits_by_hand(fit, seq_len(fit$k))
      expect_refits(found, fits, 1e-10)
      expect_equal(found$tau2, column_of(fits, \(fit) fit$tau2), tolerance = 1e-8)
    }
  }
  expect_identical(found$left_out, as.character(effects$study))
})

test_that("refits of a multilevel model are the fits to the other rows", {
  effects <- crossed_effects()
  fit <- pool_effects(effects, random = list(~ 1 | study / .row, ~ 1 | strain))
  for (test in c("satterthwaite", "containment", "t", "z")) {
    fit <- update(fit, test = test)
    found <- leave_one_out(fit, cluster = study)
    fits <- refits_by_hand(fit, effects$study)
    # theta is found to 1e-8 of its standard error, so all that follows from it is too
    expect_refits(found, fits, 1e-6)
    for (name in names(fit$theta)) {
      expect_equal(found[[name]], column_of(fits, \(fit) fit$theta[[name]]),
        tolerance = 1e-6
      )
    }
  }
})

test_that("degrees of freedom of a refit count its own levels", {
  effects <- crossed_effects()
  for (test in c("satterthwaite", "containment")) {
    fit <- pool_effects(effects, ~dose, random = ~ strain | study, struct = "CS",
      test = test
    )
    found <- leave_one_out(fit, cluster = study)
    fits <- refits_by_hand(fit, effects$study)
    for (name in c("(Intercept)", "dose")) {
      expect_equal(found[[paste0("df_", name)]],
        column_of(fits, \(fit) fit$df[[name]]), tolerance = 1e-6
      )
    }
  }
})

test_that("coefficients of moderators have columns of their own", {
  effects <- crossed_effects()
  fit <- pool_effects(effects, ~dose, random = ~ 1 | study / .row)
  found <- leave_one_out(fit, cluster = strain)
  fits <- refits_by_hand(fit, effects$strain)
  for (name in c("(Intercept)", "dose")) {
    expect_equal(found[[paste0("estimate_", name)]],
      column_of(fits, \(fit) fit$beta[[name]]), tolerance = 1e-6
    )
    expect_equal(found[[paste0("se_", name)]],
      column_of(fits, \(fit) fit$se[[name]]), tolerance = 1e-6
    )
    expect_equal(found[[paste0("df_", name)]],
      column_of(fits, \(fit) fit$df[[name]]), tolerance = 1e-6
    )
  }
  expect_identical(found$left_out, unique(effects$strain))
})

test_that("structures with several variances are fitted again", {
  skip_if_not_installed("metadat")
  berkey <- metadat::dat.berkey1998
  effects <- as_effects(berkey, yi = yi, vi = vi, study = trial)
  for (struct in c("UN", "HCS", "CS", "DIAG")) {
    fit <- pool_effects(effects, ~ outcome - 1, random = ~ outcome | trial,
      struct = struct, method = "ML"
    )
    found <- leave_one_out(fit, cluster = trial)
    fits <- refits_by_hand(fit, effects$trial)
    expect_equal(found$loglik, column_of(fits, \(fit) as.numeric(logLik(fit))),
      tolerance = 1e-8
    )
    expect_equal(found$estimate_outcomePD, column_of(fits, \(fit) fit$beta[[2]]),
      tolerance = 1e-5
    )
    expect_true(all(is.na(found$I2)) || struct == "CS")
  }
})

test_that("reestimate = FALSE keeps the variance parameters", {
  fit <- pool_effects(effects_of_stroke())
  found <- leave_one_out(fit, reestimate = FALSE)
  expect_equal(found$tau2, rep(fit$tau2, fit$k))
  weight <- 1 / (fit$vi + fit$tau2)
  by_hand <- (sum(weight * fit$yi) - weight * fit$yi) / (sum(weight) - weight)
  expect_equal(found$estimate, by_hand, tolerance = 1e-12)

  fit <- pool_effects(crossed_effects(), random = ~ 1 | study / .row)
  found <- leave_one_out(fit, cluster = study, reestimate = FALSE)
  expect_equal(found[["var(study)"]], rep(fit$theta[["var(study)"]], 12))
  fixed <- update(fit, effects = fit$effects[fit$effects$study != "S 1", ],
    fix = fit$theta
  )
  expect_equal(found$estimate[1], unname(fixed$beta), tolerance = 1e-10)
  expect_equal(found$se[1], unname(fixed$se), tolerance = 1e-10)
})

test_that("rows are in the order of the pooled rows, and named", {
  effects <- crossed_effects()
  effects$yi[2] <- NA
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  found <- leave_one_out(fit)
  expect_identical(found$left_out[1:3], c("S 1, row 1", "S 1, row 3", "S 2, row 4"))
  expect_identical(nrow(found), fit$k)
})

test_that("a refit that cannot be made says why, and the others are made", {
  effects <- as_effects(data.frame(
    study = c("a", "b", "c", "d", "e"), yi = c(1, 2, 1.5, 0.7, 1.1), vi = 0.1,
    dose = c(1, 0, 0, 0, 0)
  ))
  found <- leave_one_out(pool_effects(effects, ~dose))
  expect_identical(found$status, c("no estimate of dose", rep("ok", 4)))
  expect_true(is.na(found$estimate_dose[1]) && !anyNA(found$estimate_dose[-1]))

  few <- leave_one_out(pool_effects(effects[1:2, ]))
  expect_identical(few$status, rep("too few effects are left", 2))
  expect_true(all(is.na(few$estimate)))
  expect_identical(few$k, c(1L, 1L))
})

test_that("without a study the two levels may be the same", {
  effects <- as_effects(data.frame(
    study = c("a", "a", "b", "c", "d", "e"), yi = c(1, 2.2, 1.5, 0.1, 1.1, 0.9), vi = 0.1
  ))
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  found <- leave_one_out(fit, cluster = study)
  expect_identical(found$status[1], "the variance parameters cannot be told apart")
  expect_true(is.na(found[["var(study)"]][1]))
  alone <- pool_effects(effects[3:6, ])
  expect_equal(found$estimate[1], unname(alone$beta), tolerance = 1e-6)
  expect_true(all(found$status[-1] == "ok"))
})

test_that("a level that only one cluster has leaves its variance unknown", {
  effects <- as_effects(data.frame(
    study = rep(c("a", "b", "c", "d", "e"), each = 2), outcome = c(rep(1:2, 4), 1, 3),
    yi = c(1, 2.2, 1.5, 0.1, 1.1, 0.9, 0.2, 3, 0.3, 2), vi = 0.1
  ))
  fit <- pool_effects(effects, random = ~ outcome | study, struct = "DIAG",
    fix = c("var(outcome=3 | study)" = 0.2)
  )
  found <- leave_one_out(fit, cluster = study)
  expect_equal(found[["var(outcome=3 | study)"]], rep(0.2, 5))
  fit$parameters$free <- 1:3
  fit$parameters$value <- NA_real_
  found <- leave_one_out(fit, cluster = study)
  expect_true(is.na(found[["var(outcome=3 | study)"]][5]))
  expect_false(is.na(found$estimate[5]))
})

test_that("wrong input is an error that says so", {
  effects <- crossed_effects()
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  expect_error(leave_one_out(fit, cluster = stdy), class = "mv_error_column")
  expect_error(leave_one_out(fit, cluster = stdy), "Did you mean \"study\"", fixed = TRUE)
  expect_error(leave_one_out(fit, cluster = "study"), class = "mv_error_column")
  expect_error(leave_one_out(fit, cluster = .env$letters), class = "mv_error_length")
  gone <- fit
  gone$effects$strain[3] <- NA
  expect_error(leave_one_out(gone, cluster = strain), class = "mv_error_cluster")
  expect_error(leave_one_out(gone, cluster = strain), "row 3", fixed = TRUE)
  fit$effects$one <- "x"
  expect_error(leave_one_out(fit, cluster = one), class = "mv_error_cluster")
  expect_error(leave_one_out(fit, reestimate = NA), class = "mv_error_flag")
  expect_error(leave_one_out(effects), class = "mv_error_class")
  expect_error(leave_one_out(lm(yi ~ 1, effects)), class = "mv_error_class")
  single <- pool_effects(effects[1, ], method = "EE")
  expect_error(leave_one_out(single), class = "mv_error_cluster")
})

test_that("fits of several imputations and robust fits are refused", {
  fit <- pool_effects(effects_of_stroke())
  fit$imputed <- list(m = 2)
  expect_error(leave_one_out(fit), class = "mv_error_imputed")
  fit$imputed <- NULL
  fit$robust <- list(type = "CR2")
  expect_error(leave_one_out(fit), class = "mv_error_class")
})

test_that("an interrupt ends all refits, and the fit can be used again", {
  set.seed(3)
  study <- rep(1:300, each = 5)
  effects <- as_effects(data.frame(study, yi = stats::rnorm(1500), vi = 0.1))
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  on.exit(setTimeLimit(elapsed = Inf))
  stopped <- tryCatch(
    {
      setTimeLimit(elapsed = 0.1, transient = TRUE)
      leave_one_out(fit)
      FALSE
    },
    error = \(e) grepl("limit", conditionMessage(e))
  )
  setTimeLimit(elapsed = Inf)
  expect_true(stopped)
  fewer <- fit$effects$study %in% 1:3
  again <- pool_effects(effects[fewer, ], random = ~ 1 | study / .row)
  expect_identical(nrow(leave_one_out(again, cluster = study)), 3L)
})

test_that("errors are unknown where they hang on what cannot be told", {
  effects <- as_effects(data.frame(
    study = rep(c("a", "b"), each = 3), yi = c(0.1, 0.6, 0.3, 0.9, 1.2, 0.4), vi = 0.05
  ))
  found <- leave_one_out(pool_effects(effects, random = ~ 1 | study / .row), study)
  expect_true(all(is.na(found$estimate) & is.na(found$se) & is.na(found$df)))
  expect_identical(found$k, c(3L, 3L))
})

test_that("from a singular matrix each refit is searched for as a fit is", {
  effects <- rare_slopes()
  run <- \(effects) {
    pool_effects(effects, ~ year + x2 + x3, random = ~ 1 + year + x2 + x3 | study,
      struct = "GEN"
    )
  }
  fit <- run(effects)
  correlations <- stats::cov2cor(part_covariance(fit, 1))
  expect_lt(max(abs(correlations[upper.tri(correlations)])), 0.95)
  expect_lt(min(eigen(correlations)$values), 1e-10)
  found <- leave_one_out(fit, study)
  for (left_out in c("s1", "s15")) {
    again <- run(subset(effects, study != left_out))
    row <- found[found$left_out == left_out, ]
    expect_equal(row$loglik, again$loglik[["reml"]], tolerance = 1e-9)
    expect_equal(row$se_x3, again$se[["x3"]], tolerance = 1e-6)
    expect_equal(row$df_x3, again$df[["x3"]], tolerance = 1e-6)
  }
})
