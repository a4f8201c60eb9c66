two_studies <- function(...) {
  as_effects(
    yi = c(0.4, 1, 0.7, 0.5), vi = c(0.1, 0.2, 0.4, 0.3), study = c("B", "A", "B", "A"),
    lab = c("x", "y", "x", "y"), dose = 1:4, ...
  ) |> suppressMessages()
}

test_that("the CAMARADES rule by hand", {
  nested <- suppressMessages(nest_outcomes(two_studies(), by = study))
  w <- 1 / c(0.1, 0.4)
  expect_equal(nested$study, c("B", "A"))
  expect_equal(nested$yi[1], sum(w * c(0.4, 0.7)) / sum(w))
  expect_equal(nested$vi[1], 2 / sum(w))
  expect_equal(nested$k_nested, c(2, 2))
  expect_equal(nested$lab, c("x", "y"))
  expect_null(nested$dose)
  expect_equal(nested$computed_from, rep("nested", 2))
})

test_that("compound symmetry by hand, and its ends", {
  es <- suppressMessages(two_studies())
  vi <- function(rho) suppressMessages(nest_outcomes(es, study, "cs", rho))$vi[1]
  v <- c(0.1, 0.4)
  w <- 1 / v
  by_sum <- function(rho) {
    V <- rho * sqrt(outer(v, v))
    diag(V) <- v
    sum(outer(w, w) * V) / sum(w)^2
  }
  for (rho in c(-0.5, 0, 0.3, 1)) expect_equal(vi(rho), by_sum(rho))
  expect_equal(vi(0), 1 / sum(w))
  expect_lte(vi(1), suppressMessages(nest_outcomes(es, study))$vi[1])
})

test_that("equal variances give Borenstein's mean, and all rules the same estimate", {
  es <- as_effects(yi = c(0.2, 0.5, 0.8), vi = 0.3, study = "A")
  cs <- nest_outcomes(es, study, "cs", 0.6)
  expect_equal(cs$yi, 0.5)
  expect_equal(cs$vi, 0.3 / 3 * (1 + 2 * 0.6))
  expect_equal(nest_outcomes(es, study)$vi, 0.3)
  expect_equal(nest_outcomes(es, study, "V")$vi, 0.1)
})

test_that("V is generalised least squares", {
  V <- matrix(c(2, 1, 0.2, 1, 3, 0.5, 0.2, 0.5, 1), 3)
  es <- as_effects(yi = c(1, 2, 4), V = V, study = "A")
  nested <- nest_outcomes(es, study, "V")
  inverse <- solve(V)
  expect_equal(nested$vi, 1 / sum(inverse))
  expect_equal(nested$yi, sum(inverse %*% c(1, 2, 4)) / sum(inverse))
  turned <- nest_outcomes(es[3:1, ], study, "V")
  expect_equal(turned$yi, nested$yi)
})

test_that("V needs rho where the same animals were read twice", {
  pairs <- pairs_of(8, c(12, 9), c(2, 3), 6, c(8, 7), c(2.5, 2),
    study = "A", cohort_t = "t", cohort_c = "c", outcome = c("a", "b")
  )
  es <- effect_sizes(pairs)
  expect_error(nest_outcomes(es, study, "V"), class = "mv_error_rho")
  V <- vcov(es, rho = 0.5)
  nested <- nest_outcomes(es, study, "V", rho = 0.5)
  expect_equal(nested$vi, 1 / sum(solve(V)))
  expect_equal(c(nested$n_t, nested$n_c), c(8, 6))
  expect_equal(nested$measure, "SMD")
})

test_that("one effect is itself, and n that differ are NA", {
  es <- as_effects(yi = c(0.1, 0.2, 0.3), vi = c(0.7, 0.5, 0.5), study = c("A", "B", "B"))
  es$n_t <- c(5, 6, 7)
  for (rule in c("camarades", "cs", "V")) {
    nested <- nest_outcomes(es, study, rule, rho = 0.5)
    expect_identical(c(nested$yi[1], nested$vi[1]), c(0.1, 0.7))
    expect_equal(nested$n_t, c(5, NA))
    expect_equal(nested$k_nested, c(1, 2))
  }
})

