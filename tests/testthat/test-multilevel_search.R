# Models whose highest maximum is hard to find. What each once did wrong: 1, 2 steps to
# and fro beside a saddle, with an ever smaller gain; 3, 4 a singular G, whose Cholesky
# factor can turn, taken for parameters that the data cannot tell; 5, 6, 7 a correlation
# that went to its bound while the variance was 0, and stayed there.

hard_table <- function(case) {
  data <- case$data
  if (is.null(case$cluster)) return(list(data = data, V = NULL))
  of <- data[[case$cluster]]
  V <- case$rho * outer(of, of, "==") * sqrt(outer(data$vi, data$vi))
  diag(V) <- data$vi
  list(data = data, V = V)
}

hard_fit <- function(case) ml_fit(case, hard_table(case))

likelihood_of <- function(fit) fit$loglik[[if (fit$method == "REML") "reml" else "ml"]]

test_that("the highest maximum is found where searches fail", {
  for (case in ml_fixture("multilevel_hard")) {
    fit <- hard_fit(case)
    expect_equal(likelihood_of(fit) - case$loglik, 0, tolerance = 1e-8)
    expect_lt(fit$evaluations, 2000)
  }
})

test_that("a singular information is told apart from a singular G", {
  case <- ml_fixture("multilevel_hard")[[4]]
  # of the outcomes of an experiment only the differences are left
  case$mods <- ~ 0 + factor(experiment)
  expect_error(hard_fit(case), class = "mv_error_random_flat")
})

test_that("a change of unit changes nothing but the unit", {
  for (case in ml_fixture("multilevel_hard")) {
    fit <- hard_fit(case)
    for (unit in c(1e-3, 1e3)) {
      scaled <- case
      scaled$data$yi <- unit * case$data$yi
      scaled$data$vi <- unit^2 * case$data$vi
      again <- hard_fit(scaled)
      df <- fit$k - if (fit$method == "REML") length(fit$beta) else 0
      expect_equal(likelihood_of(again) + df * log(unit), likelihood_of(fit),
        tolerance = 1e-8)
    }
  }
})

# ---- slopes over a column far from 0 -------------------------------------------------

# Invented. The slopes of three outcomes differ by more than a variance of slopes allows
# that adds to a row, where the column is, no more than there is to explain.
far_slopes <- function() {
  year <- c(1999, 2001, 2002, 2004, 2005, 2006, 2008, 2009, 2011, 2013, 2014, 2016)
  data <- expand.grid(outcome = c("a", "b", "c"), year = year, stringsAsFactors = FALSE)
  slope <- c(a = -0.05, b = 0.02, c = 0.06)[data$outcome]
  mean <- c(a = 0.2, b = -0.4, c = 0.5)[data$outcome]
  data$yi <- unname(mean + slope * (data$year - 2008) + 0.1 * sin(7 * seq_len(36)))
  data$vi <- 0.04
  data$far <- data$year - 1500
  data
}

test_that("variances far larger than what there is to explain are tried", {
  fit_of <- \(random) {
    pool_effects(as_effects(far_slopes()), ~far, random, struct = "GDIAG", test = "z")
  }
  expect_warning(fit <- fit_of(~ far | outcome), class = "mv_warning_random_far")
  # rma.mv() of metafor 5.2-1 with tau2 = the two variances; its own search ends at -9.93,
  # where the intercept has 0.053
  expect_equal(likelihood_of(fit), 3.6747393300, tolerance = 1e-9)
  expect_equal(fit$theta[[1]], 729.9698, tolerance = 1e-4)
  # the intercept as a part by itself
  apart <- fit_of(list(~ 1 | outcome, ~ 0 + far | outcome))
  expect_equal(likelihood_of(apart), likelihood_of(fit), tolerance = 1e-8)
})

# By whole matrices, from many starts. With a correlation of -1 the two SDs cancel at a
# ratio on whose other side is a lower maximum.
test_that("slopes with a fixed variance have the highest maximum", {
  effects <- rare_slopes()
  highest <- c("1" = -50.99869, "4.59" = -52.62970)
  for (variance in names(highest)) {
    fit <- pool_effects(effects, random = ~ 1 + rare | study, struct = "GEN",
      fix = c("var(rare | study)" = as.numeric(variance))
    )
    expect_equal(fit$loglik[["reml"]], highest[[variance]], tolerance = 1e-7)
  }
})
