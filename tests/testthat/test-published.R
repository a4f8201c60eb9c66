# Printed pooled values, from the tables of the package to the fit.

estimates <- function(fit) {
  unname(c(fit$beta, fit$ci_lower, fit$ci_upper))
}

# Front Endocrinol 2023;14:1165574, Table 2: fixed-effect SMD of 30 comparisons.
test_that("six partitions of estradiol give the printed 1.38 (1.16 to 1.60)", {
  rows <- published_subgroups
  rows <- rows[rows$intervention == "MSC" & rows$outcome == "estradiol" &
                 rows$subgroup != "all" & rows$level != "Mice and Rats", ]
  partitions <- split(rows, rows$subgroup)
  expect_length(partitions, 6)
  for (partition in partitions) {
    # the table gives two decimals, so some estimates are .01 off the middle
    effects <- suppressWarnings(as_effects(partition,
      yi = fixed, lower = fixed_lower, upper = fixed_upper, study = level, measure = "SMD"
    ))
    fit <- pool_effects(effects, method = "EE", test = "z")
    expect_lt(max(abs(estimates(fit) - c(1.38, 1.16, 1.60))), .01)
  }
})

# Sena et al. 2010, PLoS Biol 8(3):e1000344, Table 2: 16 interventions; the printed
# 31.3 (29.7 to 32.8) is of the 1,359 experiments, which these rows do not hold.
test_that("stroke_efficacy gives 31.50 by equal effects and 32.21 by REML", {
  expect_warning(
    effects <- as_effects(stroke_efficacy,
      yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
    ),
    "Piracetam"
  )
  equal <- pool_effects(effects, method = "EE", test = "z")
  expect_identical(round(estimates(equal), 2), c(31.50, 30.14, 32.86))
  random <- pool_effects(effects, method = "REML", test = "z")
  expect_identical(round(estimates(random), 2), c(32.21, 28.29, 36.14))
})
