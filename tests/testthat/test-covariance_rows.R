# ---- truth: by hand, every measure ---------------------------------------------------

# The covariance of two treated groups that share all other groups. x: the numbers; y: the
# two effects.
x <- group_numbers
vc <- x$sd[["c"]]^2 / x$n[["c"]]
cv2 <- function(arm) (x$sd[[arm]] / x$mean[[arm]])^2 / x$n[[arm]]
v_of <- function(arm) x$sd[[arm]]^2 / x$n[[arm]]
q2 <- x$n[c("t1", "t2")] + x$n[["c"]] - 2
q4 <- x$n[c("t1", "t2")] + sum(x$n[c("c", "a", "b")]) - 4
shared3 <- c("c", "a", "b")
df3 <- sum(x$n[shared3] - 1)
p <- x$events[["c"]] / x$n[["c"]]
peto <- function(t) {
  N <- x$n[[t]] + x$n[["c"]]
  p <- (x$events[[t]] + x$events[["c"]]) / N
  (N - 1) / (N * p * (1 - p))
}
s_h <- sqrt((x$sd[c("t1", "t2")]^2 + x$sd[["c"]]^2) / 2)
gap <- 40 - x$mean[["c"]]
by_hand <- list(
  MD = \(y) vc,
  SMD = \(y) 1 / 6 + prod(y) * 5 / (2 * prod(q2)),
  SMDH = \(y) x$sd[["c"]]^2 / prod(s_h) / 6 +
    prod(y) * x$sd[["c"]]^4 / (4 * prod(s_h)^2) / (2 * 5),
  SMD1 = \(y) 1 / 6 + prod(y) / (2 * 5),
  SMD1H = \(y) 1 / 6 + prod(y) / (2 * 5),
  ROM = \(y) cv2("c"),
  VR = \(y) 1 / (2 * 5),
  CVR = \(y) cv2("c") + 1 / (2 * 5),
  NMD = \(y) 1e4 / 22^2 * (prod(1 - y / 100) * vc + prod(y / 100) * v_of("s")),
  MPE = \(y) 1e4 * vc * prod(40 - x$mean[c("t1", "t2")]) / gap^4,
  MD_A = \(y) (vc + v_of("a") + v_of("b")) / 4,
  MD_B = \(y) (vc + v_of("a") + v_of("b")) / 4,
  MD_AB = \(y) vc + v_of("a") + v_of("b"),
  SMD_A = \(y) sum(1 / x$n[shared3]) / 4 + prod(y) * df3 / (2 * prod(q4)),
  SMD_B = \(y) sum(1 / x$n[shared3]) / 4 + prod(y) * df3 / (2 * prod(q4)),
  SMD_AB = \(y) sum(1 / x$n[shared3]) + prod(y) * df3 / (2 * prod(q4)),
  ROM_A = \(y) v_of("a") / prod(x$mean[c("t1", "t2")] + x$mean[["a"]]) +
    (vc + v_of("b")) / (x$mean[["c"]] + x$mean[["b"]])^2,
  ROM_B = \(y) v_of("b") / prod(x$mean[c("t1", "t2")] + x$mean[["b"]]) +
    (vc + v_of("a")) / (x$mean[["c"]] + x$mean[["a"]])^2,
  ROM_AB = \(y) cv2("c") + cv2("a") + cv2("b"),
  RR = \(y) 1 / 4 - 1 / 6,
  OR = \(y) 1 / 4 + 1 / 2,
  RD = \(y) p * (1 - p) / 6,
  AS = \(y) 1 / (4 * 6),
  PETO = \(y) sqrt(peto("t1") * peto("t2")) / 6,
  IRR = \(y) 1 / 4,
  IRD = \(y) 4 / 30^2,
  IRSD = \(y) 1 / (4 * 30),
  MSR = \(y) 1 / (4 * log(2)^2)
)

