# Comparisons of which some lack their SDs; two share a control.
holed <- function(rows = 14, seed = 4) {
  x <- random_pairs(rows, seed, sham = TRUE)
  x$outcome <- "a"
  x$sd_t[c(2, 7)] <- x$sd_c[c(3, 7)] <- NA
  x
}
drawn_of <- function(x, m = 5, seed = 11) {
  suppressMessages(impute_sd(x, "multiple", m = m, seed = seed))
}

test_that("an mv_imputed holds the table once and the draws of missing SDs only", {
  x <- drawn_of(holed())
  expect_s3_class(x, "mv_imputed")
  expect_identical(dim(x$sd), c(4L, 5L))
  expect_identical(x$comparisons$imputed_t, seq_len(14) %in% c(2, 7))
  expect_equal(x$comparisons$sd_t[2], exp(mean(log(x$sd[1, ]))))
  third <- imputation(x, 3)
  expect_s3_class(third, "mv_comparisons")
  expect_identical(sort(c(third$sd_t[c(2, 7)], third$sd_c[c(3, 7)])), sort(x$sd[, 3]))
  known <- setdiff(seq_len(14), c(2, 3, 7))
  expect_identical(third$sd_t[known], holed()$sd_t[known])
})

test_that("draws have the mean and variance of the posterior predictive, by formula", {
  x <- c(1, 1.4, 2, 2.2, 3, 3.1, 3.3, 4, 4.2, 5, 5.5, 6)
  y <- 0.3 + 0.8 * x + c(.1, -.2, .15, 0, -.1, .2, -.05, .1, -.15, 0, .05, -.1)
  fit <- stats::lm(y ~ x)
  at <- c(2, 7)
  expected <- stats::predict(fit, data.frame(x = at), se.fit = TRUE)
  draws <- with_own_seed(1, draw_log_sd(x, y, at, 1e5))
  # t with 10 df: variance 10/8 of the squared scale
  spread <- sqrt((expected$se.fit^2 + expected$residual.scale^2) * 10 / 8)
  expect_equal(rowMeans(draws), unname(expected$fit), tolerance = 0.003)
  expect_equal(apply(draws, 1, stats::sd), unname(spread), tolerance = 0.02)
})

test_that("below ten groups the slope is 1 and the intercept the mean log CV", {
  x <- log(c(10, 20, 40, 80, 160))
  y <- x + log(c(.1, .2, .3, .2, .1))
  draws <- with_own_seed(1, draw_log_sd(x, y, log(c(5, 500)), 1e5))
  centre <- mean(y - x)
  expect_equal(rowMeans(draws), log(c(5, 500)) + centre, tolerance = 0.01)
  scale <- stats::var(y - x) * (1 + 1 / 5)
  expect_equal(apply(draws, 1, stats::var), rep(scale * 4 / 2, 2), tolerance = 0.1)
  # one mean for all groups has no slope either
  flat <- with_own_seed(1, draw_log_sd(rep(2, 12), y[c(1:5, 1:5, 1:2)], 2, 10))
  expect_true(all(is.finite(flat)))
})

test_that("the order of rows does not matter, and a unit shifts the logs", {
  x <- holed()
  found <- drawn_of(x)
  shuffled <- sample(nrow(x))
  again <- drawn_of(x[shuffled, ])
  for (i in c(1, 4)) {
    expect_equal(imputation(again, i)$sd_c, imputation(found, i)$sd_c[shuffled])
  }
  numbers <- grep("^(mean|sd)_", names(x), value = TRUE)
  y <- x
  y[numbers] <- y[numbers] * 1e-3
  expect_equal(drawn_of(y)$sd, found$sd * 1e-3)
  a <- pool_effects(effect_sizes(found, "ROM"))
  b <- pool_effects(effect_sizes(drawn_of(y), "ROM"))
  expect_equal(a$beta, b$beta)
  expect_equal(a$se, b$se)
})

test_that("a shared control has one SD in each imputation", {
  x <- holed()
  x$study[2:3] <- "Study 2"
  x$cohort_c[2:3] <- "saline"
  x$n_c[2:3] <- 8
  x$mean_c[2:3] <- 9
  x$sd_c[2:3] <- NA
  drawn <- drawn_of(x)
  expect_identical(nrow(drawn$sd), 4L)
  for (i in 1:5) {
    one <- imputation(effect_sizes(drawn, "ROM"), i)
    expect_identical(one$sd_c[2], one$sd_c[3])
    expect_equal(vcov(one)[2, 3], one$sd_c[2]^2 / 9^2 / 8)
  }
})

test_that("a seed repeats the draws and leaves R's random numbers alone", {
  x <- holed()
  withr::with_preserve_seed({
    set.seed(5)
    expected <- stats::runif(2)
    set.seed(5)
    a <- drawn_of(x)
    expect_identical(stats::runif(2), expected)
    RNGkind("Wichmann-Hill", "Ahrens-Dieter", "Rounding") |> suppressWarnings()
    before <- .Random.seed
    b <- drawn_of(x)
    expect_identical(.Random.seed, before)
    expect_identical(a$sd, b$sd)
    RNGkind("default", "default", "default")
    rm(".Random.seed", envir = globalenv())
    expect_identical(drawn_of(x)$sd, a$sd)
    expect_false(exists(".Random.seed", globalenv(), inherits = FALSE))
    set.seed(8)
    free <- suppressMessages(impute_sd(x, "multiple", m = 2))
    set.seed(8)
    same <- suppressMessages(impute_sd(x, "multiple", m = 2))
    expect_identical(free, same)
    expect_false(identical(drawn_of(x, seed = 12)$sd, a$sd))
    expect_identical(drawn_of(x, m = 2, seed = free$seed), free)
  })
})

