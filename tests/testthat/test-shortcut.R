shortcut_table <- function() {
  withr::with_seed(7, data.frame(
    study = rep(paste("Study", 1:8), each = 6), part = rep(1:2, each = 3, times = 8),
    obs = rep(1:6, 8), type = rep(c("a", "b", "a"), 16), time = sample(1:4, 48, TRUE),
    late = sample(5:6, 48, TRUE), g1 = sample(3:5, 48, TRUE), g2 = rep_len(1:2, 48),
    n1 = sample(4:12, 48, TRUE), n2 = sample(4:12, 48, TRUE), vi = runif(48, 0.05, 0.5)
  ))
}

test_that("two effects of one cluster correlate by rho, of two subgroups not at all", {
  effects <- data.frame(study = c("A", "A", "A", "B"), part = c(1, 1, 2, 1),
                        row = 1:4, vi = 1:4)
  V <- vcov_shortcut(effects, subgroup = part, obs = row, rho = 0.5)
  want <- diag(c(1, 2, 3, 4))
  want[1, 2] <- want[2, 1] <- 0.5 * sqrt(2)
  expect_equal(V, want)
  skip_if_not_installed("Matrix")
  sparse <- vcov_shortcut(effects, subgroup = part, obs = row, rho = 0.5, form = "sparse")
  expect_equal(as.matrix(sparse), want, ignore_attr = TRUE)
})

test_that("a shared control of the size of the treated groups gives 0.5, by sizes less", {
  effects <- data.frame(study = "A", t = c("x", "y"), c = "control", vi = 1, n = c(5, 6),
                        m = 8)
  expect_equal(vcov_shortcut(effects, grp1 = t, grp2 = c)[1, 2], 0.5)
  expect_equal(
    vcov_shortcut(effects, grp1 = t, grp2 = c, w1 = n, w2 = m)[1, 2],
    (1 / 8) / sqrt((1 / 5 + 1 / 8) * (1 / 6 + 1 / 8))
  )
})

test_that("the shortcut is metafor's vcalc() to 1e-14", {
  skip_if_not_installed("metafor")
  x <- shortcut_table()
  same <- function(ours, theirs) {
    expect_lt(max(abs(ours - unclass(theirs))), 1e-14)
  }
  vcalc <- function(...) {
    do.call(metafor::vcalc, list(x$vi, x$study, checkpd = FALSE, ...))
  }
  ours <- function(...) vcov_shortcut(x, check = "none", ...)
  same(ours(obs = obs, rho = 0.5), vcalc(obs = x$obs, rho = 0.5))
  same(ours(subgroup = part, obs = obs, rho = 0.5),
       vcalc(subgroup = x$part, obs = x$obs, rho = 0.5))
  same(ours(type = type, rho = 0.3), vcalc(type = x$type, rho = 0.3))
  same(ours(obs = obs, type = type, rho = c(0.6, 0.3)),
       vcalc(obs = x$obs, type = x$type, rho = c(0.6, 0.3)))
  same(ours(time1 = time, phi = 0.8), vcalc(time1 = x$time, phi = 0.8))
  same(ours(type = type, time1 = time, rho = 0.3, phi = 0.8),
       vcalc(type = x$type, time1 = x$time, rho = 0.3, phi = 0.8))
  same(ours(grp1 = g1, grp2 = g2), vcalc(grp1 = x$g1, grp2 = x$g2))
  same(ours(grp1 = g1, grp2 = g2, w1 = n1, w2 = n2),
       vcalc(grp1 = x$g1, grp2 = x$g2, w1 = x$n1, w2 = x$n2))
  same(
    ours(obs = obs, rho = 0.6, grp1 = g1, grp2 = g2, w1 = n1, w2 = n2, time1 = time,
         time2 = late, phi = 0.7),
    vcalc(obs = x$obs, rho = 0.6, grp1 = x$g1, grp2 = x$g2, w1 = x$n1, w2 = x$n2,
          time1 = x$time, time2 = x$late, phi = 0.7)
  )
  R <- matrix(c(1, 0.2, 0.2, 1), 2, dimnames = list(c("a", "b"), c("a", "b")))
  same(ours(type = type, rho = R), vcalc(type = x$type, rho = R))
})

test_that("what the shortcut needs is asked for", {
  x <- shortcut_table()
  expect_snapshot(error = TRUE, {
    vcov_shortcut(x, obs = obs)
    vcov_shortcut(x, time1 = time)
    vcov_shortcut(x, obs = obs, type = type, rho = 0.5)
    vcov_shortcut(x, grp1 = g1)
    vcov_shortcut(x[-1], obs = obs, rho = 0.5)
    vcov_shortcut(x, obs = obz, rho = 0.5)
    vcov_shortcut(x, obs = obs, rho = 2)
  })
  expect_warning(vcov_shortcut(x, type = type, rho = 0.5), "take for one",
    class = "mv_warning_definite"
  )
  x$g1[5] <- x$g2[5]
  expect_error(vcov_shortcut(x, grp1 = g1, grp2 = g2), "with itself in row 5",
    class = "mv_error_shared"
  )
  x$obs[3] <- NA
  expect_error(vcov_shortcut(x, obs = obs, rho = 0.5), "missing in row 3",
    class = "mv_error_missing"
  )
})
