# ---- beside metafor ------------------------------------------------------------------

bcg_effects <- function() {
  bcg <- metafor::escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
    data = metadat::dat.bcg
  )
  data.frame(yi = c(bcg$yi), vi = c(bcg$vi), ablat = bcg$ablat)
}

bangert_effects <- function() {
  bangert <- metadat::dat.bangertdrowns2004
  bangert <- bangert[stats::complete.cases(bangert[c("length", "meta")]), ]
  data.frame(
    yi = c(bangert$yi), vi = bangert$vi, length = bangert$length, meta = bangert$meta
  )
}

# Both fits of independent effects, each by all its diagnostics. Fisher scoring of
# metafor run on until tau2 changes by less than 1e-12.
expect_metafor <- function(effects, mods, test, tolerance = 1e-8) {
  theirs <- metafor::rma(yi, vi, mods = mods, data = effects, test = test,
    control = list(threshold = 1e-12, maxiter = 10000, stepadj = 0.5)
  )
  fit <- pool_effects(as_effects(effects), mods, test = test)
  found <- influence(fit)
  inf <- stats::influence(theirs)$inf
  same <- \(a, b) expect_equal(unname(a), unname(b), tolerance = tolerance)
  same(found$cook, inf$cook.d)
  same(found$rstudent, inf$rstudent)
  same(found$dffits, inf$dffits)
  same(found$cov_ratio, inf$cov.r)
  same(found$tau2, inf$tau2.del)
  same(found$QE, inf$QE.del)
  same(found$hat, inf$hat)
  same(dfbetas(fit), as.matrix(stats::dfbetas(theirs)))
  same(cooks.distance(fit), stats::cooks.distance(theirs))
  student <- stats::rstudent(theirs)
  same(rstudent(fit)$resid, student$resid)
  same(rstudent(fit)$se, student$se)
  same(found$influential, stats::influence(theirs)$is.infl)
}

test_that("diagnostics of independent effects are metafor's", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  for (test in c("z", "knha", "adhoc")) {
    expect_metafor(bcg_effects(), ~1, test)
    expect_metafor(bcg_effects(), ~ablat, test)
    expect_metafor(bangert_effects(), ~ length + meta, test)
  }
})

test_that("leaving out one effect is metafor's leave1out()", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  effects <- bcg_effects()
  theirs <- metafor::leave1out(metafor::rma(yi, vi,
    data = effects, control = list(threshold = 1e-12, maxiter = 1000)
  ))
  fit <- pool_effects(as_effects(effects), test = "z")
  found <- leave_one_out(fit)
  names <- c(
    estimate = "estimate", se = "se", p_value = "pval", ci_lower = "ci.lb",
    ci_upper = "ci.ub", tau2 = "tau2", I2 = "I2"
  )
  for (name in names(names)) {
    expect_equal(found[[name]], theirs[[names[[name]]]], tolerance = 1e-8)
  }
  expect_equal(influence(fit)$QE, theirs$Q, tolerance = 1e-10)
})

# metafor's optimiser stops where the log-likelihood changes by less than `reltol` of
# itself, here 1e-15; its parameters are right to about the root of that, times what the
# flatness of the likelihood adds, and its diagnostics to as much. (nlminb() with so small
# a threshold often says that it failed.)
exact_control <- list(
  optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 5000
)

# By clusters, or by rows where these are all different.
expect_metafor_mv <- function(theirs, fit, cluster, reestimate, tolerance) {
  found <- influence(fit, .env$cluster, reestimate)
  same <- \(a, b) {
    known <- !is.na(b)
    expect_gt(mean(known), 0.8)
    expect_equal(unname(c(a))[known], unname(b)[known], tolerance = tolerance)
  }
  at <- match(sort(unique(cluster)), unique(cluster)) # metafor sorts its clusters
  cook <- stats::cooks.distance(theirs, cluster = cluster, reestimate = reestimate)
  same(found$cook[at], c(cook))
  betas <- stats::dfbetas(theirs, cluster = cluster, reestimate = reestimate)
  same(dfbetas(fit, .env$cluster, reestimate)[at, ], unlist(betas))
  student <- stats::rstudent(theirs, cluster = cluster, reestimate = reestimate)
  rows <- if (is.null(student$obs)) student else student$obs
  same(rstudent(fit, .env$cluster, reestimate)$z, rows$z)
  if (is.null(student$obs)) return(invisible())
  same(found$X2[at], student$cluster$X2)
  same(found$X2_df[at], student$cluster$k)
}

