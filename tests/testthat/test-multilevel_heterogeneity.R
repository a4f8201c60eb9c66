rows_of_term <- function(table, term) table[match(term, table$term), ]

test_that("shares of levels are as their formulas say", {
  fit <- three_levels()
  table <- heterogeneity(fit, intervals = FALSE)
  expect_named(table, c(
    "term", "part", "quantity", "estimate", "ci_lower", "ci_upper", "df", "p_value"
  ))
  variance <- unname(fit$theta)
  # the typical variance by its definition, with whole matrices
  w <- 1 / fit$vi
  typical <- (fit$k - 1) / (sum(w) - sum(w^2) / sum(w))
  of <- \(term) rows_of_term(table, term)$estimate
  expect_equal(of(c("var(study)", "var(study/.row)")), variance)
  expect_equal(of(c("sd(study)", "sd(study/.row)")), sqrt(variance))
  expect_equal(of(c("I2(study)", "I2(study/.row)", "I2(total)")),
    100 * c(variance, sum(variance)) / (sum(variance) + typical)
  )
  expect_equal(of(c("share(study)", "share(study/.row)")), 100 * variance / sum(variance))
  mean <- abs(fit$beta[[1]])
  expect_equal(of(c("CVH(study)", "CVH(study/.row)", "CVH(total)")),
    sqrt(c(variance, sum(variance))) / mean
  )
  expect_equal(of("M(total)"), sqrt(sum(variance)) / (sqrt(sum(variance)) + mean))
  q <- sum(w * (fit$yi - sum(w * fit$yi) / sum(w))^2)
  expect_equal(unlist(table[1, c("estimate", "df", "p_value")], use.names = FALSE),
    c(q, fit$k - 1, pchisq(q, fit$k - 1, lower.tail = FALSE))
  )
  expect_true(all(is.na(table$ci_lower)))
})

test_that("intervals are those of the profile, and I2's and CVH's follow", {
  fit <- three_levels()
  table <- heterogeneity(fit, level = 0.9)
  ends <- confint(fit, type = "components", level = 0.9)
  terms <- c("var(study)", "sd(study)", "var(study/.row)", "sd(study/.row)")
  of <- \(term) unlist(rows_of_term(table, term)[c("ci_lower", "ci_upper")])
  for (term in terms) expect_equal(of(term), ends[term, ], ignore_attr = TRUE)
  rest <- fit$theta[[2]] + fit$typical_variance
  one <- ends["var(study)", ]
  expect_equal(of("I2(study)"), 100 * one / (one + rest), ignore_attr = TRUE)
  expect_equal(of("CVH(study)"), sqrt(one) / abs(fit$beta[[1]]), ignore_attr = TRUE)
  expect_true(all(is.na(of("I2(total)"))))
})

test_that("a part of several variances counts with its average over the rows", {
  fit <- by_outcome("HCS")
  table <- heterogeneity(fit, intervals = FALSE)
  each <- fit$theta[paste0("var(outcome=", fit_rows(fit)$outcome, " | study)")]
  expect_equal(rows_of_term(table, "I2(outcome | study)")$estimate,
    100 * mean(each) / (mean(each) + fit$typical_variance)
  )
  # slopes: z'Gz, written out
  effects <- three_outcomes()
  slopes <- pool_effects(effects, random = ~ 1 + z | study, struct = "GEN")
  theta <- unname(slopes$theta)
  of_row <- theta[1] + effects$z^2 * theta[2] +
    2 * effects$z * theta[3] * sqrt(theta[1] * theta[2])
  expect_equal(part_variances(slopes), mean(of_row))
  plain <- pool_effects(effects, random = ~ 1 + z | study, struct = "GDIAG")
  theta <- unname(plain$theta)
  expect_equal(part_variances(plain), mean(theta[1] + effects$z^2 * theta[2]))
})

test_that("an unstructured part has rows for correlations; a moderator leaves CVH out", {
  table <- heterogeneity(by_outcome("UN"), intervals = FALSE)
  expect_identical(sum(table$quantity == "correlation"), 3L)
  expect_false(any(table$quantity %in% c("CVH", "M")))
})

test_that("a fixed variance has no interval", {
  table <- heterogeneity(three_levels(fix = c("var(study)" = 0.1)))
  expect_identical(rows_of_term(table, "var(study)")$ci_lower, NA_real_)
  expect_gt(rows_of_term(table, "var(study/.row)")$ci_upper, 0)
})

test_that("intervals of a fit for independent effects can be left out", {
  fit <- pool_effects(three_outcomes()[seq(1, 170, 5), ], dependence = "ignore")
  expect_true(all(is.na(heterogeneity(fit, intervals = FALSE)$ci_upper)))
  expect_identical(heterogeneity(fit, intervals = FALSE)$estimate,
    heterogeneity(fit)$estimate
  )
  expect_error(heterogeneity(fit, intervals = NA), class = "mv_error_flag")
})

test_that("I2 by level is that of metafor's pages (W = V^-1, P by matrices)", {
  skip_if_not_installed("metadat")
  x <- metadat::dat.konstantopoulos2011
  table <- heterogeneity(pool_effects(x, random = ~ 1 | district / school),
    intervals = FALSE
  )
  # https://www.metafor-project.org/doku.php/tips:i2_multilevel_multivariate
  expect_equal(rows_of_term(table, "I2(total)")$estimate, 95.19, tolerance = 1e-4)
  expect_equal(rows_of_term(table, "I2(district)")$estimate, 63.32, tolerance = 1e-4)
})

# ---- R2 ------------------------------------------------------------------------------

test_that("R2 is as its formula says", {
  fit <- three_levels(mods = ~outcome)
  table <- r_squared(fit)
  fixed <- var(fitted(fit))
  variance <- unname(fit$theta)
  total <- fixed + sum(variance)
  expect_equal(table$estimate[1:2], c(fixed, fixed + variance[1]) / total)
  without <- update(fit, mods = ~1)
  expect_identical(table$term[3:5],
    c("reduction(study)", "reduction(study/.row)", "reduction(total)")
  )
  expect_equal(table$estimate[3:4], unname(1 - fit$theta / without$theta),
    tolerance = 1e-6
  )
  expect_equal(table$estimate[5], 1 - sum(fit$theta) / sum(without$theta),
    tolerance = 1e-6
  )
})

test_that("the reduction is of the same rows", {
  effects <- three_outcomes()
  effects$z[1:20] <- NA
  fit <- suppressWarnings(
    pool_effects(effects, mods = ~z, random = ~ 1 | study / .row)
  )
  rest <- pool_effects(effects[-(1:20), ], random = ~ 1 | study / .row)
  expect_equal(r_squared(fit)$without[3:4], unname(rest$theta), tolerance = 1e-6)
})

test_that("without moderators nothing is explained", {
  table <- r_squared(three_levels())
  expect_identical(table$estimate[c(1, 3:5)], numeric(4))
})

test_that("R2 is of multilevel fits", {
  fit <- pool_effects(three_outcomes()[seq(1, 170, 5), ], dependence = "ignore")
  expect_error(r_squared(fit), "no random parts", class = "mv_error_random")
  expect_error(r_squared(1), class = "mv_error_class")
})
