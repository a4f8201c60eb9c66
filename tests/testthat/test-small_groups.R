# Effects of about 2 SD in groups of 6 to 12.
large_effects <- function(k = 30, seed = 1, mean_c = 10) {
  withr::with_seed(seed, {
    n <- \() sample(6:12, k, TRUE)
    n_t <- n()
    n_c <- n()
    true <- stats::rnorm(k, 2, sqrt(0.5))
    pairs_of(
      n_t, mean_c + stats::rnorm(k, true, 1 / sqrt(n_t)),
      sqrt(stats::rchisq(k, n_t - 1) / (n_t - 1)),
      n_c, mean_c + stats::rnorm(k, 0, 1 / sqrt(n_c)),
      sqrt(stats::rchisq(k, n_c - 1) / (n_c - 1)), worse = FALSE
    )
  })
}

noted <- function(fit) any(grepl("small groups", utils::capture.output(print(fit))))

test_that("both values are printed where the averaged variance moves the pooled one", {
  pairs <- large_effects()
  fit <- pool_effects(effect_sizes(pairs))
  expect_snapshot(fit)
  expect_output(print(summary(fit)), "small groups")
  averaged <- pool_effects(effect_sizes(pairs, variance = "AV"))
  expect_equal(averaged_fit(fit)$beta, averaged$beta)
  expect_equal(averaged_fit(fit)$ci_upper, averaged$ci_upper)
  expect_false(noted(averaged))
})

test_that("the second fit is the user's in all but the variances", {
  pairs <- large_effects()
  for (correct in c(TRUE, FALSE)) {
    for (direction in c("raw", "benefit")) {
      make <- \(form) pool_effects(
        effect_sizes(pairs, "SMD", form, correct = correct, direction = direction,
          shared_control = "split"
        ),
        method = "DL", test = "knha", level = 0.9
      )
      fit <- make(NULL)
      found <- averaged_fit(fit)
      truth <- make("AV")
      same <- c("beta", "ci_lower", "tau2", "method", "test", "level")
      expect_equal(found[same], truth[same])
    }
  }
})

test_that("the averaged variance is what effect_sizes() gives, for all its measures", {
  pairs <- random_pairs(30, sham = TRUE)
  pairs$mean_t[3] <- NA
  for (measure in averaged_measures) {
    effects <- suppressWarnings(effect_sizes(pairs, measure))
    expect_equal(
      averaged_variance(effects),
      suppressWarnings(effect_sizes(pairs, measure, "AV"))$vi
    )
  }
})

test_that("effects by another software's convention have the note as well", {
  fit <- pool_effects(effect_sizes(large_effects(), variance = "revman"))
  expect_true(noted(fit))
  expect_equal(averaged_fit(fit)$yi, fit$yi)
})

test_that("a pooled value that hardly moves has no note", {
  pairs <- large_effects()
  few <- pool_effects(effect_sizes(pairs[1:4, ]))
  width <- few$ci_upper - few$ci_lower
  expect_lt(abs(averaged_fit(few)$beta - few$beta) / width, noted_move)
  expect_false(noted(few))
})

test_that("fits that cannot be made again have no note and print", {
  effects <- effect_sizes(large_effects())
  expect_false(noted(pool_effects(effects, ~ n_t)))
  expect_false(noted(pool_effects(data.frame(yi = effects$yi, vi = effects$vi))))
  expect_false(noted(pool_effects(effects[c("study", "yi", "vi")])))
  without <- effects
  without$sd_t <- NULL
  expect_false(noted(pool_effects(without)))
  changed <- effects
  changed$yi[1] <- 3
  expect_false(noted(pool_effects(changed)))
  both <- rbind(effects[1:15, ], suppressWarnings(
    effect_sizes(large_effects()[16:30, ], "ROM")
  ))
  expect_false(noted(suppressWarnings(pool_effects(both))))
  expect_false(noted(pool_effects(effect_sizes(large_effects(), "MD"))))
  grouped <- effects
  grouped$measure <- factor(grouped$measure)
  expect_true(noted(pool_effects(grouped)))
})

test_that("a multilevel fit has the note too", {
  pairs <- large_effects()
  pairs$study <- rep(seq_len(10), each = 3)
  random <- ~ 1 | study / .row
  fit <- pool_effects(effect_sizes(pairs), random = random)
  averaged <- pool_effects(effect_sizes(pairs, variance = "AV"), random = random)
  expect_equal(averaged_fit(fit)$beta, averaged$beta)
  width <- fit$ci_upper - fit$ci_lower
  expect_gt(abs(averaged$beta - fit$beta), noted_move * width)
  expect_true(noted(fit))
  expect_false(noted(averaged))
})
