# pool_effects() beside metafor::rma(): values pinned for machines without metafor, then
# part of the run of validation/metafor.R.

# Each expected value is metafor's to 15 digits; 1e-9 for what is iterated (its tau2 was
# run to 1e-15), 1e-12 for closed forms.
expect_pinned <- function(fit, expected, tolerance) {
  found <- list(
    tau2 = fit$tau2, tau2_se = fit$tau2_se, Q = fit$Q, Q_p = fit$Q_p, QM_p = fit$QM_p,
    I2 = fit$I2, H2 = fit$H2, beta = unname(fit$beta), se = unname(fit$se),
    p = unname(fit$p_value), lower = unname(fit$ci_lower), upper = unname(fit$ci_upper),
    log_lik = unname(fit$loglik),
    pi = unlist(predict(fit)[1, c("pi_lower", "pi_upper")], use.names = FALSE),
    tau2_ci = unlist(heterogeneity(fit)[2, c("ci_lower", "ci_upper")], use.names = FALSE)
  )
  for (name in names(expected)) {
    expect_equal(found[[name]], expected[[name]], tolerance = tolerance, label = name)
  }
}

bcg <- function() {
  treated <- c(4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27)
  control <- c(11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29)
  n_t <- treated +
    c(119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886)
  n_c <- control +
    c(128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825)
  data.frame(
    yi = log(treated / n_t) - log(control / n_c),
    vi = 1 / treated - 1 / n_t + 1 / control - 1 / n_c,
    ablat = c(44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33)
  )
}

# metafor 5.2-1, metadat 1.6-0: escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
# data = dat.bcg); control = list(threshold = 1e-15, maxiter = 10000, stepadj = .5);
# predict(fit); confint(fit, control = list(tol = 1e-16))
test_that("dat.bcg, REML and ML, as pinned from metafor 5.2-1", {
  # rma(yi, vi, test = "knha")
  expect_pinned(pool_effects(bcg(), test = "knha"), list(
    tau2 = 0.313243258136482, tau2_se = 0.166425752836971, Q = 152.233008082373,
    Q_p = 1.99676459084597e-26, I2 = 92.221384521269, H2 = 12.8557582353092,
    beta = -0.714532342158139, se = 0.180791744092848, p = 0.0019200150960573,
    lower = -1.10844371368555, upper = -0.320620970630728,
    log_lik = c(-12.6877716626704, -12.2023714154936),
    pi = c(-1.9960168341962, 0.566952149879925),
    tau2_ci = c(0.119718361141261, 1.11147908406093)
  ), 1e-9)
  # rma(yi, vi, mods = ~ ablat, method = "ML", test = "adhoc")
  expect_pinned(pool_effects(bcg(), ~ablat, method = "ML", test = "adhoc"), list(
    tau2 = 0.0343514424812375, tau2_se = 0.028014180120632, Q = 30.7330900107493,
    QM_p = 0.00161374575145588, I2 = 49.3288501850153, H2 = 1.9735095881015,
    beta = c(0.28210717389621, -0.0295093353884547),
    se = c(0.242484740311805, 0.00710898558883421),
    p = c(0.269282213247306, 0.00161374575145588),
    log_lik = c(-7.68566552841413, -8.35177023969207),
    pi = c(-1.53181714487381, -0.500790021517784),
    tau2_ci = c(0.0166800683206476, 0.784835254575497)
  ), 1e-9)
})

# metafor 5.2-1, metadat 1.6-0: escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i,
# sd2i = sd2i, n2i = n2i, data = dat.normand1999); PM: control = list(tol = 1e-16,
# tau2.max = 1e4)
test_that("dat.normand1999, PM and DL, as pinned from metafor 5.2-1", {
  n_t <- c(155, 31, 75, 18, 8, 57, 34, 110, 60)
  n_c <- c(156, 32, 71, 18, 13, 52, 33, 183, 52)
  data <- data.frame(
    yi = c(55, 27, 64, 66, 14, 19, 52, 21, 30) - c(75, 29, 119, 137, 18, 18, 41, 31, 23),
    vi = c(47, 7, 17, 20, 8, 7, 45, 16, 27)^2 / n_t +
      c(64, 4, 29, 48, 11, 4, 34, 27, 20)^2 / n_c
  )
  # rma(yi, vi, method = "PM", test = "t")
  expect_pinned(pool_effects(data, method = "PM", test = "t"), list(
    tau2 = 728.251128594496, tau2_se = 382.062604643795, I2 = 99.0322745413108,
    H2 = 103.33509271881, beta = -15.1456800341004, se = 9.21427159530011,
    p = 0.138856805044281, lower = -36.3938284357567, upper = 6.10246836755593,
    log_lik = c(-42.1526375108329, -37.9143331465079),
    pi = c(-80.9033572881843, 50.6119972199835),
    tau2_ci = c(292.918121656912, 2889.45134912162)
  ), 1e-9)
  # rma(yi, vi, method = "DL", test = "z")
  expect_pinned(pool_effects(data, method = "DL", test = "z"), list(
    tau2 = 205.409375467911, tau2_se = 179.718295900272, Q = 238.91581086201,
    Q_p = 3.84180928540033e-47, I2 = 96.651540150844, H2 = 29.8644763577512,
    beta = -13.9817218170439, se = 5.12669833923133, p = 0.00638671324117,
    lower = -24.0298659215386, upper = -3.93357771254923,
    pi = c(-43.8152073188952, 15.8517636848073)
  ), 1e-12)
})

