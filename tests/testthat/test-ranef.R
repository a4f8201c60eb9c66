test_that("predicted effects and their errors are those of whole matrices", {
  for (fit in multilevel_models()) {
    found <- ranef(fit)
    by_hand <- dense_fit(fit)
    for (i in seq_along(fit$parts)) {
      z <- dense_columns(fit, i)
      G <- kronecker(diag(fit$parts[[i]]$groups), part_covariance(fit, i))
      u <- G %*% t(z) %*% by_hand$P %*% fit$yi
      error <- G - G %*% t(z) %*% by_hand$P %*% z %*% G
      present <- which(colSums(z != 0) > 0)
      mine <- found[found$part == fit$parts[[i]]$name, ]
      expect_equal(mine$estimate, u[present], tolerance = 1e-8)
      expect_equal(mine$se, sqrt(diag(error))[present], tolerance = 1e-7)
    }
  }
})

test_that("effects are named by their groups and levels", {
  fits <- multilevel_models()
  found <- ranef(fits$structured)
  expect_identical(found$group[1:4], rep(c("Study 1", "Study 2"), each = 2))
  expect_identical(found$level[1:2], c("memory", "plaque"))
  expect_true(all(is.na(ranef(fits$nested)$level)))
  expect_setequal(ranef(fits$known)$group[1:5], c("C57", "BALB", "SD", "Wistar", "CD1"))
  expect_identical(unique(ranef(fits$slopes)$level), c("(Intercept)", "dose"))
})

test_that("a fit of independent effects has one effect a row, as metafor's", {
  effects <- suppressWarnings(as_effects(stroke_efficacy,
    yi = estimate, lower = ci_lower, upper = ci_upper, study = intervention
  ))
  fit <- pool_effects(effects, ~missing_percent, test = "z")
  found <- ranef(fit)
  expect_identical(found$group[1:2], as.character(effects$study[1:2]))
  skip_if_not_installed("metafor")
  peer <- metafor::ranef(metafor::rma(yi, vi, mods = ~missing_percent, data = effects,
    control = list(threshold = 1e-12, maxiter = 1000)
  ))
  expect_equal(found$estimate, unname(peer$pred), tolerance = 1e-7)
  expect_equal(found$se, unname(peer$se), tolerance = 1e-7)
  expect_equal(found$pi_lower, unname(peer$pi.lb), tolerance = 1e-7)
})

test_that("what has no random effects says so", {
  effects <- as_effects(yi = c(.1, .3, .2), vi = c(.1, .2, .1))
  expect_error(ranef(pool_effects(effects, method = "EE")), class = "mv_error_choice")
  expect_error(ranef(multilevel_models()$nested, level = 2), class = "mv_error_level")
  # metafor's generic has the word where it is loaded; from the user's place, where our
  # methods are not found by their names
  expect_error(evalq(metavivo::ranef(1), globalenv()),
    if (!"metafor" %in% loadedNamespaces()) "pool_effects"
  )
})
