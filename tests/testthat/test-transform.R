# Values inside the scale of each row: where to try it.
try_at <- function(row) {
  if (row$from[1] %in% c("PLO", "IRLN", "MNLN")) return(c(-2, -0.3, 0.4, 1.5))
  if (row$from[1] == "PLN") return(c(-3, -1, -0.2))
  if (row$from[1] %in% c("PAS", "PFT")) return(c(0.4, 0.8, 1.1))
  if (row$from[1] %in% c("IRS", "IRFT")) return(c(0.5, 1, 4))
  if (!is.na(row$turns)) return(c(0.1, 0.8, 2.5))
  c(-2, -0.4, 0.1, 0.8, 2.5)
}
# What a row needs: numbers of animals, or the sign.
try_with <- function(row) switch(row$needs, n = 12, exposure = 12, sign = -1, 1)

# ---- truth: by hand --------------------------------------------------------------------

test_that("the scale of the numbers is given by name", {
  expect_error(transform_effect(0.4, "SMD", "ps"), "must be empty")
})

test_that("the scales of a standardised difference, by hand", {
  tell <- \(to, d = 0.8) transform_effect(d, to, from = "SMD")
  # P(T > C) for two normals of SD 1 whose means lie 0.8 apart
  superior <- stats::integrate(\(x) stats::dnorm(x, 0.8) * stats::pnorm(x), -Inf, Inf)
  expect_equal(tell("ps"), superior$value, tolerance = 1e-6)
  expect_equal(tell("cliff"), 2 * superior$value - 1, tolerance = 1e-6)
  common <- stats::integrate(\(x) pmin(stats::dnorm(x), stats::dnorm(x, 0.8)), -9, 9)
  expect_equal(tell("overlap"), common$value, tolerance = 1e-6)
  expect_equal(tell("overlap", -0.8), tell("overlap"))
  # Cohen 1988, table 2.2.1: d = 0.8
  expect_equal(round(c(tell("u1"), tell("u2"), tell("u3")), 3), c(0.474, 0.655, 0.788))
  expect_equal(tell("COR"), 0.8 / sqrt(0.8^2 + 4))
  expect_equal(tell("OR"), 0.8 * pi / sqrt(3))
  expect_equal(tell("ps", 0), 0.5)
})

test_that("percent and ratio of log ratios; a turned one keeps the treated on top", {
  expect_equal(transform_effect(log(0.5), "percent", from = "ROM"), -50)
  expect_equal(transform_effect(-log(0.5), "percent", from = "ROM", sign = -1), 50)
  expect_equal(transform_effect(-log(0.5), "ratio", from = "ROM", sign = -1), 0.5)
  expect_equal(transform_effect(42, "percent", from = "NMD"), 42)
  found <- transform_effect(-log(0.5), "ratio",
    from = "ROM", sign = -1, lower = 0, upper = 1
  )
  expect_equal(c(found$ci_lower, found$ci_upper), c(exp(-1), 1))
})

test_that("the double arcsine gives back the proportion it came from", {
  n <- c(4, 7, 12, 30)
  x <- c(0, 7, 6, 1)
  yi <- (asin(sqrt(x / (n + 1))) + asin(sqrt((x + 1) / (n + 1)))) / 2
  expect_equal(transform_effect(yi, "proportion", from = "PFT", n = n), x / n,
    tolerance = 1e-14
  )
  near_half <- freeman_tukey(0.5, 10) + c(-1e-9, 0, 1e-9)
  slope <- sqrt(1 + 2 / 10)
  expect_equal(of_freeman_tukey(near_half, 10), 0.5 + c(-1e-9, 0, 1e-9) * slope,
    tolerance = 1e-15
  )
  expect_equal(transform_effect(c(0, 1.6), "proportion", from = "PFT", n = 10), 0:1)
})

# ---- property: each row of the table ---------------------------------------------------

test_that("each way back undoes the way forward", {
  for (row in all_transformations()) {
    x <- try_at(row)
    k <- try_with(row)
    there <- row$forward(x, k)
    expect_equal(row$back(there, k), x, tolerance = 1e-11, info = row$label)
    expect_true(all(there >= row$range[1] & there <= row$range[2]), info = row$label)
  }
})