test_that("diagnostics of a three-level model are metafor's", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  schools <- metadat::dat.konstantopoulos2011
  theirs <- metafor::rma.mv(yi, vi,
    random = ~ 1 | district / school, data = schools, control = exact_control
  )
  effects <- as_effects(data.frame(
    yi = c(schools$yi), vi = c(schools$vi), district = schools$district,
    school = schools$school
  ))
  fit <- pool_effects(effects, random = ~ 1 | district / school)
  for (reestimate in c(TRUE, FALSE)) {
    expect_metafor_mv(theirs, fit, schools$district, reestimate, 1e-6)
  }
})

test_that("diagnostics of a multivariate model with V are metafor's, also by row", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  berkey <- metadat::dat.berkey1998
  V <- metafor::vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = berkey)
  effects <- as_effects(
    data.frame(yi = c(berkey$yi), outcome = berkey$outcome, trial = berkey$trial),
    yi = yi, V = V, study = trial
  )
  fit <- pool_effects(effects, ~ outcome - 1, random = ~ outcome | trial, struct = "UN")
  model <- \(...) {
    metafor::rma.mv(yi, V,
      mods = ~ outcome - 1, random = ~ outcome | trial, struct = "UN", data = berkey,
      control = exact_control, ...
    )
  }
  theta <- unname(fit$theta)
  same <- model(tau2 = theta[1:2], rho = theta[3])
  expect_metafor_mv(same, fit, berkey$trial, FALSE, 1e-8)
  expect_metafor_mv(same, fit, seq_len(fit$k), FALSE, 1e-8)
  # Here the likelihood is flat: metafor's parameters are 6e-5 of themselves away, at a
  # log-likelihood that is 4e-9 lower.
  searched <- model()
  expect_gte(fit$loglik[["reml"]], as.numeric(logLik(searched)) - 1e-10)
  expect_metafor_mv(searched, fit, berkey$trial, TRUE, 5e-4)
  expect_metafor_mv(searched, fit, seq_len(fit$k), TRUE, 5e-4)
})

test_that("diagnostics of studies with many effects and a moderator are metafor's", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  assink <- metadat::dat.assink2016
  theirs <- metafor::rma.mv(yi, vi,
    mods = ~deltype, random = ~ 1 | study / esid, data = assink, control = exact_control
  )
  effects <- as_effects(data.frame(
    yi = c(assink$yi), vi = c(assink$vi), study = assink$study, esid = assink$esid,
    deltype = assink$deltype
  ))
  fit <- pool_effects(effects, ~deltype, random = ~ 1 | study / esid)
  expect_metafor_mv(theirs, fit, assink$study, FALSE, 1e-6)
  expect_metafor_mv(theirs, fit, assink$study, TRUE, 1e-5)
})

# ---- by definition -------------------------------------------------------------------

test_that("Cook's distance is the change of the coefficients by their covariance", {
  effects <- crossed_effects()
  fit <- pool_effects(effects, ~dose, random = list(~ 1 | study / .row, ~ 1 | strain))
  fits <- refits_by_hand(fit, effects$study)
  change <- vapply(fits, \(one) fit$beta - one$beta, c(0, 0))
  by_hand <- colSums(change * solve(fit$vcov, change))
  found <- influence(fit, study)
  expect_equal(found$cook, by_hand, tolerance = 1e-6)
  expect_equal(unname(cooks.distance(fit, study)), found$cook)
  expect_identical(names(cooks.distance(fit, study)), unique(effects$study))
  ratio <- vapply(fits, \(one) det(one$vcov) / det(fit$vcov), 0)
  expect_equal(found$cov_ratio, ratio, tolerance = 1e-6)
  expect_equal(found$QE, column_of(fits, \(one) one$Q), tolerance = 1e-10)
  expect_equal(found$hat, as.vector(tapply(hatvalues(fit),
    factor(effects$study, unique(effects$study)), sum
  )))
})

