test_that("CR2 of a mean of equal effects, each its own cluster, is that of a t test", {
  data <- data.frame(study = letters[1:5], yi = c(1, 2, 4, 4, 9), vi = 7)
  fit <- robust(pool_effects(as_effects(data), method = "EE"))
  known <- t.test(data$yi)
  expect_equal(fit$se[[1]], known$stderr, tolerance = 1e-14)
  expect_equal(fit$df[[1]], 4, tolerance = 1e-13)
  expect_equal(fit$p_value[[1]], known$p.value, tolerance = 1e-12)
  expect_equal(unname(drop(confint(fit))), known$conf.int[1:2], tolerance = 1e-13)
  expect_equal(robust(fit, type = "CR0")$se[[1]], sqrt(38) / 5, tolerance = 1e-14)
  expect_equal(robust(fit, type = "CR1")$se[[1]], known$stderr, tolerance = 1e-14)
  expect_equal(robust(fit, type = "CR1p")$se[[1]], known$stderr, tolerance = 1e-14)
})

# sum_j F X_j'W_j A_j (M - X F X')_jj A_j W_j X_j F = F
test_that("CR2 is unbiased where the model is right: the equation that defines it", {
  data <- some_clusters()
  fit <- clustered_fit(data, ~ dose + I(dose^2))
  m <- diag(fit$vi + fit$tau2)
  w <- solve(m)
  bread <- solve(t(fit$X) %*% w %*% fit$X)
  residual <- m - fit$X %*% bread %*% t(fit$X)
  expected <- meat <- 0
  for (rows in split(seq_len(fit$k), data$study)) {
    d <- sqrt(m[rows, rows, drop = FALSE])
    b <- eigen(d %*% residual[rows, rows] %*% d, symmetric = TRUE)
    root <- b$vectors %*% (b$values^-0.5 * t(b$vectors))
    g <- d %*% root %*% d %*% w[rows, rows] %*% fit$X[rows, , drop = FALSE] %*% bread
    expected <- expected + t(g) %*% residual[rows, rows] %*% g
    meat <- meat + tcrossprod(t(g) %*% residuals(fit)[rows])
  }
  expect_equal(unname(expected), unname(bread), tolerance = 1e-12)
  found <- robust(fit)
  expect_equal(vcov(found), meat, tolerance = 1e-11)
  expect_equal(unname(found$robust$share), c(1, 1, 1), tolerance = 1e-12)
  expect_true(all(robust(fit, type = "CR0")$robust$share < 1))
})

test_that("covariance, df and joint test agree with clubSandwich on metadat's sets", {
  skip_if_not_installed("clubSandwich")
  skip_if_not_installed("metadat")
  # the two largest take clubSandwich a minute, so they are left out here
  large <- c("dat.moura2021$dat", "dat.mccurdy2020")
  for (recipe in Filter(\(one) !one$set %in% large, clustered_recipes())) {
    effects <- clustered_effects(recipe)
    for (mods in c(~1, ~x)) {
      fit <- suppressWarnings(clustered_fit(effects, mods))
      peer <- their_fit(fit, mods, effects)
      for (type in robust_types) {
        got <- robust(fit, study, type = type)
        # the joint test of a coefficient that one cluster decides divides by rounding
        if (min(got$robust$share) < if (type == "CR2") 0.99 else 1e-3) next
        want <- their_robust(peer, effects$study, type)
        at <- paste(recipe$set, deparse(mods), type)
        size <- sqrt(diag(want$vcov))
        expect_lt(max(abs(vcov(got) - want$vcov) / outer(size, size)), 1e-10, label = at)
        expect_lt(max(abs(got$df / want$df - 1)), 1e-10, label = at)
        if (is.null(want$df2)) next
        joint <- anova(got, terms = seq_len(got$p))
        expect_lt(abs(joint$statistic / want$statistic - 1), 1e-9, label = at)
        expect_lt(abs(joint$df2 / want$df2 - 1), 1e-9, label = at)
        expect_lt(abs(joint$p_value - want$p_value), 1e-10, label = at)
      }
    }
  }
})