test_that("groups in common give every measure the covariance that is its own by hand", {
  known <- registry()$measures
  no_gradient <- vapply(known$flags, \(flags) "no_gradient" %in% flags, NA)
  several <- known$name[known$arms > 1 & !no_gradient]
  expect_setequal(several, names(by_hand))
  for (measure in several) {
    effects <- effects_of(groups_of(), measure)
    expect_equal(
      vcov(effects)[1, 2], by_hand[[measure]](effects$yi),
      tolerance = 1e-12, info = measure
    )
  }
})

test_that("the same animals read twice, every measure of one group by hand", {
  one <- \(measure) vcov(read_both(measure), rho = 0.6)[1, 2]
  expect_equal(one("MN"), 0.6 * 4 / 8)
  expect_equal(one("MNLN"), 0.6 * (2 / 12)^2 / 8)
  expect_equal(one("SDLN"), 0.36 / 14)
  expect_equal(one("CVLN"), 0.6 * (2 / 12)^2 / 8 + 0.36 / 14)
  expect_equal(one("PR"), 0.6 * (3 / 8) * (5 / 8) / 8)
  expect_equal(one("PLN"), 0.6 * (1 / 3 - 1 / 8))
  expect_equal(one("PLO"), 0.6 * (1 / 3 + 1 / 5))
  expect_equal(one("PAS"), 0.6 / (4 * 8))
  expect_equal(one("PFT"), 0.6 / (4 * 8 + 2))
  expect_equal(one("IR"), 0.6 * 3 / 40^2)
  expect_equal(one("IRLN"), 0.6 / 3)
  expect_equal(one("IRS"), 0.6 / (4 * 40))
  expect_equal(one("IRFT"), 0.6 / (4 * 40))
  known <- registry()$measures
  expect_true(all(known$name[known$arms == 1] %in% c(
    "MN", "MNLN", "SDLN", "CVLN", "PR", "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS",
    "IRFT", "COR", "ZCOR"
  )))
})

test_that("two outcomes of the same animals", {
  both <- \(measure, rho = 0.6) vcov(read_both(measure), rho = rho)[1, 2]
  expect_equal(both("VR"), 0.36 * (1 / 14 + 1 / 10))
  expect_equal(both("OR"), 0.6 * (1 / 3 + 1 / 5 + 1 / 4 + 1 / 2))
  expect_equal(both("IRR"), 0.6 * (1 / 3 + 1 / 4))
  expect_equal(both("MSR"), 0.6 * (1 / 3 + 1 / 4) / log(2)^2)
  md <- both("MD_A")
  expect_equal(md, 0.6 * (4 / 8 + vc + v_of("a") + v_of("b")) / 4)
})

test_that("changes and correlations of the same animals covary by rho sqrt(v1 v2)", {
  for (measure in c("MC", "SMCC", "SMCR", "SMCRH", "ROMC", "COR", "ZCOR")) {
    groups <- groups_of(outcome = c("a", "b"))
    groups$cohort_t <- groups$cohort_c <- "t"
    groups[c("n_t", "n_c")] <- 8
    groups$mean_t <- c(12, 9)
    if (measure %in% c("COR", "ZCOR")) {
      groups$r <- c(0.5, 0.2)
      groups[c("mean_t", "sd_t", "events_t", "exposure_t", "median_t")] <- NULL
    }
    class(groups) <- c("mv_comparisons", "data.frame")
    effects <- effects_of(groups, measure)
    expect_equal(
      vcov(effects, rho = 0.3)[1, 2], 0.3 * sqrt(prod(effects$vi)), info = measure
    )
    expect_error(vcov(effects), "more than once", class = "mv_error_rho")
    apart <- effects
    apart$cohort_t <- c("t", "u")
    if ("cohort_c" %in% names(apart)) apart$cohort_c <- apart$cohort_t
    expect_equal(vcov(apart)[1, 2], 0, info = measure)
  }
})