test_that("effects hold the draws of the rows that vary, and their Rubin average", {
  x <- drawn_of(holed())
  effects <- effect_sizes(x, "SMD", variance = "UB", direction = "raw")
  expect_s3_class(effects, "mv_effects_imputed")
  expect_identical(effects$rows, c(2L, 3L, 7L))
  one <- effect_sizes(imputation(x, 4), "SMD", variance = "UB")
  expect_equal(imputation(effects, 4), one)
  expect_equal(effects$effects$yi[2], mean(effects$yi[1, ]))
  expect_equal(
    effects$effects$vi[2], mean(effects$vi[1, ]) + 1.2 * stats::var(effects$yi[1, ])
  )
  expect_equal(effects$effects$yi[1], one$yi[1])
  expect_identical(effects$effects$imputed_c, x$comparisons$imputed_c)
  # a variance at the average of the outcome varies in all rows
  expect_identical(effect_sizes(x, "ROM", variance = "AV")$rows, 1:14)
})

test_that("measures without an SD vary in no row", {
  x <- holed()
  x$sd_s[4] <- NA
  x$sd_t <- holed()$sd_s
  x$sd_c <- x$sd_t
  effects <- effect_sizes(drawn_of(x), "SMD")
  expect_identical(effects$rows, integer())
  expect_identical(dim(effects$yi), c(0L, 5L))
  fit <- pool_effects(effects)
  plain <- pool_effects(effect_sizes(x, "SMD"))
  for (name in c("beta", "se", "ci_lower", "p_value", "df", "tau2")) {
    expect_equal(unname(fit[[name]]), unname(plain[[name]]), tolerance = 1e-12)
  }
  expect_identical(unname(fit$imputed$fmi), 0)
})

test_that("a row is pooled in all imputations or in none", {
  x <- holed()
  x$greater_is_worse <- FALSE
  x$mean_s <- x$mean_c + c(1.6, 4)[1 + (seq_len(14) %% 3 > 0)]
  effects <- suppressWarnings(effect_sizes(drawn_of(x, m = 20), "NMD"))
  expect_identical(is.na(effects$effects$fieller_lower[c(1, 2)]), c(FALSE, TRUE))
  fit <- pool_effects(effects)
  expect_identical(fit$k, sum(effects$effects$pooled))
  expect_identical(
    imputation(effects, 1)$pooled, imputation(effects, 20)$pooled
  )
})

test_that("subset() takes rows of every part", {
  x <- holed()
  x$dose <- seq_len(14)
  effects <- effect_sizes(drawn_of(x), "ROM")
  some <- subset(effects, dose > 2)
  expect_identical(some$effects$dose, 3:14)
  expect_identical(some$rows, c(1L, 5L))
  expect_equal(imputation(some, 2), imputation(effects, 2)[3:14, ], ignore_attr = TRUE)
  expect_error(subset(effects, dose), class = "mv_error_flag")
})

test_that("nesting goes through every imputation", {
  x <- holed()
  x$study <- rep(paste("Study", 1:7), each = 2)
  effects <- effect_sizes(drawn_of(x), "SMD")
  expect_error(pool_effects(effects), class = "mv_error_dependent")
  nested <- nest_outcomes(effects, by = study)
  expect_s3_class(nested, "mv_effects_imputed")
  direct <- nest_outcomes(imputation(effects, 3), by = study)
  expect_equal(imputation(nested, 3)$yi, direct$yi)
  expect_equal(imputation(nested, 3)$vi, direct$vi)
  expect_identical(nested$effects$imputed_t, seq_len(7) %in% c(1, 4))
  expect_identical(pool_effects(nested)$k, 7L)
  gls <- nest_outcomes(effects, by = "study", rule = "V", rho = 0.5)
  expect_equal(
    imputation(gls, 2)$vi,
    nest_outcomes(imputation(effects, 2), by = study, rule = "V", rho = 0.5)$vi
  )
  expect_output(print(nested), "5 imputations, seed 11")
  expect_error(nest_outcomes(effects), "must name columns")
})

test_that("imputations print", {
  expect_snapshot(print(drawn_of(holed()), n = 2))
  expect_snapshot(print(effect_sizes(drawn_of(holed()), "SMD"), n = 3))
  expect_identical(
    as.data.frame(effect_sizes(drawn_of(holed()), "SMD"))$study, holed()$study
  )
})

test_that("what needs one table says so", {
  x <- drawn_of(holed())
  effects <- effect_sizes(x, "SMD")
  expect_snapshot(imputation(x, 6), error = TRUE)
  expect_error(imputation(x, 0), class = "mv_error_number")
  expect_snapshot(imputation(holed(), 1), error = TRUE)
  expect_snapshot(vcov(effects), error = TRUE)
  expect_error(pool_effects(x), class = "mv_error_class")
  expect_error(impute_sd(x), class = "mv_error_class")
  expect_error(effect_sizes(x, "SMDX"), "Did you mean", class = "mv_error_choice")
  expect_s3_class(forest(effects), "ggplot")
})

test_that("an error in one imputation is told, not left out of the mean", {
  expect_error(quietly(stop_user("No fit.", "fit")), class = "mv_error_fit")
  expect_silent(quietly(warn_user("Told before.", "rows")))
})