test_that("a coefficient that one cluster decides agrees with clubSandwich elsewhere", {
  skip_if_not_installed("clubSandwich")
  data <- some_clusters()
  data$odd <- as.double(data$study == "Simulated 7")
  fit <- clustered_fit(data, ~ dose + odd)
  got <- robust(fit)
  want <- clubSandwich::coef_test(their_fit(fit, ~ dose + odd, data),
    vcov = "CR2", cluster = data$study
  )
  expect_equal(unname(got$se), want$SE, tolerance = 1e-8)
  expect_equal(unname(got$df), want$df_Satt, tolerance = 1e-8)
  expect_gt(got$robust$share[["dose"]], 0.99)
  expect_lt(got$robust$share[["odd"]], 0.99)
  expect_output(print(got), "odd: partly decided by one cluster alone")
  none <- robust(clustered_fit(data, ~ 0 + odd + I(1 - odd)))
  expect_identical(is.na(none$se), c(odd = TRUE, "I(1 - odd)" = FALSE))
  expect_identical(is.na(none$p_value), is.na(none$se))
  expect_output(print(none), "odd: decided by one cluster alone")
  expect_true(is.na(anova(none, terms = 1:2)$p_value))
})

test_that("CR1 agrees with metafor::robust()", {
  skip_if_not_installed("metafor")
  data <- some_clusters()
  fit <- clustered_fit(data)
  peer <- metafor::robust(their_fit(fit, ~dose, data), cluster = data$study)
  # metafor's default is m / (m - p)
  expect_equal(unname(robust(fit, type = "CR1p")$se), peer$se, tolerance = 1e-10)
})

test_that("order of rows, names of clusters and units change nothing", {
  data <- some_clusters()
  fit <- robust(clustered_fit(data))
  same <- function(other, tolerance = 1e-11) {
    expect_equal(vcov(other), vcov(fit), tolerance = tolerance)
    expect_equal(other$df, fit$df, tolerance = tolerance)
    expect_equal(anova(other, terms = 1:2)$df2, anova(fit, terms = 1:2)$df2,
      tolerance = tolerance
    )
  }
  same(robust(clustered_fit(data[rev(seq_len(nrow(data))), ])))
  shuffled <- withr::with_seed(2, data[sample(nrow(data)), ])
  same(robust(clustered_fit(shuffled)))
  renamed <- data
  renamed$study <- match(data$study, sort(unique(data$study), decreasing = TRUE))
  same(robust(clustered_fit(renamed)))
  for (unit in c(1e-6, 1e6)) {
    scaled <- data
    scaled$yi <- unit * data$yi
    scaled$vi <- unit^2 * data$vi
    other <- robust(clustered_fit(scaled))
    expect_equal(vcov(other) / unit^2, vcov(fit), tolerance = 1e-9)
    expect_equal(other$df, fit$df, tolerance = 1e-9)
  }
  dosed <- data
  dosed$dose <- 2000 + 1e-3 * data$dose
  other <- robust(clustered_fit(dosed))
  expect_equal(other$df[["dose"]], fit$df[["dose"]], tolerance = 1e-6)
  expect_equal(other$statistic[["dose"]], fit$statistic[["dose"]], tolerance = 1e-6)
})

test_that("dense working covariances agree with the diagonal that they are", {
  data <- some_clusters()
  fit <- clustered_fit(data)
  group <- match(data$study, unique(data$study))
  problem <- clustered_problem(fit, group)
  blocks <- problem
  blocks[3] <- list(NULL)
  blocks[[4]] <- unlist(lapply(split(fit$vi + fit$tau2, group), \(v) diag(v, length(v))))
  one <- .Call(mv_robust_vcov, problem, "CR2", diag(2))
  expect_equal(.Call(mv_robust_vcov, blocks, "CR2", diag(2)), one, tolerance = 1e-11)
})

test_that("the design may have no intercept, one column, or powers", {
  data <- some_clusters()
  fit <- robust(clustered_fit(data, ~ 0 + dose))
  expect_equal(fit$QM, fit$statistic[["dose"]]^2)
  many <- robust(clustered_fit(data, ~ poly(dose, 3)))
  expect_equal(many$QM, anova(many)$statistic)
  expect_equal(many$QM_df[1], 3)
})

