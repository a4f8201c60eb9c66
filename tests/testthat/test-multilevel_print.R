test_that("a multilevel fit prints what was done and what came out", {
  fit <- nested_fit()
  expect_snapshot(fit)
  expect_snapshot(summary(update(fit, mods = ~ dose + year)))
  expect_snapshot(update(fit, test = "z", method = "ML"))
  expect_snapshot(update(fit, test = "containment"))
  expect_snapshot(pool_effects(several_rows(8, measure = "ROM"),
    random = list(~ outcome | study, ~ 1 | .row), struct = "DIAG", test = "t",
    fix = c("var(.row)" = 0.02)
  ))
  expect_snapshot(pool_effects(several_rows(),
    random = list(~ 1 + dose | study, ~ 1 | .row), struct = "GDIAG",
    tie = list(c("var((Intercept) | study)", "var(.row)"))
  ))
})

# Rows of a study that differ by nothing but their errors.
cor_at_edge <- function() {
  effects <- several_rows()
  effects$yi <- rep(stats::qnorm(stats::ppoints(12)), each = 4) + c(-0.02, 0.02)
  pool_effects(effects, random = ~ outcome | study)
}

test_that("a parameter at its edge is named, as are the cautions of the fit", {
  effects <- several_rows(seed = 2)
  effects$yi <- rep(c(-0.4, 0.4, -0.4, 0.4), 12)
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  text <- "! var(study) is 0, the edge of what it can be"
  expect_output(print(fit), text, fixed = TRUE)
  expect_identical(tidy(fit, effects = "components")$boundary, c(TRUE, FALSE))
  fit$n_maxima <- 3L
  expect_output(print(fit), "! the likelihood has 3 maxima; this is the highest")
  expect_no_match(utils::capture.output(print(nested_fit())), "^!")
  few <- pool_effects(several_rows(6), random = ~ 1 | study / .row)
  expect_output(print(few), "! only 6 independent groups")
  level <- cor_at_edge()
  expect_output(print(level), "! cor(outcome | study) is 1, the edge", fixed = TRUE)
})

test_that("fewer than one degree of freedom is told", {
  fit <- nested_fit(mods = ~dose)
  fit$df[["dose"]] <- 0.4
  text <- utils::capture.output(print(fit))
  expect_true(
    "! fewer than 1 degree of freedom of dose: interval and p say nothing" %in% text
  )
  expect_null(few_df_text(nested_fit()))
  alone <- nested_fit()
  alone$df[] <- 0.2
  expect_identical(
    few_df_text(alone), "fewer than 1 degree of freedom: interval and p say nothing"
  )
})

test_that("summary() shows the heterogeneity of each level", {
  fit <- nested_fit()
  found <- heterogeneity(fit)
  table <- level_table(found, 2)
  expect_identical(trimws(table[[1]]), c("study", "study/.row", "all"))
  I2 <- found$estimate[found$quantity == "I2"]
  expect_identical(table$I2, percent_text(I2))
  expect_identical(table$share[3], "")
  expect_identical(table$CVH, number_text(found$estimate[found$quantity == "CVH"]))
  expect_null(level_table(heterogeneity(nested_fit(mods = ~dose)), 2)$CVH)
})

test_that("an assumed correlation and imputed or left out rows are said", {
  data <- berkey()
  fit <- pool_effects(data$effects, random = ~ outcome | study, struct = "UN")
  expect_no_match(utils::capture.output(print(fit)), "assumed")
  fit$rho <- 0.5
  expect_output(print(fit), "assumed to correlate by rho = 0.5", fixed = TRUE)
  fit$rho <- rho_between(outcomes = 0.5)
  expect_output(print(fit), "assumed to correlate by the rho of the call", fixed = TRUE)
  effects <- several_rows()
  effects$yi[3] <- NA
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  expect_output(print(fit), "1 row left out", fixed = TRUE)
})

