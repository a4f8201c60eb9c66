# Beside other software on tables that the tests of single measures do not use, and
# beside exact arithmetic where software loses digits.

# ---- metafor -------------------------------------------------------------------------

test_that("all measures of means are escalc's on four more sets", {
  skip_if_not_installed("metadat")
  known <- registry()$measures
  wanted <- known$kind == "means" & known$arms < 3 & known$name != "MPE"
  for (pairs in more_means()) {
    for (measure in known$name[wanted]) {
      paired <- "paired" %in% find_measure(measure)$flags
      expect_like_escalc(measure, if (paired) as_readings(pairs) else pairs)
    }
  }
})

test_that("all measures of counts are escalc's on five more sets, by each rule", {
  skip_if_not_installed("metafor", "5.0.0")
  skip_if_not_installed("metadat")
  for (pairs in more_counts()) {
    for (to in c("only0", "all", "if0all")) {
      rule <- list(cells = zero_cells(0.2, to), add = 0.2, to = to)
      same <- \(...) do.call(expect_escalc, c(list(pairs, ...), rule))
      for (measure in c("RR", "OR", "PLN", "PLO")) {
        for (form in c("LS", "AV")) same(measure, form)
      }
      for (form in c("LS", "UB", "AV")) {
        same("PR", form)
        same("RD", form, addyi = FALSE)
      }
    }
    for (measure in c("AS", "PAS", "PFT")) expect_escalc(pairs, measure)
    expect_escalc(pairs, "PETO", to = "none")
  }
})

test_that("an average is over the rows that have an effect", {
  # escalc() counts also those without one: a zero to which nothing is added
  pairs <- table_of(events_t = c(0, 3, 4), n_t = 10, events_c = c(4, 5, 2), n_c = 12)
  none <- zero_cells(to = "none")
  found <- suppressWarnings(effect_sizes(pairs, "OR", "AV", cells = none))
  expect_equal(found[-1, c("yi", "vi")], effect_sizes(pairs[-1, ], "OR", "AV",
    cells = none
  )[c("yi", "vi")], ignore_attr = TRUE)
})

test_that("vcov_shortcut() is vcalc()'s on real sets", {
  skip_if_not_installed("metafor", "5.0.0")
  skip_if_not_installed("metadat")
  same <- function(ours, theirs) {
    expect_lt(max(abs(ours - theirs)), 1e-14 * max(theirs))
  }
  x <- metadat::dat.knapp2017
  x$test <- paste(x$task, x$difficulty)
  same(
    vcov_shortcut(x, study, obs = test, grp1 = group1, grp2 = group2, w1 = n_sz,
      w2 = n_hc, rho = 0.4, check = "none"
    ),
    metafor::vcalc(vi, study, obs = test, grp1 = group1, grp2 = group2, w1 = n_sz,
      w2 = n_hc, rho = 0.4, data = x, checkpd = FALSE
    )
  )
  x <- metadat::dat.assink2016
  same(
    vcov_shortcut(x, study, obs = esid, type = deltype, rho = c(0.6, 0.3),
      check = "none"
    ),
    metafor::vcalc(vi, study, obs = esid, type = deltype, rho = c(0.6, 0.3), data = x,
      checkpd = FALSE
    )
  )
})

# ---- pinned: compute.es 0.2-6 --------------------------------------------------------

# mes(c(5, 62), c(3.5, 48), c(1.2, 12), c(1.6, 9), c(7, 15), c(9, 4), dig = 17)
test_that("the convention of CMA is compute.es's g, and its steps to r and OR are ours", {
  x <- pairs_of(c(7, 15), c(5, 62), c(1.2, 12), c(9, 4), c(3.5, 48), c(1.6, 9))
  ours <- effect_sizes(x, "SMD", "cma")
  expect_equal(ours$yi, c(0.9833321660356333, 1.16011101993371), tolerance = 1e-13)
  expect_equal(ours$vi, c(0.2572351764397218, 0.3243606476858132), tolerance = 1e-13)
  d <- effect_sizes(x, "SMD", correct = FALSE)
  to <- \(scale) convert_effect(d$yi, d$vi, "SMD", scale, n_t = x$n_t, n_c = x$n_c)$yi
  r <- c(0.482978319053245, 0.463751616793123)
  expect_equal(to("COR"), r, tolerance = 1e-13)
  expect_equal(to("ZCOR"), c(0.5268614563403943, 0.5020802821139865), tolerance = 1e-13)
  odds <- convert_effect(d$yi, d$vi, "SMD", "OR")$yi
  expect_equal(odds, c(1.886465368601093, 2.202843409946726), tolerance = 1e-13)
})

# ---- exact arithmetic ----------------------------------------------------------------

# Values by mpmath 1.3.0 with 40 digits.

test_that("risks of nearly one, risks that nearly agree, a correlation of nearly one", {
  table <- table_of(events_t = 999999, n_t = 1e6, events_c = 999998, n_c = 1e6)
  expect_equal(effect_sizes(table, "RR")$vi, 3.000005000009e-12, tolerance = 1e-14)
  table <- table_of(events_t = 600001, n_t = 1e6, events_c = 599999, n_c = 1e6)
  peto <- effect_sizes(table, "PETO")
  # the difference of two risks, each with its rounding, over p (1 - p)
  rounding <- .Machine$double.eps / 0.24
  expect_lt(abs(peto$yi - 8.3333291666666667e-6), rounding)
  expect_equal(peto$vi, 8.3333291666666667e-6, tolerance = 1e-14)
  table <- table_of(r = 1 - 2^-40, n_t = 10)
  expect_equal(sizes_of(table, "COR")$vi, 3.6763582780101127e-25, tolerance = 1e-14)
  h0 <- sizes_of(table, "COR", "H0")$vi
  expect_equal(h0, 2.2737367544312866e-13, tolerance = 1e-14)
  expect_equal(sizes_of(table, "ZCOR")$yi, 14.209517201478651, tolerance = 1e-14)
})

test_that("g and its unbiased variance in small and in large groups", {
  n <- c(6, 250, 20000)
  found <- effect_sizes(pairs_of(n, 1.5, 1, n, 1, 1), "SMD", "UB")
  g <- c(0.46137280402654355, 0.49924654664627764, 0.4999906244628598)
  expect_equal(found$yi, g, tolerance = 1e-15)
  # the form cancels: digits of J are lost by the size of the groups
  v <- c(0.3461981976286487, 0.0082511304024909034, 0.00010312517579174871)
  expect_true(all(abs(found$vi / v - 1) < 2 * n * .Machine$double.eps))
})

test_that("NMD AV is the delta method at the mean by published weights", {
  pairs <- random_pairs(30, sham = TRUE)
  pairs$outcome <- "a"
  found <- suppressWarnings(effect_sizes(pairs, "NMD", "AV"))
  weight <- 1 / suppressWarnings(effect_sizes(pairs, "NMD", "vesterinen"))$vi
  pooled <- found$pooled
  r <- stats::weighted.mean(found$yi[pooled], weight[pooled]) / 100
  v <- \(arm) pairs[[paste0("sd_", arm)]]^2 / pairs[[paste0("n_", arm)]]
  by_hand <- 1e4 * ((1 - r)^2 * v("c") + v("t") + r^2 * v("s")) /
    (pairs$mean_c - pairs$mean_s)^2
  expect_equal(found$vi, by_hand, tolerance = 1e-13)
})