test_that("predictions have the contrast's own standard error and df", {
  data <- some_clusters()
  fit <- robust(clustered_fit(data))
  at <- predict(fit, newdata = data.frame(dose = c(0, 1, 0)))
  expect_equal(at$se[1], fit$se[["(Intercept)"]], tolerance = 1e-12)
  expect_equal(at[1, ], at[3, ], ignore_attr = TRUE)
  half <- stats::qt(0.975, fit$df[["(Intercept)"]]) * at$se[1]
  expect_equal(at$ci_upper[1], at$estimate[1] + half, tolerance = 1e-12)
  x <- c(1, 1)
  expect_equal(at$se[2], sqrt(drop(x %*% vcov(fit) %*% x)), tolerance = 1e-12)
  moved <- data
  moved$dose <- data$dose - 1
  centred <- robust(clustered_fit(moved))
  half <- stats::qt(0.975, centred$df[["(Intercept)"]]) * at$se[2]
  expect_equal(at$ci_lower[2], at$estimate[2] - half, tolerance = 1e-9)
  whole <- predict(robust(clustered_fit(data, ~1)))
  # 12 clusters and one coefficient
  spread <- sqrt(clustered_fit(data, ~1)$tau2 + whole$se^2)
  expect_equal(whole$pi_upper, whole$estimate + stats::qt(0.975, 11) * spread)
  expect_equal(nrow(predict(fit)), fit$k)
})

test_that("one coefficient's HTZ test is its t test", {
  fit <- robust(clustered_fit())
  found <- anova(fit, terms = "dose")
  expect_equal(found$statistic, fit$statistic[["dose"]]^2, tolerance = 1e-12)
  expect_equal(found$df2, fit$df[["dose"]], tolerance = 1e-12)
  expect_equal(found$p_value, fit$p_value[["dose"]], tolerance = 1e-12)
  expect_equal(c(fit$QM, fit$QM_df, fit$QM_p), unlist(found[-1], use.names = FALSE))
})

test_that("clusters are columns, expressions or values from outside", {
  data <- some_clusters()
  fit <- clustered_fit(data)
  by_lab <- robust(fit, lab)
  expect_identical(by_lab$robust$cluster, "lab")
  expect_identical(by_lab$robust$clusters, 6L)
  expect_false(isTRUE(all.equal(by_lab$se, robust(fit)$se)))
  outside <- factor(data$lab)
  expect_equal(robust(fit, .env$outside)$se, by_lab$se)
  expect_equal(robust(fit, paste(lab))$se, by_lab$se)
  expect_equal(robust(robust(fit), lab)$se, by_lab$se)
  expect_output(print(by_lab), "pooled as if they were independent")
  expect_output(print(robust(fit)), "standard errors allow for it")
})

test_that("rows that are left out of the fit need no cluster", {
  data <- some_clusters()
  data$yi[2] <- NA
  data$lab[2] <- NA
  expect_identical(robust(clustered_fit(data), lab)$robust$clusters, 6L)
})

test_that("the fit keeps what is not of the standard errors, and gives them back", {
  fit <- clustered_fit()
  found <- robust(fit)
  kept <- setdiff(names(fit), replaced_fields)
  expect_identical(unclass(found)[kept], unclass(fit)[kept])
  expect_identical(without_robust(found), fit)
  expect_s3_class(found, c("mv_fit_robust", "mv_fit"), exact = TRUE)
  expect_equal(tidy(found)$df, unname(found$df))
  expect_equal(glance(found)$clusters, 12)
  again <- update(found, method = "DL")
  expect_equal(again$se, robust(clustered_fit(method = "DL"))$se)
  expect_equal(again$robust$type, "CR2")
  expect_silent(forest(robust(clustered_fit(mods = ~1))))
})

test_that("prints say what was done", {
  withr::local_options(width = 90)
  expect_snapshot({
    print(robust(clustered_fit()))
    print(robust(clustered_fit(mods = ~1), lab, type = "CR1"))
    summary(robust(clustered_fit(some_clusters(5), ~1)))
  })
})

test_that("effects that are as fitted have no robust standard error", {
  table <- data.frame(study = rep(1:6, each = 3), vi = 0.05, dose = rep(1:3, 6))
  for (value in c(0, 0.5)) {
    table$yi <- value
    effects <- as_effects(table)
    fits <- list(
      pool_effects(effects, random = ~ 1 | study / .row),
      pool_effects(effects, dependence = "ignore"),
      pool_effects(effects, ~dose, random = ~ 1 | study / .row)
    )
    for (fit in fits) {
      found <- robust(fit, study)
      expect_true(all(is.na(c(found$se, found$df, found$p_value, found$ci_lower))))
      expect_false(any(is.nan(found$statistic)))
      expect_true(all(is.na(predict(found)$ci_lower)))
      expect_output(print(found), "effects are as fitted", fixed = TRUE)
    }
  }
  # the smallest real difference counts
  table$yi[2] <- table$yi[2] + 1e-6
  found <- robust(pool_effects(as_effects(table), random = ~ 1 | study / .row))
  expect_gt(found$se, 0)
})