# metafor 5.2-1, metadat 1.6-0: dat.raudenbush1985
test_that("dat.raudenbush1985, a moderator and equal effects, as pinned from metafor", {
  data <- data.frame(
    yi = c(.03, .12, -.14, 1.18, .26, -.06, -.02, -.32, .27, .8, .54, .18, -.02, .23,
           -.18, -.06, .3, .07, -.07),
    vi = c(.0156, .0216, .0279, .1391, .1362, .0106, .0106, .0484, .0269, .063, .0912,
           .0497, .0835, .0841, .0253, .0279, .0193, .0088, .0303),
    weeks = c(2, 21, 19, 0, 0, 3, 17, 24, 0, 1, 0, 0, 1, 2, 17, 5, 1, 2, 7)
  )
  # rma(yi, vi, mods = ~ weeks, test = "knha", control = ) as for dat.bcg
  expect_pinned(pool_effects(data, ~weeks, test = "knha"), list(
    tau2 = 0.0111745194583339, tau2_se = 0.0128251378518766, Q = 27.6730064181888,
    Q_p = 0.0489070610469795, I2 = 29.3958246029438, H2 = 1.41634682988125,
    beta = c(0.194155551837238, -0.0157427033135904),
    se = c(0.0707123411617836, 0.00641260056114951),
    p = c(0.0137914576386018, 0.0251576532289398),
    lower = c(0.0449655529090433, -0.0292721078719263),
    log_lik = c(0.629722179079849, -0.714366844614817),
    pi = c(-0.0966519435757358, 0.421992233995851), tau2_ci = c(0, 0.130386609523766)
  ), 1e-9)
  # rma(yi, vi, method = "EE")
  expect_pinned(pool_effects(data, method = "EE", test = "z"), list(
    Q = 35.8295362995928, Q_p = 0.00741931325487901, I2 = 49.7621184670353,
    H2 = 1.99052979442182, beta = 0.0603655663352582, se = 0.0364678501135356,
    p = 0.0978618018248292, log_lik = c(-3.45878807178757, -4.37895427434944)
  ), 1e-12)
})

# Fisher scoring with whole steps cycles between 0.17 and 0.009 on these.
ten_that_cycle <- function(unit = 1) {
  data.frame(
    yi = unit * c(1.30, 1.94, 0.70, 0.36, 1.31, 0.46, 1.24, 0.71, 0.35, 0.77),
    vi = unit^2 *
      c(.640, .421, .992, .058, .756, .634, .79, .596, .457, .935)
  )
}

test_that("the ten have tau2 = 0.0819731, in any unit", {
  fit <- pool_effects(ten_that_cycle(), test = "z")
  expect_equal(fit$tau2, 0.0819731, tolerance = 5e-7)
  for (unit in c(1e-6, 1e-3, 1e6)) {
    scaled <- pool_effects(ten_that_cycle(unit), test = "z")
    expect_equal(scaled$tau2 / unit^2, fit$tau2, tolerance = 1e-10)
    expect_equal(scaled$p_value, fit$p_value, tolerance = 1e-10)
  }
  # the restricted score there is 0, in 30 digits
  one <- matrix(1, 10, 1)
  exact <- exact_tau2(ten_that_cycle()$yi, ten_that_cycle()$vi, one, "REML", fit$tau2)
  expect_equal(fit$tau2, exact$hi, tolerance = 1e-12)
})

test_that("rma() does not converge on the ten, but with half steps agrees", {
  skip_if_not_installed("metafor")
  data <- ten_that_cycle()
  expect_error(metafor::rma(yi, vi, data = data), "did not converge")
  half <- converged(data, ~1, "REML", "z")
  expect_equal(half$tau2, pool_effects(data)$tau2, tolerance = 1e-10)
})

# Small sets of every kind of effect, some with tau2 estimated 0, factors and years.
fast_sets <- c(
  "dat.aloe2013", "dat.bcg", "dat.begg1989", "dat.bonett2010", "dat.colditz1994",
  "dat.curtis1998", "dat.debruin2009", "dat.egger2001", "dat.hine1989", "dat.lee2004",
  "dat.normand1999", "dat.woods2010"
)

test_that("pool_effects() agrees with metafor::rma() on metadat's data sets", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  sets <- vapply(metadat_recipes, `[[`, "", "set")
  expect_gt(length(sets), 40)
  for (recipe in metadat_recipes[sets %in% fast_sets]) {
    found <- compare_set(recipe)
    worst <- found[which(found$error > found$tolerance), ]
    expect_identical(
      paste(worst$set, worst$p, worst$method, worst$test, worst$quantity, worst$error),
      character()
    )
  }
})

test_that("a year as it stands loses no digits", {
  skip_if_not_installed("metafor")
  skip_if_not_installed("metadat")
  sets <- vapply(metadat_recipes, `[[`, "", "set")
  found <- exact_errors(metadat_recipes[[match("dat.egger2001", sets)]])
  expect_lt(max(found$ours), 1e-10)
})