test_that("likelihood, AIC, BIC and deviance are metafor's", {
  data <- berkey()
  for (method in c("ML", "REML")) {
    for (struct in c("UN", "CS", "DIAG")) {
      fit <- pool_effects(data$effects, ~ outcome - 1,
        random = ~ outcome | study, struct = struct, method = method
      )
      theirs <- metafor::rma.mv(yi, data$V,
        mods = ~ outcome - 1, random = ~ outcome | trial, struct = struct,
        data = data$table, method = method
      )
      expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(theirs)), tolerance = 1e-8)
      expect_equal(AIC(fit), AIC(theirs), tolerance = 1e-8)
      expect_equal(BIC(fit), BIC(theirs), tolerance = 1e-8)
      expect_equal(deviance(fit), stats::deviance(theirs), tolerance = 1e-7)
    }
  }
  one <- update(fit, fix = c("var(outcome=AL | study)" = 0.1))
  expect_identical(attr(logLik(one), "df"), 3L)
})

test_that("update() keeps the random parts, and can leave them out", {
  fit <- nested_fit(test = "containment")
  again <- update(fit, mods = ~dose)
  expect_identical(again$test, "containment")
  expect_identical(names(again$theta), names(fit$theta))
  plain <- update(fit, random = NULL, dependence = "ignore")
  expect_s3_class(plain, "mv_fit", exact = TRUE)
  expect_identical(plain$test, "adhoc")
  back <- update(plain, random = ~ 1 | study / .row, test = "containment")
  expect_equal(back$theta, fit$theta)
})

test_that("CR2 stands beside the model's interval, and a robust fit is shown as one", {
  fit <- nested_fit()
  beside <- robust(fit, study)
  text <- sprintf(
    "  CR2 by study: %s, df %s, %s", interval_text(beside$ci_lower, beside$ci_upper),
    number_text(beside$df, 1), p_text(beside$p_value)
  )
  expect_output(print(fit), text, fixed = TRUE)
  expect_output(print(update(fit, mods = ~dose)), "  CR2 by study: dose: [", fixed = TRUE)
  crossed <- update(fit, random = list(~ 1 | study, ~ 1 | strain))
  expect_no_match(utils::capture.output(print(crossed)), "CR2")
  expect_snapshot(beside)
  expect_snapshot(robust(update(fit, mods = ~dose), study))
  expect_output(print(summary(beside)), "robust CR2, 12 clusters of study")
  found <- predict(beside)
  expect_equal(found$se, beside$se[[1]])
  expect_equal(found$ci_upper, beside$ci_upper[[1]])
  half <- qt(0.975, 11) * sqrt(beside$se[[1]]^2 + sum(fit$theta))
  expect_equal(found$pi_upper, found$estimate + half)
  expect_identical(sum(names(glance(beside)) == "clusters"), 1L)
})

# ---- pictures and ranges -------------------------------------------------------------

test_that("a forest plot shows the multilevel mean, its prediction interval and parts", {
  fit <- nested_fit()
  lines <- forest(fit)$data
  found <- predict(fit)
  pooled <- lines[lines$kind == "pooled", ]
  expect_equal(pooled$lower, found$ci_lower)
  expect_equal(lines$upper[lines$kind == "prediction"], found$pi_upper)
  text <- paste(lines$label[lines$kind == "heterogeneity"], collapse = " ")
  expect_match(text, "var(study) = ", fixed = TRUE)
  expect_match(text, "in all, Q(47) = ", fixed = TRUE)
  expect_match(text, "Random effects study / .row", fixed = TRUE)
  expect_equal(sum(lines$weight[lines$kind == "study"]), 100)
  levels <- pool_effects(several_rows(),
    random = list(~ outcome | study, ~ 1 | .row), struct = "DIAG"
  )
  lines <- forest(levels)$data
  expect_match(lines$label[lines$kind == "prediction"], "outcome = p")
  expect_equal(lines$upper[lines$kind == "prediction"], predict(levels)$pi_upper)
  expect_equal(lines$weight[lines$kind == "study"], weights(levels, type = "rowsum"))
  mods <- forest(update(fit, mods = ~dose))$data
  text <- paste(mods$label[mods$kind == "heterogeneity"], collapse = " ")
  expect_match(text, "Moderators ~dose: F(1, ", fixed = TRUE)
})