test_that("the columns may be named in four ways", {
  es <- two_studies()
  same <- suppressMessages(nest_outcomes(es, by = c(study, lab)))
  expect_equal(suppressMessages(nest_outcomes(es, ~ study + lab)), same)
  expect_equal(suppressMessages(nest_outcomes(es, c("study", "lab"))), same)
  expect_equal(suppressMessages(nest_outcomes(es, "study")$yi), same$yi)
})

test_that("rows without an effect take no part, and are counted", {
  es <- as_effects(yi = c(1, NA, NA), vi = 1, study = c("A", "A", "B"))
  expect_snapshot(nested <- nest_outcomes(es, study))
  expect_equal(nested$k_nested, c(1, 0))
  expect_equal(nested$yi, c(1, NA))
  expect_equal(nested$pooled, c(TRUE, FALSE))
  expect_equal(nested$reason, c(NA, "the estimate is missing"))
})

test_that("mixed groups and bad rules are refused", {
  es <- as_effects(yi = 1:2, vi = 1, study = "A", greater_is_worse = c(TRUE, FALSE))
  mixed <- rbind(
    as_effects(yi = 1, vi = 1, study = "A", measure = "SMD"),
    as_effects(yi = 1, vi = 1, study = "A", measure = "ROM")
  )
  zero <- as_effects(yi = 1:2, vi = 0:1, study = "A")
  expect_snapshot(error = TRUE, {
    nest_outcomes(es, study)
    nest_outcomes(mixed, study)
    nest_outcomes(zero, study)
    nest_outcomes(es, stduy)
    nest_outcomes(es)
    nest_outcomes(mixed, study, "cs")
    nest_outcomes(mixed, study, "gls")
    nest_outcomes(data.frame(yi = 1), study)
    nest_outcomes(as_effects(yi = 1:2, V = matrix(1, 2, 2), study = "A"), study, "V")
  })
})

test_that("a nested table prints and pools", {
  nested <- suppressMessages(nest_outcomes(two_studies(), by = study))
  expect_snapshot(print(nested))
  expect_equal(pool_effects(nested, method = "EE")$k, 2)
})

test_that("a comparison that a join repeated is not weighed twice", {
  effects <- suppressWarnings(effect_sizes(comparisons(cohorts(msc_simulated)), "ROM"))
  effects <- effects[effects$outcome == "amyloid-beta deposits", ]
  again <- effects[c(seq_len(nrow(effects)), 1), ]
  expect_error(nest_outcomes(again, study), "more than once",
    class = "mv_error_duplicate"
  )
})

test_that("no rows, and columns that are lists or matrices", {
  es <- two_studies()
  expect_error(nest_outcomes(es[0, ], study), class = "mv_error_empty")
  es$list <- list(1, 2:3, "a", NULL)
  es$same <- matrix(rep(c("B", "A", "B", "A"), 2), 4)
  es$other <- matrix(1:8, 4)
  nested <- suppressMessages(nest_outcomes(es, study))
  expect_equal(nested$same, cbind(c("B", "A"), c("B", "A")))
  expect_false(any(c("list", "other") %in% names(nested)))
})

test_that("rows without a study are not nested into one", {
  effects <- as_effects(yi = 1:3, vi = 1, study = c("A", NA, NA))
  expect_error(nest_outcomes(effects, by = study), "rows 2 and 3",
    class = "mv_error_study"
  )
})

test_that("a table without a pooled column is nested", {
  effects <- as_effects(yi = 1:2, vi = 1, study = c("A", "A"))
  effects$pooled <- NULL
  expect_identical(nest_outcomes(effects, by = study)$yi, 1.5)
})

test_that("a column that became a table is an error that names it", {
  pairs <- pairs_of(8, c(12, 9), 2, 6, 8, 2.5, study = "A", outcome = c("a", "b"))
  for (column in c("greater_is_worse", "row_t", "row_c")) {
    odd <- effect_sizes(pairs, "MD")
    odd[[column]] <- data.frame(z = 1:2)
    expect_error(nest_outcomes(odd, by = study), column, class = "mv_error_type")
  }
})