test_that("DFBETAS and X2 are what their definitions say, with V and crossed parts", {
  effects <- crossed_effects()
  fit <- pool_effects(effects, ~dose, random = list(~ 1 | study / .row, ~ 1 | strain))
  rows <- which(effects$study == "S 2")
  one <- update(fit, effects = effects[-rows, ])
  whole <- update(fit, fix = one$theta)
  expect_equal(dfbetas(fit, study)[2, ], (fit$beta - one$beta) / whole$se,
    tolerance = 1e-6
  )
  M <- vcov(effects[rows, ]) + one$theta[["var(study)"]] +
    diag(one$theta[["var(study/.row)"]], length(rows)) +
    one$theta[["var(strain)"]] * outer(effects$strain[rows], effects$strain[rows], `==`)
  S <- M + fit$X[rows, ] %*% one$vcov %*% t(fit$X[rows, ])
  resid <- effects$yi[rows] - drop(fit$X[rows, ] %*% one$beta)
  expect_equal(influence(fit, study)$X2[2], sum(resid * solve(S, resid)),
    tolerance = 1e-6
  )
  student <- rstudent(fit, study)[rows, ]
  expect_equal(student$resid, resid, tolerance = 1e-6)
  expect_equal(student$se, unname(sqrt(diag(S))), tolerance = 1e-6)
  expect_equal(student$z, student$resid / student$se)
})

test_that("a change of unit and origin of a moderator changes no diagnostic", {
  effects <- crossed_effects()
  effects$year <- 1990 + round(5 * effects$dose)
  for (random in list(NULL, ~ 1 | study / .row)) {
    fit <- pool_effects(effects, ~ dose + year, random = random, dependence = "ignore")
    effects$later <- 1e6 * (effects$year - 1900)
    other <- pool_effects(effects, ~ dose + later, random = random, dependence = "ignore")
    expect_equal(cooks.distance(other, study), cooks.distance(fit, study),
      tolerance = 1e-8
    )
    expect_equal(dfbetas(other, study)[, 3], dfbetas(fit, study)[, 3], tolerance = 1e-8)
  }
})

test_that("a row that alone decides a coefficient is flagged", {
  effects <- as_effects(data.frame(
    study = letters[1:8], yi = c(1, 2, 1.5, 0.7, 1.1, 1, 0.9, 1.2), vi = 0.1,
    dose = c(1, 0, 0, 0, 0, 0, 0, 0)
  ))
  fit <- pool_effects(effects, ~dose)
  found <- influence(fit)
  expect_identical(found$status[1], "no estimate of dose")
  expect_true(is.na(found$cook[1]) && !anyNA(found$cook[-1]))
  expect_equal(found$hat[1], 1)
  expect_true(found$influential[1])
})

test_that("a far study is influential, and clusters sum leverages", {
  effects <- crossed_effects()
  effects <- as_effects(data.frame(
    yi = effects$yi, vi = effects$vi, study = effects$study
  ))
  effects$yi[effects$study == "S 5"] <- 9
  fit <- pool_effects(effects, dependence = "ignore")
  found <- influence(fit, study)
  expect_identical(found$left_out[found$influential], "S 5")
  expect_equal(sum(found$hat), 1)
  expect_identical(found$rows, rep(c(3L, 4L, 2L), 4))
  expect_false(any(c("rstudent", "dffits") %in% names(found)))
})

test_that("wrong input is an error that says so", {
  fit <- pool_effects(crossed_effects(), random = ~ 1 | study / .row)
  for (run in list(influence, cooks.distance, dfbetas, rstudent)) {
    expect_error(run(fit, cluster = stdy), class = "mv_error_column")
    expect_error(run(fit, reestimate = "no"), class = "mv_error_flag")
    imputed <- fit
    imputed$imputed <- list(m = 2)
    expect_error(run(imputed), class = "mv_error_imputed")
  }
})