test_that("an interval of a median and deaths of the same animals", {
  effects <- read_both("MSR")
  effects$log_se_t <- effects$log_se_c <- 0.4
  effects$shape[2] <- NA
  v <- 0.4 / sqrt(3) / log(2) + 0.4 / sqrt(4) / log(2)
  expect_equal(vcov(effects, rho = 0.5)[1, 2], 0.5 * v)
})

# ---- truth: two measures in one table ------------------------------------------------

mixed <- function(one, other) {
  rbind(effects_of(groups_of(), one)[1, ], effects_of(groups_of(), other)[2, ])
}

test_that("two measures in one table covary by the same rule", {
  expect_equal(vcov(mixed("MD", "ROM"))[1, 2], 2.5 * (2.5 / 8) / 6)
  expect_equal(vcov(mixed("MD", "VR"))[1, 2], 0)
  expect_equal(vcov(mixed("VR", "CVR"))[1, 2], 1 / 10)
  expect_equal(vcov(mixed("OR", "RD"))[1, 2], 1 / 6)
  nmd <- mixed("MD", "NMD")
  expect_equal(vcov(nmd)[1, 2], vc * (100 - nmd$yi[2]) / 22)
})

test_that("a factorial and a sham in one table keep their own third group", {
  both <- mixed("NMD", "MD_A")
  by_control <- (100 - both$yi[1]) / 22 * vc / 2
  expect_equal(vcov(both)[1, 2], by_control)
  both[2, c("cohort_a", "n_a", "mean_a", "sd_a")] <- list("s", 7, 30, 2)
  both$yi[2] <- (9 + 30 - 8 - 7) / 2
  by_sham <- -both$yi[1] / 22 * v_of("s") / 2
  expect_equal(vcov(both)[1, 2], by_control + by_sham)
  expect_equal(vcov(both[2:1, ])[1, 2], vcov(both)[1, 2])
})

test_that("means and counts of one outcome are two readings of the same animals", {
  both <- mixed("MD", "OR")
  expect_error(vcov(both), "more than once", class = "mv_error_rho")
  by_mean <- 2.5 * sqrt(6 / 4 * 6 / 2) / 6
  expect_equal(vcov(both, rho = 0.5)[1, 2], 0.5 * by_mean)
})

# ---- property ------------------------------------------------------------------------

# What a group contributes, against numerical derivatives of the effect itself.
test_that("every measure's gradient is its numerical derivative", {
  numbers <- group_numbers
  numbers$sd[] <- 2
  changed <- function(field, arm, h, log) {
    out <- numbers
    out[[field]][arm] <- if (log) out[[field]][arm] * exp(h) else out[[field]][arm] + h
    out
  }
  slope <- function(measure, field, arm, log = FALSE) {
    y <- \(h) {
      groups <- groups_of(changed(field, arm, h, log))
      effects_of(groups, measure, correct = FALSE, cells = zero_cells(0))$yi[1]
    }
    h <- 1e-3
    (8 * (y(h) - y(-h)) - (y(2 * h) - y(-2 * h))) / (12 * h)
  }
  by_rule <- function(measure, kind, arm) {
    n <- numbers$n[[arm]]
    events <- numbers$events[[arm]]
    switch(kind,
      means = 4 * slope(measure, "mean", arm)^2 / n +
        slope(measure, "sd", arm, TRUE)^2 / (2 * (n - 1)),
      counts = slope(measure, "events", arm)^2 * events * (n - events) / n,
      rates = slope(measure, "events", arm)^2 * events
    )
  }
  known <- registry()$measures
  # Variances that are not the delta method's, by their definition.
  others <- c("PETO", "PFT", "IRFT", "MSR")
  for (m in which(!known$name %in% others)) {
    if ("no_gradient" %in% known$flags[[m]]) next
    for (arm in sub("_", "", names_of_arms(known$arms[m])$column)) {
      cohort <- lapply(c(t = "t", c = "c", s = "s", a = "a", b = "b"), paste0, 1:2)
      cohort[[arm]] <- "shared"
      same <- numbers
      for (field in names(same)) same[[field]]["t2"] <- same[[field]]["t1"]
      effects <- groups_of(same, cohort = cohort) |>
        effects_of(known$name[m], correct = FALSE, cells = zero_cells(0))
      if (known$arms[m] == 1) effects$outcome <- c("a", "b")
      expect_equal(
        vcov(effects, rho = 1, check = "none")[1, 2],
        by_rule(known$name[m], known$kind[m], sub("t", "t1", arm)),
        tolerance = 1e-7, info = paste(known$name[m], arm)
      )
    }
  }
})

