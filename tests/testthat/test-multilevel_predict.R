test_that("predictions are metafor's for each test, with moderators and without", {
  skip_if_not_installed("metafor")
  table <- metadat::dat.konstantopoulos2011
  table$year <- table$year - 1980
  effects <- suppressMessages(as_effects(table, yi = yi, vi = vi, study = district))
  for (test in c("z", "t", "containment")) {
    fit <- pool_effects(effects, random = ~ 1 | study / school, test = test)
    theirs <- \(...) metafor::rma.mv(yi, vi,
      random = ~ 1 | district / school, data = table,
      test = if (test == "z") "z" else "t",
      dfs = if (test == "containment") "contain" else "residual", ...
    )
    expect_lt(predictions_differ(predict(fit), predict(theirs())), 1e-7)
    fit <- update(fit, mods = ~year)
    model <- theirs(mods = ~year)
    new <- data.frame(year = c(0, 3, 10))
    expect_lt(
      predictions_differ(predict(fit, new), predict(model, newmods = new$year)), 1e-7
    )
    expect_lt(predictions_differ(predict(fit), predict(model)), 1e-7)
  }
})

test_that("a variance for each level has metafor's prediction for each level", {
  data <- berkey()
  levels <- c("AL", "PD")
  for (struct in c("UN", "HCS", "DIAG")) {
    theirs <- \(...) metafor::rma.mv(yi, data$V,
      random = ~ outcome | trial, struct = struct, data = data$table, test = "t", ...
    )
    fit <- pool_effects(data$effects,
      random = ~ outcome | study, struct = struct, test = "t"
    )
    found <- predict(fit)
    expect_identical(found$outcome, levels)
    expected <- predict(theirs(), tau2.levels = levels)
    expect_lt(predictions_differ(found, expected), 1e-5)
    fit <- update(fit, mods = ~ outcome - 1, test = "containment")
    expected <- predict(theirs(mods = ~ outcome - 1, dfs = "contain"),
      newmods = diag(2), tau2.levels = levels
    )
    found <- predict(fit, data.frame(outcome = levels))
    expect_lt(predictions_differ(found, expected), 1e-5)
    expect_equal(predict(fit)[1:2, ], found[c(2, 1), ], ignore_attr = TRUE)
  }
})

test_that("containment degrees of freedom are metafor's", {
  skip_if_not_installed("metafor")
  effects <- several_rows()
  effects$row <- seq_len(nrow(effects))
  effects$known <- match(effects$strain, c("u", "v", "w", "x"))
  A <- matrix(0.4, 4, 4, dimnames = list(1:4, 1:4)) + diag(0.6, 4)
  mods <- list(~1, ~year, ~dose, ~ year + dose, ~ outcome - 1)
  models <- list(
    list(~ 1 | study / .row, ~ 1 | study / row),
    list(~ 1 | study / experiment / .row, ~ 1 | study / experiment / row),
    list(list(~ 1 | study, ~ 1 | strain), list(~ 1 | study, ~ 1 | strain)),
    list(~ outcome | study, ~ outcome | study),
    list(list(~ 1 | study, ~ 1 | known), list(~ 1 | study, ~ 1 | known), list(known = A))
  )
  for (model in models) {
    for (mod in mods) {
      known <- if (length(model) == 3) model[[3]]
      fit <- suppressWarnings(pool_effects(effects, mod,
        random = model[[1]], R = known, test = "containment"
      ))
      theirs <- suppressWarnings(metafor::rma.mv(yi, vi,
        mods = mod, random = model[[2]], R = known, test = "t", dfs = "contain",
        data = as.data.frame(effects)
      ))
      expect_identical(unname(fit$df), as.double(theirs$ddf))
      if (length(fit$beta) > 1 && mod != ~ outcome - 1) {
        expect_equal(fit$QM_df, theirs$QMdf, ignore_attr = TRUE)
      }
    }
  }
})

