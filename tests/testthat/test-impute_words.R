imputed_pairs <- function() {
  x <- random_pairs(9, sham = TRUE)
  x$outcome <- "a"
  x$sd_t[2] <- x$sd_c[3] <- x$sd_s[5] <- NA
  suppressMessages(impute_sd(x))
}

test_that("a row counts as imputed where its measure takes the SD", {
  x <- imputed_pairs()
  expect_identical(imputed_rows(x), c(2L, 3L, 5L))
  expect_identical(imputed_rows(effect_sizes(x, "SMD")), c(2L, 3L))
  expect_identical(imputed_rows(suppressWarnings(effect_sizes(x, "NMD"))), c(2L, 3L, 5L))
  expect_identical(imputed_rows(random_pairs(3)), integer())
})

test_that("a measure that compares SDs does not pool an imputed one", {
  x <- imputed_pairs()
  expect_warning(effects <- effect_sizes(x, "VR"), "\"VR\" compares SDs",
    class = "mv_warning_rows"
  )
  expect_identical(which(!effects$pooled), c(2L, 3L))
  expect_identical(
    effects$reason[2], "an SD was imputed, and the measure compares SDs"
  )
  expect_identical(pool_effects(effects)$k, 7L)
  expect_warning(effects <- effect_sizes(x, "SDLN"), "input row 2")
  expect_identical(which(!effects$pooled), 2L)
  expect_true(all(effect_sizes(x, "SMD")$pooled))
})

test_that("prints of tables and fits say how many rows are imputed and by what", {
  x <- imputed_pairs()
  says <- function(x, what) expect_output(print(x), what)
  says(x, "Imputed SD: 3 rows \\(mean CV of the outcome\\)")
  effects <- effect_sizes(x, "SMD")
  says(effects, "Imputed SD: 2 rows \\(mean CV of the outcome\\)")
  says(pool_effects(effects), "imputed SD, taken for known, in 2 effects \\(mean CV")
  expect_identical(describe_imputed(random_pairs(3)), "")
  expect_null(imputed_lines(pool_effects(effect_sizes(random_pairs(3), "SMD"))))
})

test_that("the marks survive nesting", {
  x <- imputed_pairs()
  x$study <- rep(c("A", "B", "C"), each = 3)
  nested <- nest_outcomes(effect_sizes(x, "SMD"), by = study)
  expect_identical(nested$imputed_t, c(TRUE, FALSE, FALSE))
  expect_identical(nested$imputed_c, c(TRUE, FALSE, FALSE))
  expect_identical(nested$imputed_s, c(FALSE, TRUE, FALSE))
  expect_identical(nested$imputed_by, c("cv", "cv", NA))
  expect_identical(imputed_rows(nested), 1L)
  x$imputed_by[3] <- "sd"
  nested <- nest_outcomes(effect_sizes(x, "SMD"), by = study)
  expect_identical(nested$imputed_by, c("cv and sd", "cv", NA))
  expect_output(print(nested), "1 row \\(mean CV of the outcome, pooled SD")
})

test_that("tables with and without marks bind", {
  a <- effect_sizes(imputed_pairs(), "SMD")
  b <- effect_sizes(random_pairs(4, seed = 2), "SMD")
  both <- rbind(a, b)
  expect_identical(imputed_rows(both), c(2L, 3L))
  expect_identical(both$imputed_t[10:13], rep(FALSE, 4))
  expect_identical(rbind(b, a)$imputed_by[6], "cv")
  expect_identical(imputed_rows(rbind(b[0, ], a)), c(2L, 3L))
})

test_that("a forest plot stars the rows", {
  layout <- forest_layout(pool_effects(effect_sizes(imputed_pairs(), "SMD")))
  labels <- layout$label[layout$kind == "study"]
  expect_identical(grep(" [*]$", labels), c(2L, 3L))
  captions <- paste(layout$label[layout$kind == "caption"], collapse = " ")
  expect_match(captions, "* SD imputed: 2 rows (mean CV", fixed = TRUE)
})