test_that("below the heading of a study its rows do not name it again", {
  lines <- forest(nested_fit(), group = study)$data
  expect_identical(sum(lines$kind == "subgroup"), 12L)
  labels <- lines$label[lines$kind == "study"]
  expect_no_match(labels, "^Study")
  expect_match(labels, "pain|plaque")
  bare <- as_effects(as.data.frame(several_rows())[c("study", "yi", "vi")])
  lines <- forest(pool_effects(bare, random = ~ 1 | study / .row), group = study)$data
  expect_match(lines$label[lines$kind == "study"], "^Study")
})

test_that("forest plots of 3, 30 and 300 rows are saved", {
  for (size in list(c(3, 1), c(10, 3), c(60, 5))) {
    table <- several_rows(size[1], 2 * size[2])[seq_len(prod(size)), ]
    table$study <- rep(paste("Simulated", seq_len(size[1])), each = size[2])
    table <- table[c("study", "outcome", "yi", "vi")]
    random <- if (size[2] == 1) ~ 1 | .row else ~ 1 | study / .row
    fit <- pool_effects(as_effects(as.data.frame(table)), random = random)
    expect_identical(fit$k, as.integer(prod(size)))
    file <- withr::local_tempfile(fileext = ".png")
    save_forest(fit, file, dpi = 40)
    expect_gt(file.size(file), 1000)
  }
})

test_that("a reported range is judged by the multilevel interval", {
  fit <- pool_effects(several_rows(measure = "ROM"), random = ~ 1 | study / .row)
  found <- reported_range(fit, 10, 60, change = "reduction")
  percent <- predict(fit, scale = "percent")
  expect_equal(found$ci_lower, percent$ci_lower)
  expect_equal(found$pi_upper, percent$pi_upper)
  expect_identical(found$studies, 12L)
  spread <- sqrt(sum(fit$theta) + fit$se^2)
  ends <- (log1p(-c(0.6, 0.1)) - fit$beta) / spread
  expect_equal(found$probability_inside, diff(pt(ends, fit$df)))
  expect_s3_class(found, "mv_range")
  few <- pool_effects(several_rows(6, measure = "ROM"), random = ~ 1 | study / .row)
  told <- reported_range(few, 10, 60, change = "reduction")
  expect_match(told$sentence, "unreliable: a variance of 0, or fewer than 10 independent")
  expect_false("doubt" %in% names(told))
})

test_that("studies that share a group at the top are not independent", {
  effects <- several_rows(measure = "ROM")
  effects$lab <- rep(c("one", "two"), each = 24)
  fit <- pool_effects(effects, random = ~ 1 | lab / study / .row)
  expect_identical(reported_range(fit, 40, 60, change = "reduction")$studies, 2L)
  one <- effects[effects$study == "Study 01", ]
  fit <- pool_effects(one, random = ~ 1 | .row)
  found <- reported_range(fit, 40, 60, change = "reduction")
  expect_match(found$reason, "one study alone")
})

test_that("a range with levels or moderators has a verdict for each", {
  fit <- pool_effects(several_rows(measure = "ROM"),
    random = list(~ outcome | study, ~ 1 | .row), struct = "DIAG"
  )
  found <- reported_range(fit, 40, 60, change = "reduction")
  expect_identical(
    found$claim, paste0("claim 1 (outcome = ", c("pain", "plaque"), ")")
  )
  expect_equal(found$pi_lower, predict(fit, scale = "percent")$pi_lower)
  new <- data.frame(dose = c(1, 4), outcome = c("plaque", "pain"))
  found <- reported_range(update(fit, mods = ~dose), 40, 60,
    change = "reduction", newdata = new
  )
  expect_identical(found$claim[2], "claim 1 (dose = 4, outcome = pain)")
})

test_that("a fit can be told on another scale", {
  fit <- pool_effects(several_rows(measure = "ROM"), random = ~ 1 | study / .row)
  found <- transform_effect(fit, to = "ratio")
  expect_equal(found$estimate, exp(fit$beta[[1]]))
  expect_equal(found$pi_upper, exp(predict(fit)$pi_upper))
})
