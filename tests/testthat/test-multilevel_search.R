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