test_that("a level of a known matrix is a group for containment", {
  effects <- several_rows()
  # constant within strains only
  effects$of_strain <- match(effects$strain, c("u", "v", "w", "x"))^2
  A <- matrix(0.4, 4, 4, dimnames = rep(list(c("u", "v", "w", "x")), 2)) + diag(0.6, 4)
  fit <- pool_effects(effects, ~of_strain,
    random = list(~ 1 | study, ~ 1 | strain), R = list(strain = A), test = "containment"
  )
  expect_identical(unname(fit$df), c(2, 2))
})

test_that("`new` says which parts are new", {
  fit <- pool_effects(several_rows(), random = ~ 1 | study / experiment / .row)
  variance <- fit$components$estimate
  half <- \(found) (found$pi_upper - found$pi_lower) / 2
  quantile <- qt(0.975, fit$df[[1]])
  expect_equal(half(predict(fit)), quantile * sqrt(fit$se[[1]]^2 + sum(variance)))
  found <- predict(fit, new = c("study/experiment", "study/experiment/.row"))
  expect_equal(half(found), quantile * sqrt(fit$se[[1]]^2 + sum(variance[2:3])))
  found <- predict(fit, new = "study/experiment/.row", interval = "z", level = 0.8)
  expect_equal(half(found), qnorm(0.9) * sqrt(fit$se[[1]]^2 + variance[3]))
  # the mean keeps its own quantile
  expect_equal(found$ci_upper - found$estimate, qt(0.9, fit$df[[1]]) * fit$se[[1]])
})

test_that("each mean has its own degrees of freedom", {
  fit <- pool_effects(several_rows(), ~ year + dose, random = ~ 1 | study / .row)
  found <- predict(fit, data.frame(year = c(0, 2), dose = c(0, 5)))
  expect_equal(found$df[1], fit$df[[1]])
  expect_equal(found$se[1], fit$se[[1]])
  # the same model with the second point as its origin
  there <- pool_effects(several_rows(), ~ I(year - 2) + I(dose - 5),
    random = ~ 1 | study / .row
  )
  expect_equal(found$df[2], there$df[[1]], tolerance = 1e-6)
  expect_equal(found$se[2], there$se[[1]], tolerance = 1e-6)
  contained <- update(fit, test = "containment")
  expect_identical(contained$df[["dose"]], 45)
  expect_identical(contained$df[["year"]], 9)
  found <- predict(contained, data.frame(year = c(0, 2), dose = c(1, 1)))
  expect_identical(found$df, c(9, 9))
  through <- update(contained, mods = ~ dose - 1)
  expect_identical(predict(through, data.frame(dose = c(0, 2)))$df, c(47, 47))
})

test_that("slopes give a variance that depends on newdata", {
  effects <- several_rows(20, 6)
  random <- list(~ 1 + dose | study, ~ 1 | .row)
  fit <- pool_effects(effects, random = random, struct = "GEN")
  theta <- fit$theta
  G <- diag(theta[1:2])
  G[1, 2] <- G[2, 1] <- theta[3] * sqrt(prod(theta[1:2]))
  found <- predict(fit, data.frame(dose = c(0, 7)))
  z <- cbind(1, c(0, 7))
  variance <- diag(z %*% G %*% t(z)) + theta[[4]] + fit$se[[1]]^2
  expect_equal(
    found$pi_upper - found$estimate, unname(qt(0.975, fit$df[[1]]) * sqrt(variance))
  )
  expect_identical(predict(fit)$pi_lower, NA_real_)
  expect_false(anyNA(predict(fit, new = ".row")$pi_lower))
  poly <- pool_effects(effects,
    random = list(~ poly(dose, 2) | study, ~ 1 | .row), struct = "GDIAG"
  )
  own <- predict(poly, as.data.frame(effects)[1:3, ])
  z <- stats::model.matrix(~ poly(dose, 2), effects)[1:3, ]
  variance <- drop(z^2 %*% poly$theta[1:3]) + poly$theta[[4]] + poly$se[[1]]^2
  expect_equal(
    own$pi_upper - own$estimate, unname(qt(0.975, poly$df[[1]]) * sqrt(variance))
  )
})