# ---- words ---------------------------------------------------------------------------

test_that("groups of one name with two numbers of events are not taken for one", {
  effects <- effects_of(groups_of(), "OR")
  effects$events_c[2] <- 5
  effects$yi[2] <- log(6.0 / 4) - log(5)
  expect_error(vcov(effects), "two sets of numbers", class = "mv_error_shared")
  rates <- effects_of(groups_of(), "IRR")
  rates$exposure_c[2] <- 31
  rates$yi[2] <- log(6 / 55) - log(4 / 31)
  expect_error(vcov(rates), "\"c\" has two sets", class = "mv_error_shared")
})

test_that("a group that lost its name is not taken for one that no row shares", {
  for (column in c("cohort_t", "cohort_c")) {
    effects <- effects_of(groups_of(), "OR")
    effects[[column]][2] <- NA
    expect_error(vcov(effects), paste(column, "is missing"), class = "mv_error_changed")
    effects$yi[2] <- NA
    expect_true(is.matrix(vcov(effects)))
  }
})

test_that("only what a row's measure needs is needed", {
  effects <- effects_of(groups_of(), "OR")
  lost <- grep("^(mean|sd)_|_[sab]$", names(effects))
  expect_equal(vcov(effects[-lost]), vcov(effects))
  expect_error(
    vcov(effects[setdiff(names(effects), c("events_c", "added"))]),
    "columns \"events_c\" and \"added\"", class = "mv_error_column"
  )
  one <- read_both("PR")
  gone <- c("mean_t", "sd_t", "median_t")
  expect_equal(vcov(one[setdiff(names(one), gone)], rho = 0.5), vcov(one, rho = 0.5))
})

# ---- simulation ----------------------------------------------------------------------

# 3,000 studies with two outcomes of the same animals that correlate by rho, CVs of 10 and
# 30 % in the treated and 30 and 10 % in the controls. More in validation/covariance.R.
test_that("for ROM, VR and CVR the rule is nearer the truth than rho sqrt(v1 v2)", {
  withr::local_seed(20260101)
  k <- 3000
  n <- 10
  rho <- 0.5
  arm <- function(cv) {
    z <- matrix(rnorm(k * n), n)
    other <- rho * z + sqrt(1 - rho^2) * matrix(rnorm(k * n), n)
    x <- 10 + 10 * cbind(cv[1] * z, cv[2] * other)
    mean <- colMeans(x)
    list(mean = mean, sd = sqrt(colSums((x - rep(mean, each = n))^2) / (n - 1)))
  }
  t <- arm(c(0.1, 0.3))
  c <- arm(c(0.3, 0.1))
  pairs <- pairs_of(n, t$mean, t$sd, n, c$mean, c$sd,
    study = rep(paste("Study", seq_len(k)), 2), outcome = rep(c("a", "b"), each = k),
    cohort_t = "t", cohort_c = "c"
  )
  for (measure in c("ROM", "VR", "CVR")) {
    effects <- effects_of(pairs, measure)
    true <- stats::cov(effects$yi[1:k], effects$yi[k + 1:k])
    rule <- mean(covariance_pairs(effects, rho)$value)
    shortcut <- rho * mean(sqrt(effects$vi[1:k] * effects$vi[k + 1:k]))
    expect_lt(abs(rule - true), abs(shortcut - true) / 2)
    expect_lt(abs(rule / true - 1), 0.15)
  }
})
