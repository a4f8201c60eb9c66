test_that("there and back is the same, for every pair of scales", {
  for (method in c("logistic", "cox")) {
    for (from in scales_of_effects) {
      for (to in scales_of_effects) {
        there <- convert_effect(0.4, 0.05, from, to, 7, 11, method)
        back <- convert_effect(there$yi, there$vi, to, from, 7, 11, method)
        expect_equal(back$yi, 0.4, tolerance = 1e-13)
        expect_equal(back$vi, 0.05, tolerance = 1e-13)
      }
    }
  }
})

test_that("by hand", {
  d <- convert_effect(pi / sqrt(3), pi^2 / 3, "OR", "SMD")
  expect_equal(c(d$yi, d$vi), c(1, 1), tolerance = 1e-15)
  cox <- convert_effect(1, 1, "SMD", "OR", method = "cox")
  expect_equal(c(cox$yi, cox$vi), c(1.65, 1.65^2), tolerance = 1e-15)
  r <- convert_effect(2, 1, "SMD", "COR")
  expect_equal(c(r$yi, r$vi), c(sqrt(0.5), 16 / 8^3), tolerance = 1e-15)
})

test_that("the d of a t test gives the correlation of group and outcome", {
  set.seed(4)
  group <- rep(1:0, c(5, 9))
  y <- rnorm(14) + group
  t <- unname(t.test(y[group == 1], y[group == 0], var.equal = TRUE)$statistic)
  d <- convert_test(5, 9, t = t, correct = FALSE)
  r <- convert_effect(d$yi, d$vi, "SMD", "COR", 5, 9)
  expect_equal(r$yi, cor(group, y), tolerance = 1e-13)
})

test_that("it agrees with metafor: transf.dtorpb, OR2DL, OR2DN", {
  skip_if_not_installed("metafor", "4.2")
  y <- c(-1.2, 0.3, 2)
  expect_equal(
    convert_effect(y, 1, "SMD", "COR", c(6, 8, 20), c(9, 5, 20))$yi,
    metafor::transf.dtorpb(y, n1i = c(6, 8, 20), n2i = c(9, 5, 20)),
    tolerance = 1e-14
  )
  table <- \(measure) {
    metafor::escalc(measure, ai = c(3, 7, 9), n1i = rep(12, 3), ci = c(6, 5, 2),
      n2i = rep(14, 3)
    )
  }
  or <- table("OR")
  for (method in c("logistic", "cox")) {
    theirs <- table(if (method == "logistic") "OR2DL" else "OR2DN")
    ours <- convert_effect(as.vector(or$yi), or$vi, "OR", "SMD", method = method)
    expect_equal(ours$yi, as.vector(theirs$yi), tolerance = 1e-12)
    expect_equal(ours$vi, theirs$vi, tolerance = 1e-12)
  }
})

test_that("bad rows and words are told", {
  expect_snapshot({
    bad <- convert_effect(c(1.2, 1, 0.5, NA), c(0.1, 0.1, -1, 0.1), "COR", "ZCOR")
    small <- convert_effect(0.4, 0.1, "SMD", "COR", n_t = 1, n_c = 1)
  })
  expect_identical(bad$yi, rep(NA_real_, 4))
  expect_identical(small$yi, NA_real_)
  expect_snapshot(error = TRUE, {
    convert_effect(0.4, 0.1, to = "SMD")
    convert_effect(0.4, 0.1, "SMD", "ROR")
  })
})