test_that("what cannot be done says why", {
  data <- some_clusters()
  data$one <- "a"
  data$two <- rep_len(c("a", "b"), nrow(data))
  data$gap <- replace(data$lab, 3, NA)
  fit <- clustered_fit(data)
  plain <- pool_effects(data.frame(yi = c(1, 2, 3), vi = 1))
  expect_snapshot(error = TRUE, {
    robust(fit, one)
    robust(fit, two)
    robust(fit, gap)
    robust(fit, labb)
    robust(fit, NULL)
    robust(fit, type = "CR3")
    robust(fit, lab, adjust = FALSE)
    robust(plain)
    anova(robust(fit), fit)
    anova(robust(clustered_fit(mods = ~1)))
  })
  expect_error(robust(fit, one), class = "mv_error_cluster")
})

test_that("metafor's generic and ours serve each other's fits", {
  skip_if_not_installed("metafor")
  data <- some_clusters()
  fit <- clustered_fit(data)
  expect_equal(metafor::robust(fit, lab), robust(fit, lab))
  peer <- their_fit(fit, ~dose, data)
  expect_equal(robust(peer, cluster = study)$se,
    metafor::robust(peer, cluster = data$study)$se
  )
})

test_that("CR2 of a multilevel fit is unbiased under its own model", {
  for (fit in multilevel_models()[c("nested", "moderator", "structured", "slopes")]) {
    group <- match(fit$effects$study, unique(fit$effects$study))
    by_hand <- dense_fit(fit)
    X <- by_hand$X
    expect_equal(dense_cr2_expectation(by_hand, group), unname(by_hand$bread),
      tolerance = 1e-8
    )
    expect_equal(unname(robust(fit)$vcov), dense_cr2(by_hand, group, residuals(fit)),
      tolerance = 1e-8
    )
  }
})

test_that("a multilevel fit agrees with clubSandwich", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("clubSandwich")
  data <- metadat::dat.assink2016
  V <- metafor::vcalc(vi, cluster = study, obs = esid, data = data, rho = 0.6)
  effects <- as_effects(data, yi = yi, V = V, study = study)
  fit <- robust(pool_effects(effects, ~deltype, random = ~ 1 | study / .row))
  peer <- metafor::rma.mv(yi, V,
    mods = ~deltype, random = ~ 1 | study / esid, data = data,
    # at our components, so that the two differ by rounding alone
    sigma2 = unname(fit$theta)
  )
  their <- clubSandwich::vcovCR(peer, type = "CR2", cluster = data$study)
  expect_equal(unname(fit$vcov), unname(as.matrix(their)), tolerance = 1e-8,
    ignore_attr = TRUE
  )
  test <- clubSandwich::coef_test(peer, vcov = their)
  expect_equal(unname(fit$df), test$df_Satt, tolerance = 1e-6)
  joint <- clubSandwich::Wald_test(peer, clubSandwich::constrain_zero(2:3), vcov = their)
  expect_equal(fit$QM, joint$Fstat, tolerance = 1e-6)
  expect_equal(fit$QM_df[2], joint$df_denom, tolerance = 1e-6)
})

test_that("clusters that the model joins are refused", {
  fits <- multilevel_models()
  expect_error(robust(fits$crossed), "strain", class = "mv_error_cluster")
  expect_error(robust(fits$nested, strain), "Sampling errors", class = "mv_error_cluster")
  effects <- as_effects(multilevel_table(), yi = yi, vi = vi, study = study)
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  expect_error(robust(fit, strain), "study", class = "mv_error_cluster")
})

test_that("a fit of several imputations has no robust standard errors yet", {
  fit <- structure(list(imputed = list()), class = c("mv_fit_imputed", "mv_fit"))
  expect_error(robust(fit), class = "mv_error_imputed")
  expect_error(wild_bootstrap(fit), class = "mv_error_imputed")
})
