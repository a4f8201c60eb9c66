test_that("at an end twice the log-likelihood has fallen by the quantile", {
  fits <- list(
    three_levels(), three_levels(method = "ML"), by_outcome("CS"), by_outcome("HCS"),
    by_outcome("AR"), by_outcome("HAR"), by_outcome("DIAG")
  )
  for (fit in fits) {
    ends <- confint(fit, type = "components", level = 0.9)
    for (parameter in fit$components$parameter) {
      bounds <- unlist(fit$parameters[fit$parameters$parameter == parameter,
        c("lower", "upper")
      ])
      inside <- ends[parameter, ] != bounds
      for (end in ends[parameter, inside]) {
        expect_equal(drop_at(fit, parameter, end), qchisq(0.9, 1), tolerance = 1e-6)
      }
    }
  }
})

test_that("the ends hold the estimate, and a higher level is wider", {
  fit <- three_levels()
  wide <- confint(fit, type = "components", level = 0.99)
  narrow <- confint(fit, type = "components", level = 0.5)
  estimate <- fit$components$estimate
  variances <- fit$components$parameter
  expect_true(all(narrow[variances, 1] < estimate & estimate < narrow[variances, 2]))
  expect_true(all(wide[, 1] <= narrow[, 1] & narrow[, 2] <= wide[, 2]))
  expect_identical(colnames(narrow), c("25 %", "75 %"))
  expect_equal(wide["sd(study)", ]^2, wide["var(study)", ])
})

test_that("a change of unit changes the interval by its square", {
  effects <- three_outcomes()
  ends <- confint(pool_effects(effects, random = ~ 1 | study / .row), type = "components")
  effects$yi <- 1000 * effects$yi
  effects$vi <- 1e6 * effects$vi
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  large <- confint(fit, type = "components")
  expect_equal(large[1, ], 1e6 * ends[1, ], tolerance = 1e-7)
})

test_that("of two levels UN has the intervals of HCS, and slopes those of levels", {
  effects <- subset(three_outcomes(), outcome != "c")
  effects$is_a <- as.double(effects$outcome == "a")
  effects$is_b <- 1 - effects$is_a
  un <- confint(by_outcome("UN", effects), type = "components")
  hcs <- confint(by_outcome("HCS", effects), type = "components")
  expect_equal(unname(un), unname(hcs), tolerance = 1e-7)
  slopes <- pool_effects(effects, mods = ~ outcome - 1,
    random = ~ 0 + is_a + is_b | study, struct = "GEN"
  )
  expect_equal(unname(confint(slopes, type = "components")), unname(un), tolerance = 1e-7)
})

test_that("an unstructured part has the same intervals in any order of its levels", {
  effects <- three_outcomes()
  ends <- confint(by_outcome("UN", effects), type = "components")
  effects$outcome <- factor(effects$outcome, c("c", "a", "b"))
  turned <- confint(by_outcome("UN", effects), type = "components")
  variances <- sprintf("var(outcome=%s | study)", c("a", "b", "c"))
  expect_equal(turned[variances, ], ends[variances, ], tolerance = 1e-6)
  expect_equal(turned["cor(outcome=c, outcome=b | study)", ],
    ends["cor(outcome=b, outcome=c | study)", ], tolerance = 1e-6
  )
})

test_that("the score is the slope of the profile, of each kind of parameter", {
  check <- function(fit, at) {
    problem <- hold_parameter(fit, at)
    point <- \(value) profile_at(problem, value, problem$theta)
    value <- 0.8 * problem$estimate + 0.01
    step <- 1e-4 * abs(value)
    numeric <- (point(value + step)$log_lik - point(value - step)$log_lik) / (2 * step)
    expect_equal(point(value)$slope, numeric, tolerance = 1e-5)
  }
  for (at in 1:2) check(three_levels(), at)
  un <- by_outcome("UN")
  for (at in 1:6) check(un, at)
  har <- by_outcome("HAR")
  for (at in 1:4) check(har, at)
})

test_that("held at the estimate nothing changes, of a turned matrix too", {
  fit <- by_outcome("UN")
  for (at in 1:6) {
    problem <- hold_parameter(fit, at)
    expect_equal(problem$estimate, fit$theta[[at]])
    top <- profile_at(problem, problem$estimate, problem$theta)
    expect_equal(top$log_lik, log_lik_of(fit), tolerance = 1e-10)
    expect_equal(top$theta, problem$theta, tolerance = 1e-5)
  }
})

test_that("a correlation is held where it is said, from any start", {
  for (at in 4:6) {
    problem <- hold_parameter(by_outcome("UN"), at)
    for (value in c(-1, -0.9, 0.9, 1)) {
      found <- profile_at(problem, value, problem$theta)
      # at 1 a variance can be 0, and there is nothing to correlate
      if (abs(value) < 1) expect_equal(found$theta[problem$held], value)
      expect_lt(found$log_lik, problem$maximum - 1)
    }
  }
})

test_that("an end is the bound that is not excluded", {
  effects <- data.frame(
    study = rep(1:8, each = 2), vi = 0.2,
    yi = rep(c(.2, .1, -.3, .4, 0, -.1, .3, -.2), each = 2) + c(0.3, -0.3)
  )
  fit <- pool_effects(effects, random = ~ 1 | study / .row)
  expect_true(all(fit$components$boundary))
  ends <- confint(fit, type = "components")
  expect_identical(unname(ends[, 1]), rep(0, 4))
  drop <- drop_at(fit, "var(study/.row)", ends["var(study/.row)", 2])
  expect_equal(drop, qchisq(0.95, 1), tolerance = 1e-6)
})