test_that("each slope is the numerical derivative, and back its inverse", {
  h <- 1e-5
  for (row in all_transformations()) {
    x <- try_at(row)
    k <- try_with(row)
    f <- \(x) row$forward(x, k)
    numerical <- (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
    expect_equal(row$slope(x, k), numerical, tolerance = 1e-8, info = row$label)
    back <- way_back(row)
    expect_equal(back$slope(f(x), k) * row$slope(x, k), rep(1, length(x)),
      tolerance = 1e-9, info = row$label
    )
  }
})

test_that("an interval that holds the turning point reaches to it", {
  found <- transform_effect(c(0.1, 1, -1), "overlap", from = "SMD",
    lower = c(-0.5, 0.5, -1.5), upper = c(0.7, 1.5, -0.5)
  )
  f <- \(d) 2 * pnorm(-abs(d) / 2)
  expect_equal(found$ci_upper, c(1, f(0.5), f(0.5)))
  expect_equal(found$ci_lower, c(f(0.7), f(1.5), f(1.5)))
  found <- transform_effect(0, "u1", from = "SMD", se = 0.2)
  expect_equal(found$ci_lower, 0)
  expect_identical(found$se, NA_real_)
})

test_that("the normal interval is carried over, and the error by the delta method", {
  found <- transform_effect(0.8, "ps", from = "SMD", se = 0.3)
  expect_equal(found$ci_lower, pnorm((0.8 - qnorm(0.975) * 0.3) / sqrt(2)))
  expect_equal(found$se, dnorm(0.8 / sqrt(2)) / sqrt(2) * 0.3)
  expect_equal(transform_effect(0.8, "ps", from = "SMD", vi = 0.09), found)
  wide <- transform_effect(0.8, "ps", from = "SMD", se = 0.3, level = 0.99)
  expect_lt(wide$ci_lower, found$ci_lower)
  back <- transform_effect(found$estimate, "SMD", from = "ps", se = found$se,
    lower = found$ci_lower, upper = found$ci_upper
  )
  percent <- transform_effect(-95, "ROM", from = "percent", se = 5)
  expect_equal(percent[c("estimate", "se")],
    data.frame(estimate = log(0.05), se = 1)
  )
  normal <- transform_effect(found$estimate, "SMD", from = "ps", se = found$se)
  expect_equal(normal$ci_upper, 0.8 + qnorm(0.975) * 0.3)
  expect_equal(back$se, 0.3)
  expect_equal(back$ci_lower, 0.8 - qnorm(0.975) * 0.3)
})

test_that("the delta method's error is that of a simulation", {
  d <- withr::with_seed(3, stats::rnorm(1e5, 0.8, 0.1))
  for (to in c("ps", "overlap", "u3", "OR")) {
    expect_equal(stats::sd(transform_effect(d, to, from = "SMD")),
      transform_effect(0.8, to, from = "SMD", se = 0.1)$se,
      tolerance = 0.02
    )
  }
})

# ---- pinned: metafor -------------------------------------------------------------------

test_that("metafor's transformations agree to 1e-12", {
  skip_if_not_installed("metafor", "4.6.0")
  d <- c(-2.3, -0.4, 0.1, 0.9, 3)
  tell <- \(x, to, from = "SMD", ...) transform_effect(x, to, from = from, ...)
  same <- \(ours, theirs) expect_equal(ours, as.vector(theirs), tolerance = 1e-12)
  same(tell(d, "ps"), metafor::transf.dtocles(d))
  same(tell(d, "cliff"), metafor::transf.dtocliffd(d))
  same(tell(d, "overlap"), metafor::transf.dtoovl(d))
  same(tell(d, "u1"), metafor::transf.dtou1(d))
  same(tell(d, "u2"), metafor::transf.dtou2(d))
  same(tell(d, "u3"), metafor::transf.dtou3(d))
  same(tell(d, "COR"), metafor::transf.dtorpb(d))
  same(tell(d, "OR"), metafor::transf.dtolnor.logis(d))
  same(tell(d, "SMD", "OR"), metafor::transf.lnortod.logis(d))
  same(tell(d, "COR", "ZCOR"), metafor::transf.ztor(d))
  same(tell(d / 4, "ZCOR", "COR"), metafor::transf.rtoz(d / 4))
  same(tell(d, "proportion", "PLO"), metafor::transf.ilogit(d))
  p <- c(0, 0.05, 0.4, 0.5, 1)
  same(tell(p, "PLO", "proportion"), metafor::transf.logit(p))
  same(tell(p, "PAS", "proportion"), metafor::transf.arcsin(p))
  x <- c(-0.1, 0.3, 0.7, 1.2, 1.7)
  same(tell(x, "proportion", "PAS"), metafor::transf.iarcsin(x))
  n <- c(3, 8, 12, 20, 6)
  same(tell(x, "proportion", "PFT", n = n), metafor::transf.ipft(x, n))
  same(
    tell(0.7, "proportion", "PFT", n = 1 / mean(1 / n)),
    metafor::transf.ipft.hm(0.7, list(ni = n))
  )
  same(tell(c(0.1, 0.5, 2, 3, 9), "rate", "IRS"), metafor::transf.isqrt(
    c(0.1, 0.5, 2, 3, 9)
  ))
  same(
    tell(c(-0.01, 0.01, 2, 3, 9), "rate", "IRFT", n = n),
    metafor::transf.iirft(c(-0.01, 0.01, 2, 3, 9), n)
  )
  same(tell(p, "IRFT", "rate", n = n), metafor::transf.irft(p, n))
})

# ---- effects and fits ------------------------------------------------------------------

test_that("a table of effects keeps its columns and gets the new scale", {
  effects <- effect_sizes(random_pairs(6), "SMD")
  found <- transform_effect(effects, "ps")
  expect_identical(class(found), "data.frame")
  expect_equal(found$yi, effects$yi)
  expect_equal(
    found[c("estimate", "se", "ci_lower", "ci_upper")],
    transform_effect(effects$yi, "ps", from = "SMD", vi = effects$vi)
  )
  brought <- as_effects(yi = c(0.2, NA), vi = 1)
  found <- transform_effect(brought, "u3", from = "SMD")
  expect_equal(found$estimate, c(pnorm(0.2), NA))
  turned <- random_pairs(4)
  turned$greater_is_worse <- c(TRUE, FALSE, TRUE, FALSE)
  turned <- effect_sizes(turned, "ROM", direction = "benefit", correct = FALSE)
  expect_equal(transform_effect(turned, "ratio")$estimate, turned$mean_t / turned$mean_c)
})

test_that("a fit gives its prediction, transformed", {
  fit <- pool_effects(effect_sizes(random_pairs(12), "ROM", correct = FALSE))
  found <- transform_effect(fit, "percent")
  same <- setdiff(names(found), "se")
  expect_equal(found[same], predict(fit, scale = "percent")[same])
  expect_equal(found$se, 100 * exp(unname(fit$beta)) * unname(fit$se))
  expect_equal(
    transform_effect(predict(fit), "ratio", from = "ROM"), transform_effect(fit, "ratio")
  )
  table <- transform_effect(tidy(fit), "ratio", from = "ROM")
  expect_equal(table$conf.low, exp(unname(fit$ci_lower)))
  expect_equal(table$p.value, tidy(fit)$p.value)
  ninety <- transform_effect(fit, "ratio", level = 0.9)
  expect_equal(ninety$ci_lower, exp(predict(fit, level = 0.9)$ci_lower))
  smd <- pool_effects(effect_sizes(random_pairs(12), "SMD"), ~ n_t)
  found <- transform_effect(smd, "ps", newdata = data.frame(n_t = c(5, 10)))
  expect_equal(nrow(found), 2)
})

test_that("a pooled double arcsine is turned back with the harmonic mean", {
  n <- c(6, 10, 20)
  yi <- freeman_tukey(c(0.5, 0.4, 0.7), n)
  fit <- pool_effects(as_effects(yi = yi, vi = 1 / (4 * n + 2), measure = "PFT", n_t = n))
  expect_equal(
    transform_effect(fit, "proportion"),
    transform_effect(fit, "proportion", n = 3 / sum(1 / n))
  )
  rates <- as_effects(yi = 1:3, vi = 0.1, measure = "IRFT", exposure_t = n)
  expect_equal(
    transform_effect(rates, "rate")$estimate,
    transform_effect(1:3, "rate", from = "IRFT", n = n)
  )
})

test_that("the table of scales has a row for each way", {
  scales <- effect_transformations()
  expect_equal(nrow(scales), length(all_transformations()))
  expect_false(anyDuplicated(scales[c("from", "to")]) > 0)
  expect_true(all(c("ps", "cliff", "overlap", "u3", "percent", "ratio") %in% scales$to))
})

test_that("each measure that is pooled on a scale of its own has a way back from it", {
  known <- registry()$measures
  plain <- c(
    "raw", "sd", "difference", "arcsine_difference", "root_difference", "proportion",
    "rate", "correlation"
  )
  from <- unlist(lapply(all_transformations(), \(row) row$from))
  expect_identical(setdiff(known$name[!known$scale %in% plain], from), character())
})

test_that("bad input is answered by a sentence", {
  effects <- effect_sizes(random_pairs(3), "SMD")
  mixed <- rbind(effects, effect_sizes(random_pairs(3), "MD"))
  turned <- effect_sizes(
    `$<-`(random_pairs(4), "greater_is_worse", c(TRUE, FALSE)), "ROM",
    direction = "benefit"
  )
  expect_snapshot(error = TRUE, {
    transform_effect(0.5, "pss", from = "SMD")
    transform_effect(0.5, "ps", from = "SMDD")
    transform_effect(0.5, "ps", from = 3)
    transform_effect(0.5, "ps")
    transform_effect(0.5, "percent", from = "SMD")
    transform_effect(0.5, c("ps", "u3"), from = "SMD")
    transform_effect(effects, "ms")
    transform_effect("a", "ps", from = "SMD")
    transform_effect(NULL, "ps", from = "SMD")
    transform_effect(c(0.5, 1.5), "SMD", from = "ps")
    transform_effect(c(-50, -150), "ROM", from = "percent")
    transform_effect(0.5, "ps", from = "SMD", se = -1)
    transform_effect(0.5, "ps", from = "SMD", se = 1, vi = 1)
    transform_effect(1:3, "ps", from = "SMD", se = 1:2)
    transform_effect(0.5, "ps", from = "SMD", lower = 0.1)
    transform_effect(0.5, "ps", from = "SMD", lower = 0.9, upper = 0.1)
    transform_effect(0.5, "proportion", from = "PFT")
    transform_effect(0.5, "proportion", from = "PFT", n = 0)
    transform_effect(0.5, "ratio", from = "ROM", sign = 2)
    transform_effect(effects, "ratio")
    transform_effect(effects, "ps", from = "ROM")
    transform_effect(effects, "ps", se = 1)
    transform_effect(mixed, "ps")
    transform_effect(as_effects(yi = 1, vi = 1), "ps")
    transform_effect(pool_effects(turned), "ratio")
    transform_effect(data.frame(yi = 1, vi = 1), "ps", from = "SMD")
  })
})

test_that("numbers at the end of what a number can be are transformed without noise", {
  at_ends <- c(0, 1e308)
  expect_no_warning(
    found <- transform_effect(at_ends, "proportion", from = "PAS", se = 0.1)
  )
  expect_identical(is.na(found$se), c(FALSE, TRUE))
  none <- transform_effect(numeric(), "ps", from = "SMD", se = 0.1)
  expect_identical(nrow(none), 0L)
})

test_that("a scale that is no word is an error that says so", {
  effects <- effect_sizes(random_pairs(3))
  for (from in list(sum, globalenv(), 1)) {
    expect_error(transform_effect(effects, "ps", from = from), class = "mv_error_choice")
  }
})