test_that("the interval is called unreliable where it is", {
  few <- pool_effects(several_rows(8), random = ~ 1 | study / .row)
  expect_false(predict(few)$pi_reliable)
  many <- pool_effects(several_rows(12), random = ~ 1 | study / .row)
  expect_true(predict(many)$pi_reliable)
  none <- update(many, fix = c("var(study)" = 0, "var(study/.row)" = 0))
  expect_false(predict(none)$pi_reliable)
  expect_equal(predict(none)$pi_upper, predict(none)$ci_upper)
})

test_that("the percent scale transforms the intervals", {
  fit <- pool_effects(several_rows(measure = "ROM"), random = ~ 1 | study / .row)
  plain <- predict(fit)
  found <- predict(fit, scale = "percent")
  expect_equal(found$pi_upper, 100 * expm1(plain$pi_upper))
  expect_identical(found$df, plain$df)
})

test_that("what cannot be predicted has a sentence", {
  fit <- pool_effects(several_rows(),
    random = list(~ outcome | study, ~ 1 | .row), struct = "DIAG"
  )
  expect_snapshot(error = TRUE, {
    predict(fit, new = "study")
    predict(fit, new = character())
    predict(fit, data.frame(x = 1))
    predict(fit, data.frame(outcome = "weight"))
    predict(fit, interval = "hts")
    predict(fit, tau2.levels = "pain")
  })
  expect_identical(is.na(predict(fit, data.frame(outcome = NA))$pi_lower), TRUE)
  slopes <- pool_effects(several_rows(),
    random = list(~ 1 + dose | study, ~ 1 | .row), struct = "GDIAG"
  )
  expect_snapshot(error = TRUE, {
    predict(slopes, data.frame(outcome = "pain"))
    predict(slopes, data.frame(dose = "high"))
  })
  expect_false(anyNA(predict(slopes, data.frame(x = 1), new = ".row")$pi_lower))
})

# ---- GALENOS, see test-taar1.R -------------------------------------------------------

taar1_pooled <- function(type, random, ...) {
  table <- read.csv(shared_file("taar1_psychosis.csv"))
  table <- table[table$SortLabel == "TvC" & table$outcome_type == type, ]
  table$row <- seq_len(nrow(table))
  table$vi <- table$SMDv
  V <- vcov_shortcut(table,
    cluster = StudyId, subgroup = ExperimentID_I, obs = row, rho = 0.5
  )
  effects <- as_effects(table,
    yi = SMD, V = V, study = StudyId, experiment = ExperimentID_I, measure = "SMD"
  )
  pool_effects(effects, random = random, test = "containment", ...)
}

interval_of <- function(found) {
  round(unlist(found[c("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper")],
    use.names = FALSE
  ), 3)
}

test_that("cognition has the printed result", {
  fit <- taar1_pooled("Cognition", ~ 1 | experiment)
  expect_identical(fit$k, 19L)
  expect_equal(interval_of(predict(fit)), c(0.8, -0.301, 1.9, -1.609, 3.208))
})

# Their likelihood has two maxima: that which is printed, and a higher one where strains
# do not differ (metafor started there agrees to 1e-6).
test_that("locomotor activity has the printed result at the printed maximum", {
  random <- ~ 1 | Strain / study / experiment
  printed <- c(0.01722952, 0.01610771, 0.14005592)
  names <- c("var(Strain)", "var(Strain/study)", "var(Strain/study/experiment)")
  fixed <- taar1_pooled("Locomotor activity", random, fix = setNames(printed, names))
  expect_identical(fixed$k, 125L)
  expect_equal(interval_of(predict(fixed)), c(1.032, 0.751, 1.313, 0.008, 2.056))
  fit <- taar1_pooled("Locomotor activity", random)
  expect_identical(fit$theta[["var(Strain)"]], 0)
  expect_gt(fit$loglik[["reml"]], fixed$loglik[["reml"]] + 0.001)
  model <- fit[c("yi", "vi", "parts", "parameters", "pairs")]
  near <- run_multilevel(model, "REML", start = c(0.015, 0.02, 0.14))
  expect_equal(near$theta, printed, tolerance = 1e-6)
})