test_that("the variance of two groups that differ by much has no upper end", {
  effects <- data.frame(
    study = rep(1:2, each = 5), vi = 0.1, yi = c(1:5 / 10, 3 + 1:5 / 10)
  )
  fit <- pool_effects(effects, random = ~ 1 | study)
  expect_identical(confint(fit, type = "components", level = 0.9999)[1, 2], Inf)
  expect_lt(confint(fit, type = "components", level = 0.95)[1, 2], Inf)
})

test_that("parameters that are tied have one interval, fixed ones none", {
  fit <- three_levels(tie = list(c("var(study)", "var(study/.row)")))
  ends <- confint(fit, type = "components")
  expect_identical(unname(ends[1, ]), unname(ends[3, ]))
  tied <- update(fit, tie = NULL,
    fix = c("var(study)" = ends[1, 2], "var(study/.row)" = ends[1, 2])
  )
  expect_equal(2 * (log_lik_of(fit) - log_lik_of(tied)), qchisq(0.95, 1),
    tolerance = 1e-6
  )
  fixed <- three_levels(fix = c("var(study)" = 0.1))
  expect_identical(rownames(confint(fixed, type = "components")),
    c("var(study/.row)", "sd(study/.row)")
  )
  expect_error(confint(fixed, "var(study)", type = "components"),
    "fixed has no profile", class = "mv_error_fixed"
  )
  all <- three_levels(fix = c("var(study)" = 0.1, "var(study/.row)" = 0.1))
  expect_error(confint(all, type = "components"), class = "mv_error_fixed")
})

test_that("coefficients are as ever", {
  fit <- three_levels()
  half <- qt(0.975, fit$df) * fit$se
  expect_equal(unname(confint(fit)), cbind(fit$beta - half, fit$beta + half),
    ignore_attr = TRUE
  )
})

test_that("parameters are named or numbered, and a wrong name is answered", {
  fit <- three_levels()
  one <- confint(fit, "sd(study)", type = "components")
  expect_identical(one, confint(fit, 1, type = "components"))
  expect_identical(rownames(one), c("var(study)", "sd(study)"))
  expect_error(confint(fit, "var(studdy)", type = "components"),
    "Did you mean \"var\\(study\\)\"", class = "mv_error_parm"
  )
  expect_error(confint(fit, 3, type = "components"), "has 3, and the fit has 2",
    class = "mv_error_parm"
  )
  expect_error(confint(fit, type = "components", level = 95), class = "mv_error_level")
  expect_error(confint(fit, type = "tau2"), class = "mv_error_choice")
})

test_that("a fit without random parts has no profile", {
  fit <- pool_effects(three_outcomes()[seq(1, 170, 5), ], dependence = "ignore")
  expect_error(profile(fit), "no random parts", class = "mv_error_random")
  expect_error(confint(fit, type = "components"), class = "mv_error_choice")
})

test_that("profile() goes from end to end, and through the estimate", {
  fit <- three_levels()
  x <- profile(fit, "var(study)", level = 0.9, points = 11)
  expect_s3_class(x, "mv_profile")
  expect_named(x,
    c("parameter", "kind", "value", "log_lik", "z", "estimate", "maximum")
  )
  ends <- confint(fit, "var(study)", type = "components", level = 0.9)
  expect_equal(range(x$value), unname(ends[1, ]))
  expect_equal(range(x$z), c(-1, 1) * sqrt(qchisq(0.9, 1)), tolerance = 1e-6)
  expect_true(fit$theta[[1]] %in% x$value)
  expect_false(is.unsorted(x$value, strictly = TRUE))
  expect_false(is.unsorted(x$z, strictly = TRUE))
  expect_equal(x$log_lik[3], log_lik_of(update(fit, fix = c("var(study)" = x$value[3]))))
  expect_error(profile(fit, points = 2), class = "mv_error_number")
})

test_that("a profile above the maximum is told", {
  fit <- three_levels()
  fit$loglik[["reml"]] <- fit$loglik[["reml"]] - 0.1
  expect_warning(confint(fit, 1, type = "components"), "higher by 0.1",
    class = "mv_warning_higher_maximum"
  )
})

test_that("metafor 5.2 finds the same intervals (district / school)", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  x <- metadat::dat.konstantopoulos2011
  fit <- pool_effects(x, random = ~ 1 | district / school)
  their <- metafor::rma.mv(yi, vi, random = ~ 1 | district / school, data = x)
  ends <- confint(fit, type = "components")
  for (j in 1:2) {
    theirs <- stats::confint(their, sigma2 = j, control = list(tol = 1e-10))$random
    expect_equal(unname(ends[2 * j - 1, ]), unname(theirs[1, 2:3]), tolerance = 1e-6)
  }
})

test_that("metafor 5.2 finds the same intervals (unstructured, by outcome)", {
  skip_if_not_installed("metafor")
  fit <- by_outcome("UN")
  their <- metafor::rma.mv(yi, vi, mods = ~ outcome - 1, random = ~ outcome | study,
    struct = "UN", data = three_outcomes()
  )
  ends <- confint(fit, type = "components")
  theirs <- stats::confint(their, tau2 = 2)$random
  expect_equal(unname(ends["var(outcome=b | study)", ]), unname(theirs[1, 2:3]),
    tolerance = 1e-4
  )
  theirs <- stats::confint(their, rho = 3)$random
  expect_equal(unname(ends["cor(outcome=b, outcome=c | study)", ]),
    unname(theirs[1, 2:3]), tolerance = 1e-4
  )
})
