# pool_effects(random = ) beside metafor::rma.mv() 5.2: each multilevel or multivariate
# model of metafor's and metadat's help pages, and further ones, 1e-6 (1e-5 where the
# likelihood is flat, as the table of cases says); the likelihood not below that of
# rma.mv()'s best optimiser by more than 1e-8. rma.mv() is not run: its values are in
# fixtures/.

expect_as_metafor <- function(cases) {
  expected <- ml_fixture("multilevel")
  pinned <- ml_fixture("multilevel_data")
  cases <- cases[!vapply(cases, `[[`, NA, "slow")]
  wrong <- vapply(cases, \(case) {
    if (is.null(expected[[case$name]])) return(paste(case$name, "is not in the fixture"))
    ml_wrong(case, expected[[case$name]], pinned)
  }, "")
  if (all(is.na(wrong))) skip("the tables need metafor and metadat")
  expect_identical(unname(wrong[!is.na(wrong) & nzchar(wrong)]), character())
}

test_that("the models of the help pages are those of metafor::rma.mv()", {
  expect_as_metafor(documented_cases)
})

test_that("every structure agrees, by REML and ML", {
  expect_as_metafor(structure_cases)
})

test_that("nested and crossed intercepts agree", {
  expect_as_metafor(nested_cases)
})

test_that("networks with a correlation that is fixed agree", {
  expect_as_metafor(network_cases)
})

test_that("random slopes agree", {
  expect_as_metafor(slope_cases)
})

test_that("known correlations of species agree", {
  expect_as_metafor(tree_cases)
})

test_that("parameters that are fixed or tied agree", {
  expect_as_metafor(fixed_cases)
})

test_that("every case is in the fixture, and the table covers every structure", {
  quick <- names(Filter(\(case) !case$slow, ml_cases))
  expect_identical(setdiff(quick, names(ml_fixture("multilevel"))), character())
  structs <- unlist(lapply(Filter(has_structure, ml_cases), `[[`, "struct"))
  all_structures <- c("CS", "HCS", "UN", "ID", "DIAG", "AR", "HAR", "CAR", "GEN", "GDIAG")
  expect_setequal(structs, all_structures)
})

test_that("containment gives the degrees of freedom of dfs = \"contain\"", {
  expected <- ml_fixture("multilevel")
  pinned <- ml_fixture("multilevel_data")
  wrong <- vapply(Filter(\(case) !case$slow, documented_cases), \(case) {
    df <- expected[[case$name]]$df
    table <- if (length(df) && !anyNA(df)) ml_table(case, pinned)
    if (is.null(table)) return("")
    arguments <- ml_fit_arguments(case, table, "containment")
    fit <- suppressMessages(suppressWarnings(do.call(pool_effects, arguments)))
    ours <- rep_len(fit$df, fit$p)[match(names(expected[[case$name]]$beta),
                                         names(fit$beta))]
    if (isTRUE(all.equal(unname(ours), unname(df)))) return("")
    paste0(case$name, ": ", toString(ours), " for ", toString(df))
  }, "")
  expect_identical(unname(wrong[nzchar(wrong)]), character())
})
